//! The list of a target's attributes.

use super::{NAME_BYTES_MAX, Problems, TARGET_ATTRIBUTES_MAX};
use crate::{TargetAttribute, TargetPath};
use provost_expression::nearest;

/// The attributes of a target, understood.
pub(super) struct Targets<'t>(Vec<(TargetPath, &'t TargetAttribute)>);

impl<'t> Targets<'t> {
    /// Checks names, and that each is there once.
    pub fn read(list: &'t [TargetAttribute], problems: &mut Problems<'_>) -> Self {
        let mut known: Vec<(TargetPath, &TargetAttribute)> = Vec::with_capacity(list.len());
        if !problems.is_few(list.len(), TARGET_ATTRIBUTES_MAX, "attributes of the target") {
            return Self(known);
        }
        for (index, attribute) in list.iter().enumerate() {
            let mut at = problems.element(index);
            let mut at = at.member("name");
            let Some(path) = at.take(path(&attribute.name)) else { continue };
            match known.iter().find(|(other, _)| other.is_same(&path)) {
                Some(_) => at.add(format!("the target's attribute `{path}` is there twice")),
                None if attribute.multi_valued && !path.filter.is_empty() => {
                    at.add(format!("`{path}` is one value of one element; it cannot have several values"));
                }
                None => known.push((path, attribute)),
            }
        }
        Self(known)
    }

    /// The attribute that a mapping leads to.
    ///
    /// # Errors
    /// What is malformed, or that the target has none of that name.
    pub fn find(&self, name: &str) -> Result<(TargetPath, &'t TargetAttribute), String> {
        let path = path(name)?;
        if let Some((_, attribute)) = self.0.iter().find(|(known, _)| known.is_same(&path)) {
            return Ok((path, attribute));
        }
        let meant = nearest(name, self.0.iter().map(|(known, _)| known.as_str()));
        let hint = meant.map_or_else(|| "; add it there".to_owned(), |meant| format!("; did you mean `{meant}`?"));
        Err(format!("`{path}` is not in the list of the target's attributes{hint}"))
    }

    /// Those that a resource cannot do without.
    pub fn required(&self) -> impl Iterator<Item = &TargetPath> {
        self.0.iter().filter(|(path, attribute)| attribute.required && !is_id(path)).map(|(path, _)| path)
    }
}

/// Whether it is the id, which the target makes.
pub(super) fn is_id(path: &TargetPath) -> bool {
    path.extension.is_none() && path.name.eq_ignore_ascii_case("id")
}

fn path(name: &str) -> Result<TargetPath, String> {
    if name.len() > NAME_BYTES_MAX {
        return Err(format!("the name of an attribute may have {NAME_BYTES_MAX} bytes, and this one has more"));
    }
    let path = TargetPath::parse(name)?;
    if !path.filter.is_empty() && path.sub.is_none() {
        return Err(format!("`{path}` is a whole element; write the sub-attribute behind it, such as `{path}.value`"));
    }
    Ok(path)
}
