//! What the mapping of an app gives for one object, without asking or changing anything at the target.

use super::{App, Driven, ask::Reading};
use crate::app::Failure;
use provost_accounts::Refused;
use provost_change::{AccountId, ResourceId};
use provost_engine::{
    AttributeMapping, Compiled, Key, Lineage, MemberType, Moment, Objects, Problem, Purpose, SourceSchemas, check,
};

/// Which row is meant.
pub(crate) struct RowPlace {
    /// Of users or of groups.
    pub of: Objects,
    /// The target of the row that it takes the place of; `None` for one that is added.
    pub replaces: Option<String>,
}

/// What a row gives for one object.
pub(crate) struct Evaluation {
    /// Whether the object would be at the target.
    pub is_entitled: bool,
    /// Why a filter gave no answer.
    pub unanswered: Option<String>,
    /// The row; `None` where it gives no value of its own, as members of a group do not.
    pub lineage: Option<Lineage>,
}

/// A tenant URL for an app that has none: nothing is sent while a row is looked at.
const NOWHERE: &str = "https://target.invalid/scim";

impl App {
    /// What is wrong with an app as it would be with this row; fields are named below the row, or below the mapping.
    ///
    /// # Errors
    /// 404; a store that is away.
    pub(crate) async fn check_row(
        &self,
        account: AccountId,
        id: ResourceId,
        place: &RowPlace,
        row: &AttributeMapping,
    ) -> Result<Vec<Problem>, Failure> {
        let mut driven = self.driven(account, id).await?;
        let position = put(&mut driven, place, row);
        let config = &driven.config;
        let problems = check(&driven.app.value, SourceSchemas { users: &config.full_user, groups: &config.full_group });
        let (mapping, row) = (prefix(place.of), format!("{}.attributes[{position}].", prefix(place.of)));
        let named = |problem: Problem| {
            let field = problem.field.strip_prefix(&row).or_else(|| problem.field.strip_prefix(mapping));
            Problem { field: field.unwrap_or(&problem.field).to_owned(), ..problem }
        };
        Ok(problems.into_iter().map(named).collect())
    }

    /// What a row gives for an object when it is made at the target.
    ///
    /// # Errors
    /// 404; 409 for an app that is not right with this row; a store that is away.
    pub(crate) async fn evaluate_row(
        &self,
        account: AccountId,
        id: ResourceId,
        place: &RowPlace,
        row: &AttributeMapping,
        object: ResourceId,
    ) -> Result<Evaluation, Failure> {
        let mut driven = self.driven(account, id).await?;
        put(&mut driven, place, row);
        let config = &driven.config;
        let schemas = SourceSchemas { users: &config.full_user, groups: &config.full_group };
        let compiled = Compiled::new(&driven.app.value, schemas)
            .map_err(|problems| Refused::status(409, problems.first().map_or("", |problem| &problem.problem)))?;
        let reading = Reading { app: self, driven: &driven };
        let loaded = reading.objects(vec![Key { of: place.of, id: object }]).await?.pop();
        let object = loaded.and_then(|loaded| loaded.source).ok_or_else(|| Refused::not_found("object"))?;
        let has_roles = driven.roles.values().any(|role| role.enabled && role.member_types.contains(&MemberType::User));
        let objects = compiled.objects(place.of);
        let (is_entitled, unanswered) = match objects.entitlement(&object, has_roles) {
            Ok(entitlement) => (entitlement.is_entitled(), None),
            Err(why) => (true, Some(why)),
        };
        let mut random = |bytes: &mut [u8]| bytes.iter_mut().for_each(|byte| *byte = self.random::<1>()[0]);
        let mut moment = Moment {
            now: self.now(),
            is_soft_deleted: !is_entitled,
            purpose: Purpose::Create,
            default_domain: None,
            random: &mut random,
        };
        let lineage = objects.lineage(&object, &mut moment).into_iter().find(|one| one.target == row.target);
        Ok(Evaluation { is_entitled, unanswered, lineage })
    }
}

/// Where problems of a mapping are named.
fn prefix(of: Objects) -> &'static str {
    match of {
        Objects::Users => "mappings.users",
        Objects::Groups => "mappings.groups",
    }
}

/// Puts a row where it belongs; its position.
fn put(driven: &mut Driven, place: &RowPlace, row: &AttributeMapping) -> usize {
    let app = &mut driven.app.value;
    if app.tenant_url.is_empty() {
        app.tenant_url = NOWHERE.to_owned();
    }
    let mapping = match place.of {
        Objects::Users => &mut app.mappings.users,
        Objects::Groups => &mut app.mappings.groups,
    };
    let replaced = place.replaces.as_ref();
    let found = mapping.attributes.iter().position(|there| Some(&there.target) == replaced);
    match found {
        Some(position) => {
            mapping.attributes[position] = row.clone();
            position
        }
        None => {
            mapping.attributes.push(row.clone());
            mapping.attributes.len() - 1
        }
    }
}
