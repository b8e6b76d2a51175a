//! Files of the corpora, changed a little: what a fuzzer does, on every toolchain.

use crate::corpora::corpus;
use proptest::{
    collection::vec,
    prelude::*,
    sample::Index,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};
use provost_fuzzing::{Target, check, target};

/// One change of a text; places are taken modulo its length.
#[derive(Clone, Debug)]
enum Edit {
    Put(Index, u8),
    Cut(Index, usize),
    Insert(Index, &'static str),
    Double(Index, usize),
    /// A part of another file of the corpus.
    Graft(Index, Index, usize),
}

/// Words that mean something to one of the parsers.
const WORDS: [&str; 24] = [
    "\"", "\\", "(", ")", "[", "]", "{", "}", ",", ":", ".", " and ", " or ", "not (", " eq ", "null", "1e999", "urn:",
    "\\ud800", "bulkId:", "\r\n", "\u{0}", "é", "$",
];

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Edit::Put(at, byte)),
        (any::<Index>(), 1..9_usize).prop_map(|(at, length)| Edit::Cut(at, length)),
        (any::<Index>(), prop::sample::select(WORDS.to_vec())).prop_map(|(at, word)| Edit::Insert(at, word)),
        (any::<Index>(), 1..33_usize).prop_map(|(at, length)| Edit::Double(at, length)),
        (any::<Index>(), any::<Index>(), 1..65_usize).prop_map(|(at, other, length)| Edit::Graft(at, other, length)),
    ]
}

fn edited(files: &[(String, Vec<u8>)], file: Index, edits: &[Edit]) -> Vec<u8> {
    let mut bytes = file.get(files).1.clone();
    for edit in edits {
        let place = |at: &Index| at.index(bytes.len() + 1);
        match edit {
            Edit::Put(at, byte) => {
                let at = place(at);
                bytes.splice(at..(at + 1).min(bytes.len()), [*byte]);
            }
            Edit::Cut(at, length) => {
                let at = place(at);
                bytes.drain(at..(at + length).min(bytes.len()));
            }
            Edit::Insert(at, word) => {
                let at = place(at);
                bytes.splice(at..at, word.bytes());
            }
            Edit::Double(at, length) => {
                let at = place(at);
                let again = bytes[at..(at + length).min(bytes.len())].to_vec();
                bytes.splice(at..at, again);
            }
            Edit::Graft(at, other, length) => {
                let (at, other) = (place(at), &other.get(files).1);
                let from = at.min(other.len());
                let part = other[from..(from + length).min(other.len())].to_vec();
                bytes.splice(at..at, part);
            }
        }
    }
    bytes
}

#[track_caller]
fn hold(name: &str, cases: u32) {
    let Target { check: property, .. } = target(name).unwrap();
    let files = corpus(name);
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    // The same each time: what nobody has tried is for the fuzzers to find, not for whoever changed something else.
    let chance = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let outcome =
        TestRunner::new_with_rng(config, chance).run(&(any::<Index>(), vec(edit(), 0..6)), |(file, edits)| {
            property(&edited(&files, file, &edits));
            Ok(())
        });
    assert!(outcome.is_ok(), "{name}: {}", outcome.unwrap_err());
}

#[test]
fn s_16_texts_changed_a_little_hold() {
    for name in ["filter", "path", "expression", "table", "policy"] {
        hold(name, 1_500);
    }
}

#[test]
fn s_16_bodies_changed_a_little_hold() {
    for name in ["patch", "resource", "bulk"] {
        hold(name, 800);
    }
}

#[test]
fn s_16_requests_changed_a_little_hold() {
    hold("http", 250);
    hold("cursor", 100);
}

#[test]
#[should_panic(expected = "there is no target `nobody`")]
fn a_target_that_there_is_not_is_named() {
    check("nobody", b"");
}
