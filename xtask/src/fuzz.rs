//! `cargo xtask fuzz`: the fuzz targets of `fuzz/` one after the other, and the simulation of the whole server.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::command::{command, root, run as run_command, succeeds};

/// How long each target runs, when nobody says.
const MINUTES: u64 = 10;

/// Longest input that a fuzzer makes, in bytes: bounds of bodies are tried by tests, and longer inputs are slower.
const INPUT_BYTES_MAX: u64 = 4096;

/// Longest input that is kept in the repository, in bytes.
const KEPT_BYTES_MAX: u64 = 512;

/// Length of the name that a fuzzer gives a file.
const SHA1_DIGITS: usize = 40;

/// Length of the name that the file has in the repository: enough to tell a few hundred apart.
const KEPT_DIGITS: usize = 12;

/// cargo-fuzz asks for one unit a crate, which takes one core an hour for the whole server; a later flag wins.
const PARALLEL_BUILD: &str = "-Ccodegen-units=16";

/// What is no fuzz target and runs by the clock all the same.
const SIMULATION: &str = "simulation";

/// Seeds of the simulation in one run of its test.
const SEEDS: u64 = 100;

/// What was asked for.
#[derive(Debug, PartialEq)]
struct Asked {
    name: Option<String>,
    minutes: u64,
    keep: bool,
}

/// The part of `fuzz/Cargo.toml` that says how a target is built.
#[derive(Deserialize)]
struct Manifest {
    bin: Vec<Binary>,
}

#[derive(Deserialize)]
struct Binary {
    name: String,
    #[serde(default, rename = "required-features")]
    features: Vec<String>,
}

/// Runs one target or all, or brings what they found into the corpora.
///
/// # Errors
/// When a target finds an input that breaks its property, or the tools are not installed.
pub fn run(arguments: &[String]) -> Result<()> {
    let asked = asked(arguments)?;
    let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).context("fuzz/Cargo.toml")?;
    let manifest: Manifest = toml::from_str(&manifest).context("fuzz/Cargo.toml")?;
    let is_wanted = |name: &str| asked.name.as_deref().is_none_or(|wanted| wanted == name);
    let targets: Vec<&Binary> = manifest.bin.iter().filter(|binary| is_wanted(&binary.name)).collect();
    if targets.is_empty() && !is_wanted(SIMULATION) {
        let names: Vec<&str> = manifest.bin.iter().map(|binary| binary.name.as_str()).collect();
        bail!("there is no such target; there are {} and {SIMULATION}", names.join(", "));
    }
    if !targets.is_empty() && !succeeds(&mut command("cargo", &["+nightly", "fuzz", "--version"])) {
        bail!(
            "fuzzing needs a nightly toolchain and cargo-fuzz: `rustup toolchain install nightly`, then \
             `cargo +nightly install cargo-fuzz`; `cargo test -p provost-fuzzing` runs the targets without them"
        );
    }
    for target in targets {
        let arguments = if asked.keep { kept(&target.name)? } else { looked_for(&target.name, asked.minutes)? };
        let mut words = vec!["+nightly".to_string(), "fuzz".to_string(), "run".to_string()];
        // Our code has no unsafe block: what an address sanitiser finds is not ours, and it halves the speed.
        words.extend(["--sanitizer".to_string(), "none".to_string()]);
        words.extend(target.features.iter().flat_map(|feature| ["--features".to_string(), feature.clone()]));
        words.push(target.name.clone());
        words.extend(arguments);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        run_command(command("cargo", &words).env("RUSTFLAGS", PARALLEL_BUILD))?;
        if asked.keep {
            shorten_names(&root().join("fuzz/corpus").join(&target.name))?;
        }
    }
    if is_wanted(SIMULATION) && !asked.keep {
        simulate(Duration::from_secs(asked.minutes * 60))?;
    }
    Ok(())
}

/// What is found goes to a folder of its own, so that the repository does not grow by itself.
fn found(name: &str) -> String {
    format!("fuzz/target/corpus/{name}")
}

/// Arguments of a run that looks for inputs.
fn looked_for(name: &str, minutes: u64) -> Result<Vec<String>> {
    let found = found(name);
    fs::create_dir_all(root().join(&found)).with_context(|| found.clone())?;
    Ok(vec![
        found,
        format!("fuzz/corpus/{name}"),
        "--".to_string(),
        format!("-max_total_time={}", minutes * 60),
        format!("-max_len={INPUT_BYTES_MAX}"),
        "-timeout=30".to_string(),
        "-print_final_stats=1".to_string(),
    ])
}

