//! Looking for a resource, and reading one.

use super::{Wire, encoded};
use crate::{FiltersForm, MatchingValue, Method, Objects, Request, TargetPath};
use serde_json::Value as Json;
use uuid::Uuid;

impl Wire<'_> {
    /// Asks for the resources that have a value; `None` where the source has none. A group's members are left out.
    ///
    /// The value stands in the filter as a JSON string, so that quotes and backslashes cannot end it, and is percent-encoded.
    pub fn find(&self, matching: &MatchingValue) -> Option<Request> {
        Some(self.query(&matching.target, matching.value.as_ref()?))
    }

    /// Reads a resource. A group's members are left out.
    pub fn read(&self, id: &str) -> Request {
        let members = match self.objects.of {
            Objects::Users => "",
            Objects::Groups => "?excludedAttributes=members",
        };
        Request::plain(Method::Get, format!("{}{members}", self.resource(id)))
    }

    /// Asks for something that nobody has, by the attribute with the first matching precedence: a target that works answers 200 with an
    /// empty list. Users and groups are both asked when a connection is tested, whether or not groups are provisioned.
    pub fn probe(&self, random: Uuid) -> Request {
        let fallback = match self.objects.of {
            Objects::Users => "userName",
            Objects::Groups => "displayName",
        };
        let value = Json::from(random.hyphenated().to_string());
        match self.objects.matching().first() {
            Some(row) => self.query(&row.target, &value),
            None => self.filtered(&format!("{fallback} eq {value}")),
        }
    }

    fn query(&self, target: &TargetPath, value: &Json) -> Request {
        self.filtered(&self.condition(target, value))
    }

    /// That an attribute has a value, as a filter.
    pub(super) fn condition(&self, target: &TargetPath, value: &Json) -> String {
        let is_standard = self.compatibility().filters == FiltersForm::Standard;
        match &target.sub {
            Some(sub) if is_standard && !target.filter.is_empty() => {
                let element = target.element().trim_end_matches(']');
                format!("{element} and {sub} eq {value}]")
            }
            Some(_) | None => format!("{target} eq {value}"),
        }
    }

    pub(super) fn filtered(&self, filter: &str) -> Request {
        let members = match self.objects.of {
            Objects::Users => "",
            Objects::Groups => "excludedAttributes=members&",
        };
        let path = format!("{}?{members}filter={}", self.endpoint(), encoded(filter));
        Request::plain(Method::Get, path)
    }
}
