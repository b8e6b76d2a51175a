//! `cargo xtask screenshots`: pictures of the console's screens, as its tests see them.

use anyhow::Result;

use crate::command::{cargo, root, run as run_command};

/// Where the pictures go, for the test that takes them.
const FOLDER: &str = "PROVOST_TEST_PICTURES";
/// Which pictures are wanted; all, unless it is set.
const ONLY: &str = "PROVOST_TEST_PICTURES_ONLY";

/// Runs the test that takes every picture of `crates/provost/tests/it/browser/pictures.rs`, and has it keep them.
///
/// # Errors
/// When the test fails, or there is no picture of a name.
pub fn run(arguments: &[String]) -> Result<()> {
    let folder = root().join("docs").join("screens");
    std::fs::create_dir_all(&folder)?;
    let mut test =
        cargo(&["test", "--locked", "-p", "provost", "--test", "it", "--", "--nocapture", "browser::pictures"]);
    run_command(test.env(FOLDER, folder).env(ONLY, arguments.join(",")))
}
