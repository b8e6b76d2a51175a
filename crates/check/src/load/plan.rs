//! What is to be done.

use super::{Mix, Scenario};
use std::{fmt, str::FromStr, time::Duration};

/// Greatest rate that can be asked for, in requests a second: far beyond what one process sends.
const RATE_MAX: u32 = 1_000_000;

/// How fast requests follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// So many a second, whether or not earlier ones were answered.
    Rate(u32),
    /// On each connection the next as soon as the one before is answered.
    Max,
}

/// Why a text is no pace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a rate is a number of requests a second from 1 to {RATE_MAX}, or `max`")]
pub struct PaceError;

impl FromStr for Pace {
    type Err = PaceError;

    fn from_str(text: &str) -> Result<Self, PaceError> {
        if text == "max" {
            return Ok(Self::Max);
        }
        let rate = text.parse().ok().filter(|rate| (1..=RATE_MAX).contains(rate));
        rate.map(Self::Rate).ok_or(PaceError)
    }
}

impl fmt::Display for Pace {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rate(rate) => write!(out, "{rate}"),
            Self::Max => out.write_str("max"),
        }
    }
}

/// Load to be put on a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What is run, one after the other.
    pub mixes: Vec<Mix>,
    /// How fast.
    pub pace: Pace,
    /// Connections, and so requests under way at most; at least one.
    pub connections: usize,
    /// How long each mix is measured.
    pub duration: Duration,
    /// How long each runs before it is measured.
    pub warm_up: Duration,
    /// Users that are made before anything else; more where the group needs them, and at least one.
    pub users: usize,
    /// Members that the group has already.
    pub members: usize,
    /// Users that one bulk request creates; at least one.
    pub operations: usize,
    /// Decides every choice, and the names of what is made.
    pub seed: u64,
    /// Whether what was made stays.
    pub keep: bool,
}

impl Plan {
    /// Users that are made before anything is measured: the group wants its members, and one more user for each connection.
    pub fn users_needed(&self) -> usize {
        let group = self.mixes.iter().any(|mix| mix.has(Scenario::Group));
        let members = if group { self.members + self.connections } else { 1 };
        self.users.max(members)
    }

    /// What the names of all users and groups that are made begin with.
    pub fn prefix(&self) -> String {
        format!("load-{:016x}-", self.seed)
    }
}

#[cfg(test)]
mod tests {
    use super::{Pace, PaceError, Plan};
    use std::time::Duration;

    #[test]
    fn a_rate_is_a_number_or_max() {
        assert_eq!("max".parse(), Ok(Pace::Max));
        assert_eq!("250".parse(), Ok(Pace::Rate(250)));
        for text in ["0", "-1", "1.5", "1000001", "fast", ""] {
            assert_eq!(text.parse::<Pace>(), Err(PaceError));
        }
    }

    #[test]
    fn a_group_needs_its_members_and_a_user_for_each_connection() {
        let mut plan = Plan {
            mixes: vec!["read".parse().unwrap()],
            pace: Pace::Max,
            connections: 8,
            duration: Duration::from_secs(1),
            warm_up: Duration::ZERO,
            users: 0,
            members: 100,
            operations: 10,
            seed: 10,
            keep: false,
        };
        assert_eq!(plan.users_needed(), 1);
        plan.mixes.push("read=1,group=1".parse().unwrap());
        assert_eq!(plan.users_needed(), 108);
        plan.users = 1_000;
        assert_eq!(plan.users_needed(), 1_000);
        assert_eq!(plan.prefix(), "load-000000000000000a-");
    }
}
