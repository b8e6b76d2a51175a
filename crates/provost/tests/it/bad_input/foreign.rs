//! Ids of another account in every place where an id can stand: answered as if nobody had them, and nothing is changed.
//!
//! Two accounts are alike in everything. One is asked for what belongs to a third, the other for what belongs to nobody: their
//! answers may not differ in anything but the ids themselves.

use super::{GROUP, NOBODY, USER, patch};
use crate::{
    crowd::post_user,
    support::{Account, Answer, Server, encoded, id, members, request, send},
};
use serde_json::{Value, json};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const DEVICE: &str = "urn:example:schemas:Device";
const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// Stands in every name of the third account.
const SECRET: &str = "Quetzal";

/// One id of everything that has one.
struct Ids {
    user: String,
    group: String,
    role: String,
    app: String,
    device: String,
    schema: String,
    kind: String,
    cursor: String,
}

/// An account that has one of everything, its names beginning with `mark`.
fn furnished(server: &Server, mark: &str) -> (Account, Ids) {
    let policy = json!({ "preset": "standard", "roles": { "meaning": "grant" } });
    let account = server.account(policy);
    let scopes = json!({ "scopes": ["scim", "api"] });
    account.api("PATCH", &format!("/admin-apps/{}", account.app), scopes).expect(200);
    let user =
        account.create(json!({ "userName": format!("{mark}@a.example"), "externalId": mark, "displayName": mark }));
    let second = account.create(json!({ "userName": format!("{mark}-two@a.example") }));
    let group = id(&account.group(mark, &[&id(&user), &id(&second)]));
    let role = id(&account.api("POST", "/roles", json!({ "name": mark })).expect(201).json());
    let attributes = json!([
        { "name": "serial", "type": "string", "required": true, "uniqueness": "server" },
        { "name": "holder", "type": "complex", "subAttributes": [{ "name": "value", "type": "string" }] },
    ]);
    let schema = json!({ "schema": { "id": DEVICE, "name": "Device", "attributes": attributes } });
    let schema = id(&account.api("POST", "/schemas", schema).expect(201).json());
    let kind = json!({ "name": "Device", "endpoint": "/Devices", "schema": DEVICE });
    let kind = id(&account.api("POST", "/resource-types", kind).expect(201).json());
    let device = account.scim("POST", "/Devices", json!({ "schemas": [DEVICE], "serial": mark })).expect(201).json();
    let page = account.scim("GET", "/Users?cursor&count=1", Value::Null).expect(200).json();
    let cursor = page["nextCursor"].as_str().expect("another user follows").to_owned();
    let app = account.app.clone();
    let ids = Ids { user: id(&user), group, role, app, device: id(&device), schema, kind, cursor };
    (account, ids)
}

fn nobodys(like: &Ids) -> Ids {
    let nobody = |number: u8| format!("{}{number}", &NOBODY[..NOBODY.len() - 1]);
    Ids {
        user: nobody(1),
        group: nobody(2),
        role: nobody(3),
        app: nobody(4),
        device: nobody(5),
        schema: nobody(6),
        kind: nobody(7),
        cursor: "A".repeat(like.cursor.len()),
    }
}

/// `METHOD path` and a body. Paths that begin with `/api` are below the account in the management API, those with `/scim` are
/// taken as they are, the others are below `/scim/v2`.
type Case = (String, Value);

fn search(more: Value) -> Value {
    let mut body = json!({ "schemas": [SEARCH] });
    body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    body
}

/// In the paths of SCIM.
fn paths(foreign: &Ids) -> Vec<Case> {
    let user = json!({ "schemas": [USER], "userName": "new" });
    let group = json!({ "schemas": [GROUP], "displayName": "new" });
    let device = json!({ "schemas": [DEVICE], "serial": "new" });
    let change = patch(json!([{ "op": "replace", "path": "externalId", "value": "new" }]));
    let mut cases = Vec::new();
    for (endpoint, replacement) in [("Users", user), ("Groups", group), ("Devices", device)] {
        for id in [&foreign.user, &foreign.group, &foreign.device, &foreign.role, &foreign.app] {
            cases.extend([
                (format!("GET /{endpoint}/{id}"), Value::Null),
                (format!("PUT /{endpoint}/{id}"), replacement.clone()),
                (format!("PATCH /{endpoint}/{id}"), change.clone()),
                (format!("DELETE /{endpoint}/{id}"), Value::Null),
            ]);
        }
    }
    for route in ["Users", "Groups", "Devices", "Schemas", "ServiceProviderConfig", ".search", "Bulk", "Nothing", ""] {
        cases.push((format!("GET /scim/{}/v2/{route}", foreign.app), Value::Null));
        cases.push((format!("GET /scim/{}/{route}", foreign.app), Value::Null));
        cases.push((format!("POST /scim/{}/v2/{route}", foreign.app), json!({ "schemas": [USER], "userName": "new" })));
    }
    cases
}

