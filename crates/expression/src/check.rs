//! What can be wrong with an expression before anything is evaluated: names, counts, constants, types.

use crate::{
    functions,
    nearest::nearest,
    pattern::Pattern,
    place::{Fault, Place, quoted},
    program::{CallNode, ComparisonNode, Node, NodeKind, Program},
    signature::{AttributeType, Attributes, Gives, Parameter, ResultType, Signature, Takes},
    tree::{Call, Comparison, Expr, Expression, Kind},
    value::Value,
};

impl Expression {
    /// Checks names, numbers of arguments, constants and types against the functions of the language and the attributes of the source.
    ///
    /// # Errors
    /// Every fault that can be found, in order of its place.
    pub fn check<A: Attributes + ?Sized>(&self, attributes: &A) -> Result<Program, Vec<Fault>> {
        let mut check = Check { attributes, faults: Vec::new() };
        let Kind::Call(call) = &self.root.kind else {
            let problem =
                "an expression is a call of a function; map a bare attribute directly, and a bare value as a constant";
            return Err(vec![Fault::new(self.root.place, problem)]);
        };
        let checked = check.call(call, self.root.place, true);
        match checked {
            Some((root, result)) if check.faults.is_empty() => {
                Ok(Program { root, result: result.unwrap_or(ResultType::Text) })
            }
            _ => {
                check.faults.sort_by_key(|fault| fault.offset);
                Err(check.faults)
            }
        }
    }
}

/// A part that may be evaluated, and its type; `None` for a part that is always null.
type Checked = (Node, Option<ResultType>);

struct Check<'a, A: ?Sized> {
    attributes: &'a A,
    faults: Vec<Fault>,
}

