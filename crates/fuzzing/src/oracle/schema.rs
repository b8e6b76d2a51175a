//! What RFC 7643 §7 says about attributes, read from schema documents.

use provost_scim::ResourceType;
use serde_json::Value;

/// A resource type: its attributes, and those of its extensions.
pub struct Kind {
    /// URN of the core schema.
    pub(super) core: String,
    /// Common and core attributes.
    pub(super) attributes: Vec<Definition>,
    /// Extensions, each with whether a resource must carry it.
    pub(super) extensions: Vec<(Extension, bool)>,
}

/// An extension: its URN and attributes.
pub(super) struct Extension {
    pub urn: String,
    pub attributes: Vec<Definition>,
}

/// An attribute or sub-attribute.
#[derive(Clone, Debug)]
pub(super) struct Definition {
    pub name: String,
    pub kind: String,
    pub multi_valued: bool,
    pub required: bool,
    pub case_exact: bool,
    pub mutability: String,
    pub returned: String,
    pub subs: Vec<Definition>,
}

/// What a path leads to.
#[derive(Clone, Copy)]
pub(super) enum Place<'k> {
    /// A whole extension.
    Extension(&'k Extension),
    /// An attribute of the core (`None`) or of an extension, and a sub-attribute.
    Attribute(Option<&'k str>, &'k Definition, Option<&'k Definition>),
}

impl Kind {
    /// Reads the schema documents of a type.
    pub fn of(kind: &ResourceType) -> Self {
        let read = |attribute| {
            let document = serde_json::to_value(attribute).expect("a schema is JSON");
            Definition::read(&document)
        };
        let extensions = kind.extensions.iter().map(|(schema, required)| {
            let attributes = schema.attributes.iter().map(read).collect();
            (Extension { urn: schema.id.clone(), attributes }, *required)
        });
        Self {
            core: kind.schema.id.clone(),
            attributes: kind.top_level_attributes().map(read).collect(),
            extensions: extensions.collect(),
        }
    }

    /// `[URI ":"] ATTRNAME *1subAttr`; nothing when the type has no such thing.
    pub(super) fn find(&self, path: &str) -> Option<Place<'_>> {
        let lower = path.to_lowercase();
        if !lower.starts_with("urn:") {
            return attribute(None, &self.attributes, path);
        }
        let core = self.core.to_lowercase();
        if let Some(rest) = lower.strip_prefix(&format!("{core}:")) {
            return attribute(None, &self.attributes, rest);
        }
        let mut longest_first: Vec<&Extension> = self.extensions.iter().map(|(extension, _)| extension).collect();
        longest_first.sort_by_key(|extension| std::cmp::Reverse(extension.urn.len()));
        for extension in longest_first {
            let urn = extension.urn.to_lowercase();
            if lower == urn {
                return Some(Place::Extension(extension));
            }
            if let Some(rest) = lower.strip_prefix(&format!("{urn}:")) {
                return attribute(Some(&extension.urn), &extension.attributes, rest);
            }
        }
        None
    }
}

fn attribute<'k>(urn: Option<&'k str>, among: &'k [Definition], path: &str) -> Option<Place<'k>> {
    let (name, sub) = match path.split_once('.') {
        Some((name, sub)) => (name, Some(sub)),
        None => (path, None),
    };
    let found = Definition::named(among, name)?;
    match sub {
        None => Some(Place::Attribute(urn, found, None)),
        Some(sub) => Some(Place::Attribute(urn, found, Some(Definition::named(&found.subs, sub)?))),
    }
}

impl Definition {
    fn read(document: &Value) -> Self {
        let text = |name: &str| document[name].as_str().unwrap_or_default().to_owned();
        let flag = |name: &str| document[name].as_bool().unwrap_or(false);
        let subs = document["subAttributes"].as_array();
        Self {
            name: text("name"),
            kind: text("type"),
            multi_valued: flag("multiValued"),
            required: flag("required"),
            case_exact: flag("caseExact"),
            mutability: text("mutability"),
            returned: text("returned"),
            subs: subs.into_iter().flatten().map(Self::read).collect(),
        }
    }

    /// The one of this name, in any case (RFC 7643 §2.1).
    pub fn named<'d>(among: &'d [Self], name: &str) -> Option<&'d Self> {
        among.iter().find(|one| one.name.to_lowercase() == name.to_lowercase())
    }

    pub fn is_read_only(&self) -> bool {
        self.mutability == "readOnly"
    }

    pub fn is_immutable(&self) -> bool {
        self.mutability == "immutable"
    }

    pub fn is_complex(&self) -> bool {
        self.kind == "complex"
    }

    /// Whether no answer may show it, so that no filter may ask for it (RFC 7644 §7.5.2).
    pub fn is_hidden(&self) -> bool {
        self.returned == "never" || self.mutability == "writeOnly"
    }
}
