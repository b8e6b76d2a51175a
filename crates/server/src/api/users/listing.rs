//! The list of users: filtered, in order, a page at a time.

use super::{User, UserView, view, views};
use crate::{
    api::{Answer, asked::InAccount, body::member, page, page::Page},
    app::Failure,
    scim::Offered,
    search::{self, SCAN_MAX},
};
use provost_accounts::{
    Configuration, RoleKey, SystemRole,
    users::{self, import},
};
use provost_change::{IndexEntry, Record, ResourceId};
use provost_scim::{SortBy, SortOrder};
use provost_store::{Search, Sort};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// Users that are read at once where not everyone who is found stands on the page.
const CHUNK: u64 = 500;
/// Users that one request looks at for a page; what lies behind them is behind `next`.
const EXAMINED_MAX: u64 = SCAN_MAX;

/// The query of the list of users.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct UserQuery {
    /// A SCIM filter (RFC 7644 §3.4.2.2), such as `userName eq "ann@example.com"` or `emails.value sw "ann"`.
    filter: Option<String>,
    /// Only users that an identity provider manages, or only the others.
    managed: Option<bool>,
    /// Only users whom the admin app with this id manages.
    #[param(value_type = Option<String>)]
    origin: Option<ResourceId>,
    /// Only users who come from this source.
    source: Option<String>,
    /// Only users who hold this role themselves, be it named by id, value or name. What a group gives is not looked at.
    role: Option<String>,
    /// Only enabled users, or only disabled ones.
    active: Option<bool>,
    /// Only users who have proved their address, or only the others.
    verified: Option<bool>,
    /// With `true` the users in the bin instead: those who were deleted and can be restored.
    deleted: Option<bool>,
    /// In the order in which they were made unless said.
    #[param(inline)]
    sort: Option<Order>,
    /// Items on the page: 1 to 200, 50 unless said.
    limit: Option<u64>,
    /// `next` of the page before; absent for the first. A page behind which there is another may have fewer items than `limit`.
    cursor: Option<String>,
}

/// An order of users.
#[derive(Clone, Copy, Deserialize, PartialEq, Eq, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::api) enum Order {
    /// By sign-in name. With `filter`, of at most 10,000 users.
    UserName,
    /// Who changed last comes first, of at most 10,000 users.
    Modified,
}

pub(in crate::api) async fn list(asked: InAccount) -> Answer {
    let query: UserQuery = asked.request.query()?;
    let wanted = Wanted::read(&asked.config, &query)?;
    let (users, next) = match (query.deleted, query.sort) {
        (Some(true), _) => return list_deleted(&asked, &query, &wanted).await,
        (_, None) => in_order_of_ids(&asked, &query, &wanted).await?,
        (_, Some(order)) => sorted(&asked, &query, &wanted, order).await?,
    };
    page::list(views(&asked.request.app, &asked.config, &users).await?, next)
}

/// What a user on the list is like, besides what a filter says.
struct Wanted<'q> {
    query: &'q UserQuery,
    role: Option<RoleKey>,
}

impl<'q> Wanted<'q> {
    fn read(config: &Configuration, query: &'q UserQuery) -> Result<Self, Failure> {
        let named = |name: &String| {
            let role = config.role_named(name);
            role.ok_or_else(|| member("role", format!("the account has no role `{name}`")))
        };
        Ok(Self { query, role: query.role.as_ref().map(named).transpose()? })
    }

    /// The index entry that leaves the fewest to be looked at.
    fn within(&self) -> Option<IndexEntry> {
        let entry = |attribute: &str, value: String| IndexEntry { attribute: attribute.to_owned(), value };
        let role = self.role.filter(|role| match role {
            RoleKey::Custom(_) | RoleKey::System(SystemRole::AccountAdministrator) => true,
            // Most users' roles: they have no index.
            RoleKey::System(SystemRole::AccountMember | SystemRole::AccountAuditor) => false,
        });
        let is_managed = self.query.managed == Some(true) || self.query.origin.is_some();
        let source = self.query.source.as_deref().map(import::of_source);
        let role = role.map(|role| entry(users::HOLDS_ROLE, role.to_string()));
        let disabled = (self.query.active == Some(false)).then(|| entry(users::DISABLED, "true".to_owned()));
        source.or(role).or(disabled).or_else(|| is_managed.then(|| entry(users::MANAGED, "true".to_owned())))
    }

    /// Whether more is asked for than the index entry answers.
    fn is_more_than(&self, within: Option<&IndexEntry>) -> bool {
        let is = |attribute: &str| within.is_some_and(|entry| entry.attribute == attribute);
        let UserQuery { managed, origin, source, active, verified, .. } = self.query;
        let more = origin.is_some() || verified.is_some();
        let source = source.is_some() && !is(import::SOURCE);
        let role = self.role.is_some() && !is(users::HOLDS_ROLE);
        let managed = managed.is_some() && !(*managed == Some(true) && is(users::MANAGED));
        let active = active.is_some() && !(*active == Some(false) && is(users::DISABLED));
        more || source || role || managed || active
    }