/// Arguments of a run that takes over what reaches code which no file of the corpus reaches.
fn kept(name: &str) -> Result<Vec<String>> {
    let found = found(name);
    if !Path::new(&root().join(&found)).is_dir() {
        bail!("`{found}` is not there: run `cargo xtask fuzz {name}` first");
    }
    let corpus = format!("fuzz/corpus/{name}");
    let mut arguments = vec![corpus, found, "--".to_string(), "-merge=1".to_string()];
    // Code that is reached once or often is the same code: else each run would bring a thousand files.
    arguments.extend(["-use_counters=0".to_string(), format!("-max_len={KEPT_BYTES_MAX}")]);
    Ok(arguments)
}

/// Gives files that a fuzzer has named by the SHA-1 of what is in them the first digits of it as their name.
fn shorten_names(folder: &Path) -> Result<()> {
    for file in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let file = file?.path();
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.len() == SHA1_DIGITS && name.chars().all(|digit| digit.is_ascii_hexdigit()) {
            fs::rename(&file, folder.join(&name[..KEPT_DIGITS]))?;
        }
    }
    Ok(())
}

/// Runs seed after seed until the time is over.
fn simulate(time: Duration) -> Result<()> {
    let start = Instant::now();
    let mut first = 0;
    while start.elapsed() < time {
        let mut test =
            command("cargo", &["test", "--locked", "-p", "provost-server", "--test", "it", "simulation", "--"]);
        test.arg("--nocapture").env("PROVOST_SEEDS", format!("{first}..{}", first + SEEDS));
        run_command(&mut test)?;
        first += SEEDS;
    }
    println!("{first} seeds in {:.0} minutes", start.elapsed().as_secs_f64() / 60.0);
    Ok(())
}

fn asked(arguments: &[String]) -> Result<Asked> {
    let mut asked = Asked { name: None, minutes: MINUTES, keep: false };
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--keep" => asked.keep = true,
            "--minutes" => {
                let given = words.next().context("`--minutes` needs a number")?;
                asked.minutes = given.parse().with_context(|| format!("`{given}` is no number of minutes"))?;
            }
            name if !name.starts_with('-') && asked.name.is_none() => asked.name = Some(name.to_string()),
            _ => bail!("usage: cargo xtask fuzz [NAME] [--minutes N] [--keep]"),
        }
    }
    Ok(asked)
}

#[cfg(test)]
mod tests {
    use super::{Asked, asked, kept, shorten_names};
    use std::collections::BTreeSet;
    use std::fs;

    fn read(words: &[&str]) -> Result<Asked, String> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_string()).collect();
        asked(&words).map_err(|error| error.to_string())
    }

    #[test]
    fn a_name_minutes_and_keep_are_read_in_any_order() {
        let all = Asked { name: None, minutes: 10, keep: false };
        assert_eq!(read(&[]), Ok(all));
        let one = Asked { name: Some("filter".to_string()), minutes: 3, keep: false };
        assert_eq!(read(&["--minutes", "3", "filter"]), Ok(one));
        let keep = Asked { name: Some("path".to_string()), minutes: 10, keep: true };
        assert_eq!(read(&["path", "--keep"]), Ok(keep));
    }

    #[test]
    fn other_arguments_are_refused() {
        assert_eq!(read(&["--minutes", "soon"]), Err("`soon` is no number of minutes".to_string()));
        assert_eq!(read(&["--minutes"]), Err("`--minutes` needs a number".to_string()));
        let usage = "usage: cargo xtask fuzz [NAME] [--minutes N] [--keep]";
        assert_eq!(read(&["filter", "path"]), Err(usage.to_string()));
        assert_eq!(read(&["--all"]), Err(usage.to_string()));
    }

    #[test]
    fn what_was_never_found_cannot_be_kept() {
        let error = kept("nobody").expect_err("no target has that name").to_string();
        assert_eq!(error, "`fuzz/target/corpus/nobody` is not there: run `cargo xtask fuzz nobody` first");
    }

    #[test]
    fn only_names_that_a_fuzzer_gave_are_shortened() {
        let folder = std::env::temp_dir().join(format!("provost-names-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let long = "not-named-by-a-fuzzer-and-40-digits-long";
        for name in ["0123456789abcdef0123456789abcdef01234567", "0123456789ac", long] {
            fs::write(folder.join(name), name).unwrap();
        }
        shorten_names(&folder).unwrap();
        let names: BTreeSet<String> =
            fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(names, BTreeSet::from(["0123456789ab", "0123456789ac", long].map(str::to_string)));
    }
}
