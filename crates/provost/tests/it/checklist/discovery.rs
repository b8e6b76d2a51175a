//! The discovery endpoints and what they promise (SPC, RTY, SCH, DSC).

use super::{Case, ENTERPRISE, GROUP, LIST, SEARCH, USER, ask, check, column, get, members, standard};
use crate::support::{Account, Server};
use serde_json::{Value, json};

const TYPES: [&str; 8] = ["string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex"];

fn schemas(account: &Account) -> Vec<Value> {
    get(account, "/Schemas")["Resources"].as_array().expect("a list").clone()
}

/// Every attribute and sub-attribute of the schemas of resources, with its path.
fn attributes(account: &Account) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for schema in schemas(account) {
        let id = schema["id"].as_str().expect("a schema has an id").to_owned();
        // The Schema schema describes itself, with attributes within attributes (MOD-08).
        if id != "urn:ietf:params:scim:schemas:core:2.0:Schema" {
            collect(&id, &schema["attributes"], &mut found);
        }
    }
    found
}

fn collect(path: &str, attributes: &Value, found: &mut Vec<(String, Value)>) {
    for attribute in attributes.as_array().into_iter().flatten() {
        let name = format!("{path}:{}", attribute["name"].as_str().expect("an attribute has a name"));
        collect(&name, &attribute["subAttributes"], found);
        found.push((name, attribute.clone()));
    }
}

#[test]
fn spc_01_the_configuration() {
    let server = Server::start();
    let account = standard(&server);
    let config = get(&account, "/ServiceProviderConfig");
    assert_eq!(config["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"]), "SPC-01");
    for (name, kind) in [
        ("/patch/supported", "boolean"),
        ("/bulk/supported", "boolean"),
        ("/bulk/maxOperations", "number"),
        ("/bulk/maxPayloadSize", "number"),
        ("/filter/supported", "boolean"),
        ("/filter/maxResults", "number"),
        ("/changePassword/supported", "boolean"),
        ("/sort/supported", "boolean"),
        ("/etag/supported", "boolean"),
        ("/authenticationSchemes", "array"),
        ("/pagination/cursor", "boolean"),
        ("/pagination/index", "boolean"),
        ("/pagination/defaultPageSize", "number"),
        ("/pagination/maxPageSize", "number"),
    ] {
        let value = config.pointer(name).unwrap_or_else(|| panic!("SPC-03 SPC-09 {name} is missing: {config}"));
        let found = match value {
            Value::Bool(_) => "boolean",
            Value::Number(number) if number.is_u64() => "number",
            Value::Array(_) => "array",
            Value::Number(_) | Value::Null | Value::String(_) | Value::Object(_) => "another",
        };
        assert_eq!(found, kind, "SPC-03 SPC-09 {name}");
    }
    for scheme in config["authenticationSchemes"].as_array().expect("SPC-05 a list") {
        assert_eq!(scheme["type"], "oauthbearertoken", "SPC-05");
        assert!(scheme["name"].is_string() && scheme["description"].is_string(), "SPC-05 {scheme}");
    }
    let method = config["pagination"]["defaultPaginationMethod"].as_str();
    assert_eq!(method, Some("index"), "SPC-09 PGC-11");
    assert_eq!(config.get("securityEvents"), None, "SPC-10 no security events are offered");
    let meta = &config["meta"];
    assert_eq!(meta["resourceType"], "ServiceProviderConfig", "SPC-11");
    assert_eq!(meta["location"], json!(format!("{}/scim/v2/ServiceProviderConfig", account.base)), "SPC-11");
}

