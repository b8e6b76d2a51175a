//! From what a client asks for to what the store looks for.

use crate::{app::Failure, scim::Offered};
use provost_accounts::{Configuration, Refused, indexes::State, policy::Filters, users::bin};
use provost_change::{IndexEntry, Kind, ResourceId};
use provost_scim::{Filter, Operator, Query, ScimError, ScimType, SortBy, SortOrder};
use provost_store::{Candidates, Edges, Search, Sort};

/// Resources that a filter or an order without an index may look at.
pub const SCAN_MAX: u64 = 10_000;

/// What a filter may name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// The attributes of the type as clients see it, and nothing else.
    Shown,
    /// All attributes that can be stored, for those who administer the account.
    Stored,
    /// Anything, since the search is over all types; what a type does not have has no value there.
    Any,
}

/// A search for all resources of a type.
pub(crate) fn all(of: Offered<'_>) -> Search {
    within(of.kind(), of.full().name.clone(), Candidates::All)
}

/// A search for whatever stands there.
fn within(kind: Kind, resource_type: String, candidates: Candidates) -> Search {
    Search {
        kind,
        resource_type,
        candidates,
        filter: None,
        within: None,
        edges: Edges::default(),
        sort: None,
        after: None,
        offset: 0,
        limit: 1,
        scan_max: SCAN_MAX,
        config: None,
    }
}

/// A search for resources of a type; the page is the caller's to set.
///
/// # Errors
/// `invalidFilter` for a filter that cannot be read or names something else.
pub(crate) fn search(
    config: &Configuration,
    of: Offered<'_>,
    names: Names,
    filter: Option<&str>,
) -> Result<Search, Failure> {
    let Some(text) = filter else { return Ok(all(of)) };
    let query = query(of, names, text)?;
    let indexed = &of.full().indexed;
    let equal = query.lookups(indexed).map(|lookups| candidates(of, lookups));
    let candidates = equal.or_else(|| beginnings(of, &query)).unwrap_or(Candidates::All);
    let edges = edges(of, &query)?;
    // What an index answers in full need not be read again to be believed. An id is no index entry: it may name nothing.
    let answered = match &candidates {
        Candidates::Ids(_) | Candidates::All => false,
        Candidates::Under(_) | Candidates::Containing(_) | Candidates::MembersOf(_) => query.is_its_lookups(indexed),
        Candidates::Beginning(_) => query.is_its_beginnings(indexed),
    };
    let filter = if answered { None } else { Some(query) };
    // A declared index goes when it is taken back, and a search that began before must not miss what is gone from it.
    let config = rests_on_declared(config, &of.kind(), &candidates).then_some(config.version);
    Ok(Search { candidates, filter, edges, config, ..all(of) })
}

fn rests_on_declared(config: &Configuration, kind: &Kind, candidates: &Candidates) -> bool {
    match candidates {
        Candidates::Under(entries) | Candidates::Beginning(entries) => {
            entries.iter().any(|entry| config.is_declared(kind, &entry.attribute, &[State::Ready]))
        }
        Candidates::All | Candidates::Ids(_) | Candidates::Containing(_) | Candidates::MembersOf(_) => false,
    }
}

/// A search in the bin; the page is the caller's to set.
///
/// # Errors
/// `invalidFilter` for a filter that cannot be read or names something else.
pub(crate) fn deleted_users(config: &Configuration, filter: Option<&str>) -> Result<Search, Failure> {
    let of = Offered::User(config);
    let in_the_bin = Search { kind: Kind::DELETED_USER, ..all(of) };
    let Some(text) = filter else { return Ok(in_the_bin) };
    let query = query(of, Names::Stored, text)?;
    let found = query.lookups(&bin::INDEXED.map(str::to_owned));
    let candidates = found.map_or(Candidates::All, |lookups| candidates(of, lookups));
    Ok(Search { candidates, filter: Some(query), ..in_the_bin })
}

/// A search for the users in the bin who were deleted first; they come in that order.
pub(crate) fn deleted_first(config: &Configuration, limit: u64) -> Result<Search, Failure> {
    let of = Offered::User(config);
    // A record in the bin changed last when it came there.
    let by = SortBy::parse("meta.lastModified", of.full())?;
    let sort = Sort { by, order: SortOrder::Ascending, index: Some(bin::DELETED_AT.to_owned()) };
    Ok(Search { kind: Kind::DELETED_USER, sort: Some(sort), limit, ..all(of) })
}

/// A search for the records of a kind that are found under an index entry. Their documents are none that a filter could ask.
pub(crate) fn under(kind: Kind, entry: IndexEntry) -> Search {
    let name = kind.to_string();
    within(kind, name, Candidates::Under(vec![entry]))
}

