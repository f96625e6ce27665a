//! What whole runs came to. How a run was asked is one key, and all that it read was answered by makes another one of it.
//!
//! Each way to ask has a pack of its own, `run-KEY.pack`: what had to be read the last time, and what came of it the last few times.

use super::pack::{self, Pack};
use super::{Cache, Key};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

/// So many results of one way to ask are kept, for branches are switched to and fro.
const RESULTS: usize = 4;
/// So many ways to ask.
const WAYS: usize = 24;
const PREFIX: &str = "run-";

impl Cache {
    /// What the last run that was asked like this had to read.
    pub fn questions<Q: DeserializeOwned>(&self, asked: Key) -> Option<Q> {
        decoded(&self.run(asked)?, Key::join("questions", &[asked]))
    }

    /// What a run that was asked like this came to when it read the same.
    pub fn result<T: DeserializeOwned>(&self, asked: Key, answers: Key) -> Option<T> {
        let own = Key::join("result", &[asked, answers]);
        let result = decoded(&self.run(asked)?, own)?;
        self.results_in_use.lock().unwrap_or_else(PoisonError::into_inner).insert(own);
        Some(result)
    }

    /// Remembers what this run came to.
    pub fn put_result(&self, asked: Key, questions: &impl Serialize, answers: Key, result: &impl Serialize) {
        let Some(packs) = self.packs() else { return };
        let latest = Key::join("results", &[asked]);
        let own = Key::join("result", &[asked, answers]);
        let earlier = self.run(asked);
        let mut results: Vec<Key> = earlier.as_ref().and_then(|pack| decoded(pack, latest)).unwrap_or_default();
        results.retain(|result| *result != own);
        // What a gate compared with is compared with again, however many edits come before the next commit.
        let in_use = self.results_in_use.lock().unwrap_or_else(PoisonError::into_inner);
        results.sort_by_key(|result| !in_use.contains(result));
        results.insert(0, own);
        results.truncate(RESULTS);
        let kept = results.iter().filter_map(|key| Some((*key, Arc::from(earlier.as_ref()?.read(*key)?))));
        let mut entries: BTreeMap<Key, Arc<[u8]>> = kept.collect();
        entries.extend(
            [encoded(own, result), encoded(latest, &results), encoded(Key::join("questions", &[asked]), questions)].into_iter().flatten(),
        );
        // Whatever goes wrong, the next run works it out again.
        let _ = pack::prepare(&packs.folder)
            .and_then(|()| pack::write(&packs.folder, &name(asked), &entries))
            .and_then(|()| pack::keep_latest(&packs.folder, PREFIX, WAYS));
    }

    fn run(&self, asked: Key) -> Option<Pack> {
        Pack::open(&self.packs()?.folder.join(name(asked)))
    }
}

fn name(asked: Key) -> String {
    format!("{PREFIX}{:032x}.pack", asked.0)
}

fn decoded<T: DeserializeOwned>(pack: &Pack, key: Key) -> Option<T> {
    postcard::from_bytes(&pack.read(key)?).ok()
}

fn encoded(key: Key, value: &impl Serialize) -> Option<(Key, Arc<[u8]>)> {
    Some((key, postcard::to_stdvec(value).ok()?.into()))
}
