//! What earlier runs worked out, by a hash of everything that it was worked out from. The only room that knows how it lies on the disk.
//!
//! A cache can only save time. Whatever is wrong with it (it is not there, it is broken, another build wrote it, it cannot be written)
//! is as if it were empty, and nobody is told: a run without it gives the same bytes. Modification times mean nothing here.
//!
//! Parts of runs lie in two packs: `base.pack`, which is large and seldom written, and `recent.pack`, which holds what came after it. What
//! whole runs came to lies in packs of its own. A pack
//! is written beside its place and then renamed, so any number of processes may use one folder. What a run did not ask for is dropped when
//! the base is written again, which bounds its size.

mod key;
mod pack;
mod runs;
#[cfg(test)]
mod tests;

pub use key::{Key, hash};

use pack::Pack;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

const BASE: &str = "base.pack";
const RECENT: &str = "recent.pack";

/// The base is written again when what came after it is more than this part of it,
const RECENT_PART: u64 = 4;
/// or when less than this part of it is still asked for.
const UNUSED_PART: u64 = 2;

/// The folder of the cache below a target directory.
const IN_TARGET: &str = "moai-backend";

pub struct Cache {
    /// Empty until the target directory is known.
    packs: OnceLock<Option<Packs>>,
    fresh: Mutex<Fresh>,
    /// Results of earlier runs that this one asked for.
    results_in_use: Mutex<BTreeSet<Key>>,
}

struct Packs {
    folder: PathBuf,
    base: Option<Pack>,
    recent: Option<Pack>,
}

/// What this run worked out.
#[derive(Default)]
struct Fresh {
    entries: BTreeMap<Key, Arc<[u8]>>,
    /// How many of them are on the disk.
    saved: usize,
}

impl Packs {
    fn open(folder: PathBuf) -> Self {
        let (base, recent) = (Pack::open(&folder.join(BASE)), Pack::open(&folder.join(RECENT)));
        Self { folder, base, recent }
    }

    fn write(&self, fresh: &BTreeMap<Key, Arc<[u8]>>) -> std::io::Result<()> {
        let folder = &self.folder;
        pack::prepare(folder)?;
        let mut recent: BTreeMap<Key, Arc<[u8]>> = self.recent.iter().flat_map(Pack::used).collect();
        recent.extend(fresh.iter().map(|(key, bytes)| (*key, bytes.clone())));
        let size = |entries: &BTreeMap<Key, Arc<[u8]>>| entries.values().map(|bytes| bytes.len() as u64).sum::<u64>();
        let (all, used) = self.base.as_ref().map_or((0, 0), |base| (base.size(), base.used_size()));
        if size(&recent) * RECENT_PART <= all && used * UNUSED_PART >= all {
            return pack::write(folder, RECENT, &recent);
        }
        recent.extend(self.base.iter().flat_map(Pack::used));
        pack::write(folder, BASE, &recent)?;
        pack::remove(folder, RECENT)
    }
}

impl Cache {
    /// Remembers nothing.
    pub fn none() -> Self {
        Self { packs: OnceLock::from(None), fresh: Mutex::default(), results_in_use: Mutex::default() }
    }

    /// What is remembered in `folder`, which need not exist.
    pub fn open(folder: PathBuf) -> Self {
        Self { packs: OnceLock::from(Some(Packs::open(folder))), fresh: Mutex::default(), results_in_use: Mutex::default() }
    }

    /// Remembers nothing until somebody knows the target directory of the workspace.
    pub fn in_target() -> Self {
        Self { packs: OnceLock::new(), fresh: Mutex::default(), results_in_use: Mutex::default() }
    }

    /// Tells a cache that waits for it where the target directory is.
    pub fn target_is(&self, target: &Path) {
        self.packs.get_or_init(|| Some(Packs::open(target.join(IN_TARGET))));
    }

    /// Whether it is worth while to put something into it.
    pub fn is_on(&self) -> bool {
        self.packs().is_some()
    }

    fn packs(&self) -> Option<&Packs> {
        self.packs.get()?.as_ref()
    }

    /// What was put there as it is.
    pub fn bytes(&self, key: Key) -> Option<Arc<[u8]>> {
        let packs = self.packs()?;
        let packs = [&packs.recent, &packs.base].into_iter().flatten();
        packs.filter_map(|pack| pack.read(key)).next().map(Arc::from).or_else(|| self.fresh().entries.get(&key).cloned())
    }

    pub fn put_bytes(&self, key: Key, bytes: Arc<[u8]>) {
        if self.is_on() {
            self.fresh().entries.insert(key, bytes);
        }
    }

    pub fn get<T: DeserializeOwned>(&self, key: Key) -> Option<T> {
        let bytes = self.bytes(key)?;
        postcard::from_bytes(&bytes).ok()
    }

    pub fn put<T: Serialize>(&self, key: Key, value: &T) {
        if !self.is_on() {
            return;
        }
        let Ok(bytes) = postcard::to_stdvec(value) else { return };
        self.put_bytes(key, bytes.into());
    }

    /// Writes what is new since the last call.
    pub fn save(&self) {
        let Some(packs) = self.packs() else { return };
        let mut fresh = self.fresh();
        if fresh.saved == fresh.entries.len() {
            return;
        }
        // Whatever goes wrong, the next run works it out again.
        let _ = packs.write(&fresh.entries);
        fresh.saved = fresh.entries.len();
    }

    fn fresh(&self) -> MutexGuard<'_, Fresh> {
        self.fresh.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
