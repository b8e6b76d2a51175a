//! Enterprise applications in the console: added, connected, switched on; cycles, quarantine and logs.

use super::{Visitor, visitor::Page};
use crate::{
    provisioning::{company, dsm, hire, users},
    support::{Account, Lodger, id, shared},
};
use serde_json::{Value, json};

/// A company whose administrator adds an application in the console and connects it to a target, with the rows that DSM takes.
pub struct Sending {
    pub company: Lodger,
    pub target: Account,
    pub visitor: Visitor,
    /// Where the application is in the console.
    pub place: String,
    /// Where it is in the management API of the account.
    pub path: String,
}

/// An application that is added and nothing more.
#[track_caller]
pub fn added() -> Sending {
    let company = company();
    let target = dsm(&company);
    let visitor = Visitor::operator(&company.server);
    let list = format!("/console/accounts/{}/enterprise-apps", company.id);
    let form = visitor.open(&format!("{list}/new")).expect(200);
    let page = visitor.send(&form, &list, &[("name", "DSM")]).expect(200);
    let app = page.at.rsplit('/').next().expect("an address has parts").to_owned();
    Sending { company, target, visitor, place: format!("{list}/{app}"), path: format!("/enterprise-apps/{app}") }
}

/// An application that is connected, and maps what the DSM document leaves.
#[track_caller]
pub fn connected() -> Sending {
    let sending = added();
    let url = format!("{}/scim/v2?aadOptscim062020", sending.target.base);
    let change = json!({ "tenant_url": url, "secret_token": sending.target.key });
    sending.company.api("PATCH", &sending.path, change).expect(200);
    let rows = json!([
        { "target": "userName", "source": "userPrincipalName", "matching": 1 },
        { "target": "active", "expression": "Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")" },
        { "target": "externalId", "source": "objectId" },
    ]);
    let mappings = json!({ "users": rows, "settings": { "groups": { "enabled": false } } });
    sending.company.api("PUT", &format!("{}/mappings", sending.path), mappings).expect(200);
    sending
}

impl Sending {
    /// Opens a page below the application.
    #[track_caller]
    pub fn open(&self, rest: &str) -> Page {
        self.visitor.open(&format!("{}{rest}", self.place)).expect(200)
    }

    /// Sends the form of a page that goes to a path below the application.
    #[track_caller]
    pub fn send(&self, page: &Page, rest: &str, typed: &[(&str, &str)]) -> Page {
        self.visitor.send(page, &format!("{}{rest}", self.place), typed)
    }

    /// Sends that form by a button of it that leads to another path.
    #[track_caller]
    pub fn press(&self, page: &Page, rest: &str, button: &str, typed: &[(&str, &str)]) -> Page {
        let mut pairs = page.form(&format!("{}{rest}", self.place));
        pairs.retain(|(name, _)| !typed.iter().any(|(given, _)| given == name));
        pairs.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.visitor.post(&format!("{}{button}", self.place), &pairs, &[])
    }

    /// Assigns a user of the company.
    #[track_caller]
    pub fn assign(&self, user: &str) -> String {
        let made = self.company.api("POST", &format!("{}/assignments", self.path), json!({ "user": user }));
        id(&made.expect(201).json())
    }

    /// Runs a cycle from the page of provisioning.
    #[track_caller]
    pub fn cycle(&self) -> Page {
        let page = self.open("/provisioning");
        self.send(&page, "/provisioning/cycle", &[]).expect(200)
    }
}

#[test]
fn f_5_2_1_u_28_u_29_u_37_an_application_is_added_and_has_its_menu() {
    let server = shared();
    let account = server.account(json!("directory"));
    let visitor = Visitor::operator(&server);
    let list = format!("/console/accounts/{}/enterprise-apps", account.id);
    let empty = visitor.open(&list).expect(200);
    empty.says("No enterprise applications yet");
    let form = visitor.open(&empty.link("New application")).expect(200);
    visitor.send(&form, &list, &[("name", " ")]).expect(400).says("The application was not added");
    let page = visitor.send(&form, &list, &[("name", "Ledger & Line")]).expect(200);
    page.says("Application added").says("Ledger & Line").says("Not connected");
    page.says("which role. Nobody yet").says("by themselves. Not started");
    for label in
        ["Overview", "Provisioning", "Users and groups", "App roles", "Attribute mapping", "Provision on demand"]
    {
        visitor.open(&page.link(label)).expect(200);
    }
    assert_eq!(page.link("Provision User Accounts"), page.link("Provisioning"));
    assert_eq!(page.link("Assign users and groups"), page.link("Users and groups"));
    visitor.send(&form, &list, &[("name", "Ledger & Line")]).expect(200).says("This was sent already, and done once");
    let form = visitor.open(&form.at).expect(200);
    visitor.send(&form, &list, &[("name", "Ledger & Line")]).expect(409).says("An enterprise app of this name exists");
    visitor.open(&list).expect(200).says("Ledger & Line Not connected");
    let ask = visitor.open(&page.link("Delete")).expect(200);
    let gone = visitor.send(&ask, &page.link("Delete"), &[("typed", "Ledger & Line")]).expect(200);
    gone.says("Application deleted").says("No enterprise applications yet");
}

