//! What every adapter of [`Shelves`] must do.

use std::sync::Arc;

use super::{AWKWARD, done, name};
use crate::store::{Item, SHELF_PAGE, Shelves};

/// Checks every outcome that the port [`Shelves`] lists.
///
/// # Panics
/// The adapter does otherwise.
pub fn shelves(make: &dyn Fn() -> Arc<dyn Shelves>) {
    a_write_needs_the_version_and_raises_it_by_one(&*make());
    rows_and_names_are_kept_byte_for_byte(&*make());
    rows_come_by_version_and_name_in_pages(&*make());
    a_row_that_is_written_again_moves_to_the_end(&*make());
    shelves_do_not_mix(&*make());
    one_of_many_writers_of_a_version_is_first(&make());
    whoever_reads_on_sees_what_stands_there(&make());
}

/// Checks that two handles are of one store.
///
/// # Panics
/// They are not, or one does not respect what the other stored.
pub fn shared_shelves(first: &dyn Shelves, second: &dyn Shelves) {
    let shelf = name("shelf");
    assert!(put(first, &shelf, 0, &[("a", b"one")]), "a new shelf could not be written");
    assert!(!put(second, &shelf, 0, &[("b", b"two")]), "the second handle took a version that was taken");
    assert!(put(second, &shelf, 1, &[("b", b"two")]), "the second handle could not write the next version");
    assert!(!put(first, &shelf, 1, &[("a", b"x")]), "the first handle wrote over what it had not seen");
    for handle in [first, second] {
        let expected = [item(1, "a", b"one"), item(2, "b", b"two")];
        assert_eq!(read(handle, &shelf), expected, "a handle does not see what the other wrote");
    }
}

fn a_write_needs_the_version_and_raises_it_by_one(store: &dyn Shelves) {
    let shelf = name("shelf");
    assert_eq!(read(store, &shelf), [], "a shelf has rows before it was written");
    assert!(!put(store, &shelf, 1, &[("a", b"x")]), "a shelf that is not there was at version 1");
    assert!(put(store, &shelf, 0, &[("a", b"1"), ("b", b"1")]), "a new shelf could not be written");
    for stale in [0, 2, 7] {
        assert!(!put(store, &shelf, stale, &[("c", b"x"), ("a", b"x")]), "version {stale} was written over");
    }
    let expected = [item(1, "a", b"1"), item(1, "b", b"1")];
    assert_eq!(read(store, &shelf), expected, "part of a refused write was stored, or of one write lost");
    assert!(put(store, &shelf, 1, &[]), "no rows do not fit the version that stands there");
    assert!(put(store, &shelf, 1, &[("c", b"2")]), "a write of no rows raised the version");
    assert_eq!(read(store, &shelf).last(), Some(&item(2, "c", b"2")), "a write has not the next version");
}

fn rows_and_names_are_kept_byte_for_byte(store: &dyn Shelves) {
    let shelf = name("bytes");
    let names = ["", "%", "_", "a", "A", "\u{e9}", "e\u{301}", "'\"", "\u{0}", "\u{0}x", "x y"];
    let value = |index: usize| [AWKWARD, &vec![0xee; index]].concat();
    let values: Vec<Vec<u8>> = (0..names.len()).map(value).collect();
    let rows: Vec<(&str, &[u8])> = names.into_iter().zip(values.iter().map(Vec::as_slice)).collect();
    assert!(put(store, &shelf, 0, &rows), "names are taken for one another");
    let mut expected: Vec<Item> = rows.iter().map(|(name, value)| item(1, name, value)).collect();
    expected.sort_unstable_by(|a, b| a.name.as_bytes().cmp(b.name.as_bytes()));
    // Behind the empty name stands everything else.
    expected.remove(0);
    let found = done(store.since(&shelf, 1, ""), "rows");
    assert_eq!(
        found, expected,
        "rows are not read back as they were written, or not by the bytes of their names"
    );
    assert_eq!(
        read(store, &shelf).first(),
        values.first().map(|value| item(1, "", value)).as_ref(),
        "the empty name is lost"
    );
}

fn rows_come_by_version_and_name_in_pages(store: &dyn Shelves) {
    let shelf = name("pages");
    let names: Vec<String> = (0..SHELF_PAGE + 3).map(|number| format!("{number:05}")).collect();
    let rows: Vec<(&str, &[u8])> = names.iter().rev().map(|name| (name.as_str(), name.as_bytes())).collect();
    assert!(put(store, &shelf, 0, &rows), "a write of more rows than a page");
    let page = done(store.since(&shelf, 0, ""), "a page");
    assert_eq!(page.len(), SHELF_PAGE, "an answer is not a page, though there are more rows");
    let expected: Vec<Item> = names.iter().map(|name| item(1, name, name.as_bytes())).collect();
    assert_eq!(read(store, &shelf), expected, "pages do not follow one another, or are out of order");
    for (version, name) in [(1, names.last().map_or("", String::as_str)), (2, ""), (u64::from(u32::MAX), "")]
    {
        assert_eq!(done(store.since(&shelf, version, name), "a page"), [], "there are rows behind the last");
    }
}

