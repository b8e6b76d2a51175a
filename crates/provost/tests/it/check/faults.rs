//! Servers that are broken on purpose: each fault is found.

use super::check;
use crate::support::shared;
use expect_test::expect;
use provost_testkit::{Fault, Faulty};
use serde_json::json;

#[test]
fn every_fault_of_the_test_kit_is_found() {
    let server = shared();
    let address = server.base.trim_start_matches("http://");
    let mut table = String::new();
    for fault in Fault::ALL {
        let account = server.account(
            json!({ "preset": "standard", "groups": { "mode": "managed" }, "patch": { "no_match": "create" } }),
        );
        let faulty = Faulty::start(address, fault);
        let checked =
            check(&format!("{}/scim/v2", faulty.base()), &account.key, &["--profile", "rfc", "--profile", "entra"]);
        assert_eq!(checked.ran.code, 1, "{fault:?} goes unnoticed");
        // Of the sound server it is the policy that fails this one.
        let found: Vec<&str> =
            checked.with(&["failed"]).into_iter().filter(|id| *id != "patch-replace-without-match").collect();
        assert!(!found.is_empty(), "{fault:?} goes unnoticed");
        // What stays on the server is told; no other fault leaves anything there.
        assert_eq!(
            checked.left_behind().is_empty(),
            fault != Fault::KeepsDeleted,
            "{fault:?}: {:?}",
            checked.left_behind()
        );
        table.push_str(&format!("{fault:?}: {}\n", found.join(" ")));
    }
    expect![[r#"
        NoLocation: create-has-location location-resolves group-is-created entra-location-of-created
        NumericStatus: error-has-its-form error-of-invalid-input-has-its-form unknown-endpoint-is-404 entra-02-duplicate-user entra-status-is-text
        WrongContentType: accepts-scim-json accepts-nothing entra-test-connection entra-content-type-of-answers
        IgnoresFilter: filter-finds-by-eq filter-contains-and-begins filter-and-or filter-not filter-ne filter-pr filter-boolean filter-external-id-case filter-by-date filter-order-of-texts filter-order-of-booleans filter-value-path filter-wildcards-are-letters filter-malformed filter-unknown-operator filter-unknown-attribute filter-complex filter-deep date-without-time-is-no-instant entra-03-filter-user
        CreatedIs200: create-answers-201 create-ignores-id-and-meta create-names-in-any-case create-with-null-and-empty projection-of-created group-is-created group-shows-at-its-users race-of-equal-names extension-is-not-demanded entra-01-create-user entra-01-create-user-with-names entra-01-create-user-with-everything entra-09-add-verbose entra-19-create-group entra-location-of-created entra-password-stays-inside entra-undeclared-extension entra-declared-extension-without-data entra-nulls-in-create entra-race-of-creations
        LosesRemove: patch-remove-single patch-remove-by-filter patch-remove-all-values patch-remove-part-by-filter patch-remove-required group-member-is-removed entra-preview-several-attributes entra-24-remove-member entra-remove-member-legacy entra-preview-add-and-remove-member entra-remove-with-value
        AllowsDuplicates: create-duplicate-is-409 create-duplicate-in-other-case race-of-equal-names entra-02-duplicate-user entra-race-of-creations
        IgnoresStartIndex: list-pages entra-pagination
        ErrorWithoutSchemas: error-has-its-form error-of-invalid-input-has-its-form unknown-endpoint-is-404 bulk-too-many entra-status-is-text
        HidesDisabled: patch-replace-without-path filter-boolean inactive-user-is-readable entra-08-disable-user entra-08-disable-with-text entra-soft-delete-and-return
        EmptyListIs404: accepts-scim-json accepts-nothing huge-count-is-harmless deleted-is-in-no-list filter-finds-nobody filter-external-id-case filter-by-date filter-value-path filter-wildcards-are-letters filter-deep list-max-results cursor-count-zero entra-test-connection entra-test-connection-groups entra-04-filter-nobody entra-17-filter-no-group
        EmptiesGroups: group-member-is-removed entra-24-remove-member entra-preview-add-and-remove-member
        KeepsDeleted: deleted-is-404 deleted-is-in-no-list delete-missing-is-404 etag-if-match-fails entra-13-delete-user entra-preview-delete-missing-user entra-preview-delete-user-twice entra-25-delete-group entra-preview-delete-missing-group entra-preview-delete-group-twice
        IgnoresIfMatch: etag-if-match-fails etag-patch-if-match etag-one-wins
        IgnoresProjection: attributes-narrow-the-answer excluded-attributes-are-left-out attributes-name-parts excluded-parts-leave-the-rest attributes-in-any-case attributes-of-an-extension projection-of-lists projection-of-created patch-with-attributes-is-200 projection-lists-names entra-14-group-without-members entra-15-filter-group-without-members
    "#]].assert_eq(&table);
}
