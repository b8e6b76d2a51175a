//! Who asks for what, and when: one conversation for each identity provider.

use super::figures::Figures;
use super::model::{Request, SECOND, Time, seconds};
use super::random::{Random, mixed};
use super::zipf;

/// What the clients do in the simulated time.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub name: &'static str,
    /// How long is simulated.
    pub length: Time,
    /// First cycles begin within this time, evenly.
    pub spread: Time,
    /// From one cycle's begin to the next one's.
    pub interval: Time,
    /// From sending a request to sending the next one, at least.
    pub pace: Time,
    pub probes: u32,
    /// Changes for each user, in the first cycle and in later ones.
    pub changes: [f64; 2],
    /// Member PATCHes for each change, likewise.
    pub memberships: [f64; 2],
    pub joiner_share: f64,
    /// Connections that fill the largest account without a pause, one create after the other.
    pub importers: u32,
}

impl Scenario {
    /// An ordinary cycle, begun by everybody at the full hour, and all that follows in that hour.
    pub fn full_hour(figures: &Figures) -> Self {
        let (workload, client) = (&figures.workload, &figures.client);
        let cycles_a_day = 86_400.0 / client.cycle_interval_s.value;
        let changes = workload.changes_per_user_day.value / cycles_a_day * workload.busy_factor.value;
        Self {
            name: "full hour",
            length: 3600 * SECOND,
            spread: seconds(client.start_spread_s.value),
            interval: seconds(client.cycle_interval_s.value),
            pace: seconds(client.pace_s.value),
            probes: client.probes_per_cycle.value as u32,
            changes: [changes; 2],
            memberships: [workload.memberships_per_change.value; 2],
            joiner_share: workload.joiner_share.value,
            importers: 0,
        }
    }

    /// The same with begins spread over the whole interval.
    pub fn jitter(figures: &Figures) -> Self {
        let full_hour = Self::full_hour(figures);
        Self { name: "jitter", spread: full_hour.interval, ..full_hour }
    }

    /// The full hour behind which the reorganised users stand, in every account.
    pub fn reorganisation(figures: &Figures) -> Self {
        let full_hour = Self::full_hour(figures);
        Self {
            name: "reorganisation",
            changes: [figures.workload.reorganised_share.value, full_hour.changes[1]],
            memberships: [figures.workload.reorganised_memberships.value, full_hour.memberships[1]],
            ..full_hour
        }
    }

    /// The full hour while somebody fills the largest account.
    pub fn hot_account(figures: &Figures, importers: u32) -> Self {
        Self { name: "hot account", importers, length: 10 * SECOND, ..Self::full_hour(figures) }
    }

    /// Only what happens before `length`.
    pub fn first(self, length: Time) -> Self {
        Self { length, ..self }
    }
}

/// A client that sends one request after the other.
#[derive(Clone, Debug)]
pub struct Conversation {
    pub account: u32,
    pub users: u64,
    /// Which node answers in this cycle.
    pub node: u32,
    /// What was asked last, and when.
    pub request: Request,
    pub sent: Time,
    pub started: Time,
    /// Whether the next request opens the connection.
    pub connects: bool,
    pub is_importer: bool,
    /// Whether a request is under way.
    pub waits: bool,
    cycle: usize,
    probes: u32,
    changes: u64,
    write: Option<Request>,
    memberships: u64,
    pub random: Random,
}

impl Conversation {
    /// One for each account, then the importers of the first account.
    pub fn all(figures: &Figures, scenario: &Scenario, seed: u64) -> Vec<Self> {
        let workload = &figures.workload;
        let sizes =
            zipf::sizes(workload.accounts.value as usize, workload.users.value as u64, workload.zipf_exponent.value);
        let importers = (0..scenario.importers).map(|_| (0, sizes[0], true));
        let clients = sizes.iter().enumerate().map(|(account, users)| (account as u32, *users, false));
        clients.chain(importers).zip(0_u64..).map(|(who, number)| Self::new(who, mixed(seed ^ mixed(number)))).collect()
    }

    fn new((account, users, is_importer): (u32, u64, bool), seed: u64) -> Self {
        Self {
            account,
            users,
            node: 0,
            request: Request::Filter,
            sent: 0,
            started: 0,
            connects: false,
            is_importer,
            waits: false,
            cycle: 0,
            probes: 0,
            changes: 0,
            write: None,
            memberships: 0,
            random: Random::new(seed),
        }
    }

    /// When the first cycle begins.
    pub fn first_start(&mut self, scenario: &Scenario) -> Time {
        if self.is_importer { 0 } else { (self.random.unit() * scenario.spread as f64) as Time }
    }

    /// Begins a cycle: what has changed is known now.
    pub fn start(&mut self, scenario: &Scenario, now: Time) {
        (self.started, self.connects) = (now, true);
        self.probes = scenario.probes;
        self.changes = self.random.poisson(self.users as f64 * scenario.changes[self.cycle.min(1)]);
        self.cycle += 1;
    }

    /// What is asked next; `None` when the cycle is over.
    pub fn next(&mut self, scenario: &Scenario) -> Option<Request> {
        if self.is_importer {
            return Some(Request::Create);
        }
        if self.probes > 0 {
            self.probes -= 1;
            return Some(Request::Filter);
        }
        if let Some(write) = self.write.take() {
            return Some(write);
        }
        if self.memberships > 0 {
            self.memberships -= 1;
            return Some(Request::Member);
        }
        if self.changes == 0 {
            return None;
        }
        self.changes -= 1;
        self.memberships = self.random.rounded(scenario.memberships[(self.cycle - 1).min(1)]);
        let joins = self.random.unit() < scenario.joiner_share;
        self.write = Some(if joins { Request::Create } else { Request::Patch });
        Some(if joins { Request::Filter } else { Request::Get })
    }
}

#[cfg(test)]
mod tests {
    use super::super::figures::Figures;
    use super::super::model::Request;
    use super::{Conversation, Scenario};

    #[test]
    fn a_cycle_asks_what_the_identity_provider_asks() {
        let figures = Figures::load(&[("workload.accounts".into(), 1.0), ("workload.users".into(), 40.0)]).unwrap();
        let scenario = Scenario { changes: [0.05; 2], joiner_share: 0.5, ..Scenario::reorganisation(&figures) };
        let mut conversation = Conversation::all(&figures, &scenario, 5).remove(0);
        conversation.start(&scenario, 0);
        let asked: Vec<Request> = std::iter::from_fn(|| conversation.next(&scenario)).collect();
        let (probes, changes) = asked.split_at(2);
        assert_eq!(probes, [Request::Filter; 2]);
        assert!(!changes.is_empty());
        for change in changes.chunks(4) {
            let patched = [Request::Get, Request::Patch, Request::Member, Request::Member];
            let joined = [Request::Filter, Request::Create, Request::Member, Request::Member];
            assert!(change == patched || change == joined, "{change:?}");
        }
    }

    #[test]
    fn everybody_has_one_conversation_and_the_first_account_the_importers() {
        let figures = Figures::load(&[("workload.accounts".into(), 10.0), ("workload.users".into(), 1000.0)]).unwrap();
        let conversations = Conversation::all(&figures, &Scenario::hot_account(&figures, 3), 1);
        let accounts: Vec<u32> = conversations.iter().map(|one| one.account).collect();
        assert_eq!(accounts, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0]);
        assert_eq!(conversations.iter().filter(|one| one.is_importer).count(), 3);
    }
}
