//! Who calls: decided from the headers alone, before anything else of a request is looked at.

use super::{App, Failure, in_flight::Place};
use crate::{network::Network, proxy::PublicOrigin, request_id::RequestId};
use axum::http::{Extensions, HeaderMap, header};
use provost_accounts::{
    Actor, AdminApp, Call, Configuration, Owner, RoleKey, User,
    admin_app::{self, KeyError, Scope},
    api_key::PresentedKey,
    groups::held_roles,
};
use provost_change::{AccountId, Kind, ResourceId};
use sha2::{Digest, Sha256};
use std::{net::IpAddr, sync::Arc};
use subtle::ConstantTimeEq;

/// An authenticated request: who, from where, and how the caller names us.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Whose key it is.
    pub principal: Principal,
    /// Where from.
    pub client_ip: IpAddr,
    /// What locations start with.
    pub origin: String,
    /// The request's id.
    pub request_id: String,
    /// What the client calls itself.
    pub user_agent: Option<String>,
    /// The request's place among those of its account, as long as somebody holds it; `None` where nobody counts.
    pub place: Option<Arc<Place>>,
}

/// Whose key it is.
#[derive(Clone, Debug)]
pub enum Principal {
    /// The operator of the installation: every account.
    Operator,
    /// An admin app: its own account, within its scopes.
    App {
        /// The account's configuration, as it was when the key was checked.
        config: Arc<Configuration>,
        /// The admin app.
        app: Arc<AdminApp>,
        /// The id of the key.
        key: String,
        /// Whose token it is, as the user is now; `None` where the key belongs to the account.
        owner: Option<Owner>,
    },
    /// A person who signed in to the console: its own account, as far as its roles permit.
    Person {
        /// The account's configuration, as it was when the session was checked.
        config: Arc<Configuration>,
        /// The session.
        session: ResourceId,
        /// The user that it is, as it is now.
        owner: Owner,
    },
    /// Somebody with the link of a mail, or who is signing in. Does nothing but what that is for.
    Link,
}

impl Caller {
    /// The call that a decision sees, with a fresh id and salt.
    pub fn call(&self, app: &App) -> Call {
        let now = app.now();
        Call {
            actor: match &self.principal {
                Principal::Operator => Actor::Operator,
                Principal::App { app, key, owner, .. } => {
                    Actor::App { id: app.id, name: app.name.clone(), key: key.clone(), owner: owner.clone() }
                }
                Principal::Person { session, owner, .. } => {
                    Actor::Person { owner: owner.clone(), session: Some(*session) }
                }
                Principal::Link => Actor::System,
            },
            now,
            request_id: self.request_id.clone(),
            client_ip: self.client_ip.to_string(),
            user_agent: self.user_agent.clone(),
            new_id: app.new_id(),
            salt: app.random(),
            secret: app.random(),
            mail_links: app.mail_links(),
            is_braked: false,
        }
    }

    /// What a SCIM client is given as the tenant URL; the flag asks Entra for its standard dialect.
    pub fn tenant_url(&self) -> String {
        format!("{}/scim/v2?aadOptscim062020", self.origin)
    }

    /// The admin app behind a SCIM request, with its account's configuration.
    ///
    /// # Errors
    /// `Forbidden` for the operator's key and for keys without the scope; 403 for a kind of credential that the policy does not take.
    pub fn scim(&self) -> Result<&Arc<Configuration>, Failure> {
        match &self.principal {
            Principal::App { config, app, .. } if app.scopes.contains(&Scope::Scim) => {
                admin_app::check_use(config, app)?;
                Ok(config)
            }
            Principal::App { .. } => Err(Failure::Forbidden("this key does not have the scope `scim`".to_owned())),
            Principal::Operator | Principal::Person { .. } | Principal::Link => {
                Err(Failure::Forbidden("SCIM takes the API key of an admin app and no other credential".to_owned()))
            }
        }
    }

    /// The admin app whose key it is.
    pub fn scim_app(&self) -> Option<ResourceId> {
        match &self.principal {
            Principal::App { app, .. } => Some(app.id),
            Principal::Operator | Principal::Person { .. } | Principal::Link => None,
        }
    }

    /// Whether the caller may use the management API of an account.
    ///
    /// # Errors
    /// `Forbidden` for keys without the scope, `NoAccount` for another account's.
    pub fn api(&self, account: AccountId) -> Result<(), Failure> {
        match &self.principal {
            Principal::Operator => Ok(()),
            Principal::App { app, .. } if !app.scopes.contains(&Scope::Api) => {
                Err(Failure::Forbidden("this key works for SCIM only; it does not have the scope `api`".to_owned()))
            }
            Principal::App { config, .. } | Principal::Person { config, .. } if config.id == account => Ok(()),
            Principal::App { .. } | Principal::Person { .. } | Principal::Link => Err(Failure::NoAccount),
        }
    }

    /// Whether the caller may do what concerns the whole installation.
    ///
    /// # Errors
    /// `Forbidden` for everybody but the operator.
    pub fn operator(&self) -> Result<(), Failure> {
        match self.principal {
            Principal::Operator => Ok(()),
            Principal::App { .. } | Principal::Person { .. } | Principal::Link => {
                Err(Failure::Forbidden("only the operator may do this".to_owned()))
            }
        }
    }
}

