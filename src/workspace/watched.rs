//! What a run asks of its files, so that a later run can see whether it would get the same answers.

use super::Files;
use crate::cache::Key;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What [`Files`] are asked, in one value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Question {
    Read(String),
    IsFile(String),
    List(String),
    IsNew(String),
}

/// Files that take note of what they are asked and of their answers.
///
/// A run that reads only through them depends on nothing else: whoever gets the same answers to all of its questions would find the
/// same. That is true of questions that were answered by "there is no such file", too.
pub struct Watched<'a> {
    files: &'a dyn Files,
    /// Read before the run, to see whether there has to be one.
    read: FxHashMap<String, Arc<[u8]>>,
    asked: Mutex<BTreeMap<Question, Key>>,
    /// What was read, by path; the answer itself may only be a name for it.
    contents: Mutex<FxHashMap<String, Key>>,
    /// Somebody wrote to a file while it was read.
    differed: AtomicBool,
}

impl<'a> Watched<'a> {
    pub fn new(files: &'a dyn Files) -> Self {
        Self { files, read: FxHashMap::default(), asked: Mutex::default(), contents: Mutex::default(), differed: AtomicBool::new(false) }
    }

    /// What `questions` of an earlier run are answered now, together.
    pub fn answers(&mut self, questions: &[Question]) -> Key {
        let files = self.files;
        let answered: Vec<(Key, Option<Arc<[u8]>>)> =
            questions.par_iter().with_min_len(16).map(|question| answer(files, question)).collect();
        let keys: Vec<Key> = answered.iter().map(|(key, _)| *key).collect();
        for (question, (_, bytes)) in questions.iter().zip(answered) {
            if let (Question::Read(path), Some(bytes)) = (question, bytes) {
                self.read.insert(path.clone(), bytes);
            }
        }
        together(questions, &keys)
    }

    /// What was asked, and the answers together; `None` where one question had two answers.
    pub fn asked(&self) -> Option<(Vec<Question>, Key)> {
        let asked = self.notes();
        let (questions, keys): (Vec<Question>, Vec<Key>) = asked.iter().map(|(question, key)| (question.clone(), *key)).unzip();
        let answers = together(&questions, &keys);
        (!self.differed.load(Ordering::Relaxed)).then_some((questions, answers))
    }

    /// Whether `text` is what was read at `path`.
    pub fn is_text_of(&self, path: &str, text: &str) -> bool {
        self.contents().get(path) == Some(&content(text.as_bytes()))
    }

    fn contents(&self) -> MutexGuard<'_, FxHashMap<String, Key>> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, question: Question, key: Key) {
        let earlier = self.notes().insert(question, key);
        if earlier.is_some_and(|earlier| earlier != key) {
            self.differed.store(true, Ordering::Relaxed);
        }
    }

    fn notes(&self) -> MutexGuard<'_, BTreeMap<Question, Key>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Files for Watched<'_> {
    fn read(&self, path: &str) -> io::Result<Arc<[u8]>> {
        let read = self.read.get(path).map_or_else(|| self.files.read(path), |bytes| Ok(bytes.clone()));
        self.note(Question::Read(path.to_string()), reading(self.files, path, &read));
        if let Ok(bytes) = &read {
            self.contents().insert(path.to_string(), content(bytes));
        }
        read
    }

    fn is_file(&self, path: &str) -> bool {
        let is = self.files.is_file(path);
        self.note(Question::IsFile(path.to_string()), existence(is));
        is
    }

    fn list(&self, directory: &str) -> Vec<String> {
        let paths = self.files.list(directory);
        self.note(Question::List(directory.to_string()), listing(&paths));
        paths
    }

    fn is_new(&self, path: &str) -> bool {
        let is = self.files.is_new(path);
        self.note(Question::IsNew(path.to_string()), existence(is));
        is
    }

    fn is_disk(&self) -> bool {
        self.files.is_disk()
    }

    fn name_of_content(&self, path: &str) -> Option<Vec<u8>> {
        self.files.name_of_content(path)
    }
}

