//! Writes that go together: what the target is sent, and what is believed of its answer.

use crate::world::{World, target::operations_of};
use provost_engine::{BulkForm, Key, Method, Request};
use serde_json::json;

/// A world whose target takes so many operations in one request.
fn with_users(count: usize, said: usize, taken: usize) -> World {
    let mut world = World::new(1);
    world.app.compatibility.bulk = BulkForm::Offered;
    world.target.bulk = Some((said, taken));
    let now = world.now;
    for number in 0..count {
        let user = world.account.hire(now, &format!("user{number}"));
        world.account.assign(now, Key::user(user), None);
    }
    world
}

fn operations(request: &Request) -> usize {
    operations_of(request).len()
}

fn bulks(world: &World) -> Vec<&Request> {
    let sent = world.sent.iter().map(|(_, request, _)| request);
    sent.filter(|request| request.path == "/Bulk").collect()
}

#[test]
fn creations_that_wait_at_the_same_moment_go_in_one_request_as_the_target_takes_them() {
    let mut world = with_users(60, 16, 16);
    let report = world.cycle().unwrap();
    assert_eq!((report.tally.created, world.target.users.len()), (60, 60));
    let sizes: Vec<usize> = bulks(&world).into_iter().map(operations).collect();
    assert!(sizes.contains(&16) && sizes.iter().all(|size| (2..=16).contains(size)), "{sizes:?}");
    assert!(report.tally.writes < 30, "{report:?}");
    let asked = world.sent.iter().filter(|(_, request, _)| request.path == "/ServiceProviderConfig");
    assert_eq!(asked.count(), 1, "a cycle asks once what the target takes");
}

#[test]
fn an_operation_is_what_would_have_been_sent_alone() {
    let mut world = with_users(12, 16, 16);
    world.cycle().unwrap();
    let bulk = bulks(&world)[0].body.as_ref().unwrap().to_json();
    assert_eq!(bulk["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:BulkRequest"]));
    let operation = &bulk["Operations"][0];
    assert_eq!((&operation["method"], &operation["path"]), (&json!("POST"), &json!("/Users")));
    assert_eq!(operation["bulkId"], json!("0"));

    let mut alone = with_users(12, 16, 16);
    alone.app.compatibility.bulk = BulkForm::Never;
    alone.cycle().unwrap();
    let is_same = |(_, request, _): &(_, Request, _)| {
        request.method == Method::Post && request.body.as_ref().is_some_and(|body| body.to_json() == operation["data"])
    };
    assert!(alone.sent.iter().any(is_same), "{operation}");
}

#[test]
fn what_a_target_does_not_take_together_goes_one_by_one() {
    for (said, taken) in [(0, 0), (1, 1), (16, 5), (16, 0)] {
        let mut world = with_users(40, said, taken);
        let report = world.cycle().unwrap();
        assert_eq!((report.tally.created, report.tally.failed), (40, 0), "{said} {taken}: {report:?}");
    }
}

#[test]
fn an_operation_that_fails_is_its_objects_failure_alone() {
    let mut world = with_users(20, 20, 20);
    let refused = world.account.users.values().next_back().unwrap().resource["userName"].as_str().unwrap().to_owned();
    world.target.refuses.insert(refused.clone());
    let report = world.cycle().unwrap();
    assert_eq!((report.tally.created, report.tally.failed), (19, 1));
    assert!(bulks(&world).iter().any(|bulk| bulk.body.as_ref().unwrap().as_str().contains(&refused)));
}
