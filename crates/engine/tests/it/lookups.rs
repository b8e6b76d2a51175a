//! Searches that go together: what the target is asked, and what is believed of its answer.

use crate::world::{World, target::Or};
use provost_engine::{Key, Method, Request, SearchesForm};

/// A world with so many users to be looked for, of whom every other is at the target already.
fn with_users(count: usize, or: Or) -> World {
    let mut world = World::new(1);
    world.app.compatibility.searches = SearchesForm::Together;
    world.target.or = or;
    let now = world.now;
    for number in 0..count {
        let user = world.account.hire(now, &format!("user{number}"));
        world.account.assign(now, Key::user(user), None);
        if number % 2 == 0 {
            let name = world.account.users[&user].resource["userName"].clone();
            let body = serde_json::json!({ "schemas": [provost_scim::urn::USER], "userName": name });
            let path = "/Users".to_owned();
            let made = world.target.answer(&Request::with(Method::Post, path, &body));
            assert_eq!(made.status, 201);
        }
    }
    world
}

fn searches(world: &World) -> Vec<String> {
    let sent = world.sent.iter().filter(|(_, request, _)| request.path.starts_with("/Users?filter="));
    let decoded = sent.map(|(_, request, _)| percent_encoding::percent_decode_str(&request.path).decode_utf8_lossy());
    decoded.map(std::borrow::Cow::into_owned).collect()
}

#[test]
fn users_that_are_looked_for_at_the_same_moment_are_looked_for_in_one_search() {
    let mut world = with_users(100, Or::Full);
    let report = world.cycle().unwrap();
    assert_eq!((report.tally.created, report.tally.linked, world.target.users.len()), (50, 50, 100), "{report:?}");
    let searches = searches(&world);
    let sizes: Vec<usize> = searches.iter().map(|search| search.matches(" eq ").count()).collect();
    assert!(sizes.contains(&20) && sizes.iter().all(|size| (1..=20).contains(size)), "{sizes:?}");
    assert!(searches.len() < 25, "{}", searches.len());
    let two = searches.iter().find(|search| search.matches(" eq ").count() == 20).unwrap();
    assert!(two.starts_with("/Users?filter=userName eq \"user") && two.contains("\" or userName eq \"user"), "{two}");
}

#[test]
fn nobody_is_missed_or_made_twice_whatever_a_target_makes_of_such_a_search() {
    for or in [Or::Full, Or::Refused, Or::Page(1), Or::Page(3), Or::OnlyFirst] {
        let mut world = with_users(60, or);
        let report = world.cycle().unwrap();
        let tally = report.tally;
        assert_eq!((tally.created, tally.linked, tally.failed), (30, 30, 0), "{or:?}: {report:?}");
        assert_eq!(world.target.users.len(), 60, "{or:?}");
    }
}

#[test]
fn a_long_name_is_looked_for_all_the_same() {
    let mut world = with_users(0, Or::Full);
    let now = world.now;
    for number in 0..30 {
        let user = world.account.hire(now, &format!("{number}{}", "é".repeat(400)));
        world.account.assign(now, Key::user(user), None);
    }
    let report = world.cycle().unwrap();
    assert_eq!((report.tally.created, report.tally.failed), (30, 0), "{report:?}");
    let longest = world.sent.iter().map(|(_, request, _)| request.path.len()).max().unwrap();
    assert!(longest < 4_000, "{longest}");
}

#[test]
fn each_is_asked_for_alone_where_nobody_set_it_otherwise() {
    let mut world = with_users(60, Or::Full);
    world.app.compatibility.searches = SearchesForm::One;
    world.cycle().unwrap();
    assert!(searches(&world).iter().all(|search| search.matches(" eq ").count() == 1));
}
