//! The steps of an action, in the words of Entra's provisioning log.

use super::found::Problem;
use super::visit::Visit;
use crate::{ActionKind, Entitlement, Objects, SourceObject, Standing, Status, Step, StepKind, Values, cut};
use std::collections::BTreeMap;

fn text(is: bool) -> String {
    if is { "True" } else { "False" }.to_owned()
}

impl<'w> Visit<'w> {
    fn step(
        &mut self,
        name: &str,
        kind: StepKind,
        status: Status,
        description: String,
        details: impl IntoIterator<Item = (String, String)>,
    ) {
        let details: BTreeMap<String, String> = details.into_iter().map(|(name, value)| (name, cut(value))).collect();
        self.steps.push(Step { name: name.to_owned(), kind, status, description: cut(description), details });
    }

    fn names(&self) -> (String, &'w str, &'w str) {
        let setting = &self.work.setting;
        (format!("{} '{}'", self.kind(), self.link.name), &setting.source_name, &setting.app.name)
    }

    pub(super) fn imported(&mut self, object: &SourceObject) {
        let (name, source, _) = self.names();
        let (step, change) = if self.was_linked { ("EntryImportUpdate", "Update") } else { ("EntryImportAdd", "Add") };
        let mut details = vec![("objectId".to_owned(), object.id.to_string())];
        if object.of == Objects::Users {
            let roles: Vec<String> = object.app_roles().into_iter().map(|role| role.value).collect();
            details.push(("accountEnabled".to_owned(), text(object.is_deleted || object.is_active())));
            details.push(("appRoleAssignments".to_owned(), roles.join(", ")));
        }
        let shown = ["userName", "displayName", "externalId"].into_iter();
        details
            .extend(shown.filter_map(|name| Some((name.to_owned(), object.resource.get(name)?.as_str()?.to_owned()))));
        let description = format!("Received {name} change of type ({change}) from {source}");
        self.step(step, StepKind::Import, Status::Success, description, details);
    }

    pub(super) fn imported_gone(&mut self) {
        let (name, source, _) = self.names();
        let description = format!("Received {name} change of type (Delete) from {source}");
        let details = [("objectId".to_owned(), self.task.key.id.to_string())];
        self.step("EntryImportDelete", StepKind::Import, Status::Success, description, details);
    }

    pub(super) fn scoped(&mut self, entitlement: &Entitlement) {
        let kind = self.kind();
        let description = format!("Determine if {kind} in scope by evaluating against each scoping filter");
        let details = [
            ("Active in the source system".to_owned(), text(entitlement.is_active)),
            ("Assigned to the application".to_owned(), text(entitlement.is_assigned)),
            (format!("{kind} has the required role"), text(entitlement.has_role)),
            ("Scoping filter evaluation passed".to_owned(), text(entitlement.passes_filters)),
            ("IsEffectivelyEntitledForProvisioning".to_owned(), text(entitlement.is_entitled())),
            ("ScopeEvaluationResult".to_owned(), entitlement.scope_evaluation_result()),
        ];
        self.step("EntrySynchronizationScoping", StepKind::Scoping, Status::Success, description, details);
    }

    pub(super) fn found(&mut self, id: &str, by: &str, seen: &Values) {
        let (name, _, target) = self.names();
        let mut details: Vec<(String, String)> =
            seen.iter().filter_map(|(name, value)| Some((name.to_owned(), value.shown()?))).collect();
        details.push(("id".to_owned(), id.to_owned()));
        details.push(("matched by".to_owned(), by.to_owned()));
        let description = format!("Retrieved {name} from {target}");
        self.step("EntryImport", StepKind::Matching, Status::Success, description, details);
    }

    /// Nothing has to be looked for when the link says where it is.
    pub(super) fn linked(&mut self) {
        let Some(id) = self.link.target.clone() else { return };
        let (name, _, target) = self.names();
        let description = format!("{name} is linked to a resource of {target}");
        self.step("EntryImport", StepKind::Matching, Status::Success, description, [("id".to_owned(), id)]);
    }

    pub(super) fn unmatched(&mut self, by: &[String]) {
        let (name, _, target) = self.names();
        let description = format!("No {name} was found in {target}");
        self.step(
            "EntryImport",
            StepKind::Matching,
            Status::Success,
            description,
            [("asked by".to_owned(), by.join(", "))],
        );
    }