/// In the bodies of SCIM.
fn bodies(ours: &Ids, foreign: &Ids) -> Vec<Case> {
    let to_group = |operation: Value| (format!("PATCH /Groups/{}", ours.group), patch(json!([operation])));
    let to_user = |operation: Value| (format!("PATCH /Users/{}", ours.user), patch(json!([operation])));
    let mut cases = Vec::new();
    for id in [&foreign.user, &foreign.group, &foreign.device, &foreign.app] {
        let typed = |kind: &str| json!([{ "value": id, "type": kind }]);
        let reference = format!("https://a.example/scim/v2/Users/{id}");
        cases.extend([
            ("POST /Groups".to_owned(), json!({ "schemas": [GROUP], "displayName": "new", "members": members(&[id]) })),
            (
                format!("PUT /Groups/{}", ours.group),
                json!({ "schemas": [GROUP], "displayName": "new", "members": members(&[&ours.user, id]) }),
            ),
            to_group(json!({ "op": "add", "path": "members", "value": members(&[id]) })),
            to_group(json!({ "op": "add", "path": "members", "value": typed("User") })),
            to_group(json!({ "op": "add", "path": "members", "value": typed("Group") })),
            to_group(json!({ "op": "add", "path": "members", "value": [{ "$ref": reference }] })),
            to_group(json!({ "op": "replace", "path": "members", "value": members(&[&ours.user, id]) })),
            to_group(json!({ "op": "add", "value": { "members": members(&[id]) } })),
            to_group(json!({ "op": "remove", "path": format!("members[value eq \"{id}\"]") })),
            to_group(json!({ "op": "remove", "path": "members", "value": members(&[id]) })),
            to_group(
                json!({ "op": "replace", "path": format!("members[value eq \"{id}\"].value"), "value": ours.user }),
            ),
        ]);
    }
    let manager = json!({ "schemas": [USER, ENTERPRISE], "userName": "managed", ENTERPRISE: { "manager": { "value": foreign.user } } });
    let manager_path = format!("{ENTERPRISE}:manager");
    cases.extend([
        ("POST /Users".to_owned(), manager),
        to_user(json!({ "op": "add", "path": manager_path, "value": foreign.user })),
        to_user(json!({ "op": "replace", "path": manager_path, "value": { "value": foreign.user } })),
        to_user(json!({ "op": "replace", "path": "groups", "value": members(&[&foreign.group]) })),
        to_user(json!({ "op": "replace", "path": "id", "value": foreign.user })),
        to_user(json!({ "op": "add", "path": "roles", "value": [{ "value": foreign.role }] })),
        to_user(json!({ "op": "replace", "path": "roles", "value": [{ "value": foreign.role }] })),
        to_user(json!({ "op": "remove", "path": format!("roles[value eq \"{}\"]", foreign.role) })),
        (
            "POST /Users".to_owned(),
            json!({ "schemas": [USER], "userName": "with role", "roles": [{ "value": foreign.role }] }),
        ),
        ("POST /Users".to_owned(), json!({ "schemas": [USER], "userName": "with id", "id": foreign.user })),
        (
            "POST /Devices".to_owned(),
            json!({ "schemas": [DEVICE], "serial": "held", "holder": { "value": foreign.user } }),
        ),
    ]);
    cases
}

