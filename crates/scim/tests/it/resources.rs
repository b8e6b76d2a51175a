//! Bodies of POST and PUT against the schema, and the stored document.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod stored;

use crate::kinds;
use expect_test::{Expect, expect};
use provost_scim::{ResourceType, ScimError, ValueError, urn};
use serde_json::{Value, json};

/// A body with `schemas`, which most cases do not care about.
fn body(kind: &ResourceType, members: Value) -> Value {
    let mut body = json!({ "schemas": [kind.schema.id] });
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    body
}

/// The resource without `schemas`, then what was unknown and what was cleared; or the error.
fn shown(kind: &ResourceType, body: Value) -> String {
    match kind.read(body) {
        Err(error) => failed(error),
        Ok(incoming) => {
            let mut resource = incoming.resource;
            resource.remove("schemas");
            let lists = [
                ("unknown", incoming.unknown),
                ("unknown schemas", incoming.unknown_schemas),
                ("cleared", incoming.cleared),
            ];
            let notes = lists.into_iter().filter(|(_, names)| !names.is_empty());
            let notes: String = notes.map(|(title, names)| format!(" {title}: {}", names.join(" "))).collect();
            format!("{}{notes}", resource.to_json())
        }
    }
}

fn failed(error: ValueError) -> String {
    let error = ScimError::from(error);
    let keyword = serde_json::to_value(error.scim_type).unwrap();
    format!("{}: {}", keyword.as_str().unwrap(), error.detail)
}

#[track_caller]
fn check(kind: &ResourceType, cases: &[(&str, Value)], expected: Expect) {
    let lines = cases.iter().map(|(name, members)| format!("{name}\n  {}\n", shown(kind, body(kind, members.clone()))));
    expected.assert_eq(&lines.collect::<String>());
}

