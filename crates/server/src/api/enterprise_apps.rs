//! Enterprise apps: what an account provisions into other systems.

pub(super) mod assignments;
pub(super) mod checking;
pub(super) mod connection;
pub(super) mod lineage;
pub(super) mod mappings;
pub(super) mod plans;
pub(super) mod probing;
pub(super) mod provisioning;
pub(super) mod roles;

use super::{
    Answer,
    asked::InAccount,
    body::{given, member},
    created, no_content, ok, page,
    page::PageQuery,
};
use crate::app::{About, App, Failure};
use axum::body::Body;
use jiff::Timestamp;
use provost_accounts::{Call, Configuration, Decided, Refused};
use provost_change::{AccountId, Kind, ResourceId};
use provost_client::check_token;
use provost_engine::{
    AppRole, Assignment, Compatibility, Drift, EnterpriseApp, Job, ScopeMode,
    registry::{self, AppEdit, Registered, Started},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::sync::Arc;
use utoipa::ToSchema;

/// What an enterprise app is made of. One that is made needs a name; of one that is changed, what is left out stays.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct EnterpriseAppSettings {
    /// Its name, unique in the account.
    name: Option<String>,
    /// The target's SCIM base, such as `https://scim.example.com/scim/v2`, with flags for the client behind a `?`: `?aadOptscim062020`
    /// asks for the newer PATCH dialect. Plain HTTP and private addresses only where the installation permits them. Where it is changed
    /// to another host, the secret token is forgotten unless one comes along. Empty, which it is unless said: nothing is sent yet.
    tenant_url: Option<String>,
    /// What authenticates at the target, sent as a bearer token. Kept sealed and never shown again; null takes it away.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    secret_token: Option<Option<String>>,
    /// Seconds from the beginning of one cycle to that of the next: 2400 unless said, at least 1.
    interval: Option<u64>,
    /// `assigned`, which it is unless said: users and groups that are assigned. `all`: all of the account.
    scope: Option<ScopeMode>,
    /// How many disables and deletes one cycle may bring; more are held until somebody allows or rejects them. Null, which it is unless
    /// said: any number.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<u32>)]
    accidental_deletion_threshold: Option<Option<u32>>,
    /// Whether those who leave the scope are left alone at the target.
    skip_out_of_scope_deletions: Option<bool>,
    /// Whether members of groups inside an assigned group count as its members.
    nested_groups: Option<bool>,
    /// Whether an attribute that the source has no more is cleared at the target.
    clear_nulls: Option<bool>,
    /// What is done about changes that somebody else made at the target.
    drift: Option<Drift>,
    /// Mail addresses that are told of quarantine and of held deletions.
    notify: Option<Vec<String>>,
    /// What the target needs otherwise than Entra sends it.
    compatibility: Option<Compatibility>,
}

/// An enterprise app.
#[derive(Serialize, ToSchema)]
pub(super) struct EnterpriseAppView {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// The target's SCIM base with the client's flags; empty until somebody connects the app.
    tenant_url: String,
    /// That there is a secret token; null when there is none.
    secret_token: Option<SecretTokenView>,
    /// Whether it runs by itself.
    started: bool,
    /// Seconds from the beginning of one cycle to that of the next.
    interval: u64,
    /// Who is in scope before filters are asked.
    scope: ScopeMode,
    /// How many disables and deletes one cycle may bring; null for any number.
    accidental_deletion_threshold: Option<u32>,
    /// Whether those who leave the scope are left alone at the target.
    skip_out_of_scope_deletions: bool,
    /// Whether members of groups inside an assigned group count as its members.
    nested_groups: bool,
    /// Whether an attribute that the source has no more is cleared at the target.
    clear_nulls: bool,
    /// What is done about changes that somebody else made at the target.
    drift: Drift,
    /// Mail addresses that are told of quarantine and of held deletions.
    notify: Vec<String>,
    /// What the target needs otherwise than Entra sends it.
    compatibility: Compatibility,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    /// When it was changed last.
    #[schema(value_type = String, format = DateTime)]
    modified: Timestamp,
}

/// What is shown of a secret token.
#[derive(Serialize, ToSchema)]
struct SecretTokenView {
    /// Its last characters, to tell it from another one; empty of a short one.
    ends_with: String,
}

/// Who is in scope of an enterprise app.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ScopeDocument {
    /// `assigned` or `all`. Scoping filters stand with the mappings.
    scope: ScopeMode,
    /// Whether members of groups inside an assigned group count as its members; stays where it is left out.
    #[serde(default)]
    nested_groups: Option<bool>,
    /// Whether those who leave the scope are left alone at the target; stays where it is left out.
    #[serde(default)]
    skip_out_of_scope_deletions: Option<bool>,
}

impl ScopeDocument {
    fn of(app: &EnterpriseApp) -> Self {
        Self {
            scope: app.scope,
            nested_groups: Some(app.nested_groups),
            skip_out_of_scope_deletions: Some(app.skip_out_of_scope_deletions),
        }
    }
}

