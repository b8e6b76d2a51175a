//! The targets: each is one function of bytes that panics where a property does not hold.

#[cfg(feature = "server")]
mod cursors;
mod differential;
mod expressions;
mod filters;
#[cfg(feature = "server")]
mod http;
mod json;
mod policies;
mod tables;

/// A function of bytes, with the name of its corpus.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The folder in `fuzz/corpus/`, and the binary in `fuzz/fuzz_targets/`.
    pub name: &'static str,
    /// What holds for all bytes.
    pub property: &'static str,
    /// Panics where it does not.
    pub check: fn(&[u8]),
}

/// All targets, in the order in which they are run.
pub const TARGETS: &[Target] = &[
    Target {
        name: "filter",
        property: "a filter reads back as it is printed, keeps its bounds, and matches what the oracle matches",
        check: filters::filter,
    },
    Target {
        name: "filter_oracle",
        property: "on a schema made from the bytes, a filter matches and is refused exactly when the oracle says so",
        check: differential::filter,
    },
    Target {
        name: "path",
        property: "a path, a list of attributes and an order read back as they are printed, and keep their bounds",
        check: filters::path,
    },
    Target {
        name: "patch",
        property: "a PATCH gives a valid resource in canonical form, or an error and no change",
        check: json::patch,
    },
    Target {
        name: "patch_oracle",
        property: "on a schema made from the bytes, a PATCH gives what the oracle gives, or the same refusal",
        check: differential::patch,
    },
    Target {
        name: "resource",
        property: "a body becomes a resource in canonical form that reads as itself, or is refused",
        check: json::resource,
    },
    Target {
        name: "bulk",
        property: "every operation of a bulk request runs once, behind what it refers to, and no reference is left",
        check: json::bulk,
    },
    #[cfg(feature = "server")]
    Target {
        name: "cursor",
        property: "a cursor that was changed is refused, and so is one of another question or caller",
        check: cursors::cursor,
    },
    Target {
        name: "expression",
        property: "an expression reads back as it is printed, and its evaluation ends within its budget, twice the same",
        check: expressions::expression,
    },
    Target {
        name: "table",
        property: "a table has the same rows however it is cut into reads, each as wide as its titles",
        check: tables::table,
    },
    Target {
        name: "policy",
        property: "a policy document that is taken is complete: written and read again, it is the same",
        check: policies::policy,
    },
    #[cfg(feature = "server")]
    Target {
        name: "http",
        property: "no bytes on a connection make the server panic, hang or answer 5xx",
        check: http::http,
    },
];

/// The target of this name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

/// Checks the property of the target of this name.
///
/// # Panics
/// When it does not hold, or when there is no such target.
pub fn check(name: &str, bytes: &[u8]) {
    let target = target(name).unwrap_or_else(|| panic!("there is no target `{name}`"));
    (target.check)(bytes);
}