#[test]
fn users() {
    let cases = [
        (
            "MOD-01 MOD-05 names in any case, schema order",
            json!({"NAME":{"GIVENNAME":"B","familyname":"J"},"UserName":"b","EXTERNALID":"e"}),
        ),
        (
            "CHR-01 COM-13 CRE-04 readOnly is ignored",
            json!({"userName":"b","id":"x","meta":{"resourceType":1},"groups":7}),
        ),
        (
            "CRE-04 readOnly sub-attribute is ignored",
            json!({"userName":"b", urn::ENTERPRISE_USER: {"manager":{"value":"7","displayName":"M"}}}),
        ),
        (
            "MOD-31 MOD-33 unassigned",
            json!({"userName":"b","title":null,"emails":[],"name":{"givenName":null},"phoneNumbers":[{},null]}),
        ),
        ("MOD-25 multi-valued as empty object", json!({"userName":"b","ims":{}})),
        ("MOD-34 an empty string is a value", json!({"userName":"b","title":""})),
        ("CHR-15 userName is required", json!({"title":"T"})),
        ("CHR-15 null is no value", json!({"userName":null})),
        ("USR-03 blank userName", json!({"userName":" \u{3000} "})),
        ("MOD-12 boolean as text", json!({"userName":"b","active":"true"})),
        ("MOD-10 string as number", json!({"userName":7})),
        ("MOD-23 complex as string", json!({"userName":"b","name":"Babs"})),
        ("MOD-25 multi-valued as object", json!({"userName":"b","emails":{"value":"a@b"}})),
        ("MOD-25 element as string", json!({"userName":"b","emails":["a@b"]})),
        ("single-valued as array", json!({"userName":"b","nickName":["B"]})),
        ("ENT-04 manager as string", json!({"userName":"b", urn::ENTERPRISE_USER: {"manager":"7"}})),
        ("extension as string", json!({"userName":"b", urn::ENTERPRISE_USER: "x"})),
        (
            "MOD-28 two primary values",
            json!({"userName":"b","emails":[{"value":"a","primary":true},{"value":"b","primary":true}]}),
        ),
        (
            "MOD-27 one primary value",
            json!({"userName":"b","emails":[{"value":"a","primary":true},{"value":"b","primary":false}]}),
        ),
        (
            "MOD-30 equal values once",
            json!({"userName":"b","emails":[{"value":"A@b","type":"work"},{"type":"WORK","value":"a@B","primary":true},{"value":"a@b","type":"home"}]}),
        ),
        ("MOD-04 twice in two spellings", json!({"userName":"b","USERNAME":"c"})),
        ("MOD-04 sub-attribute twice", json!({"userName":"b","name":{"givenName":"a","GivenName":"b"}})),
        (
            "MOD-04 extension twice",
            json!({"userName":"b", urn::ENTERPRISE_USER: {}, "URN:ietf:params:scim:schemas:extension:enterprise:2.0:User": {}}),
        ),
        (
            "CRE-10 unknown names",
            json!({"userName":"b","shoeSize":43,"name":{"nick":"x"},"emails":[{"value":"a","weight":1}], urn::ENTERPRISE_USER: {"pet":"cat"}, "urn:example:Foo": {"a":1}}),
        ),
        (
            "COM-07 extension URN in another case",
            json!({"userName":"b","urn:IETF:params:scim:schemas:extension:Enterprise:2.0:user": {"Department":"D"}}),
        ),
        ("CRE-05 cleared outright", json!({"userName":"b","active":null,"roles":[], urn::ENTERPRISE_USER: null})),
        ("control character", json!({"userName":"b\u{0}"})),
        ("DEL", json!({"userName":"b","title":"a\u{7f}"})),
        ("line break in a title", json!({"userName":"b","title":"a\nb"})),
        (
            "line break in an address",
            json!({"userName":"b","addresses":[{"formatted":"a\r\n\tb","streetAddress":"c\nd"}]}),
        ),
        ("escape in an address", json!({"userName":"b","addresses":[{"formatted":"a\u{1b}"}]})),
        ("MOD-18 relative reference", json!({"userName":"b","profileUrl":"Users/2819"})),
        ("MOD-18 reference with a space", json!({"userName":"b","profileUrl":"http://a b"})),
        (
            "language tags are not judged",
            json!({"userName":"b","locale":"klingon_?","preferredLanguage":"x y","timezone":"Mars"}),
        ),
        ("MOD-16 certificate", json!({"userName":"b","x509Certificates":[{"value":"TWFu"},{"value":"TWE"}]})),
        ("MOD-16 no base64", json!({"userName":"b","x509Certificates":[{"value":"?"}]})),
    ];
    check(
        &kinds::user(),
        &cases,
        expect![[r#"
        MOD-01 MOD-05 names in any case, schema order
          {"externalId":"e","userName":"b","name":{"familyName":"J","givenName":"B"}}
        CHR-01 COM-13 CRE-04 readOnly is ignored
          {"userName":"b"}
        CRE-04 readOnly sub-attribute is ignored
          {"userName":"b","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"7"}}}
        MOD-31 MOD-33 unassigned
          {"userName":"b"} cleared: title emails
        MOD-25 multi-valued as empty object
          invalidValue: `ims` is multi-valued and must be an array, not an object
        MOD-34 an empty string is a value
          {"userName":"b","title":""}
        CHR-15 userName is required
          invalidValue: `userName` is required
        CHR-15 null is no value
          invalidValue: `userName` is required
        USR-03 blank userName
          invalidValue: `userName` must not be blank
        MOD-12 boolean as text
          invalidValue: `active` must be true or false, not a string
        MOD-10 string as number
          invalidValue: `userName` must be a string, not a number
        MOD-23 complex as string
          invalidValue: `name` must be an object, not a string
        MOD-25 multi-valued as object
          invalidValue: `emails` is multi-valued and must be an array, not an object
        MOD-25 element as string
          invalidValue: `emails` must be an object, not a string
        single-valued as array
          invalidValue: `nickName` must be a string, not an array
        ENT-04 manager as string
          invalidValue: `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager` must be an object, not a string
        extension as string
          invalidValue: `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User` must be an object, not a string
        MOD-28 two primary values
          invalidValue: `emails` has more than one primary value
        MOD-27 one primary value
          {"userName":"b","emails":[{"value":"a","primary":true},{"value":"b","primary":false}]}
        MOD-30 equal values once
          {"userName":"b","emails":[{"value":"A@b","type":"work","primary":true},{"value":"a@b","type":"home"}]}
        MOD-04 twice in two spellings
          invalidSyntax: `USERNAME` is given twice
        MOD-04 sub-attribute twice
          invalidSyntax: `name.GivenName` is given twice
        MOD-04 extension twice
          invalidSyntax: `URN:ietf:params:scim:schemas:extension:enterprise:2.0:User` is given twice
        CRE-10 unknown names
          {"userName":"b","emails":[{"value":"a"}]} unknown: shoeSize urn:example:Foo name.nick emails.weight urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:pet
        COM-07 extension URN in another case
          {"userName":"b","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D"}}
        CRE-05 cleared outright
          {"userName":"b"} cleared: active roles urn:ietf:params:scim:schemas:extension:enterprise:2.0:User
        control character
          invalidValue: `userName` holds a control character
        DEL
          invalidValue: `title` holds a control character
        line break in a title
          invalidValue: `title` holds a control character
        line break in an address
          {"userName":"b","addresses":[{"formatted":"a\r\n\tb","streetAddress":"c\nd"}]}
        escape in an address
          invalidValue: `addresses.formatted` holds a control character
        MOD-18 relative reference
          {"userName":"b","profileUrl":"Users/2819"}
        MOD-18 reference with a space
          invalidValue: `profileUrl` must be a URI, which has no spaces
        language tags are not judged
          {"userName":"b","preferredLanguage":"x y","locale":"klingon_?","timezone":"Mars"}
        MOD-16 certificate
          {"userName":"b","x509Certificates":[{"value":"TWFu"},{"value":"TWE"}]}
        MOD-16 no base64
          invalidValue: `x509Certificates.value` must be a base64 string
    "#]],
    );
}

#[test]
fn every_data_type() {
    let site = json!({"room":"1"});
    let with = |members: Value| {
        let mut all = json!({"serial":"S","urn:example:Site":site});
        all.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        all
    };
    let cases = [
        ("MOD-13 numbers", with(json!({"ports":-3,"weight":1.5}))),
        ("MOD-13 an integer is a decimal", with(json!({"weight":2}))),
        ("MOD-13 a fraction is no integer", with(json!({"ports":1.0}))),
        ("MOD-13 a string is no integer", with(json!({"ports":"1"}))),
        ("MOD-13 a string is no decimal", with(json!({"weight":"1"}))),
        ("MOD-14 dateTime", with(json!({"built":"2008-01-23T04:56:22Z"}))),
        ("MOD-15 offset, shown in UTC", with(json!({"built":"2008-01-23T04:56:22.5+02:00"}))),
        ("MOD-15 no zone is UTC", with(json!({"built":"2008-01-23T04:56:22"}))),
        ("MOD-14 date only", with(json!({"built":"2008-01-23"}))),
        ("dateTime as number", with(json!({"built":1200000000}))),
        ("binary as boolean", with(json!({"firmware":true}))),
        ("MOD-20 reference as object", with(json!({"manual":{}}))),
        ("reference as number", with(json!({"manual":1}))),
        ("boolean", with(json!({"online":false}))),
        ("boolean as number", with(json!({"online":0}))),
        ("strings, equal ones once", with(json!({"tags":["b","a","B",null]}))),
        ("object among strings", with(json!({"tags":["a",{"value":"b"}]}))),
        ("MOD-09 multi-valued sub-attribute", with(json!({"parts":[{"value":"p","codes":["1","2"]}]}))),
        ("multi-valued sub-attribute as string", with(json!({"parts":[{"value":"p","codes":"1"}]}))),
        ("CHR-16 required sub-attribute", with(json!({"parts":[{"codes":["1"]}]}))),
        ("CHR-16 its parent is unassigned", with(json!({"owner":{"display":"x"}}))),
        ("CHR-17 CHR-01 readOnly", with(json!({"maker":7}))),
        ("required string is blank in an element", with(json!({"parts":[{"value":""}]}))),
        ("ENT-05 RTY-05 required extension is missing", json!({"serial":"S"})),
        ("ENT-05 RTY-05 required extension is empty", json!({"serial":"S","urn:example:Site":{}})),
    ];
    check(
        &kinds::device(),
        &cases,
        expect![[r#"
        MOD-13 numbers
          {"serial":"S","ports":-3,"weight":1.5,"urn:example:Site":{"room":"1"}}
        MOD-13 an integer is a decimal
          {"serial":"S","weight":2,"urn:example:Site":{"room":"1"}}
        MOD-13 a fraction is no integer
          invalidValue: `ports` must be a number without fraction or exponent
        MOD-13 a string is no integer
          invalidValue: `ports` must be a number without fraction or exponent, not a string
        MOD-13 a string is no decimal
          invalidValue: `weight` must be a number, not a string
        MOD-14 dateTime
          {"serial":"S","built":"2008-01-23T04:56:22Z","urn:example:Site":{"room":"1"}}
        MOD-15 offset, shown in UTC
          {"serial":"S","built":"2008-01-23T02:56:22.5Z","urn:example:Site":{"room":"1"}}
        MOD-15 no zone is UTC
          {"serial":"S","built":"2008-01-23T04:56:22Z","urn:example:Site":{"room":"1"}}
        MOD-14 date only
          invalidValue: `built` must be a dateTime such as 2008-01-23T04:56:22Z
        dateTime as number
          invalidValue: `built` must be a dateTime string, not a number
        binary as boolean
          invalidValue: `firmware` must be a base64 string, not a boolean
        MOD-20 reference as object
          invalidValue: `manual` must be a string with a URI, not an object
        reference as number
          invalidValue: `manual` must be a string with a URI, not a number
        boolean
          {"serial":"S","online":false,"urn:example:Site":{"room":"1"}}
        boolean as number
          invalidValue: `online` must be true or false, not a number
        strings, equal ones once
          {"serial":"S","tags":["b","a"],"urn:example:Site":{"room":"1"}}
        object among strings
          invalidValue: `tags` must be a string, not an object
        MOD-09 multi-valued sub-attribute
          {"serial":"S","parts":[{"value":"p","codes":["1","2"]}],"urn:example:Site":{"room":"1"}}
        multi-valued sub-attribute as string
          invalidValue: `parts.codes` is multi-valued and must be an array, not a string
        CHR-16 required sub-attribute
          invalidValue: `parts.value` is required
        CHR-16 its parent is unassigned
          {"serial":"S","urn:example:Site":{"room":"1"}}
        CHR-17 CHR-01 readOnly
          {"serial":"S","urn:example:Site":{"room":"1"}}
        required string is blank in an element
          invalidValue: `parts.value` must not be blank
        ENT-05 RTY-05 required extension is missing
          invalidValue: `urn:example:Site` is required
        ENT-05 RTY-05 required extension is empty
          invalidValue: `urn:example:Site` is required
    "#]],
    );
}

#[test]
fn schemas() {
    let cases = [
        ("COM-03 missing", json!({"userName":"b"})),
        ("COM-03 string", json!({"schemas":urn::USER,"userName":"b"})),
        ("COM-03 numbers", json!({"schemas":[1],"userName":"b"})),
        ("COM-01 empty", json!({"schemas":[],"userName":"b"})),
        ("COM-03 without the core schema", json!({"schemas":[urn::ENTERPRISE_USER],"userName":"b"})),
        ("COM-03 core schema in another case", json!({"Schemas":[urn::USER.to_uppercase()],"userName":"b"})),
        (
            "COM-03 unknown schemas",
            json!({"schemas":[urn::USER,"urn:example:Foo","http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/User","urn:example:Foo"],"userName":"b"}),
        ),
        ("HTT-25 array", json!([])),
        ("HTT-25 null", Value::Null),
    ];
    let kind = kinds::user();
    let lines = cases.map(|(name, body)| format!("{name}\n  {}\n", shown(&kind, body)));
    expect![[r#"
        COM-03 missing
          invalidSyntax: `schemas` must be an array of schema URIs
        COM-03 string
          invalidSyntax: `schemas` must be an array of schema URIs
        COM-03 numbers
          invalidSyntax: `schemas` must hold strings, not a number
        COM-01 empty
          invalidValue: `schemas` must contain urn:ietf:params:scim:schemas:core:2.0:User
        COM-03 without the core schema
          invalidValue: `schemas` must contain urn:ietf:params:scim:schemas:core:2.0:User
        COM-03 core schema in another case
          {"userName":"b"}
        COM-03 unknown schemas
          {"userName":"b"} unknown schemas: urn:example:Foo http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/User
        HTT-25 array
          invalidSyntax: the body must be a JSON object, not an array
        HTT-25 null
          invalidSyntax: the body must be a JSON object, not null
    "#]].assert_eq(&lines.concat());
}

#[test]
fn schemas_list_the_extensions_that_have_data() {
    let kind = kinds::user();
    let listed = |body: Value| kind.read(body).unwrap().resource.get("schemas").unwrap().clone();
    let declared = json!({"schemas":[urn::USER, urn::ENTERPRISE_USER],"userName":"b"});
    assert_eq!(listed(declared), json!([urn::USER]), "COM-04 declared without data");
    let undeclared = json!({"schemas":[urn::USER],"userName":"b", urn::ENTERPRISE_USER: {"department":"D"}});
    assert_eq!(listed(undeclared), json!([urn::USER, urn::ENTERPRISE_USER]), "COM-04 data without declaration");
}

#[test]
fn bounds() {
    let kind = kinds::user();
    let read = |members: Value| kind.read(body(&kind, members)).map(|_| ()).map_err(failed);
    let values = |count: usize| (0..count).map(|number| json!({"value": number.to_string()})).collect::<Vec<_>>();
    let bound = |text: &str| Err(format!("invalidValue: {text}"));
    assert_eq!(read(json!({"userName":"é".repeat(4096)})), Ok(()), "4,096 characters, whatever their bytes");
    assert_eq!(read(json!({"userName":"a".repeat(4097)})), bound("`userName` is longer than 4096 characters"));
    assert_eq!(read(json!({"userName":"b","emails":values(1000)})), Ok(()));
    assert_eq!(read(json!({"userName":"b","emails":values(1001)})), bound("`emails` has more than 1000 values"));
    let certificate = |length: usize| json!({"userName":"b","x509Certificates":[{"value":"A".repeat(length)}]});
    assert_eq!(read(certificate(65536)), Ok(()));
    assert_eq!(read(certificate(65540)), bound("`x509Certificates.value` is longer than 65536 characters"));
    let urns = vec![json!(urn::USER); 1001];
    let many = kind.read(json!({"schemas":urns,"userName":"b"})).map(|_| ()).map_err(failed);
    assert_eq!(many, bound("`schemas` has more than 1000 values"));
}
