//! Ids and passwords, of random bytes that come from outside.

use crate::{
    evaluate::{Args, Stop},
    program::{Node, NodeKind},
    signature::{Gives, Parameter, ResultType, Signature, Takes, integer},
    value::Value,
};

const TEXT: Gives = Gives::Always(ResultType::Text);
const LENGTH_MAX: i64 = 256;
const MINIMUM: Takes = Takes::Integer(0, LENGTH_MAX);
const TOO_MANY: &str = "its minimums add up to more than its length";

const DIGITS: &str = "0123456789";
/// What Active Directory counts as special characters of a password.
const SPECIAL: &str = "~!@#$%^&*_-+=`|\\(){}[]:;\"'<>,.?/";
const CAPITALS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const SMALL: &str = "abcdefghijklmnopqrstuvwxyz";

/// The kinds of characters, in the order of the minimums.
const KINDS: [&str; 4] = [DIGITS, SPECIAL, CAPITALS, SMALL];

pub(super) const TABLE: &[Signature] = &[
    Signature::new("Guid", &[], TEXT, "A new random GUID.", |args| {
        let mut bytes = [0; 16];
        (args.inputs().random)(&mut bytes);
        Ok(uuid::Builder::from_random_bytes(bytes).into_uuid().to_string().into())
    }),
    Signature::new(
        "RandomString",
        &[
            Parameter::required("Length", Takes::Integer(1, LENGTH_MAX)),
            Parameter::required("MinimumNumbers", MINIMUM),
            Parameter::required("MinimumSpecialCharacters", MINIMUM),
            Parameter::required("MinimumCapital", MINIMUM),
            Parameter::required("MinimumLowerCase", MINIMUM),
            Parameter::optional("CharactersToAvoid", Takes::Text),
        ],
        TEXT,
        "A random text with at least so many characters of each kind.",
        random_string,
    )
    .checked(check),
];

fn check(arguments: &[Option<Node>]) -> Option<String> {
    let constant = |index: usize| match arguments.get(index)?.as_ref().map(|node| &node.kind)? {
        NodeKind::Constant(value) => integer(value),
        _ => None,
    };
    let length = constant(0)?;
    let least: i64 = (1..=KINDS.len()).filter_map(constant).sum();
    (least > length).then(|| format!("`RandomString`: {TOO_MANY}"))
}

/// What is beyond the minimums is drawn from the kinds that have one, or from letters and digits when none has.
fn random_string(args: &mut Args<'_, '_, '_>) -> Result<Value, Stop> {
    let mut numbers = [0_usize; 1 + KINDS.len()];
    for (index, number) in numbers.iter_mut().enumerate() {
        *number = usize::try_from(args.integer(index)?.unwrap_or(0)).unwrap_or(usize::MAX);
    }
    let avoided = args.text_or_empty(5)?;
    let [length, minimums @ ..] = numbers;
    if length == 0 || minimums.iter().sum::<usize>() > length {
        return Err(args.fault(TOO_MANY));
    }
    let without = |kind: &str| kind.chars().filter(|character| !avoided.contains(*character)).collect::<Vec<char>>();
    let kinds = KINDS.map(without);
    let mut drawn = Vec::with_capacity(length);
    for (kind, minimum) in kinds.iter().zip(minimums) {
        for _ in 0..minimum {
            drawn.push(pick(args, kind)?);
        }
    }
    let is_wanted = |index: usize| {
        if minimums.iter().any(|minimum| *minimum > 0) { minimums[index] > 0 } else { KINDS[index] != SPECIAL }
    };
    let rest: Vec<char> =
        (0..KINDS.len()).filter(|index| is_wanted(*index)).flat_map(|index| kinds[index].clone()).collect();
    while drawn.len() < length {
        drawn.push(pick(args, &rest)?);
    }
    for end in (1..drawn.len()).rev() {
        let other = below(args, end + 1);
        drawn.swap(end, other);
    }
    Ok(Value::Text(drawn.into_iter().collect()))
}

fn pick(args: &mut Args<'_, '_, '_>, from: &[char]) -> Result<char, Stop> {
    if from.is_empty() {
        return Err(args.fault("`CharactersToAvoid` leaves none of the characters that it needs"));
    }
    Ok(from[below(args, from.len())])
}

/// A random number from 0 to `bound` - 1, each as likely as the others to one part in 2^50.
fn below(args: &mut Args<'_, '_, '_>, bound: usize) -> usize {
    let mut bytes = [0; 8];
    (args.inputs().random)(&mut bytes);
    let scaled = (u128::from(u64::from_le_bytes(bytes)) * bound as u128) >> 64;
    usize::try_from(scaled).unwrap_or(0)
}