#[test]
fn f_5_4_2_3_8_9_u_30_u_31_u_34_u_35_an_application_is_connected_once_its_test_succeeds() {
    let sending = added();
    let start = sending.open("/provisioning");
    let mode = sending.visitor.open(&start.link("Get started")).expect(200);
    mode.says("Users are managed by hand").does_not_say("Secret token");
    let form = sending.open("/provisioning/connect?mode=automatic");
    form.says("Tenant URL").says("Secret token");
    assert!(form.html.contains("type=\"password\""));
    let at = "/provisioning/connection";
    let url = format!("{}/scim/v2?aadOptscim062020", sending.target.base);
    let wrong = [("tenant_url", url.as_str()), ("secret_token", "not-the-key")];
    let tested = sending.press(&form, at, "/provisioning/connection/test", &wrong).expect(200);
    tested.says("Credentials invalid");
    assert!(!tested.html.contains("not-the-key"), "a secret is sent back");
    let nowhere = format!("{}/nowhere", sending.target.base);
    let lost = [("tenant_url", nowhere.as_str()), ("secret_token", sending.target.key.as_str())];
    sending.press(&form, at, "/provisioning/connection/test", &lost).expect(200).does_not_say("The connection works");
    let warned = sending.send(&tested, at, &[]).expect(400);
    warned.says("The test of the connection failed").says("Create anyway");
    let right = [("tenant_url", url.as_str()), ("secret_token", sending.target.key.as_str())];
    let proved = sending.press(&form, at, "/provisioning/connection/test", &right).expect(200);
    proved.says("The connection works");
    let made = sending.send(&proved, at, &[]).expect(200);
    made.says("Provisioning set up").says("Off").says("No cycle yet");
    let shown = sending.company.api("GET", &sending.path, Value::Null).expect(200).json();
    assert_eq!((&shown["tenant_url"], &shown["started"]), (&json!(url), &json!(false)));
    let again = sending.open("/provisioning/connect?mode=automatic");
    again.says("is saved. Leave the field empty to keep it.");
    sending.press(&again, at, "/provisioning/connection/test", &[]).expect(200).says("The connection works");
}

#[test]
fn the_first_steps_turn_green_on_what_has_happened() {
    let sending = connected();
    // What a step says behind its label, and whether it is green.
    let steps = || {
        let page = sending.open("");
        let list = page.html.split("<ol class=\"steps\"").nth(1).expect("the steps");
        let list = list.split("</ol>").next().unwrap_or_default();
        let steps = list.split("<li").skip(1).map(|step| {
            let state = step.split("step-state\">").nth(1).and_then(|rest| rest.split('<').next()).unwrap_or_default();
            (state.trim().to_owned(), step.split('>').next().unwrap_or_default().contains("is-done"))
        });
        let states: Vec<(String, bool)> = steps.collect();
        (states, page.html.contains("id=\"begin\" data-live"))
    };
    let state = |word: &str, green| (word.to_owned(), green);
    assert_eq!(steps(), (vec![state("Nobody yet", false), state("Connected, but off", false)], true));
    sending.assign(&hire(&sending.company, "ann"));
    assert_eq!(steps(), (vec![state("1 assigned", true), state("Connected, but off", false)], true));
    sending.cycle();
    let (after, is_live) = steps();
    assert_eq!((&after[0], after[1].1, is_live), (&state("1 assigned", true), true, false), "{after:?}");
    assert!(after[1].0.starts_with("Done"), "{after:?}");
    sending.company.api("PATCH", &sending.path, json!({ "scope": "all" })).expect(200);
    assert_eq!(steps().0[0], state("Everybody", true));
}

#[test]
fn f_5_5_14_15_16_u_44_one_user_is_provisioned_on_demand_then_the_status_is_set_to_on() {
    let sending = connected();
    let ann = hire(&sending.company, "ann");
    hire(&sending.company, "bob");
    sending.assign(&ann);
    let form = sending.open("/on-demand");
    sending
        .send(&form, "/on-demand", &[("name", "nobody@a.com")])
        .expect(400)
        .says("Not found:")
        .does_not_say("Did you mean");
    let begun = sending.send(&form, "/on-demand", &[("name", "an")]).expect(400);
    begun.says("Not found:").says("Did you mean ann@a.com");
    let filled = sending.visitor.open(&begun.link("ann@a.com")).expect(200);
    assert!(filled.html.contains("value=\"ann@a.com\""), "the name is filled in");
    let outside = sending.send(&form, "/on-demand", &[("name", "bob@a.com")]).expect(200);
    outside.says("Skipped");
    assert!(users(&sending.target).is_empty());
    let done = sending.send(&form, "/on-demand", &[("name", "ann@a.com")]).expect(200);
    done.says("Import").says("Determine if in scope").says("Match between source and target").says("Perform action");
    done.says("userName");
    assert_eq!(users(&sending.target), ["ann"]);
    let page = sending.open("/provisioning");
    page.says("Off");
    let started = sending.press(&page, "/provisioning/cycle", "/provisioning/start", &[]).expect(200);
    started.says("Provisioning status set to On");
    let job = sending.company.api("GET", &sending.path, Value::Null).expect(200).json();
    assert_eq!(job["started"], json!(true));
    let stopped = sending.press(&started, "/provisioning/cycle", "/provisioning/stop", &[]).expect(200);
    stopped.says("Provisioning status set to Off");
    let ask = sending.visitor.open(&stopped.link("Restart provisioning")).expect(200);
    sending.send(&ask, "/provisioning/restart", &[]).expect(200).says("Provisioning restarted");
}

