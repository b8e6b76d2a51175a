//! The types of resource that an account offers, and where each is kept.

use super::Asked;
use provost_accounts::{
    Configuration,
    definitions::CustomType,
    groups,
    policy::{GroupMode, Visibility},
    resources, users,
};
use provost_change::{IndexEntry, Kind};
use provost_scim::ResourceType;

/// A type of resource, as a path names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Type {
    /// `/Users`.
    User,
    /// `/Groups`.
    Group,
    /// An endpoint that may be one of the account's own, such as `/Devices`.
    Own(String),
}

/// A type of resource beside the configuration that offers it.
#[derive(Clone, Copy)]
pub(crate) enum Offered<'c> {
    User(&'c Configuration),
    Group(&'c Configuration),
    Own(&'c CustomType),
}

impl Type {
    /// The type that a first path segment may name.
    pub fn named(segment: &str) -> Self {
        match segment {
            "Users" => Self::User,
            "Groups" => Self::Group,
            other => Self::Own(format!("/{other}")),
        }
    }

    /// What the account offers of it; nothing where groups are off or the type is unknown.
    pub fn offered<'c>(&self, config: &'c Configuration) -> Option<Offered<'c>> {
        match self {
            Self::User => Some(Offered::User(config)),
            Self::Group => (config.policy.groups.mode != GroupMode::Off).then_some(Offered::Group(config)),
            Self::Own(endpoint) => config.custom_at(endpoint).map(Offered::Own),
        }
    }
}

impl<'c> Offered<'c> {
    /// All types that the account offers, in the order in which a search over all of them lists their resources.
    pub fn all(config: &'c Configuration) -> Vec<Self> {
        let standard = [Type::User.offered(config), Type::Group.offered(config)].into_iter().flatten();
        standard.chain(config.types.iter().map(Self::Own)).collect()
    }

    /// The type with everything that can be stored.
    pub fn full(self) -> &'c ResourceType {
        match self {
            Self::User(config) => &config.full_user,
            Self::Group(config) => &config.full_group,
            Self::Own(custom) => &custom.resource_type,
        }
    }

    /// The type as clients see it.
    pub fn shown(self) -> &'c ResourceType {
        match self {
            Self::User(config) => &config.user,
            Self::Group(_) | Self::Own(_) => self.full(),
        }
    }

    /// The kind of its records.
    pub fn kind(self) -> Kind {
        match self {
            Self::User(_) => Kind::USER,
            Self::Group(_) => Kind::GROUP,
            Self::Own(custom) => custom.kind.clone(),
        }
    }

    /// The index attribute, or unique space, of one of its attributes.
    pub fn indexed(self, name: &str) -> String {
        match self {
            Self::User(_) => users::indexed(name),
            Self::Group(_) => groups::indexed(name),
            Self::Own(custom) => resources::indexed(custom, name),
        }
    }

    /// The index entry that a record must have to be seen by clients of the account.
    pub fn within(self) -> Option<IndexEntry> {
        let (config, attribute) = match self {
            Self::User(config) => (config, users::MANAGED),
            Self::Group(config) => (config, groups::MANAGED),
            Self::Own(_) => return None,
        };
        let hidden = config.policy.users.visibility == Visibility::ManagedOnly;
        hidden.then(|| IndexEntry { attribute: attribute.to_owned(), value: "true".to_owned() })
    }

    /// What a missing resource of it is called.
    pub fn noun(self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Group(_) => "group",
            Self::Own(_) => "resource",
        }
    }

    /// Where a resource of it is.
    pub(super) fn location(self, asked: &Asked, id: &str) -> String {
        format!("{}{}/{id}", asked.base, self.full().endpoint)
    }
}
