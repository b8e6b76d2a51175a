//! Writes that go together in bulk requests, as a proxy hears them.

use super::{Recorder, company, dsm, hire, through, users, went};
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