#[test]
fn f_7_0_3_the_log_shows_each_action_with_its_steps_and_the_words_of_the_target() {
    let sending = connected();
    sending.assign(&hire(&sending.company, "ann"));
    sending.cycle().says("1 created");
    let log = sending.open("/logs");
    log.says("Create").says("Success");
    let entry = sending.visitor.open(&log.link("ann@a.com")).expect(200);
    entry.says("Steps").says("Modified properties").says("userName").says("ann@a.com");
    sending.open("/logs?status=failure").says("No entry matches");
    sending.open("/logs?q=nobody").says("No entry matches");
    let rows = json!({ "users": [
        { "target": "userName", "source": "displayName", "matching": 1 },
        { "target": "active", "expression": "Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")" },
    ] });
    sending.company.api("PUT", &format!("{}/mappings", sending.path), rows).expect(200);
    sending.assign(&hire(&sending.company, "bob"));
    sending.cycle();
    sending.open("/logs").says("Failures by cause").says("What to do");
    let place =
        sending.visitor.open(&format!("/console/accounts/{}/provisioning-logs", sending.company.id)).expect(200);
    place.says("Provisioning logs").says("Failures by cause");
}

#[test]
fn held_deletions_are_shown_with_who_and_rejected_or_allowed() {
    let sending = connected();
    let form = sending.open("/provisioning/settings");
    let typed = [("accidental_deletion_threshold", "0"), ("notify", "ops@a.com")];
    sending
        .send(&form, "/provisioning/settings", &typed)
        .expect(200)
        .says("More than 0 in a cycle are held")
        .says("ops@a.com");
    let bad = sending.send(&form, "/provisioning/settings", &[("interval", "0")]).expect(400);
    bad.says("The settings were not saved").says("interval must be from 1");
    let assigned = sending.assign(&hire(&sending.company, "ann"));
    sending.cycle().says("1 created");
    sending.company.api("DELETE", &format!("{}/assignments/{assigned}", sending.path), Value::Null).expect(204);
    let held = sending.cycle();
    held.says("1 user or group would lose access. Your threshold is 0.").says("ann@a.com").says("in quarantine since");
    assert_eq!(users(&sending.target), ["ann"]);
    let ask = sending.visitor.open(&held.link("Allow deletions")).expect(200);
    ask.says("1 user or group lose access");
    sending.send(&ask, "/provisioning/allow", &[]).expect(200).says("Deletions allowed");
    let decided = sending.open("/provisioning");
    decided.says("Allowed: the next cycle sends their disables and deletes.").does_not_say("Reject deletions");
    sending.cycle().does_not_say("would lose access");
    assert_eq!(users(&sending.target), ["-ann"]);
}

#[test]
fn a_role_that_no_mapping_sends_is_told_where_it_is_assigned() {
    let sending = connected();
    sending.assign(&hire(&sending.company, "ann"));
    sending.open("/assignments").does_not_say("Roles are not sent");
    let role = json!({ "display_name": "Auditor", "value": "AUDITOR", "description": "reads", "enabled": true });
    let role = sending.company.api("POST", &format!("{}/app-roles", sending.path), role).expect(201).json();
    let new = json!({ "user": hire(&sending.company, "bob"), "app_role": role["id"] });
    sending.company.api("POST", &format!("{}/assignments", sending.path), new).expect(201);
    let told = sending.open("/assignments");
    told.says("Roles are not sent").says("AppRoleAssignmentsComplex");
    sending.visitor.open(&told.link("Attribute mapping of users")).expect(200).says("userPrincipalName");
    let path = format!("{}/mappings", sending.path);
    let mut mappings = sending.company.api("GET", &path, Value::Null).expect(200).json();
    let rows = mappings["users"].as_array_mut().expect("rows");
    rows.push(json!({ "target": "roles", "expression": "AppRoleAssignmentsComplex([appRoleAssignments])" }));
    sending.company.api("PUT", &path, mappings).expect(200);
    sending.open("/assignments").says("Auditor").does_not_say("Roles are not sent");
}

#[test]
fn a_cycle_is_undone_after_its_plan_was_seen() {
    let sending = connected();
    sending.assign(&hire(&sending.company, "ann"));
    let page = sending.cycle();
    let undo = page.link("Undo the cycle");
    let plan = sending.visitor.open(&undo).expect(200);
    plan.says("Undo 1 change").says("ann");
    assert_eq!(users(&sending.target), ["ann"], "a plan does nothing");
    sending.visitor.send(&plan, &undo, &[]).expect(200).says("Cycle undone: 1 object applied");
}
