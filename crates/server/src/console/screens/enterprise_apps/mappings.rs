//! What an application sends: tables, target attributes, scope.

use super::{app_of, at, here, may_manage, of_app, settled};
use crate::console::{
    answer::{Answer, Trouble, done, page, page_with},
    paths::Paths,
    visit::Visit,
};
use axum::{
    body::Body,
    http::{Method, StatusCode},
    routing::{get, post},
};
use provost_console::{
    Filled, Shell,
    screens::enterprise_apps::mappings::{self, Attribute, Clause, FilterGroup, Mappings, Objects, Row, Table},
};
use serde_json::{Value, json};

/// The operators of scoping filters; one that another begins with stands behind it.
const OPERATORS: [&str; 14] = [
    "NOT EQUALS",
    "EQUALS",
    "IS TRUE",
    "IS FALSE",
    "IS NOT NULL",
    "IS NULL",
    "NOT REGEX MATCH",
    "REGEX MATCH",
    "Greater_Than_OR_EQUALS",
    "Greater_Than",
    "Includes",
    "ENDS_WITH",
    "!&",
    "&",
];

pub(super) fn routes() -> Paths {
    Paths::new()
        .route(&at("/mappings"), get(overview))
        .route(&at("/mappings/restore"), get(ask_restore).post(restore))
        .route(&at("/mappings/{objects}"), get(table))
        .route(&at("/mappings/{objects}/enabled"), post(set_enabled))
        .route(&at("/mappings/{objects}/delete"), get(ask_delete).post(delete))
        .route(&at("/mappings/{objects}/attributes"), get(attributes).post(add_attribute))
        .route(&at("/mappings/{objects}/attributes/remove"), post(remove_attribute))
        .route(&at("/mappings/{objects}/scope"), get(scope).post(set_scope))
}

pub(super) async fn mappings_of(visit: &Visit) -> Result<Mappings, Trouble> {
    visit.get(&of_app(visit, "/mappings")).await
}

/// Users or groups, as the path says.
pub(super) async fn objects(visit: &Visit) -> Result<Objects, Trouble> {
    match Objects::named(visit.named("objects")) {
        Some(of) => Ok(of),
        None => Err(visit.trouble(404, "there are mappings of `users` and of `groups`".to_owned()).await),
    }
}

/// The change that gives other rows.
pub(super) fn with_rows(of: Objects, rows: &[Row]) -> Value {
    json!({ of.name(): rows })
}

/// The change that gives other settings.
fn with_settings(of: Objects, settings: &Value) -> Value {
    json!({ "settings": { of.name(): settings } })
}

async fn put(visit: &Visit, change: &Value) -> Result<Value, crate::console::visit::Refusal> {
    visit.send(Method::PUT, &of_app(visit, "/mappings"), Some(change)).await
}

async fn overview(visit: Visit) -> Answer {
    let (app, all) = (app_of(&visit).await?, mappings_of(&visit).await?);
    Ok(visit.shown(page(mappings::overview(&visit.shell().await, &app, &all, may_manage(&visit)))))
}

async fn table(visit: Visit) -> Answer {
    let of = objects(&visit).await?;
    let (app, all) = (app_of(&visit).await?, mappings_of(&visit).await?);
    let advanced = visit.query().has("advanced", "yes");
    let view = Table { of, mappings: &all, advanced, may_manage: may_manage(&visit) };
    Ok(visit.shown(page(mappings::table_of(&visit.shell().await, &app, &view))))
}

async fn set_enabled(visit: Visit, body: Body) -> Answer {
    let filled = visit.form(body).await?;
    let of = objects(&visit).await?;
    let on = filled.has("enabled", "yes");
    let said = if on { "Mapping enabled" } else { "Mapping disabled" };
    match put(&visit, &with_settings(of, &json!({ "enabled": on }))).await {
        Ok(_) => Ok(done(&here(&visit, &of.rest()), said)),
        Err(refusal) => Err(visit.refused(refusal).await),
    }
}

async fn ask_delete(visit: Visit) -> Answer {
    let of = objects(&visit).await?;
    let app = app_of(&visit).await?;
    let query = visit.query();
    let markup = mappings::ask_delete(&visit.shell().await, &app, of, query.value("target"), &Filled::default());
    Ok(page(markup))
}

async fn delete(visit: Visit, body: Body) -> Answer {
    let filled = visit.form(body).await?;
    let of = objects(&visit).await?;
    let (app, all) = (app_of(&visit).await?, mappings_of(&visit).await?);
    let target = filled.value("target").to_owned();
    let rows: Vec<Row> = all.rows(of).iter().filter(|row| row.target != target).cloned().collect();
    let deleted = put(&visit, &with_rows(of, &rows)).await;
    let again = async |shell: &Shell, filled: &Filled| Ok(mappings::ask_delete(shell, &app, of, &target, filled));
    settled(&visit, filled, deleted, (&here(&visit, &of.rest()), "Mapping deleted"), again).await
}

async fn ask_restore(visit: Visit) -> Answer {
    let app = app_of(&visit).await?;
    Ok(page(mappings::ask_restore(&visit.shell().await, &app, &Filled::default())))
}

async fn restore(visit: Visit, body: Body) -> Answer {
    let filled = visit.form(body).await?;
    let app = app_of(&visit).await?;
    let restored = visit.send::<Value>(Method::POST, &of_app(&visit, "/mappings/restore"), None::<&Value>).await;
    let again = async |shell: &Shell, filled: &Filled| Ok(mappings::ask_restore(shell, &app, filled));
    settled(&visit, filled, restored, (&here(&visit, "/mappings"), "Default mappings restored"), again).await
}

