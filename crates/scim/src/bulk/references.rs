//! References to what other operations create (RFC 7644 §3.7.2): `bulkId:qwerty` stands for the id of the resource that the
//! POST with the bulkId `qwerty` creates.
//!
//! A reference is a whole value, the last segment of a URL (`../Users/bulkId:qwerty`), a quoted operand of a PATCH path
//! (`members[value eq "bulkId:qwerty"]`), or a segment of the operation's own path. A text that merely mentions one is none.

use super::{BulkMethod, BulkOperation};
use crate::{ScimError, ScimType};
use serde_json::{Map, Value};
use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    fmt,
};

/// What a reference begins with.
const MARK: &str = "bulkId:";

/// A reference to something that no operation has created; it may not be stored as it stands (BLK-25).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`bulkId:{}` is not the bulkId of a resource that this request has created", Shown(.0))]
pub struct Unresolved(pub String);

impl From<Unresolved> for ScimError {
    fn from(error: Unresolved) -> Self {
        Self::bad_request(ScimType::InvalidValue, error.to_string())
    }
}

impl BulkOperation {
    /// The bulkIds that the operation refers to, in its path and its data, each once.
    pub fn references(&self) -> Vec<String> {
        let mut seen = HashSet::new();
        let mut found = Vec::new();
        let mut note = |bulk_id: &str| -> Option<String> {
            if seen.insert(bulk_id.to_owned()) {
                found.push(bulk_id.to_owned());
            }
            None
        };
        in_segments(&self.path, &mut note);
        if let Some(data) = &self.data {
            let mut visit = |place: Place, text: &str| {
                place.rewritten(text, &mut note);
            };
            read(data, Place::Value, Within::of(self.method), &mut visit);
        }
        found
    }

    /// The operation with the ids of what it refers to, by bulkId, in place of the references (BLK-21, BLK-22).
    ///
    /// # Errors
    /// When `ids` lacks one of them.
    pub fn resolved(&self, ids: &HashMap<String, String>) -> Result<Self, Unresolved> {
        let mut missing = None;
        let mut find = |bulk_id: &str| {
            let id = ids.get(bulk_id).cloned();
            if id.is_none() && missing.is_none() {
                missing = Some(Unresolved(bulk_id.to_owned()));
            }
            id
        };
        let mut resolved = self.clone();
        if let Some(path) = in_segments(&self.path, &mut find) {
            resolved.path = path;
        }
        if let Some(data) = &mut resolved.data {
            write(data, Place::Value, Within::of(self.method), &mut find);
        }
        match missing {
            Some(missing) => Err(missing),
            None => Ok(resolved),
        }
    }
}

/// Finds the id for a bulkId; `None` leaves the reference as it is.
type Find<'f> = &'f mut dyn FnMut(&str) -> Option<String>;

/// Where a text stands, which decides where in it a reference may be.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// The value of an attribute.
    Value,
    /// The value of `$ref`: a URL, also a relative one.
    Ref,
    /// A PATCH path.
    PatchPath,
}

/// What a value is part of.
#[derive(Clone, Copy, PartialEq)]
enum Within {
    /// A resource: names are attributes.
    Resource,
    /// A PATCH message, so many arrays and objects deep: its operations are at 2, and names in their values may be paths.
    Patch(usize),
}

impl Within {
    fn of(method: BulkMethod) -> Self {
        match method {
            BulkMethod::Patch => Self::Patch(0),
            BulkMethod::Post | BulkMethod::Put | BulkMethod::Delete => Self::Resource,
        }
    }

    fn deeper(self) -> Self {
        match self {
            Self::Resource => Self::Resource,
            Self::Patch(depth) => Self::Patch(depth + 1),
        }
    }

    /// Where the value of a member of this stands.
    fn member(self, name: &str) -> Place {
        match self {
            Self::Patch(2) if name.eq_ignore_ascii_case("path") => Place::PatchPath,
            Self::Patch(_) | Self::Resource if name.eq_ignore_ascii_case("$ref") => Place::Ref,
            Self::Patch(_) | Self::Resource => Place::Value,
        }
    }
}

impl Place {
    /// The text with its references replaced; `None` when it stays as it is.
    fn rewritten(self, text: &str, find: Find<'_>) -> Option<String> {
        if !text.contains("bulkId") {
            return None;
        }
        match self {
            Self::PatchPath => in_operands(text, find),
            Self::Value | Self::Ref => match text.strip_prefix(MARK) {
                Some(bulk_id) => find(bulk_id),
                None if self == Self::Ref || is_url(text) => in_last_segment(text, find),
                None => None,
            },
        }
    }
}

