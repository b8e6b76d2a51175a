//! Queries: over one type or over all, by GET or by POST, in pages by index or by cursor.

use super::{
    Asked,
    cursor::{Cursor, Place},
    kind::{Offered, Type},
    members,
    show::{self, Found},
};
use crate::{
    app::Failure,
    scim_reply,
    search::{self, Names, SCAN_MAX},
};
use axum::{http::StatusCode, response::Response};
use provost_change::{Kind, Record, ResourceId};
use provost_scim::{
    Projection, ScimError, ScimType, SortBy, SortKey, SortOrder,
    message::{self, ListPosition, PageSizes, Paging},
};
use provost_store::{Candidates, Search, Sort};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Resources in one page, at most, unless the policy says less; also the size of a page for which no `count` is asked.
pub(super) const PAGE_MAX: u64 = 200;

/// Page sizes of the account.
pub(super) fn sizes(asked: &Asked) -> PageSizes {
    let max = PAGE_MAX.min(u64::from(asked.config.policy.limits.page_size_max)).max(1);
    PageSizes { default: max, max }
}

/// What a client asks a list for.
struct Query<'a> {
    /// One type, or all.
    of: Option<Offered<'a>>,
    filter: Option<&'a str>,
    sort: Option<(&'a str, SortOrder)>,
    projection: Projection,
    paging: Paging,
}

/// Answers a query over one type (`None`: over all).
pub(super) async fn answer(asked: &Asked, of: Option<&Type>) -> Result<Response, Failure> {
    let given = |name: &str| asked.params.get(name).map(String::as_str);
    let sizes = sizes(asked);
    let projection = asked.projection()?;
    let paging = message::paging(given("startIndex"), given("count"), given("cursor"), sizes)?;
    let order = SortOrder::parse(given("sortOrder").filter(|_| given("sortBy").is_some()))?;
    let sort = given("sortBy").map(|by| (by, order));
    search::allow(&asked.config, given("filter"))?;
    let of = match of {
        None => None,
        Some(named) => match named.offered(&asked.config) {
            Some(of) => Some(of),
            // Entra's connection test asks for groups, and takes a 404 for a broken server.
            None if *named == Type::Group => return Ok(empty(&paging)),
            None => return Err(Failure::NoRoute),
        },
    };
    let query = Query { of, filter: given("filter"), sort, projection, paging };
    match &query.paging {
        Paging::Index(page) => {
            let (total, records) = by_index(asked, &query, page.start_index.offset(), page.count).await?;
            send(asked, &query, total, ListPosition::Index(page.start_index), records).await
        }
        Paging::Cursor { cursor, count } => {
            let place = match cursor {
                None => Place::default(),
                Some(text) => asked.cursor_key().read(text, &identity(asked, &query), asked.app.now())?,
            };
            by_cursor(asked, &query, place, *count).await
        }
    }
}

fn empty(paging: &Paging) -> Response {
    let position = match paging {
        Paging::Index(page) => ListPosition::Index(page.start_index),
        Paging::Cursor { .. } => ListPosition::Cursor { next: None },
    };
    scim_reply::json(StatusCode::OK, message::list_response(Some(0), position, std::iter::empty()))
}

/// What a cursor is good for: the same caller, the same question.
fn identity(asked: &Asked, query: &Query<'_>) -> [u8; 32] {
    let of = query.of.map_or(String::new(), |of| of.full().endpoint.clone());
    let (by, order) = query.sort.unwrap_or(("", SortOrder::Ascending));
    let order = if order == SortOrder::Descending { "descending" } else { "ascending" };
    Cursor::identity(&[
        &asked.config.id.to_string(),
        &asked.caller.scim_app().map_or_else(String::new, |app| app.to_string()),
        &of,
        query.filter.unwrap_or_default(),
        by,
        order,
    ])
}

/// The types that a query is about.
fn types<'a>(asked: &'a Asked, query: &Query<'a>) -> Vec<Offered<'a>> {
    query.of.map_or_else(|| Offered::all(&asked.config), |of| vec![of])
}

fn search_for(asked: &Asked, query: &Query<'_>, of: Offered<'_>) -> Result<Search, Failure> {
    let names = if query.of.is_some() { Names::Shown } else { Names::Any };
    Ok(Search {
        within: of.within(),
        sort: sort(query, of)?,
        ..search::search(&asked.config, of, names, query.filter)?
    })
}

/// What no document holds, and nothing can be sorted by.
const KEPT_APART: [&str; 3] = ["groups", "members", "meta.location"];

