//! `Replace`: five functions under one name, told apart by which arguments are given.

use crate::{
    evaluate::{Args, Stop},
    pattern::{Pattern, Replacement},
    place::quoted,
    program::{Node, NodeKind},
    signature::{Gives, Parameter, ResultType, Signature, Takes},
    value::Value,
};

const SOURCE: usize = 0;
const OLD: usize = 1;
const PATTERN: usize = 2;
const GROUP: usize = 3;
const REPLACEMENT: usize = 4;
const ATTRIBUTE: usize = 5;
const TEMPLATE: usize = 6;

pub(super) const TABLE: &[Signature] = &[Signature::new(
    "Replace",
    &[
        Parameter::required("source", Takes::Text),
        Parameter::optional("oldValue", Takes::SomeText),
        Parameter::optional("regexPattern", Takes::Pattern),
        Parameter::optional("regexGroupName", Takes::SomeText),
        Parameter::optional("replacementValue", Takes::Text),
        Parameter::optional("replacementAttributeName", Takes::Text),
        Parameter::optional("template", Takes::Text),
    ],
    Gives::Always(ResultType::Text),
    "The source with a text, or what a pattern matches, replaced; or a template with the source put in.",
    run,
)
.checked(check)];

/// What the given arguments ask for.
enum Mode {
    /// `oldValue` in the source becomes `replacementValue`.
    Text,
    /// `oldValue` in the template becomes the source.
    Template,
    /// What the group matches becomes `replacementValue`.
    Group,
    /// What the pattern matches becomes `replacementValue`.
    Pattern,
    /// The source, or else what the group matches in the other attribute.
    Attribute,
}

impl Mode {
    fn of(is_given: impl Fn(usize) -> bool) -> Option<Self> {
        let given = |indexes: &[usize]| indexes.iter().all(|index| is_given(*index));
        if given(&[OLD, REPLACEMENT]) {
            Some(Self::Text)
        } else if given(&[OLD, TEMPLATE]) {
            Some(Self::Template)
        } else if given(&[PATTERN, GROUP, REPLACEMENT]) {
            Some(Self::Group)
        } else if given(&[PATTERN, REPLACEMENT]) {
            Some(Self::Pattern)
        } else if given(&[PATTERN, GROUP, ATTRIBUTE]) {
            Some(Self::Attribute)
        } else {
            None
        }
    }
}

fn check(arguments: &[Option<Node>]) -> Option<String> {
    let kind = |index: usize| arguments.get(index).and_then(|argument| argument.as_ref()).map(|node| &node.kind);
    if Mode::of(|index| kind(index).is_some()).is_none() {
        let ways = [
            "oldValue and replacementValue",
            "oldValue and template",
            "regexPattern and replacementValue, with or without regexGroupName",
            "regexPattern, regexGroupName and replacementAttributeName",
        ];
        return Some(format!("`Replace` needs {}", ways.join("; or ")));
    }
    let (Some(NodeKind::Pattern(_, pattern)), Some(NodeKind::Constant(group))) = (kind(PATTERN), kind(GROUP)) else {
        return None;
    };
    let group = group.text().unwrap_or_default();
    pattern.group(&group).is_none().then(|| no_group(&group))
}

fn no_group(group: &str) -> String {
    format!("the pattern has no group {}", quoted(group))
}

fn run(args: &mut Args<'_, '_, '_>) -> Result<Value, Stop> {
    let source = args.text(SOURCE)?;
    match (Mode::of(|index| args.is_given(index)), source) {
        (Some(Mode::Attribute), source) => attribute(args, source),
        (_, None) => Ok(Value::Null),
        (Some(Mode::Text), Some(source)) => {
            let (old, new) = (args.text_or_empty(OLD)?, args.text_or_empty(REPLACEMENT)?);
            every(args, &source, &old, &new)
        }
        (Some(Mode::Template), Some(source)) => {
            let (old, template) = (args.text_or_empty(OLD)?, args.text_or_empty(TEMPLATE)?);
            every(args, &template, &old, &source)
        }
        (Some(Mode::Group), Some(source)) => in_group(args, &source),
        (Some(Mode::Pattern), Some(source)) => by_pattern(args, &source),
        (None, Some(_)) => Err(args.fault("it has nothing to replace")),
    }
}

/// `text` with each `old` in it replaced; nothing is not looked for.
fn every(args: &mut Args<'_, '_, '_>, text: &str, old: &str, new: &str) -> Result<Value, Stop> {
    if old.is_empty() {
        return Ok(text.into());
    }
    let mut out = args.builder();
    for (index, part) in text.split(old).enumerate() {
        if index > 0 {
            out.push(new).map_err(|_| args.too_long())?;
        }
        out.push(part).map_err(|_| args.too_long())?;
    }
    Ok(out.finish())
}

fn by_pattern(args: &mut Args<'_, '_, '_>, source: &str) -> Result<Value, Stop> {
    let pattern = args.pattern(PATTERN)?;
    let replacement = args.text_or_empty(REPLACEMENT)?;
    let Some(pattern) = pattern else { return Ok(source.into()) };
    let replacement = Replacement::parse(&replacement, &pattern);
    let mut out = args.builder();
    let mut copied = 0;
    args.each_match(&pattern, source, |found| {
        let whole = found.whole();
        out.push(&source[copied..whole.start])?;
        replacement.expand(source, &found, |part| out.push(part))?;
        copied = whole.end;
        Ok(true)
    })?;
    out.push(&source[copied..]).map_err(|_| args.too_long())?;
    Ok(out.finish())
}

fn in_group(args: &mut Args<'_, '_, '_>, source: &str) -> Result<Value, Stop> {
    let pattern = args.pattern(PATTERN)?;
    let name = args.text_or_empty(GROUP)?;
    let replacement = args.text_or_empty(REPLACEMENT)?;
    let Some(pattern) = pattern else { return Ok(source.into()) };
    let group = group(args, &pattern, &name)?;
    let mut out = args.builder();
    let mut copied = 0;
    args.each_match(&pattern, source, |found| {
        if let Some(span) = found.group(group) {
            out.push(&source[copied..span.start])?;
            out.push(&replacement)?;
            copied = span.end;
        }
        Ok(true)
    })?;
    out.push(&source[copied..]).map_err(|_| args.too_long())?;
    Ok(out.finish())
}

fn attribute(args: &mut Args<'_, '_, '_>, source: Option<String>) -> Result<Value, Stop> {
    if let Some(source) = source.filter(|source| !source.is_empty()) {
        return Ok(Value::Text(source));
    }
    let pattern = args.pattern(PATTERN)?;
    let name = args.text_or_empty(GROUP)?;
    let other = args.text(ATTRIBUTE)?;
    let (Some(pattern), Some(other)) = (pattern, other) else { return Ok(Value::Null) };
    let group = group(args, &pattern, &name)?;
    let mut value = Value::Null;
    args.each_match(&pattern, &other, |found| {
        value = found.group(group).map_or(Value::Null, |span| other[span.range()].into());
        Ok(false)
    })?;
    Ok(value)
}

fn group(args: &Args<'_, '_, '_>, pattern: &Pattern, name: &str) -> Result<usize, Stop> {
    pattern.group(name).ok_or_else(|| args.fault(no_group(name)))
}
