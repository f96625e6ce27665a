//! Many entries in one file: a header, an index, and the entries' bytes.
//!
//! All numbers are little-endian. Header: magic (8 bytes), build (8), number of entries (8), hash of the index (8). Index, sorted by
//! key: key (16), offset from the start of the file (8), length (8), hash of the bytes (8). Entries are read where they are asked for.

#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "the one place that reads and writes what is remembered")]

use super::Key;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};
use twox_hash::XxHash3_64;

/// Of the sources of this program.
pub(super) const BUILD: u64 = build();
const MAGIC: [u8; 8] = *b"moaipack";
const HEADER: usize = 32;
const ROW: usize = 40;
/// Left behind by a process that was ended while it wrote.
const FORGOTTEN: Duration = Duration::from_secs(60 * 60);

const fn build() -> u64 {
    match u64::from_str_radix(env!("MOAI_BACKEND_BUILD"), 10) {
        Ok(build) => build,
        Err(_) => 0,
    }
}

pub(super) struct Pack {
    file: File,
    rows: Vec<Row>,
    /// By row, whether it was asked for.
    used: Vec<AtomicBool>,
}

#[derive(Clone, Copy)]
struct Row {
    key: Key,
    offset: u64,
    length: u64,
    hash: u64,
}

impl Pack {
    /// `None` for a file that is not there, not whole, or not of this build.
    pub fn open(path: &Path) -> Option<Pack> {
        let file = File::open(path).ok()?;
        let size = file.metadata().ok()?.len();
        let mut header = [0; HEADER];
        read_at(&file, 0, &mut header)?;
        let number = |at: usize| number(&header, at);
        if header[..8] != MAGIC || number(8) != BUILD || number(16) > size / ROW as u64 {
            return None;
        }
        let mut index = vec![0; number(16) as usize * ROW];
        read_at(&file, HEADER as u64, &mut index)?;
        if XxHash3_64::oneshot(&index) != number(24) {
            return None;
        }
        let rows: Vec<Row> = index.chunks_exact(ROW).map(Row::read).collect();
        let lies_inside = |row: &Row| row.offset.checked_add(row.length).is_some_and(|end| end <= size);
        if !rows.iter().all(lies_inside) {
            return None;
        }
        let used = rows.iter().map(|_| AtomicBool::new(false)).collect();
        Some(Pack { file, rows, used })
    }

    /// The bytes as they were written, and from now on they count as used.
    pub fn read(&self, key: Key) -> Option<Vec<u8>> {
        let at = self.rows.binary_search_by_key(&key, |row| row.key).ok()?;
        let bytes = self.entry(&self.rows[at])?;
        self.used[at].store(true, Ordering::Relaxed);
        Some(bytes)
    }

    fn entry(&self, row: &Row) -> Option<Vec<u8>> {
        let mut bytes = vec![0; row.length as usize];
        read_at(&self.file, row.offset, &mut bytes)?;
        (XxHash3_64::oneshot(&bytes) == row.hash).then_some(bytes)
    }

    /// Entries that were asked for.
    pub fn used(&self) -> impl Iterator<Item = (Key, Arc<[u8]>)> {
        self.used_rows().filter_map(|row| Some((row.key, self.entry(row)?.into())))
    }

    fn used_rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().zip(&self.used).filter(|(_, used)| used.load(Ordering::Relaxed)).map(|(row, _)| row)
    }

    /// Of all entries, in bytes.
    pub fn size(&self) -> u64 {
        self.rows.iter().map(|row| row.length).sum()
    }

    pub fn used_size(&self) -> u64 {
        self.used_rows().map(|row| row.length).sum()
    }
}

impl Row {
    fn read(bytes: &[u8]) -> Row {
        let key = Key(u128::from(number(bytes, 0)) | u128::from(number(bytes, 8)) << 64);
        Row { key, offset: number(bytes, 16), length: number(bytes, 24), hash: number(bytes, 32) }
    }

