//! From what a client asks for to what the store looks for.

use crate::app::Failure;
use provost_accounts::{Configuration, users};
use provost_change::{IndexEntry, Kind};
use provost_scim::{Filter, Query, ResourceType, ScimError};
use provost_store::{Candidates, Search};

/// Users that a filter without an index may look at.
const SCAN_MAX: u64 = 10_000;

/// What a filter may name.
#[derive(Clone, Copy)]
pub enum Names<'c> {
    /// The attributes of this type, and nothing else.
    Of(&'c ResourceType),
    /// Anything, since the search is over all types; what this type does not have has no value.
    Any(&'c ResourceType),
}

/// A search for users; the page is the caller's to set.
///
/// # Errors
/// `invalidFilter` for a filter that cannot be read or names something else.
pub fn users(config: &Configuration, names: Names<'_>, filter: Option<&str>) -> Result<Search, Failure> {
    let query = filter.map(|text| query(names, text)).transpose()?;
    let lookups = query.as_ref().and_then(|query| query.lookups(&config.full_user.indexed));
    let exact = query.as_ref().is_some_and(|query| query.is_its_lookups(&config.full_user.indexed));
    let candidates = match lookups {
        None => Candidates::All,
        Some(lookups) if lookups.iter().all(|(name, _)| name == "id") => {
            Candidates::Ids(lookups.iter().filter_map(|(_, id)| id.parse().ok()).collect())
        }
        // A mixture of ids and other values is rare enough to be looked for without an index.
        Some(lookups) if lookups.iter().any(|(name, _)| name == "id") => Candidates::All,
        Some(lookups) => {
            let entry = |(name, value): (String, String)| IndexEntry { attribute: users::indexed(&name), value };
            Candidates::Under(lookups.into_iter().map(entry).collect())
        }
    };
    // What an index answers in full need not be read again to be believed. An id is no index entry: it may name nothing.
    let filter = if exact && matches!(candidates, Candidates::Under(_)) { None } else { query };
    Ok(Search { candidates, filter, ..all_users(config) })
}

/// A search for the users that are found under an index entry.
pub fn users_under(config: &Configuration, entry: IndexEntry) -> Search {
    Search { candidates: Candidates::Under(vec![entry]), ..all_users(config) }
}

/// A search for all users.
pub fn all_users(config: &Configuration) -> Search {
    Search {
        kind: Kind::USER,
        resource_type: config.user.name.clone(),
        candidates: Candidates::All,
        filter: None,
        within: None,
        offset: 0,
        limit: 1,
        scan_max: SCAN_MAX,
    }
}

fn query(names: Names<'_>, text: &str) -> Result<Query, Failure> {
    let filter = Filter::parse(text).map_err(ScimError::from)?;
    let query = match names {
        Names::Of(resource_type) => filter.resolve(resource_type),
        Names::Any(resource_type) => filter.resolve_at_root(resource_type),
    };
    Ok(query.map_err(ScimError::from)?)
}
