//! Who comes with the link of a mail.

use super::{About, App, Caller, Failure, Target};
use axum::http::{Extensions, HeaderMap};
use provost_accounts::{
    Call, Configuration, Refused, User,
    token::{PresentedToken, Purpose},
    verification,
};
use provost_change::Kind;
use std::sync::Arc;

impl App {
    /// Somebody with a link, which is not looked at yet.
    ///
    /// # Errors
    /// `TooManyAttempts` after too many wrong credentials from this address, links among them.
    pub(crate) fn link_holder(&self, headers: &HeaderMap, extensions: &Extensions) -> Result<Caller, Failure> {
        let caller = self.stranger(headers, extensions)?;
        self.check_attempts(&caller)?;
        Ok(caller)
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
        let about = About { action: "user.verify", target: Some(Target::Record(Kind::USER, link.record)) };
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

    async fn good_link(&self, caller: &Caller, token: &str) -> Result<Option<PresentedToken>, Failure> {
        let Some(link) = PresentedToken::read(Purpose::Verification, token) else { return Ok(None) };
        let config = match self.configuration(link.account).await {
            Err(Failure::NoAccount) => return Ok(None),
            other => other?,
        };
        let user = self.linked_user(&config, &link).await?;
        let good = user.is_some_and(|user| verification::confirm(&config, &caller.call(self), &user, &link).is_some());
        Ok(good.then_some(link))
    }

    async fn linked_user(&self, config: &Configuration, link: &PresentedToken) -> Result<Option<User>, Failure> {
        let record = self.store().load(config.id, &[(Kind::USER, link.record)]).await?.into_iter().flatten().next();
        Ok(record.map(|record| User::read(config.id, record)).transpose()?)
    }
}
