//! `docs/mappings.md` is true: its tables are those of the data, and its examples have nothing wrong.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use crate::fixtures::{app, schemas};
use provost_engine::{AttributeMapping, Compatibility, FilterGroup, Objects, SourceType, aliases, check};

const TEXT: &str = include_str!("../../../../docs/mappings.md");

fn type_of(kind: SourceType) -> &'static str {
    match kind {
        SourceType::Text => "text",
        SourceType::Boolean => "boolean",
        SourceType::Integer => "number",
        SourceType::DateTime => "date",
        SourceType::Many => "several texts",
        SourceType::Reference => "reference",
        SourceType::References => "references",
        SourceType::AppRoles => "app roles",
    }
}

fn table(of: Objects) -> String {
    let mut table = "| Name | Type | What it is | Filters |\n| --- | --- | --- | --- |\n".to_owned();
    for alias in aliases(of) {
        let path = alias.path.as_ref().map_or_else(String::new, |path| format!(" (`{path}`)"));
        let asks = if alias.filterable && alias.kind != SourceType::Many { "yes" } else { "no" };
        table.push_str(&format!("| `{}` | {} | {}{path} | {asks} |\n", alias.name, type_of(alias.kind), alias.note));
    }
    table
}

#[test]
fn the_tables_of_source_attributes_are_those_of_the_data() {
    for of in [Objects::Users, Objects::Groups] {
        let table = table(of);
        assert!(TEXT.contains(&table), "docs/mappings.md needs this table:\n\n{table}");
        for alias in aliases(of) {
            let found = schemas().names(of).find(&alias.name).unwrap();
            assert_eq!(found.is_filterable, alias.filterable && alias.kind != SourceType::Many, "{}", alias.name);
        }
    }
}

#[test]
fn every_example_has_nothing_wrong() {
    let blocks = |language: &'static str| {
        let fence = format!("```json {language}\n");
        TEXT.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap()).collect::<Vec<_>>()
    };
    let rows = blocks("row");
    for row in &rows {
        let row: AttributeMapping = serde_json::from_str(row).unwrap_or_else(|error| panic!("{error}: {row}"));
        let mut app = app();
        app.mappings.users.attributes.retain(|other| other.target != row.target);
        app.mappings.users.target.push(serde_json::from_value(crate::fixtures::roles_target()).unwrap());
        app.mappings.users.attributes.push(row);
        assert_eq!(check(&app, schemas()), []);
    }
    let filters = blocks("filters");
    for list in &filters {
        let mut app = app();
        app.mappings.users.filters = serde_json::from_str::<Vec<FilterGroup>>(list).unwrap();
        assert_eq!(check(&app, schemas()), []);
    }
    assert!(rows.len() >= 6 && !filters.is_empty(), "{} rows, {} filters", rows.len(), filters.len());
}

#[test]
fn every_compatibility_setting_is_named() {
    let settings = serde_json::to_value(Compatibility::default()).unwrap();
    for (name, default) in settings.as_object().unwrap() {
        let row = format!("| `{name}` | `{}` |", default.as_str().unwrap());
        assert!(TEXT.contains(&row), "docs/mappings.md needs a row that begins with {row}");
    }
}
