//! Cycles from one account into another one of the same server, over real HTTP.

use super::{App, contoso};
use crate::support::{Account, Server, id, pause};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// An app of one account that leads into another, with the mappings that matter here.
fn into<'a>(source: &'a Account, target: &Account) -> App<'a> {
    let body = json!({
        "name": "DSM", "tenant_url": format!("{}/scim/v2?aadOptscim062020", target.base), "secret_token": target.key,
    });
    let app = App { account: source, id: id(&source.api("POST", "/enterprise-apps", body).expect(201).json()) };
    let rows = json!([
        { "target": "userName", "source": "userPrincipalName", "matching": 1 },
        { "target": "active", "expression": "Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")" },
        { "target": "externalId", "source": "objectId" },
        { "target": "displayName", "source": "displayName" },
    ]);
    app.api("PUT", "/mappings", json!({ "users": rows })).expect(200);
    app
}

fn user(account: &Account, name: &str) -> String {
    id(&account.create(json!({ "userName": format!("{name}@contoso.example"), "displayName": name })))
}

impl App<'_> {
    /// Runs a cycle, and shows how it ended and what it did: created, updated, disabled, deleted, failed.
    #[track_caller]
    fn cycle(&self) -> (String, [u64; 5]) {
        let ran = self.api("POST", "/cycle?retry=now", Value::Null).expect(200).json();
        let count = |name: &str| ran["counts"][name].as_u64().expect("a count is a number");
        let counts = ["created", "updated", "disabled", "deleted", "failed"].map(count);
        (ran["status"].as_str().expect("a cycle has a status").to_owned(), counts)
    }

    #[track_caller]
    fn assign(&self, member: &str, who: &str) -> String {
        id(&self.api("POST", "/assignments", json!({ member: who })).expect(201).json())
    }
}

/// The userNames of an account with whether each is active, sorted.
fn users(account: &Account) -> Vec<(String, bool)> {
    let list = account.scim("GET", "/Users?count=200", Value::Null).expect(200).json();
    let of = |user: &Value| (user["userName"].as_str().unwrap_or_default().to_owned(), user["active"] == json!(true));
    let mut users: Vec<(String, bool)> = list["Resources"].as_array().into_iter().flatten().map(of).collect();
    users.sort();
    users
}

fn done(counts: [u64; 5]) -> (String, [u64; 5]) {
    ("succeeded".to_owned(), counts)
}

#[test]
fn f_4_1_3_and_f_4_2_1_3_6_a_users_life_is_followed_at_the_target() {
    let (source, target) = (contoso(), contoso());
    let app = into(&source, &target);
    let [ann, bob, cid] = ["ann", "bob", "cid"].map(|name| user(&source, name));
    let assigned = app.assign("user", &ann);
    app.assign("user", &bob);
    assert_eq!(app.cycle(), done([2, 0, 0, 0, 0]), "F-4.1-3, F-4.1-4");
    let row = |name: &str, active: bool| (format!("{name}@contoso.example"), active);
    assert_eq!(users(&target), [row("ann", true), row("bob", true)]);
    let there = target.find("userName eq \"ann@contoso.example\"")["Resources"][0].clone();
    assert_eq!((&there["externalId"], &there["displayName"]), (&json!(ann), &json!("ann")));

    assert_eq!(app.cycle(), done([0; 5]), "S-89");
    source.patch(&bob, json!([{ "op": "replace", "path": "displayName", "value": "Robert" }])).expect(200);
    app.api("DELETE", &format!("/assignments/{assigned}"), Value::Null).expect(204);
    assert_eq!(app.cycle(), done([0, 1, 1, 0, 0]), "F-3.2-2, F-4.2-1");
    assert_eq!(users(&target), [row("ann", false), row("bob", true)]);
    app.assign("user", &ann);
    app.assign("user", &cid);
    assert_eq!(app.cycle(), done([1, 1, 0, 0, 0]), "F-4.2-3");
    assert_eq!(target.find("userName eq \"ann@contoso.example\"")["Resources"][0]["id"], there["id"]);
    source.api("DELETE", &format!("/users/{bob}?permanent=true"), Value::Null).expect(204);
    source.api("DELETE", &format!("/users/{cid}"), Value::Null).expect(204);
    assert_eq!(app.cycle(), done([0, 0, 1, 1, 0]), "F-4.2-4, F-4.2-6");
    assert_eq!(users(&target), [row("ann", true), row("cid", false)]);
    source.api("POST", &format!("/users/{cid}/restore"), Value::Null).expect(200);
    assert_eq!(app.cycle(), done([0; 5]), "F-4.2-5");
    assert_eq!(users(&target), [row("ann", true), row("cid", false)]);
}

