//! The Entra that is played sends what the engine sends: two writers of one dialect, held together.

use super::{for_entra, scim, simulate, text};
use crate::strangers::driver::compiled;
use provost_engine::{Change, ChangeKind, Content, EnterpriseApp, Request, TargetValue};
use serde_json::{Value, json};
use std::fs;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// What was recorded of a client's whole life, and the ids in it.
struct Life {
    exchanges: Vec<Value>,
}

impl Life {
    fn of(client: &str) -> Self {
        let (account, folder) = (for_entra(), tempfile::tempdir().expect("a folder"));
        let file = folder.path().join("said.json");
        simulate(&[client, "--record", text(&file)], &scim(&account), &account.key);
        let recorded = fs::read_to_string(&file).expect("it was written");
        let recorded: Value = serde_json::from_str(&recorded).expect("a recording is JSON");
        Self { exchanges: recorded["exchanges"].as_array().expect("it has exchanges").clone() }
    }

    /// The id of what was made under this name.
    fn id(&self, attribute: &str, part: &str) -> String {
        let is_meant = |one: &&Value| {
            let name = one["sent"]["json"][attribute].as_str().unwrap_or_default();
            one["method"] == "POST" && one["status"] == 201 && name.contains(part)
        };
        let made = self.exchanges.iter().find(is_meant).unwrap_or_else(|| panic!("nobody made {part}"));
        made["came"]["json"]["id"].as_str().expect("what was made has an id").to_owned()
    }

    #[track_caller]
    fn has(&self, request: &Request) {
        let body = request.body.as_ref().map(Content::to_json);
        let is_same = |one: &&Value| one["path"] == request.path && one["sent"].get("json") == body.as_ref();
        let sent: Vec<&Value> = self.exchanges.iter().filter(|one| one["path"] == request.path).collect();
        assert!(self.exchanges.iter().any(|one| is_same(&one)), "{request:#?} is not among {sent:#?}");
    }
}

fn change(kind: ChangeKind, target: &str, after: Value) -> Change {
    let before = if kind == ChangeKind::Add { TargetValue::Null } else { TargetValue::One(json!("before")) };
    Change { target: target.into(), kind, before, after: TargetValue::One(after), is_new_element: false }
}

#[test]
fn the_played_entra_and_the_engine_send_the_same() {
    for (client, query) in [("entra", "?aadOptscim062020"), ("entra-legacy", "")] {
        let life = Life::of(client);
        let app = EnterpriseApp::new("played", format!("https://scim.example/scim/v2{query}"));
        let compiled = compiled(&app);
        let (users, groups) =
            (compiled.users.wire(compiled.dialect(false)), compiled.groups.wire(compiled.dialect(false)));
        let [ann, ben] = ["-ann@", "-ben@"].map(|name| life.id("userName", name));
        let team = life.id("displayName", " Sales");
        let mail = life.exchanges.iter().find_map(|one| {
            let name = one["sent"]["json"]["userName"].as_str()?;
            name.contains("-ann@").then(|| format!("new-{name}"))
        });
        let update = |id: &str, changes: &[Change]| users.update(id, changes).expect("something changes");

        life.has(&update(&ben, &[change(ChangeKind::Replace, "active", json!(false))]));
        life.has(&update(&ben, &[change(ChangeKind::Replace, "active", json!(true))]));
        life.has(&update(&ben, &[change(ChangeKind::Add, &format!("{ENTERPRISE}:manager"), json!(ann))]));
        life.has(&update(
            &ann,
            &[
                change(ChangeKind::Replace, "emails[type eq \"work\"].value", json!(mail)),
                change(ChangeKind::Replace, "displayName", json!("Ann Bell")),
                change(ChangeKind::Replace, "name.familyName", json!("Bell")),
                change(ChangeKind::Replace, &format!("{ENTERPRISE}:department"), json!("Support")),
            ],
        ));
        for request in groups.add_members(&team, std::slice::from_ref(&ann)) {
            life.has(&request);
        }
        for request in groups.remove_members(&team, std::slice::from_ref(&ben)) {
            life.has(&request);
        }
        life.has(&users.delete(&life.id("userName", "-cid@")));
        life.has(&users.read(&ann));
    }
}
