//! A target in memory, as good a SCIM server as a probe needs, which can have ways of its own.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use percent_encoding::percent_decode_str;
use provost_engine::{Answer, Body, Method, Reply, Request, TargetPath};
use serde_json::{Map, Value as Json, json};

const MANAGER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Where a target differs from what Entra expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    RefusesTextBooleans,
    KeepsTextBooleans,
    WantsManagerObject,
    RefusesOtherSchemas,
    RefusesNullReferences,
    RemovesAllMembers,
    TakesOneMember,
    RefusesEntraFilters,
    FindsNothingByEntraFilters,
    IgnoresFilters,
    KeepsPackedRoles,
    NeedsElements,
    RefusesCapitals,
    HasNoGroups,
    MakesNothing,
    KeepsActive,
    TakesNoPatch,
    RefusesDeletes,
    DropsTitles,
    FreezesNames,
    TakesBulk,
    SaysNothingOfBulk,
    /// Otherwise a filter asks for its last value alone.
    TakesOr,
}

pub struct FakeTarget {
    ways: Vec<Way>,
    kept: Vec<(String, Map<String, Json>)>,
    last: usize,
    /// The request whose answer is lost, counted from 0.
    pub loses: Option<usize>,
    pub requests: usize,
    pub writes: usize,
}

