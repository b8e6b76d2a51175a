//! Who manages users: adoption and release (S-38), and the migration of users whom an identity provider is to take over (U-17, U-18).

use super::{
    Answer,
    asked::InAccount,
    body::{at_most, member},
    ok, users,
};
use crate::app::{About, App, Failure, Target};
use axum::body::Body;
use provost_accounts::{
    Call, Configuration, Decided, Refused, User,
    policy::{Existing, UserMatch},
    users::{self as rules, Identity, Match},
};
use provost_change::{Kind, ResourceId};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};
use utoipa::ToSchema;

/// Identities in one request.
const IDENTITIES_MAX: usize = 1_000;
/// Users that are read at once.
const CHUNK: u64 = 1_000;

/// Who is to manage a user.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Adoption {
    /// The id of the admin app.
    #[schema(value_type = String)]
    admin_app: ResourceId,
    /// Why, for the audit log: one line.
    reason: String,
}

/// That nobody is to manage a user any more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Release {
    /// Why, for the audit log: one line.
    reason: String,
}

/// Whom an identity provider is going to provision, so that users who are there already become managed instead of being made again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Migration {
    /// The id of the admin app that is to manage them.
    #[schema(value_type = String)]
    admin_app: ResourceId,
    /// At most 1,000; more in further requests.
    users: Vec<MigratedIdentity>,
    /// Whether to do it; otherwise the answer says what would be done.
    #[serde(default)]
    apply: bool,
}

/// What an identity provider says of somebody, as far as it identifies.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MigratedIdentity {
    /// The sign-in name.
    #[serde(alias = "userName")]
    user_name: String,
    /// The identity provider's own id; the user is given it.
    #[serde(default, alias = "externalId")]
    external_id: Option<String>,
    /// An e-mail address.
    #[serde(default)]
    email: Option<String>,
}

/// What a migration did, or would do.
#[derive(Serialize, ToSchema)]
pub(super) struct MigrationView {
    /// Whether it was done.
    applied: bool,
    /// How many identities had each outcome.
    counts: BTreeMap<&'static str, u64>,
    /// Users of the account whom nobody manages, once this is done.
    unmanaged: u64,
    /// What became of each identity, in their order.
    items: Vec<MigratedView>,
}

/// What became of an identity.
#[derive(Serialize, ToSchema)]
struct MigratedView {
    /// The sign-in name that was given.
    user_name: String,
    /// `linked`: the user is managed, or would be. `managed`: it is already. `nobody`: no user is this person; the identity provider
    /// makes one. `ambiguous`: several are, or one who is somebody else already. `refused`: it cannot be done.
    outcome: &'static str,
    /// The user, or the first of several.
    #[schema(value_type = Option<String>)]
    user: Option<ResourceId>,
    /// By what the user was found.
    by: Option<UserMatch>,
    /// Why not.
    detail: Option<String>,
}

/// Users whom an identity provider would meet.
#[derive(Serialize, ToSchema)]
pub(super) struct MigrationState {
    /// Users whom nobody manages.
    unmanaged: u64,
    /// Users whom an identity provider manages.
    managed: u64,
    /// What happens when an identity provider provisions people who are here already, and what to do; null where nobody is.
    warning: Option<String>,
}

/// What is to become of an identity.
enum Found {
    Link { user: ResourceId, by: UserMatch },
    Managed { user: ResourceId, by: UserMatch },
    Several(Vec<ResourceId>),
    Nobody,
}

pub(super) async fn adopt(asked: InAccount, body: Body) -> Answer {
    let (id, about) = asked.target("user.adopt", Kind::USER).await?;
    let Adoption { admin_app, reason } = asked.body(&about, body).await?;
    let reason = reason.as_str();
    change(&asked, id, about, |config, call, user| rules::adopt(config, call, user, admin_app, reason)).await
}

pub(super) async fn release(asked: InAccount, body: Body) -> Answer {
    let (id, about) = asked.target("user.release", Kind::USER).await?;
    let Release { reason } = asked.body(&about, body).await?;
    change(&asked, id, about, |config, call, user| rules::release(config, call, user, &reason)).await
}

