//! Users and groups as people name them in a body: by id, or by what they are called.

use super::{
    asked::InAccount,
    body::{at_most, member},
};
use crate::{app::Failure, scim::Offered, search};
use provost_accounts::{Group, User, groups, users};
use provost_change::{IndexEntry, Kind, Record, ResourceId};
use provost_scim::text::fold;
use provost_store::{Candidates, Search};

/// Longest name, in bytes.
pub(super) const NAMED_MAX: usize = 1_024;

/// The one user with this id or userName. `name` is the member of the body that says so.
///
/// # Errors
/// `Member`, when there is none or there are several.
pub(super) async fn user(asked: &InAccount, name: &str, text: &str) -> Result<User, Failure> {
    let record = one(asked, Offered::User(&asked.config), users::USER_NAME, (name, text)).await?;
    Ok(User::read(asked.account(), record)?)
}

/// The one group with this id or displayName. `name` is the member of the body that says so.
///
/// # Errors
/// `Member`, when there is none or there are several.
pub(super) async fn group(asked: &InAccount, name: &str, text: &str) -> Result<Group, Failure> {
    let record = one(asked, Offered::Group(&asked.config), groups::DISPLAY_NAME, (name, text)).await?;
    Ok(Group::read(asked.account(), record)?)
}

async fn one(asked: &InAccount, of: Offered<'_>, index: &str, (name, text): (&str, &str)) -> Result<Record, Failure> {
    at_most(name, text.len(), NAMED_MAX, "bytes")?;
    let (store, kind) = (asked.request.app.store(), of.kind());
    let (noun, called) = match kind == Kind::GROUP {
        true => ("group", "displayName"),
        false => ("user", "userName"),
    };
    let mut found = match text.parse::<ResourceId>() {
        Ok(id) => store.load(asked.account(), &[(kind, id)]).await?.into_iter().flatten().collect(),
        Err(_) => {
            let entry = IndexEntry { attribute: index.to_owned(), value: fold(text, false).into_owned() };
            let search = Search { candidates: Candidates::Under(vec![entry]), limit: 2, ..search::all(of) };
            store.search(asked.account(), &search).await?.records
        }
    };
    match (found.pop(), found.len()) {
        (Some(record), 0) => Ok(record),
        (Some(_), _) => Err(member(name, format!("several {noun}s have this {called}: give an id"))),
        (None, _) => Err(member(name, format!("no {noun} of this account has this id or {called}"))),
    }
}
