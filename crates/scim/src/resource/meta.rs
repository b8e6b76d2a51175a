//! `meta` of a stored resource, and how it joins the stored document.

use jiff::Timestamp;
use serde_json::{Map, Value};
use std::fmt::Write as _;

/// `meta` of a stored resource (RFC 7643 §3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    /// Name of the resource type.
    pub resource_type: String,
    /// When the resource was made; shown in milliseconds.
    pub created: Timestamp,
    /// When it last changed; shown in milliseconds.
    pub last_modified: Timestamp,
    /// Its absolute URL; left out when empty.
    pub location: String,
    /// Counts the changes.
    pub version: u64,
    /// Stands for what the resource shows and does not hold itself, such as a user's groups: another digest, another tag. 0 is
    /// nothing of that kind.
    pub computed: u32,
}

impl Meta {
    /// The entity tag, also `meta.version`: weak, since one state has several representations (RFC 7644 §3.14).
    pub fn etag(&self) -> String {
        format!("W/\"{}\"", self.tag())
    }

    fn tag(&self) -> String {
        match self.computed {
            0 => self.version.to_string(),
            computed => format!("{}-{computed:08x}", self.version),
        }
    }

    /// The value of `meta`.
    pub fn to_value(&self) -> Value {
        let mut meta = Map::new();
        meta.insert("resourceType".to_owned(), Value::from(self.resource_type.as_str()));
        meta.insert("created".to_owned(), Value::from(format!("{:.3}", self.created)));
        meta.insert("lastModified".to_owned(), Value::from(format!("{:.3}", self.last_modified)));
        if !self.location.is_empty() {
            meta.insert("location".to_owned(), Value::from(self.location.as_str()));
        }
        meta.insert("version".to_owned(), Value::from(self.etag()));
        Value::Object(meta)
    }
}

/// A stored canonical document with its `meta` as last member, without parsing the document: the fast path of a read.
///
/// `document` is what [`Resource::to_json`](crate::Resource::to_json) wrote.
pub fn render(document: &str, meta: &Meta) -> String {
    render_with(document, &[], meta)
}

/// The same with attributes that are computed, each a name of the schema and JSON text, before `meta`.
pub fn render_with(document: &str, computed: &[(&str, &str)], meta: &Meta) -> String {
    let open = document.strip_suffix('}').unwrap_or(document);
    let comma = if open.ends_with('{') { "" } else { "," };
    let text = |text: &str| serde_json::to_string(text).expect("a string serialises");
    let added: usize = computed.iter().map(|(name, json)| name.len() + json.len() + 4).sum();
    let mut out = String::with_capacity(document.len() + added + meta.location.len() + 160);
    out.push_str(open);
    for (position, (name, json)) in computed.iter().enumerate() {
        let comma = if position > 0 { "," } else { comma };
        write!(out, "{comma}\"{name}\":{json}").expect("a String takes all that is written");
    }
    let comma = if computed.is_empty() { comma } else { "," };
    write!(
        out,
        r#"{comma}"meta":{{"resourceType":{},"created":"{:.3}","lastModified":"{:.3}""#,
        text(&meta.resource_type),
        meta.created,
        meta.last_modified,
    )
    .expect("a String takes all that is written");
    if !meta.location.is_empty() {
        out.push_str(r#","location":"#);
        out.push_str(&text(&meta.location));
    }
    write!(out, r#","version":"W/\"{}\""}}}}"#, meta.tag()).expect("a String takes all that is written");
    out
}
