//! A driver that is killed (SIGKILL) in the middle of a cycle, and started again.

use super::{App, app, hire, users};
use crate::{
    provisioning::recorder::{Heard, Recorder},
    support::{Account, Server, id, pause},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::mpsc::channel,
    time::{Duration, Instant},
};

/// What becomes of the request at which the server is killed, and of those beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// The target does what it asks, and nobody hears the answer.
    Unheard,
    /// The target never sees it.
    Lost,
}

/// Waits until a cycle sends the `number`th of such requests, and kills the server there.
fn kill_at(server: &mut Server, recorder: &Recorder, begins: &'static str, number: usize, fate: Fate) {
    let (struck, strikes) = channel();
    let (dead, is_dead) = channel::<()>();
    let mut seen = 0;
    recorder.gate(Box::new(move |heard| {
        seen += usize::from(format!("{} {}", heard.method, heard.path).starts_with(begins));
        if seen < number {
            return true;
        }
        // Those beside it wait for their turn at this gate. Nobody listens any more once the server is dead.
        let _ = struck.send(());
        let _ = is_dead.recv();
        fate == Fate::Unheard
    }));
    strikes.recv_timeout(Duration::from_secs(60)).unwrap_or_else(|error| panic!("no `{begins}` comes: {error}"));
    server.kill();
    drop(dead);
    recorder.settle();
    recorder.open();
}

/// The groups of a target with how many members each has.
fn groups(target: &Account) -> Vec<(String, usize)> {
    let list = target.scim("GET", "/Groups?count=200", Value::Null).expect(200).json();
    let shown = |group: &Value| {
        let name = group["displayName"].as_str().expect("a group has a name").to_owned();
        (name, target.members_of(&id(group)).len())
    };
    let mut groups: Vec<(String, usize)> = list["Resources"].as_array().into_iter().flatten().map(shown).collect();
    groups.sort();
    groups
}

/// How often each name came in a POST.
fn posted(heard: &[Heard]) -> BTreeMap<String, usize> {
    let mut posted = BTreeMap::new();
    for one in heard.iter().filter(|one| one.method == "POST") {
        let name = one.body["userName"].as_str().or(one.body["displayName"].as_str()).expect("a name is sent");
        *posted.entry(name.to_owned()).or_default() += 1;
    }
    posted
}

#[test]
fn s_96_a_running_app_goes_on_by_itself_wherever_its_server_was_killed_and_nothing_is_made_twice() {
    let mut server = Server::start_with(&["--allow-private-targets"]);
    let mut company = server.account(json!("directory"));
    let elsewhere = super::company();
    let target = elsewhere.server.account(json!("standard"));
    let recorder = Recorder::before(&target.base);
    let made = app(&company, &format!("{}/scim/v2?aadOptscim062020", recorder.base), &target.key);
    made.maps(
        json!([
            { "target": "userName", "source": "userPrincipalName", "matching": 1 },
            { "target": "active", "expression": "Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")" },
            { "target": "externalId", "source": "objectId" },
        ]),
        true,
    );
    made.set(json!({ "interval": 1 }));
    let app_id = made.id;
    let (mut all, mut teams) = (Vec::<String>::new(), Vec::<(String, usize)>::new());
    for (round, (begins, number, fate)) in [
        ("POST /scim/v2/Users", 5, Fate::Unheard),
        ("POST /scim/v2/Users", 1, Fate::Lost),
        ("POST /scim/v2/Groups", 1, Fate::Unheard),
        ("PATCH /scim/v2/Groups", 1, Fate::Unheard),
        ("GET /scim/v2/Users", 3, Fate::Lost),
    ]
    .into_iter()
    .enumerate()
    {
        let app = App { company: &company, id: app_id.clone() };
        app.api("POST", "/stop", Value::Null).expect(200);
        let names: Vec<String> = (0..10).map(|number| format!("r{round}-{number}")).collect();
        let ids: Vec<String> = names.iter().map(|name| hire(&company, name)).collect();
        let team = format!("Team {round}");
        let members: Vec<&str> = ids.iter().map(String::as_str).collect();
        app.assign_group(&id(&company.group(&team, &members)), None);
        recorder.take();
        app.api("POST", "/start", Value::Null).expect(200);
        kill_at(&mut server, &recorder, begins, number, fate);
        server.restart();
        company = server.again(&company);

        all.extend(names);
        all.sort();
        teams.push((team, 10));
        let deadline = Instant::now() + Duration::from_secs(90);
        while users(&target) != all || groups(&target) != teams {
            assert!(Instant::now() < deadline, "{begins}: {:?} {:?}", users(&target), groups(&target));
            pause();
        }
        let twice: Vec<(String, usize)> =
            posted(&recorder.take()).into_iter().filter(|(_, times)| *times > 1).collect();
        assert!(
            fate == Fate::Lost || twice.is_empty(),
            "{begins}: what was made without an answer is found: {twice:?}"
        );
    }
    let app = App { company: &company, id: app_id };
    app.api("POST", "/stop", Value::Null).expect(200);
    assert_eq!(app.run("")["counts"]["failed"], json!(0), "what was left is put right");
    assert_eq!(app.run("")["counts"]["writes"], json!(0), "and then there is nothing to do");
    assert_eq!((users(&target), groups(&target)), (all, teams));
}