impl<A: Attributes + ?Sized> Check<'_, A> {
    /// Notes a fault; gives nothing to evaluate.
    fn fault<T>(&mut self, place: Place, problem: impl Into<String>) -> Option<T> {
        self.faults.push(Fault::new(place, problem));
        None
    }

    fn call(&mut self, call: &Call, place: Place, is_whole: bool) -> Option<Checked> {
        let Some(signature) = functions::named(&call.name) else {
            let meant = nearest(&call.name, functions::functions().map(|function| function.name));
            let hint = meant.map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
            return self.fault(place, format!("there is no function {}{hint}", quoted(&call.name)));
        };
        if signature.gives == Gives::Candidates && !is_whole {
            return self.fault(place, format!("`{}` stands only outermost", signature.name));
        }
        self.count(signature, call, place)?;
        let mut arguments = Vec::with_capacity(call.arguments.len());
        let (mut result, mut is_sound) = (None, true);
        for (index, argument) in call.arguments.iter().enumerate() {
            let parameter = signature.parameter(index)?;
            let Some(argument) = argument else {
                if !parameter.is_optional {
                    is_sound = false;
                    self.faults.push(missing(signature, index, parameter, place));
                }
                arguments.push(None);
                continue;
            };
            let Some((node, kind)) = self.argument(signature, parameter, argument) else {
                is_sound = false;
                continue;
            };
            if parameter.flows && kind.is_some() {
                let Some(both) = either(result, kind) else {
                    let problem =
                        format!("`{}` gives a complex value in one case and a plain one in another", signature.name);
                    is_sound = false;
                    self.faults.push(Fault::new(argument.place, problem));
                    continue;
                };
                result = Some(both);
            }
            arguments.push(Some(node));
        }
        if !is_sound {
            return None;
        }
        if let Some(problem) = signature.check.and_then(|check| check(&arguments)) {
            return self.fault(place, problem);
        }
        let result = match signature.gives {
            Gives::Always(kind) => Some(kind),
            Gives::WhatFlows => result,
            Gives::Candidates => Some(ResultType::Text),
        };
        Some((Node { kind: NodeKind::Call(CallNode { signature, arguments }), place }, result))
    }

    /// Whether there are as many arguments as the function takes.
    fn count(&mut self, signature: &'static Signature, call: &Call, place: Place) -> Option<()> {
        let (given, least, named) = (call.arguments.len(), signature.arguments_min(), signature.parameters.len());
        let wanted = if signature.repeats > 0 {
            format!("at least {least}")
        } else if least == named {
            least.to_string()
        } else {
            format!("{least} to {named}")
        };
        let arguments = if wanted == "1" { "argument" } else { "arguments" };
        if given < least || (signature.repeats == 0 && given > named) {
            return self.fault(
                place,
                format!("`{}` takes {wanted} {arguments}, as in `{signature}`, not {given}", signature.name),
            );
        }
        let beyond = given.saturating_sub(named);
        if signature.repeats > 1 && beyond % signature.repeats != 0 {
            let last = signature.parameter(given)?.name;
            return self.fault(
                place,
                format!("`{}` takes pairs at its end, as in `{signature}`: a `{last}` is missing", signature.name),
            );
        }
        Some(())
    }

    fn argument(&mut self, signature: &Signature, parameter: &'static Parameter, argument: &Expr) -> Option<Checked> {
        let (node, kind) = self.part(argument, parameter.takes)?;
        let Parameter { name, takes, .. } = *parameter;
        let function = signature.name;
        if matches!(node.kind, NodeKind::AppRoleAssignments) {
            return match takes {
                Takes::AppRoleAssignments | Takes::Presence => Some((node, kind)),
                _ => {
                    let problem =
                        "[appRoleAssignments] goes through a function such as `AssertiveAppRoleAssignmentsComplex`";
                    self.fault(argument.place, problem)
                }
            };
        }
        let several = kind == Some(ResultType::MultiValued);
        if !takes.accepts(kind) {
            let found = if takes == Takes::AppRoleAssignments {
                "something else"
            } else {
                kind.map_or("nothing", ResultType::describe)
            };
            let hint = if several { "; take one with `Item` or join them with `Join`" } else { "" };
            let problem = format!("`{function}` takes {} as `{name}`, not {found}{hint}", takes.describe());
            return self.fault(argument.place, problem);
        }
        let NodeKind::Constant(constant) = &node.kind else { return Some((node, kind)) };
        if let Some(problem) = takes.problem(constant) {
            return self.fault(argument.place, format!("`{name}` of `{function}`: {problem}"));
        }
        if takes == Takes::Pattern {
            let text = constant.text().unwrap_or_default();
            if let Ok(pattern) = Pattern::parse(&text) {
                return Some((Node { kind: NodeKind::Pattern(text, Box::new(pattern)), place: node.place }, kind));
            }
        }
        Some((node, kind))
    }

    fn part(&mut self, part: &Expr, takes: Takes) -> Option<Checked> {
        let place = part.place;
        let constant = |value: Value, kind| Some((Node { kind: NodeKind::Constant(value), place }, Some(kind)));
        match &part.kind {
            Kind::Call(call) => self.call(call, place, false),
            Kind::Attribute(name) => self.attribute(name, place),
            Kind::Text(text) => constant(Value::Text(text.clone()), ResultType::Text),
            Kind::Integer(number) => constant(Value::Integer(*number), ResultType::Integer),
            Kind::Word(word) => match takes {
                Takes::OneOf(_) => constant(Value::Text(word.clone()), ResultType::Text),
                _ => {
                    let word = quoted(word);
                    let problem = format!(
                        "{word} is no value; attributes stand in [brackets], texts in \"quotes\", calls have (parentheses)"
                    );
                    self.fault(place, problem)
                }
            },
            Kind::Comparison(comparison) => match takes {
                Takes::Condition => self.comparison(comparison, place),
                _ => self.fault(place, "a comparison stands only in the condition of `IIF` or in `CBool`"),
            },
        }
    }

    fn attribute(&mut self, name: &str, place: Place) -> Option<Checked> {
        match self.attributes.attribute(name) {
            Some(AttributeType::Of(kind)) => {
                Some((Node { kind: NodeKind::Attribute(name.to_owned()), place }, Some(kind)))
            }
            Some(AttributeType::AppRoleAssignments) => {
                Some((Node { kind: NodeKind::AppRoleAssignments, place }, Some(ResultType::MultiValued)))
            }
            None => {
                let names = self.attributes.names();
                let hint = nearest(name, names.into_iter())
                    .map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
                self.fault(place, format!("the source has no attribute {}{hint}", quoted(name)))
            }
        }
    }

    fn comparison(&mut self, comparison: &Comparison, place: Place) -> Option<Checked> {
        let Comparison { left, operator, right } = comparison;
        let checked = [left, right].map(|side| {
            let (node, kind) = self.part(side, Takes::Text)?;
            if matches!(&node.kind, NodeKind::Constant(Value::Text(text)) if text.is_empty()) {
                return self.fault(side.place, "no comparison with an empty text holds; ask `IsNullOrEmpty`");
            }
            if !Takes::Text.accepts(kind) {
                let kind = kind.map_or("nothing", ResultType::describe);
                return self.fault(side.place, format!("one value is compared with another, not {kind}"));
            }
            Some(node)
        });
        let [Some(left), Some(right)] = checked else { return None };
        let node = ComparisonNode { left, operator: *operator, right };
        Some((Node { kind: NodeKind::Comparison(Box::new(node)), place }, Some(ResultType::Boolean)))
    }
}

fn missing(signature: &Signature, index: usize, parameter: &Parameter, place: Place) -> Fault {
    let number = index + 1;
    Fault::new(
        place,
        format!("`{}` needs its argument {number}, `{}`, as in `{signature}`", signature.name, parameter.name),
    )
}

/// The type of what is one or the other; `None` when nothing could take both.
fn either(one: Option<ResultType>, other: Option<ResultType>) -> Option<ResultType> {
    match (one, other) {
        (None, kind) | (kind, None) => kind,
        (Some(one), Some(other)) if one == other => Some(one),
        (Some(ResultType::Complex), Some(_)) | (Some(_), Some(ResultType::Complex)) => None,
        (Some(ResultType::MultiValued), Some(_)) | (Some(_), Some(ResultType::MultiValued)) => {
            Some(ResultType::MultiValued)
        }
        (Some(_), Some(_)) => Some(ResultType::Text),
    }
}
