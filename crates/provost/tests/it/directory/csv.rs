//! Users from a CSV file.

use super::{directory, provost};
use crate::{
    process::{Ran, run},
    support::{Account, Server},
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Imports a text as a file.
fn import(account: &Account, text: impl AsRef<[u8]>, more: &[&str]) -> Ran {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let file = folder.path().join("people.csv");
    std::fs::write(&file, text).expect("a file can be written");
    provost(account, &[&["user", "import", file.to_str().expect("a path is text")], more].concat())
}

/// What an import says, with this exit code.
fn told(account: &Account, text: impl AsRef<[u8]>, more: &[&str], code: i32) -> Value {
    let ran = import(account, text, &[more, &["--json"]].concat()).exits(code);
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stdout))
}

const PEOPLE: &str = "\
objectId,userPrincipalName,First name,surname,mail,accountEnabled,department,manager,shoe
1,ann@contoso.example,Ann,Archer,ann@mail.example,TRUE,Sales,3,43
2,bob@contoso.example,Bob,,,False,,cat@contoso.example,44
3,cat@contoso.example,Cat,Cole,,,\"R&D, West\",,45
";

#[test]
fn a_file_is_previewed_imported_and_then_nothing_is_left_to_do() {
    let contoso = directory();
    let preview = import(&contoso, PEOPLE, &["--dry-run"]).exits(0);
    assert!(preview.stdout.contains("line 2: created ann@contoso.example: "), "{}", preview.stdout);
    assert!(
        preview.stdout.contains("3 created, 2 managers. Nothing was done: this is a dry run."),
        "{}",
        preview.stdout
    );
    assert!(preview.stderr.contains("Columns that mean nothing are left out: shoe."), "{}", preview.stderr);
    assert_eq!(contoso.find("userName pr")["totalResults"], json!(0));

    assert_eq!(told(&contoso, PEOPLE, &[], 0)["counts"], json!({ "created": 3, "managers": 2 }));
    let of = |name: &str| contoso.find(&format!("userName eq \"{name}@contoso.example\""))["Resources"][0].clone();
    let (ann, bob, cat) = (of("ann"), of("bob"), of("cat"));
    const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    assert_eq!(ann["externalId"], json!("1"));
    assert_eq!(ann["name"], json!({ "givenName": "Ann", "familyName": "Archer" }));
    assert_eq!(ann["emails"], json!([{ "type": "work", "value": "ann@mail.example" }]));
    assert_eq!((&ann["active"], &bob["active"], &cat["active"]), (&json!(true), &json!(false), &json!(true)));
    assert_eq!(cat[ENTERPRISE]["department"], json!("R&D, West"));
    for user in [&ann, &bob] {
        assert_eq!(user[ENTERPRISE]["manager"]["value"], cat["id"], "{user}");
    }
    assert_eq!(contoso.shown(cat["id"].as_str().expect("an id"))["source"], json!("csv"));

    let entries = contoso.audit().len();
    let again = told(&contoso, PEOPLE, &[], 0);
    assert_eq!(again["counts"], json!({ "unchanged": 3 }), "it is all there: {again}");
    assert_eq!(contoso.audit().len(), entries, "what is unchanged is not written");
    let changed = PEOPLE.replace("ann@mail.example", "").replace("bob@", "rob@");
    let preview = import(&contoso, &changed, &["--dry-run"]).exits(0).stdout;
    assert!(
        preview.contains("line 2: updated ann@contoso.example: emails\nline 3: updated rob@contoso.example: userName"),
        "{preview}"
    );
    assert_eq!(told(&contoso, &changed, &[], 0)["counts"], json!({ "unchanged": 1, "updated": 2 }));
    assert_eq!((of("ann").get("emails"), of("rob")["id"].clone()), (None, bob["id"].clone()), "found by externalId");
}

