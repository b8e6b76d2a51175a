//! Resource types that the tests share.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use provost_scim::{ResourceType, Schema};

/// The User of RFC 7643 with the enterprise extension.
pub fn user() -> ResourceType {
    ResourceType::user().unwrap()
}

/// The Group of RFC 7643 with the `display` of members that the examples of RFC 7644 have (CON-10): its documents hold
/// their members.
pub fn group() -> ResourceType {
    let mut group = ResourceType::group().unwrap();
    let members = group.schema.attributes.iter_mut().find(|attribute| attribute.name == "members").unwrap();
    let display = r#"{"name":"display","mutability":"immutable"}"#;
    members.sub_attributes.push(serde_json::from_str(display).unwrap());
    group
}

/// A type with every data type and mutability, and an extension that each resource must carry.
pub fn device() -> ResourceType {
    let core = r#"{"id":"urn:example:Device","name":"Device","attributes":[
        {"name":"serial","required":true,"mutability":"immutable","caseExact":true},
        {"name":"label"},
        {"name":"ports","type":"integer"},
        {"name":"weight","type":"decimal"},
        {"name":"built","type":"dateTime"},
        {"name":"firmware","type":"binary"},
        {"name":"manual","type":"reference"},
        {"name":"online","type":"boolean"},
        {"name":"pin","mutability":"writeOnly","returned":"never"},
        {"name":"maker","mutability":"readOnly"},
        {"name":"tags","multiValued":true},
        {"name":"stickers","multiValued":true,"mutability":"immutable"},
        {"name":"owner","type":"complex","subAttributes":[
            {"name":"value","required":true},{"name":"since","mutability":"immutable"},{"name":"display","mutability":"readOnly"}]},
        {"name":"parts","type":"complex","multiValued":true,"subAttributes":[
            {"name":"value","required":true},{"name":"codes","multiValued":true},{"name":"primary","type":"boolean"}]}
    ]}"#;
    let site =
        r#"{"id":"urn:example:Site","name":"Site","attributes":[{"name":"room"},{"name":"floor","type":"integer"}]}"#;
    ResourceType {
        name: "Device".to_owned(),
        endpoint: "/Devices".to_owned(),
        description: String::new(),
        schema: Schema::load(core).unwrap(),
        extensions: vec![(Schema::load(site).unwrap(), true)],
        indexed: Vec::new(),
        building: Vec::new(),
    }
}