#[test]
fn f_5_5_13_members_of_an_assigned_group_and_the_group_are_provisioned() {
    let (source, target) = (contoso(), contoso());
    let app = into(&source, &target);
    let [ann, bob, cid] = ["ann", "bob", "cid"].map(|name| user(&source, name));
    let sales = id(&source.group("Sales", &[&ann, &bob]));
    app.assign("group", &sales);
    assert_eq!(app.cycle().1[0], 3, "two users and the group");
    let there = |name: &str| id(&target.find(&format!("userName eq \"{name}@contoso.example\""))["Resources"][0]);
    let groups = target.scim("GET", "/Groups", Value::Null).expect(200).json();
    let group = id(&groups["Resources"][0]);
    let sorted = |mut ids: Vec<String>| {
        ids.sort();
        ids
    };
    assert_eq!(target.members_of(&group), sorted(vec![there("ann"), there("bob")]));
    let change = json!([
        { "op": "remove", "path": format!("members[value eq \"{bob}\"]") },
        { "op": "add", "path": "members", "value": [{ "value": cid }] },
    ]);
    source.patch_group(&sales, change).expect(204);
    app.cycle();
    assert_eq!(target.members_of(&group), sorted(vec![there("ann"), there("cid")]));
    assert!(users(&target).contains(&("bob@contoso.example".to_owned(), false)), "who left is disabled");
}

#[test]
fn f_5_5_14_and_15_somebody_is_provisioned_on_demand_step_by_step() {
    let (source, target) = (contoso(), contoso());
    let app = into(&source, &target);
    let [ann, _bob] = ["ann", "bob"].map(|name| user(&source, name));
    app.assign("user", &ann);
    let on_demand = |user: &str| app.api("POST", "/provision-on-demand", json!({ "user": user }));
    let shown = on_demand("ann@contoso.example").expect(200).json();
    assert_eq!((&shown["action"], &shown["status"]), (&json!("create"), &json!("success")), "{shown}");
    let kinds: Vec<&str> =
        shown["steps"].as_array().expect("steps").iter().filter_map(|step| step["type"].as_str()).collect();
    for kind in ["import", "scoping", "matching", "export"] {
        assert!(kinds.contains(&kind), "{kind} in {kinds:?} (S-98)");
    }
    assert_eq!(users(&target).len(), 1);
    let skipped = on_demand("bob@contoso.example").expect(200).json();
    assert_eq!(skipped["status"], json!("skipped"), "not in scope: {skipped}");
    on_demand("nobody@contoso.example").refused(400, &["no user of this account has this id or userName"]);
    assert_eq!(app.api("GET", "", Value::Null).json()["started"], json!(false), "F-5.5-3");
    let log = app.list("/provisioning-logs");
    assert_eq!(log.iter().filter(|entry| entry["action"] == "create").count(), 1);
    let of_ann = app.list("/provisioning-logs?user=ann@contoso.example&status=success");
    assert_eq!(of_ann.len(), 1, "{of_ann:?}");
    assert_eq!(app.list("/provisioning-logs?status=failure").len(), 0);
}