impl EnterpriseAppView {
    fn of(app: Registered<EnterpriseApp>) -> Self {
        let Registered { record, value } = app;
        Self {
            id: record.id.to_string(),
            name: value.name,
            tenant_url: value.tenant_url,
            secret_token: value.secret_token.map(|token| SecretTokenView { ends_with: token.ends_with }),
            started: value.started,
            interval: value.interval,
            scope: value.scope,
            accidental_deletion_threshold: value.accidental_deletion_threshold,
            skip_out_of_scope_deletions: value.skip_out_of_scope_deletions,
            nested_groups: value.nested_groups,
            clear_nulls: value.clear_nulls,
            drift: value.drift,
            notify: value.notify,
            compatibility: value.compatibility,
            created: record.created,
            modified: record.modified,
        }
    }
}

pub(super) async fn create(asked: InAccount, body: Body) -> Answer {
    let about = About { action: "enterprise-app.create", target: None };
    let wanted: EnterpriseAppSettings = asked.body(&about, body).await?;
    let about = about.making(EnterpriseApp::kind(), wanted.name.as_deref().unwrap_or_default());
    asked.or_recorded(&about, wanted.check_new().and_then(|()| wanted.check(&asked))).await?;
    let (app, wanted) = (&asked.request.app, &wanted);
    let decide = |config: Arc<Configuration>, call: Call| async move {
        let edit = wanted.edit(app, config.id, ResourceId::new(call.new_id));
        Ok(registry::create(&config, &call, edit)?)
    };
    let made = app.write(asked.account(), &asked.request.caller, about, decide).await?;
    created(&asked.location(&format!("/enterprise-apps/{}", made.id())), &EnterpriseAppView::of(made))
}

pub(super) async fn list(asked: InAccount) -> Answer {
    let page = asked.request.query::<PageQuery>()?.page::<ResourceId>()?;
    let store = asked.request.app.store();
    let mut records = store.all(asked.account(), &EnterpriseApp::kind(), page.after, page.limit_and_one()).await?;
    let next = page::cut(&mut records, page.limit, |record| record.id);
    let read = |record| Ok(EnterpriseAppView::of(Registered::read(asked.account(), record)?));
    page::list(records.into_iter().map(read).collect::<Result<Vec<_>, Failure>>()?, next)
}

pub(super) async fn get(asked: InAccount) -> Answer {
    ok(&EnterpriseAppView::of(app_of(&asked).await?))
}

pub(super) async fn change(asked: InAccount, body: Body) -> Answer {
    let (id, about) = asked.target("enterprise-app.update", EnterpriseApp::kind()).await?;
    let wanted: &EnterpriseAppSettings = &asked.body(&about, body).await?;
    asked.or_recorded(&about, wanted.check(&asked)).await?;
    let app = &asked.request.app;
    let decide = |config: &Configuration, call: &Call, before: &Registered<EnterpriseApp>| {
        registry::update(config, call, before, wanted.edit(app, config.id, id))
    };
    ok(&EnterpriseAppView::of(write(&asked, id, about, decide).await?))
}

pub(super) async fn delete(asked: InAccount) -> Answer {
    let (id, about) = asked.target("enterprise-app.delete", EnterpriseApp::kind()).await?;
    write(&asked, id, about, |config, call, app| Ok(registry::delete(config, call, app))).await?;
    no_content()
}

pub(super) async fn scope(asked: InAccount) -> Answer {
    ok(&ScopeDocument::of(&app_of(&asked).await?.value))
}

pub(super) async fn set_scope(asked: InAccount, body: Body) -> Answer {
    let (id, about) = asked.target("enterprise-app.update", EnterpriseApp::kind()).await?;
    let ScopeDocument { scope, nested_groups, skip_out_of_scope_deletions } = asked.body(&about, body).await?;
    let edit = &AppEdit { scope: Some(scope), nested_groups, skip_out_of_scope_deletions, ..AppEdit::default() };
    let decide = |config: &Configuration, call: &Call, before: &Registered<EnterpriseApp>| {
        registry::update(config, call, before, edit.clone())
    };
    ok(&ScopeDocument::of(&write(&asked, id, about, decide).await?.value))
}

pub(super) async fn start(asked: InAccount) -> Answer {
    set_started(asked, "enterprise-app.start", Started::Yes).await
}

pub(super) async fn stop(asked: InAccount) -> Answer {
    set_started(asked, "enterprise-app.stop", Started::No).await
}

async fn set_started(asked: InAccount, action: &'static str, started: Started) -> Answer {
    let (id, about) = asked.target(action, EnterpriseApp::kind()).await?;
    let decide = |call: &Call, app: &Registered<EnterpriseApp>, job: Option<&Registered<Job>>| {
        registry::set_started(call, app, job, started)
    };
    ok(&EnterpriseAppView::of(write_job(&asked, id, about, decide).await?))
}

