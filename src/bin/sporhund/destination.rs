//! Where findings go: standard output, a file that appears whole or not at all, or a pipe.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use sporhund::model::Shown;
use tempfile::NamedTempFile;

/// Where findings go.
pub enum Destination {
    /// Standard output.
    Standard,
    /// A pipe or device, written as it is.
    Direct(File),
    /// A file that is written beside its place and moved there when complete.
    File {
        /// What is written.
        growing: NamedTempFile,
        /// Its place.
        path: PathBuf,
    },
}

impl Destination {
    /// Opens `path`, or standard output.
    ///
    /// # Errors
    /// When the folder cannot be written, or a folder lies at the place.
    pub fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else { return Ok(Self::Standard) };
        match path.metadata() {
            Ok(metadata) if metadata.is_dir() => bail!("output {}: is a folder; name a file in it", Shown::path(path)),
            Ok(metadata) if !metadata.is_file() => {
                let file = OpenOptions::new().write(true).open(path);
                return Ok(Self::Direct(file.with_context(|| format!("could not write to {}", Shown::path(path)))?));
            }
            _ => {}
        }
        let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // Made for the owner only (0600).
        let growing = tempfile::Builder::new().prefix(".sporhund-").suffix(".part").tempfile_in(folder);
        let growing = growing.map_err(|error| {
            let folder = Shown::path(folder);
            anyhow!("output folder {folder}: could not be written ({}); give another with --output", error.kind())
        })?;
        Ok(Self::File { growing, path: path.to_path_buf() })
    }

    /// The file under its working name and its place, if it is one.
    pub fn growing(&self) -> Option<(PathBuf, PathBuf)> {
        match self {
            Self::File { growing, path } => Some((growing.path().to_path_buf(), path.clone())),
            Self::Standard | Self::Direct(_) => None,
        }
    }

    /// Writes with `write`, and puts a file in its place.
    ///
    /// # Errors
    /// When it cannot be written or put there; then there is no file.
    pub fn write<T>(self, write: impl FnOnce(&mut dyn Write) -> std::io::Result<T>) -> anyhow::Result<T> {
        match self {
            Self::Standard => {
                write(&mut BufWriter::new(std::io::stdout().lock())).context("could not write to standard output")
            }
            Self::Direct(file) => write(&mut BufWriter::new(file)).context("could not write the findings"),
            Self::File { growing, path } => {
                let written = write(&mut BufWriter::new(growing.as_file()));
                let written = written.and_then(|written| growing.as_file().sync_all().map(|()| written));
                let written = written.with_context(|| format!("could not write {}", Shown::path(&path)))?;
                growing
                    .persist(&path)
                    .map_err(|error| error.error)
                    .with_context(|| format!("could not put the findings in their place at {}", Shown::path(&path)))?;
                Ok(written)
            }
        }
    }
}
