//! `cargo xtask release` and `cargo xtask reproducible`: a binary whose bytes follow from the sources and the compiler alone.
//!
//! What a build would otherwise leak is the path of the sources, of cargo's downloads and of the target folder: all three are written
//! as something that is the same everywhere. Nothing else of the machine or the moment goes into it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::command::{cargo, command, output, root, run as run_command, target_dir};

/// The package that is released.
const PACKAGE: &str = "provost";

/// Builds the release binary as it is published and says its SHA-256.
///
/// # Errors
/// When it cannot be built.
pub fn release(arguments: &[String]) -> Result<()> {
    ensure!(arguments.is_empty(), "usage: cargo xtask release");
    let binary = build(&root(), &target_dir()?.join("published"), PACKAGE)?;
    println!("{}  {}", digest(&binary)?, binary.display());
    Ok(())
}

/// Builds what is committed twice, in two folders of different names, and compares.
///
/// # Errors
/// When it cannot be built, or the two differ.
pub fn run(arguments: &[String]) -> Result<()> {
    let package = match arguments {
        [] => PACKAGE,
        [flag, package] if flag == "--package" => package,
        _ => bail!("usage: cargo xtask reproducible [--package NAME]"),
    };
    let folder = target_dir()?.join("reproducible");
    // Both are of one commit, whatever is committed meanwhile.
    let commit = output(&mut command("git", &["rev-parse", "HEAD"]))?;
    let commit = commit.trim();
    let mut digests = Vec::new();
    for name in ["one", "another-name/deeper"] {
        let place = folder.join(name);
        if place.exists() {
            std::fs::remove_dir_all(&place)?;
        }
        let sources = place.join("sources");
        std::fs::create_dir_all(&sources)?;
        let archive = place.join("sources.tar");
        let (archive, into) = (text(&archive)?, text(&sources)?);
        run_command(&mut command("git", &["archive", "--format=tar", "--output", archive, commit]))?;
        run_command(&mut command("tar", &["--extract", "--file", archive, "--directory", into]))?;
        let binary = build(&sources, &place.join("target"), package)?;
        digests.push(digest(&binary)?);
        println!("{}  {}", digests[digests.len() - 1], binary.display());
        // One of the two is as large as a whole target folder.
        let kept = folder.join(format!("{package}-{}", digests.len()));
        std::fs::rename(&binary, &kept)?;
        std::fs::remove_dir_all(&place)?;
    }
    if digests[0] != digests[1] {
        bail!("the two builds differ; both are kept in {}", folder.display());
    }
    println!("{package} of {commit} is the same, built twice: {}", digests[0]);
    Ok(())
}

/// Builds a package's release binary from the sources in a folder; the path of the binary.
fn build(sources: &Path, target: &Path, package: &str) -> Result<PathBuf> {
    let mut build = cargo(&["build", "--locked", "--release", "--package", package, "--bin", package]);
    build.current_dir(sources).env("CARGO_TARGET_DIR", target);
    settle(&mut build, sources, target, &cargo_home()?)?;
    run_command(&mut build)?;
    Ok(target.join("release").join(package))
}

/// Takes out of a build what is of the machine: paths in what Rust and C compile, and what the environment would add.
fn settle(build: &mut Command, sources: &Path, target: &Path, cargo_home: &Path) -> Result<()> {
    let places = [(sources, "/provost"), (target, "/target"), (cargo_home, "/cargo")];
    let mut rust = Vec::new();
    let mut c = Vec::new();
    for (from, to) in places {
        rust.push(format!("--remap-path-prefix={}={to}", text(from)?));
        c.push(format!("-ffile-prefix-map={}={to}", text(from)?));
    }
    // Flags that are parted so may hold spaces.
    build.env("CARGO_ENCODED_RUSTFLAGS", rust.join("\u{1f}")).env("CFLAGS", c.join(" "));
    build.env("SOURCE_DATE_EPOCH", "0").env("CARGO_INCREMENTAL", "0");
    for name in
        ["RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS", "CARGO_BUILD_TARGET", "RUSTC_WRAPPER", "CARGO_BUILD_RUSTC_WRAPPER"]
    {
        build.env_remove(name);
    }
    Ok(())
}

/// Where cargo keeps its downloads.
fn cargo_home() -> Result<PathBuf> {
    if let Some(home) = std::env::var_os("CARGO_HOME") {
        return Ok(PathBuf::from(home));
    }
    let home = std::env::var_os("HOME").context("neither CARGO_HOME nor HOME is set")?;
    Ok(PathBuf::from(home).join(".cargo"))
}

fn digest(file: &Path) -> Result<String> {
    let said = output(&mut command("sha256sum", &[text(file)?]))?;
    Ok(said.split_whitespace().next().context("`sha256sum` said nothing")?.to_string())
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().with_context(|| format!("{} is not UTF-8", path.display()))
}

#[cfg(test)]
mod tests {
    use super::settle;
    use std::collections::BTreeMap;
    use std::path::Path;
    use std::process::Command;

    #[test]
    fn a_build_is_told_to_forget_where_it_is() {
        let mut build = Command::new("cargo");
        settle(&mut build, Path::new("/a b/src"), Path::new("/a b/out"), Path::new("/c")).unwrap();
        let told: BTreeMap<_, _> = build
            .get_envs()
            .map(|(name, value)| (name.to_str().unwrap(), value.map(|value| value.to_str().unwrap())))
            .collect();
        let flags: Vec<&str> = told["CARGO_ENCODED_RUSTFLAGS"].unwrap().split('\u{1f}').collect();
        assert_eq!(
            flags,
            [
                "--remap-path-prefix=/a b/src=/provost",
                "--remap-path-prefix=/a b/out=/target",
                "--remap-path-prefix=/c=/cargo"
            ]
        );
        assert_eq!(told["RUSTFLAGS"], None, "what the environment adds is taken away");
        assert_eq!(told["SOURCE_DATE_EPOCH"], Some("0"));
    }
}
