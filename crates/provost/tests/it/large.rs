//! Groups of tens of thousands: who is in them is sent as it is read, so that neither the answer nor the server grows with them.

use crate::{
    crowd, raw,
    support::{Account, Server, encoded, id, members},
};
use serde_json::{Value, json};
use std::{
    collections::HashSet,
    fs,
    io::{Read, Write},
    thread,
};

/// Members of each group.
const MEMBERS: usize = 20_000;
/// Members in one request: about half of what its body may hold.
const AT_ONCE: usize = 10_000;
/// Groups, which have the same members: their list has five times as many.
const GROUPS: usize = 5;
/// What the server may grow by while the groups are listed once at a time, in KiB; their members are as many bytes of JSON.
const GROWTH_MAX: u64 = 16 * 1024;
/// The same while four or eight lists are under way at once, which are as many times those bytes.
const GROWTH_AT_ONCE_MAX: u64 = 2 * GROWTH_MAX;

/// Users, and groups of all of them.
struct Large {
    account: Account,
    users: Vec<String>,
    groups: Vec<String>,
}

impl Large {
    fn fill(server: &Server) -> Self {
        let account = server.account(json!("standard"));
        let users = crowd::users(&account, "user", MEMBERS);
        let mut groups = Vec::new();
        for number in 0..GROUPS {
            let mut parts = users.chunks(AT_ONCE).map(|ids| ids.iter().map(String::as_str).collect::<Vec<_>>());
            let group = id(&account.group(&format!("Everybody {number}"), &parts.next().expect("there are users")));
            for ids in parts {
                let add = json!([{ "op": "add", "path": "members", "value": members(&ids) }]);
                account.patch_group(&group, add).expect(204);
            }
            groups.push(group);
        }
        Self { account, users, groups }
    }

    /// Lists all groups and counts the members that are sent, without keeping them.
    fn list(&self) -> usize {
        let mut stream = self.open("/Groups");
        let (mut count, mut rest, mut chunk) = (0, Vec::new(), vec![0; 64 * 1024]);
        loop {
            let read = stream.read(&mut chunk).expect("the server sends to the end");
            if read == 0 {
                return count;
            }
            rest.extend_from_slice(&chunk[..read]);
            count += rest.windows(MARK.len()).filter(|window| *window == MARK).count();
            let kept = rest.len().min(MARK.len() - 1);
            rest.drain(..rest.len() - kept);
        }
    }

    /// A GET whose answer is not read yet. HTTP/1.0 asks for it without frames between its parts.
    fn open(&self, path: &str) -> std::net::TcpStream {
        let mut stream = raw::connect(&self.account.base);
        let key = &self.account.key;
        let request = format!("GET /scim/v2{path} HTTP/1.0\r\nhost: localhost\r\nauthorization: Bearer {key}\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("the server reads");
        stream
    }
}

/// Stands in every member that is sent, and nowhere else.
const MARK: &[u8] = b"\"type\":\"User\"";

/// A line of what the kernel knows of a process's memory, in KiB.
fn memory(pid: u32, line: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("the server runs");
    let found = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':'));
    let found = found.and_then(|text| text.trim().strip_suffix(" kB")).and_then(|text| text.parse().ok());
    found.unwrap_or_else(|| panic!("no {line} in {status}"))
}

/// How much more memory than at the beginning the server had at any time while `work` was done, in KiB.
fn growth(server: &Server, work: impl FnOnce()) -> u64 {
    let pid = server.pid();
    fs::write(format!("/proc/{pid}/clear_refs"), "5").expect("the peak of an own process can be reset");
    let before = memory(pid, "VmRSS");
    work();
    memory(pid, "VmHWM").saturating_sub(before)
}

fn each_once(group: &Value, expected: &[String]) {
    let listed = group["members"].as_array().expect("a group has members");
    let distinct: HashSet<&str> = listed.iter().map(|member| member["value"].as_str().expect("an id")).collect();
    assert_eq!(listed.len(), expected.len());
    assert!(expected.iter().all(|user| distinct.contains(user.as_str())), "somebody is missing");
}

