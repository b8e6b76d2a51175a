//! Lookups: searches for the resources that have a value. Several go in one search, `userName eq "ann" or userName eq "bob"`, and what it
//! finds is handed to whose value it has.

use super::{
    Wire, encoded,
    together::{Limits, Parted},
};
use crate::{Answer, Body, CompiledObjects, MatchingValue, Objects, Reply, Request, listed, seen::member};
use provost_scim::urn;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// How many lookups go in one search: their values have to stand in a URL, of which servers and what is before them take 8 kB and some
/// less, and pages of less than 20 resources are rare.
pub(crate) const LIMITS: Limits = Limits { operations: 20, bytes: 3_000 };

/// A search for the resources that have a value in an attribute.
#[derive(Clone, Debug)]
pub(crate) struct Lookup {
    /// The search by itself.
    pub request: Arc<Request>,
    condition: String,
    matching: MatchingValue,
}

impl Lookup {
    /// What it adds to a search.
    pub fn bytes(&self) -> usize {
        encoded(&self.condition).len() + encoded(OR).len()
    }
}

const OR: &str = " or ";

impl Wire<'_> {
    /// A search that may go with others; `None` for one that may not: for groups, or by an attribute that is not mapped, so that what is
    /// found could not be told apart.
    pub(crate) fn lookup(&self, matching: &MatchingValue) -> Option<Lookup> {
        let is_mapped = self.objects.row(matching.target.as_str()).is_some();
        if self.objects.of != Objects::Users || !is_mapped {
            return None;
        }
        let condition = self.condition(&matching.target, matching.value.as_ref()?);
        let request = Arc::new(self.filtered(&condition));
        Some(Lookup { request, condition, matching: matching.clone() })
    }

    /// The lookups as one search.
    pub(crate) fn lookups(&self, several: &[Arc<Lookup>]) -> Request {
        let conditions: Vec<&str> = several.iter().map(|one| one.condition.as_str()).collect();
        self.filtered(&conditions.join(OR))
    }
}

impl CompiledObjects {
    /// What each of the lookups found. An answer with resources that nobody looked for is believed in nothing; what is missing of a list
    /// that was cut short may be anybody's.
    pub(crate) fn apart(&self, lookups: &[Arc<Lookup>], reply: &Reply) -> Parted {
        let same = || Parted::Each(vec![reply.clone(); lookups.len()]);
        let answer = match reply {
            Reply::Answered(answer) => answer,
            // Perhaps it is the search that takes so long.
            Reply::TimedOut | Reply::Unclear(_) => return Parted::Refused,
            Reply::Unreachable(_) | Reply::Forbidden(_) => return same(),
        };
        match (answer.status, &answer.body) {
            (200..=299, Body::Json(body)) => self.handed_out(lookups, body),
            (413 | 414, _) => Parted::TooLarge,
            (401 | 429 | 502..=504, _) => same(),
            (_, _) => Parted::Refused,
        }
    }

    fn handed_out(&self, lookups: &[Arc<Lookup>], body: &Json) -> Parted {
        let Ok(resources) = listed(body) else { return Parted::Refused };
        let total = body.as_object().and_then(|body| member(body, "totalResults")).and_then(Json::as_u64);
        match total.map(|total| total.cmp(&(resources.len() as u64))) {
            Some(std::cmp::Ordering::Greater) => return Parted::TooLarge,
            Some(std::cmp::Ordering::Less) => return Parted::Refused,
            Some(std::cmp::Ordering::Equal) | None => {}
        }
        let mut found: Vec<Vec<&Json>> = vec![Vec::new(); lookups.len()];
        for resource in resources {
            let mut is_wanted = false;
            for (lookup, found) in lookups.iter().zip(&mut found) {
                if self.has(resource, &lookup.matching) {
                    found.push(resource);
                    is_wanted = true;
                }
            }
            if !is_wanted {
                return Parted::Refused;
            }
        }
        let answer = |found: Vec<&Json>| {
            let list = json!({ "schemas": [urn::LIST_RESPONSE], "totalResults": found.len(), "Resources": found });
            Reply::Answered(Answer { status: 200, retry_after: None, body: Body::Json(list) })
        };
        Parted::Each(found.into_iter().map(answer).collect())
    }
}
