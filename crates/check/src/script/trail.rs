//! What a run made on the server, and removing it.

use crate::{Ask, Connection, Reply, Target};
use bytes::Bytes;
use hyper::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use std::collections::BTreeSet;

/// What stands for itself in an id (RFC 3986 §2.3).
const ID: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// How many times the last look for what is left asks for more.
const SWEEPS_MAX: usize = 20;

/// What was made and is not yet removed.
#[derive(Debug, Default)]
pub struct Trail {
    /// Paths of resources, in the order in which they were made.
    made: Vec<String>,
    /// Endpoint, attribute and name of what may have been made by a request whose answer does not say.
    doubtful: Vec<(String, &'static str, String)>,
    /// What could not be removed.
    pub left: Vec<String>,
}

impl Trail {
    /// Notes what an answer says was made. `reply` is `None` when there was no answer.
    pub fn note(&mut self, target: &Target, ask: &Ask, reply: Option<&Reply>) {
        if ask.method != Method::POST || ask.path.contains("/.search") {
            return;
        }
        let endpoint = ask.path.split('?').next().unwrap_or_default().to_owned();
        let body = reply.and_then(|reply| serde_json::from_slice::<Value>(&reply.body).ok()).unwrap_or_default();
        if endpoint.eq_ignore_ascii_case("/Bulk") {
            let results = body["Operations"].as_array().into_iter().flatten();
            let locations = results.filter_map(|result| result["location"].as_str());
            self.made.extend(locations.filter_map(|location| below(target, location)));
            return;
        }
        let is_refused = reply.is_some_and(|reply| !(200..300).contains(&reply.status));
        if is_refused {
            return;
        }
        let location = reply.and_then(|reply| reply.headers.get("location")?.to_str().ok());
        match (body["id"].as_str(), location.and_then(|location| below(target, location))) {
            (Some(id), _) => self.made.push(format!("{endpoint}/{}", utf8_percent_encode(id, ID))),
            (None, Some(path)) => self.made.push(path),
            (None, None) => self.doubt(&endpoint, ask.body.as_ref()),
        }
    }

    fn doubt(&mut self, endpoint: &str, body: Option<&Bytes>) {
        let sent = body.and_then(|body| serde_json::from_slice::<Value>(body).ok()).unwrap_or_default();
        for name in ["userName", "displayName"] {
            if let Some(value) = sent[name].as_str() {
                self.doubtful.push((endpoint.to_owned(), name, value.to_owned()));
                return;
            }
        }
    }

    /// Removes everything that was noted, the youngest first. What stays is in `left`.
    pub async fn clear(&mut self, connection: &mut Connection) {
        for (endpoint, name, value) in std::mem::take(&mut self.doubtful) {
            self.find(connection, &endpoint, name, &value).await;
        }
        while let Some(path) = self.made.pop() {
            if !remove(connection, &path).await {
                self.left.push(path);
            }
        }
    }

    /// Removes what there still is under a name that begins with `prefix`, whatever the answers said: one more look at the end of a run.
    pub async fn sweep(&mut self, connection: &mut Connection, prefix: &str) {
        for (endpoint, name) in [("/Users", "userName"), ("/Groups", "displayName")] {
            let filter = format!("{name} sw \"{prefix}\"");
            let mut tried = BTreeSet::new();
            for _ in 0..SWEEPS_MAX {
                let found = self.found(connection, endpoint, name, &filter, |value| value.starts_with(prefix)).await;
                let (stay, new): (Vec<String>, Vec<String>) = found.into_iter().partition(|path| tried.contains(path));
                let untold: Vec<String> = stay.into_iter().filter(|path| !self.left.contains(path)).collect();
                self.left.extend(untold);
                if new.is_empty() {
                    break;
                }
                tried.extend(new.iter().cloned());
                self.made.extend(new);
                self.clear(connection).await;
            }
        }
        self.left.sort();
        self.left.dedup();
    }

    async fn find(&mut self, connection: &mut Connection, endpoint: &str, name: &'static str, value: &str) {
        let filter = format!("{name} eq \"{value}\"");
        let found = self.found(connection, endpoint, name, &filter, |one| one.eq_ignore_ascii_case(value)).await;
        self.made.extend(found);
    }

    /// Paths of what a filter finds. A server may answer with what was not asked for, so that each name is looked at.
    async fn found(
        &self,
        connection: &mut Connection,
        endpoint: &str,
        name: &str,
        filter: &str,
        is_ours: impl Fn(&str) -> bool,
    ) -> Vec<String> {
        let path = format!("{endpoint}?filter={}", utf8_percent_encode(filter, NON_ALPHANUMERIC));
        let Ok(reply) = connection.exchange(&Ask { method: Method::GET, path, body: None }).await else {
            return Vec::new();
        };
        let body = serde_json::from_slice::<Value>(&reply.body).unwrap_or_default();
        let resources = body["Resources"].as_array().map(Vec::as_slice).unwrap_or_default();
        let ours = resources.iter().filter(|one| one[name].as_str().is_some_and(&is_ours));
        let ids = ours.filter_map(|one| one["id"].as_str());
        ids.map(|id| format!("{endpoint}/{}", utf8_percent_encode(id, ID))).collect()
    }
}

/// Whether it is gone.
async fn remove(connection: &mut Connection, path: &str) -> bool {
    let ask = Ask { method: Method::DELETE, path: path.to_owned(), body: None };
    // A connection that broke is no reason to leave it there.
    for _ in 0..2 {
        if let Ok(reply) = connection.exchange(&ask).await {
            return (200..300).contains(&reply.status) || matches!(reply.status, 404 | 410);
        }
    }
    false
}

/// The path below the service of a resource's address.
pub fn below(target: &Target, address: &str) -> Option<String> {
    let path = match address.strip_prefix(target.url()) {
        Some(path) => path,
        // Whatever a server calls itself, its path is what it was asked under.
        None if address.contains("://") => {
            let (_, behind) = address.split_once("://")?;
            behind[behind.find('/')?..].strip_prefix(target.path.as_str())?
        }
        None => address.strip_prefix(target.path.as_str()).unwrap_or(address),
    };
    path.starts_with('/').then(|| path.to_owned())
}
