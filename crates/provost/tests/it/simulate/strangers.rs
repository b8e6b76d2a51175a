//! Other people's servers: what goes wrong there, what is written of it, and what the client does then.

use super::{plain, simulate};
use crate::strangers::server::{Stranger, TOKEN};
use expect_test::{Expect, expect};

/// Plays every client, each with what is left of the one before: nothing.
fn play(stranger: &Stranger, expected: &Expect) {
    let mut told = String::new();
    for client in ["entra", "entra-legacy", "okta", "google"] {
        let simulated = simulate(&[client], &stranger.tenant_url, TOKEN);
        told.push_str(&format!("== {client}\n{}", plain(&simulated.findings())));
    }
    expected.assert_eq(&told.replace(&stranger.tenant_url, "BASE"));
}

#[test]
fn scim2_server() {
    play(
        &Stranger::scim2_server(),
        &expect![[r#"
        == entra
        failed: Initial cycle: references: Ann becomes Ben's manager, named by the id that the server gave her (RFC 7644 §3.5.2.1; Entra: manager)
          the status should be 200 or 204, and is 400
        failed: Initial cycle: references: Entra reads Ben: his manager is an object with Ann's id (RFC 7643 §4.3; Entra: user create)
          `/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/manager/value` should be "ID", and is missing
        failed: Initial cycle: a group: The team is made, without members and with a schema that is only a mark: 201 with its id (RFC 7644 §3.3; Entra: groups)
          the status should be 201, and is 400
        unsettled: Initial cycle: a group: Ann becomes a member: one PATCH for each member (RFC 7644 §3.5.2.1; Entra: groups)
        unsettled: Initial cycle: a group: Ben becomes a member (RFC 7644 §3.5.2.1; Entra: groups)
        unsettled: Initial cycle: a group: Entra reads the team without its members (RFC 7644 §3.9; Entra: query grammar)
        unsettled: Initial cycle: a group: Whoever looks sees both in the team (RFC 7643 §4.2)
        failed: Incremental cycle: people change: Ben gets a work telephone, where he has no such element yet: it is made (Entra: user update; RFC 7644 §3.5.2.1 leaves it open)
          the status should be 200 or 204, and is 400
        failed: Incremental cycle: people change: Entra reads Ben: the number stands as it was sent (Entra: change detection)
          `/phoneNumbers/?type=work/value` should be "77777777777", and is nowhere
        unsettled: Incremental cycle: the group changes: Ben leaves the team: by a path with his id (RFC 7644 §3.5.2.2; Entra: aadOptscim062020)
        unsettled: Incremental cycle: the group changes: Ann is still in the team, and Ben is not (RFC 7644 §3.5.2.2)
        unsettled: Incremental cycle: the group changes: The team gets another name (RFC 7644 §3.5.2.3)
        unsettled: Incremental cycle: the group changes: It is found under the new name (RFC 7644 §3.4.2.2)
        unsettled: Somebody goes for good: The team is no longer assigned: groups are deleted at once (RFC 7644 §3.6; Entra: groups)
        unsettled: Somebody goes for good: It is gone: 404 (RFC 7644 §3.6)
        passed: 25
        failed: 5
        unsettled: 10
        == entra-legacy
        failed: Initial cycle: references: Ann becomes Ben's manager, named by the id that the server gave her (RFC 7644 §3.5.2.1; Entra: manager)
          the status should be 200 or 204, and is 400
        failed: Initial cycle: references: Entra reads Ben: his manager is an object with Ann's id (RFC 7643 §4.3; Entra: user create)
          `/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/manager/value` should be "ID", and is missing
        failed: Initial cycle: a group: The team is made, without members and with a schema that is only a mark: 201 with its id (RFC 7644 §3.3; Entra: groups)
          the status should be 201, and is 400
        unsettled: Initial cycle: a group: Ann becomes a member: one PATCH for each member (RFC 7644 §3.5.2.1; Entra: groups)
        unsettled: Initial cycle: a group: Ben becomes a member (RFC 7644 §3.5.2.1; Entra: groups)
        unsettled: Initial cycle: a group: Entra reads the team without its members (RFC 7644 §3.9; Entra: query grammar)
        unsettled: Initial cycle: a group: Whoever looks sees both in the team (RFC 7643 §4.2)
        failed: Incremental cycle: people change: Ben gets a work telephone, where he has no such element yet: it is made (Entra: user update; RFC 7644 §3.5.2.1 leaves it open)
          the status should be 200 or 204, and is 400
        failed: Incremental cycle: people change: Entra reads Ben: the number stands as it was sent (Entra: change detection)
          `/phoneNumbers/?type=work/value` should be "77777777777", and is nowhere
        unsettled: Incremental cycle: the group changes: Ben leaves the team: by a list of those who go (Entra: legacy dialect; RFC 7644 §3.5.2.2 knows no value here)
        unsettled: Incremental cycle: the group changes: Ann is still in the team, and Ben is not (RFC 7644 §3.5.2.2)
        unsettled: Incremental cycle: the group changes: The team gets another name (RFC 7644 §3.5.2.3)
        unsettled: Incremental cycle: the group changes: It is found under the new name (RFC 7644 §3.4.2.2)
        unsettled: Somebody goes for good: The team is no longer assigned: groups are deleted at once (RFC 7644 §3.6; Entra: groups)
        unsettled: Somebody goes for good: It is gone: 404 (RFC 7644 §3.6)
        passed: 25
        failed: 5
        unsettled: 10
        == okta
        passed: 29
        == google
        failed: People come into scope: Ann is made, as application/json and with a schema of SCIM 1 besides: 201 with her id (RFC 7644 §3.1; RFC 7644 §3.3)
          the status should be 201, and is 400
        unsettled: People come into scope: Ann is found under the address that she has in Google (RFC 7644 §3.4.2.2)
        failed: People come into scope: Ann is made once more: 409 (RFC 7644 §3.3)
          the status should be 409, and is 400
        failed: People come into scope: Ben is made (RFC 7644 §3.3)
          the status should be 201, and is 400
        failed: People come into scope: Cid is made (RFC 7644 §3.3)
          the status should be 201, and is 400
        unsettled: A profile changes: Ann's whole profile is put, with another name (RFC 7644 §3.5.1)
        unsettled: A profile changes: Whoever looks sees Ann's new name (RFC 7644 §3.5.1)
        unsettled: Somebody is suspended, and comes back: Ben is suspended in Google, and the days of grace are over: he is put with active false (RFC 7644 §3.5.1)
        unsettled: Somebody is suspended, and comes back: Google looks for Ben, and finds him suspended under his old id (RFC 7644 §3.4.2)
        failed: Somebody is suspended, and comes back: Ben is made anew (RFC 7644 §3.3)
          the status should be 201, and is 400
        unsettled: Somebody is suspended, and comes back: Ben is back (RFC 7644 §3.5.1)
        unsettled: Somebody is deleted: Cid is deleted in Google, and the days of grace are over: 204 (RFC 7644 §3.6)
        passed: 3
        failed: 5
        unsettled: 7
    "#]],
    );
}

#[test]
fn scimmy_routers() {
    play(
        &Stranger::scimmy_routers(),
        &expect![[r#"
        == entra
        failed: Initial cycle: people: Ann is there once, also when Entra writes her name with other capitals (RFC 7643 §4.1.1; Entra: query grammar)
          `/totalResults` should be 1, and is 0
          `/Resources/0/id` should be "1", and is missing
        failed: Initial cycle: people: The answer to Ann's creation was lost, and Entra sends it again: 409 (RFC 7644 §3.3)
          the status should be 409, and is 201
        failed: Initial cycle: people: Cid is made with an app role (RFC 7644 §3.3; Entra: AssertiveAppRoleAssignmentsComplex)
          the status should be 201, and is 400
        failed: Initial cycle: references: Ann becomes Ben's manager, named by the id that the server gave her (RFC 7644 §3.5.2.1; Entra: manager)
          the status should be 200 or 204, and is 400
        failed: Initial cycle: references: Entra reads Ben: his manager is an object with Ann's id (RFC 7643 §4.3; Entra: user create)
          `/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/manager/value` should be "1", and is missing
        failed: Incremental cycle: people change: Ben gets a work telephone, where he has no such element yet: it is made (Entra: user update; RFC 7644 §3.5.2.1 leaves it open)
          the status should be 200 or 204, and is 400
        failed: Incremental cycle: people change: Entra reads Ben: the number stands as it was sent (Entra: change detection)
          `/phoneNumbers/?type=work/value` should be "77777777777", and is nowhere
        failed: Incremental cycle: roles: Cid is assigned to another app role: the roles are asserted, so the old one goes (RFC 7644 §3.5.2.3; Entra: AssertiveAppRoleAssignmentsComplex)
          the status should be 200 or 204, and is 400
        failed: Incremental cycle: roles: Entra reads Cid: he has the new role, and only that (RFC 7644 §3.5.2.3)
          `/roles` should have 1 of them, and is missing
          `/roles/0/value` should be "Admin", and is missing
        passed: 32
        failed: 9
        == entra-legacy
        failed: Initial cycle: people: Ann is there once, also when Entra writes her name with other capitals (RFC 7643 §4.1.1; Entra: query grammar)
          `/totalResults` should be 1, and is 0
          `/Resources/0/id` should be "6", and is missing
        failed: Initial cycle: people: The answer to Ann's creation was lost, and Entra sends it again: 409 (RFC 7644 §3.3)
          the status should be 409, and is 201
        failed: Initial cycle: people: Cid is made with an app role (RFC 7644 §3.3; Entra: AssertiveAppRoleAssignmentsComplex)
          the status should be 201, and is 400
        failed: Initial cycle: references: Ann becomes Ben's manager, named by the id that the server gave her (RFC 7644 §3.5.2.1; Entra: manager)
          the status should be 200 or 204, and is 400
        failed: Initial cycle: references: Entra reads Ben: his manager is an object with Ann's id (RFC 7643 §4.3; Entra: user create)
          `/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/manager/value` should be "6", and is missing
        failed: Incremental cycle: people change: Ben gets a work telephone, where he has no such element yet: it is made (Entra: user update; RFC 7644 §3.5.2.1 leaves it open)
          the status should be 200 or 204, and is 400
        failed: Incremental cycle: people change: Entra reads Ben: the number stands as it was sent (Entra: change detection)
          `/phoneNumbers/?type=work/value` should be "77777777777", and is nowhere
        failed: Incremental cycle: roles: Cid is assigned to another app role: the roles are asserted, so the old one goes (RFC 7644 §3.5.2.3; Entra: AssertiveAppRoleAssignmentsComplex)
          the status should be 200 or 204, and is 400
        failed: Incremental cycle: roles: Entra reads Cid: he has the new role, and only that (RFC 7644 §3.5.2.3)
          `/roles` should have 1 of them, and is missing
          `/roles/0/value` should be "Admin", and is missing
        failed: Somebody leaves, and comes back: Ben is no longer assigned: he is disabled, with a text (Entra: legacy dialect; RFC 7643 §2.3.2 has booleans only)
          the status should be 200 or 204, and is 400
        warning: Somebody leaves, and comes back: Ben is assigned again: Entra looks for him, and finds him disabled under his old id (RFC 7644 §3.4.2; Entra: disable, restore, delete)
          `/Resources/0/active` should be false, and is true
        failed: Somebody leaves, and comes back: Ben is enabled (Entra: legacy dialect; RFC 7643 §2.3.2 has booleans only)
          the status should be 200 or 204, and is 400
        failed: Somebody goes for good: Cid was deleted: he is disabled at once (Entra: legacy dialect; RFC 7643 §2.3.2 has booleans only)
          the status should be 200 or 204, and is 400
        passed: 28
        failed: 12
        warnings: 1
        == okta
        failed: People are assigned: Ann is made once more, as where two assignments meet: 409 (RFC 7644 §3.3; Okta: create users)
          the status should be 409, and is 201
        passed: 28
        failed: 1
        == google
        failed: People come into scope: Ann is made once more: 409 (RFC 7644 §3.3)
          the status should be 409, and is 201
        passed: 14
        failed: 1
    "#]],
    );
}

#[test]
fn django_scim2() {
    play(
        &Stranger::django_scim2(),
        &expect![[r#"
        == entra
        warning: Initial cycle: people: The answer to Ann's creation was lost, and Entra sends it again: 409 (RFC 7644 §3.3)
          `/scimType` should be "uniqueness", and is missing
          `/status` should be "409", and is 409
        failed: Initial cycle: people: What is otherwise with Ben is written: his externalId, which he did not have (RFC 7644 §3.5.2.1; Entra: user update)
          the status should be 200 or 204, and is 501
        failed: Initial cycle: people: Cid is made with an app role (RFC 7644 §3.3; Entra: AssertiveAppRoleAssignmentsComplex)
          `/roles/?/value` should be "User", and is nowhere
        warning: Initial cycle: a group: Entra reads the team without its members (RFC 7644 §3.9; Entra: query grammar)
          `/members` should not be there, and is [{"value":"1","$ref":"BASE/Users/1","display":"Ann Arbor"},{"value":"2","$ref":"http://127.0.0…
        failed: Incremental cycle: people change: Ben gets a work telephone, where he has no such element yet: it is made (Entra: user update; RFC 7644 §3.5.2.1 leaves it open)
          the status should be 200 or 204, and is 501
        failed: Incremental cycle: people change: Entra reads Ben: the number stands as it was sent (Entra: change detection)
          `/phoneNumbers/?type=work/value` should be "77777777777", and is nowhere
        failed: Incremental cycle: roles: Cid is assigned to another app role: the roles are asserted, so the old one goes (RFC 7644 §3.5.2.3; Entra: AssertiveAppRoleAssignmentsComplex)
          the status should be 200 or 204, and is 501
        failed: Incremental cycle: roles: Entra reads Cid: he has the new role, and only that (RFC 7644 §3.5.2.3)
          `/roles` should have 1 of them, and is missing
          `/roles/0/value` should be "Admin", and is missing
        failed: Incremental cycle: the group changes: Ben leaves the team: by a path with his id (RFC 7644 §3.5.2.2; Entra: aadOptscim062020)
          the status should be 200 or 204, and is 501
        failed: Incremental cycle: the group changes: Ann is still in the team, and Ben is not (RFC 7644 §3.5.2.2)
          `/members` should have 1 of them, and is [{"value":"1","$ref":"BASE/Users/1","display":"Ann Arbor"},{"value":"2","$ref":"http://127.0.0…
        failed: Incremental cycle: the group changes: The team gets another name (RFC 7644 §3.5.2.3)
          the status should be 200 or 204, and is 501
        failed: Incremental cycle: the group changes: It is found under the new name (RFC 7644 §3.4.2.2)
          `/totalResults` should be 1, and is 0
          `/Resources/0/id` should be "1", and is missing
        passed: 24
        failed: 10
        warnings: 2
        not_offered: 4
        == entra-legacy
        warning: Initial cycle: people: The answer to Ann's creation was lost, and Entra sends it again: 409 (RFC 7644 §3.3)
          `/scimType` should be "uniqueness", and is missing
          `/status` should be "409", and is 409
        failed: Initial cycle: people: What is otherwise with Ben is written: his externalId, which he did not have (RFC 7644 §3.5.2.1; Entra: legacy dialect)
          the status should be 200 or 204, and is 501
        failed: Initial cycle: people: Cid is made with an app role (RFC 7644 §3.3; Entra: AssertiveAppRoleAssignmentsComplex)
          `/roles/?/value` should be "User", and is nowhere
        warning: Initial cycle: a group: Entra reads the team without its members (RFC 7644 §3.9; Entra: query grammar)
          `/members` should not be there, and is [{"value":"4","$ref":"BASE/Users/4","display":"Ann Arbor"},{"value":"5","$ref":"http://127.0.0…
        failed: Incremental cycle: people change: Ben gets a work telephone, where he has no such element yet: it is made (Entra: user update; RFC 7644 §3.5.2.1 leaves it open)
          the status should be 200 or 204, and is 501
        failed: Incremental cycle: people change: Entra reads Ben: the number stands as it was sent (Entra: change detection)
          `/phoneNumbers/?type=work/value` should be "77777777777", and is nowhere
        failed: Incremental cycle: roles: Cid is assigned to another app role: the roles are asserted, so the old one goes (RFC 7644 §3.5.2.3; Entra: AssertiveAppRoleAssignmentsComplex)
          the status should be 200 or 204, and is 501
        failed: Incremental cycle: roles: Entra reads Cid: he has the new role, and only that (RFC 7644 §3.5.2.3)
          `/roles` should have 1 of them, and is missing
          `/roles/0/value` should be "Admin", and is missing
        failed: Incremental cycle: the group changes: The team gets another name (RFC 7644 §3.5.2.3)
          the status should be 200 or 204, and is 501
        failed: Incremental cycle: the group changes: It is found under the new name (RFC 7644 §3.4.2.2)
          `/totalResults` should be 1, and is 0
          `/Resources/0/id` should be "2", and is missing
        failed: Somebody leaves, and comes back: Ben is no longer assigned: he is disabled, with a text (Entra: legacy dialect; RFC 7643 §2.3.2 has booleans only)
          the status should be 200 or 204, and is 400
        warning: Somebody leaves, and comes back: Ben is assigned again: Entra looks for him, and finds him disabled under his old id (RFC 7644 §3.4.2; Entra: disable, restore, delete)
          `/Resources/0/active` should be false, and is true
        failed: Somebody leaves, and comes back: Ben is enabled (Entra: legacy dialect; RFC 7643 §2.3.2 has booleans only)
          the status should be 200 or 204, and is 400
        failed: Somebody goes for good: Cid was deleted: he is disabled at once (Entra: legacy dialect; RFC 7643 §2.3.2 has booleans only)
          the status should be 200 or 204, and is 400
        passed: 22
        failed: 11
        warnings: 3
        not_offered: 4
        == okta
        failed: A group is pushed: With each change of members the name is sent again, with the id in the value (RFC 7644 §3.5.2; Okta: group push)
          the status should be 200 or 204, and is 501
        failed: A group is pushed: Ann leaves, and Ben and Cid come, in one request (RFC 7644 §3.5.2; Okta: group push)
          the status should be 200 or 204, and is 501
        failed: A group is pushed: Ben and Cid are in the group, and Ann is not (RFC 7644 §3.5.2)
          `/members` should have 2 of them, and is []
          `/members/?/value` should be "8", and is nowhere
          `/members/?/value` should be "9", and is nowhere
        failed: A group is pushed: An administrator pushes now: all members are replaced by Cid (RFC 7644 §3.5.2.3; Okta: group push)
          the status should be 200 or 204, and is 501
        failed: A group is pushed: Only Cid is in the group (RFC 7644 §3.5.2.3)
          `/members` should have 1 of them, and is []
          `/members/0/value` should be "9", and is missing
        failed: A group is pushed: The group is empty in Okta: all members are replaced by none (RFC 7644 §3.5.2.3; Okta: group push)
          the status should be 200 or 204, and is 501
        passed: 23
        failed: 6
        == google
        passed: 15
    "#]],
    );
}
