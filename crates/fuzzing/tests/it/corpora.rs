//! Every file of every corpus: those that crashed once, those that a fuzzer found worth keeping, those that we began with.

use provost_fuzzing::TARGETS;
use std::{
    collections::BTreeSet,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
};

/// Bytes of all corpora together, at most: they are cloned with the repository.
const BYTES_MAX: u64 = 2 * 1024 * 1024;

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz"))
}

/// The files of a target's corpus with their names, in order.
pub fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let files = fs::read_dir(folder().join("corpus").join(target)).unwrap().map(|entry| {
        let path = entry.unwrap().path();
        (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap())
    });
    let mut files: Vec<_> = files.collect();
    files.sort();
    files
}

#[test]
fn s_16_every_file_of_every_corpus_holds() {
    let mut bytes = 0;
    for target in TARGETS {
        let files = corpus(target.name);
        assert!(!files.is_empty(), "the corpus of {} is empty", target.name);
        for (name, file) in files {
            let outcome = catch_unwind(AssertUnwindSafe(|| (target.check)(&file)));
            assert!(outcome.is_ok(), "fuzz/corpus/{}/{name} fails; why stands above", target.name);
            bytes += file.len() as u64;
        }
    }
    assert!(bytes <= BYTES_MAX, "{bytes} bytes of corpora");
}

#[test]
fn every_target_has_a_corpus_and_a_binary_and_no_other_has() {
    let names = |inner: &str| -> BTreeSet<String> {
        let entries = fs::read_dir(folder().join(inner)).unwrap();
        entries.map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect()
    };
    let targets: BTreeSet<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    assert_eq!(names("corpus"), targets);
    assert_eq!(names("fuzz_targets"), targets);
    let manifest = fs::read_to_string(folder().join("Cargo.toml")).unwrap();
    for target in &targets {
        assert!(manifest.contains(&format!("name = \"{target}\"")), "fuzz/Cargo.toml has no binary {target}");
        let code = fs::read_to_string(folder().join(format!("fuzz_targets/{target}.rs"))).unwrap();
        assert!(code.contains(&format!("check(\"{target}\", bytes)")), "fuzz_targets/{target}.rs runs another target");
    }
}
