//! A SCIM server in memory, which reads both of Entra's dialects.

use jiff::SignedDuration;
use provost_engine::{Answer, Body, Content, Method, Request};
use provost_scim::{
    Comparison, ElementStep, Filter, Literal, NoMatch, Operator, PatchRequest, Resource, ResourceType, dialect, urn,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How a target takes a search for several.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Or {
    Full,
    Refused,
    /// It shows so many, whatever it finds.
    Page(usize),
    /// It looks at the first condition alone.
    OnlyFirst,
}

pub struct Target {
    users_type: ResourceType,
    groups_type: ResourceType,
    pub users: BTreeMap<String, Resource>,
    pub groups: BTreeMap<String, Resource>,
    pub members: BTreeMap<String, BTreeSet<String>>,
    /// Whether names are unique, as they should be.
    pub is_strict: bool,
    /// Users with these names are refused.
    pub refuses: BTreeSet<String>,
    /// The status of every answer, where it is out of order.
    pub always: Option<u16>,
    /// `Retry-After` of that, in seconds.
    pub retry_after: Option<i64>,
    /// What whoever has no role has all the same.
    pub default_role: Option<String>,
    /// Whether it answers to what was written without showing it.
    pub is_terse: bool,
    /// Operations of one bulk request: what it says of itself, and what it really takes; `None` where it takes none.
    pub bulk: Option<(usize, usize)>,
    /// How it takes searches for several.
    pub or: Or,
    /// Whether it answers to bulk requests without showing what was made.
    pub is_terse_in_bulk: bool,
    /// Disables and deletes that were done.
    pub deletions: usize,
    next: usize,
}

impl Target {
    pub fn new() -> Self {
        Self {
            users_type: ResourceType::user().unwrap(),
            groups_type: ResourceType::group().unwrap(),
            users: BTreeMap::new(),
            groups: BTreeMap::new(),
            members: BTreeMap::new(),
            is_strict: true,
            refuses: BTreeSet::new(),
            always: None,
            retry_after: None,
            default_role: None,
            is_terse: false,
            bulk: None,
            or: Or::Full,
            is_terse_in_bulk: false,
            deletions: 0,
            next: 0,
        }
    }

    pub fn answer(&mut self, request: &Request) -> Answer {
        if let Some(status) = self.always {
            let retry_after = self.retry_after.map(SignedDuration::from_secs);
            return Answer { retry_after, ..error(status, "out of order") };
        }
        match (request.path.as_str(), self.bulk) {
            ("/ServiceProviderConfig", bulk) => {
                let said = bulk
                    .map_or(json!({"supported": false}), |(said, _)| json!({"supported": true, "maxOperations": said}));
                return answer(200, json!({ "bulk": said }));
            }
            ("/Bulk", Some((_, most))) => return self.all_of(&operations_of(request), most),
            (_, _) => {}
        }
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        let mut segments = path.trim_start_matches('/').splitn(2, '/');
        let is_user = segments.next() == Some("Users");
        let id = segments.next().map(decoded);
        let answer = match (request.method, id) {
            (Method::Get, None) => self.find(is_user, query),
            (Method::Get, Some(id)) => self.read(is_user, &id, query),
            (Method::Post, None) => self.make(is_user, request.body.as_ref().map(Content::to_json).unwrap_or_default()),
            (Method::Patch, Some(id)) => {
                self.patch(is_user, &id, request.body.as_ref().map(Content::to_json).unwrap_or_default())
            }
            (Method::Delete, Some(id)) => self.delete(is_user, &id),
            (_, _) => error(405, "no such method here"),
        };
        match (request.method, &answer) {
            (Method::Post, Answer { status: 201, body: Body::Json(made), .. }) if self.is_terse => {
                Answer { body: Body::Json(json!({"id": made["id"]})), ..answer }
            }
            (Method::Patch, Answer { status: 200, .. }) if self.is_terse => {
                Answer { status: 204, body: Body::Empty, ..answer }
            }
            (_, _) => answer,
        }
    }

    fn all_of(&mut self, operations: &[Value], most: usize) -> Answer {
        if operations.len() > most {
            return error(413, "too many operations");
        }
        let done: Vec<Value> = operations.iter().map(|operation| self.one_of(operation)).collect();
        answer(200, json!({"schemas": [urn::BULK_RESPONSE], "Operations": done}))
    }

    /// Does one operation of a bulk request.
    fn one_of(&mut self, operation: &Value) -> Value {
        let (verb, path) = (operation["method"].as_str().unwrap(), operation["path"].as_str().unwrap());
        let method = if verb == "POST" { Method::Post } else { Method::Patch };
        let request = Request::with(method, path.to_owned(), &operation["data"]);
        let Answer { status, body, .. } = self.answer(&request);
        let mut told = json!({"method": verb, "bulkId": operation["bulkId"], "status": status.to_string()});
        let Body::Json(body) = body else { return told };
        let id = body["id"].as_str().map(str::to_owned);
        if let Some(id) = id.filter(|_| status < 300) {
            let collection = path.split('/').nth(1).unwrap();
            told["location"] = json!(format!("https://target.example/scim/{collection}/{id}"));
        }
        if status >= 300 || !self.is_terse_in_bulk {
            told["response"] = body;
        }
        told
    }

    /// A user as it is kept.
    fn kept(&self, is_user: bool, mut resource: Resource) -> Resource {
        let has_none = resource.get("roles").and_then(Value::as_array).is_none_or(Vec::is_empty);
        if let Some(role) = self.default_role.as_ref().filter(|_| is_user && has_none) {
            resource.set("roles", json!([{"value": role, "display": role}]));
        }
        resource
    }

    fn of(&mut self, is_user: bool) -> &mut BTreeMap<String, Resource> {
        if is_user { &mut self.users } else { &mut self.groups }
    }

    fn find(&mut self, is_user: bool, query: &str) -> Answer {
        let filter = query.split('&').find_map(|part| part.strip_prefix("filter=")).map(decoded).unwrap_or_default();
        let mut wanted = match Filter::parse(&filter) {
            Ok(Filter::Or(several)) if self.or != Or::Refused => several,
            Ok(one @ Filter::Compare(_)) => vec![one],
            Ok(_) | Err(_) => return error(400, "only comparisons are understood"),
        };
        if self.or == Or::OnlyFirst {
            wanted.truncate(1);
        }
        let is_found = |resource: &&Resource| wanted.iter().any(|wanted| is_equal(resource, wanted));
        let ids: Vec<String> =
            self.of(is_user).values().filter(is_found).filter_map(|one| one.id().map(str::to_owned)).collect();
        let shown = if let Or::Page(most) = self.or { most } else { ids.len() };
        let found: Vec<Value> = ids.iter().take(shown).map(|id| self.shown(is_user, id)).collect();
        answer(200, json!({"schemas": [urn::LIST_RESPONSE], "totalResults": ids.len(), "Resources": found}))
    }

    fn read(&mut self, is_user: bool, id: &str, query: &str) -> Answer {
        let Some(resource) = self.of(is_user).get(id).cloned() else { return error(404, "no such resource") };
        let mut body = resource.attributes().clone();
        if !is_user && !query.contains("excludedAttributes=members") {
            let members = self.members.get(id).into_iter().flatten().map(|id| json!({"value": id}));
            body.insert("members".to_owned(), members.collect());
        }
        if is_user {
            return answer(200, self.shown(true, id));
        }
        answer(200, Value::Object(body))
    }

    /// As it is shown; of a user with the groups that it is in.
    fn shown(&mut self, is_user: bool, id: &str) -> Value {
        let mut body = self.of(is_user)[id].attributes().clone();
        if is_user {
            let groups = self.members.iter().filter(|(_, members)| members.contains(id));
            body.insert("groups".to_owned(), groups.map(|(group, _)| json!({"value": group})).collect());
        }
        Value::Object(body)
    }

    fn make(&mut self, is_user: bool, body: Value) -> Answer {
        let kind = if is_user { &self.users_type } else { &self.groups_type };
        let (body, _) = dialect::normalise_resource(body, kind);
        let Ok(incoming) = kind.read(body) else { return error(400, "no such resource can be made") };
        let mut resource = incoming.resource;
        let name = if is_user { "userName" } else { "displayName" };
        let value = resource.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        if self.refuses.contains(&value) {
            return error(400, "this one is refused");
        }
        let is_strict = self.is_strict;
        let is_taken = |known: &Resource| {
            known.get(name).and_then(Value::as_str).is_some_and(|known| known.eq_ignore_ascii_case(&value))
        };
        if is_strict && self.of(is_user).values().any(is_taken) {
            return error(409, "the name is taken");
        }
        self.next += 1;
        let id = format!("t{}", self.next);
        resource.set_id(&id);
        let resource = self.kept(is_user, resource);
        let shown = Value::Object(resource.attributes().clone());
        self.of(is_user).insert(id, resource);
        answer(201, shown)
    }

    fn patch(&mut self, is_user: bool, id: &str, body: Value) -> Answer {
        let Some(current) = self.of(is_user).get(id).cloned() else { return error(404, "no such resource") };
        let kind = if is_user { &self.users_type } else { &self.groups_type };
        let (body, _) = dialect::normalise_patch(body, kind);
        let request = match PatchRequest::parse(body) {
            Ok(request) => request,
            Err(problem) => return error(400, &problem.to_string()),
        };
        let (request, steps) = match request.detach(kind, "members") {
            Ok(parts) => parts,
            Err(problem) => return error(400, &problem.to_string()),
        };
        let patched = match request.apply(kind, &current, NoMatch::Create) {
            Ok(patched) => patched.resource,
            Err(problem) => return error(400, &problem.to_string()),
        };
        for step in &steps {
            if let ElementStep::Add(elements) = step
                && !elements
                    .iter()
                    .all(|one| self.users.contains_key(&one.value) || self.groups.contains_key(&one.value))
            {
                return error(400, "no such member");
            }
        }
        let name = if is_user { "userName" } else { "displayName" };
        let value = patched.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let is_taken = |(other, known): (&String, &Resource)| {
            let known = known.get(name).and_then(Value::as_str);
            other != id && known.is_some_and(|known| known.eq_ignore_ascii_case(&value))
        };
        if self.is_strict && self.of(is_user).iter().any(is_taken) {
            return error(409, "the name is taken");
        }
        let patched = self.kept(is_user, patched);
        let was_active = is_active(&current);
        self.deletions += usize::from(is_user && was_active && !is_active(&patched));
        self.of(is_user).insert(id.to_owned(), patched.clone());
        let members = self.members.entry(id.to_owned()).or_default();
        for step in steps {
            match step {
                ElementStep::Clear => members.clear(),
                ElementStep::Add(elements) => members.extend(elements.into_iter().map(|one| one.value)),
                ElementStep::Remove(ids) => members.retain(|id| !ids.contains(id)),
                other => return error(400, &format!("not understood: {other:?}")),
            }
        }
        answer(200, Value::Object(patched.attributes().clone()))
    }

    fn delete(&mut self, is_user: bool, id: &str) -> Answer {
        let Some(gone) = self.of(is_user).remove(id) else { return error(404, "no such resource") };
        self.deletions += usize::from(!is_user || is_active(&gone));
        self.members.remove(id);
        for members in self.members.values_mut() {
            members.remove(id);
        }
        Answer { status: 204, retry_after: None, body: Body::Empty }
    }

    /// Ids of the resources that carry this external id.
    pub fn by_external_id(&self, is_user: bool, external: &str) -> Vec<&String> {
        let all = if is_user { &self.users } else { &self.groups };
        all.iter().filter(|(_, resource)| resource.external_id() == Some(external)).map(|(id, _)| id).collect()
    }
}

/// The operations of a bulk request.
pub fn operations_of(request: &Request) -> Vec<Value> {
    let mut body = request.body.as_ref().map(Content::to_json).unwrap_or_default();
    body["Operations"].as_array_mut().map(std::mem::take).unwrap_or_default()
}

pub fn is_active(resource: &Resource) -> bool {
    resource.get("active").and_then(Value::as_bool).unwrap_or(true)
}

fn answer(status: u16, body: Value) -> Answer {
    Answer { status, retry_after: None, body: Body::Json(body) }
}

fn error(status: u16, detail: &str) -> Answer {
    answer(status, json!({"schemas": [urn::ERROR], "status": status.to_string(), "detail": detail}))
}

/// Whether a resource has what a comparison asks for.
fn is_equal(resource: &Resource, filter: &Filter) -> bool {
    let Filter::Compare(Comparison { path, operator: Operator::Eq, value: Literal::Text(wanted) }) = filter else {
        panic!("nobody asks so: {filter:?}")
    };
    let value = resource.get(&path.to_string()).and_then(Value::as_str).unwrap_or_default();
    wanted.eq_ignore_ascii_case(value)
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}