/// In filters, cursors and bulk requests.
fn messages(ours: &Ids, foreign: &Ids) -> Vec<Case> {
    let mut cases = Vec::new();
    for (path, filter) in [
        ("/Users", format!("id eq \"{}\"", foreign.user)),
        ("/Users", format!("groups.value eq \"{}\"", foreign.group)),
        ("/Users", format!("groups[value eq \"{}\"]", foreign.group)),
        ("/Users", format!("roles.value eq \"{}\"", foreign.role)),
        ("/Users", format!("{ENTERPRISE}:manager.value eq \"{}\"", foreign.device)),
        ("/Users", format!("meta.location co \"{}\"", foreign.user)),
        ("/Groups", format!("id eq \"{}\"", foreign.group)),
        ("/Groups", format!("members eq \"{}\"", foreign.user)),
        ("/Groups", format!("members.value eq \"{}\"", foreign.user)),
        ("/Groups", format!("members[value eq \"{}\"]", foreign.user)),
        ("/Groups", format!("members[value eq \"{}\" and type eq \"Group\"]", foreign.group)),
        ("/Groups", format!("not (members.value eq \"{}\")", foreign.user)),
        ("/Devices", format!("id eq \"{}\"", foreign.device)),
        ("/Devices", format!("holder.value eq \"{}\"", foreign.group)),
        ("/", format!("id eq \"{}\"", foreign.user)),
    ] {
        cases.push((format!("GET {path}?filter={}", encoded(&filter)), Value::Null));
        let path = if path == "/" { "" } else { path };
        cases.push((format!("POST {path}/.search"), search(json!({ "filter": filter }))));
    }
    for path in ["/Users", "/Groups", "/"] {
        cases.push((format!("GET {path}?cursor={}&count=1", foreign.cursor), Value::Null));
    }
    cases.push(("POST /Users/.search".to_owned(), search(json!({ "cursor": foreign.cursor, "count": 1 }))));

    let change = patch(json!([{ "op": "replace", "path": "externalId", "value": "new" }]));
    let add = |id: &str| patch(json!([{ "op": "add", "path": "members", "value": members(&[id]) }]));
    let mut named = post_user("1", "bulk");
    named["data"]["schemas"] = json!([USER, ENTERPRISE]);
    named["data"][ENTERPRISE] = json!({ "manager": { "value": foreign.user } });
    let operations = json!([
        { "method": "DELETE", "path": format!("/Users/{}", foreign.user) },
        { "method": "DELETE", "path": format!("/Groups/{}", foreign.group), "version": "W/\"1\"" },
        { "method": "DELETE", "path": format!("/Devices/{}", foreign.device) },
        { "method": "PATCH", "path": format!("/Users/{}", foreign.user), "data": change },
        { "method": "PUT", "path": format!("/Users/{}", foreign.user), "data": { "schemas": [USER], "userName": "x" } },
        { "method": "PATCH", "path": format!("/Groups/{}", foreign.group), "data": add(&ours.user) },
        { "method": "PATCH", "path": format!("/Groups/{}", ours.group), "data": add(&foreign.user) },
        { "method": "PATCH", "path": format!("/Groups/{}", ours.group), "data": add(&foreign.group) },
        { "method": "POST", "path": format!("/{}/v2/Users", foreign.app), "bulkId": "2", "data": { "schemas": [USER], "userName": "x" } },
        named,
    ]);
    let schemas = json!(["urn:ietf:params:scim:api:messages:2.0:BulkRequest"]);
    cases.push(("POST /Bulk".to_owned(), json!({ "schemas": schemas, "Operations": operations })));
    cases
}

/// In the paths of the management API.
fn api_paths(foreign: &Ids) -> Vec<Case> {
    let mut cases = Vec::new();
    let Ids { user, group, role, app, schema, kind, .. } = foreign;
    for (path, changes) in [
        (format!("users/{user}"), true),
        (format!("groups/{group}"), true),
        (format!("roles/{role}"), true),
        (format!("admin-apps/{app}"), true),
        (format!("schemas/{schema}"), false),
        (format!("resource-types/{kind}"), false),
    ] {
        cases.push((format!("GET /api/{path}"), Value::Null));
        cases.push((format!("DELETE /api/{path}"), Value::Null));
        if changes {
            cases.push((format!("PATCH /api/{path}"), json!({})));
        }
    }
    cases.extend([
        (format!("GET /api/groups/{group}/members"), Value::Null),
        (format!("GET /api/groups/{group}/quorum-policy"), Value::Null),
        (format!("PUT /api/groups/{group}/quorum-policy"), json!({ "user": user })),
        (format!("DELETE /api/groups/{group}/quorum-policy"), Value::Null),
        (format!("POST /api/admin-apps/{app}/rotate"), json!({})),
        (format!("POST /api/admin-apps/{app}/revoke"), Value::Null),
        (format!("POST /api/admin-apps/{app}/key-views"), Value::Null),
        (format!("GET /api/admin-apps/{app}/brake"), Value::Null),
        (format!("POST /api/admin-apps/{app}/brake/release"), json!({})),
        (format!("POST /api/users/{user}/adopt"), json!({ "admin_app": app, "reason": "x" })),
        (format!("POST /api/users/{user}/release"), json!({ "reason": "x" })),
        (format!("POST /api/users/{user}/verification-mails"), Value::Null),
        (format!("GET /api/audit?user={user}"), Value::Null),
        (format!("GET /api/audit?app={app}"), Value::Null),
        (format!("GET /api/users?origin={app}"), Value::Null),
        (format!("GET /api/users?cursor={user}"), Value::Null),
        (format!("GET /api/groups?cursor={group}"), Value::Null),
    ]);
    cases
}

