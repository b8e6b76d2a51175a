//! Every target over bytes made from seeds. `PROVOST_SEEDS=1000..2000` runs those, `PROVOST_SEED=17` replays one.

use provost_fuzzing::{bytes_of_seed, target};
use std::{
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// The seeds that somebody names, or the first ones.
fn seeds(usual: u64) -> Range<u64> {
    let given = |name: &str| std::env::var(name).ok();
    let number = |text: &str| text.parse::<u64>().expect("seeds are numbers");
    match (given("PROVOST_SEED"), given("PROVOST_SEEDS")) {
        (Some(seed), _) => number(&seed)..number(&seed) + 1,
        (None, Some(range)) => match range.split_once("..") {
            Some((first, end)) => number(first)..number(end),
            None => 0..number(&range),
        },
        (None, None) => 0..usual,
    }
}

#[track_caller]
fn hold(name: &str, usual: u64, length: usize) {
    let target = target(name).expect("there is such a target");
    for seed in seeds(usual) {
        let bytes = bytes_of_seed(seed, length);
        let outcome = catch_unwind(AssertUnwindSafe(|| (target.check)(&bytes)));
        assert!(outcome.is_ok(), "{name} fails: replay with PROVOST_SEED={seed}; why stands above");
    }
}

#[test]
fn s_16_filters_match_what_an_evaluator_written_from_the_rfc_matches() {
    hold("filter_oracle", 20_000, 400);
}

#[test]
fn s_16_patches_make_what_a_patcher_written_from_the_rfc_makes() {
    hold("patch_oracle", 20_000, 400);
}
