//! What a target says of itself, and whether it can be searched.

use super::{
    Bulk, Conversation,
    session::{Asked, Said},
};
use crate::{Method, Objects, Request, listed, seen::member};
use serde_json::Value as Json;

impl Conversation<'_> {
    /// Reads what the target says of itself. A target that says nothing is taken as it shows itself later.
    pub(super) fn discover(&mut self) -> Asked<()> {
        let config = self.session.ask(get("/ServiceProviderConfig"))?.json;
        self.report.patch = supported(&config, "patch");
        self.report.filter_results_max = number(&config, "filter", "maxResults");
        self.report.bulk = supported(&config, "bulk").filter(|yes| *yes).map(|_| Bulk {
            operations_max: number(&config, "bulk", "maxOperations"),
            bytes_max: number(&config, "bulk", "maxPayloadSize"),
        });
        let types = self.session.ask(get("/ResourceTypes"))?;
        let is_group =
            |one: &&Json| text(one, "endpoint").is_some_and(|end| end.trim_end_matches('/').ends_with("/Groups"));
        self.report.groups = types.is_done() && resources(&types.json).iter().any(is_group);
        let schemas = self.session.ask(get("/Schemas"))?;
        if schemas.is_done() {
            let ids = resources(&schemas.json).into_iter().filter_map(|schema| text(schema, "id"));
            self.report.schemas = ids.take(SCHEMAS_MAX).map(str::to_owned).collect();
        }
        Ok(())
    }

    /// Searches for users and groups that nobody is. Whether anything can be searched and provisioned.
    pub(super) fn searches(&mut self) -> Asked<bool> {
        let users = self.session.ask(self.users.wire(self.dialect).probe(self.consent.nonce))?;
        let groups = self.session.ask(self.groups.wire(self.dialect).probe(self.consent.nonce))?;
        self.report.groups |= groups.is_done();
        if self.groups.is_enabled && !groups.is_done() {
            self.report.groups = false;
            self.report.obstacles.push(format!(
                "the target has no groups that can be searched ({}); switch the mapping of groups off",
                groups.words
            ));
        }
        for (of, said) in [(Objects::Users, &users), (Objects::Groups, &groups)] {
            if let Some(obstacle) = obstacle(of, said) {
                self.report.obstacles.push(obstacle);
            }
        }
        Ok(users.is_done() && obstacle(Objects::Users, &users).is_none())
    }
}

/// Most schemas that are named in a report.
const SCHEMAS_MAX: usize = 100;

/// Why a search for nobody shows that a target cannot be provisioned into.
fn obstacle(of: Objects, said: &Said) -> Option<String> {
    let collection = match of {
        Objects::Users => "/Users",
        Objects::Groups => "/Groups",
    };
    match (said.is_done(), listed(&said.json)) {
        (false, _) if of == Objects::Groups => None,
        (false, _) => Some(format!(
            "{collection} cannot be searched ({}); see to the tenant URL and the secret token",
            said.words
        )),
        (true, Err(problem)) => Some(format!("{collection}: {problem}")),
        (true, Ok(found)) if found.is_empty() => None,
        (true, Ok(found)) => Some(format!(
            "{collection} answers a search for nobody with {} resources: filters are ignored, so people would be taken for others",
            found.len()
        )),
    }
}

fn get(path: &str) -> Request {
    Request::plain(Method::Get, path.to_owned())
}

/// The resources of a list, or those of an array, since there are servers that leave the list out.
fn resources(json: &Json) -> Vec<&Json> {
    match json {
        Json::Array(resources) => resources.iter().collect(),
        other => listed(other).unwrap_or_default(),
    }
}

fn at<'j>(json: &'j Json, name: &str) -> Option<&'j Json> {
    member(json.as_object()?, name)
}

fn text<'j>(json: &'j Json, name: &str) -> Option<&'j str> {
    at(json, name)?.as_str()
}

fn supported(config: &Json, feature: &str) -> Option<bool> {
    at(at(config, feature)?, "supported")?.as_bool()
}

fn number(config: &Json, feature: &str, name: &str) -> Option<u64> {
    at(at(config, feature)?, name)?.as_u64()
}
