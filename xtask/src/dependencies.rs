//! What the workspace may depend on: `deny.toml` read offline from `cargo metadata`, and the arrows between our crates.

use std::collections::{BTreeSet, HashMap};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::command::root;
use crate::licence;
use crate::metadata::{Metadata, Package};

/// Packages that would bring I/O, a runtime or a database into a crate.
const IO: &[&str] = &["axum", "hyper", "mio", "reqwest", "rusqlite", "rustls", "socket2", "tokio", "tokio-postgres"];

/// Crates that may not reach any of [`IO`], however far away.
const PURE: &[&str] = &["provost-accounts", "provost-change", "provost-engine", "provost-expression", "provost-scim"];

/// Packages that a crate may not name in its own `Cargo.toml`.
const MUST_NOT_KNOW: &[(&str, &[&str])] = &[
    ("provost-scim", &["provost-accounts", "provost-change", "provost-server", "provost-store"]),
    ("provost-change", &["provost-accounts", "provost-server", "provost-store"]),
    (
        "provost-expression",
        &["provost-accounts", "provost-change", "provost-client", "provost-scim", "provost-server", "provost-store"],
    ),
    ("provost-accounts", &["provost-client", "provost-engine", "provost-server", "provost-store"]),
    ("provost-engine", &["provost-client", "provost-server", "provost-store"]),
    ("provost-client", &["provost-accounts", "provost-change", "provost-engine", "provost-server", "provost-store"]),
    ("provost-store", &["provost-accounts", "provost-client", "provost-server", "axum", "hyper", "reqwest"]),
    ("provost-server", &["rusqlite", "tokio-postgres"]),
    ("provost-check", &["provost-accounts", "provost-change", "provost-client", "provost-server", "provost-store"]),
];

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Rules {
    graph: Graph,
    licenses: Licenses,
    bans: Bans,
    sources: Sources,
}

#[derive(Deserialize)]
struct Graph {
    targets: Vec<String>,
}

#[derive(Deserialize)]
struct Licenses {
    allow: Vec<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Banned>,
}

