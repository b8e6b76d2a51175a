//! `cargo xtask sbom`: what the release binary is made of, as CycloneDX 1.5 (ECMA-424).
//!
//! The same sources give the same bytes: no time, no serial number, everything in the order of its reference.

mod linked;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use crate::command::{root, run as run_command, target_dir};
use crate::setup::sbom_python;
use linked::{Linked, Package};

/// The binary that is released.
const BINARY: &str = "provost";
/// What it is built for unless `--target` says otherwise.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// Says what the schema refuses.
const VALIDATE: &str = "tests/sbom/validate.py";

/// What was asked for.
#[derive(Debug, PartialEq)]
struct Asked {
    target: String,
    check: bool,
}

/// Writes `target/sbom/provost-TARGET.cdx.json`, and holds it against CycloneDX's own schema when that is asked for.
///
/// # Errors
/// When cargo does not tell what is linked, or a package has no licence, or no checksum in `Cargo.lock`; when the schema refuses the
/// document, or what reads the schema is not installed.
pub fn run(arguments: &[String]) -> Result<()> {
    let Asked { target, check } = asked(arguments)?;
    let file = write(&target)?;
    if check {
        let python = sbom_python()?;
        ensure!(python.exists(), "what reads the schema is not installed: run `cargo xtask setup`");
        run_command(Command::new(python).current_dir(root()).arg(VALIDATE).arg(&file))?;
    }
    Ok(())
}

fn asked(arguments: &[String]) -> Result<Asked> {
    let mut asked = Asked { target: TARGET.to_string(), check: false };
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--check" => asked.check = true,
            "--target" => asked.target.clone_from(words.next().context("`--target` needs a triple")?),
            _ => bail!("usage: cargo xtask sbom [--target TRIPLE] [--check]"),
        }
    }
    Ok(asked)
}

/// Where it was written to.
fn write(target: &str) -> Result<PathBuf> {
    let linked = Linked::ask(BINARY, target)?;
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).context("Cargo.lock")?;
    let document = document(&linked, &checksums(&lock)?, target)?;
    let folder = target_dir()?.join("sbom");
    std::fs::create_dir_all(&folder)?;
    let file = folder.join(format!("{BINARY}-{target}.cdx.json"));
    std::fs::write(&file, format!("{document:#}\n"))?;
    println!("{}: {} components", file.display(), linked.packages.len());
    Ok(file)
}

/// The SHA-256 of each package from a registry, by name and version.
type Checksums = BTreeMap<(String, String), String>;

fn checksums(lock: &str) -> Result<Checksums> {
    let lock: toml::Table = toml::from_str(lock).context("Cargo.lock")?;
    let packages = lock.get("package").and_then(toml::Value::as_array).context("Cargo.lock lists no packages")?;
    let text = |package: &toml::Value, key: &str| package.get(key).and_then(toml::Value::as_str).map(str::to_string);
    let of = |package| Some(((text(package, "name")?, text(package, "version")?), text(package, "checksum")?));
    Ok(packages.iter().filter_map(of).collect())
}

fn document(linked: &Linked, checksums: &Checksums, target: &str) -> Result<Value> {
    let mut components = Vec::new();
    let mut dependencies = Vec::new();
    for package in &linked.packages {
        dependencies.push(json!({ "ref": package.reference(), "dependsOn": linked.references_of(package) }));
        if package.name != BINARY {
            components.push(component(package, checksums)?);
        }
    }
    let binary = linked.packages.iter().find(|package| package.name == BINARY).context("the binary is not linked")?;
    Ok(json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "lifecycles": [{ "phase": "build" }],
            "component": {
                "type": "application",
                "bom-ref": binary.reference(),
                "name": binary.name,
                "version": binary.version,
                "licenses": [{ "expression": licence(binary)? }],
                "purl": format!("pkg:generic/{}@{}", binary.name, binary.version),
            },
            "properties": [{ "name": "cargo:target", "value": target }],
        },
        "components": components,
        "dependencies": dependencies,
    }))
}

fn component(package: &Package, checksums: &Checksums) -> Result<Value> {
    let mut component = json!({
        "type": "library",
        "bom-ref": package.reference(),
        "name": package.name,
        "version": package.version,
        "scope": "required",
        "licenses": [{ "expression": licence(package)? }],
    });
    let fields = component.as_object_mut().expect("it was made as one");
    if package.is_from_registry {
        let key = (package.name.clone(), package.version.clone());
        let checksum = checksums.get(&key).with_context(|| format!("{} has no checksum", package.reference()))?;
        fields.insert("hashes".to_string(), json!([{ "alg": "SHA-256", "content": checksum }]));
    }
    if let Some(purl) = package.purl() {
        fields.insert("purl".to_string(), json!(purl));
    }
    if let Some(repository) = &package.repository {
        fields.insert("externalReferences".to_string(), json!([{ "type": "vcs", "url": repository }]));
    }
    Ok(component)
}

