use super::*;
use proptest::prelude::*;
use uuid::Uuid;

const BEGIN: &str = "2026-01-01T00:00:00Z";

fn begin() -> Timestamp {
    BEGIN.parse().unwrap()
}

fn minutes(minutes: i64) -> Timestamp {
    begin().checked_add(SignedDuration::from_mins(minutes)).unwrap()
}

fn app(number: u128) -> ResourceId {
    ResourceId::new(Uuid::from_u128(number))
}

fn day() -> Period {
    Period { since: begin(), step: SignedDuration::from_hours(1), parts: 24 }
}

/// Counts the same again, from the newest entry down, as whoever reads the log would.
fn recount(events: &[Event], period: &Period, app: Option<ResourceId>) -> Told {
    let mut parts = vec![Counted::default(); period.parts];
    let mut actions: BTreeMap<String, Counted> = BTreeMap::new();
    let mut settled = HashSet::new();
    let mut causes: Vec<(String, String, Cause, HashSet<String>)> = Vec::new();
    let wanted = |event: &&Event| event.at >= period.since && (app.is_none() || event.app == app);
    for event in events.iter().rev().filter(wanted) {
        let place = event.at.duration_since(period.since).as_secs() / period.step.as_secs();
        let part = &mut parts[usize::try_from(place).unwrap()];
        let action = actions.entry(event.action.clone()).or_default();
        let key = (event.settling().to_owned(), event.name().unwrap_or("").to_owned());
        let Some(why) = &event.failure else {
            part.succeeded += 1;
            action.succeeded += 1;
            settled.insert(key);
            continue;
        };
        part.failed += 1;
        action.failed += 1;
        if settled.contains(&key) {
            continue;
        }
        let known = causes.iter().position(|(action, detail, ..)| *action == event.action && detail == why);
        let known = known.unwrap_or_else(|| {
            let cause = Cause { newest: event.seq, count: 0, subjects: Vec::new(), subject_count: 0 };
            causes.push((event.action.clone(), why.clone(), cause, HashSet::new()));
            causes.len() - 1
        });
        let (_, _, cause, seen) = &mut causes[known];
        cause.count += 1;
        if event.name().is_some_and(|name| seen.insert(name.to_owned())) {
            cause.subject_count += 1;
            if cause.subjects.len() < SUBJECTS_MAX {
                cause.subjects.push(event.seq);
            }
        }
    }
    let causes = causes.into_iter().map(|(_, _, cause, _)| cause).take(CAUSES_MAX).collect();
    Told { complete: true, parts, actions, causes }
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let action = prop::sample::select(vec!["user.create", "user.update", "user.disable", "group.update"]);
    let name = prop::sample::select(vec!["ann", "bob", "cid", "dan", ""]);
    let why = prop::option::of(prop::sample::select(vec!["taken", "not this field"]));
    let one = (0_i64..90, prop::option::of(1_u128..3), action, name, why);
    prop::collection::vec(one, 0..60).prop_map(|all| {
        let mut at = -120;
        let mut events = Vec::new();
        for (number, (later, by, action, name, why)) in all.into_iter().enumerate() {
            at = (at + later).min(1_439);
            let event = Event::about_user(number as u64 + 1, minutes(at), by.map(app), action, name);
            events.push(Event { failure: why.map(str::to_owned), ..event });
        }
        events
    })
}

proptest! {
    #[test]
    fn a_tally_tells_what_a_recount_tells(events in events(), since in 0_usize..24) {
        let mut tally = Tally::new(Timestamp::MIN);
        events.iter().for_each(|event| tally.add(event));
        tally.forget_before(begin());
        let since = minutes(i64::try_from(since).unwrap() * 60);
        for period in [day(), Period { since, ..day() }] {
            for by in [None, Some(app(1)), Some(app(2))] {
                prop_assert_eq!(tally.told(&period, by), recount(&events, &period, by));
            }
        }
    }
}

#[test]
fn failures_leave_when_the_same_act_succeeds() {
    let mut tally = Tally::new(begin());
    let update = |seq, name| Event::about_user(seq, minutes(10), None, "user.update", name);
    for event in [
        Event { failure: Some("not this field".to_owned()), ..update(1, "ann") },
        Event { failure: Some("not this field".to_owned()), ..update(2, "bob") },
        Event { action: "user.disable".to_owned(), ..update(3, "ann") },
    ] {
        tally.add(&event);
    }
    let told = tally.told(&day(), None);
    assert_eq!(told.causes, [Cause { newest: 2, count: 1, subjects: vec![2], subject_count: 1 }]);
    assert_eq!(told.parts[0], Counted { succeeded: 1, failed: 2 });
}

#[test]
fn what_is_kept_is_bounded_and_what_went_is_said_to_be_missing() {
    let mut tally = Tally::new(begin());
    for number in 1..=FAILURES_MAX as u64 + 5 {
        let at = minutes(i64::try_from(number).unwrap() / 20);
        let event = Event::about_user(number, at, None, "user.create", &format!("user-{number}"));
        tally.add(&Event { failure: Some("taken".to_owned()), ..event });
    }
    let told = tally.told(&day(), None);
    assert_eq!((tally.failures.len(), told.complete, told.causes[0].count), (FAILURES_MAX, false, 10_000));
    let mut tally = Tally::new(begin());
    for number in 1..=CELLS_MAX as u64 + 5 {
        let by = Some(app(u128::from(number)));
        tally.add(&Event::about_user(number, minutes(i64::try_from(number).unwrap() / 100), by, "user.create", "ann"));
    }
    assert!(tally.cells <= CELLS_MAX && tally.hours.len() == 3 && tally.by_key.is_empty());
    assert!(!tally.told(&day(), None).complete);
}
