//! What an attribute allows is read from its schema.

use provost_scim::ResourceType;
use std::path::Path;

/// Sub-attributes that RFC 7643 §2.4 defines for every multi-valued attribute, the common attributes, and members of the
/// discovery documents, which have a fixed form: code may name them. `displayName` is a member of the roles that Entra packs into a string.
const GENERIC: [&str; 11] =
    ["value", "display", "type", "primary", "$ref", "schemas", "id", "externalId", "meta", "name", "displayName"];

#[test]
fn no_code_asks_whether_an_attribute_has_a_certain_name() {
    let user = ResourceType::user().expect("the schemas in the crate are sound");
    let names: Vec<String> = user
        .schema
        .attributes
        .iter()
        .flat_map(|attribute| std::iter::once(attribute).chain(&attribute.sub_attributes))
        .map(|attribute| attribute.name.clone())
        .filter(|name| !GENERIC.contains(&name.as_str()))
        .collect();
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut |path, line| {
        // The list of indexed attributes is data that stands beside the schemas; `user` is where it is given.
        let is_data = path.ends_with("resource_type.rs") && line.contains("indexed: ");
        let code = line.split("//").next().unwrap_or_default();
        let named = names.iter().find(|name| code.contains(&format!("\"{name}\"")));
        if let (Some(name), false) = (named, is_data) {
            found.push(format!("{}: {name}", path.display()));
        }
    });
    assert!(found.is_empty(), "{found:#?}");
}

fn walk(folder: &Path, see: &mut impl FnMut(&Path, &str)) {
    for entry in std::fs::read_dir(folder).expect("the sources are there") {
        let path = entry.expect("the sources are readable").path();
        if path.is_dir() {
            walk(&path, see);
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("sources are text");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        code.lines().for_each(|line| see(&path, line));
    }
}