/// As an SPDX expression; `/` is the old way to write `OR`.
fn licence(package: &Package) -> Result<String> {
    let named = package.license.as_ref().with_context(|| format!("{} names no licence", package.reference()))?;
    Ok(named.split('/').map(str::trim).collect::<Vec<_>>().join(" OR "))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Asked, BINARY, TARGET, asked, checksums, document, licence};
    use crate::command::root;
    use crate::sbom::linked::{Linked, Package};
    use serde_json::Value;

    fn of_this_workspace() -> Value {
        let lock = std::fs::read_to_string(root().join("Cargo.lock")).unwrap();
        document(&Linked::ask(BINARY, TARGET).unwrap(), &checksums(&lock).unwrap(), TARGET).unwrap()
    }

    fn texts<'a>(list: &'a Value, key: &str) -> Vec<&'a str> {
        list.as_array().unwrap().iter().filter_map(|one| one[key].as_str()).collect()
    }

    #[test]
    fn the_bill_names_what_is_linked_and_nothing_that_only_builds_or_tests() {
        let bill = of_this_workspace();
        let names = texts(&bill["components"], "name");
        for linked in ["axum", "rusqlite", "libsqlite3-sys", "rustls", "ring", "provost-store"] {
            assert!(names.contains(&linked), "{linked} is linked");
        }
        for in_c in ["pkg:generic/sqlite@3.", "pkg:generic/jemalloc@5."] {
            let is_there = texts(&bill["components"], "purl").iter().any(|purl| purl.starts_with(in_c));
            assert!(is_there, "{in_c} lies in the package that binds it");
        }
        for other in ["provost", "provost-testkit", "xtask", "proptest", "expect-test", "serde_derive", "syn", "cc"] {
            assert!(!names.contains(&other), "{other} is not linked");
        }
        assert_eq!(texts(&bill["components"], "bom-ref").len(), names.len());
    }

    #[test]
    fn every_component_has_a_licence_and_one_from_elsewhere_says_from_where() {
        let bill = of_this_workspace();
        for component in bill["components"].as_array().unwrap() {
            assert!(component["licenses"][0]["expression"].is_string(), "{component}");
            let is_ours = component["name"].as_str().unwrap().starts_with("provost-");
            assert_eq!(component["purl"].is_null(), is_ours, "{component}");
            let is_package = component["purl"].as_str().is_some_and(|purl| purl.starts_with("pkg:cargo/"));
            assert_eq!(
                component["hashes"][0]["content"].as_str().map(str::len),
                is_package.then_some(64),
                "{component}"
            );
        }
    }

    #[test]
    fn the_graph_is_whole_and_the_same_twice() {
        let bill = of_this_workspace();
        let mut known: BTreeSet<&str> = texts(&bill["components"], "bom-ref").into_iter().collect();
        let binary = bill["metadata"]["component"]["bom-ref"].as_str().unwrap();
        known.insert(binary);
        let nodes: BTreeSet<&str> = texts(&bill["dependencies"], "ref").into_iter().collect();
        assert_eq!(nodes, known, "each stands in the graph once");
        let mut reached = BTreeSet::from([binary]);
        let mut open = vec![binary];
        while let Some(one) = open.pop() {
            let node = bill["dependencies"].as_array().unwrap().iter().find(|node| node["ref"] == one).unwrap();
            for next in node["dependsOn"].as_array().unwrap().iter().filter_map(Value::as_str) {
                assert!(known.contains(next), "{one} -> {next}");
                if reached.insert(next) {
                    open.push(next);
                }
            }
        }
        assert_eq!(reached, known, "everything is there for the binary");
        assert_eq!(of_this_workspace().to_string(), bill.to_string());
    }

    #[test]
    fn a_target_and_check_are_read_in_any_order() {
        let read = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_string()).collect();
            asked(&words).map_err(|error| error.to_string())
        };
        let wanted = |target: &str, check| Ok(Asked { target: target.to_string(), check });
        assert_eq!(read(&[]), wanted(TARGET, false));
        assert_eq!(
            read(&["--check", "--target", "aarch64-unknown-linux-gnu"]),
            wanted("aarch64-unknown-linux-gnu", true)
        );
        assert_eq!(read(&["--target"]), Err("`--target` needs a triple".to_string()));
        assert_eq!(read(&["all"]), Err("usage: cargo xtask sbom [--target TRIPLE] [--check]".to_string()));
    }

    #[test]
    fn an_old_licence_is_written_as_an_expression() {
        let package = |license: Option<&str>| Package { license: license.map(str::to_string), ..Package::default() };
        assert_eq!(licence(&package(Some("Unlicense/MIT"))).unwrap(), "Unlicense OR MIT");
        assert_eq!(licence(&package(Some("MIT OR Apache-2.0"))).unwrap(), "MIT OR Apache-2.0");
        assert!(licence(&package(None)).is_err());
    }
}