#[test]
fn spc_08_the_flags_tell_the_truth() {
    let server = Server::start();
    let account = standard(&server);
    let config = get(&account, "/ServiceProviderConfig");
    let user = super::make_user(&account, json!({}));
    let id = super::id_of(&user);
    let patch = super::patch(json!([super::replace("title", json!("T"))]));
    let bulk = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [] });
    let search = |body: Value| {
        let mut body = body;
        body["schemas"] = json!([SEARCH]);
        body
    };
    let works = |request: &str, body: Value| ask(&account, request, body).status < 400;
    assert_eq!(config["patch"]["supported"], json!(works(&format!("PATCH /Users/{id}"), patch)), "SPC-08 patch");
    let answer = ask(&account, "POST /Bulk", bulk);
    assert_eq!(config["bulk"]["supported"], json!(answer.status != 501), "SPC-08 BLK-01 bulk: {}", answer.status);
    let tagged = ask(&account, &format!("GET /Users/{id}"), Value::Null);
    assert_eq!(config["etag"]["supported"], json!(!tagged.header("etag").is_empty()), "SPC-08 ETG-01 etag");
    for count in [1, 500] {
        let page = super::done(&account, "POST /Users/.search", search(json!({ "count": count })));
        let most = config["filter"]["maxResults"].as_u64().expect("a number");
        assert!(page["Resources"].as_array().expect("a list").len() as u64 <= most, "SPC-08 filter.maxResults");
    }
    for name in ["b", "a", "c"] {
        super::make_user(&account, json!({ "nickName": name }));
    }
    let sorted = column(&get(&account, "/Users?sortBy=nickName&count=3"), "nickName");
    assert_eq!(config["sort"]["supported"], json!(sorted == ["a", "b", "c"]), "SPC-08 SRT-01 sort");
    assert_eq!(config["filter"]["supported"], json!(true), "SPC-08 FLT-10");
    assert_eq!(config["changePassword"]["supported"], json!(false), "SPC-08 passwords are not kept");
}

#[test]
fn rty_01_resource_types() {
    let server = Server::start();
    let account = standard(&server);
    let list = get(&account, "/ResourceTypes");
    assert_eq!(list["schemas"], json!([LIST]), "RTY-01 DSC-02");
    for resource_type in list["Resources"].as_array().expect("a list") {
        let name = resource_type["name"].as_str().expect("RTY-02 a name");
        assert_eq!(&get(&account, &format!("/ResourceTypes/{name}")), resource_type, "RTY-01 DSC-02 {name}");
        let schema = resource_type["schema"].as_str().expect("RTY-02 a schema");
        assert_eq!(get(&account, &format!("/Schemas/{schema}"))["id"], json!(schema), "RTY-04 SCH-03");
        for extension in resource_type["schemaExtensions"].as_array().into_iter().flatten() {
            assert!(extension["required"].is_boolean(), "RTY-02 RTY-03 {extension}");
            let urn = extension["schema"].as_str().expect("a URN");
            assert_eq!(get(&account, &format!("/Schemas/{urn}"))["id"], json!(urn), "RTY-04 SCH-03");
        }
        let endpoint = resource_type["endpoint"].as_str().expect("RTY-02 an endpoint");
        assert!(endpoint.starts_with('/') && endpoint.ends_with('s'), "RTY-06 {endpoint} is a plural");
        let found = get(&account, &format!("{endpoint}?count=1"));
        assert_eq!(found["schemas"], json!([LIST]), "RTY-07 {endpoint} works");
    }
    let user = get(&account, "/ResourceTypes/User");
    assert!(user["schemaExtensions"].is_array(), "RTY-03 several are possible");
    assert_eq!(get(&account, "/ResourceTypes/Group").get("schemaExtensions"), None, "RTY-03 and none");
    ask(&account, "GET /ResourceTypes/Robot", Value::Null).error(404);
}