#[test]
fn s_49_s_55_groups_of_twenty_thousand_members() {
    let server = Server::start();
    let large = Large::fill(&server);
    whole_groups_are_read(&large);
    without_its_members_a_group_is_small(&large);
    what_would_examine_too_many_is_refused(&large);
    a_slow_reader_sees_a_whole_group(&large);
    memory_does_not_grow_with_the_list(&server, &large);
    one_member_comes_and_goes(&large);
    everybody_leaves(&large);
}

fn whole_groups_are_read(large: &Large) {
    let Large { account, users, groups } = large;
    let group = account.scim("GET", &format!("/Groups/{}", groups[0]), Value::Null).expect(200).json();
    each_once(&group, users);
    let list = account.scim("GET", "/Groups", Value::Null).expect(200).json();
    assert_eq!((&list["totalResults"], &list["itemsPerPage"]), (&json!(GROUPS), &json!(GROUPS)));
    let listed = list["Resources"].as_array().expect("a list");
    assert_eq!(listed.iter().map(id).collect::<Vec<_>>(), *groups);
    for group in listed {
        each_once(group, users);
    }
    for (user, query) in [(&users[0], "value eq"), (&users[MEMBERS - 1], "value eq")] {
        let filter = encoded(&format!("members[{query} \"{user}\"]"));
        let path = format!("/Groups?excludedAttributes=members&filter={filter}");
        let found = account.scim("GET", &path, Value::Null).expect(200).json();
        assert_eq!(found["totalResults"], json!(GROUPS), "{found}");
    }
}

fn without_its_members_a_group_is_small(large: &Large) {
    let Large { account, groups, .. } = large;
    for query in ["excludedAttributes=members", "attributes=displayName"] {
        let one = account.scim("GET", &format!("/Groups/{}?{query}", groups[0]), Value::Null).expect(200);
        assert!(one.text.len() < 1_000 && one.json().get("members").is_none(), "{query}: {}", one.text);
        let list = account.scim("GET", &format!("/Groups?{query}"), Value::Null).expect(200);
        assert!(list.text.len() < 1_000 * GROUPS && !list.text.contains("members"), "{query}: {}", list.text);
    }
}

/// LST-10: twenty thousand users are more than a filter or an order without an index may examine.
fn what_would_examine_too_many_is_refused(large: &Large) {
    let ask = |query: &str| large.account.scim("GET", &format!("/Users?{query}"), Value::Null);
    for query in
        ["filter=title+eq+%22x%22", "filter=not+(userName+eq+%22user7%22)", "sortBy=title", "sortBy=title&cursor"]
    {
        assert_eq!(ask(query).error(400)["scimType"], "tooMany", "{query}");
    }
    for (query, total) in
        [("filter=userName+eq+%22USER7%22", 1), ("startIndex=20000", MEMBERS), ("cursor&count=1", MEMBERS)]
    {
        assert_eq!(ask(query).expect(200).json()["totalResults"], json!(total), "{query}");
    }
}

/// Members come and go while a group is sent: who stays is there, once, and the answer is whole.
fn a_slow_reader_sees_a_whole_group(large: &Large) {
    let Large { account, users, groups } = large;
    let mut stream = large.open(&format!("/Groups/{}", groups[1]));
    let mut begun = [0; 32 * 1024];
    stream.read_exact(&mut begun).expect("the server begins to answer");
    let ids: Vec<&str> = users.iter().skip(5).step_by(10).map(String::as_str).collect();
    let remove = json!([{ "op": "remove", "path": "members", "value": members(&ids) }]);
    account.patch_group(&groups[1], remove).expect(204);
    let mut text = begun.to_vec();
    stream.read_to_end(&mut text).expect("the server sends to the end");
    let body = text.windows(4).position(|window| window == b"\r\n\r\n").expect("an answer has a head") + 4;
    let group: Value = serde_json::from_slice(&text[body..]).expect("the answer is whole");
    let listed: Vec<String> = group["members"]
        .as_array()
        .expect("a group has members")
        .iter()
        .map(|member| member["value"].as_str().expect("an id").to_owned())
        .collect();
    let distinct: HashSet<&str> = listed.iter().map(String::as_str).collect();
    assert_eq!(listed.len(), distinct.len(), "nobody is there twice");
    let gone: HashSet<&str> = ids.iter().copied().collect();
    assert!(users.iter().all(|user| gone.contains(user.as_str()) || distinct.contains(user.as_str())));
    let add = json!([{ "op": "add", "path": "members", "value": members(&ids) }]);
    account.patch_group(&groups[1], add).expect(204);
}

