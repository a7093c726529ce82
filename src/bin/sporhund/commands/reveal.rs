//! `sporhund reveal`: path and numbers of one record, on a terminal and nowhere else.

use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, bail};
use serde::Deserialize;
use sporhund::detect::{Detector, Hit, Rules};
use sporhund::format::{Input, Limits, Output};
use sporhund::model::{Area, Entry, Key, RelativePath, Share, Shown, Sink, Text};
use sporhund::walk::{self, Found, OwnFiles, Servers};

use crate::exit::Exit;
use crate::{key, use_log};

/// Shows the path and the numbers of the record with this id.
///
/// # Errors
/// When standard output is no terminal, the id stands in no line, the key is another, or the file is gone.
pub fn run(id: &str, findings: &Path, key_file: Option<&Path>) -> anyhow::Result<Exit> {
    let mut out = std::io::stdout();
    if !out.is_terminal() {
        bail!("reveal shows numbers in the clear and does so on a terminal only");
    }
    let (scan, record) = Line::find(id, findings)?;
    let key = key::load(key_file)?.key;
    if key.fingerprint() != scan.key {
        bail!("the findings were made with another key; name it with --key-file");
    }
    let share = scan.share(&record)?;
    let path = locate(&share, &record, &key)?;
    use_log::append("reveal", id)?;
    let name = String::from_utf8_lossy(path.as_bytes()).into_owned();
    writeln!(out, "{}", share.path.join(name.replace(char::is_control, "\u{fffd}")).display())?;
    let rules = Rules::built_in();
    for hit in hits(&rules, &share, &path, scan.as_of, record.r#type == "file")? {
        let number = String::from_utf8_lossy(hit.identifier.normal()).into_owned();
        let (date, serial) = number.split_at(number.len().min(6));
        writeln!(out, "{:40} {date}-{serial}  {:.2}", hit.location.to_string(), hit.confidence())?;
    }
    Ok(Exit::Finished)
}

/// What is needed of the scan line.
#[derive(Deserialize)]
struct ScanLine {
    as_of: jiff::civil::Date,
    key: String,
    shares: Vec<ShareEntry>,
}

#[derive(Deserialize)]
struct ShareEntry {
    path: PathBuf,
    label: String,
}

/// What is needed of a file or folder line.
#[derive(Deserialize)]
struct Line {
    r#type: String,
    id: String,
    share: String,
    path: String,
}

impl Line {
    fn find(id: &str, findings: &Path) -> anyhow::Result<(ScanLine, Self)> {
        let shown = Shown::path(findings);
        let file = File::open(findings).with_context(|| format!("findings {shown}: could not be opened"))?;
        let mut lines = BufReader::new(file).lines();
        let first = lines.next().and_then(Result::ok).unwrap_or_default();
        let scan: ScanLine = serde_json::from_str(&first)
            .ok()
            .with_context(|| format!("findings {shown}: the first line is no scan of sporhund"))?;
        for line in lines {
            let line = line.with_context(|| format!("findings {shown}: could not be read"))?;
            if line.contains(id)
                && let Ok(record) = serde_json::from_str::<Self>(&line)
                && record.id == id
            {
                return Ok((scan, record));
            }
        }
        bail!("id {}: stands in no file or folder line of {shown}", Shown::new(id.as_bytes()));
    }
}

impl ScanLine {
    fn share(&self, record: &Line) -> anyhow::Result<Share> {
        let entry = self.shares.iter().find(|share| share.label == record.share);
        let entry = entry.context("the record's share stands not in the scan line")?;
        let folder = if entry.path.is_file() { entry.path.parent().unwrap_or(&entry.path) } else { &entry.path };
        Ok(Share { path: folder.into(), label: entry.label.clone(), area: Area::default(), only: None })
    }
}

/// The raw path of a record, whose shown path has its numbers blanked: the one whose id is the record's.
fn locate(share: &Share, record: &Line, key: &Key) -> anyhow::Result<RelativePath> {
    let stop = AtomicBool::new(false);
    let located = Mutex::new(None);
    let servers = Servers::new(std::slice::from_ref(share), 4, false);
    walk::walk(std::slice::from_ref(share), &servers, &OwnFiles::default(), &stop, &|found| {
        let (Found::File(entry) | Found::Excluded(entry, _) | Found::Folder(entry, _)) = found else { return };
        let Entry { path, .. } = entry;
        if key.place_id(&share.label, &path) == record.id {
            stop.store(true, std::sync::atomic::Ordering::Relaxed);
            *located.lock().unwrap_or_else(PoisonError::into_inner) = Some(path);
        }
    });
    let located = located.into_inner().unwrap_or_else(PoisonError::into_inner);
    located.with_context(|| format!("{} is no longer on the share", Shown::new(record.path.as_bytes())))
}

/// Everything that the rules find in the name and, of a file, in its contents.
fn hits<'r>(
    rules: &'r Rules,
    share: &Share,
    path: &RelativePath,
    as_of: jiff::civil::Date,
    file: bool,
) -> anyhow::Result<Vec<Hit<'r>>> {
    struct Hits<'r>(Detector<'r>, Vec<Hit<'r>>);
    impl Sink for Hits<'_> {
        fn text(&mut self, text: &Text<'_>) {
            self.0.text(text, |hit| self.1.push(hit));
        }
    }
    let mut sink = Hits(Detector::new(rules, as_of), Vec::new());
    let mut output = Output::new(&mut sink, &Limits::for_size(u64::MAX, Arc::default()));
    output.name(path.name());
    if file {
        let file = walk::open(share, path).context("the file could not be opened")?;
        let mut input = Input::file(&file, Vec::new()).context("the file could not be read")?;
        output.read(&mut input);
    }
    let Hits(mut detector, mut hits) = sink;
    detector.finish(|hit| hits.push(hit));
    hits.sort_by_key(|hit| hit.order);
    Ok(hits)
}