#[test]
fn sch_01_schemas() {
    let server = Server::start();
    let account = standard(&server);
    let listed = schemas(&account);
    let ids: Vec<&str> = listed.iter().filter_map(|schema| schema["id"].as_str()).collect();
    for urn in [USER, GROUP, ENTERPRISE] {
        assert!(ids.contains(&urn), "SCH-01 {urn}");
        let encoded = urn.replace(':', "%3A");
        for path in
            [format!("/Schemas/{urn}"), format!("/Schemas/{encoded}"), format!("/Schemas/{}", urn.to_uppercase())]
        {
            assert_eq!(get(&account, &path)["id"], json!(urn), "SCH-02 MOD-01 {path}");
        }
    }
    for urn in ["ServiceProviderConfig", "ResourceType", "Schema"] {
        assert!(ids.iter().any(|id| id.ends_with(&format!(":{urn}"))), "SCH-12 {urn}");
    }
    assert!(!ids.iter().any(|id| id.contains(":api:")), "COM-08 messages are no resources: {ids:?}");
    for schema in &listed {
        assert_eq!(schema["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:Schema"]), "SCH-11");
        assert_eq!(schema["meta"]["resourceType"], "Schema", "SCH-11");
        let id = schema["id"].as_str().expect("SCH-04 an id");
        check(
            &account,
            ["PUT", "PATCH", "DELETE"].map(|method| -> Case<'static> {
                ("SCH-04 schemas cannot be changed", format!("{method} /Schemas/{id}"), schema.clone(), "405")
            }),
        );
    }
    ask(&account, "GET /Schemas/urn:ietf:params:scim:schemas:core:2.0:Robot", Value::Null).error(404);
}

#[test]
fn sch_05_every_attribute_is_described() {
    let server = Server::start();
    let account = standard(&server);
    for (path, attribute) in attributes(&account) {
        let kind = attribute["type"].as_str().unwrap_or_default();
        assert!(TYPES.contains(&kind), "SCH-06 MOD-24 {path} is of type {kind}");
        for (member, allowed) in [
            ("mutability", &["readOnly", "readWrite", "immutable", "writeOnly"][..]),
            ("returned", &["always", "default", "request", "never"]),
            ("uniqueness", &["none", "server", "global"]),
        ] {
            let value = attribute[member].as_str();
            let may_be_missing = member == "uniqueness" && matches!(kind, "complex" | "boolean");
            assert!(
                value.map_or(may_be_missing, |value| allowed.contains(&value)),
                "SCH-05 SCH-09 {path}.{member}: {value:?}"
            );
        }
        assert!(attribute["multiValued"].is_boolean() && attribute["required"].is_boolean(), "SCH-05 {path}");
        assert_eq!(attribute["subAttributes"].is_array(), kind == "complex", "SCH-07 {path}");
        let subs = attribute["subAttributes"].as_array().cloned().unwrap_or_default();
        for sub in &subs {
            let own = path.contains(":ServiceProviderConfig:") || path.contains(":ResourceType:");
            assert!(own || sub["type"] != "complex", "SCH-08 MOD-08 {path}: {sub}");
        }
        let refers = attribute["referenceTypes"].as_array();
        assert_eq!(refers.is_some(), kind == "reference", "CHR-24 {path}");
        for target in refers.into_iter().flatten().filter_map(Value::as_str) {
            assert!(["User", "Group", "external", "uri"].contains(&target), "CHR-24 {path}: {target}");
        }
        let expected = match attribute["name"].as_str().unwrap_or_default() {
            "$ref" => "reference",
            "primary" => "boolean",
            "display" => "string",
            _ => kind,
        };
        assert_eq!(kind, expected, "MOD-26 {path}");
    }
}

#[test]
fn com_06_an_extension_redefines_nothing() {
    let server = Server::start();
    let account = standard(&server);
    let names = |urn: &str| -> Vec<String> {
        let schema = get(&account, &format!("/Schemas/{urn}"));
        schema["attributes"].as_array().expect("attributes").iter().map(|one| one["name"].to_string()).collect()
    };
    let core = names(USER);
    for name in names(ENTERPRISE) {
        assert!(!core.contains(&name), "COM-06 {name}");
    }
}