/// The order of one type's resources. Over all types, a type that does not have the attribute has no values of it.
fn sort(query: &Query<'_>, of: Offered<'_>) -> Result<Option<Sort>, Failure> {
    let Some((by, order)) = query.sort else { return Ok(None) };
    match SortBy::parse(by, of.shown()) {
        Ok(by) if KEPT_APART.iter().any(|name| by.notation().starts_with(name)) => {
            let detail = format!("`sortBy`: resources have no order by `{}`", by.notation());
            Err(ScimError::bad_request(ScimType::InvalidValue, detail).into())
        }
        Ok(by) => {
            // One value for every user, in a space of its own: the only order that any number of resources can have.
            let index = matches!(of, Offered::User(_)).then(|| of.indexed("userName"));
            Ok(Some(Sort { index: index.filter(|_| by.notation() == "userName"), by, order }))
        }
        Err(_) if query.of.is_none() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// A page by position: how many there are in all, and those on the page with their types.
async fn by_index<'a>(
    asked: &'a Asked,
    query: &Query<'a>,
    offset: u64,
    count: u64,
) -> Result<(u64, Vec<(Offered<'a>, Found)>), Failure> {
    if query.of.is_none() && query.sort.is_some() {
        return merged(asked, query, offset, count).await;
    }
    let (mut total, mut records) = (0, Vec::new());
    for of in types(asked, query) {
        let offset = offset.saturating_sub(total);
        let limit = count.saturating_sub(records.len() as u64);
        let (of_type, found) = run(asked, of, Search { offset, limit, ..search_for(asked, query, of)? }).await?;
        total += of_type;
        records.extend(found.into_iter().map(|found| (of, found)));
    }
    Ok((total, records))
}

/// Resources of all types in one order: as many of each as the page could need, put together.
async fn merged<'a>(
    asked: &'a Asked,
    query: &Query<'a>,
    offset: u64,
    count: u64,
) -> Result<(u64, Vec<(Offered<'a>, Found)>), Failure> {
    let needed = offset.saturating_add(count);
    if needed > SCAN_MAX {
        let detail = format!("a sorted query over all types reaches {SCAN_MAX} resources; ask for one type");
        return Err(ScimError::bad_request(ScimType::TooMany, detail).into());
    }
    let (mut total, mut found) = (0, Vec::new());
    let (by, order) = query.sort.unwrap_or(("", SortOrder::Ascending));
    for of in types(asked, query) {
        let search = Search { offset: 0, limit: needed, ..search_for(asked, query, of)? };
        let (of_type, records) = run(asked, of, search).await?;
        total += of_type;
        let by = SortBy::parse(by, of.shown()).ok();
        for record in records {
            found.push((key(by.as_ref(), of, &record.record)?, of, record));
        }
    }
    found.sort_by(|(left, _, one), (right, _, other)| match (left, right) {
        (Some(left), Some(right)) => order.compare(left, right).then(one.record.id.cmp(&other.record.id)),
        // A type without the attribute stands where resources without a value do.
        (left, right) if order == SortOrder::Ascending => {
            right.is_some().cmp(&left.is_some()).then(one.record.id.cmp(&other.record.id))
        }
        (left, right) => left.is_some().cmp(&right.is_some()).then(one.record.id.cmp(&other.record.id)),
    });
    let place = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let page = found.into_iter().skip(place(offset)).take(place(count));
    Ok((total, page.map(|(_, of, record)| (of, record)).collect()))
}

fn key(by: Option<&SortBy>, of: Offered<'_>, record: &Record) -> Result<Option<SortKey>, Failure> {
    let Some(by) = by else { return Ok(None) };
    let damaged = |error: serde_json::Error| Failure::Damaged(error.to_string());
    let mut attributes: Map<String, Value> = serde_json::from_str(&record.doc).map_err(damaged)?;
    let meta = provost_scim::Meta {
        resource_type: of.full().name.clone(),
        created: record.created,
        last_modified: record.modified,
        location: String::new(),
        version: record.version,
        computed: 0,
    };
    attributes.insert("meta".to_owned(), meta.to_value());
    Ok(Some(by.key(&attributes)))
}

/// A page behind a place, with the cursor of the next one.
async fn by_cursor(asked: &Asked, query: &Query<'_>, place: Place, count: u64) -> Result<Response, Failure> {
    let (total, records, next) = if query.sort.is_some() {
        let (total, records) = by_index(asked, query, place.offset, count).await?;
        let end = place.offset.saturating_add(records.len() as u64);
        (total, records, (end < total).then(|| Place { offset: end, ..Place::default() }))
    } else {
        behind(asked, query, place, count).await?
    };
    // An empty page asks for the total only.
    let next = next.filter(|_| count > 0);
    let next = next.map(|place| asked.cursor_key().write(&place, &identity(asked, query), asked.app.now()));
    send(asked, query, total, ListPosition::Cursor { next }, records).await
}

/// A page in the order of ids, one type after the other, however far from the first it is.
async fn behind<'a>(
    asked: &'a Asked,
    query: &Query<'a>,
    place: Place,
    count: u64,
) -> Result<(u64, Vec<(Offered<'a>, Found)>, Option<Place>), Failure> {
    let (mut total, mut records) = (0, Vec::new());
    let mut next = None;
    for (position, of) in types(asked, query).into_iter().enumerate() {
        let current = u64::try_from(position).unwrap_or(u64::MAX);
        let left = count.saturating_sub(records.len() as u64);
        let after = place.after.filter(|_| current == place.of);
        let passed = current < place.of || next.is_some();
        // One more than fits shows whether another page follows.
        let limit = if passed { 0 } else { left.saturating_add(1) };
        let (of_type, found) = run(asked, of, Search { after, limit, ..search_for(asked, query, of)? }).await?;
        total += of_type;
        if passed {
            continue;
        }
        let more = found.len() as u64 > left;
        let taken = found.into_iter().take(usize::try_from(left).unwrap_or(usize::MAX));
        let before = records.len();
        records.extend(taken.map(|found| (of, found)));
        if more {
            let last = if records.len() > before { records.last().map(|(_, found)| found.record.id) } else { None };
            next = Some(Place { of: current, after: last, offset: 0 });
        }
    }
    Ok((total, records, next))
}

/// How many there are in all, and those on the page.
async fn run(asked: &Asked, of: Offered<'_>, mut search: Search) -> Result<(u64, Vec<Found>), Failure> {
    hide_groups(asked, &mut search).await?;
    let store = asked.app.store();
    if !show::shows_groups(of) {
        let page = store.search(asked.config.id, &search).await?;
        return Ok((page.total, page.records.into_iter().map(Found::from).collect()));
    }
    let (page, groups) = store.search_grouped(asked.config.id, &search).await?;
    let grouped = page.records.into_iter().zip(groups);
    Ok((page.total, grouped.map(|(record, groups)| Found { record, groups: Some(groups) }).collect()))
}

/// Users are not found by groups that the client must not see.
async fn hide_groups(asked: &Asked, search: &mut Search) -> Result<(), Failure> {
    if search.kind != Kind::USER || search.within.is_none() {
        return Ok(());
    }
    if search.edges.any_group {
        let detail = "`groups pr` cannot be answered in this account: not all of its groups are yours";
        return Err(ScimError::bad_request(ScimType::InvalidFilter, detail).into());
    }
    let named = match &search.candidates {
        Candidates::MembersOf(groups) => groups.as_slice(),
        Candidates::All
        | Candidates::Under(_)
        | Candidates::Beginning(_)
        | Candidates::Ids(_)
        | Candidates::Containing(_) => &[],
    };
    let named: BTreeSet<ResourceId> = named.iter().chain(&search.edges.groups).copied().collect();
    if named.is_empty() {
        return Ok(());
    }
    let seen = show::group_names(asked, &asked.config, named).await?;
    search.edges.groups.retain(|group| seen.contains_key(group));
    if let Candidates::MembersOf(groups) = &mut search.candidates {
        groups.retain(|group| seen.contains_key(group));
    }
    Ok(())
}

async fn send(
    asked: &Asked,
    query: &Query<'_>,
    total: u64,
    position: ListPosition,
    records: Vec<(Offered<'_>, Found)>,
) -> Result<Response, Failure> {
    let head = message::list_head(Some(total), position, records.len());
    let mut shown = Vec::with_capacity(records.len());
    let mut records = records.into_iter().peekable();
    while let Some((of, record)) = records.next() {
        let mut same = vec![record];
        while let Some((_, record)) = records.next_if(|(next, _)| next.kind() == of.kind()) {
            same.push(record);
        }
        shown.extend(show::all(asked, of, &query.projection, same).await?);
    }
    Ok(scim_reply::json(StatusCode::OK, members::list_body(asked, head, shown)))
}