/// In the bodies of the management API.
fn api_bodies(ours: &Ids, foreign: &Ids) -> Vec<Case> {
    let quorum = |members: Value| json!({ "quorum": { "n": 1, "members": members } });
    let (user, app) = (json!({ "user": foreign.user }), json!({ "app": foreign.app }));
    let mut cases = Vec::new();
    for path in ["/api/quorum-policy".to_owned(), format!("/api/groups/{}/quorum-policy", ours.group)] {
        for tree in [
            user.clone(),
            app.clone(),
            json!({ "user": foreign.group }),
            json!({ "app": foreign.user }),
            quorum(json!([{ "user": ours.user }, user])),
            quorum(json!([{ "user": ours.user }, quorum(json!([{ "app": ours.app }, app]))])),
        ] {
            cases.push((format!("PUT {path}"), tree));
        }
    }
    let simulation = |method: &str, path: String| json!({ "method": method, "path": path, "admin_app": ours.app });
    cases.extend([
        ("POST /api/groups".to_owned(), json!({ "display_name": "new", "members": [foreign.user] })),
        ("POST /api/groups".to_owned(), json!({ "display_name": "new", "members": [ours.user, foreign.group] })),
        (format!("PATCH /api/groups/{}", ours.group), json!({ "add_members": [foreign.user] })),
        (format!("PATCH /api/groups/{}", ours.group), json!({ "add_members": [foreign.group] })),
        (format!("PATCH /api/groups/{}", ours.group), json!({ "remove_members": [foreign.user] })),
        ("POST /api/users".to_owned(), json!({ "email": "new@a.example", "roles": [foreign.role] })),
        (format!("PATCH /api/users/{}", ours.user), json!({ "roles": [foreign.role] })),
        ("POST /api/admin-apps".to_owned(), json!({ "name": "new", "owner": foreign.user })),
        ("POST /api/admin-apps".to_owned(), json!({ "name": "new", "owner": format!("{SECRET}@a.example") })),
        ("POST /api/admin-apps".to_owned(), json!({ "name": "new", "role_ceiling": foreign.role })),
        (format!("PATCH /api/admin-apps/{}", ours.app), json!({ "owner": foreign.user })),
        (format!("PATCH /api/admin-apps/{}", ours.app), json!({ "role_ceiling": foreign.role })),
        (format!("POST /api/users/{}/adopt", ours.user), json!({ "admin_app": foreign.app, "reason": "x" })),
        (
            "POST /api/users/migration".to_owned(),
            json!({ "admin_app": foreign.app, "users": [{ "user_name": "x@a.example" }], "apply": true }),
        ),
        ("POST /api/sign-in-checks".to_owned(), json!({ "identifier": foreign.user })),
        ("POST /api/sign-in-checks".to_owned(), json!({ "identifier": format!("{SECRET}@a.example") })),
        ("POST /api/simulations".to_owned(), simulation("GET", format!("/Users/{}", foreign.user))),
        ("POST /api/simulations".to_owned(), simulation("DELETE", format!("/Groups/{}", foreign.group))),
        ("POST /api/simulations".to_owned(), json!({ "method": "GET", "path": "/Users", "admin_app": foreign.app })),
        (
            "POST /api/policy/preview".to_owned(),
            json!({ "preset": "standard", "roles": { "protected": [foreign.role] } }),
        ),
        ("PUT /api/policy".to_owned(), json!({ "preset": "standard", "roles": { "default": foreign.role } })),
        (
            "PUT /api/policy".to_owned(),
            json!({ "preset": "standard", "groups": { "roles": [{ "group": "x", "role": foreign.role }] } }),
        ),
    ]);
    cases
}