#[test]
fn garbage_is_named_by_its_line_and_nothing_else_stops() {
    let contoso = directory();
    let mut text = b"\xef\xbb\xbfuserName,displayName,active,externalId\r\n".to_vec();
    for line in [
        &b"ann,Ann,true,1"[..],
        b"bad,\xff,true,2",
        b"nul,\0,true,3",
        b"few,columns",
        b"\"open,quotation,true,4",
        b"yes,Yes,perhaps,5",
        b",,,",
        b"ANN,Again,true,6",
        b"other,Again,true,1",
        b"\"bo\"\"b\",\"two, lines\",false,7",
        b"last,Last,,8",
    ] {
        text.extend_from_slice(line);
        text.extend_from_slice(b"\r\n");
    }
    text.extend_from_slice("x,".repeat(10_000_000).as_bytes());
    text.extend_from_slice(b"\nend,End,true,9");
    let told = told(&contoso, &text, &[], 3);
    assert_eq!(told["counts"], json!({ "created": 4, "refused": 9 }), "{told:#}");
    let refused = told["items"].as_array().expect("a list").iter().filter(|item| item["outcome"] == "refused");
    let mut refused: Vec<String> = refused
        .map(|item| format!("{}: {}", item["place"].as_str().expect("a place"), item["detail"].as_str().expect("why")))
        .collect();
    refused.sort_by_key(|text| text.split(':').next().and_then(|line| line[5..].parse::<u32>().ok()));
    let expected = [
        "line 3: column 2 is not UTF-8",
        "line 4: column `displayName` holds a NUL",
        "line 5: 2 columns, and the titles are 4",
        "line 6: a quotation mark is not closed",
        "line 7: `active`",
        "line 8: it names neither `userName` nor `externalId`",
        "line 9: the source names this user twice",
        "line 10: the source names this user twice",
        "line 13: longer than 262144 bytes",
    ];
    assert_eq!(refused.len(), expected.len(), "{refused:#?}");
    for (found, expected) in refused.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}, not {expected}");
    }
    assert_eq!(contoso.find("userName eq \"bo\\\"b\"")["Resources"][0]["displayName"], json!("two, lines"));
    assert_eq!(contoso.find("userName pr")["totalResults"], json!(4));
    for (text, said) in [
        ("", "the file is empty"),
        ("shoe\n43\n", "no column means `userName` or `externalId`"),
        ("userName\n", "the file names no user"),
    ] {
        assert!(import(&contoso, text, &[]).sentence().contains(said), "{said}");
    }
}

#[test]
fn who_is_missing_is_deleted_only_if_that_was_asked_and_the_file_was_whole_and_not_beyond_the_threshold() {
    let contoso = directory();
    let by_hand = contoso.api("POST", "/users", json!({ "email": "root@contoso.example" })).expect(201).json();
    told(&contoso, PEOPLE, &["--source", "hr"], 0);
    let left = PEOPLE.lines().filter(|line| !line.contains("bob@") && !line.contains("cat@")).collect::<Vec<_>>();
    let left = left.join("\n").replace(",3,43", ",,43");
    let delete = |most: &'static str| ["--source", "hr", "--delete-missing", "--max-deletes", most];
    let there = || contoso.find("userName pr")["totalResults"].clone();

    told(&contoso, &left, &["--source", "hr"], 0);
    let broken = format!("{left}\nx");
    let problem = told(&contoso, &broken, &delete("9"), 3)["problem"].to_string();
    assert!(problem.contains("Nobody is deleted, since not everything"), "{problem}");
    let problem = told(&contoso, &left, &delete("1"), 3)["problem"].to_string();
    assert!(problem.contains("does not name 2 of its users any more, and --max-deletes is 1"), "{problem}");
    assert_eq!(there(), json!(4));
    let preview = told(&contoso, &left, &[&delete("2")[..], &["--dry-run"]].concat(), 0);
    assert_eq!((preview["deleted"].as_array().map(Vec::len), there()), (Some(2), json!(4)));
    assert!(import(&contoso, &left, &["--delete-missing"]).exits(2).stderr.contains("--max-deletes"));

    let other = "userName\ndan@contoso.example\n";
    told(&contoso, other, &["--source", "other", "--delete-missing", "--max-deletes", "9"], 0);
    assert_eq!(there(), json!(5), "a source deletes its own users only");
    told(&contoso, &left, &delete("2"), 0);
    assert_eq!(there(), json!(3));
    let bin = contoso.api("GET", "/users?deleted=true", Value::Null).expect(200).json();
    assert_eq!(bin["items"].as_array().map(Vec::len), Some(2), "S-99: they can be restored");
    contoso.get(by_hand["id"].as_str().expect("an id")).expect(200);

    // A user belongs to one source, and to one `externalId`.
    let refused = told(&contoso, "userName,title\nann@contoso.example,Boss\n", &["--source", "other"], 3);
    assert!(refused["items"][0]["detail"].to_string().contains("comes from source `hr`"), "{refused}");
    let refused = told(&contoso, "userName,externalId\nann@contoso.example,77\n", &["--source", "hr"], 3);
    assert!(refused["items"][0]["detail"].to_string().contains("it is somebody else"), "{refused}");
}

