//! The figures that the model computes with, each with where it comes from: `figures.toml`.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::model::{Costs, Time, micros, seconds};

const FILE: &str = include_str!("figures.toml");

/// One figure with its source.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    pub value: f64,
    pub unit: String,
    pub kind: Kind,
    pub source: String,
}

/// How far a figure can be trusted.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Given,
    Chosen,
    Code,
    Measured,
    Documented,
    Assumed,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Chosen => "chosen",
            Self::Code => "code",
            Self::Measured => "measured",
            Self::Documented => "documented",
            Self::Assumed => "**assumed**",
        }
    }
}

/// Sections of figures, in order of their names.
pub type Sections = BTreeMap<String, BTreeMap<String, Figure>>;

/// All figures.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    pub workload: Workload,
    pub client: Client,
    pub node: Node,
    pub database: Database,
    #[serde(skip)]
    replaced: Vec<(String, f64)>,
}

/// Who is there and what changes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workload {
    pub accounts: Figure,
    pub users: Figure,
    pub zipf_exponent: Figure,
    pub changes_per_user_day: Figure,
    pub busy_factor: Figure,
    pub joiner_share: Figure,
    pub memberships_per_change: Figure,
    pub reorganised_share: Figure,
    pub reorganised_memberships: Figure,
}

/// How an identity provider asks.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    pub cycle_interval_s: Figure,
    pub probes_per_cycle: Figure,
    pub pace_s: Figure,
    pub start_spread_s: Figure,
    pub bar_per_s: Figure,
}

/// One server process on its machine.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Node {
    pub cores: Figure,
    pub measured_cores: Figure,
    pub constant_rate: Figure,
    pub get_rate: Figure,
    pub filter_rate: Figure,
    pub create_rate: Figure,
    pub patch_rate: Figure,
    pub member_rate: Figure,
    pub handshake_us: Figure,
    pub lanes: Figure,
    pub batch_max: Figure,
    pub pool: Figure,
}

/// One PostgreSQL, or one node of what speaks its protocol.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    pub cores: Figure,
    pub fsync_us: Figure,
    pub round_trip_us: Figure,
    pub round_trips_per_commit: Figure,
    pub queries_per_request: Figure,
    pub query_us: Figure,
    pub transaction_us: Figure,
    pub create_us: Figure,
    pub patch_us: Figure,
    pub member_us: Figure,
    pub range_us: Figure,
    pub wal_bytes_per_write: Figure,
    pub wal_mb_per_s: Figure,
    pub connection_limit: Figure,
    pub sqlite_bytes_per_user: Figure,
    pub sqlite_bytes_per_entry: Figure,
    pub postgres_factor: Figure,
}

impl Figures {
    /// The file, with some values replaced for this run: `("database.fsync_us", 500.0)`.
    ///
    /// # Errors
    /// When a name is unknown, or a value is outside of what the model can compute with.
    pub fn load(replaced: &[(String, f64)]) -> Result<Self> {
        let mut file: toml::Table = FILE.parse().context("figures.toml")?;
        for (name, value) in replaced {
            let figure = name.split_once('.').and_then(|(section, figure)| file.get_mut(section)?.get_mut(figure));
            let figure = figure.with_context(|| format!("there is no figure `{name}` in figures.toml"))?;
            check(name, *value)?;
            figure["value"] = toml::Value::Float(*value);
        }
        let figures: Self = file.try_into().context("figures.toml")?;
        Ok(Self { replaced: replaced.to_vec(), ..figures })
    }

    /// The same with one more value replaced; the name and the value are known to be good.
    pub fn with(&self, name: &str, value: f64) -> Self {
        let mut replaced = self.replaced.clone();
        replaced.push((name.to_string(), value));
        Self::load(&replaced).expect("the program replaces figures that are there by values that are within bounds")
    }

    /// The figures with their sources, for a table.
    pub fn sections() -> Sections {
        toml::from_str(FILE).expect("figures.toml is part of this program and read by its tests")
    }

