//! The steps of an action, in the words of Entra's provisioning log.

use super::found::Problem;
use super::visit::Visit;
use crate::{ActionKind, Entitlement, Objects, SourceObject, Standing, Status, Step, StepKind, Values, cut};
use std::collections::BTreeMap;

fn text(is: bool) -> String {
    if is { "True" } else { "False" }.to_owned()
}

impl Visit<'_> {
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

    /// A step that says no more than its name.
    fn plain(&mut self, name: &str, kind: StepKind, details: impl IntoIterator<Item = (String, String)>) {
        self.step(name, kind, Status::Success, String::new(), details);
    }

    pub(super) fn imported(&mut self, object: &SourceObject) {
        let step = if self.was_linked { "EntryImportUpdate" } else { "EntryImportAdd" };
        let mut details = Vec::new();
        if object.of == Objects::Users {
            if !(object.is_deleted || object.is_active()) {
                details.push(("accountEnabled".to_owned(), text(false)));
            }
            let roles: Vec<String> = object.app_roles().into_iter().map(|role| role.value).collect();
            if !roles.is_empty() {
                details.push(("appRoleAssignments".to_owned(), roles.join(", ")));
            }
        }
        let shown = ["userName", "displayName", "externalId"].into_iter();
        details
            .extend(shown.filter_map(|name| Some((name.to_owned(), object.resource.get(name)?.as_str()?.to_owned()))));
        self.plain(step, StepKind::Import, details);
    }

    pub(super) fn imported_gone(&mut self) {
        self.plain("EntryImportDelete", StepKind::Import, []);
    }

    pub(super) fn scoped(&mut self, entitlement: &Entitlement) {
        let kind = self.kind();
        let mut details: Vec<(String, String)> = [
            ("Active in the source system", entitlement.is_active),
            ("Assigned to the application", entitlement.is_assigned),
            ("Scoping filter evaluation passed", entitlement.passes_filters),
            ("IsEffectivelyEntitledForProvisioning", entitlement.is_entitled()),
        ]
        .into_iter()
        .filter(|(_, is)| !is)
        .map(|(name, is)| (name.to_owned(), text(is)))
        .collect();
        if !entitlement.has_role {
            details.push((format!("{kind} has the required role"), text(false)));
        }
        if !entitlement.clauses.is_empty() {
            details.push(("ScopeEvaluationResult".to_owned(), entitlement.scope_evaluation_result()));
        }
        self.plain("EntrySynchronizationScoping", StepKind::Scoping, details);
    }

    pub(super) fn found(&mut self, id: &str, by: &str, seen: &Values) {
        let mut details: Vec<(String, String)> =
            seen.iter().filter_map(|(name, value)| Some((name.to_owned(), value.shown()?))).collect();
        details.push(("id".to_owned(), id.to_owned()));
        details.push(("matched by".to_owned(), by.to_owned()));
        self.plain("EntryImport", StepKind::Matching, details);
    }

    /// Nothing has to be looked for when the link says where it is.
    pub(super) fn linked(&mut self) {
        let Some(id) = self.link.target.clone() else { return };
        self.plain("EntryImport", StepKind::Matching, [("id".to_owned(), id)]);
    }

    pub(super) fn unmatched(&mut self, by: &[String]) {
        self.plain("EntryImport", StepKind::Matching, [("asked by".to_owned(), by.join(", "))]);
    }

    /// What is to be done, before it is.
    pub(super) fn decided(&mut self, action: ActionKind) {
        let step = match action {
            ActionKind::Create => "EntrySynchronizationAdd",
            ActionKind::Update | ActionKind::Other => "EntrySynchronizationUpdate",
            ActionKind::Disable => "EntrySynchronizationSoftDelete",
            ActionKind::Delete | ActionKind::StagedDelete => "EntrySynchronizationDelete",
        };
        self.plain(step, StepKind::Processing, []);
    }

    /// What the target said to what was written.
    pub(super) fn exported(&mut self, result: &Result<(), Problem>) {
        let step = match self.action {
            ActionKind::Create => "EntryExportAdd",
            ActionKind::Update | ActionKind::Other => "EntryExportUpdate",
            ActionKind::Disable => "EntryExportUpdateSoftDelete",
            ActionKind::Delete | ActionKind::StagedDelete => "EntryExportDelete",
        };
        let (status, details) = match result {
            Ok(()) => (Status::Success, Vec::new()),
            Err(problem) => {
                let code = ("ErrorCode".to_owned(), problem.code.to_owned());
                (Status::Failure, vec![code, ("Answer".to_owned(), problem.reason.clone())])
            }
        };
        // A group's members come in many requests: one step says it, unless one of them fails.
        let is_again = self.steps.last().is_some_and(|last| last.name == step && last.status == status);
        if !is_again {
            self.step(step, StepKind::Export, status, String::new(), details);
        }
    }

    /// What was not done, and why, where nothing was sent that could have failed.
    pub(super) fn concluded(&mut self) {
        use super::gate::Halt;
        let name = format!("{} '{}'", self.kind(), self.link.name);
        let (step, kind, status, description, code) = match self.halt.clone() {
            None | Some(Halt::Planned | Halt::Staged | Halt::Again) => return self.warned(),
            Some(Halt::Skipped("RedundantExport", _)) => {
                ("EntrySynchronizationSkip", StepKind::Export, Status::Skipped, String::new(), "RedundantExport")
            }
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
