//! Rows of a mapping: checked, and ready to evaluate.

use super::{
    PRECEDENCE_MAX, Problems, ROWS_MAX,
    targets::{Targets, is_id},
    types,
};
use crate::{
    Apply, AttributeMapping, Gives, ObjectMapping, ScopeMode, SourceType, TargetAttribute, TargetPath, TargetType,
    compile::{Row, RowSource},
    source::SourceNames,
};
use provost_expression::Expression;

/// Checks the rows of one kind of object, and the target's attributes that they lead to.
pub(crate) fn rows(
    mapping: &ObjectMapping,
    scope: ScopeMode,
    names: &SourceNames<'_>,
    problems: &mut Problems<'_>,
) -> Vec<Row> {
    let targets = Targets::read(&mapping.target, &mut problems.member("target"));
    let mut attributes = problems.member("attributes");
    let mut rows: Vec<Row> = Vec::with_capacity(mapping.attributes.len());
    if !attributes.is_few(mapping.attributes.len(), ROWS_MAX, "rows") {
        return rows;
    }
    for (index, mapped) in mapping.attributes.iter().enumerate() {
        let mut at = attributes.element(index);
        let Some((path, attribute)) = at.member("target").take(targets.find(&mapped.target)) else {
            // What the row gives is looked at all the same, so that one round of corrections is enough.
            source(mapped, None, scope, names, &mut at);
            continue;
        };
        if is_id(&path) {
            at.member("target").add("`id` is made by the target; nothing can be mapped to it");
        } else if rows.iter().any(|row| row.target.is_same(&path)) {
            at.member("target").add(format!("`{path}` is mapped twice; keep one of the rows"));
        } else if let Some(other) = rows.iter().find(|row| row.target.contains_or_is_part_of(&path)) {
            let problem =
                format!("`{path}` and `{}` are one attribute, as a whole and in part; keep one", other.target);
            at.member("target").add(problem);
        }
        let gives = source(mapped, Some((&path, attribute)), scope, names, &mut at);
        let default =
            mapped.default.as_ref().and_then(|value| at.member("default").take(types::constant(value, attribute)));
        let Some(gives) = gives else { continue };
        if mapped.matching.is_some() {
            matching(mapped, &path, attribute, &gives, &mut at.member("matching"));
        }
        let TargetAttribute { kind, multi_valued, required, case_exact, .. } = *attribute;
        let (matching, apply) = (mapped.matching, mapped.apply);
        rows.push(Row {
            target: path.into(),
            kind,
            multi_valued,
            required,
            case_exact,
            gives,
            default,
            matching,
            apply,
        });
    }
    if mapping.enabled {
        whole(&rows, &targets, &mut attributes);
    }
    rows
}

/// What must hold of all rows together.
fn whole(rows: &[Row], targets: &Targets<'_>, problems: &mut Problems<'_>) {
    let mut precedences: Vec<u32> = rows.iter().filter_map(|row| row.matching).collect();
    if precedences.is_empty() {
        problems.add("no row matches; give one of them the matching precedence 1, such as `userName`");
    }
    precedences.sort_unstable();
    if let Some(twice) = precedences.windows(2).find(|pair| pair[0] == pair[1]) {
        problems.add(format!("the matching precedence {} is given twice", twice[0]));
    }
    for path in targets.required().filter(|path| !rows.iter().any(|row| row.target.is_same(path))) {
        problems.add(format!("the target requires `{path}`, and nothing is mapped to it"));
    }
}

fn source(
    mapped: &AttributeMapping,
    target: Option<(&TargetPath, &TargetAttribute)>,
    scope: ScopeMode,
    names: &SourceNames<'_>,
    problems: &mut Problems<'_>,
) -> Option<RowSource> {
    match &mapped.gives {
        Gives::Source(name) => {
            let mut at = problems.member("source");
            let attribute = at.take(names.find(name))?;
            if let Some((_, target)) = target {
                at.take(types::source_fits(attribute.kind, target))?;
            }
            Some(match attribute.kind {
                SourceType::References => RowSource::Members,
                _ => RowSource::Attribute(name.clone(), attribute),
            })
        }
        Gives::Constant(value) => {
            let constant = types::constant(value, target?.1);
            problems.member("constant").take(constant).map(RowSource::Constant)
        }
        Gives::Expression(text) => expression(text, mapped, target, scope, names, &mut problems.member("expression")),
        Gives::None(true) => Some(RowSource::Nothing),
        Gives::None(false) => {
            problems.member("none").add("write `\"none\": true`, or say where the value comes from");
            None
        }
    }
}

fn expression(
    text: &str,
    mapped: &AttributeMapping,
    target: Option<(&TargetPath, &TargetAttribute)>,
    scope: ScopeMode,
    names: &SourceNames<'_>,
    problems: &mut Problems<'_>,
) -> Option<RowSource> {
    let expression = match Expression::parse(text) {
        Ok(expression) => expression,
        Err(fault) => {
            problems.fault(fault);
            return None;
        }
    };
    let program = match expression.check(names) {
        Ok(program) => program,
        Err(faults) => {
            faults.into_iter().for_each(|fault| problems.fault(fault));
            return None;
        }
    };
    if scope == ScopeMode::All && expression.attributes().contains("appRoleAssignments") {
        problems.add("app roles are those of assignments: set the scope to `assigned`, or remove this row");
    }
    if program.gives_candidates() && (mapped.apply != Apply::OnCreate || mapped.matching.is_some()) {
        problems
            .add("`SelectUniqueValue` is for values that are set on create and match nothing: apply it `on_create`");
    }
    if let Some((path, attribute)) = target {
        let is_whole = path.filter.is_empty() && path.sub.is_none();
        problems.take(types::program_fits(&program, attribute, is_whole))?;
    }
    let attributes = expression.attributes().into_iter();
    let attributes = attributes.filter_map(|name| Some((name.to_owned(), names.find(name).ok()?))).collect();
    Some(RowSource::Program(Box::new(program), attributes))
}

/// Whether a target can be asked for the value of this row.
fn matching(
    mapped: &AttributeMapping,
    path: &TargetPath,
    attribute: &TargetAttribute,
    gives: &RowSource,
    problems: &mut Problems<'_>,
) {
    if mapped.matching.is_some_and(|precedence| precedence == 0 || precedence > PRECEDENCE_MAX) {
        problems.add(format!(
            "a matching precedence is a number from 1 to {PRECEDENCE_MAX}; leave it out where nothing is matched"
        ));
    }
    if attribute.multi_valued || matches!(attribute.kind, TargetType::Reference | TargetType::Boolean) {
        problems.add(format!(
            "`{path}` finds no single resource: match by an attribute with one value, no reference and no boolean"
        ));
    }
    match gives {
        RowSource::Constant(_) | RowSource::Nothing => {
            problems.add("a value that everybody has finds nobody: match by an attribute of the source");
        }
        RowSource::Attribute(..) | RowSource::Program(..) | RowSource::Members => {}
    }
}