async fn change(
    asked: &InAccount,
    id: ResourceId,
    about: About,
    decide: impl Fn(&Configuration, &Call, &User) -> Result<Decided<User>, Refused> + Send + Sync,
) -> Answer {
    let app = &asked.request.app;
    let user = write(app, asked, id, about, decide).await?;
    ok(&users::shown(app, &asked.config, &user).await?)
}

async fn write(
    app: &App,
    asked: &InAccount,
    id: ResourceId,
    about: About,
    decide: impl Fn(&Configuration, &Call, &User) -> Result<Decided<User>, Refused> + Send + Sync,
) -> Result<User, Failure> {
    let decide = &decide;
    let decided = move |config: Arc<Configuration>, call: Call| async move {
        let user = users::load(app, &config, id).await?;
        Ok(decide(&config, &call, &user)?)
    };
    app.write(asked.account(), &asked.request.caller, about, decided).await
}

pub(super) async fn state(asked: InAccount) -> Answer {
    ok(&state_of(&asked).await?)
}

/// What whoever sets SCIM up should know of the users who are there already (U-17).
pub(super) async fn warning(asked: &InAccount) -> Result<Option<String>, Failure> {
    Ok(state_of(asked).await?.warning)
}

async fn state_of(asked: &InAccount) -> Result<MigrationState, Failure> {
    let head = asked.request.app.store().head(asked.account()).await?.ok_or(Failure::NoAccount)?;
    let count = |name: &str| u64::try_from(head.count(name)).unwrap_or(0);
    let managed = count("user.managed");
    let unmanaged = count("user").saturating_sub(managed);
    let fate = match asked.config.policy.users.existing {
        Existing::Link => {
            "is taken over when a client provisions it under the same name, and made a second time under another one"
        }
        Existing::Separate => "is made a second time when a client provisions the same person",
        Existing::Conflict => "is in the way when a client provisions the same person, and answered with 409",
    };
    let (who, them) = match unmanaged {
        1 => ("1 user of this account is not managed by an identity provider. It".to_owned(), "it"),
        more => (format!("{more} users of this account are not managed by an identity provider. Each of them"), "them"),
    };
    let warning = format!(
        "{who} {fate} (policy field `users.existing`): migrate {them} first with `provost user migrate`, or POST …/users/migration"
    );
    Ok(MigrationState { unmanaged, managed, warning: (unmanaged > 0).then_some(warning) })
}

/// Compares the identities with the users who are there. Each user who is linked is a change of its own, with its own entry in the
/// audit log; a dry run is the same on a store that keeps nothing.
pub(super) async fn migrate(asked: InAccount, body: Body) -> Answer {
    let about = About { action: "user.migrate", target: None };
    let migration: Migration = asked.body(&about, body).await?;
    asked.or_recorded(&about, migration.check(&asked.config)).await?;
    let wanted: Vec<Identity> = migration.users.into_iter().map(MigratedIdentity::read).collect();
    let (found, unmanaged) = search(&asked, &wanted).await?;
    let app = if migration.apply { asked.request.app.clone() } else { asked.request.app.rehearsing().0 };
    let mut view = MigrationView { applied: migration.apply, counts: BTreeMap::new(), unmanaged, items: Vec::new() };
    for (identity, found) in wanted.iter().zip(found) {
        let item = settle(&app, &asked, migration.admin_app, identity, found).await?;
        *view.counts.entry(item.outcome).or_default() += 1;
        view.unmanaged = view.unmanaged.saturating_sub(u64::from(item.outcome == "linked"));
        view.items.push(item);
    }
    ok(&view)
}

impl Migration {
    fn check(&self, config: &Configuration) -> Result<(), Failure> {
        at_most("users", self.users.len(), IDENTITIES_MAX, "identities; send the others in further requests")?;
        let app = config.app(self.admin_app);
        app.map(drop).ok_or_else(|| member("admin_app", "the account has no such admin app"))
    }
}