/// Decides about an app and its job as they are, and commits.
async fn write_job<T: Send>(
    asked: &InAccount,
    id: ResourceId,
    about: About,
    decide: impl Fn(&Call, &Registered<EnterpriseApp>, Option<&Registered<Job>>) -> Result<Decided<T>, Refused>
    + Send
    + Sync,
) -> Result<T, Failure> {
    let (app, decide) = (&asked.request.app, &decide);
    let decided = move |config: Arc<Configuration>, call: Call| async move {
        let of = load(app, config.id, &EnterpriseApp::kind(), id).await?;
        let job = job_of(app, config.id, id).await?;
        Ok(decide(&call, &of, job.as_ref())?)
    };
    app.write(asked.account(), &asked.request.caller, about, decided).await
}

/// The job of an app, once it has one.
async fn job_of(app: &App, account: AccountId, id: ResourceId) -> Result<Option<Registered<Job>>, Failure> {
    let record = app.store().load(account, &[(Job::kind(), id)]).await?.into_iter().flatten().next();
    Ok(record.map(|record| Registered::read(account, record)).transpose()?)
}

impl EnterpriseAppSettings {
    fn check_new(&self) -> Result<(), Failure> {
        match &self.name {
            None => Err(member("name", "a new app needs a name")),
            Some(_) => Ok(()),
        }
    }

    /// Whether it can be called, and with this token.
    fn check(&self, asked: &InAccount) -> Result<(), Failure> {
        if let Some(url) = self.tenant_url.as_deref().filter(|url| !url.is_empty()) {
            asked.request.app.target_base(url).map_err(|error| member("tenant_url", error))?;
        }
        match &self.secret_token {
            Some(Some(token)) => check_token(token).map_err(|error| member("secret_token", error)),
            Some(None) | None => Ok(()),
        }
    }

    fn edit(&self, app: &App, account: AccountId, id: ResourceId) -> AppEdit {
        let token = self.secret_token.as_ref();
        AppEdit {
            name: self.name.clone(),
            tenant_url: self.tenant_url.clone(),
            secret_token: token.map(|token| token.as_ref().map(|token| app.sealed_token(account, id, token))),
            interval: self.interval,
            scope: self.scope,
            accidental_deletion_threshold: self.accidental_deletion_threshold,
            skip_out_of_scope_deletions: self.skip_out_of_scope_deletions,
            nested_groups: self.nested_groups,
            clear_nulls: self.clear_nulls,
            drift: self.drift,
            notify: self.notify.clone(),
            compatibility: self.compatibility,
        }
    }
}

/// The app that the path names.
async fn app_of(asked: &InAccount) -> Result<Registered<EnterpriseApp>, Failure> {
    load(&asked.request.app, asked.account(), &EnterpriseApp::kind(), asked.id(&EnterpriseApp::kind())?).await
}

/// A record of this kind.
///
/// # Errors
/// 404.
async fn load<T: DeserializeOwned>(
    app: &App,
    account: AccountId,
    kind: &Kind,
    id: ResourceId,
) -> Result<Registered<T>, Failure> {
    let record = app.store().load(account, &[(kind.clone(), id)]).await?.into_iter().flatten().next();
    let record = record.ok_or_else(|| Refused::not_found(&kind.as_str().replace('-', " ")))?;
    Ok(Registered::read(account, record)?)
}

/// A role of the app.
async fn load_role(
    app: &App,
    account: AccountId,
    of: ResourceId,
    id: ResourceId,
) -> Result<Registered<AppRole>, Failure> {
    let role: Registered<AppRole> = load(app, account, &AppRole::kind(), id).await?;
    if role.value.app == of { Ok(role) } else { Err(Refused::not_found("app role").into()) }
}

/// An assignment to the app.
async fn load_assignment(
    app: &App,
    account: AccountId,
    of: ResourceId,
    id: ResourceId,
) -> Result<Registered<Assignment>, Failure> {
    let assignment: Registered<Assignment> = load(app, account, &Assignment::kind(), id).await?;
    if assignment.value.app == of { Ok(assignment) } else { Err(Refused::not_found("app assignment").into()) }
}

/// Decides about an app as it is, and commits.
async fn write<T: Send>(
    asked: &InAccount,
    id: ResourceId,
    about: About,
    decide: impl Fn(&Configuration, &Call, &Registered<EnterpriseApp>) -> Result<Decided<T>, Refused> + Send + Sync,
) -> Result<T, Failure> {
    let (app, decide) = (&asked.request.app, &decide);
    let decided = move |config: Arc<Configuration>, call: Call| async move {
        let before = load(app, config.id, &EnterpriseApp::kind(), id).await?;
        Ok(decide(&config, &call, &before)?)
    };
    app.write(asked.account(), &asked.request.caller, about, decided).await
}
