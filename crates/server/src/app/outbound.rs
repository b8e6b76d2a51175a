//! What leads out of the account: secret tokens of enterprise apps, and the connections that they authenticate.

use super::{App, Caller, Failure};
use crate::seal::place;
use provost_accounts::Refused;
use provost_change::{AccountId, ResourceId};
use provost_client::{
    Outbound, Target, TargetAnswer, TargetBase, TargetBody, TargetError, TargetMethod, TargetReads, TargetRequest,
};
use provost_engine::{
    Answer, Body, Content, EnterpriseApp, Mappings, Method, Objects, Reads, Reply, Request, SecretToken, TenantUrl,
    connection::{self, Finding, Probe, Verdict},
    probe::{Report, Step, TargetProbe},
};
use std::time::Duration;

/// Characters of a token that are shown, of one that is at least four times as long.
const SHOWN: usize = 4;

impl App {
    /// What makes connections to targets.
    pub(crate) fn outbound(&self) -> &Outbound {
        &self.0.outbound
    }

    /// What is to be stored of an app's secret token. It can be opened for this app only.
    pub(crate) fn sealed_token(&self, account: AccountId, app: ResourceId, token: &str) -> SecretToken {
        let characters: Vec<char> = token.chars().collect();
        let shown = if characters.len() >= 4 * SHOWN { SHOWN } else { 0 };
        SecretToken {
            sealed: self.0.seal.seal(self.random(), &place::secret_token(account, app), token),
            ends_with: characters[characters.len() - shown..].iter().collect(),
        }
    }

    /// The target of an app, with its token. Nothing is sent yet.
    ///
    /// # Errors
    /// 409 when the app has no token, or one that cannot be opened; what is wrong with the tenant URL.
    pub(crate) fn target(&self, account: AccountId, id: ResourceId, app: &EnterpriseApp) -> Result<Target, Failure> {
        let refused = |detail: &str| Failure::from(Refused::status(409, detail));
        let token = app.secret_token.as_ref().ok_or_else(|| refused("the app has no secret token: give it one"))?;
        let token = self.0.seal.open(&place::secret_token(account, id), &token.sealed).ok_or_else(|| {
            refused("the operator's key is not the one that the secret token was given under: give the token again")
        })?;
        self.target_at(&app.tenant_url, Some(&token))
    }

    /// Reads a tenant URL and judges whether this server may call it.
    ///
    /// # Errors
    /// What is wrong with it, in a sentence.
    pub(crate) fn target_base(&self, tenant_url: &str) -> Result<TargetBase, String> {
        let url = TenantUrl::parse(tenant_url)?;
        TargetBase::parse(url.base(), self.outbound().reach()).map_err(|error| error.to_string())
    }

    /// A target with this token.
    ///
    /// # Errors
    /// What is wrong with the tenant URL or the token.
    pub(crate) fn target_at(&self, tenant_url: &str, token: Option<&str>) -> Result<Target, Failure> {
        let base = self.target_base(tenant_url).map_err(|error| Refused::status(409, error))?;
        let target = self.outbound().target(base, token);
        Ok(target.map_err(|error| Refused::status(409, error.to_string()))?)
    }
}

/// What a probe of a target came to.
pub(crate) struct Probed {
    /// About which objects.
    pub of: Objects,
    /// What was asked for, below the tenant URL.
    pub path: String,
    /// The status of the answer; `None` where there was none.
    pub status: Option<u16>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// What it means.
    pub verdict: Verdict,
}

impl App {
    /// Asks a target for users and groups that nobody is. The second question is left out where the first one shows that it is none.
    pub(crate) async fn probe(&self, target: &Target, mappings: &Mappings) -> Vec<Probed> {
        let mut probed: Vec<Probed> = Vec::new();
        for Probe { of, request } in connection::probes(mappings, uuid::Uuid::from_bytes(self.random())) {
            if probed.iter().any(|one| one.status.is_none()) {
                break;
            }
            let began = std::time::Instant::now();
            let outcome = send(target, &request).await;
            let duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
            let (status, verdict) = match outcome {
                Ok(answer) => (Some(answer.status), connection::judge(of, &self::answer(answer))),
                Err(error) => (None, without_answer(&error)),
            };
            probed.push(Probed { of, path: request.path, status, duration_ms, verdict });
        }
        probed
    }
}

/// How often a probe waits because the target wants to be left alone, and how long at most.
const WAITS_MAX: usize = 10;
const WAIT_MAX: Duration = Duration::from_secs(30);

