//! What the provisioning log stores without words has them when it is read.

use expect_test::expect;
use jiff::Timestamp;
use provost_change::ResourceId;
use provost_engine::{Action, ActionKind, Identity, Objects, Status, Step, StepKind};
use std::collections::BTreeMap;
use uuid::Uuid;

fn id(number: u128) -> ResourceId {
    ResourceId::new(Uuid::from_u128(number))
}

fn step(name: &str, kind: StepKind, details: &[(&str, &str)]) -> Step {
    let details = details.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Step { name: name.to_owned(), kind, status: Status::Success, description: String::new(), details }
}

fn action(of: Objects, steps: Vec<Step>) -> Action {
    let identity =
        |id: &str, system: &str| Identity { id: Some(id.to_owned()), of, name: "ann".to_owned(), system: system.to_owned() };
    Action {
        app: id(1),
        cycle: id(2),
        at: Timestamp::UNIX_EPOCH,
        duration_ms: 4,
        action: ActionKind::Create,
        status: Status::Success,
        error: None,
        source: identity("s1", "Contoso"),
        target: identity("t1", "Fulcrum"),
        steps,
        modified: Vec::new(),
    }
}

/// Each step as a line: name, sentence, details.
fn told(action: Action) -> String {
    let line = |step: Step| {
        let details: Vec<String> = step.details.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{}: {} [{}]\n", step.name, step.description, details.join(", "))
    };
    action.in_words().steps.into_iter().map(line).collect()
}

#[test]
fn every_step_has_its_sentence_and_what_goes_without_saying() {
    let steps = vec![
        step("EntryImportAdd", StepKind::Import, &[("userName", "ann")]),
        step("EntrySynchronizationScoping", StepKind::Scoping, &[("Assigned to the application", "False")]),
        step("EntryImport", StepKind::Matching, &[("asked by", "userName")]),
        step("EntryImport", StepKind::Matching, &[("id", "t1"), ("matched by", "userName")]),
        step("EntryImport", StepKind::Matching, &[("id", "t1")]),
        step("EntrySynchronizationAdd", StepKind::Processing, &[]),
        Step { status: Status::Failure, ..step("EntryExportAdd", StepKind::Export, &[("ErrorCode", "Timeout")]) },
        step("EntryExportUpdateSoftDelete", StepKind::Export, &[]),
        Step { description: "said already".to_owned(), ..step("EntrySynchronizationSkip", StepKind::Processing, &[]) },
    ];
    expect![[r#"
        EntryImportAdd: Received User 'ann' change of type (Add) from Contoso [accountEnabled=True, appRoleAssignments=, objectId=s1, userName=ann]
        EntrySynchronizationScoping: Determine if User in scope by evaluating against each scoping filter [Active in the source system=True, Assigned to the application=False, IsEffectivelyEntitledForProvisioning=True, ScopeEvaluationResult={}, Scoping filter evaluation passed=True, User has the required role=True]
        EntryImport: No User 'ann' was found in Fulcrum [asked by=userName]
        EntryImport: Retrieved User 'ann' from Fulcrum [id=t1, matched by=userName]
        EntryImport: User 'ann' is linked to a resource of Fulcrum [id=t1]
        EntrySynchronizationAdd: User 'ann' will be created in Fulcrum (User is active and assigned in Contoso, but no matching User was found in Fulcrum) []
        EntryExportAdd: Failed to create User 'ann' in Fulcrum [ErrorCode=Timeout, ReportableIdentifier=ann]
        EntryExportUpdateSoftDelete: User 'ann' was disabled in Fulcrum [ReportableIdentifier=ann]
        EntrySynchronizationSkip: said already []
    "#]]
    .assert_eq(&told(action(Objects::Users, steps)));
    let steps = vec![step("EntryImportDelete", StepKind::Import, &[]), step("EntryExportDelete", StepKind::Export, &[])];
    expect![[r#"
        EntryImportDelete: Received Group 'ann' change of type (Delete) from Contoso [objectId=s1]
        EntryExportDelete: Group 'ann' was deleted in Fulcrum [ReportableIdentifier=ann]
    "#]]
    .assert_eq(&told(action(Objects::Groups, steps)));
}

#[test]
fn a_record_keeps_no_words_that_its_names_say_and_reads_back() {
    let action = action(Objects::Users, vec![step("EntryExportAdd", StepKind::Export, &[])]);
    let doc = action.put(1).record.doc;
    assert!(doc.contains(r#""steps":[{"name":"EntryExportAdd","type":"export"}]"#), "{doc}");
    assert_eq!(serde_json::from_str::<Action>(&doc).unwrap(), action);
    // As it was stored before: with its words.
    let mut whole: BTreeMap<String, serde_json::Value> = serde_json::from_str(&doc).unwrap();
    whole.insert("steps".to_owned(), serde_json::to_value(action.clone().in_words().steps).unwrap());
    let read: Action = serde_json::from_value(serde_json::to_value(whole).unwrap()).unwrap();
    assert_eq!(read.in_words(), action.in_words());
}