type Refused = (u16, &'static str);

impl FakeTarget {
    /// A target that somebody else has a user and a group at.
    pub fn new(ways: &[Way]) -> Self {
        let other = |kind: &str, name: &str| {
            let resource = json!({ "id": format!("other-{kind}"), name: "somebody else" });
            (kind.to_owned(), resource.as_object().unwrap().clone())
        };
        let kept = vec![other("Users", "userName"), other("Groups", "displayName")];
        Self { ways: ways.to_vec(), kept, last: 0, loses: None, requests: 0, writes: 0 }
    }

    /// Whether there is only what was there before.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How much has come to what was there before.
    pub fn len(&self) -> usize {
        self.kept.len() - 2
    }

    pub fn reply(&mut self, request: &Request) -> Reply {
        let number = self.requests;
        self.requests += 1;
        self.writes += usize::from(request.method != Method::Get);
        let (status, body) = match self.answer(request) {
            Ok((status, body)) => (status, body),
            Err((status, detail)) => (status, Body::Json(json!({ "status": status.to_string(), "detail": detail }))),
        };
        if self.loses == Some(number) {
            Reply::TimedOut
        } else {
            Reply::Answered(Answer { status, retry_after: None, body })
        }
    }

    fn is(&self, way: Way) -> bool {
        self.ways.contains(&way)
    }

    /// Whatever it says of itself, it does them only where that is its way.
    fn bulk(&mut self, body: &Json) -> Result<(u16, Body), Refused> {
        if !self.is(Way::TakesBulk) && !self.is(Way::SaysNothingOfBulk) {
            return Err((501, "no bulk here"));
        }
        let mut told = Vec::new();
        for operation in body["Operations"].as_array().unwrap() {
            let path = operation["path"].as_str().unwrap().to_owned();
            let request = Request::with(Method::Patch, path, &operation["data"]);
            let (status, _) = self.answer(&request)?;
            told.push(json!({ "method": "PATCH", "bulkId": operation["bulkId"], "status": status.to_string() }));
        }
        if self.is(Way::SaysNothingOfBulk) {
            told.clear();
        }
        Ok((200, Body::Json(json!({ "Operations": told }))))
    }

    fn answer(&mut self, request: &Request) -> Result<(u16, Body), Refused> {
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        let mut parts = path.trim_start_matches('/').split('/');
        let kind = parts.next().unwrap().to_owned();
        let id = parts.next().map(|id| percent_decode_str(id).decode_utf8().unwrap().into_owned());
        if self.is(Way::HasNoGroups) && kind == "Groups" {
            return Err((404, "no groups here"));
        }
        match (request.method, kind.as_str(), id) {
            (Method::Get, "ServiceProviderConfig", _) => Ok((
                200,
                Body::Json(json!({
                    "patch": { "supported": true }, "filter": { "supported": true, "maxResults": 200 },
                    "bulk": { "supported": true, "maxOperations": 1000, "maxPayloadSize": 1048576 }
                })),
            )),
            (Method::Get, "ResourceTypes" | "Schemas", _) => Ok((200, Body::Json(json!({ "totalResults": 0 })))),
            (Method::Get, _, None) => self.search(&kind, query),
            (Method::Get, _, Some(id)) => Ok((200, Body::Json(Json::Object(self.resource(&kind, &id)?.clone())))),
            (Method::Post, "Bulk", _) => self.bulk(&request.body.as_ref().unwrap().to_json()),
            (Method::Post, _, _) => self.create(&kind, request.body.as_ref().unwrap().to_json()),
            (Method::Patch, _, Some(id)) => self.patch(&kind, &id, &request.body.as_ref().unwrap().to_json()),
            (Method::Delete, _, Some(id)) if !self.is(Way::RefusesDeletes) => {
                self.resource(&kind, &id)?;
                self.kept.retain(|(_, resource)| resource["id"] != id.as_str());
                Ok((204, Body::Empty))
            }
            (Method::Patch | Method::Delete, _, _) => Err((405, "not so")),
        }
    }

    fn resource(&mut self, kind: &str, id: &str) -> Result<&mut Map<String, Json>, Refused> {
        let mut all = self.kept.iter_mut().filter(|(known, _)| known == kind);
        all.find(|(_, resource)| resource["id"] == id).map(|(_, resource)| resource).ok_or((404, "not there"))
    }

    fn search(&self, kind: &str, query: &str) -> Result<(u16, Body), Refused> {
        let filter = query.split('&').find_map(|part| part.strip_prefix("filter=")).unwrap();
        let filter = percent_decode_str(filter).decode_utf8().unwrap().into_owned();
        let is_entra = filter.contains("].");
        if is_entra && self.is(Way::RefusesEntraFilters) {
            return Err((400, "no such filter"));
        }
        let conditions = if self.is(Way::TakesOr) { filter.split(" or ").collect() } else { vec![filter.as_str()] };
        let values: Vec<&str> = conditions.iter().map(|condition| condition.rsplit('"').nth(1).unwrap()).collect();
        let holds = |resource: &Map<String, Json>| {
            let text = Json::Object(resource.clone()).to_string();
            self.is(Way::IgnoresFilters)
                || !(is_entra && self.is(Way::FindsNothingByEntraFilters))
                    && values.iter().any(|value| text.contains(&format!("\"{value}\"")))
        };
        let found: Vec<&Map<String, Json>> =
            self.kept.iter().filter(|(known, resource)| known == kind && holds(resource)).map(|(_, one)| one).collect();
        Ok((200, Body::Json(json!({ "totalResults": found.len(), "Resources": found }))))
    }

    fn create(&mut self, kind: &str, body: Json) -> Result<(u16, Body), Refused> {
        let Json::Object(mut resource) = body else { panic!("a body is an object") };
        if self.is(Way::MakesNothing) {
            return Err((400, "nothing is made here"));
        }
        let is_other = resource.contains_key("meta") || resource["schemas"].to_string().contains("microsoft");
        if self.is(Way::RefusesOtherSchemas) && is_other {
            return Err((400, "unknown schema"));
        }
        if self.is(Way::DropsTitles) {
            resource.remove("title");
        }
        self.last += 1;
        resource.insert("id".to_owned(), json!(self.last.to_string()));
        self.kept.push((kind.to_owned(), resource.clone()));
        Ok((201, Body::Json(Json::Object(resource))))
    }

    fn patch(&mut self, kind: &str, id: &str, body: &Json) -> Result<(u16, Body), Refused> {
        if self.is(Way::TakesNoPatch) {
            return Err((501, "PATCH is not there"));
        }
        let mut resource = self.resource(kind, id)?.clone();
        for operation in body["Operations"].as_array().unwrap() {
            let op = operation["op"].as_str().unwrap();
            if self.is(Way::RefusesCapitals) && op != op.to_lowercase() {
                return Err((400, "unknown op"));
            }
            match operation.get("path") {
                Some(path) => self.operation(&mut resource, op, path.as_str().unwrap(), operation.get("value"))?,
                None => {
                    for (path, value) in operation["value"].as_object().unwrap() {
                        self.operation(&mut resource, op, path, Some(value))?;
                    }
                }
            }
        }
        *self.resource(kind, id)? = resource;
        Ok((204, Body::Empty))
    }

    fn operation(
        &self,
        resource: &mut Map<String, Json>,
        op: &str,
        path: &str,
        value: Option<&Json>,
    ) -> Result<(), Refused> {
        let path = TargetPath::parse(path).unwrap();
        match path.name.as_str() {
            "members" => return self.members(resource, op, &path, value),
            "roles" => return self.roles(resource, value.unwrap()),
            "active" => return self.active(resource, value.unwrap()),
            "title" if self.is(Way::DropsTitles) => return Ok(()),
            "name" if self.is(Way::FreezesNames) => return Err((400, "names do not change")),
            "manager" if self.is(Way::WantsManagerObject) && !value.unwrap().is_object() => {
                return Err((400, "a manager is an object"));
            }
            _ => {}
        }
        let holder = match &path.extension {
            Some(urn) => {
                assert_eq!(urn, MANAGER);
                resource.entry(urn.clone()).or_insert(json!({})).as_object_mut().unwrap()
            }
            None => resource,
        };
        let value = value.unwrap().clone();
        match (&path.sub, path.filter.is_empty()) {
            (None, _) => match holder.get_mut(&path.name) {
                Some(Json::Array(list)) => list.extend(value.as_array().unwrap().iter().cloned()),
                Some(_) | None => {
                    holder.insert(path.name.clone(), value);
                }
            },
            (Some(sub), true) => {
                holder.entry(path.name.clone()).or_insert(json!({}))[sub] = value;
            }
            (Some(sub), false) => {
                let list = holder.entry(path.name.clone()).or_insert(json!([])).as_array_mut().unwrap();
                let is_meant = |one: &Json| path.filter.iter().all(|(name, value)| one[name] == *value);
                match list.iter_mut().find(|one| is_meant(one)) {
                    Some(element) => element[sub] = value,
                    None if self.is(Way::NeedsElements) => return Err((400, "noTarget")),
                    None => {
                        let mut element: Map<String, Json> = path.filter.iter().cloned().collect();
                        element.insert(sub.clone(), value);
                        list.push(Json::Object(element));
                    }
                }
            }
        }
        Ok(())
    }

    fn active(&self, resource: &mut Map<String, Json>, value: &Json) -> Result<(), Refused> {
        let is_text = value.is_string();
        if is_text && self.is(Way::RefusesTextBooleans) {
            return Err((400, "active is a boolean"));
        }
        let keeps = self.is(Way::KeepsTextBooleans);
        let value = if is_text && !keeps { json!(value == "True") } else { value.clone() };
        if !self.is(Way::KeepsActive) {
            resource.insert("active".to_owned(), value);
        }
        Ok(())
    }

    fn roles(&self, resource: &mut Map<String, Json>, value: &Json) -> Result<(), Refused> {
        let unpacked = |role: &Json| {
            let inner = role["value"].as_str().and_then(|text| serde_json::from_str::<Json>(text).ok());
            if self.is(Way::KeepsPackedRoles) { role.clone() } else { inner.unwrap_or_else(|| role.clone()) }
        };
        resource.insert("roles".to_owned(), value.as_array().unwrap().iter().map(unpacked).collect());
        Ok(())
    }

    fn members(
        &self,
        resource: &mut Map<String, Json>,
        op: &str,
        path: &TargetPath,
        value: Option<&Json>,
    ) -> Result<(), Refused> {
        let named: Vec<Json> = value.and_then(Json::as_array).cloned().unwrap_or_default();
        if self.is(Way::RefusesNullReferences) && named.iter().any(|one| one.get("$ref").is_some()) {
            return Err((400, "$ref is null"));
        }
        if self.is(Way::TakesOneMember) && (named.len() > 1 || !path.filter.is_empty()) {
            return Err((400, "one at a time, and by value"));
        }
        let list = resource.entry("members").or_insert(json!([])).as_array_mut().unwrap();
        if op.eq_ignore_ascii_case("add") {
            list.extend(named.iter().map(|one| json!({ "value": one["value"] })));
            return Ok(());
        }
        if path.filter.is_empty() && self.is(Way::RemovesAllMembers) {
            list.clear();
            return Ok(());
        }
        let by_filter = path.filter.iter().map(|(_, value)| value.clone());
        let gone: Vec<Json> = by_filter.chain(named.iter().map(|one| one["value"].clone())).collect();
        list.retain(|one| !gone.contains(&one["value"]));
        Ok(())
    }
}
