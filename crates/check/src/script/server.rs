//! What a server says that it offers.

use crate::{Ask, Connection, Fault, Reply, Target};
use hyper::Method;
use provost_scim::urn;
use serde_json::{Value, json};
use std::{fmt, str::FromStr, sync::Arc};

/// Something that a server offers or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Feature {
    /// A flag of ServiceProviderConfig: `patch`, `bulk`, `filter`, `sort`, `etag`, `changePassword`.
    Flag(&'static str),
    /// `pagination.cursor` of ServiceProviderConfig (RFC 9865).
    Cursor,
    /// Resources at this endpoint: `users`, `groups`.
    Endpoint(&'static str),
    /// The enterprise extension of users.
    Enterprise,
    /// An attribute in the schema of users or groups: `User.title`, `User.emails.type`.
    Attribute(String),
    /// Groups as members of groups.
    NestedGroups,
    /// Bulk requests with a limit that a test can exceed.
    SmallBulk,
}

/// That a feature is there, or that it is not: `bulk`, `no bulk`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    pub feature: Feature,
    pub wanted: bool,
}

/// What a server answers to the questions of discovery.
#[derive(Clone, Debug, Default)]
pub struct Server {
    config: Option<Value>,
    types: Option<Vec<Value>>,
    schemas: Option<Vec<Value>>,
    has_groups: bool,
}

/// Why a server cannot be tried.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServerError {
    /// Nobody answers.
    #[error("cannot reach {url}: {why}")]
    Unreachable {
        /// The target.
        url: String,
        /// What happened.
        why: String,
    },
    /// The token is not taken.
    #[error("{url} refuses the token (HTTP {status}): pass one that may read and write users and groups")]
    Denied {
        /// The target.
        url: String,
        /// 401 or 403.
        status: u16,
    },
    /// Something else than SCIM answers.
    #[error("{url} is not the base of a SCIM service: {why}")]
    NotScim {
        /// The target.
        url: String,
        /// What was asked, and what was answered.
        why: String,
    },
}

const FLAGS: [&str; 6] = ["patch", "bulk", "filter", "sort", "etag", "changePassword"];
/// What a server without a ServiceProviderConfig is taken to offer: what no client can do without.
const USUAL: [&str; 2] = ["patch", "filter"];

/// A limit of bulk operations that is as high is not tried.
const OPERATIONS_MAX: u64 = 5_000;

impl Server {
    /// Asks a server. What it does not answer it is not held to lack: only what it says counts against it.
    ///
    /// # Errors
    /// When nobody answers, the token is refused, or nothing that answers is SCIM.
    pub async fn look(connection: &mut Connection, target: &Arc<Target>) -> Result<Self, ServerError> {
        let config = get(connection, target, "/ServiceProviderConfig").await?;
        let types = get(connection, target, "/ResourceTypes").await?;
        let schemas = get(connection, target, "/Schemas").await?;
        let users = get(connection, target, "/Users?count=1").await?;
        if let Some((_, status @ (401 | 403))) = [&users, &config]
            .map(|reply| ((), reply.status))
            .into_iter()
            .find(|(_, status)| matches!(status, 401 | 403))
        {
            return Err(ServerError::Denied { url: target.url().to_owned(), status });
        }
        let list = |reply: &Reply| {
            let body = object(reply)?;
            // Lists without an envelope are a fault that a case finds; what they say counts all the same.
            body.get("Resources").unwrap_or(&body).as_array().cloned()
        };
        let server = Self {
            config: object(&config),
            types: list(&types),
            schemas: list(&schemas),
            has_groups: get(connection, target, "/Groups?count=1").await?.status == 200,
        };
        if server.config.is_none() && server.types.is_none() && object(&users).is_none() {
            let why = format!("/ServiceProviderConfig answers {}, /Users answers {}", config.status, users.status);
            return Err(ServerError::NotScim { url: target.url().to_owned(), why });
        }
        Ok(server)
    }

    /// Whether it offers this.
    pub fn has(&self, feature: &Feature) -> bool {
        let flag = |name: &str, part: &str| self.config.as_ref().map(|config| config[name][part] == json!(true));
        match feature {
            Feature::Flag(name) => flag(name, "supported").unwrap_or_else(|| USUAL.contains(name)),
            Feature::Cursor => flag("pagination", "cursor").unwrap_or_default(),
            Feature::Endpoint(endpoint) => self.has_endpoint(endpoint),
            Feature::Enterprise => self.types.as_ref().is_some_and(|types| {
                let extensions = types.iter().filter_map(|kind| kind["schemaExtensions"].as_array()).flatten();
                extensions.into_iter().any(|one| one["schema"] == json!(urn::ENTERPRISE_USER))
            }),
            Feature::Attribute(path) => self.has_attribute(path),
            Feature::NestedGroups => self.has_endpoint("/Groups") && self.has_attribute("Group.members"),
            Feature::SmallBulk => {
                self.has(&Feature::Flag("bulk"))
                    && self.number("bulk.maxOperations").is_some_and(|max| max < OPERATIONS_MAX)
            }
        }
    }