#[test]
fn corrections_to_the_published_schemas() {
    let server = Server::start();
    let account = standard(&server);
    let all = attributes(&account);
    let characteristic = |path: &str, name: &str| {
        let found = all.iter().find(|(other, _)| other.ends_with(path));
        found.unwrap_or_else(|| panic!("there is no {path}")).1[name].clone()
    };
    for (rule, path, name, value) in [
        ("SPC-06 CON-08 etag", ":ServiceProviderConfig:etag", "required", json!(true)),
        (
            "SPC-06 CON-08 type of a scheme",
            ":ServiceProviderConfig:authenticationSchemes:type",
            "required",
            json!(true),
        ),
        ("SPC-02 read-only", ":ServiceProviderConfig:patch", "mutability", json!("readOnly")),
        ("RTY-03 CON-08 several extensions", ":ResourceType:schemaExtensions", "multiValued", json!(true)),
        ("RTY-03 CON-08 or none", ":ResourceType:schemaExtensions", "required", json!(false)),
        ("RTY-02 read-only", ":ResourceType:endpoint", "mutability", json!("readOnly")),
        ("GRP-02 CON-08 a group has a name", ":Group:displayName", "required", json!(true)),
        ("CON-07 PIT-15 display is writable", ":User:emails:display", "mutability", json!("readWrite")),
        ("CON-07 a member is immutable", ":Group:members:value", "mutability", json!("immutable")),
        (
            "CON-09 ims of type other",
            ":User:ims:type",
            "canonicalValues",
            json!(["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo", "other"]),
        ),
        ("CON-10 primary of an address", ":User:addresses:primary", "type", json!("boolean")),
        ("MOD-16 a certificate is exact", ":User:x509Certificates:value", "caseExact", json!(true)),
        ("MOD-18 a reference is exact", ":User:profileUrl", "caseExact", json!(true)),
        ("USR-02 userName", ":User:userName", "uniqueness", json!("server")),
        ("USR-02 userName", ":User:userName", "required", json!(true)),
        ("USR-21 groups are computed", ":User:groups", "mutability", json!("readOnly")),
        ("USR-21 groups are computed", ":User:groups:value", "mutability", json!("readOnly")),
        ("ENT-02 a manager's name is computed", ":User:manager:displayName", "mutability", json!("readOnly")),
    ] {
        assert_eq!(characteristic(path, name), value, "{rule}");
    }
}

#[test]
fn dsc_01_discovery_answers_get_and_nothing_else() {
    let server = Server::start();
    let account = standard(&server);
    let mut cases: Vec<Case<'static>> = Vec::new();
    for path in
        ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas", "/ResourceTypes/User", &format!("/Schemas/{USER}")]
    {
        cases.push(("DSC-01", format!("GET {path}"), Value::Null, "200"));
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            cases.push(("SPC-12 HTT-20", format!("{method} {path}"), json!({}), "405"));
        }
        for query in
            ["sortBy=id", "startIndex=2&count=1", "count=0", "attributes=id", "excludedAttributes=id", "cursor="]
        {
            cases.push(("DSC-03 DSC-05 ignored", format!("GET {path}?{query}"), Value::Null, "200"));
        }
        cases.push(("DSC-04 DSC-05", format!("GET {path}?filter=id%20pr"), Value::Null, "403"));
    }
    for path in ["/ServiceProviderConfigs", "/ResourceType", "/Schema", "/schemas"] {
        cases.push(("DSC-09", format!("GET {path}"), Value::Null, "404"));
    }
    check(&account, cases);
    for path in ["/ResourceTypes", "/Schemas"] {
        let list = get(&account, path);
        let count = json!(list["Resources"].as_array().expect("a list").len());
        assert_eq!((&list["totalResults"], &list["itemsPerPage"]), (&count, &count), "DSC-06 {path}");
        assert_eq!(list["startIndex"], 1, "DSC-06 {path}");
        assert_eq!(get(&account, &format!("{path}?startIndex=2&count=1&sortBy=name")), list, "DSC-02 DSC-03 {path}");
        for entry in list["Resources"].as_array().expect("a list") {
            let location = entry["meta"]["location"].as_str().expect("DSC-08 a location");
            let path = location.strip_prefix(&format!("{}/scim/v2", account.base)).expect("DSC-08 under our base");
            assert_eq!(&get(&account, path), entry, "DSC-08 {path}");
        }
    }
    assert_eq!(members(&get(&account, "/ResourceTypes/Group")).first(), Some(&"description"));
}