async fn attributes_page(visit: &Visit, shell: &Shell, filled: &Filled) -> Result<provost_console::Markup, Trouble> {
    let of = objects(visit).await?;
    let (app, all) = (app_of(visit).await?, mappings_of(visit).await?);
    let list = &all.settings(of).target_attributes;
    Ok(mappings::attributes(shell, &app, of, list, may_manage(visit), filled))
}

async fn attributes(visit: Visit) -> Answer {
    let filled = Filled::with(&[("type", "string")]);
    Ok(visit.shown(page(attributes_page(&visit, &visit.shell().await, &filled).await?)))
}

/// Gives the target other attributes.
async fn set_attributes(visit: &Visit, filled: Filled, list: &[Attribute], said: &str) -> Answer {
    let of = objects(visit).await?;
    let saved = put(visit, &with_settings(of, &json!({ "target_attributes": list }))).await;
    let to = here(visit, &format!("{}/attributes", of.rest()));
    let again = async |shell: &Shell, filled: &Filled| attributes_page(visit, shell, filled).await;
    settled(visit, filled, saved, (&to, said), again).await
}

async fn add_attribute(visit: Visit, body: Body) -> Answer {
    let filled = visit.form(body).await?;
    let of = objects(&visit).await?;
    let mut list = mappings_of(&visit).await?.settings(of).target_attributes.clone();
    list.push(Attribute {
        name: filled.value("name").trim().to_owned(),
        kind: filled.value("type").to_owned(),
        multi_valued: filled.has("properties", "multi_valued"),
        required: filled.has("properties", "required"),
        case_exact: filled.has("properties", "case_exact"),
    });
    set_attributes(&visit, filled, &list, "Attribute added").await
}

async fn remove_attribute(visit: Visit, body: Body) -> Answer {
    let filled = visit.form(body).await?;
    let of = objects(&visit).await?;
    let mut list = mappings_of(&visit).await?.settings(of).target_attributes.clone();
    list.retain(|one| one.name != filled.value("name"));
    set_attributes(&visit, filled, &list, "Attribute removed").await
}

async fn scope(visit: Visit) -> Answer {
    let of = objects(&visit).await?;
    let (app, all) = (app_of(&visit).await?, mappings_of(&visit).await?);
    let settings = all.settings(of);
    let actions =
        [(settings.actions.create, "create"), (settings.actions.update, "update"), (settings.actions.delete, "delete")];
    let lines = mappings::filter_lines(&settings.filters);
    let mut values = vec![("filters", lines.as_str())];
    values.extend(actions.iter().filter(|(on, _)| *on).map(|(_, name)| ("actions", *name)));
    Ok(page(mappings::edit_scope(&visit.shell().await, &app, of, &Filled::with(&values))))
}

async fn set_scope(visit: Visit, body: Body) -> Answer {
    let mut filled = visit.form(body).await?;
    let of = objects(&visit).await?;
    let app = app_of(&visit).await?;
    let filters = match filters(filled.value("filters")) {
        Ok(filters) => filters,
        Err(problem) => {
            filled.refuse_field("filters", problem);
            let markup = mappings::edit_scope(&visit.shell().await, &app, of, &filled);
            return Ok(page_with(StatusCode::BAD_REQUEST, markup));
        }
    };
    let on = |name: &str| filled.has("actions", name);
    let actions = json!({ "create": on("create"), "update": on("update"), "delete": on("delete") });
    let saved = put(&visit, &with_settings(of, &json!({ "actions": actions, "filters": filters }))).await;
    let again = async |shell: &Shell, filled: &Filled| Ok(mappings::edit_scope(shell, &app, of, filled));
    settled(&visit, filled, saved, (&here(&visit, &of.rest()), "Scope saved"), again).await
}

/// Reads filters, one a line: `name: attribute OPERATOR value AND …`.
fn filters(text: &str) -> Result<Vec<FilterGroup>, String> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(position, line)| {
            let number = position + 1;
            let (name, clauses) = line
                .split_once(": ")
                .ok_or_else(|| format!("line {number} has no name: write it as Sales: department EQUALS Sales"))?;
            let clauses = clauses.split(" AND ").map(|text| clause(number, text.trim())).collect::<Result<_, _>>()?;
            Ok(FilterGroup { name: name.trim().to_owned(), clauses })
        })
        .collect()
}

fn clause(number: usize, text: &str) -> Result<Clause, String> {
    // The operator that stands first; of two in one place the longer one.
    let found = OPERATORS
        .iter()
        .filter_map(|operator| {
            let at = text.find(&format!(" {operator}"))?;
            let rest = &text[at + 1 + operator.len()..];
            (rest.is_empty() || rest.starts_with(' ')).then_some((at, *operator, rest.trim()))
        })
        .min_by_key(|(at, operator, _)| (*at, usize::MAX - operator.len()));
    let (at, operator, value) =
        found.ok_or_else(|| format!("line {number}: `{text}` has no operator; write it as department EQUALS Sales"))?;
    Ok(Clause { source: text[..at].trim().to_owned(), operator: operator.to_owned(), value: value.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::filters;
    use provost_console::screens::enterprise_apps::mappings::filter_lines;

    #[test]
    fn filters_are_read_as_they_are_written() {
        for text in [
            "Sales: department EQUALS Sales AND country NOT EQUALS NO",
            "Old: employeeId Greater_Than_OR_EQUALS 100",
            "On: accountEnabled IS TRUE\nNone: jobTitle IS NOT NULL AND userPrincipalName REGEX MATCH ^a.*@b$",
        ] {
            assert_eq!(filters(text).map(|read| filter_lines(&read)).as_deref(), Ok(text));
        }
        for text in ["Sales", "Sales: department", "Sales: department LIKES Sales"] {
            assert!(filters(text).is_err(), "{text}");
        }
    }
}