    fn bytes(&self) -> impl Iterator<Item = u8> {
        let key = self.key.0.to_le_bytes();
        key.into_iter().chain([self.offset, self.length, self.hash].into_iter().flat_map(u64::to_le_bytes))
    }
}

/// The eight bytes from `at` on.
fn number(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes are eight bytes"))
}

#[cfg(unix)]
fn read_at(file: &File, offset: u64, bytes: &mut [u8]) -> Option<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset).ok()
}

#[cfg(windows)]
fn read_at(file: &File, mut offset: u64, mut bytes: &mut [u8]) -> Option<()> {
    while !bytes.is_empty() {
        let read = std::os::windows::fs::FileExt::seek_read(file, bytes, offset).ok().filter(|read| *read > 0)?;
        offset += read as u64;
        bytes = &mut bytes[read..];
    }
    Some(())
}

#[cfg(not(any(unix, windows)))]
fn read_at(_: &File, _: u64, _: &mut [u8]) -> Option<()> {
    None
}

/// The folder with a word for git in it, and without what interrupted runs left there.
pub(super) fn prepare(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let ignore = folder.join(".gitignore");
    if !ignore.exists() {
        fs::write(ignore, "*\n")?;
    }
    for entry in fs::read_dir(folder)?.flatten().filter(|entry| entry.path().extension().is_some_and(|extension| extension == "tmp")) {
        let age = entry.metadata().and_then(|data| data.modified()).map(|then| SystemTime::now().duration_since(then).unwrap_or_default());
        if age.is_ok_and(|age| age > FORGOTTEN) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Removes the oldest packs whose name begins with `prefix`, so that no more than `most` of them are left.
pub(super) fn keep_latest(folder: &Path, prefix: &str, most: usize) -> io::Result<()> {
    let mut packs: Vec<(SystemTime, PathBuf)> = Vec::new();
    for entry in fs::read_dir(folder)?.flatten() {
        if entry.file_name().to_string_lossy().starts_with(prefix) {
            packs.push((entry.metadata()?.modified()?, entry.path()));
        }
    }
    packs.sort();
    packs.iter().rev().skip(most).try_for_each(|(_, path)| fs::remove_file(path))
}

/// Puts `entries` in the place of the pack `name`, all at once.
pub(super) fn write(folder: &Path, name: &str, entries: &BTreeMap<Key, Arc<[u8]>>) -> io::Result<()> {
    let temporary = temporary(folder);
    let written = write_to(&temporary, entries).and_then(|()| fs::rename(&temporary, folder.join(name)));
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn write_to(path: &Path, entries: &BTreeMap<Key, Arc<[u8]>>) -> io::Result<()> {
    let mut offset = (HEADER + entries.len() * ROW) as u64;
    let mut index = Vec::with_capacity(entries.len() * ROW);
    for (key, bytes) in entries {
        let row = Row { key: *key, offset, length: bytes.len() as u64, hash: XxHash3_64::oneshot(bytes) };
        index.extend(row.bytes());
        offset += row.length;
    }
    let mut out = io::BufWriter::with_capacity(1 << 20, File::create_new(path)?);
    out.write_all(&MAGIC)?;
    [BUILD, entries.len() as u64, XxHash3_64::oneshot(&index)].into_iter().try_for_each(|number| out.write_all(&number.to_le_bytes()))?;
    out.write_all(&index)?;
    entries.values().try_for_each(|bytes| out.write_all(bytes))?;
    out.into_inner()?;
    Ok(())
}

/// A name that no other process or thread writes to.
fn temporary(folder: &Path) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let nanoseconds = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.subsec_nanos());
    folder.join(format!("{}-{}-{nanoseconds}.tmp", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)))
}

pub(super) fn remove(folder: &Path, name: &str) -> io::Result<()> {
    match fs::remove_file(folder.join(name)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
