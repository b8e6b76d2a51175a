//! Steps of a case as they are written, and as they are done.

use super::{
    expectation::Expectation,
    outcome::Level,
    place::Place,
    state::{GIVEN, variables},
};
use hyper::{
    Method,
    header::{HeaderName, HeaderValue},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// Most requests that one step sends at once.
const TOGETHER_MAX: usize = 32;
/// Most requests that one step sends one after the other.
const REPEAT_MAX: usize = 1_000;
/// Most times that a request is sent until something holds, and how often where a step does not say.
const TRIES_MAX: usize = 60;
const TRIES: usize = 10;
/// Longest time between, and how long it is where a step does not say.
const EVERY_MAX: Duration = Duration::from_secs(60);
const EVERY: Duration = Duration::from_secs(1);

/// A step as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepText {
    /// `user ann ben`: makes users with these names, each with what `with` says.
    make: Option<String>,
    with: Option<String>,
    /// `POST /Users`.
    send: Option<String>,
    /// Headers that are otherwise than usual; an empty one is not sent.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// JSON.
    body: Option<String>,
    /// The operations of a PatchOp message, as JSON.
    patch: Option<String>,
    /// A body as it is, JSON or not.
    raw: Option<String>,
    /// The statuses that are well.
    status: Option<Statuses>,
    #[serde(default)]
    expect: Vec<String>,
    /// Variables, and the places in the answer whose values they get.
    #[serde(default)]
    keep: BTreeMap<String, String>,
    /// The same where the places are there; elsewhere the variables have no value.
    #[serde(default)]
    find: BTreeMap<String, String>,
    /// Sent again until all of these hold.
    #[serde(default)]
    until: Vec<String>,
    /// How often it is sent for that at most.
    tries: Option<usize>,
    /// How long it is waited between, in milliseconds.
    every_ms: Option<u64>,
    /// So many requests one after the other; `${i}` counts them.
    repeat: Option<usize>,
    /// So many requests at once, each on a connection of its own; `${i}` counts them.
    together: Option<usize>,
    /// For each element of this variable, which is `${it}`.
    each: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Statuses {
    One(u16),
    Several(Vec<u16>),
    Class(String),
}

/// What is done.
#[derive(Clone, Debug)]
pub enum Step {
    /// Makes resources that the case needs. That it fails says nothing about the case.
    Make(Make),
    /// Asks something that the case is about.
    Send(Box<Send>),
}

/// Makes resources.
#[derive(Clone, Debug)]
pub struct Make {
    /// `/Users` or `/Groups`.
    pub endpoint: &'static str,
    /// The variables that get the ids.
    pub names: Vec<String>,
    /// The body; `${this}` is the variable's name.
    pub body: Value,
    /// The variables of earlier steps without which it cannot be made.
    pub uses: BTreeSet<String>,
}

/// A request, and what must hold of its answer.
#[derive(Clone, Debug)]
pub struct Send {
    pub method: Method,
    /// With variables.
    pub path: String,
    pub headers: Vec<(HeaderName, Option<String>)>,
    pub body: Body,
    pub level: Level,
    pub statuses: Option<Vec<u16>>,
    pub expectations: Vec<Expectation>,
    pub keep: Vec<(String, Place)>,
    pub find: Vec<(String, Place)>,
    pub until: Option<Until>,
    pub repeat: Option<usize>,
    pub together: Option<usize>,
    pub each: Option<String>,
    /// The variables of earlier steps without which it can be neither sent nor judged.
    pub uses: BTreeSet<String>,
}

/// Sending again until something holds.
#[derive(Clone, Debug)]
pub struct Until {
    pub expectations: Vec<Expectation>,
    pub tries: usize,
    pub every: Duration,
}

/// What a request carries.
#[derive(Clone, Debug)]
pub enum Body {
    Nothing,
    Json(Value),
    Raw(String),
}

impl Step {
    /// Reads a step. `known` are the variables of the steps before; it gets those of this one.
    ///
    /// # Errors
    /// What is wrong, as one sentence.
    pub fn of(text: StepText, level: Level, known: &mut BTreeSet<String>) -> Result<Self, String> {
        match (&text.make, &text.send) {
            (Some(what), None) => Make::of(what, text.with.as_deref(), known).map(Self::Make),
            (None, Some(_)) => Send::of(text, level, known).map(Box::new).map(Self::Send),
            (Some(_), Some(_)) | (None, None) => Err("a step has either `make` or `send`".to_owned()),
        }
    }

    /// Whether it may change something on the server.
    pub fn writes(&self) -> bool {
        match self {
            Self::Make(_) => true,
            Self::Send(send) => {
                let is_query = send.method == Method::POST && send.path.contains("/.search");
                !is_query && !matches!(send.method, Method::GET | Method::HEAD | Method::OPTIONS)
            }
        }
    }
}

impl Make {
    fn of(what: &str, with: Option<&str>, known: &mut BTreeSet<String>) -> Result<Self, String> {
        let mut words = what.split_whitespace().map(str::to_owned);
        let (endpoint, mut body) = match words.next().as_deref() {
            Some("user") => ("/Users", new_user()),
            Some("group") => ("/Groups", new_group()),
            _ => return Err("what is made is a `user` or a `group`".to_owned()),
        };
        let names: Vec<String> = words.collect();
        if names.is_empty() {
            return Err("what is made has a name".to_owned());
        }
        let mut uses = BTreeSet::new();
        if let Some(with) = with {
            let Value::Object(more) = json_of("with", with)? else { return Err("`with` is a JSON object".to_owned()) };
            check_variables(with, known)?;
            uses.extend(variables(with).into_iter().filter(|name| known.contains(*name)).map(str::to_owned));
            body.as_object_mut().expect("it was made as one").extend(more);
        }
        for name in &names {
            known.insert(name.clone());
            known.insert(format!("{name}.name"));
        }
        Ok(Self { endpoint, names, body, uses })
    }
}

fn new_user() -> Value {
    json!({
        "schemas": ["${USER}"],
        "userName": "${name}-${this}@${domain}",
        "displayName": "Check ${this}",
        "name": { "givenName": "Check", "familyName": "${this}" },
        "emails": [{ "value": "${name}-${this}@${domain}", "type": "work", "primary": true }],
        "active": true,
    })
}

fn new_group() -> Value {
    json!({ "schemas": ["${GROUP}"], "displayName": "${name}-${this}" })
}

impl Send {
    fn of(text: StepText, level: Level, known: &mut BTreeSet<String>) -> Result<Self, String> {
        if text.with.is_some() {
            return Err("`with` belongs to `make`".to_owned());
        }
        let line = text.send.as_deref().unwrap_or_default();
        let (method, path) = line.split_once(' ').ok_or("`send` is a method and a path")?;
        let method: Method = method.parse().map_err(|_| format!("`{method}` is no method"))?;
        let body = body_of(&text)?;
        if text.together.is_some_and(|count| !(2..=TOGETHER_MAX).contains(&count)) {
            return Err(format!("`together` is 2 to {TOGETHER_MAX}"));
        }
        if text.repeat.is_some_and(|count| !(1..=REPEAT_MAX).contains(&count)) {
            return Err(format!("`repeat` is 1 to {REPEAT_MAX}"));
        }
        if [text.repeat.is_some(), text.together.is_some(), text.each.is_some()].iter().filter(|is| **is).count() > 1 {
            return Err("a step has one of `repeat`, `together` and `each`".to_owned());
        }
        let written = [text.send.as_deref(), text.body.as_deref(), text.patch.as_deref(), text.raw.as_deref()];
        let sent = written.into_iter().flatten().chain(text.headers.values().map(String::as_str));
        let mut uses = BTreeSet::new();
        for one in sent.chain(text.expect.iter().chain(&text.until).map(String::as_str)) {
            check_variables(one, known)?;
            uses.extend(variables(one).into_iter().filter(|name| known.contains(*name)).map(str::to_owned));
        }
        if let Some(each) = &text.each
            && !known.contains(each)
        {
            return Err(format!("`{each}` is not kept by a step before"));
        }
        let expectations = text.expect.iter().map(|one| Expectation::parse(one, level)).collect::<Result<_, _>>()?;
        let [keep, find] = [places(&text.keep)?, places(&text.find)?];
        known.extend(keep.iter().chain(&find).map(|(name, _)| name.clone()));
        let until = until(&text, level)?;
        Ok(Self {
            method,
            path: path.to_owned(),
            headers: headers_of(&text.headers)?,
            body,
            level,
            statuses: text.status.map(Statuses::all).transpose()?,
            expectations,
            keep,
            find,
            until,
            repeat: text.repeat,
            together: text.together,
            each: text.each,
            uses,
        })
    }
}

fn places(written: &BTreeMap<String, String>) -> Result<Vec<(String, Place)>, String> {
    written.iter().map(|(name, place)| Ok((name.clone(), Place::parse(place)?))).collect()
}

fn until(text: &StepText, level: Level) -> Result<Option<Until>, String> {
    if text.until.is_empty() {
        let is_plain = text.tries.is_none() && text.every_ms.is_none();
        return if is_plain { Ok(None) } else { Err("`tries` and `every_ms` belong to `until`".to_owned()) };
    }
    if text.together.is_some() {
        return Err("`until` is not for requests that are sent together".to_owned());
    }
    let (tries, every) = (text.tries.unwrap_or(TRIES), text.every_ms.map_or(EVERY, Duration::from_millis));
    if !(1..=TRIES_MAX).contains(&tries) || every > EVERY_MAX {
        return Err(format!("`tries` is 1 to {TRIES_MAX}, and `every_ms` at most {}", EVERY_MAX.as_millis()));
    }
    let expectations = text.until.iter().map(|one| Expectation::parse(one, level)).collect::<Result<_, _>>()?;
    Ok(Some(Until { expectations, tries, every }))
}

fn body_of(text: &StepText) -> Result<Body, String> {
    match (&text.body, &text.patch, &text.raw) {
        (None, None, None) => Ok(Body::Nothing),
        (Some(body), None, None) => json_of("body", body).map(Body::Json),
        (None, Some(operations), None) => {
            let operations = json_of("patch", operations)?;
            Ok(Body::Json(json!({ "schemas": ["${PATCH}"], "Operations": operations })))
        }
        (None, None, Some(raw)) => Ok(Body::Raw(raw.clone())),
        _ => Err("a request has one of `body`, `patch` and `raw`".to_owned()),
    }
}

/// Headers as they are written: an empty one is not sent.
///
/// # Errors
/// The first that is none.
pub fn headers_of(written: &BTreeMap<String, String>) -> Result<Vec<(HeaderName, Option<String>)>, String> {
    let header = |(name, value): (&String, &String)| {
        let read = HeaderName::try_from(name.as_str()).map_err(|_| format!("`{name}` is no header"))?;
        HeaderValue::try_from(value.as_str()).map_err(|_| format!("`{value}` cannot stand in a header"))?;
        Ok((read, (!value.is_empty()).then(|| value.clone())))
    };
    written.iter().map(header).collect()
}

fn json_of(what: &str, text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("`{what}` is not JSON: {error}"))
}

/// Every variable has a value by then: those of every case, and those that steps before keep.
fn check_variables(text: &str, known: &BTreeSet<String>) -> Result<(), String> {
    let is_known = |name: &&str| GIVEN.contains(name) || known.contains(*name);
    match variables(text).into_iter().find(|name| !is_known(name)) {
        Some(name) => Err(format!("`${{{name}}}` has no value yet")),
        None => Ok(()),
    }
}

impl Statuses {
    fn all(self) -> Result<Vec<u16>, String> {
        let class = match self {
            Self::One(status) => return Ok(vec![status]),
            Self::Several(statuses) => return Ok(statuses),
            Self::Class(class) => class,
        };
        let first = class.strip_suffix("xx").and_then(|digit| digit.parse::<u16>().ok()).filter(|digit| *digit < 6);
        first.map(|digit| (digit * 100..digit * 100 + 100).collect()).ok_or_else(|| format!("`{class}` is no status"))
    }
}
