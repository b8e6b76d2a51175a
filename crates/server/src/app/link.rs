//! Who comes with the link of a mail.

use super::{About, App, Caller, Failure, Principal, Target};
use crate::{proxy::PublicOrigin, request_id::RequestId};
use axum::http::{Extensions, HeaderMap, header};
use provost_accounts::{
    Call, Configuration, Refused, User,
    verification::{self, PresentedLink},
};
use provost_change::Kind;
use std::sync::Arc;

impl App {
    /// Somebody with a link, which is not looked at yet.
    ///
    /// # Errors
    /// `TooManyAttempts` after too many wrong credentials from this address, links among them.
    pub(crate) fn link_holder(&self, headers: &HeaderMap, extensions: &Extensions) -> Result<Caller, Failure> {
        let origin =
            extensions.get::<PublicOrigin>().ok_or_else(|| Failure::Damaged("the edge is missing".to_owned()))?;
        self.0.failed.check(origin.client_ip, self.now()).map_err(Failure::TooManyAttempts)?;
        let user_agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        Ok(Caller {
            principal: Principal::Link,
            client_ip: origin.client_ip,
            origin: origin.origin.clone(),
            request_id: extensions.get::<RequestId>().map_or_else(String::new, |id| id.as_str().to_owned()),
            user_agent: user_agent.map(str::to_owned),
        })
    }

    /// Takes the link that proves a user's address. A link that is not good leaves no trace in any account: whoever makes links up
    /// could fill its log.
    ///
    /// # Errors
    /// When the store does not answer.
    pub(crate) async fn verify(&self, caller: &Caller, token: &str) -> Result<bool, Failure> {
        let Some(link) = self.good_link(caller, token).await? else {
            self.0.failed.record(caller.client_ip, self.now());
            return Ok(false);
        };
        let about = About { action: "user.verify", target: Some(Target::Record(Kind::USER, link.user)) };
        let decide = |config: Arc<Configuration>, call: Call| {
            let link = link.clone();
            async move {
                let user = self.linked_user(&config, &link).await?;
                let decided = user.and_then(|user| verification::confirm(&config, &call, &user, &link));
                Ok(decided.ok_or_else(|| Refused::not_found("link"))?)
            }
        };
        match self.write(link.account, caller, about, decide).await {
            Ok(_) => Ok(true),
            // Used by somebody else in the same moment.
            Err(Failure::Refused(_)) => Ok(false),
            Err(other) => Err(other),
        }
    }

    async fn good_link(&self, caller: &Caller, token: &str) -> Result<Option<PresentedLink>, Failure> {
        let Some(link) = PresentedLink::read(token) else { return Ok(None) };
        let config = match self.configuration(link.account).await {
            Err(Failure::NoAccount) => return Ok(None),
            other => other?,
        };
        let user = self.linked_user(&config, &link).await?;
        let good = user.is_some_and(|user| verification::confirm(&config, &caller.call(self), &user, &link).is_some());
        Ok(good.then_some(link))
    }

    async fn linked_user(&self, config: &Configuration, link: &PresentedLink) -> Result<Option<User>, Failure> {
        let record = self.store().load(config.id, &[(Kind::USER, link.user)]).await?.into_iter().flatten().next();
        Ok(record.map(|record| User::read(config.id, record)).transpose()?)
    }
}
