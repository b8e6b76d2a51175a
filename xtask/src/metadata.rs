//! What `cargo metadata` tells: the packages, and what each needs.

use std::path::PathBuf;

use anyhow::Result;
use serde::Deserialize;

use crate::command::{cargo, output};

/// The part of `cargo metadata` that we read.
#[derive(Deserialize)]
pub struct Metadata {
    /// All packages, also such that no target asked for needs.
    pub packages: Vec<Package>,
    /// What needs what.
    pub resolve: Resolve,
    /// The ids of our own packages.
    pub workspace_members: Vec<String>,
}

/// What a package says of itself.
#[derive(Deserialize)]
pub struct Package {
    /// Names it within one answer.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// As it names it; `None` where it names none.
    pub license: Option<String>,
    /// Where its sources are kept.
    pub repository: Option<String>,
    /// Where it was got from; `None` for a folder.
    pub source: Option<String>,
    /// Where its `Cargo.toml` lies.
    pub manifest_path: PathBuf,
}

/// What needs what, on the targets asked for.
#[derive(Deserialize)]
pub struct Resolve {
    /// One for each package that is needed.
    pub nodes: Vec<Node>,
}

/// What one package needs.
#[derive(Deserialize)]
pub struct Node {
    /// The package's id.
    pub id: String,
    deps: Vec<Edge>,
}

#[derive(Deserialize)]
struct Edge {
    pkg: String,
    dep_kinds: Vec<EdgeKind>,
}

/// `None` is a normal dependency; `build` and `dev` are named.
#[derive(Deserialize)]
struct EdgeKind {
    kind: Option<String>,
}

impl Metadata {
    /// Asks cargo, without building anything, what the workspace is made of on some targets.
    ///
    /// # Errors
    /// When cargo does not answer, or `Cargo.lock` is out of date.
    pub fn ask(targets: &[&str]) -> Result<Self> {
        let mut ask = cargo(&["metadata", "--format-version=1", "--locked"]);
        ask.args(targets.iter().flat_map(|target| ["--filter-platform", target]));
        Ok(serde_json::from_str(&output(&mut ask)?)?)
    }
}

impl Node {
    /// The ids of what it needs neither for its tests nor for its build script.
    pub fn normal(&self) -> impl Iterator<Item = &str> {
        let normal = self.deps.iter().filter(|edge| edge.dep_kinds.iter().any(|kind| kind.kind.is_none()));
        normal.map(|edge| edge.pkg.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::{Metadata, Node};

    #[test]
    fn what_only_builds_or_tests_is_not_needed_normally() {
        let edge = |id: &str, kinds: &str| format!(r#"{{"pkg":"{id}","dep_kinds":[{kinds}]}}"#);
        let (normal, build, dev) = (r#"{"kind":null}"#, r#"{"kind":"build"}"#, r#"{"kind":"dev"}"#);
        let edges = [edge("a", normal), edge("b", build), edge("c", dev), edge("d", &format!("{build},{normal}"))];
        let node: Node = serde_json::from_str(&format!(r#"{{"id":"x","deps":[{}]}}"#, edges.join(","))).unwrap();
        assert_eq!(node.normal().collect::<Vec<_>>(), ["a", "d"]);
    }

    #[test]
    fn this_workspace_is_read() {
        let metadata = Metadata::ask(&["x86_64-unknown-linux-gnu"]).unwrap();
        let own = metadata.packages.iter().find(|package| package.name == "xtask").unwrap();
        assert!(metadata.workspace_members.contains(&own.id) && own.source.is_none());
        assert!(own.manifest_path.ends_with("xtask/Cargo.toml"), "{}", own.manifest_path.display());
        let node = metadata.resolve.nodes.iter().find(|node| node.id == own.id).unwrap();
        assert!(node.normal().any(|id| id.contains("anyhow")));
    }
}