/// The bytes are there where they had to be read.
fn answer(files: &dyn Files, question: &Question) -> (Key, Option<Arc<[u8]>>) {
    match question {
        Question::IsFile(path) => (existence(files.is_file(path)), None),
        Question::IsNew(path) => (existence(files.is_new(path)), None),
        Question::List(directory) => (listing(&files.list(directory)), None),
        Question::Read(path) => match files.name_of_content(path) {
            Some(name) => (named(&name), None),
            None => {
                let read = files.read(path);
                (reading(files, path, &read), read.ok())
            }
        },
    }
}

fn reading(files: &dyn Files, path: &str, read: &io::Result<Arc<[u8]>>) -> Key {
    match (read, files.name_of_content(path)) {
        (Ok(_), Some(name)) => named(&name),
        (Ok(bytes), None) => content(bytes),
        (Err(error), _) => Key::of("unreadable", format!("{error:?}").as_bytes()),
    }
}

fn content(bytes: &[u8]) -> Key {
    Key::of("content", bytes)
}

fn named(name: &[u8]) -> Key {
    Key::of("named content", name)
}

fn existence(is: bool) -> Key {
    Key::of("existence", &[u8::from(is)])
}

fn listing(paths: &[String]) -> Key {
    Key::of("listing", paths.join("\n").as_bytes())
}

fn together(questions: &[Question], answers: &[Key]) -> Key {
    let asked = Key::of("questions", format!("{questions:?}").as_bytes());
    Key::join("answers", &[&[asked], answers].concat())
}

#[cfg(test)]
mod tests {
    use super::super::Memory;
    use super::*;

    fn files(texts: &[(&str, &str)]) -> Memory {
        let mut files = Memory::default();
        texts.iter().for_each(|(path, text)| files.add(*path, text));
        files
    }

    /// As a run might ask.
    fn run(files: &Memory) -> (Vec<Question>, Key) {
        let watched = Watched::new(files);
        watched.read("a/lib.rs").expect("it is there");
        assert!(watched.read("a/missing.rs").is_err());
        assert!(!watched.is_file("a/other.rs"));
        watched.list("a");
        watched.asked().expect("nobody writes to it")
    }

    #[test]
    fn the_same_files_answer_the_same() {
        let there = files(&[("a/lib.rs", "text"), ("b/lib.rs", "text")]);
        let (questions, answers) = run(&there);
        assert_eq!(questions.len(), 4);
        assert_eq!(Watched::new(&there).answers(&questions), answers);
        let beside = files(&[("a/lib.rs", "text"), ("b/lib.rs", "other text"), ("b/new.rs", "")]);
        assert_eq!(Watched::new(&beside).answers(&questions), answers, "nobody asked about these");
    }

    #[test]
    fn every_change_that_was_asked_about_is_another_answer() {
        let (questions, answers) = run(&files(&[("a/lib.rs", "text")]));
        for changed in [
            &[("a/lib.rs", "text ")][..],
            &[][..],
            &[("a/lib.rs", "text"), ("a/missing.rs", "")],
            &[("a/lib.rs", "text"), ("a/other.rs", "")],
            &[("a/lib.rs", "text"), ("a/third.rs", "")],
        ] {
            assert_ne!(Watched::new(&files(changed)).answers(&questions), answers, "{changed:?}");
        }
    }

    #[test]
    fn what_was_read_to_answer_is_what_the_run_reads() {
        let there = files(&[("a/lib.rs", "text")]);
        let (questions, answers) = run(&there);
        let mut watched = Watched::new(&there);
        watched.answers(&questions);
        assert_eq!(watched.asked().expect("nothing differs").0, [], "these are not questions of the run");
        assert_eq!(watched.read("a/lib.rs").ok().as_deref(), Some("text".as_bytes()));
        assert!(watched.is_text_of("a/lib.rs", "text") && !watched.is_text_of("a/lib.rs", "other"));
        assert_eq!(run(&there).1, answers);
    }
}