#[derive(Deserialize)]
struct Banned {
    #[serde(rename = "crate")]
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Sources {
    unknown_registry: String,
    unknown_git: String,
}

/// Checks every package that one of the targets in `deny.toml` builds.
///
/// # Errors
/// When a rule is broken (each breach is printed), `deny.toml` cannot be read, or `Cargo.lock` is out of date.
pub fn run(_arguments: &[String]) -> Result<()> {
    let rules = std::fs::read_to_string(root().join("deny.toml")).context("deny.toml")?;
    let rules: Rules = toml::from_str(&rules).context("deny.toml")?;
    let targets: Vec<&str> = rules.graph.targets.iter().map(String::as_str).collect();
    let metadata = Metadata::ask(&targets)?;
    let breaches = breaches(&rules, &metadata);
    for breach in &breaches {
        println!("{breach}");
    }
    if !breaches.is_empty() {
        bail!("{} dependencies break a rule of deny.toml or of xtask/src/dependencies.rs", breaches.len());
    }
    println!("{} packages: licences, sources, bans and the arrows between crates hold", metadata.resolve.nodes.len());
    Ok(())
}

/// What is wrong, one line each.
fn breaches(rules: &Rules, metadata: &Metadata) -> Vec<String> {
    let packages: HashMap<&str, &Package> = metadata.packages.iter().map(|one| (one.id.as_str(), one)).collect();
    let mut breaches = Vec::new();
    for node in &metadata.resolve.nodes {
        let Some(package) = packages.get(node.id.as_str()) else {
            breaches.push(format!("{}: not among the packages of `cargo metadata`", node.id));
            continue;
        };
        let shown = format!("{} {}", package.name, package.version);
        breaches.extend(bad_licence(rules, package).map(|why| format!("{shown}: {why}")));
        breaches.extend(bad_source(rules, metadata, package).map(|why| format!("{shown}: {why}")));
        if rules.bans.deny.iter().any(|banned| banned.name == package.name) {
            breaches.push(format!("{shown}: banned by deny.toml"));
        }
    }
    breaches.extend(second_registry(metadata));
    breaches.extend(bad_arrows(metadata, &packages));
    breaches
}

fn bad_licence(rules: &Rules, package: &Package) -> Option<String> {
    let Some(expression) = &package.license else {
        return Some("names no licence".to_string());
    };
    match licence::is_allowed(expression, &rules.licenses.allow) {
        Ok(true) => None,
        Ok(false) => Some(format!("licence `{expression}` is not allowed")),
        Err(error) => Some(format!("licence `{expression}` cannot be read: {error}")),
    }
}

/// A package comes from this workspace or from a registry: never from git or another place.
fn bad_source(rules: &Rules, metadata: &Metadata, package: &Package) -> Option<String> {
    if rules.sources.unknown_git != "deny" || rules.sources.unknown_registry != "deny" {
        return Some("deny.toml must deny unknown sources".to_string());
    }
    match &package.source {
        Some(source) => (!is_registry(source)).then(|| format!("source `{source}` is not a registry")),
        None => {
            let own = metadata.workspace_members.contains(&package.id);
            (!own).then(|| "a path outside the workspace".to_string())
        }
    }
}

/// All packages share one registry: cargo's default one, unless somebody replaced it for all of them.
fn second_registry(metadata: &Metadata) -> Option<String> {
    let sources = metadata.packages.iter().filter_map(|package| package.source.as_deref());
    let registries: BTreeSet<&str> = sources.filter(|source| is_registry(source)).collect();
    (registries.len() > 1).then(|| format!("more than one registry: {}", Vec::from_iter(registries).join(", ")))
}

fn is_registry(source: &str) -> bool {
    source.starts_with("registry+")
}

fn bad_arrows(metadata: &Metadata, packages: &HashMap<&str, &Package>) -> Vec<String> {
    let name = |id: &str| packages.get(id).map_or("", |package| package.name.as_str()).to_string();
    let mut arrows: HashMap<String, BTreeSet<String>> = HashMap::new();
    for node in &metadata.resolve.nodes {
        arrows.entry(name(&node.id)).or_default().extend(node.normal().map(name));
    }
    let mut breaches = Vec::new();
    for (from, forbidden) in MUST_NOT_KNOW {
        let known = arrows.get(*from).cloned().unwrap_or_default();
        breaches
            .extend(forbidden.iter().filter(|to| known.contains(**to)).map(|to| format!("{from} must not know {to}")));
    }
    for from in PURE {
        let mut reached = BTreeSet::from([(*from).to_string()]);
        let mut open = vec![(*from).to_string()];
        while let Some(one) = open.pop() {
            for next in arrows.get(&one).into_iter().flatten() {
                if IO.contains(&next.as_str()) {
                    breaches.push(format!("{from} is pure, yet reaches {next} through {one}"));
                }
                if reached.insert(next.clone()) {
                    open.push(next.clone());
                }
            }
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::{Metadata, Rules, breaches};

    const RULES: &str = r#"
        graph = { targets = [] }
        licenses = { allow = ["MIT"] }
        bans = { deny = [{ crate = "openssl-sys" }] }
        sources = { unknown-registry = "deny", unknown-git = "deny" }
    "#;

    /// A workspace of `provost-scim` and `provost-server` with one package from a registry that both depend on.
    fn workspace(name: &str, license: &str, source: &str) -> String {
        let other =
            r#"{"id":"x","name":"serde","version":"1.0.0","license":"MIT","source":"registry+r","manifest_path":""}"#;
        let package = format!(
            r#"{{"id":"p","name":"{name}","version":"1.0.0","license":{license},"source":{source},"manifest_path":""}}"#
        );
        let own = |name: &str| {
            format!(
                r#"{{"id":"{name}","name":"{name}","version":"0.0.0","license":"MIT","source":null,"manifest_path":""}}"#
            )
        };
        let node = |name: &str| format!(r#"{{"id":"{name}","deps":[{{"pkg":"p","dep_kinds":[{{"kind":null}}]}}]}}"#);
        format!(
            r#"{{"packages":[{},{},{package},{other}],"workspace_members":["provost-scim","provost-server"],
            "resolve":{{"nodes":[{},{},{{"id":"p","deps":[]}},{{"id":"x","deps":[]}}]}}}}"#,
            own("provost-scim"),
            own("provost-server"),
            node("provost-scim"),
            node("provost-server"),
        )
    }

    #[track_caller]
    fn check(name: &str, license: &str, source: &str, expected: &[&str]) {
        let rules: Rules = toml::from_str(RULES).unwrap();
        let metadata: Metadata = serde_json::from_str(&workspace(name, license, source)).unwrap();
        assert_eq!(breaches(&rules, &metadata), expected);
    }

    #[test]
    fn an_ordinary_package_breaks_nothing() {
        check("memchr", r#""MIT OR GPL-3.0-only""#, r#""registry+r""#, &[]);
    }

    #[test]
    fn a_licence_must_be_allowed_and_present() {
        check(
            "memchr",
            r#""GPL-3.0-only""#,
            r#""registry+r""#,
            &["memchr 1.0.0: licence `GPL-3.0-only` is not allowed"],
        );
        check("memchr", "null", r#""registry+r""#, &["memchr 1.0.0: names no licence"]);
    }

    #[test]
    fn a_package_comes_from_the_one_registry() {
        let git = r#""git+https://example.com/memchr""#;
        check("memchr", r#""MIT""#, git, &["memchr 1.0.0: source `git+https://example.com/memchr` is not a registry"]);
        check("memchr", r#""MIT""#, "null", &["memchr 1.0.0: a path outside the workspace"]);
        check("memchr", r#""MIT""#, r#""registry+q""#, &["more than one registry: registry+q, registry+r"]);
    }

    #[test]
    fn a_banned_name_is_refused() {
        check("openssl-sys", r#""MIT""#, r#""registry+r""#, &["openssl-sys 1.0.0: banned by deny.toml"]);
    }

    #[test]
    fn a_pure_crate_reaches_no_io_and_the_server_no_sql() {
        check(
            "rusqlite",
            r#""MIT""#,
            r#""registry+r""#,
            &[
                "provost-server must not know rusqlite",
                "provost-scim is pure, yet reaches rusqlite through provost-scim",
            ],
        );
    }
}
