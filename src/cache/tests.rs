//! A cache remembers, and whatever is wrong with it is as if it were empty.

#![expect(clippy::disallowed_methods, reason = "a cache lies on the disk, and so it is broken there")]

use super::*;

fn key(text: &str) -> Key {
    Key::of("test", text.as_bytes())
}

fn remembered(folder: &std::path::Path, texts: &[&str]) -> Vec<Option<String>> {
    let cache = Cache::open(folder.to_path_buf());
    texts.iter().map(|text| cache.get(key(text))).collect()
}

fn remember(folder: &std::path::Path, asked: &[&str], new: &[&str]) {
    let cache = Cache::open(folder.to_path_buf());
    asked.iter().for_each(|text| assert!(cache.get::<String>(key(text)).is_some(), "`{text}` is there"));
    new.iter().for_each(|text| cache.put(key(text), &text.to_uppercase()));
    cache.save();
}

#[test]
fn what_is_put_is_there_in_the_next_run() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("not/yet/there");
    remember(&folder, &[], &["one", "two"]);
    assert_eq!(remembered(&folder, &["one", "two", "three"]), [Some("ONE".into()), Some("TWO".into()), None]);
    assert_eq!(std::fs::read_to_string(folder.join(".gitignore")).unwrap(), "*\n");
}

#[test]
fn a_run_sees_what_it_put_itself() {
    let cache = Cache::open(tempfile::tempdir().unwrap().path().join("cache"));
    cache.put(key("one"), &1u8);
    assert_eq!(cache.get::<u8>(key("one")), Some(1));
    let none = Cache::none();
    none.put(key("one"), &1u8);
    assert_eq!(none.get::<u8>(key("one")), None);
}

#[test]
fn a_little_news_leaves_the_base_alone() {
    let folder = tempfile::tempdir().unwrap();
    let old = ["a".repeat(1000), "b".repeat(1000)];
    let old: Vec<&str> = old.iter().map(String::as_str).collect();
    remember(folder.path(), &[], &old);
    let base = std::fs::read(folder.path().join(BASE)).unwrap();
    remember(folder.path(), &old, &["new"]);
    remember(folder.path(), &[&old[..], &["new"]].concat(), &["newer"]);
    assert!(base == std::fs::read(folder.path().join(BASE)).unwrap());
    assert!(remembered(folder.path(), &["new", "newer"]).iter().all(Option::is_some));
}

#[test]
fn what_is_not_asked_for_is_dropped_when_the_base_is_written_again() {
    let folder = tempfile::tempdir().unwrap();
    remember(folder.path(), &[], &["one", "two", "three"]);
    remember(folder.path(), &["one"], &["four"]);
    let there: Vec<bool> = remembered(folder.path(), &["one", "two", "three", "four"]).iter().map(Option::is_some).collect();
    assert_eq!(there, [true, false, false, true]);
    assert!(!folder.path().join(RECENT).exists());
}

#[test]
fn a_cut_off_pack_is_no_pack() {
    let folder = tempfile::tempdir().unwrap();
    remember(folder.path(), &[], &["one", "two"]);
    let path = folder.path().join(BASE);
    let whole = std::fs::read(&path).unwrap();
    for length in 0..whole.len() {
        std::fs::write(&path, &whole[..length]).unwrap();
        assert!(remembered(folder.path(), &["one", "two"]).iter().flatten().all(|text| text == "ONE" || text == "TWO"));
    }
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    remember(folder.path(), &[], &["one", "two"]);
    assert!(whole == std::fs::read(&path).unwrap(), "it is mended by the next run");
}

#[test]
fn a_flipped_bit_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    remember(folder.path(), &[], &["one", "two"]);
    let path = folder.path().join(BASE);
    let whole = std::fs::read(&path).unwrap();
    for at in 0..whole.len() {
        for bit in [1, 0x80] {
            let mut broken = whole.clone();
            broken[at] ^= bit;
            std::fs::write(&path, broken).unwrap();
            let found = remembered(folder.path(), &["one", "two"]);
            assert!(found[0].as_deref().is_none_or(|text| text == "ONE") && found[1].as_deref().is_none_or(|text| text == "TWO"));
            assert!(found.iter().any(Option::is_none), "byte {at} matters");
        }
    }
}

#[test]
fn another_builds_pack_is_left_aside() {
    let folder = tempfile::tempdir().unwrap();
    remember(folder.path(), &[], &["one"]);
    let path = folder.path().join(BASE);
    let mut foreign = std::fs::read(&path).unwrap();
    foreign[8..16].copy_from_slice(&(pack::BUILD ^ 1).to_le_bytes());
    std::fs::write(&path, foreign).unwrap();
    assert_eq!(remembered(folder.path(), &["one"]), [None]);
}

#[test]
fn a_folder_that_cannot_be_written_is_no_trouble() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "this is no folder").unwrap();
    remember(&file.join("cache"), &[], &["one"]);
    assert_eq!(remembered(&file.join("cache"), &["one"]), [None]);
}

#[test]
fn keys_of_two_purposes_differ() {
    assert_ne!(Key::of("facts", b"x"), Key::of("bodies", b"x"));
    assert_ne!(Key::join("a", &[key("x"), key("y")]), Key::join("a", &[key("y"), key("x")]));
}

#[test]
fn what_is_compared_with_stays_however_many_results_come_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let asked = key("asked");
    let put = |cache: &Cache, name: &str| cache.put_result(asked, &"questions", key(name), &name.to_string());
    let there = |cache: &Cache, name: &str| cache.result::<String>(asked, key(name)).is_some();
    put(&Cache::open(folder.path().to_path_buf()), "before");
    for edit in 0..9 {
        let cache = Cache::open(folder.path().to_path_buf());
        assert!(there(&cache, "before"), "after {edit} edits");
        put(&cache, &format!("edit {edit}"));
    }
    assert!(!there(&Cache::open(folder.path().to_path_buf()), "edit 0"), "nobody asked for it again");
}