    /// What one visit costs where.
    pub fn costs(&self) -> Costs {
        let (node, database) = (&self.node, &self.database);
        let work = |rate: &Figure| {
            let whole = node.measured_cores.value / rate.value;
            // The client shares the cores: half of what a constant answer costs is taken to be its own.
            let client = 0.5 * node.measured_cores.value / node.constant_rate.value;
            seconds((whole - client).max(0.0))
        };
        Costs {
            handshake: micros(node.handshake_us.value),
            get: work(&node.get_rate),
            filter: work(&node.filter_rate),
            create: work(&node.create_rate),
            patch: work(&node.patch_rate),
            member: work(&node.member_rate),
            queries: database.queries_per_request.value as Time * micros(database.query_us.value),
            query_trips: database.queries_per_request.value as Time * micros(database.round_trip_us.value),
            round_trip: micros(database.round_trip_us.value),
            commit_trips: database.round_trips_per_commit.value as Time,
            transaction: micros(database.transaction_us.value),
            stored_create: micros(database.create_us.value),
            stored_patch: micros(database.patch_us.value),
            stored_member: micros(database.member_us.value),
            range: micros(database.range_us.value),
            fsync: micros(database.fsync_us.value),
            log_write: seconds(database.wal_bytes_per_write.value / (database.wal_mb_per_s.value * 1e6)),
        }
    }
}

/// What figures may be, where that is not 0 to 1,000,000,000: what is divided by is not 0, what is allocated is bounded.
const BOUNDS: &[(&str, f64, f64)] = &[
    ("workload.accounts", 1.0, 1e6),
    ("workload.users", 1.0, 1e10),
    ("workload.zipf_exponent", 0.0, 5.0),
    ("workload.joiner_share", 0.0, 1.0),
    ("workload.reorganised_share", 0.0, 1.0),
    ("workload.memberships_per_change", 0.0, 100.0),
    ("workload.reorganised_memberships", 0.0, 100.0),
    ("client.cycle_interval_s", 1.0, 1e6),
    ("client.start_spread_s", 0.0, 1e6),
    ("client.pace_s", 0.0, 1e6),
    ("node.cores", 1.0, 1024.0),
    ("node.constant_rate", 1.0, 1e9),
    ("node.get_rate", 1.0, 1e9),
    ("node.filter_rate", 1.0, 1e9),
    ("node.create_rate", 1.0, 1e9),
    ("node.patch_rate", 1.0, 1e9),
    ("node.member_rate", 1.0, 1e9),
    ("node.lanes", 1.0, 64.0),
    ("node.batch_max", 1.0, 1e5),
    ("node.pool", 1.0, 1e5),
    ("database.cores", 1.0, 1024.0),
    ("database.round_trips_per_commit", 1.0, 100.0),
    ("database.queries_per_request", 1.0, 100.0),
    ("database.wal_mb_per_s", 1.0, 1e6),
    ("database.connection_limit", 2.0, 1e6),
];

fn check(name: &str, value: f64) -> Result<()> {
    let bound = BOUNDS.iter().find(|(bounded, ..)| *bounded == name);
    let (least, most) = bound.map_or((0.0, 1e9), |(_, least, most)| (*least, *most));
    ensure!((least..=most).contains(&value), "`{name}` must lie between {least} and {most}, and not be {value}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::model::{Request, micros};
    use super::Figures;

    #[test]
    fn every_figure_has_a_value_and_a_source() {
        let sections = Figures::sections();
        let all: Vec<_> = sections.values().flat_map(|section| section.iter()).collect();
        assert!(all.len() > 40);
        for (name, figure) in all {
            assert!(figure.value >= 0.0 && figure.source.len() > 5, "{name}");
        }
        Figures::load(&[]).unwrap();
    }

    #[test]
    fn a_figure_is_replaced_by_name() {
        let figures = Figures::load(&[("database.fsync_us".into(), 250.0)]).unwrap();
        assert_eq!(figures.costs().fsync, micros(250.0));
        assert_eq!(figures.with("database.round_trip_us", 1.0).costs().fsync, micros(250.0));
    }

    #[test]
    fn a_figure_that_the_model_cannot_compute_with_is_refused() {
        let refused = |name: &str, value: f64| Figures::load(&[(name.to_string(), value)]).unwrap_err().to_string();
        assert_eq!(refused("database.speed", 1.0), "there is no figure `database.speed` in figures.toml");
        assert_eq!(refused("fsync_us", 1.0), "there is no figure `fsync_us` in figures.toml");
        assert_eq!(refused("node.get_rate", 0.0), "`node.get_rate` must lie between 1 and 1000000000, and not be 0");
        assert_eq!(
            refused("database.fsync_us", -1.0),
            "`database.fsync_us` must lie between 0 and 1000000000, and not be -1"
        );
        assert_eq!(refused("node.lanes", f64::NAN), "`node.lanes` must lie between 1 and 64, and not be NaN");
    }

    #[test]
    fn work_is_what_the_measured_cores_did_without_the_client() {
        let figures = Figures::load(&[]).unwrap();
        let (node, costs) = (&figures.node, figures.costs());
        let get = 2.0 / node.get_rate.value - 1.0 / node.constant_rate.value;
        assert_eq!(costs.node(Request::Get), (get * 1e9).round() as u64);
    }
}