fn memory_does_not_grow_with_the_list(server: &Server, large: &Large) {
    // The first list fills caches that later ones use.
    assert_eq!(large.list(), MEMBERS * GROUPS);
    let one_after_the_other = growth(server, || {
        for _ in 0..5 {
            assert_eq!(large.list(), MEMBERS * GROUPS);
        }
    });
    let at_once = growth(server, || {
        thread::scope(|scope| {
            let lists: Vec<_> = (0..4).map(|_| scope.spawn(|| large.list())).collect();
            for list in lists {
                assert_eq!(list.join().expect("a list is read"), MEMBERS * GROUPS);
            }
        });
    });
    // Clients who ask and do not read hold nothing up, and nothing is kept for them.
    let unread = growth(server, || {
        let streams: Vec<_> = (0..8).map(|_| large.open("/Groups")).collect();
        assert_eq!(large.list(), MEMBERS * GROUPS);
        drop(streams);
    });
    for (what, grown, most) in [
        ("five lists", one_after_the_other, GROWTH_MAX),
        ("four at once", at_once, GROWTH_AT_ONCE_MAX),
        ("eight unread", unread, GROWTH_AT_ONCE_MAX),
    ] {
        assert!(grown < most, "{what}: the server grew by {grown} KiB");
    }
}

fn one_member_comes_and_goes(large: &Large) {
    let Large { account, users, groups } = large;
    let small = id(&account.group("Nobody", &[]));
    let newcomer = id(&account.create(json!({ "userName": "newcomer" })));
    let joining = json!([{ "op": "add", "path": "members", "value": members(&[&newcomer]) }]);
    account.patch_group(&small, joining.clone()).expect(200);
    let answer = account.patch_group(&groups[2], joining);
    assert_eq!((answer.status, answer.text.as_str()), (204, ""), "S-55 a PATCH answers without the members");
    assert_eq!(account.members_of(&small), std::slice::from_ref(&newcomer));
    assert_eq!(account.members_of(&groups[2]).len(), MEMBERS + 1);
    account
        .patch_group(&groups[2], json!([{ "op": "replace", "path": "displayName", "value": "Renamed" }]))
        .expect(204);
    assert_eq!(account.members_of(&groups[2]).len(), MEMBERS + 1, "S-49 a rename leaves the members");
    let path = format!("members[value eq \"{newcomer}\"]");
    account.patch_group(&groups[2], json!([{ "op": "remove", "path": path }])).expect(204);
    let group = account.scim("GET", &format!("/Groups/{}", groups[2]), Value::Null).expect(200).json();
    each_once(&group, users);
    let shown = account.get(&users[7]).expect(200).json();
    assert_eq!(shown["groups"].as_array().map(Vec::len), Some(GROUPS), "{shown}");
}

fn everybody_leaves(large: &Large) {
    let Large { account, users, groups } = large;
    account.patch_group(&groups[0], json!([{ "op": "remove", "path": "members" }])).expect(200);
    assert_eq!(account.members_of(&groups[0]), [""; 0]);
    account.scim("DELETE", &format!("/Groups/{}", groups[1]), Value::Null).expect(204);
    let (one, two) = (&users[..2], &users[2..4]);
    let replaced = json!([{ "op": "replace", "path": "members", "value": members(&[&one[0], &one[1], &two[0]]) }]);
    account.patch_group(&groups[2], replaced).expect(200);
    assert_eq!(account.members_of(&groups[2]).len(), 3);
    let shown = account.get(&two[1]).expect(200).json();
    let mut left: Vec<String> = shown["groups"]
        .as_array()
        .expect("a user shows its groups")
        .iter()
        .map(|group| group["value"].as_str().expect("an id").to_owned())
        .collect();
    left.sort();
    assert_eq!(left, [groups[3].clone(), groups[4].clone()], "who left a group does not show it");
    assert_eq!(account.api("GET", "/audit/verify", Value::Null).expect(200).json()["verified"], json!(true));
}