#[test]
fn f_7_0_1_what_fails_is_logged_with_the_targets_words_and_stops_nobody_else() {
    let (source, target) = (contoso(), contoso());
    let app = into(&source, &target);
    for name in ["ann", "bob"] {
        app.assign("user", &user(&source, name));
    }
    app.api("PATCH", "", json!({ "secret_token": "prv_wrong" })).expect(200);
    assert_ne!(app.cycle().0, "succeeded");
    let status = app.api("GET", "/status", Value::Null).expect(200).json();
    assert_eq!(status["state"], json!("Quarantine"), "{status}");
    app.api("PATCH", "", json!({ "secret_token": target.key })).expect(200);
    assert_eq!(app.cycle(), done([2, 0, 0, 0, 0]));
    let status = app.api("GET", "/status", Value::Null).expect(200).json();
    assert_eq!(
        (&status["quarantine"], &status["cycles"][0]["status"]),
        (&Value::Null, &json!("succeeded")),
        "{status}"
    );
}

#[test]
fn a_plan_shows_what_would_be_done_and_does_nothing() {
    let (source, target) = (contoso(), contoso());
    let app = into(&source, &target);
    app.assign("user", &user(&source, "ann"));
    let plan = app.api("POST", "/plan", Value::Null).expect(200).json();
    assert_eq!(plan["objects"][0]["intents"][0]["action"], json!("create"), "{plan}");
    assert_eq!((users(&target).len(), app.list("/provisioning-logs").len()), (0, 0));
    assert_eq!(app.cycle(), done([1, 0, 0, 0, 0]));
    assert_eq!(app.api("POST", "/plan", Value::Null).expect(200).json()["objects"], json!([]));
}

#[test]
fn f_4_1_18_and_f_5_5_16_an_app_that_is_started_runs_by_itself_until_it_is_stopped() {
    let (source, target) = (contoso(), contoso());
    let app = into(&source, &target);
    app.api("PATCH", "", json!({ "interval": 1 })).expect(200);
    app.assign("user", &user(&source, "ann"));
    assert!(users(&target).is_empty(), "nothing runs before it is started");
    app.api("POST", "/start", Value::Null).expect(200);
    let until = |count: usize| {
        let deadline = Instant::now() + Duration::from_secs(60);
        while users(&target).len() < count {
            assert!(Instant::now() < deadline, "{}", app.api("GET", "/status", Value::Null).text);
            pause();
        }
    };
    until(1);
    app.assign("user", &user(&source, "bob"));
    until(2);
    app.api("POST", "/stop", Value::Null).expect(200);
    let status = app.api("GET", "/status", Value::Null).expect(200).json();
    assert_eq!((&status["state"], &status["next_cycle"]), (&json!("Paused"), &Value::Null), "{status}");
}

#[test]
fn s_87_and_s_102_links_survive_a_restart_and_another_token() {
    let (source, target) = (contoso(), contoso());
    let app = into(&source, &target);
    for name in ["ann", "bob"] {
        app.assign("user", &user(&source, name));
    }
    assert_eq!(app.cycle(), done([2, 0, 0, 0, 0]));
    app.api("PATCH", "", json!({ "secret_token": target.key, "name": "Other" })).expect(200);
    app.api("POST", "/restart", Value::Null).expect(200);
    let ran = app.api("POST", "/cycle", Value::Null).expect(200).json();
    assert_eq!(
        (&ran["initial"], &ran["counts"]["created"], &ran["counts"]["writes"]),
        (&json!(true), &json!(0), &json!(0)),
        "{ran}"
    );
    assert_eq!(ran["counts"]["imported"], json!(2), "all are looked at");
}

#[test]
fn s_92_more_deletions_than_the_threshold_are_held_until_they_are_allowed() {
    let (source, target) = (contoso(), contoso());
    let app = into(&source, &target);
    app.api("PATCH", "", json!({ "accidental_deletion_threshold": 1 })).expect(200);
    let assigned: Vec<String> =
        ["ann", "bob", "cid"].iter().map(|name| app.assign("user", &user(&source, name))).collect();
    app.cycle();
    for assignment in &assigned {
        app.api("DELETE", &format!("/assignments/{assignment}"), Value::Null).expect(204);
    }
    assert_eq!(app.cycle().1[2], 0);
    assert!(users(&target).iter().all(|(_, active)| *active), "nobody is disabled");
    app.api("POST", "/allow-deletions", Value::Null).expect(200);
    assert_eq!(app.cycle().1[2], 3);
    assert!(users(&target).iter().all(|(_, active)| !*active));
}

