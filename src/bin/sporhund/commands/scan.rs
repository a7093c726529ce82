//! `sporhund scan`: walks the shares and writes what was found.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
#[cfg(target_os = "linux")]
use std::time::Duration;

use anyhow::{Context, bail};
use indicatif::HumanCount;
use sporhund::detect::Rules;
use sporhund::format::Allowance;
use sporhund::model::{Area, Share, Shown, weight_of};
#[cfg(target_os = "linux")]
use sporhund::scan::Workers;
use sporhund::scan::{Isolation, Listing, Options, Sandbox, Totals, scan};
use sporhund::walk::OwnFiles;

use crate::args;
use crate::destination::Destination;
use crate::exit::Exit;
use crate::key::{self, KeyFile};
use crate::progress::Told;

/// Scans the paths and writes the findings.
///
/// # Errors
/// When something is wrongly given; nothing has been written then.
pub fn run(args: &args::Scan) -> anyhow::Result<Exit> {
    let shares = shares(&args.paths)?;
    let rules = rules(args)?;
    let KeyFile { key, path: key_path } = key::load(args.key_file.as_deref())?;
    let destination = Destination::open(args.output.as_deref())?;
    if let Some(output) = &args.output {
        apart(output, &key_path)?;
    }
    let options = Options {
        jobs: args.jobs.map_or_else(processors, usize::from),
        full_speed: args.full_speed,
        isolation: isolation(args)?,
        allowance: Allowance {
            expanded_bytes: u64::from(args.limits.max_expanded) << 20,
            expanded_per_byte: args.limits.max_expansion.into(),
            parts: args.limits.max_parts.into(),
            depth: args.limits.max_depth.into(),
        },
        listing: Listing {
            findings_per_file: if args.findings_per_file == 0 { usize::MAX } else { args.findings_per_file },
            min_weight: weight_of(args.min_confidence),
        },
        all_files: args.all_files,
        as_of: args.as_of.unwrap_or_else(|| jiff::Zoned::now().date()),
        host: gethostname::gethostname().to_string_lossy().into_owned(),
        own: OwnFiles { lasting: vec![key_path], growing: destination.growing() },
    };
    let stop = stop_on_interrupt()?;
    let told = Told::new(args.quiet, args.verbose);
    let scanned = told.during(args.quiet, || scan(&shares, &rules, &key, &options, &told, &stop))?;
    let (interrupted, unreachable, highest) = (scanned.interrupted, scanned.unreachable, scanned.highest);
    let totals = destination.write(|out| scanned.write(out))?;
    if !args.quiet {
        crate::say(&told_of(&totals, args.output.as_deref()));
    }
    let incomplete = totals.coverage.partly > 0 || !totals.coverage.unread.is_empty() || totals.folders.unlisted > 0;
    Ok(match () {
        () if interrupted => Exit::Interrupted,
        () if unreachable => Exit::Unreachable,
        () if incomplete && args.fail_on_incomplete => Exit::Incomplete,
        () if args.fail_on.is_some_and(|least| highest > 0.0 && highest >= least) => Exit::Found,
        () => Exit::Finished,
    })
}

/// The shares of the paths: each there, none within another, no two labels equal.
fn shares(paths: &[impl AsRef<Path>]) -> anyhow::Result<Vec<Share>> {
    let mut shares = Vec::new();
    let mut places: Vec<std::path::PathBuf> = Vec::new();
    for path in paths.iter().map(AsRef::as_ref) {
        let place = path.canonicalize().with_context(|| format!("path {}: could not be found", Shown::path(path)))?;
        if let Some(i) = places.iter().position(|other| place.starts_with(other) || other.starts_with(&place)) {
            bail!("paths {} and {} overlap; give only one of them", Shown::path(paths[i].as_ref()), Shown::path(path));
        }
        let label = path.to_string_lossy().into_owned();
        let share = if place.is_dir() {
            Share { path: path.to_path_buf(), label, area: Area::default(), only: None }
        } else {
            let only = place.file_name().context("a file has a name")?.to_owned();
            let folder = place.parent().context("a file lies in a folder")?.to_path_buf();
            Share { path: folder, label, area: Area::default(), only: Some(only) }
        };
        places.push(place);
        shares.push(share);
    }
    Ok(shares)
}

fn rules(args: &args::Scan) -> anyhow::Result<Rules> {
    let rules = match &args.patterns {
        Some(folder) => Rules::with_folder(folder)?,
        None => Rules::built_in(),
    };
    Ok(if args.rules.is_empty() { rules } else { rules.only(&args.rules)? })
}

/// Where documents are read: in workers that are locked in, where the system has such.
fn isolation(args: &args::Scan) -> anyhow::Result<Isolation> {
    #[cfg(target_os = "linux")]
    let isolation = {
        let (memory, time) = (u64::from(args.max_memory) << 20, u64::from(args.limits.max_seconds));
        // This program, whatever has come to lie where it was started from.
        Workers::new("/proc/self/exe".into(), memory, Duration::from_secs(time))
            .map_or(Isolation::InProcess, Isolation::Workers)
    };
    #[cfg(not(target_os = "linux"))]
    let isolation = Isolation::InProcess;
    if args.require_sandbox && isolation.sandbox() != Sandbox::Full {
        bail!("the system cannot lock in those who read documents; leave out --require-sandbox to scan without");
    }
    Ok(isolation)
}

/// Findings and the key that their tokens are made with do not lie in one folder: who takes one takes both.
fn apart(output: &Path, key: &Path) -> anyhow::Result<()> {
    let folder = |path: &Path| {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        parent.canonicalize().ok()
    };
    if folder(output).is_some_and(|beside| folder(key) == Some(beside)) {
        bail!("output {}: lies beside the key; write the findings to another folder", Shown::path(output));
    }
    Ok(())
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// A flag that Ctrl-C and the end of a service set; the second time ends at once.
fn stop_on_interrupt() -> anyhow::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(Exit::Interrupted as i32);
        }
    })
    .context("could not listen for Ctrl-C")?;
    Ok(stop)
}

/// What a person reads when the scan has ended.
fn told_of(totals: &Totals, output: Option<&Path>) -> String {
    let coverage = &totals.coverage;
    let unread: u64 = coverage.unread.values().sum();
    let mut lines = vec![format!(
        "{} found: {} read, {} in part, {} not read, {} left out",
        counted(coverage.found, "file"),
        HumanCount(coverage.read),
        HumanCount(coverage.partly),
        HumanCount(unread),
        HumanCount(coverage.excluded),
    )];
    for (kind, count) in &coverage.unread {
        let kind = serde_json::to_string(kind).expect("a kind is a word");
        lines.push(format!("  not read: {} {}", HumanCount(*count), kind.trim_matches('"')));
    }
    if totals.folders.unlisted > 0 {
        lines.push(format!("  {} could not be listed", counted(totals.folders.unlisted, "folder")));
    }
    lines.push(format!(
        "{}, at least {} of them under 18, {} in {}",
        counted(totals.subjects, "person"),
        HumanCount(totals.minors),
        counted(totals.records, "time"),
        counted(totals.files_with_findings, "file"),
    ));
    if let Some(output) = output {
        lines.push(format!(
            "findings are in {}; keep them confidential: they are personal data under pseudonyms",
            Shown::path(output)
        ));
    }
    lines.join("\n")
}

/// A number with the word for what it counts.
fn counted(count: u64, what: &str) -> String {
    format!("{} {what}{}", HumanCount(count), if count == 1 { "" } else { "s" })
}
