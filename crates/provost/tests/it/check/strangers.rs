//! Other people's servers: what they get wrong, with where it is written.

use super::check;
use crate::strangers::server::{Stranger, TOKEN};
use expect_test::{Expect, expect};

fn try_out(stranger: &Stranger, expected: &Expect) {
    let mut checked = check(&stranger.tenant_url, TOKEN, &[]);
    // Whether a server without transactions loses a race is a matter of luck.
    checked.forget(|id| id.contains("race") || id == "etag-one-wins");
    expected.assert_eq(&checked.findings());
}

#[test]
fn scim2_server() {
    try_out(
        &Stranger::scim2_server(),
        &expect![[r#"
        failed: create-with-empty-user-name: RFC 7643 §4.1.1
        failed: projection-of-created: RFC 7644 §3.9
        failed: filter-complex: RFC 7644 §3.4.2.2
        failed: entra-01-create-user-with-everything: Entra validator, test 1
        failed: entra-09-add-verbose: Entra validator, test 9
        failed: entra-replace-makes-value: Entra: user update
        failed: entra-10-add-manager: Entra validator, test 10
        failed: entra-11-replace-manager: Entra validator, test 11
        failed: entra-12-remove-manager: Entra validator, test 12
        failed: entra-19-create-group: Entra validator, test 19
        failed: entra-remove-member-legacy: Entra: legacy dialect
        failed: entra-remove-with-value: Entra: user update
        information: 3
        not_offered: 12
        passed: 281
        warning: 6
    "#]],
    );
}

#[test]
fn scimmy_routers() {
    try_out(
        &Stranger::scimmy_routers(),
        &expect![[r#"
        failed: unauthenticated-is-401: RFC 7644 §2
        failed: create-has-location: RFC 7644 §3.3
        failed: location-resolves: RFC 7644 §3.3
        failed: create-duplicate-is-409: RFC 7644 §3.3
        failed: create-duplicate-in-other-case: RFC 7643 §4.1.1
        failed: create-with-empty-user-name: RFC 7643 §4.1.1
        failed: create-two-primaries: RFC 7643 §2.4
        failed: attributes-in-any-case: RFC 7644 §3.10
        failed: attributes-of-an-extension: RFC 7644 §3.10
        failed: put-taken-user-name: RFC 7644 §3.12
        failed: patch-with-attributes-is-200: RFC 7644 §3.5.2
        failed: patch-primary-moves: RFC 7644 §3.5.2
        failed: patch-replace-complex-merges: RFC 7644 §3.5.2.3
        failed: patch-remove-required: RFC 7644 §3.5.2.2
        failed: patch-names-in-any-case: RFC 7643 §2.1
        failed: patch-taken-user-name: RFC 7644 §3.12
        failed: filter-folds-user-name: RFC 7643 §4.1.1
        failed: filter-order-of-booleans: RFC 7644 §3.4.2.2
        failed: filter-sub-attribute: RFC 7644 §3.10
        failed: filter-extension: RFC 7644 §3.10
        failed: filter-any-value: RFC 7644 §3.4.2.2
        failed: filter-words-in-values: RFC 7644 §3.4.2.2
        failed: filter-malformed: RFC 7644 §3.12
        failed: filter-complex: RFC 7644 §3.4.2.2
        failed: list-pages: RFC 7644 §3.4.2.4
        failed: list-count-zero: RFC 7644 §3.4.2.4
        failed: list-count-negative: RFC 7644 §3.4.2.4
        failed: search-refuses-nonsense: RFC 7644 §3.12
        failed: group-is-created: RFC 7643 §4.2
        failed: group-member-is-added-once: RFC 7644 §3.5.2.1
        failed: groups-of-a-user-are-read-only: RFC 7643 §4.1.2
        failed: manager-is-one-value: RFC 7643 §4.3
        failed: sort-by-primary-value: RFC 7644 §3.4.2.3
        failed: entra-01-create-user-with-everything: Entra validator, test 1
        failed: entra-02-duplicate-user: Entra validator, test 2; RFC 7644 §3.3
        failed: entra-05-filter-other-case: Entra validator, test 5
        failed: entra-08-disable-with-text: Entra: legacy dialect
        failed: entra-09-add-verbose: Entra validator, test 9
        failed: entra-replace-makes-value: Entra: user update
        failed: entra-10-add-manager: Entra validator, test 10
        failed: entra-11-replace-manager: Entra validator, test 11
        failed: entra-12-remove-manager: Entra validator, test 12
        failed: entra-pagination: Entra gallery validation: SCIM_User_Pagination
        failed: entra-18-filter-group-other-case: Entra validator, test 18
        failed: entra-soft-delete-and-return: Entra: disable, restore, delete
        failed: entra-location-of-created: RFC 7644 §3.3
        failed: entra-nulls-in-create: Entra: user create
        failed: okta-duplicate-user: Okta: create user; RFC 7644 §3.3
        information: 6
        not_offered: 20
        passed: 230
        warning: 10
    "#]],
    );
}

#[test]
fn django_scim2() {
    try_out(
        &Stranger::django_scim2(),
        &expect![[r#"
        failed: types-are-a-list: RFC 7644 §4
        failed: schemas-are-a-list: RFC 7644 §4
        failed: discovery-ignores-paging: RFC 7644 §4
        failed: keeps-unicode: RFC 7643 §2.3.1
        failed: error-has-its-form: RFC 7644 §3.12
        failed: error-of-invalid-input-has-its-form: RFC 7644 §3.12
        failed: unknown-endpoint-is-404: RFC 7644 §3.12
        failed: body-that-is-no-object: RFC 7644 §3.12
        failed: create-duplicate-is-409: RFC 7644 §3.3
        failed: create-duplicate-in-other-case: RFC 7643 §4.1.1
        failed: create-without-user-name: RFC 7643 §4.1.1
        failed: create-with-empty-user-name: RFC 7643 §4.1.1
        failed: create-with-wrong-type: RFC 7644 §3.12
        failed: create-with-number-as-name: RFC 7643 §2.3.1
        failed: create-names-in-any-case: RFC 7643 §2.1
        failed: create-with-null-and-empty: RFC 7643 §2.5
        failed: create-keeps-emails: RFC 7643 §2.4
        failed: attributes-narrow-the-answer: RFC 7644 §3.9
        failed: excluded-attributes-are-left-out: RFC 7644 §3.9
        failed: attributes-name-parts: RFC 7644 §3.10
        failed: excluded-parts-leave-the-rest: RFC 7644 §3.9
        failed: attributes-in-any-case: RFC 7644 §3.10
        failed: projection-of-created: RFC 7644 §3.9
        failed: put-answers-200: RFC 7644 §3.5.1
        failed: put-clears-with-null: RFC 7643 §2.5
        failed: put-without-user-name: RFC 7644 §3.5.1
        failed: put-taken-user-name: RFC 7644 §3.12
        failed: patch-answers-200-or-204: RFC 7644 §3.5.2
        failed: patch-with-attributes-is-200: RFC 7644 §3.5.2
        failed: patch-add-new-value: RFC 7644 §3.5.2.1
        failed: patch-add-without-path: RFC 7644 §3.5.2.1
        failed: patch-add-to-several: RFC 7644 §3.5.2.1
        failed: patch-primary-moves: RFC 7644 §3.5.2
        failed: patch-replace-complex-merges: RFC 7644 §3.5.2.3
        failed: patch-replace-without-path: RFC 7644 §3.5.2.3
        failed: patch-replace-by-filter: RFC 7644 §3.5.2.3
        failed: patch-replace-without-match: RFC 7644 §3.5.2.3
        failed: patch-remove-single: RFC 7644 §3.5.2.2
        failed: patch-remove-by-filter: RFC 7644 §3.5.2.2
        failed: patch-remove-all-values: RFC 7644 §3.5.2.2
        failed: patch-remove-part-by-filter: RFC 7644 §3.5.2.2
        failed: patch-remove-without-path: RFC 7644 §3.5.2.2
        failed: patch-remove-required: RFC 7644 §3.5.2.2
        failed: patch-read-only: RFC 7644 §3.5.2
        failed: patch-in-order: RFC 7644 §3.5.2
        failed: patch-all-or-nothing: RFC 7644 §3.5.2
        failed: patch-malformed-path: RFC 7644 §3.12
        failed: patch-add-without-value: RFC 7644 §3.5.2.1
        failed: patch-wrong-type: RFC 7644 §3.12
        failed: patch-names-in-any-case: RFC 7643 §2.1
        failed: patch-taken-user-name: RFC 7644 §3.12
        failed: group-is-created: RFC 7643 §4.2
        failed: group-needs-a-name: RFC 7643 §4.2
        failed: group-members-are-added: RFC 7644 §3.5.2.1
        failed: group-member-is-removed: RFC 7644 §3.5.2.2
        failed: group-is-replaced: RFC 7644 §3.5.1
        failed: groups-of-a-user-are-read-only: RFC 7643 §4.1.2
        failed: patch-replace-unassigned: RFC 7644 §3.5.2.3
        failed: patch-replace-every-match: RFC 7644 §3.5.2.3
        failed: projection-lists-names: RFC 7644 §3.9
        failed: entra-01-create-user-with-names: Entra validator, test 1
        failed: entra-02-duplicate-user: Entra validator, test 2; RFC 7644 §3.3
        failed: entra-filter-value-path: Entra: query grammar
        failed: entra-filter-external-id: Entra: query grammar
        failed: entra-06-replace-verbose: Entra validator, test 6; legacy dialect
        failed: entra-06-replace-compact: Entra validator, test 6; aadOptscim062020
        failed: entra-08-disable-with-text: Entra: legacy dialect
        failed: entra-09-add-verbose: Entra validator, test 9
        failed: entra-09-add-twice: Entra: user update
        failed: entra-replace-makes-value: Entra: user update
        failed: entra-null-update: Entra gallery validation: SCIM_Null_Update
        failed: entra-preview-several-attributes: Entra validator, preview
        failed: entra-preview-one-attribute: Entra validator, preview
        failed: entra-16-filter-group-with-members: Entra validator, test 16
        failed: entra-18-filter-group-other-case: Entra validator, test 18
        failed: entra-21-replace-group: Entra validator, test 21
        failed: entra-22-rename-group: Entra validator, test 22
        failed: entra-23-add-member: Entra validator, test 23
        failed: entra-add-member-with-null-ref: Entra: groups
        failed: entra-24-remove-member: Entra validator, test 24
        failed: entra-remove-member-legacy: Entra: legacy dialect
        failed: entra-preview-add-and-remove-member: Entra validator, preview
        failed: entra-soft-delete-and-return: Entra: disable, restore, delete
        failed: entra-status-is-text: RFC 7644 §3.12
        failed: entra-remove-with-value: Entra: user update
        failed: entra-values-stay-as-sent: Entra: provider requirements 7
        failed: okta-missing-user: Okta: errors; RFC 7644 §3.12
        failed: okta-push-group: Okta: group push
        failed: okta-rename-group: Okta: group push
        failed: okta-members-change: Okta: group push
        failed: okta-replace-members: Okta: group push
        failed: okta-put-group: Okta: group push
        information: 8
        not_offered: 92
        passed: 110
        warning: 12
    "#]],
    );
}