impl App {
    /// Probes a target, also when nobody waits for it any more: what it makes there has to be removed.
    ///
    /// # Errors
    /// When the server stops meanwhile.
    pub(crate) async fn probe_to_the_end(&self, target: Target, probe: TargetProbe) -> Result<Report, Failure> {
        let stopped = |_| Refused::status(503, "the server stopped while it probed the target: probe again");
        Ok(tokio::spawn(probed(target, probe)).await.map_err(stopped)?)
    }
}

async fn probed(target: Target, mut probe: TargetProbe) -> Report {
    let mut waits = 0;
    loop {
        let request = match probe.step() {
            Step::Ask(request) => request,
            Step::Done(report) => return *report,
        };
        let reply = replied(&target, &request).await;
        match &reply {
            Reply::Answered(Answer { status: 429, retry_after, .. }) if waits < WAITS_MAX => {
                waits += 1;
                let wait = retry_after.and_then(|wait| Duration::try_from(wait).ok()).unwrap_or(Duration::from_secs(1));
                tokio::time::sleep(wait.min(WAIT_MAX)).await;
            }
            Reply::Answered(_) | Reply::TimedOut | Reply::Unreachable(_) | Reply::Forbidden(_) | Reply::Unclear(_) => {
                probe.replied(reply)
            }
        }
    }
}

/// Sends a request of the engine, and reads what came of it.
pub(super) async fn replied(target: &Target, request: &Request) -> Reply {
    reply(send(target, request).await)
}

/// What came of a request, as the engine reads it.
fn reply(outcome: Result<TargetAnswer, TargetError>) -> Reply {
    match outcome {
        Ok(answer) => Reply::Answered(self::answer(answer)),
        Err(TargetError::TimedOut(_)) => Reply::TimedOut,
        Err(TargetError::Forbidden(why)) => Reply::Forbidden(why),
        Err(error @ (TargetError::Name(_) | TargetError::Certificate(_) | TargetError::Connection(_))) => {
            Reply::Unreachable(error.to_string())
        }
    }
}

/// What it means that a target did not answer.
fn without_answer(error: &TargetError) -> Verdict {
    let (finding, begins) = match error {
        TargetError::Forbidden(_) => (Finding::Forbidden, "forbidden"),
        TargetError::Name(_) => (Finding::Unreachable, "host not found"),
        TargetError::Certificate(_) => (Finding::Certificate, "certificate not trusted"),
        TargetError::Connection(_) => (Finding::Unreachable, "unreachable"),
        TargetError::TimedOut(_) => (Finding::TimedOut, "timed out"),
    };
    Verdict { finding, detail: format!("{begins}: {error}") }
}

/// Sends a request of the engine.
async fn send(target: &Target, request: &Request) -> Result<TargetAnswer, TargetError> {
    let method = match request.method {
        Method::Get => TargetMethod::Get,
        Method::Post => TargetMethod::Post,
        Method::Patch => TargetMethod::Patch,
        Method::Delete => TargetMethod::Delete,
    };
    let reads = match request.reads {
        Reads::Whole => TargetReads::Whole,
        Reads::Id => TargetReads::Id,
    };
    let body = request.body.as_ref().map(Content::as_str);
    target.send(TargetRequest { method, path: &request.path, body, reads }).await
}

/// An answer as the engine reads it.
fn answer(answer: TargetAnswer) -> Answer {
    let TargetAnswer { status, retry_after, body } = answer;
    let body = match body {
        TargetBody::Empty => Body::Empty,
        TargetBody::Json(json) => Body::Json(json),
        TargetBody::Other(text) => Body::Other(text),
        TargetBody::TooLong => Body::TooLong,
    };
    Answer { status, retry_after, body }
}

impl App {
    /// What is to be stored of an account's client secret at its identity provider.
    pub(crate) fn sealed_client_secret(&self, account: AccountId, secret: &str) -> String {
        self.seal(&place::client_secret(account), secret)
    }

    /// The client secret of an account; `None` when the operator's key is another one by now.
    pub(crate) fn opened_client_secret(&self, account: AccountId, sealed: &str) -> Option<String> {
        self.open(&place::client_secret(account), sealed)
    }

    /// Where an identity provider sends people back to.
    pub(crate) fn redirect_uri(&self, caller: &Caller) -> String {
        format!("{}/console/sign-in/oidc/callback", caller.origin)
    }
}