impl App {
    /// Authenticates a request by its headers, and by what the edge has found out about where it comes from.
    ///
    /// # Errors
    /// `Unauthenticated` for a missing, malformed, unknown, expired or replaced key and for the token of a user who is gone or
    /// disabled, without a hint which; `TooManyAttempts`; `TooManyRequests` and `TooManyAtOnce` with a good key; `Forbidden` from an
    /// address that the key is not for.
    pub async fn authenticate(&self, headers: &HeaderMap, extensions: &Extensions) -> Result<Caller, Failure> {
        let origin =
            extensions.get::<PublicOrigin>().ok_or_else(|| Failure::Damaged("the edge is missing".to_owned()))?;
        let now = self.now();
        self.0.failed.check(origin.client_ip, now).map_err(Failure::TooManyAttempts)?;
        let principal = match self.principal(headers, now).await {
            Err(Failure::Unauthenticated) => {
                self.0.failed.record(origin.client_ip, now);
                return Err(Failure::Unauthenticated);
            }
            other => other?,
        };
        let user_agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        let caller = Caller {
            principal,
            client_ip: origin.client_ip,
            origin: origin.origin.clone(),
            request_id: extensions.get::<RequestId>().map_or_else(String::new, |id| id.as_str().to_owned()),
            user_agent: user_agent.map(str::to_owned),
            place: None,
        };
        if self.is_honey(&caller).await {
            self.0.failed.record(origin.client_ip, now);
            return Err(Failure::Unauthenticated);
        }
        self.check_rate(&caller.principal, now)?;
        self.check_address(&caller).await?;
        let place = self.place(&caller.principal)?;
        self.note_use(&caller, now);
        Ok(Caller { place, ..caller })
    }

    async fn principal(&self, headers: &HeaderMap, now: jiff::Timestamp) -> Result<Principal, Failure> {
        let token = bearer(headers).ok_or(Failure::Unauthenticated)?;
        let Some(presented) = PresentedKey::read(token) else { return self.operator(token) };
        let config = match self.configuration(presented.account).await {
            Err(Failure::NoAccount) => return Err(Failure::Unauthenticated),
            other => other?,
        };
        let app = admin_app::authenticate(&config, &presented, now)
            .inspect_err(
                |error| tracing::info!(account.id = %config.id, key.id = presented.id, %error, "A key was refused."),
            )
            .map_err(|_| Failure::Unauthenticated)?;
        let app = Arc::clone(app);
        let owner = self.owner(&config, &app).await?;
        Ok(Principal::App { config, app, key: presented.id, owner })
    }

    /// The owner of a user token, as the user is now.
    pub(super) async fn owner(&self, config: &Configuration, app: &AdminApp) -> Result<Option<Owner>, Failure> {
        let Some(id) = app.owner else { return Ok(None) };
        let record = self.store().load(config.id, &[(Kind::USER, id)]).await?.into_iter().flatten().next();
        let user = record.map(|record| User::read(config.id, record)).transpose()?;
        let roles = match &user {
            Some(user) => self.held_roles(config, user).await?,
            None => Vec::new(),
        };
        let refused =
            |error: KeyError| tracing::info!(account.id = %config.id, app.id = %app.id, %error, "A key was refused.");
        let owner = admin_app::living_owner(user.as_ref(), roles).inspect_err(|error| refused(*error));
        owner.map(Some).map_err(|_| Failure::Unauthenticated)
    }

    /// The roles that a user holds, its own and those of its groups.
    pub(super) async fn held_roles(&self, config: &Configuration, user: &User) -> Result<Vec<RoleKey>, Failure> {
        let groups = self.groups_by_user(config, &[user.id()]).await?.remove(&user.id()).unwrap_or_default();
        let named: Vec<_> = groups.iter().map(|group| (group.id(), group.display_name())).collect();
        Ok(held_roles(config, &user.state, &named).into_iter().map(|held| held.role).collect())
    }

    fn check_rate(&self, principal: &Principal, now: jiff::Timestamp) -> Result<(), Failure> {
        let Principal::App { config, app, .. } = principal else { return Ok(()) };
        let Some(per_second) = config.policy.limits.requests_per_second else { return Ok(()) };
        self.0.rates.take((config.id, app.id), per_second, now).map_err(Failure::TooManyRequests)
    }

    fn place(&self, principal: &Principal) -> Result<Option<Arc<Place>>, Failure> {
        let Principal::App { config, .. } = principal else { return Ok(None) };
        Ok(Some(Arc::new(self.0.in_flight.enter(config.id).map_err(Failure::TooManyAtOnce)?)))
    }

    fn operator(&self, token: &str) -> Result<Principal, Failure> {
        if self.is_operator_key(token) { Ok(Principal::Operator) } else { Err(Failure::Unauthenticated) }
    }

    /// Whether a text is the operator's key; takes the same time whether it is or not.
    pub(crate) fn is_operator_key(&self, text: &str) -> bool {
        let hash: [u8; 32] = Sha256::digest(text.as_bytes()).into();
        hash.ct_eq(&self.0.operator_key).into()
    }

    /// A key that is good, but used from an address that it is not for: refused and recorded in the account's audit log.
    async fn check_address(&self, caller: &Caller) -> Result<(), Failure> {
        let Principal::App { config, app, .. } = &caller.principal else { return Ok(()) };
        let mut networks = app.allowed_ips.iter().filter_map(|text| text.parse::<Network>().ok());
        if app.allowed_ips.is_empty() || networks.any(|network| network.contains(caller.client_ip)) {
            return Ok(());
        }
        let failure = Failure::Forbidden("this key may not be used from this address".to_owned());
        self.record_failure(config.id, &caller.call(self), "admin_app.use", None, &failure).await;
        Err(failure)
    }
}

/// The bearer token, when there is exactly one `Authorization` header of that form (RFC 6750 §2.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut lines = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(line), None) = (lines.next(), lines.next()) else { return None };
    let (scheme, token) = line.to_str().ok()?.split_once(' ')?;
    let token = token.trim_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
