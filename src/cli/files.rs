//! Files that the tool writes when it is asked to.

#![expect(clippy::disallowed_types, clippy::disallowed_methods, reason = "these are the files that commands are asked to write")]

use super::failure::Failure;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// A whole file or none: written beside its place, then moved there. Pipes and devices are simply written to.
pub fn write_whole(path: &Path, text: &str) -> Result<(), Failure> {
    let written = match fs::metadata(path) {
        Ok(there) if there.is_dir() => Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory")),
        Ok(there) if !there.is_file() => File::options().write(true).open(path).and_then(|mut file| file.write_all(text.as_bytes())),
        // What a link leads to is replaced, and the link stays.
        Ok(_) => fs::canonicalize(path).and_then(|path| replace(&path, text)),
        Err(_) => replace(path, text),
    };
    written.map_err(|error| cannot_write(path, &error))
}

/// After what is there, or into a new file.
pub fn append(path: &Path, text: &str) -> Result<(), Failure> {
    let file = File::options().append(true).create(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| cannot_write(path, &error))
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    let name = path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it names no file"))?;
    let beside = path.with_file_name(format!(".{}.{}.new", name.to_string_lossy(), std::process::id()));
    let written = write_new(&beside, text).and_then(|()| {
        if let Ok(there) = fs::metadata(path) {
            fs::set_permissions(&beside, there.permissions())?;
        }
        fs::rename(&beside, path)
    });
    if written.is_err() {
        // What is left of a failed attempt is of no use to anybody.
        let _ = fs::remove_file(&beside);
    }
    written
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!("cannot write `{}`: {error}", path.display()), "check that its folder is there and may be written to")
}
