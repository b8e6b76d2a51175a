//! What `/metrics` shows. Labels come from fixed sets, never from what a client writes.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::surface::Surface;

/// The media type of [`Metrics::exposition`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper bounds in seconds: from a read out of memory to a request that waits for a slow disk.
const DURATION_BUCKETS: [f64; 13] = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// The counters of this process.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    durations: Family<DurationLabels, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
    commits: Family<CommitLabels, Counter>,
    brakes: Counter,
    alerts_raised: Family<AlertLabels, Counter>,
    alerts_cleared: Family<AlertLabels, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    surface: SurfaceLabel,
    method: &'static str,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DurationLabels {
    surface: SurfaceLabel,
    method: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CommitLabels {
    outcome: CommitOutcome,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AlertLabels {
    cause: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct SurfaceLabel(Surface);

impl EncodeLabelValue for SurfaceLabel {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), std::fmt::Error> {
        self.0.name().encode(encoder)
    }
}

/// How an attempt to commit a change set ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CommitOutcome {
    /// Written and durable.
    Committed,
    /// Something it relied on had changed; the caller decides again.
    VersionChanged,
    /// What is stored does not allow it: a value is taken, a bound is reached.
    Refused,
    /// The store could not do it.
    Unavailable,
}

impl EncodeLabelValue for CommitOutcome {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), std::fmt::Error> {
        let name = match self {
            Self::Committed => "committed",
            Self::VersionChanged => "version_changed",
            Self::Refused => "refused",
            Self::Unavailable => "unavailable",
        };
        name.encode(encoder)
    }
}

impl Metrics {
    /// All at zero; `version` is this build's.
    pub fn new(version: &'static str) -> Self {
        let mut registry = Registry::with_prefix("provost");
        let requests = Family::default();
        let durations: Family<_, _, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(DURATION_BUCKETS));
        let in_flight = Gauge::default();
        let commits = Family::default();
        let brakes = Counter::default();
        let (alerts_raised, alerts_cleared) = (Family::default(), Family::default());
        registry.register("http_requests", "Requests answered", requests.clone());
        let help = "Time from a request's head to its answer's head";
        registry.register_with_unit("http_request_duration", help, Unit::Seconds, durations.clone());
        registry.register("http_requests_in_flight", "Requests being answered", in_flight.clone());
        registry.register("store_commits", "Attempts to commit a change set, by how they ended", commits.clone());
        registry.register("brake_refusals", "Writes refused because an admin app's brake holds", brakes.clone());
        registry.register("alerts_raised", "Alerts raised, by cause", alerts_raised.clone());
        registry.register("alerts_cleared", "Alerts cleared, by cause", alerts_cleared.clone());
        registry.register("build", "The build that runs", Info::new([("version", version)]));
        Self { registry, requests, durations, in_flight, commits, brakes, alerts_raised, alerts_cleared }
    }

    /// Counts a request in flight until the guard is dropped, be it because the client went away.
    pub fn in_flight(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    /// Counts an answered request.
    pub fn answered(&self, surface: Surface, method: &Method, status: StatusCode, took: Duration) {
        let (surface, method) = (SurfaceLabel(surface), method_label(method));
        self.requests.get_or_create(&RequestLabels { surface, method, status: status.as_u16() }).inc();
        self.durations.get_or_create(&DurationLabels { surface, method }).observe(took.as_secs_f64());
    }

    /// Counts an attempt to commit.
    pub fn store_commit(&self, outcome: CommitOutcome) {
        self.commits.get_or_create(&CommitLabels { outcome }).inc();
    }

    /// Counts a write that an admin app's brake has refused (S-78).
    pub fn brake_refusal(&self) {
        self.brakes.inc();
    }

    /// Counts an alert that was raised, or cleared.
    pub fn alert(&self, cause: &'static str, is_raised: bool) {
        let counted = if is_raised { &self.alerts_raised } else { &self.alerts_cleared };
        counted.get_or_create(&AlertLabels { cause }).inc();
    }

    /// Everything in the OpenMetrics text form, which Prometheus reads.
    pub fn exposition(&self) -> String {
        let mut page = String::new();
        text::encode(&mut page, &self.registry).expect("a string takes any text");
        page
    }
}

/// One request in flight.
#[derive(Debug)]
pub struct InFlight(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// The methods we answer; clients may invent others, which are one.
fn method_label(method: &Method) -> &'static str {
    const NAMED: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    NAMED.into_iter().find(|name| *name == method.as_str()).unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_shows_counts_by_fixed_labels_only() {
        let metrics = Metrics::new("1.2.3");
        let ms = Duration::from_millis;
        metrics.answered(Surface::Scim, &Method::GET, StatusCode::OK, ms(3));
        metrics.answered(Surface::Scim, &Method::GET, StatusCode::OK, ms(30));
        metrics.answered(Surface::Other, &Method::from_bytes(b"CHOSEN").unwrap(), StatusCode::NOT_FOUND, ms(1));
        metrics.store_commit(CommitOutcome::Refused);
        metrics.brake_refusal();
        metrics.alert("brake", true);
        let one = metrics.in_flight();
        drop(metrics.in_flight());
        let page = metrics.exposition();
        for line in [
            "provost_http_requests_total{surface=\"scim\",method=\"GET\",status=\"200\"} 2",
            "provost_http_requests_total{surface=\"other\",method=\"other\",status=\"404\"} 1",
            "provost_http_request_duration_seconds_count{surface=\"scim\",method=\"GET\"} 2",
            "provost_http_request_duration_seconds_bucket{le=\"0.005\",surface=\"scim\",method=\"GET\"} 1",
            "provost_http_requests_in_flight 1",
            "provost_store_commits_total{outcome=\"refused\"} 1",
            "provost_brake_refusals_total 1",
            "provost_alerts_raised_total{cause=\"brake\"} 1",
            "provost_build_info{version=\"1.2.3\"} 1",
            "# EOF",
        ] {
            assert!(page.lines().any(|shown| shown == line), "{line} is not in\n{page}");
        }
        assert!(!page.contains("CHOSEN"));
        drop(one);
        assert!(metrics.exposition().contains("provost_http_requests_in_flight 0\n"));
    }
}