    /// Whether a resource type has this endpoint. Without resource types there are users, and groups where the endpoint answers.
    fn has_endpoint(&self, endpoint: &str) -> bool {
        let Some(types) = &self.types else { return endpoint != "/Groups" || self.has_groups };
        let endpoints = types.iter().filter_map(|kind| kind["endpoint"].as_str());
        endpoints.into_iter().any(|at| at.trim_end_matches('/').ends_with(endpoint))
    }

    /// Whether a schema has it; without schemas nothing says that it has not.
    fn has_attribute(&self, path: &str) -> bool {
        let Some(schemas) = &self.schemas else { return true };
        let mut parts = path.split('.');
        let schema = if parts.next() == Some("Group") { urn::GROUP } else { urn::USER };
        let Some(mut at) = schemas.iter().find(|one| one["id"] == json!(schema)) else { return true };
        let mut key = "attributes";
        for part in parts {
            let attributes = at[key].as_array().map(Vec::as_slice).unwrap_or_default();
            let is_meant = |one: &&Value| one["name"].as_str().is_some_and(|name| name.eq_ignore_ascii_case(part));
            let Some(found) = attributes.iter().find(is_meant) else { return false };
            (at, key) = (found, "subAttributes");
        }
        true
    }

    /// A number of ServiceProviderConfig, such as `bulk.maxOperations`.
    pub fn number(&self, path: &str) -> Option<u64> {
        let (name, part) = path.split_once('.')?;
        self.config.as_ref()?[name][part].as_u64()
    }

    /// Why a need is not met.
    pub fn why(need: &Need) -> String {
        let Feature::Flag(name) = need.feature else {
            return format!(
                "the server says that it has {}",
                if need.wanted { format!("no {}", need.feature) } else { need.feature.to_string() }
            );
        };
        format!("`{name}.supported` of ServiceProviderConfig is {}", if need.wanted { "not true" } else { "true" })
    }
}

async fn get(connection: &mut Connection, target: &Arc<Target>, path: &str) -> Result<Reply, ServerError> {
    let ask = Ask { method: Method::GET, path: path.to_owned(), body: None };
    let unreachable = |fault: Fault| ServerError::Unreachable { url: target.url().to_owned(), why: fault.to_string() };
    connection.exchange(&ask).await.map_err(unreachable)
}

/// The JSON of an answer that says that it is well.
fn object(reply: &Reply) -> Option<Value> {
    if reply.status != 200 {
        return None;
    }
    serde_json::from_slice::<Value>(&reply.body).ok().filter(|body| body.is_object() || body.is_array())
}

impl FromStr for Need {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (wanted, name) = match text.strip_prefix("no ") {
            Some(name) => (false, name),
            None => (true, text),
        };
        let feature = match name {
            "users" => Feature::Endpoint("/Users"),
            "groups" => Feature::Endpoint("/Groups"),
            "enterprise" => Feature::Enterprise,
            "cursor" => Feature::Cursor,
            "nested-groups" => Feature::NestedGroups,
            "small-bulk" => Feature::SmallBulk,
            _ if name.starts_with("User.") || name.starts_with("Group.") => Feature::Attribute(name.to_owned()),
            _ => {
                let flag = FLAGS.into_iter().find(|flag| *flag == name);
                Feature::Flag(flag.ok_or_else(|| format!("`{name}` is nothing that a server offers"))?)
            }
        };
        Ok(Self { feature, wanted })
    }
}

impl fmt::Display for Need {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}{}", if self.wanted { "" } else { "no " }, self.feature)
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) => out.write_str(name),
            Self::Cursor => out.write_str("cursor"),
            Self::Endpoint(endpoint) => out.write_str(&endpoint[1..].to_lowercase()),
            Self::Enterprise => out.write_str("enterprise"),
            Self::Attribute(path) => out.write_str(path),
            Self::NestedGroups => out.write_str("nested-groups"),
            Self::SmallBulk => out.write_str("small-bulk"),
        }
    }
}
