//! Whether and how a result goes on its way.

use crate::{
    evaluate::{Args, Stop},
    signature::{Gives, Parameter, ResultType, Signature, Takes},
    value::Value,
};

const TEXT: Gives = Gives::Always(ResultType::Text);

pub(super) const TABLE: &[Signature] = &[
    Signature::new(
        "IgnoreFlowIfNullOrEmpty",
        &[Parameter::required("expression", Takes::Any).flowing()],
        Gives::WhatFlows,
        "The value; when there is none, or an empty text, the attribute is not sent at all.",
        |args| {
            let value = args.value(0)?;
            if value.is_null_or_empty() { Err(Stop::Ignored) } else { Ok(value) }
        },
    ),
    Signature::new(
        "Redact",
        &[Parameter::required("value", Takes::Any).flowing()],
        Gives::WhatFlows,
        "The value, shown as [Redact] in logs.",
        |args| args.hidden(0),
    ),
    Signature::new(
        "SelectUniqueValue",
        &[Parameter::required("rule1", Takes::Text), Parameter::required("rule2", Takes::Text)],
        Gives::Candidates,
        "The first of the values that no other object of the target has.",
        select_unique_value,
    )
    .repeating(1),
    Signature::new("DefaultDomain", &[], TEXT, "The default domain of the directory; null without one.", |args| {
        Ok(args.inputs().default_domain.map_or(Value::Null, Value::from))
    }),
    Signature::new(
        "Error",
        &[Parameter::required("message", Takes::Text)],
        TEXT,
        "No value: the object is not exported, and the log shows the message.",
        |args| {
            let message = args.text_or_empty(0)?;
            Err(args.fault(message))
        },
    ),
];

fn select_unique_value(args: &mut Args<'_, '_, '_>) -> Result<Value, Stop> {
    let mut candidates: Vec<String> = Vec::new();
    for index in 0..args.len() {
        let candidate = args.text_or_empty(index)?;
        if !candidate.is_empty() && !candidates.contains(&candidate) {
            candidates.push(candidate);
        }
    }
    Ok(Value::Many(candidates))
}
