//! What is linked into a binary, as cargo tells: no procedural macros, nothing that only builds or tests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result};

use crate::command::{cargo, output};
use crate::metadata::Metadata;

/// A package, or the library in C that one brings along.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// As it names it; `None` where it names none.
    pub license: Option<String>,
    /// Where its sources are kept.
    pub repository: Option<String>,
    /// Whether it comes from the registry; else it is ours, or comes inside of another package.
    pub is_from_registry: bool,
    /// Whether it is no package of cargo's.
    pub is_bundled: bool,
}

impl Package {
    /// Names it within one bill of materials.
    pub fn reference(&self) -> String {
        self.purl().unwrap_or_else(|| format!("{}@{}", self.name, self.version))
    }

    /// Its package URL; `None` for ours, which lie in no registry.
    pub fn purl(&self) -> Option<String> {
        match (self.is_from_registry, self.is_bundled) {
            (true, _) => Some(format!("pkg:cargo/{}@{}", self.name, self.version)),
            (false, true) => Some(format!("pkg:generic/{}@{}", self.name, self.version)),
            (false, false) => None,
        }
    }
}

/// What is linked into a binary, and what needs what.
pub struct Linked {
    /// In the order of their names and versions, the binary's own among them.
    pub packages: Vec<Package>,
    /// References, by reference.
    arrows: BTreeMap<String, BTreeSet<String>>,
}

impl Linked {
    /// Asks cargo, without building anything. `cargo tree` knows which features a build has, `cargo metadata` the rest.
    ///
    /// # Errors
    /// When cargo does not answer, or `Cargo.lock` is out of date.
    pub fn ask(binary: &str, target: &str) -> Result<Self> {
        let tree = ["tree", "--locked", "--package", binary, "--edges", "normal,no-proc-macro", "--prefix", "none"];
        let tree = output(cargo(&tree).args(["--target", target]))?;
        let linked: BTreeSet<(String, String)> = tree.lines().filter_map(name_and_version).collect();
        Self::of(&linked, Metadata::ask(&[target])?)
    }

    fn of(linked: &BTreeSet<(String, String)>, metadata: Metadata) -> Result<Self> {
        let mut packages = BTreeSet::new();
        let mut arrows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut by_id = BTreeMap::new();
        for one in metadata.packages {
            if !linked.contains(&(one.name.clone(), one.version.clone())) {
                continue;
            }
            let package = Package {
                name: one.name,
                version: one.version,
                license: one.license,
                repository: one.repository,
                is_from_registry: one.source.is_some(),
                is_bundled: false,
            };
            if let Some(bundled) = bundled(&package.name, &one.manifest_path)? {
                arrows.entry(package.reference()).or_default().insert(bundled.reference());
                packages.insert(bundled);
            }
            by_id.insert(one.id, package.reference());
            packages.insert(package);
        }
        for node in metadata.resolve.nodes {
            let Some(from) = by_id.get(&node.id) else { continue };
            let to = node.normal().filter_map(|id| by_id.get(id).cloned());
            arrows.entry(from.clone()).or_default().extend(to);
        }
        Ok(Self { packages: packages.into_iter().collect(), arrows })
    }

    /// What a package needs, by reference, in order.
    pub fn references_of(&self, package: &Package) -> Vec<&str> {
        self.arrows.get(&package.reference()).into_iter().flatten().map(String::as_str).collect()
    }
}

/// `serde v1.0.229 (*)`: what a line of `cargo tree` is about.
fn name_and_version(line: &str) -> Option<(String, String)> {
    let mut words = line.split_whitespace();
    let (name, version) = (words.next()?, words.next()?.strip_prefix('v')?);
    Some((name.to_string(), version.to_string()))
}

/// The library in C whose sources lie in the package that binds it.
fn bundled(binding: &str, manifest: &Path) -> Result<Option<Package>> {
    let (name, license, repository, header, sign) = match binding {
        "libsqlite3-sys" => {
            ("sqlite", "blessing", "https://www.sqlite.org/src", "sqlite3/sqlite3.h", "#define SQLITE_VERSION ")
        }
        "tikv-jemalloc-sys" => {
            ("jemalloc", "BSD-2-Clause", "https://github.com/jemalloc/jemalloc", "jemalloc/ChangeLog", "* ")
        }
        _ => return Ok(None),
    };
    let file = manifest.with_file_name(header);
    let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    let line = text.lines().find_map(|line| line.strip_prefix(sign));
    let version = line.and_then(|line| line.split_whitespace().next()).with_context(|| format!("{header}: {sign}"))?;
    Ok(Some(Package {
        name: name.to_string(),
        version: version.trim_matches('"').to_string(),
        license: Some(license.to_string()),
        repository: Some(repository.to_string()),
        is_from_registry: false,
        is_bundled: true,
    }))
}

#[cfg(test)]
mod tests {
    use super::name_and_version;

    #[test]
    fn a_line_of_the_tree_names_a_package_or_nothing() {
        for (line, expected) in [
            ("serde v1.0.229", Some(("serde", "1.0.229"))),
            ("provost v0.0.0 (/somewhere/crates/provost)", Some(("provost", "0.0.0"))),
            ("tokio v1.52.0 (*)", Some(("tokio", "1.52.0"))),
            ("", None),
            ("[build-dependencies]", None),
        ] {
            let expected = expected.map(|(name, version)| (name.to_string(), version.to_string()));
            assert_eq!(name_and_version(line), expected, "{line}");
        }
    }
}
