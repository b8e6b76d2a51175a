//! A request that comes with a session.

use super::{About, App, Caller, Failure, Target};
use crate::{app::Principal, proxy::PublicOrigin, request_id::RequestId};
use axum::http::{Extensions, HeaderMap, header};
use provost_accounts::{
    Call, Configuration, Decided, Owner, Refused, User,
    sessions::{self, Factor, Session},
    token::{PresentedToken, Purpose},
};
use provost_change::{AccountId, Kind, Record, ResourceId};
use std::sync::Arc;

/// A session that is good, with its user as it is now.
pub(crate) struct InSession {
    /// Who calls.
    pub caller: Caller,
    /// The account.
    pub config: Arc<Configuration>,
    /// The session.
    pub session: Session,
}

impl Caller {
    /// The session that it calls in.
    pub(crate) fn session(&self) -> Option<ResourceId> {
        match &self.principal {
            Principal::Person { session, .. } => Some(*session),
            Principal::Operator | Principal::App { .. } | Principal::Link => None,
        }
    }

    /// The user that it is, in its account.
    pub(crate) fn person(&self) -> Option<(AccountId, ResourceId)> {
        match &self.principal {
            Principal::Person { config, owner, .. } => Some((config.id, owner.id)),
            Principal::Operator | Principal::App { .. } | Principal::Link => None,
        }
    }
}

impl App {
    /// Somebody of whom nothing is known yet but where the request comes from.
    ///
    /// # Errors
    /// When the request did not pass the edge.
    pub(crate) fn stranger(&self, headers: &HeaderMap, extensions: &Extensions) -> Result<Caller, Failure> {
        let origin =
            extensions.get::<PublicOrigin>().ok_or_else(|| Failure::Damaged("the edge is missing".to_owned()))?;
        let user_agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        Ok(Caller {
            principal: Principal::Link,
            client_ip: origin.client_ip,
            origin: origin.origin.clone(),
            request_id: extensions.get::<RequestId>().map_or_else(String::new, |id| id.as_str().to_owned()),
            user_agent: user_agent.map(str::to_owned),
            place: None,
        })
    }

    /// Whether somebody from there may try a credential.
    ///
    /// # Errors
    /// `TooManyAttempts`.
    pub(crate) fn check_attempts(&self, caller: &Caller) -> Result<(), Failure> {
        self.0.failed.check(caller.client_ip, self.now()).map_err(Failure::TooManyAttempts)
    }

    /// The person whose session a token is; `None` for a token that is none, is over, or whose user may not sign in any more.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub(crate) async fn in_session(&self, caller: Caller, token: &str) -> Result<Option<InSession>, Failure> {
        let Some(token) = PresentedToken::read(Purpose::Session, token) else { return Ok(None) };
        let config = match self.configuration(token.account).await {
            Err(Failure::NoAccount) => return Ok(None),
            other => other?,
        };
        let (rules, _) = self.sign_in_rules(config.id).await?;
        let Some((record, session)) = self.session(config.id, token.record).await? else { return Ok(None) };
        let now = self.now();
        if !session.is(&token, &rules, now) {
            return Ok(None);
        }
        let Some(owner) = self.signed_in_user(&config, session.user).await? else { return Ok(None) };
        if let Some(change) = session.touched(&record, now)
            && let Err(error) = self.commit(config.id, change).await
        {
            tracing::debug!(account.id = %config.id, %error, "The use of a session was not noted; the next request notes it.");
        }
        let principal = Principal::Person { config: Arc::clone(&config), session: record.id, owner };
        Ok(Some(InSession { caller: Caller { principal, ..caller }, config, session }))
    }

    /// The user behind a session, as it is now: disabling a user ends what it does at once (S-35).
    async fn signed_in_user(&self, config: &Configuration, id: ResourceId) -> Result<Option<Owner>, Failure> {
        let record = self.store().load(config.id, &[(Kind::USER, id)]).await?.into_iter().flatten().next();
        let user = record.map(|record| User::read(config.id, record)).transpose()?;
        let Some(user) = user.filter(|user| user.sign_in_refusal(config).is_none()) else { return Ok(None) };
        let roles = self.held_roles(config, &user).await?;
        Ok(Some(Owner { id, name: user.user_name().to_owned(), roles }))
    }

    async fn session(&self, account: AccountId, id: ResourceId) -> Result<Option<(Record, Session)>, Failure> {
        let record = self.store().load(account, &[(Kind::SESSION, id)]).await?.into_iter().flatten().next();
        let read = |record: Record| sessions::read(account, &record).map(|session| (record, session));
        Ok(record.map(read).transpose()?)
    }

    /// Ends a session of a user: by its person, or by an administrator.
    ///
    /// # Errors
    /// 404 for a session that the user does not have.
    pub(crate) async fn end_session(
        &self,
        caller: &Caller,
        (account, user): (AccountId, ResourceId),
        id: ResourceId,
        action: &'static str,
    ) -> Result<(), Failure> {
        let about = About { action, target: Some(Target::Record(Kind::USER, user)) };
        let decide = |config: Arc<Configuration>, call: Call| async move {
            let found = self.session(config.id, id).await?.filter(|(_, session)| session.user == user);
            let (record, session) = found.ok_or_else(|| Refused::not_found("session"))?;
            let name = self.user_name(config.id, user).await;
            Ok(Decided { change: sessions::end(&call, action, (&record, &session), &name), outcome: () })
        };
        self.write(account, caller, about, decide).await
    }

    /// Notes in the caller's session that the person has proved anew who is there, together with what `prove` has to note of it.
    ///
    /// # Errors
    /// 404 for a caller without a session; whatever `prove` refuses.
    pub(crate) async fn prove_again<P>(&self, caller: &Caller, by: Factor, prove: P) -> Result<(), Failure>
    where
        P: Fn(
                &Configuration,
                &Call,
                &provost_accounts::credentials::Person,
            ) -> Result<provost_change::ChangeSet, Failure>
            + Send
            + Sync,
    {
        let prove = &prove;
        let (Some((account, user)), Some(id)) = (caller.person(), caller.session()) else {
            return Err(Refused::not_found("session").into());
        };
        let about = About { action: "user.confirm", target: Some(Target::Record(Kind::USER, user)) };
        let decide = |config: Arc<Configuration>, call: Call| async move {
            let found = self.session(config.id, id).await?;
            let (record, session) = found.ok_or_else(|| Refused::not_found("session"))?;
            let person = self.person(&config, user).await?.ok_or_else(|| Refused::not_found("user"))?;
            let noted = prove(&config, &call, &person)?;
            let mut decided = session.proved(&call, (&record, &person.user), by);
            decided.change.config = noted.config;
            decided.change.puts.extend(noted.puts);
            decided.change.log.splice(0..0, noted.log);
            Ok(decided.map(drop))
        };
        self.write(account, caller, about, decide).await?;
        self.0.attempts.succeeded((account, user));
        Ok(())
    }
}
