//! What the steps of an action say that their names say already: most steps go as all of their kind do, and are stored without words.

use super::{Action, Status, Step};
use crate::Objects;

const IMPORT_ADD: &str = "EntryImportAdd";
const IMPORT_UPDATE: &str = "EntryImportUpdate";
const IMPORT_DELETE: &str = "EntryImportDelete";
const SCOPING: &str = "EntrySynchronizationScoping";
const EXPORTS: [(&str, &str, &str); 4] = [
    ("EntryExportAdd", "was created", "create"),
    ("EntryExportUpdate", "was updated", "update"),
    ("EntryExportUpdateSoftDelete", "was disabled", "disable"),
    ("EntryExportDelete", "was deleted", "delete"),
];

impl Action {
    /// The same with every step in words.
    pub fn in_words(mut self) -> Self {
        let mut steps = std::mem::take(&mut self.steps);
        for step in &mut steps {
            if step.description.is_empty() {
                step.description = self.sentence(step).unwrap_or_default();
            }
            for (name, value) in self.facts(step) {
                step.details.entry(name).or_insert(value);
            }
        }
        self.steps = steps;
        self
    }

    fn kind_of_object(&self) -> &'static str {
        match self.source.of {
            Objects::Users => "User",
            Objects::Groups => "Group",
        }
    }

    /// What a step says when it says nothing of its own.
    fn sentence(&self, step: &Step) -> Option<String> {
        let kind = self.kind_of_object();
        let (name, source, target) =
            (format!("{kind} '{}'", self.source.name), &self.source.system, &self.target.system);
        let received = |change: &str| format!("Received {name} change of type ({change}) from {source}");
        Some(match &*step.name {
            IMPORT_ADD => received("Add"),
            IMPORT_UPDATE => received("Update"),
            IMPORT_DELETE => received("Delete"),
            SCOPING => format!("Determine if {kind} in scope by evaluating against each scoping filter"),
            "EntryImport" if step.details.contains_key("asked by") => format!("No {name} was found in {target}"),
            "EntryImport" if step.details.contains_key("matched by") => format!("Retrieved {name} from {target}"),
            "EntryImport" => format!("{name} is linked to a resource of {target}"),
            "EntrySynchronizationAdd" => format!(
                "{name} will be created in {target} ({kind} is active and assigned in {source}, but no matching {kind} was found in \
                 {target})"
            ),
            "EntrySynchronizationUpdate" => format!(
                "{name} will be updated in {target} ({kind} is active and assigned in {source}, and a matching {kind} was found in \
                 {target})"
            ),
            "EntrySynchronizationSoftDelete" => {
                format!("{name} will be disabled in {target} ({kind} is not active or not assigned in {source})")
            }
            "EntrySynchronizationDelete" => {
                format!("{name} will be deleted in {target} ({kind} is gone from {source}, or not to be in {target})")
            }
            "EntrySynchronizationSkip" => format!(
                "The state of the entry in both the source and target systems already match. No change to the {name} currently needs to \
                 be made."
            ),
            export => {
                let (_, done, verb) = EXPORTS.iter().find(|(known, _, _)| *known == export)?;
                match step.status {
                    Status::Failure => format!("Failed to {verb} {name} in {target}"),
                    Status::Success | Status::Warning | Status::Skipped => format!("{name} {done} in {target}"),
                }
            }
        })
    }

    /// Details that stand elsewhere in the action, or are as they are for whoever is in scope.
    fn facts(&self, step: &Step) -> Vec<(String, String)> {
        let fact = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let id = || fact("objectId", self.source.id.as_deref().unwrap_or_default());
        match &*step.name {
            IMPORT_ADD | IMPORT_UPDATE if self.source.of == Objects::Users => {
                vec![id(), fact("accountEnabled", "True"), fact("appRoleAssignments", "")]
            }
            IMPORT_ADD | IMPORT_UPDATE | IMPORT_DELETE => vec![id()],
            SCOPING => vec![
                fact("Active in the source system", "True"),
                fact("Assigned to the application", "True"),
                (format!("{} has the required role", self.kind_of_object()), "True".to_owned()),
                fact("Scoping filter evaluation passed", "True"),
                fact("IsEffectivelyEntitledForProvisioning", "True"),
                fact("ScopeEvaluationResult", "{}"),
            ],
            export if EXPORTS.iter().any(|(known, _, _)| *known == export) => {
                vec![fact("ReportableIdentifier", &self.source.name)]
            }
            _ => Vec::new(),
        }
    }
}