fn ask(account: &Account, case: &Case) -> Answer {
    let (method, path) = case.0.split_once(' ').expect("a case has a method and a path");
    let url = match path.strip_prefix("/api") {
        Some(path) => format!("{}/api/v1/accounts/{}{path}", account.base, account.id),
        None if path.starts_with("/scim") => format!("{}{path}", account.base),
        None => format!("{}/scim/v2{path}", account.base),
    };
    let asked = request(method, &url).bearer_auth(&account.key);
    send(match &case.1 {
        Value::Null => asked,
        body => asked.header("content-type", "application/json").body(body.to_string()),
    })
}

/// An answer without what is made of ids and times.
fn shown(answer: &Answer, ids: [&Ids; 2]) -> String {
    let mut text = format!("{} {}\n{}", answer.status, answer.header("location"), answer.text);
    for ids in ids {
        text = text.replace(&ids.cursor, "{cursor}");
    }
    let bytes = text.as_bytes();
    let mut shown = String::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &text[at..];
        let lengths = [uuid_length(rest), time_length(rest), digest_length(rest), hash_length(rest)];
        let length = lengths.into_iter().max().unwrap_or(0);
        if length > 0 {
            shown.push_str("{}");
            at += length;
        } else {
            let next = rest.chars().next().expect("there is more");
            shown.push(next);
            at += next.len_utf8();
        }
    }
    shown
}

/// The length of the UUID that a text begins with; 0 if it begins with none. The others alike.
fn uuid_length(text: &str) -> usize {
    let is_uuid = text.len() >= 36
        && text.bytes().take(36).enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    if is_uuid { 36 } else { 0 }
}

/// Hashes of the log, and ids of keys.
fn hash_length(text: &str) -> usize {
    let length = text.bytes().take_while(u8::is_ascii_hexdigit).count();
    if length >= 32 { length } else { 0 }
}

/// What an entity tag says about groups, which is made of ids: `-1a2b3c4d` at the end of a tag.
fn digest_length(text: &str) -> usize {
    let is_digest = text
        .strip_prefix('-')
        .and_then(|rest| rest.split_once(['\\', '"']))
        .is_some_and(|(digest, _)| digest.len() == 8 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if is_digest { 9 } else { 0 }
}

fn time_length(text: &str) -> usize {
    let end = text.find('Z').map_or(0, |at| at + 1);
    if (20..=30).contains(&end) && text[..end].parse::<jiff::Timestamp>().is_ok() { end } else { 0 }
}

/// Everything that an account has.
fn inventory(account: &Account) -> Vec<String> {
    let mut all = Vec::new();
    for path in ["", "/users", "/groups", "/roles", "/policy", "/schemas", "/resource-types", "/audit?limit=1"] {
        all.push(account.api("GET", path, Value::Null).expect(200).text);
    }
    all.push(account.api("GET", "/admin-apps", Value::Null).expect(200).json()["items"][0]["keys"].to_string());
    all
}

#[test]
fn s_105_what_belongs_to_another_account_is_like_what_belongs_to_nobody() {
    let server = Server::start();
    let (third, theirs) = furnished(&server, SECRET);
    let (asked_for_theirs, ours) = furnished(&server, "own");
    let (asked_for_nobodys, twin) = furnished(&server, "own");
    let nobodys = nobodys(&theirs);
    let before = inventory(&third);
    let cases = |ours: &Ids, other: &Ids| -> Vec<Case> {
        [paths(other), bodies(ours, other), messages(ours, other), api_paths(other), api_bodies(ours, other)].concat()
    };
    let (foreign, unknown) = (cases(&ours, &theirs), cases(&twin, &nobodys));
    assert!(foreign.len() > 230, "{} cases", foreign.len());
    for (foreign, unknown) in foreign.iter().zip(&unknown) {
        let name = format!("{} {}", foreign.0, foreign.1);
        let answer = ask(&asked_for_theirs, foreign);
        let other = ask(&asked_for_nobodys, unknown);
        assert!(answer.status < 500 || answer.status == 501, "{name}: {} {}", answer.status, answer.text);
        assert_eq!(shown(&answer, [&ours, &theirs]), shown(&other, [&twin, &nobodys]), "{name}");
        let asked = format!("{name} ");
        assert!(asked.contains(SECRET) || !answer.text.contains(SECRET), "{name}: {}", answer.text);
    }
    assert_eq!(inventory(&third), before, "nothing of the third account has changed, and nobody was there");
}