#[test]
fn s_97_the_provisioning_log_is_kept_for_thirty_days() {
    let mut server = Server::start_with(&["--allow-private-targets"]);
    let (source, target) = (server.account(json!("directory")), server.account(json!("standard")));
    let app = into(&source, &target);
    app.assign("user", &user(&source, "ann"));
    assert_eq!(app.cycle(), done([1, 0, 0, 0, 0]));
    let logged = |app: &App<'_>| app.api("GET", "/provisioning-logs", Value::Null).expect(200).json()["items"].clone();
    let before = logged(&app);
    assert_eq!(before.as_array().map(Vec::len), Some(1));
    for (days, kept) in [("+29 days", before), ("+31 days", json!([]))] {
        server.stop();
        server.restart_at(days);
        let source = server.again(&source);
        let app = App { account: &source, id: app.id.clone() };
        let deadline = Instant::now() + Duration::from_secs(30);
        while logged(&app) != kept && Instant::now() < deadline {
            pause();
        }
        assert_eq!(logged(&app), kept, "{days}");
    }
}

#[test]
fn a_plan_is_done_as_it_was_reviewed_or_not_at_all_and_a_cycle_is_taken_back() {
    let (source, target) = (contoso(), contoso());
    let app = into(&source, &target);
    let ann = user(&source, "ann");
    app.assign("user", &ann);
    let reviewed = |plan: &Value| json!({ "digest": plan["digest"], "seed": plan["seed"] });
    let plan = app.api("POST", "/plan", Value::Null).expect(200).json();
    assert_eq!(plan["objects"][0]["intents"][0]["action"], "create", "{plan}");
    assert_eq!(users(&target), [], "a plan writes nothing");

    app.assign("user", &user(&source, "bob"));
    let moved = app.api("POST", "/apply", reviewed(&plan)).expect(409).json();
    assert!(moved["detail"].as_str().is_some_and(|detail| detail.contains("make the plan again")), "{moved}");
    assert_eq!(users(&target), []);
    let plan = app.api("POST", "/plan", Value::Null).expect(200).json();
    let applied = app.api("POST", "/apply", reviewed(&plan)).expect(200).json();
    assert_eq!((&applied["done"], &applied["failed"]), (&json!(2), &json!([])), "{applied}");
    let row = |name: &str, active: bool| (format!("{name}@contoso.example"), active);
    assert_eq!(users(&target), [row("ann", true), row("bob", true)]);
    assert_eq!(app.cycle(), done([0; 5]), "the cycle finds nothing left to do");

    source.patch(&ann, json!([{ "op": "replace", "path": "displayName", "value": "Wrong" }])).expect(200);
    let ran = app.api("POST", "/cycle", Value::Null).expect(200).json();
    let name = || target.find("userName eq \"ann@contoso.example\"")["Resources"][0]["displayName"].clone();
    assert_eq!(name(), "Wrong");
    let cycle = json!({ "cycle": ran["id"] });
    let plan = app.api("POST", "/undo-plan", cycle.clone()).expect(200).json();
    assert_eq!(name(), "Wrong", "only shown");
    let undo = json!({ "cycle": ran["id"], "digest": plan["digest"] });
    let undone = app.api("POST", "/undo", undo.clone()).expect(200).json();
    assert_eq!((undone["done"].as_u64(), name()), (Some(1), json!("ann")), "{undone}");
    let again = app.api("POST", "/undo", undo).expect(200).json();
    assert_eq!(again["moved"].as_array().map(Vec::len), Some(1), "it is not as the cycle left it: {again}");
}