/// Shows each text of a value to `visit`, and member names that may be paths. The depth is bounded where the body is parsed.
fn read(value: &Value, place: Place, within: Within, visit: &mut dyn FnMut(Place, &str)) {
    match value {
        Value::String(text) => visit(place, text),
        Value::Array(values) => values.iter().for_each(|value| read(value, place, within.deeper(), visit)),
        Value::Object(members) => {
            for (name, value) in members {
                if within != Within::Resource {
                    visit(Place::PatchPath, name);
                }
                read(value, within.member(name), within.deeper(), visit);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Replaces the references in what [`read`] shows.
fn write(value: &mut Value, place: Place, within: Within, find: Find<'_>) {
    match value {
        Value::String(text) => {
            if let Some(rewritten) = place.rewritten(text, find) {
                *text = rewritten;
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| write(value, place, within.deeper(), find)),
        Value::Object(members) => {
            for (name, value) in members.iter_mut() {
                write(value, within.member(name), within.deeper(), find);
            }
            if within != Within::Resource && members.keys().any(|name| name.contains("bulkId")) {
                write_names(members, find);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Names of members that are paths, as Entra sends them: `{"emails[value eq \"bulkId:1\"].type":"work"}`.
fn write_names(members: &mut Map<String, Value>, find: Find<'_>) {
    for (name, value) in std::mem::take(members) {
        let name = Place::PatchPath.rewritten(&name, find).unwrap_or(name);
        members.insert(name, value);
    }
}

/// Whether a text is certainly a URL: absolute, or beginning with a path.
fn is_url(text: &str) -> bool {
    let starts = ["/", "./", "../", "https://", "http://"];
    starts.iter().any(|start| text.starts_with(start)) && !text.contains(char::is_whitespace)
}

/// `https://example.com/scim/v2/Users/bulkId:qwerty`.
fn in_last_segment(text: &str, find: Find<'_>) -> Option<String> {
    let start = text.rfind('/').map_or(0, |slash| slash + 1);
    let id = find(unescaped(&text[start..])?.strip_prefix(MARK)?)?;
    Some(format!("{}{id}", &text[..start]))
}

/// `/Users/bulkId:qwerty`.
fn in_segments(path: &str, find: Find<'_>) -> Option<String> {
    let mut changed = false;
    let mut segment = |segment| -> Cow<'_, str> {
        let id = unescaped(segment).and_then(|text| find(text.strip_prefix(MARK)?));
        changed |= id.is_some();
        id.map_or(Cow::Borrowed(segment), Cow::Owned)
    };
    let segments: Vec<Cow<'_, str>> = path.split('/').map(&mut segment).collect();
    changed.then(|| segments.join("/"))
}

/// The JSON strings of a filter: `members[value eq "bulkId:qwerty"]`.
fn in_operands(path: &str, find: Find<'_>) -> Option<String> {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    let mut changed = false;
    while let Some(open) = rest.find('"') {
        let (before, quoted) = rest.split_at(open);
        out.push_str(before);
        let mut strings = serde_json::Deserializer::from_str(quoted).into_iter::<String>();
        // A quote that opens no string: the path is malformed, and whoever parses it says so.
        let Some(Ok(operand)) = strings.next() else {
            rest = quoted;
            break;
        };
        let length = strings.byte_offset();
        match Place::Value.rewritten(&operand, find) {
            Some(rewritten) => {
                changed = true;
                out.push_str(&Value::String(rewritten).to_string());
            }
            None => out.push_str(&quoted[..length]),
        }
        rest = &quoted[length..];
    }
    out.push_str(rest);
    changed.then_some(out)
}

/// A segment of a URL without its percent-escapes; `None` when that is no text.
pub(super) fn unescaped(segment: &str) -> Option<Cow<'_, str>> {
    if !segment.contains('%') {
        return Some(Cow::Borrowed(segment));
    }
    let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
    let mut bytes = Vec::with_capacity(segment.len());
    let mut left = segment.bytes();
    while let Some(byte) = left.next() {
        match byte {
            b'%' => bytes.push(u8::try_from(digit(left.next())? * 16 + digit(left.next())?).ok()?),
            _ => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

/// A bulkId as an error repeats it: not more than its beginning.
struct Shown<'s>(&'s str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        const CHARS_MAX: usize = 64;
        match self.0.char_indices().nth(CHARS_MAX) {
            Some((end, _)) => write!(out, "{}…", self.0[..end].escape_debug()),
            None => write!(out, "{}", self.0.escape_debug()),
        }
    }
}