#[test]
fn sources_and_their_users_are_kept_as_they_should_be() {
    let mut server = Server::start_in_folder(&[]);
    let contoso = server.account(json!("directory"));
    told(&contoso, PEOPLE, &["--source", "hr"], 0);
    for (version, status) in [(1, 409), (0, 200), (0, 409), (1, 200)] {
        let note = json!({ "cookie": { "since": version }, "version": version });
        contoso.api("PUT", "/sources/hr", note).expect(status);
    }
    contoso.api("PUT", "/sources/h%20r", json!({ "cookie": {}, "version": 0 })).refused(400, &["a source is named by"]);
    let huge = json!({ "cookie": "x".repeat(20_000), "version": 2 });
    contoso.api("PUT", "/sources/hr", huge).refused(400, &["a cookie has at most"]);
    assert_eq!(contoso.api("GET", "/sources", Value::Null).expect(200).json()["items"][0]["version"], json!(2));
    contoso.api("GET", "/sources/nobody", Value::Null).expect(404);
    let verify = |server: &Server| {
        let data = server.data();
        run(&["verify", "--data", data.to_str().expect("a path is text")]).exits(0);
    };
    server.stop();
    verify(&server);
    server.restart();
    let again = server.again(&contoso);
    again.api("DELETE", "/sources/hr", Value::Null).expect(204);
    told(&again, PEOPLE, &["--source", "hr", "--delete-missing", "--max-deletes", "0"], 0);
    server.stop();
    verify(&server);
}

#[test]
fn a_dry_run_says_who_would_manage_whom_and_whose_manager_is_not_found() {
    let contoso = directory();
    let there = "objectId,userName\nb,boss@contoso.example\na,ann@contoso.example\n";
    told(&contoso, there, &[], 0);
    let file = "objectId,userName,manager\na,ann@contoso.example,b\nc,cid@contoso.example,Boss@contoso.example\n\
        d,dee@contoso.example,c\ne,eve@contoso.example,DEE@contoso.example\nf,fay@contoso.example,nobody\n";
    let preview = import(&contoso, file, &["--dry-run"]).exits(3).stdout;
    for line in [
        "line 2: manager ann@contoso.example: b\n",
        "line 3: manager cid@contoso.example: Boss@contoso.example\n",
        "line 4: manager dee@contoso.example: c\n",
        "line 5: manager eve@contoso.example: DEE@contoso.example\n",
        "line 6: refused fay@contoso.example: its manager `nobody` is no user of the account\n",
        "4 created, 4 managers, 1 refused, 1 unchanged. Nothing was done: this is a dry run.",
    ] {
        assert!(preview.contains(line), "{line} is not in {preview}");
    }
    let preview = told(&contoso, file, &["--dry-run"], 3);
    assert_eq!(contoso.find("userName pr")["totalResults"], json!(2), "nobody is made");
    let managers =
        preview["items"].as_array().expect("a list").iter().filter(|item| item["outcome"] == json!("manager"));
    assert_eq!(managers.map(|item| item["manager"].clone()).collect::<Vec<_>>().len(), 4);
    let done = told(&contoso, file, &[], 3);
    assert_eq!(done["counts"], preview["counts"], "and then it is so");
    let again = told(&contoso, file, &["--dry-run"], 3);
    assert_eq!(again["counts"], json!({ "refused": 1, "unchanged": 5 }), "who is managed already is not named");
}
