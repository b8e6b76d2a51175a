//! Sends what the engine asks for, as the server does, but reads the whole of each answer: tests look at it.

use provost_client::{
    Outbound, Reach, Target, TargetBase, TargetBody, TargetError, TargetLimits, TargetMethod, TargetReads,
    TargetRequest,
};
use provost_engine::{
    Answer, Body, Compiled, Content, EnterpriseApp, Method, Reply, Request, SourceSchemas, TenantUrl,
    probe::{Consent, Report, Step, TargetProbe},
};
use provost_scim::ResourceType;
use serde_json::Value;
use std::sync::LazyLock;
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

static USER: LazyLock<ResourceType> = LazyLock::new(|| ResourceType::user().expect("the user's schema is sound"));
static GROUP: LazyLock<ResourceType> = LazyLock::new(|| ResourceType::group().expect("the group's schema is sound"));

/// A connection to a target.
pub struct Driver {
    runtime: Runtime,
    target: Target,
}

/// An app that is checked beside the usual schemas.
pub fn compiled(app: &EnterpriseApp) -> Compiled {
    let schemas = SourceSchemas { users: &USER, groups: &GROUP };
    Compiled::new(app, schemas).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

impl Driver {
    pub fn new(tenant_url: &str, token: &str) -> Self {
        let url = TenantUrl::parse(tenant_url).expect("a tenant URL");
        let base = TargetBase::parse(url.base(), Reach::Anywhere).expect("a base");
        let target = Outbound::new(Reach::Anywhere, TargetLimits::default()).target(base, Some(token));
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { runtime, target: target.expect("a target") }
    }

    /// Probes the target with what Entra's default mappings send.
    pub fn probe(&self, tenant_url: &str) -> Report {
        let consent = Consent { writes: true, nonce: Uuid::from_u128(0x5eed), role: None };
        let mut probe = TargetProbe::new(compiled(&EnterpriseApp::new("probe", tenant_url)), consent);
        loop {
            match probe.step() {
                Step::Ask(request) => {
                    let reply = self.reply(&request);
                    probe.replied(reply);
                }
                Step::Done(report) => return *report,
            }
        }
    }

    fn reply(&self, request: &Request) -> Reply {
        let method = match request.method {
            Method::Get => TargetMethod::Get,
            Method::Post => TargetMethod::Post,
            Method::Patch => TargetMethod::Patch,
            Method::Delete => TargetMethod::Delete,
        };
        let sent = TargetRequest {
            method,
            path: &request.path,
            body: request.body.as_ref().map(Content::as_str),
            reads: TargetReads::Whole,
        };
        match self.runtime.block_on(self.target.send(sent)) {
            Ok(answer) => {
                let body = match answer.body {
                    TargetBody::Empty => Body::Empty,
                    TargetBody::Json(json) => Body::Json(json),
                    TargetBody::Other(text) => Body::Other(text),
                    TargetBody::TooLong => Body::TooLong,
                };
                Reply::Answered(Answer { status: answer.status, retry_after: answer.retry_after, body })
            }
            Err(TargetError::TimedOut(_)) => Reply::TimedOut,
            Err(TargetError::Forbidden(why)) => Reply::Forbidden(why),
            Err(error @ (TargetError::Name(_) | TargetError::Certificate(_) | TargetError::Connection(_))) => {
                Reply::Unreachable(error.to_string())
            }
        }
    }

    /// Status and body; null where there is none.
    #[track_caller]
    pub fn ask(&self, request: &Request) -> (u16, Value) {
        match self.reply(request) {
            Reply::Answered(Answer { status, body: Body::Json(json), .. }) => (status, json),
            Reply::Answered(Answer { status, .. }) => (status, Value::Null),
            other => panic!("{request:?}: {other:?}"),
        }
    }

    /// The body of an answer that says that it is done.
    #[track_caller]
    pub fn done(&self, request: &Request) -> Value {
        let (status, body) = self.ask(request);
        assert!((200..300).contains(&status), "{status} {body} to {request:#?}");
        body
    }

    /// What is at a path.
    pub fn get(&self, path: &str) -> (u16, Value) {
        self.ask(&Request::plain(Method::Get, path.to_owned()))
    }
}