/// A search for the users that are found under an index entry.
pub fn users_under(config: &Configuration, entry: IndexEntry) -> Search {
    Search { candidates: Candidates::Under(vec![entry]), ..all(Offered::User(config)) }
}

/// Where to look. A mixture of ids, memberships and other values is rare enough to be looked for without an index.
fn candidates(of: Offered<'_>, lookups: Vec<(String, String)>) -> Candidates {
    let all_are = |name: &str| lookups.iter().all(|(found, _)| found == name);
    let ids = || -> Vec<ResourceId> { lookups.iter().filter_map(|(_, value)| value.parse().ok()).collect() };
    match of.kind() {
        _ if all_are("id") => Candidates::Ids(ids()),
        kind if kind == Kind::GROUP && all_are("members.value") => Candidates::Containing(ids()),
        kind if kind == Kind::USER && all_are("groups.value") => Candidates::MembersOf(ids()),
        _ if lookups.iter().any(|(name, _)| matches!(name.as_str(), "id" | "members.value" | "groups.value")) => {
            Candidates::All
        }
        _ => {
            let entry = |(name, value): (String, String)| IndexEntry { attribute: of.indexed(&name), value };
            Candidates::Under(lookups.into_iter().map(entry).collect())
        }
    }
}

/// Where to look by how values begin.
fn beginnings(of: Offered<'_>, query: &Query) -> Option<Candidates> {
    let found = query.beginnings(&of.full().indexed)?;
    let are_values = found.iter().all(|(name, _)| !matches!(name.as_str(), "members.value" | "groups.value"));
    let entry = |(name, value): (String, String)| IndexEntry { attribute: of.indexed(&name), value };
    are_values.then(|| Candidates::Beginning(found.into_iter().map(entry).collect()))
}

/// What a filter asks about membership, which is compared by ids only.
fn edges(of: Offered<'_>, query: &Query) -> Result<Edges, Failure> {
    let refused = |attribute: &str, further: &str| {
        let detail = format!("`{attribute}` is compared by `{attribute}.value eq`{further} or `{attribute} pr` only");
        Failure::from(ScimError::bad_request(ScimType::InvalidFilter, detail))
    };
    let ids = |values: Vec<String>| values.iter().filter_map(|value| value.parse().ok()).collect();
    match of {
        Offered::Group(_) => {
            let with_type = ", `members[value eq … and type eq …]`";
            let terms = query.edge_terms("members").ok_or_else(|| refused("members", with_type))?;
            Ok(Edges { members: ids(terms.values), any_member: terms.any, ..Edges::default() })
        }
        Offered::User(_) => {
            // Whether somebody is in a group directly is known of the edges only, not of what lies above them.
            let terms = query.edge_terms("groups").filter(|terms| !terms.types);
            let terms = terms.ok_or_else(|| refused("groups", ""))?;
            Ok(Edges { groups: ids(terms.values), any_group: terms.any, ..Edges::default() })
        }
        Offered::Own(_) => Ok(Edges::default()),
    }
}

fn query(of: Offered<'_>, names: Names, text: &str) -> Result<Query, Failure> {
    let filter = Filter::parse(text).map_err(ScimError::from)?;
    let query = match names {
        Names::Shown => filter.resolve(of.shown()),
        Names::Stored => filter.resolve(of.full()),
        Names::Any => filter.resolve_at_root(of.shown()),
    };
    Ok(query.map_err(ScimError::from)?)
}

/// Whether the policy takes such a filter from clients (`clients.filters`).
///
/// # Errors
/// `invalidFilter` for anything but `eq` joined by `and`, where only these are taken.
pub fn allow(config: &Configuration, filter: Option<&str>) -> Result<(), Failure> {
    let Some(text) = filter.filter(|_| config.policy.clients.filters == Filters::EqAnd) else { return Ok(()) };
    if is_eq_and(&Filter::parse(text).map_err(ScimError::from)?) {
        return Ok(());
    }
    let detail = "filters of this account use `eq` and `and` only";
    Err(Refused::by("clients.filters", 400, Some(ScimType::InvalidFilter), detail).into())
}

fn is_eq_and(filter: &Filter) -> bool {
    match filter {
        Filter::And(parts) => parts.iter().all(is_eq_and),
        Filter::Compare(comparison) => comparison.operator == Operator::Eq,
        Filter::Value { filter, .. } => is_eq_and(filter),
        Filter::Or(_) | Filter::Not(_) | Filter::Present(_) => false,
    }
}
