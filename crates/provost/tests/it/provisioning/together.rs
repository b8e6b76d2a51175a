//! Writes that go together in bulk requests, and searches that do, as a proxy hears them.

use super::{Recorder, change, company, dsm, hire, through, users, went};
use crate::support::id;
use serde_json::{Value, json};

/// Users that are provisioned: more than one request takes.
const USERS: usize = 150;

/// Operations that one request takes.
const OPERATIONS_MAX: usize = 100;

/// What went over the wire since this was asked last.
#[derive(Default)]
struct Written {
    /// Bulk requests.
    requests: usize,
    /// Writes in one of them, as `POST /Users`.
    together: Vec<String>,
    /// Writes that went by themselves, in the same form.
    alone: Vec<String>,
}

/// Takes apart what was heard, and holds every bulk request to its limits.
fn written(recorder: &Recorder) -> Written {
    let mut written = Written::default();
    for heard in recorder.writes() {
        let path = heard.path.strip_prefix("/scim/v2").expect("it is below the base");
        if path != "/Bulk" {
            written.alone.push(format!("{} {path}", heard.method));
            continue;
        }
        let operations = heard.body["Operations"].as_array().expect("a bulk request has operations");
        assert!((2..=OPERATIONS_MAX).contains(&operations.len()), "{} operations", operations.len());
        let word = |of: &Value| of.as_str().expect("a word").to_owned();
        written.requests += 1;
        written
            .together
            .extend(operations.iter().map(|one| format!("{} {}", word(&one["method"]), word(&one["path"]))));
    }
    written
}

impl Written {
    /// Holds that there were so many writes of this kind and no others, and that they took fewer requests.
    #[track_caller]
    fn are(&self, begins: &str, count: usize) {
        let all: Vec<&String> = self.together.iter().chain(&self.alone).collect();
        assert!(all.iter().all(|one| one.starts_with(begins)), "{all:?}");
        assert_eq!(all.len(), count);
        let requests = self.requests + self.alone.len();
        assert!(self.requests > 0 && requests < count, "{count} writes in {requests} requests");
    }
}

#[test]
fn s_90_of_writes_that_go_together_one_that_is_refused_is_that_users_failure_alone() {
    let company = company();
    let target = dsm(&company);
    let (app, recorder) = through(&company, &target);
    app.set(json!({ "compatibility": { "bulk": "offered" } }));
    let names: Vec<String> = (0..USERS).map(|number| format!("user{number:03}")).collect();
    let ids: Vec<String> = names.iter().map(|name| hire(&company, name)).collect();
    // A name that is no address is refused by the target.
    let bad = id(&company.create(json!({ "userName": "nobody" })));
    let everybody: Vec<&str> = ids.iter().chain([&bad]).map(String::as_str).collect();
    app.assign_group(&id(&company.group("Everybody", &everybody)), None);
    assert_eq!(app.cycle(), went([150, 0, 0, 0, 1]));
    written(&recorder).are("POST /Users", USERS + 1);
    assert_eq!(users(&target), names);
    let failures = |query: &str| app.log(&format!("&status=failure{query}")).len();
    assert_eq!((failures(""), failures(&format!("&user={bad}"))), (1, 1));
}

#[test]
fn s_90_changes_go_together_and_what_is_refused_or_removed_is_each_users_own() {
    let company = company();
    let target = company.server.account(json!("standard"));
    target.create(json!({ "userName": "taken@a.com" }));
    let (app, recorder) = through(&company, &target);
    app.set(json!({ "compatibility": { "bulk": "offered" } }));
    let names: Vec<String> = (0..USERS).map(|number| format!("user{number:03}")).collect();
    let ids: Vec<String> = names.iter().map(|name| hire(&company, name)).collect();
    let everybody: Vec<&str> = ids.iter().map(String::as_str).collect();
    app.assign_group(&id(&company.group("Everybody", &everybody)), None);
    assert_eq!(app.cycle(), went([150, 0, 0, 0, 0]));
    written(&recorder).are("POST /Users", USERS);

    let (last, others) = ids.split_last().expect("there are users");
    for (id, name) in others.iter().zip(&names) {
        change(&company, id, "userName", json!(format!("new-{name}@a.com")));
    }
    change(&company, last, "userName", json!("taken@a.com"));
    assert_eq!(app.cycle(), went([0, 149, 0, 0, 1]));
    written(&recorder).are("PATCH /Users/", USERS);
    let failures = app.log(&format!("&status=failure&user={last}"));
    assert_eq!(failures.len(), 1, "{failures:?}");
    let mut renamed: Vec<String> = names[..USERS - 1].iter().map(|name| format!("new-{name}")).collect();
    renamed.extend(["taken".to_owned(), names[USERS - 1].clone()]);
    assert_eq!(users(&target), renamed);

    for id in &ids[..20] {
        company.api("DELETE", &format!("/users/{id}?permanent=true"), Value::Null).expect(204);
    }
    change(&company, last, "userName", json!("new-user149@a.com"));
    assert_eq!(app.cycle(), went([0, 1, 0, 20, 0]));
    let (deleted, others): (Vec<String>, Vec<String>) =
        written(&recorder).alone.into_iter().partition(|one| one.starts_with("DELETE /Users/"));
    assert_eq!((deleted.len(), others.len()), (20, 1), "{others:?}");
    let mut left: Vec<String> = (20..USERS).map(|number| format!("new-user{number:03}")).collect();
    left.push("taken".to_owned());
    assert_eq!(users(&target), left);
}

#[test]
fn s_90_users_who_are_looked_for_together_are_found_or_made_as_if_alone() {
    let company = company();
    let target = company.server.account(json!("standard"));
    let names: Vec<String> = (0..USERS).map(|number| format!("user{number:03}")).collect();
    for name in names.iter().step_by(3) {
        target.create(json!({ "userName": format!("{name}@a.com") }));
    }
    let (app, recorder) = through(&company, &target);
    app.set(json!({ "compatibility": { "searches": "together" } }));
    let ids: Vec<String> = names.iter().map(|name| hire(&company, name)).collect();
    let everybody: Vec<&str> = ids.iter().map(String::as_str).collect();
    app.assign_group(&id(&company.group("Everybody", &everybody)), None);
    assert_eq!(app.cycle(), went([100, 50, 0, 0, 0]));
    let searches: Vec<String> =
        recorder.take().into_iter().map(|heard| heard.path).filter(|path| path.contains("/Users?filter=")).collect();
    let values: Vec<usize> = searches.iter().map(|path| path.matches("%20eq%20").count()).collect();
    assert!(values.iter().all(|values| (1..=20).contains(values)), "{values:?}");
    // One is the search for nobody that a first cycle begins with.
    assert!(values.iter().sum::<usize>() == USERS + 1 && values.len() < USERS / 2, "{values:?}");
    assert_eq!(users(&target), names);
}
