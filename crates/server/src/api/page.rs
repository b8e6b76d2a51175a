//! Lists: `{"items": […], "next": cursor}`.

use super::{Answer, ok};
use crate::app::Failure;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use provost_scim::{ScimError, ScimType};
use serde::{Deserialize, Serialize};
use std::{fmt::Display, str::FromStr};
use utoipa::IntoParams;

/// Items on one page, at most.
pub(super) const LIMIT_MAX: u64 = 200;
/// Items on a page for which no `limit` is asked.
const LIMIT_DEFAULT: u64 = 50;

/// The query of a list that has no filters.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PageQuery {
    /// Items on the page: 1 to 200, 50 unless said.
    limit: Option<u64>,
    /// `next` of the page before; absent for the first.
    cursor: Option<String>,
}

/// The page that is asked for: what comes behind `after`.
#[derive(Debug, PartialEq)]
pub(super) struct Page<K> {
    /// At most how many items.
    pub limit: u64,
    /// The key of the last item of the page before.
    pub after: Option<K>,
}

/// A page of a list.
#[derive(Serialize)]
struct List<T> {
    items: Vec<T>,
    /// Null on the last page.
    next: Option<String>,
}

impl PageQuery {
    pub(super) fn page<K: FromStr>(&self) -> Result<Page<K>, Failure> {
        Page::read(self.limit, self.cursor.as_deref())
    }
}

impl<K> Page<K> {
    /// One more than the page has, which tells whether there is another page.
    pub(super) fn limit_and_one(&self) -> u64 {
        self.limit + 1
    }
}

impl<K: FromStr> Page<K> {
    /// Reads `limit` and `cursor` of a query.
    ///
    /// # Errors
    /// A limit out of range; a cursor that this list did not give.
    pub(super) fn read(limit: Option<u64>, cursor: Option<&str>) -> Result<Self, Failure> {
        let refused = |detail: String| Failure::from(ScimError::bad_request(ScimType::InvalidValue, detail));
        let limit = limit.unwrap_or(LIMIT_DEFAULT);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(refused(format!("`limit` is a number from 1 to {LIMIT_MAX}")));
        }
        let read = |cursor: &str| String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?.parse().ok();
        let after = cursor.map(|cursor| read(cursor).ok_or(())).transpose();
        let after = after.map_err(|()| refused("`cursor` is not one that this list gave as `next`".to_owned()))?;
        Ok(Self { limit, after })
    }
}

/// The cursor of the page behind an item.
pub(super) fn cursor(key: impl Display) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(key.to_string())
}

/// Cuts what was found with [`Page::limit_and_one`] to the page, and answers with `next`.
pub(super) fn cut<T, K: Display>(found: &mut Vec<T>, limit: u64, key: impl Fn(&T) -> K) -> Option<String> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    if found.len() <= limit {
        return None;
    }
    found.truncate(limit);
    found.last().map(|last| cursor(key(last)))
}

/// The answer with a page.
pub(super) fn list<T: Serialize>(items: Vec<T>, next: Option<String>) -> Answer {
    ok(&List { items, next })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_behind_the_item_it_was_made_from() {
        let mut found = vec![3, 4, 5];
        let next = cut(&mut found, 2, |item| *item);
        assert_eq!(found, [3, 4]);
        assert_eq!(Page::read(Some(2), next.as_deref()).unwrap(), Page { limit: 2, after: Some(4) });
        assert_eq!(cut(&mut found, 2, |item| *item), None, "the last page has no next");
    }

    #[test]
    fn what_is_no_cursor_and_no_limit_is_refused() {
        let ours = cursor("x");
        for (limit, cursor, detail) in [
            (Some(0), None, "`limit` is a number from 1 to 200"),
            (Some(201), None, "`limit` is a number from 1 to 200"),
            (None, Some("%"), "`cursor` is not one that this list gave as `next`"),
            (None, Some(ours.as_str()), "`cursor` is not one that this list gave as `next`"),
        ] {
            assert_eq!(Page::<u64>::read(limit, cursor).unwrap_err().to_string(), detail);
        }
        assert_eq!(Page::<u64>::read(None, None).unwrap(), Page { limit: 50, after: None });
    }
}