    /// What is to be done, before it is.
    pub(super) fn decided(&mut self, action: ActionKind) {
        let (name, source, target) = self.names();
        let kind = self.kind();
        let (step, description) = match action {
            ActionKind::Create => (
                "EntrySynchronizationAdd",
                format!(
                    "{name} will be created in {target} ({kind} is active and assigned in {source}, but no matching {kind} was found in \
                     {target})"
                ),
            ),
            ActionKind::Update | ActionKind::Other => (
                "EntrySynchronizationUpdate",
                format!(
                    "{name} will be updated in {target} ({kind} is active and assigned in {source}, and a matching {kind} was found in \
                     {target})"
                ),
            ),
            ActionKind::Disable => (
                "EntrySynchronizationSoftDelete",
                format!("{name} will be disabled in {target} ({kind} is not active or not assigned in {source})"),
            ),
            ActionKind::Delete | ActionKind::StagedDelete => (
                "EntrySynchronizationDelete",
                format!("{name} will be deleted in {target} ({kind} is gone from {source}, or not to be in {target})"),
            ),
        };
        self.step(step, StepKind::Processing, Status::Success, description, []);
    }

    /// What the target said to what was written.
    pub(super) fn exported(&mut self, result: &Result<(), Problem>) {
        let (name, _, target) = self.names();
        let (step, done, verb) = match self.action {
            ActionKind::Create => ("EntryExportAdd", "was created", "create"),
            ActionKind::Update | ActionKind::Other => ("EntryExportUpdate", "was updated", "update"),
            ActionKind::Disable => ("EntryExportUpdateSoftDelete", "was disabled", "disable"),
            ActionKind::Delete | ActionKind::StagedDelete => ("EntryExportDelete", "was deleted", "delete"),
        };
        let mut details = vec![("ReportableIdentifier".to_owned(), self.link.name.clone())];
        let (status, description) = match result {
            Ok(()) => (Status::Success, format!("{name} {done} in {target}")),
            Err(problem) => {
                details.push(("ErrorCode".to_owned(), problem.code.to_owned()));
                details.push(("Answer".to_owned(), problem.reason.clone()));
                (Status::Failure, format!("Failed to {verb} {name} in {target}"))
            }
        };
        // A group's members come in many requests: one step says it, unless one of them fails.
        let is_again = self.steps.last().is_some_and(|last| last.name == step && last.status == status);
        if !is_again {
            self.step(step, StepKind::Export, status, description, details);
        }
    }

    /// What was not done, and why, where nothing was sent that could have failed.
    pub(super) fn concluded(&mut self) {
        use super::gate::Halt;
        let (name, _, _) = self.names();
        let (step, kind, status, description, code) = match self.halt.clone() {
            None | Some(Halt::Planned | Halt::Staged | Halt::Again) => return self.warned(),
            Some(Halt::Skipped("RedundantExport", _)) => (
                "EntrySynchronizationSkip",
                StepKind::Export,
                Status::Skipped,
                format!(
                    "The state of the entry in both the source and target systems already match. No change to the {name} currently needs \
                     to be made."
                ),
                "RedundantExport",
            ),
            Some(Halt::Skipped(code, why)) => (
                "EntrySynchronizationSkip",
                StepKind::Processing,
                Status::Skipped,
                format!("{name} was skipped: {why}"),
                code,
            ),
            Some(Halt::Moved) => (
                "EntrySynchronizationSkip",
                StepKind::Processing,
                Status::Failure,
                format!("{name} was left alone: what is to be done is not what was planned; make a new plan"),
                "PlanMoved",
            ),
            Some(Halt::Failed(problem)) => {
                let was_said = self.steps.last().is_some_and(|last| last.status == Status::Failure);
                if was_said {
                    return self.warned();
                }
                let kind = if self.steps.iter().any(|step| step.kind == StepKind::Scoping) {
                    StepKind::Matching
                } else {
                    StepKind::Import
                };
                ("EntrySynchronizationError", kind, Status::Failure, problem.reason, problem.code)
            }
        };
        self.step(step, kind, status, description, [("SkipReason".to_owned(), code.to_owned())]);
        self.warned();
    }

    fn warned(&mut self) {
        for (code, why) in self.warnings.clone() {
            let kind = if code == "UnableToResolveReferenceAttributeValue" {
                StepKind::ReferenceResolution
            } else {
                StepKind::Processing
            };
            self.step(code, kind, Status::Warning, why, []);
        }
        if self.corrects_drift {
            let why = "It was changed at the target, and was set back to what the source wants".to_owned();
            self.step("DriftCorrected", StepKind::Processing, Status::Success, why, []);
        }
    }

    /// Whether it stood as in use before.
    pub(super) fn was_in_use(&self) -> bool {
        self.stored.as_ref().is_some_and(|stored| stored.link.standing == Standing::Entitled)
    }
}
