//! What is asked of a server, and in which shares.

use super::random::below;
use std::{fmt, str::FromStr};

/// Greatest weight of a scenario in a mix.
const WEIGHT_MAX: u32 = 1_000_000;

/// What one request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scenario {
    /// Creates a user.
    Create,
    /// Reads a user by its id.
    Read,
    /// Finds a user by its `userName`.
    Filter,
    /// Replaces a user's `title`.
    Patch,
    /// Reads a page of 100 users.
    Page,
    /// Adds a member to a group, or removes it again.
    Group,
    /// Creates users by a bulk request.
    Bulk,
}

impl Scenario {
    /// Every scenario, in the order in which they run when none is named.
    pub const ALL: [Self; 7] =
        [Self::Create, Self::Read, Self::Filter, Self::Patch, Self::Page, Self::Group, Self::Bulk];

    /// Its name on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Read => "read",
            Self::Filter => "filter",
            Self::Patch => "patch",
            Self::Page => "page",
            Self::Group => "group",
            Self::Bulk => "bulk",
        }
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// Scenarios with their weights: `read`, or `read=70,filter=20,patch=10`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mix {
    parts: Vec<(Scenario, u32)>,
}

/// Why a text is no mix.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MixError {
    /// A name that no scenario has.
    #[error("`{0}` is no scenario: there are create, read, filter, patch, page, group and bulk")]
    Unknown(String),
    /// A weight that is none.
    #[error("`{0}` is no weight: write a number from 1 to {WEIGHT_MAX}, as in read=70,patch=30")]
    Weight(String),
    /// A scenario that is named twice.
    #[error("`{0}` is named twice")]
    Twice(Scenario),
}

impl From<Scenario> for Mix {
    fn from(scenario: Scenario) -> Self {
        Self { parts: vec![(scenario, 1)] }
    }
}

impl FromStr for Mix {
    type Err = MixError;

    fn from_str(text: &str) -> Result<Self, MixError> {
        let mut parts: Vec<(Scenario, u32)> = Vec::new();
        for part in text.split(',') {
            let (name, weight) = part.split_once('=').unwrap_or((part, "1"));
            let known = Scenario::ALL.into_iter().find(|known| known.name() == name.trim());
            let scenario = known.ok_or_else(|| MixError::Unknown(name.trim().to_owned()))?;
            let number = weight.trim().parse().ok().filter(|number| (1..=WEIGHT_MAX).contains(number));
            let number = number.ok_or_else(|| MixError::Weight(weight.trim().to_owned()))?;
            if parts.iter().any(|(other, _)| *other == scenario) {
                return Err(MixError::Twice(scenario));
            }
            parts.push((scenario, number));
        }
        Ok(Self { parts })
    }
}

impl fmt::Display for Mix {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [(scenario, _)] = self.parts[..] {
            return write!(out, "{scenario}");
        }
        for (position, (scenario, weight)) in self.parts.iter().enumerate() {
            let comma = if position > 0 { "," } else { "" };
            write!(out, "{comma}{scenario}={weight}")?;
        }
        Ok(())
    }
}

impl Mix {
    /// Its scenarios, each once.
    pub fn scenarios(&self) -> impl Iterator<Item = Scenario> {
        self.parts.iter().map(|(scenario, _)| *scenario)
    }

    /// Whether a scenario is in it.
    pub fn has(&self, scenario: Scenario) -> bool {
        self.scenarios().any(|other| other == scenario)
    }

    /// The scenario that a random number decides on; each comes as often as its weight says.
    pub fn choose(&self, random: u64) -> Scenario {
        let total: u32 = self.parts.iter().map(|(_, weight)| weight).sum();
        let mut rest = below(random, total as usize);
        for (scenario, weight) in &self.parts {
            match rest.checked_sub(*weight as usize) {
                None => return *scenario,
                Some(less) => rest = less,
            }
        }
        unreachable!("the number is below the sum of the weights")
    }
}

#[cfg(test)]
mod tests {
    use super::{super::random::random, Mix, Scenario};

    #[test]
    fn a_mix_is_read_and_shown_the_same() {
        for text in ["read", "read=70,filter=20,patch=10", "bulk=1,create=1000000"] {
            assert_eq!(text.parse::<Mix>().unwrap().to_string(), text);
        }
        assert_eq!(" read , page=3 ".parse::<Mix>().unwrap().to_string(), "read=1,page=3");
    }

    #[test]
    fn what_is_no_mix_is_said() {
        for (text, told) in [
            ("", "`` is no scenario: there are create, read, filter, patch, page, group and bulk"),
            ("fly=1", "`fly` is no scenario: there are create, read, filter, patch, page, group and bulk"),
            ("read=0", "`0` is no weight: write a number from 1 to 1000000, as in read=70,patch=30"),
            ("read=1000001", "`1000001` is no weight: write a number from 1 to 1000000, as in read=70,patch=30"),
            ("read=many", "`many` is no weight: write a number from 1 to 1000000, as in read=70,patch=30"),
            ("read=1,read=2", "`read` is named twice"),
        ] {
            assert_eq!(text.parse::<Mix>().unwrap_err().to_string(), told);
        }
    }

    #[test]
    fn each_scenario_comes_as_often_as_its_weight_says() {
        let mix: Mix = "read=70,filter=20,patch=10".parse().unwrap();
        let count = |scenario| (0..10_000).filter(|n| mix.choose(random(1, *n)) == scenario).count();
        let counts = [Scenario::Read, Scenario::Filter, Scenario::Patch].map(count);
        assert_eq!(counts.iter().sum::<usize>(), 10_000);
        assert!((6_800..7_200).contains(&counts[0]) && (1_800..2_200).contains(&counts[1]), "{counts:?}");
        assert_eq!((mix.choose(0), mix.choose(u64::MAX)), (Scenario::Read, Scenario::Patch));
    }
}
