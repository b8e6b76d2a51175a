//! What goes wrong between the engine and the target.

use super::{
    chance::Chance,
    target::{Target, operations_of},
};
use jiff::SignedDuration;
use provost_engine::{Answer, Body, Content, Method, Reply, Request};
use serde_json::{Value, json};

/// How often something goes wrong: one request in so many; 0 never.
#[derive(Clone, Default)]
pub struct Faults {
    pub one_in: u32,
    /// Whether what was made may be answered under an id that it does not have.
    pub misnames: bool,
    /// Whether everybody who is made is answered under the id of the first.
    pub confuses: bool,
}

/// What happens to a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Happens {
    Nothing,
    /// It does not arrive.
    RequestLost,
    /// It is done, and nobody learns of it.
    ReplyLost,
    /// The connection breaks once it is done.
    Broken,
    /// It arrives twice, as some proxies have it.
    Twice,
    Throttled(Option<i64>),
    Unavailable(Option<i64>),
    /// It is done, and the server says that it failed.
    FailedLate,
    /// The answer is no JSON.
    Garbage,
    /// The answer is JSON of something else.
    OtherJson,
    /// The answer names a resource that was not meant.
    WrongId,
    /// The same, of something that was made.
    Misnamed,
    /// What was made is answered under the id of another one.
    Confused,
    /// A list comes without its resources.
    CutPage,
    /// A list comes with none of the resources that it counts.
    EmptyPage,
    /// A list counts more resources than there are.
    Miscounted,
    /// It takes long.
    Slow,
    TooLong,
}

const ALL: [Happens; 16] = [
    Happens::RequestLost,
    Happens::ReplyLost,
    Happens::Broken,
    Happens::Twice,
    Happens::Throttled(None),
    Happens::Throttled(Some(30)),
    Happens::Unavailable(None),
    Happens::Unavailable(Some(5)),
    Happens::FailedLate,
    Happens::Garbage,
    Happens::OtherJson,
    Happens::WrongId,
    Happens::CutPage,
    Happens::EmptyPage,
    Happens::Miscounted,
    Happens::Slow,
];

impl Faults {
    pub fn choose(&self, chance: &mut Chance) -> Happens {
        if self.confuses {
            return Happens::Confused;
        }
        if self.one_in == 0 || !chance.one_in(self.one_in) {
            return Happens::Nothing;
        }
        if self.misnames && chance.one_in(6) {
            return Happens::Misnamed;
        }
        if chance.one_in(20) { Happens::TooLong } else { chance.pick(&ALL).unwrap() }
    }
}

impl Happens {
    /// How much longer it takes.
    pub fn extra(self) -> SignedDuration {
        match self {
            Self::RequestLost | Self::ReplyLost => SignedDuration::from_secs(30),
            Self::Slow => SignedDuration::from_secs(20),
            _ => SignedDuration::ZERO,
        }
    }
}

/// Gives the operations of an answer ids that nobody gave, that another one has, or none.
fn name_otherwise(told: &mut [Value]) {
    let first = told.first().map(|first| first["bulkId"].clone());
    for (place, operation) in told.iter_mut().enumerate() {
        operation["bulkId"] = match place % 3 {
            0 => json!(format!("no-{place}")),
            1 => json!(first),
            _ => Value::Null,
        };
    }
}

pub fn happen(target: &mut Target, request: &Request, happens: &Happens) -> Reply {
    let only = |status, after: Option<i64>| {
        let retry_after = after.map(SignedDuration::from_secs);
        Reply::Answered(Answer { status, retry_after, body: Body::Empty })
    };
    match happens {
        Happens::RequestLost => return Reply::TimedOut,
        Happens::Throttled(after) => return only(429, *after),
        Happens::Unavailable(after) => return only(503, *after),
        _ => {}
    }
    if request.path == "/Bulk" && *happens == Happens::WrongId {
        // It ends on the way.
        let mut request = request.clone();
        let mut operations = operations_of(&request);
        operations.truncate(operations.len() / 2);
        request.body = Some(Content::new(&json!({ "Operations": operations })));
        target.answer(&request);
        return only(500, None);
    }
    let mut answer = target.answer(request);
    let told = match &mut answer.body {
        Body::Json(body) => body.get_mut("Operations").and_then(Value::as_array_mut),
        Body::Empty | Body::Other(_) | Body::TooLong => None,
    };
    match (told, happens) {
        (Some(told), Happens::CutPage) => told.truncate(told.len() / 2),
        (Some(told), Happens::EmptyPage) => told.clear(),
        (Some(told), Happens::Miscounted) => name_otherwise(told),
        (_, _) => {}
    }
    match happens {
        Happens::Nothing | Happens::Slow => {}
        Happens::ReplyLost => return Reply::TimedOut,
        Happens::Broken => return Reply::Unreachable("the connection was reset".to_owned()),
        // A target that lets names be taken twice would have two: no client can help that.
        Happens::Twice if request.method != Method::Post || target.is_strict => answer = target.answer(request),
        Happens::Twice => {}
        Happens::FailedLate => return only(500, None),
        Happens::Garbage => answer.body = Body::Other("<html>Sign in</html>".to_owned()),
        Happens::OtherJson => answer.body = Body::Json(json!(["what", 42, {"id": null}])),
        Happens::TooLong => answer.body = Body::TooLong,
        Happens::WrongId if request.method == Method::Post => {}
        Happens::Misnamed | Happens::Confused if request.method != Method::Post => {}
        Happens::Confused => {
            if let Body::Json(Value::Object(body)) = &mut answer.body {
                body.insert("id".to_owned(), json!("t1"));
            }
        }
        Happens::WrongId | Happens::Misnamed => {
            if let Body::Json(Value::Object(body)) = &mut answer.body
                && let Some(id) = body.get("id").and_then(Value::as_str)
            {
                let id = format!("not-{id}");
                body.insert("id".to_owned(), json!(id));
            }
        }
        Happens::EmptyPage => {
            if let Body::Json(Value::Object(body)) = &mut answer.body
                && body.contains_key("Resources")
            {
                body.insert("Resources".to_owned(), json!([]));
            }
        }
        Happens::Miscounted => {
            if let Body::Json(Value::Object(body)) = &mut answer.body
                && let Some(total) = body.get("totalResults").and_then(Value::as_u64)
            {
                body.insert("totalResults".to_owned(), json!(total + 1));
            }
        }
        Happens::CutPage => {
            if let Body::Json(Value::Object(body)) = &mut answer.body {
                body.remove("Resources");
            }
        }
        Happens::RequestLost | Happens::Throttled(_) | Happens::Unavailable(_) => {}
    }
    Reply::Answered(answer)
}