impl MigratedIdentity {
    fn read(self) -> Identity {
        let Self { user_name, external_id, email } = self;
        Identity { user_name, external_id, email }
    }
}

async fn settle(
    app: &App,
    asked: &InAccount,
    admin_app: ResourceId,
    identity: &Identity,
    found: Found,
) -> Result<MigratedView, Failure> {
    let view = |outcome, user, by, detail: Option<&str>| MigratedView {
        user_name: identity.user_name.clone(),
        outcome,
        user,
        by,
        detail: detail.map(str::to_owned),
    };
    let (id, by) = match found {
        Found::Link { user, by } => (user, by),
        Found::Managed { user, by } => return Ok(view("managed", Some(user), Some(by), None)),
        Found::Nobody => return Ok(view("nobody", None, None, None)),
        Found::Several(users) => {
            let detail = match users.len() {
                1 => "this user was matched with another identity already".to_owned(),
                several => format!("{several} users could be this person: adopt the right one by hand"),
            };
            return Ok(view("ambiguous", users.first().copied(), None, Some(&detail)));
        }
    };
    let about = About { action: "user.migrate", target: Some(Target::Record(Kind::USER, id)) };
    let external_id = identity.external_id.as_deref();
    let decide = |config: &Configuration, call: &Call, user: &User| {
        rules::migrate_one(config, call, user, admin_app, external_id)
    };
    match write(app, asked, id, about, decide).await {
        Ok(_) => Ok(view("linked", Some(id), Some(by), None)),
        Err(Failure::Refused(refused)) => Ok(view("refused", Some(id), Some(by), Some(&refused.error.detail))),
        Err(other) => Err(other),
    }
}

/// Who is whom, and how many users nobody manages. The users are read in pages; kept are those whom an identity could mean.
async fn search(asked: &InAccount, wanted: &[Identity]) -> Result<(Vec<Found>, u64), Failure> {
    let config = &asked.config;
    let (mut own, mut managed) = (Vec::new(), Vec::new());
    let (mut unmanaged, mut after) = (0, None);
    loop {
        let records = asked.request.app.store().all(config.id, &Kind::USER, after, CHUNK).await?;
        let Some(last) = records.last() else { break };
        after = Some(last.id);
        let users: Result<Vec<User>, _> = records.into_iter().map(|record| User::read(config.id, record)).collect();
        let (theirs, ours): (Vec<User>, Vec<User>) = users?.into_iter().partition(|user| user.state.managed);
        unmanaged += ours.len() as u64;
        own.extend(candidates(config, ours, wanted));
        // Matching looks at unmanaged users only: this is how managed ones would be found.
        let theirs = theirs.into_iter().map(|mut user| {
            user.state.managed = false;
            user
        });
        managed.extend(candidates(config, theirs.collect(), wanted));
    }
    let already = rules::migration(config, &managed, wanted);
    let matches = rules::migration(config, &own, wanted).into_iter().zip(already);
    let found = matches.map(|pair| match pair {
        (Match::One { user, by }, _) => Found::Link { user: user.id(), by },
        (Match::Several(users), _) => Found::Several(users),
        (Match::Nobody, Match::One { user, by }) => Found::Managed { user: user.id(), by },
        (Match::Nobody, Match::Several(users)) => Found::Several(users),
        (Match::Nobody, Match::Nobody) => Found::Nobody,
    });
    Ok((found.collect(), unmanaged))
}

/// Those of some users whom an identity means among them: nobody else can be meant among all.
fn candidates(config: &Configuration, users: Vec<User>, wanted: &[Identity]) -> Vec<User> {
    let mut meant: HashSet<ResourceId> = HashSet::new();
    for found in rules::migration(config, &users, wanted) {
        match found {
            Match::One { user, .. } => meant.extend([user.id()]),
            Match::Several(several) => meant.extend(several),
            Match::Nobody => {}
        }
    }
    users.into_iter().filter(|user| meant.contains(&user.id())).collect()
}
