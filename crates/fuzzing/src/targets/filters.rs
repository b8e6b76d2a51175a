//! Filters and paths as texts.

use crate::oracle::{self, Expression, Kind};
use crate::types;
use provost_scim::{AttrPath, Filter, PatchPath, Projection};
use serde_json::Map;

/// Bounds that `Filter::parse` and the parsers of paths promise.
const FILTER_BYTES: usize = 8_192;
const PATH_BYTES: usize = 4_096;
const DEPTH: usize = 32;
const NODES: usize = 200;

pub(super) fn filter(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(filter) = Filter::parse(text) else { return };
    assert!(text.len() <= FILTER_BYTES, "a filter of {} bytes", text.len());
    let (depth, nodes) = size(&filter);
    assert!(depth <= DEPTH && nodes <= NODES, "{depth} levels and {nodes} nodes");
    let printed = filter.to_string();
    if printed.len() > FILTER_BYTES {
        // What stood there as it is, is escaped in what is printed.
        return;
    }
    assert_eq!(Filter::parse(&printed).as_ref(), Ok(&filter), "{printed}");
    let expression = Expression::parse(&printed).unwrap_or_else(|| panic!("the oracle cannot read {printed}"));
    for kind in types::all() {
        let oracle_kind = Kind::of(kind);
        let query = filter.resolve(kind);
        let negated = Filter::Not(Box::new(filter.clone())).resolve(kind);
        for document in types::resources(kind) {
            let expected = oracle::matches(&oracle_kind, &expression, document);
            match (&query, expected) {
                (Ok(query), Ok(expected)) => {
                    assert_eq!(query.matches(document), expected, "{printed} on a {}", kind.name);
                    let negated = negated.as_ref().expect("what can be asked can be denied");
                    assert_eq!(negated.matches(document), !expected, "not ({printed}) on a {}", kind.name);
                }
                (Err(_), Err(_)) => {}
                (found, expected) => panic!("{printed} on a {}: {found:?}, expected {expected:?}", kind.name),
            }
        }
    }
}

/// Levels of value filters and negations, and nodes: of what the bounds count, what is left in the tree.
fn size(filter: &Filter) -> (usize, usize) {
    match filter {
        Filter::Present(_) | Filter::Compare(_) => (0, 1),
        Filter::And(terms) | Filter::Or(terms) => {
            terms.iter().map(size).fold((0, 1), |all, one| (all.0.max(one.0), all.1 + one.1))
        }
        Filter::Not(inner) | Filter::Value { filter: inner, .. } => {
            let (depth, nodes) = size(inner);
            (depth + 1, nodes + 1)
        }
    }
}

pub(super) fn path(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(path) = PatchPath::parse(text) {
        assert!(text.len() <= PATH_BYTES, "a path of {} bytes", text.len());
        let printed = path.to_string();
        assert!(printed.len() > PATH_BYTES || PatchPath::parse(&printed) == Ok(path), "{printed}");
    }
    if let Ok(path) = AttrPath::parse(text) {
        let printed = path.to_string();
        assert_eq!(AttrPath::parse(&printed).as_ref(), Ok(&path), "{printed}");
        for kind in types::all() {
            let found = kind.resolve(&path).ok();
            // Names compare in any case, ASCII that they are.
            let shouted = AttrPath::parse(&printed.to_ascii_uppercase()).expect("upper case is well formed, too");
            assert_eq!(kind.resolve(&shouted).ok(), found, "{printed} in capitals");
        }
    }
    if let Ok(projection) = Projection::parse(Some(text), None) {
        for kind in types::all() {
            assert!(projection.apply(kind, Map::new()).is_empty(), "{text} makes something of nothing");
            for document in types::resources(kind) {
                let shown = projection.apply(kind, document.clone());
                assert!(shown.len() <= document.len(), "{text} shows more than there is");
            }
        }
    }
}