fn a_row_that_is_written_again_moves_to_the_end(store: &dyn Shelves) {
    let shelf = name("again");
    assert!(put(store, &shelf, 0, &[("a", b"1"), ("b", b"1")]), "a new shelf");
    assert!(put(store, &shelf, 1, &[("a", b"2")]), "the next version");
    let expected = [item(1, "b", b"1"), item(2, "a", b"2")];
    assert_eq!(read(store, &shelf), expected, "a row that was written again stands where it stood, or twice");
    assert_eq!(
        done(store.since(&shelf, 1, "z"), "what is new"),
        expected[1..],
        "what changed is not what is new"
    );
}

fn shelves_do_not_mix(store: &dyn Shelves) {
    let shelf = name("mine");
    let beside = [format!("{shelf}/"), format!("{shelf}x"), shelf.to_uppercase(), format!("{shelf}\u{0}")];
    assert!(put(store, &shelf, 0, &[("a", b"mine")]), "a new shelf");
    for other in &beside {
        assert!(
            put(store, other, 0, &[("a", b"theirs"), ("b", b"theirs")]),
            "{other:?} is taken for another shelf"
        );
    }
    assert_eq!(read(store, &shelf), [item(1, "a", b"mine")], "one shelf's rows mix with another's");
}

fn one_of_many_writers_of_a_version_is_first(store: &Arc<dyn Shelves>) {
    let shelf = name("race");
    let writers: Vec<_> = (0_u8..8)
        .map(|writer| {
            let (store, shelf) = (Arc::clone(store), shelf.clone());
            std::thread::spawn(move || put(&*store, &shelf, 0, &[("a", &[writer]), ("b", &[writer])]))
        })
        .collect();
    let first = writers.into_iter().filter_map(|writer| writer.join().ok()).filter(|first| *first).count();
    assert_eq!(first, 1, "of eight writers of one version, not exactly one was first");
    let values: Vec<Vec<u8>> = read(store.as_ref(), &shelf).into_iter().map(|item| item.value).collect();
    assert!(
        matches!(values.as_slice(), [one, other] if one == other),
        "two writers' rows stand in one version"
    );
}

/// Beside a writer, a reader's last state is one that stood there: the rows of one write are seen together.
fn whoever_reads_on_sees_what_stands_there(store: &Arc<dyn Shelves>) {
    let shelf = name("beside");
    let writer = {
        let (store, shelf) = (Arc::clone(store), shelf.clone());
        std::thread::spawn(move || {
            for version in 0..50_u64 {
                let value = version.to_be_bytes();
                let other = format!("b{}", version % 7);
                let rows: [(&str, &[u8]); 3] = [("a", &value), (&other, &value), ("head", &value)];
                assert!(put(&*store, &shelf, version, &rows), "the only writer's version {version}");
            }
        })
    };
    let (mut last, mut version) = (String::new(), 0);
    while version < 50 {
        let page = done(store.since(&shelf, version, &last), "what is new");
        for item in page {
            assert!((item.version, &item.name) > (version, &last), "rows do not come in order");
            assert_eq!(item.value, (item.version - 1).to_be_bytes(), "a row is of another version's write");
            (version, last) = (item.version, item.name);
        }
        assert!(version == 0 || last == "head", "a write is seen before all of it is there");
    }
    assert!(writer.join().is_ok(), "the writer failed");
}

fn put(store: &dyn Shelves, shelf: &str, version: u64, rows: &[(&str, &[u8])]) -> bool {
    done(store.put_all(shelf, version, rows), "a write")
}

/// All rows, page by page.
fn read(store: &dyn Shelves, shelf: &str) -> Vec<Item> {
    let mut all: Vec<Item> = Vec::new();
    loop {
        let (version, name) = all.last().map_or((0, ""), |last| (last.version, last.name.as_str()));
        let page = done(store.since(shelf, version, name), "a page");
        let is_last = page.len() < SHELF_PAGE;
        all.extend(page);
        if is_last {
            return all;
        }
    }
}

fn item(version: u64, name: &str, value: &[u8]) -> Item {
    Item { version, name: name.to_owned(), value: value.to_vec() }
}