    fn accepts(&self, user: &User) -> bool {
        let UserQuery { managed, origin, source, active, verified, .. } = self.query;
        managed.is_none_or(|managed| user.state.managed == managed)
            && origin.is_none_or(|origin| user.state.origin == Some(origin))
            && source.as_ref().is_none_or(|source| user.state.source.as_ref() == Some(source))
            && active.is_none_or(|active| user.is_active() == active)
            && verified.is_none_or(|verified| user.state.verified == verified)
            && self.role.is_none_or(|role| user.state.roles.contains(&role))
    }
}

async fn in_order_of_ids(
    asked: &InAccount,
    query: &UserQuery,
    wanted: &Wanted<'_>,
) -> Result<(Vec<User>, Option<String>), Failure> {
    let Page { limit, after } = Page::<ResourceId>::read(query.limit, query.cursor.as_deref())?;
    let (within, filter) = (wanted.within(), query.filter.as_deref());
    let more = wanted.is_more_than(within.as_ref());
    let config = &asked.config;
    let base = search::search(config, Offered::User(config), search::Names::Stored, filter)?;
    let base = Search { within, limit: chunk(more, base.filter.is_some(), limit), ..base };
    let behind = |after: Option<ResourceId>| Search { after, ..base.clone() };
    walk(asked, wanted, limit, after, behind, |_, record| Some(record.id)).await
}

async fn sorted(
    asked: &InAccount,
    query: &UserQuery,
    wanted: &Wanted<'_>,
    order: Order,
) -> Result<(Vec<User>, Option<String>), Failure> {
    let Page { limit, after } = Page::<u64>::read(query.limit, query.cursor.as_deref())?;
    let config = &asked.config;
    let of = Offered::User(config);
    let base = search::search(config, of, search::Names::Stored, query.filter.as_deref())?;
    let (by, order, index) = match order {
        Order::UserName => ("userName", SortOrder::Ascending, Some(of.indexed("userName"))),
        Order::Modified => ("meta.lastModified", SortOrder::Descending, None),
    };
    // An index gives the order of all users; of some, they are read and sorted.
    let is_whole = index.is_some() && query.filter.is_none();
    let within = if is_whole { None } else { wanted.within() };
    let more = wanted.is_more_than(within.as_ref());
    let sort = Sort { by: SortBy::parse(by, of.full())?, order, index };
    let base = Search { within, limit: chunk(more, !is_whole, limit), sort: Some(sort), ..base };
    let behind = |offset: u64| Search { offset, ..base.clone() };
    walk(asked, wanted, limit, after.unwrap_or(0), behind, |offset, _| offset + 1).await
}

/// How many to read at once. What a search has to examine as a whole is asked for once.
fn chunk(more: bool, examines: bool, limit: u64) -> u64 {
    match (more, examines) {
        (false, _) => limit + 1,
        (true, true) => EXAMINED_MAX,
        (true, false) => CHUNK.max(limit + 1),
    }
}

/// A place in a list, as a cursor holds it.
trait Place: Copy {
    fn cursor(self) -> Option<String>;
}

impl Place for Option<ResourceId> {
    fn cursor(self) -> Option<String> {
        self.map(page::cursor)
    }
}

impl Place for u64 {
    fn cursor(self) -> Option<String> {
        Some(page::cursor(self))
    }
}

/// Reads on from a place until the page is full, everyone was looked at, or [`EXAMINED_MAX`] were.
async fn walk<P: Place>(
    asked: &InAccount,
    wanted: &Wanted<'_>,
    limit: u64,
    start: P,
    behind: impl Fn(P) -> Search,
    next: impl Fn(P, &Record) -> P,
) -> Result<(Vec<User>, Option<String>), Failure> {
    let account = asked.config.id;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let (mut place, mut examined, mut found) = (start, 0, Vec::new());
    while examined < EXAMINED_MAX {
        let search = behind(place);
        let records = asked.request.app.store().search(account, &search).await?.records;
        let read = records.len() as u64;
        for record in records {
            let following = next(place, &record);
            let user = User::read(account, record)?;
            if wanted.accepts(&user) {
                if found.len() == limit {
                    return Ok((found, place.cursor()));
                }
                found.push(user);
            }
            place = following;
        }
        if read < search.limit {
            return Ok((found, None));
        }
        examined += read;
    }
    Ok((found, place.cursor()))
}

/// A page of the bin, in the order of ids.
async fn list_deleted(asked: &InAccount, query: &UserQuery, wanted: &Wanted<'_>) -> Answer {
    let config = &asked.config;
    let page = Page::<ResourceId>::read(query.limit, query.cursor.as_deref())?;
    let search = Search {
        after: page.after,
        limit: page.limit_and_one(),
        ..search::deleted_users(config, query.filter.as_deref())?
    };
    let mut records = asked.request.app.store().search(config.id, &search).await?.records;
    let next = page::cut(&mut records, page.limit, |record| record.id);
    let users: Result<Vec<User>, _> = records.into_iter().map(|record| User::read(config.id, record)).collect();
    let users = users?.into_iter().filter(|user| wanted.accepts(user));
    let views: Vec<UserView> = users.map(|user| view(config, &user, &[])).collect();
    page::list(views, next)
}
