//! The order in which operations run.

use super::{bulk, post};
use proptest::prelude::*;
use provost_scim::BulkRequest;
use serde_json::{Value, json};

/// A POST that creates `bulk_id` and refers to the others.
fn create(bulk_id: &str, others: &[&str]) -> Value {
    let members: Vec<Value> = others.iter().map(|other| json!({"value": format!("bulkId:{other}")})).collect();
    post("/Groups", bulk_id, json!({ "members": members }))
}

/// A PATCH of a resource that refers to the others.
fn change(path: &str, others: &[&str]) -> Value {
    let members: Vec<Value> = others.iter().map(|other| json!({"value": format!("bulkId:{other}")})).collect();
    json!({"method": "PATCH", "path": path, "data": {"Operations": [{"op": "add", "path": "members", "value": members}]}})
}

/// `2 0 1*a`: positions in the order of running, those in a cycle with its letter.
fn shown(request: &BulkRequest) -> String {
    let mut cycles = Vec::new();
    let mut shown = Vec::new();
    for ordered in request.order() {
        let letter = ordered.cycle.map(|cycle| {
            if !cycles.contains(&cycle) {
                cycles.push(cycle);
            }
            let number = cycles.iter().position(|known| *known == cycle).unwrap();
            char::from(b'a' + u8::try_from(number).unwrap())
        });
        shown.push(letter.map_or_else(|| ordered.index.to_string(), |letter| format!("{}*{letter}", ordered.index)));
    }
    shown.join(" ")
}

#[test]
fn operations_wait_for_what_they_refer_to() {
    for (name, operations, expected) in [
        ("BLK-23 none", json!([]), ""),
        (
            "BLK-23 the request's order",
            json!([create("a", &[]), create("b", &["a"]), change("/Groups/1", &["b"])]),
            "0 1 2",
        ),
        ("BLK-23 a forward reference", json!([create("g", &["u"]), create("x", &[]), create("u", &[])]), "1 2 0"),
        (
            "BLK-23 a chain",
            json!([create("a", &["b"]), create("b", &["c"]), create("c", &["d"]), create("d", &[])]),
            "3 2 1 0",
        ),
        (
            "BLK-23 in the path",
            json!([{"method": "DELETE", "path": "/Groups/bulkId:a"}, create("a", &[]), create("b", &[])]),
            "1 0 2",
        ),
        (
            "BLK-23 changes of one resource stay in order",
            json!([change("/Groups/1", &["a"]), change("/Groups/2", &[]), change("/Groups/1", &[]), create("a", &[])]),
            "1 3 0 2",
        ),
        ("BLK-25 unknown references wait for nothing", json!([create("a", &["z"]), create("b", &[])]), "0 1"),
        (
            "BLK-25 nor do references to a malformed POST",
            json!([create("a", &["b"]), {"method": "POST", "path": "/Groups", "bulkId": "b"}, 7]),
            "0 1 2",
        ),
        ("BLK-24 two in a circle", json!([create("a", &["b"]), create("b", &["a"])]), "0*a 1*a"),
        ("BLK-24 one that refers to itself", json!([create("a", &["a"]), create("b", &[])]), "0*a 1"),
        (
            "BLK-24 who waits for a circle is not in it",
            json!([
                change("/Groups/1", &["a"]),
                create("x", &["a"]),
                create("a", &["b"]),
                create("b", &["a", "c"]),
                create("c", &[])
            ]),
            "2*a 0 1 4 3*a",
        ),
        (
            "BLK-24 two circles, one waits for the other",
            json!([create("a", &["b", "c"]), create("b", &["a"]), create("c", &["d"]), create("d", &["c"])]),
            "1*a 2*b 0*a 3*b",
        ),
    ] {
        assert_eq!(shown(&bulk(operations)), expected, "{name}");
    }
}

#[test]
fn long_chains_and_dense_references_are_cheap() {
    let count: usize = 5_000;
    let names: Vec<String> = (0..=count).map(|number| number.to_string()).collect();
    let chain: Vec<Value> = (0..count).map(|number| create(&names[number], &[&names[number + 1]])).collect();
    let order = bulk(Value::from(chain)).order();
    assert!(order.iter().map(|ordered| ordered.index).eq((0..count).rev()), "BLK-23 a chain of {count}");
    assert!(order.iter().all(|ordered| ordered.cycle.is_none()));

    let mut circle: Vec<Value> = (0..count - 1).map(|number| create(&names[number], &[&names[number + 1]])).collect();
    circle.push(create(&names[count - 1], &[&names[0]]));
    let order = bulk(Value::from(circle)).order();
    assert!(order.iter().map(|ordered| ordered.index).eq(0..count), "BLK-24 a circle of {count}");
    assert!(order.iter().all(|ordered| ordered.cycle.is_some() && ordered.cycle == order[0].cycle));

    let all: Vec<&str> = names[..300].iter().map(String::as_str).collect();
    let dense: Vec<Value> = all.iter().map(|name| create(name, &all)).collect();
    assert_eq!(bulk(Value::from(dense)).order().len(), 300, "90,000 references");
}

proptest! {
    /// Each operation is there once, after what it refers to unless they are in one cycle; two that could keep the request's
    /// order keep it when nothing waits.
    #[test]
    fn every_operation_runs_once_after_what_it_needs(references in prop::collection::vec(prop::collection::vec(0_usize..12, 0..3), 0..12)) {
        let count = references.len();
        let name = |number: &usize| (number % count).to_string();
        let operations: Vec<Value> = references.iter().enumerate().map(|(number, others)| {
            let others: Vec<String> = others.iter().map(name).collect();
            create(&number.to_string(), &others.iter().map(String::as_str).collect::<Vec<_>>())
        }).collect();
        let order = bulk(Value::from(operations)).order();
        let position = |index: usize| order.iter().position(|ordered| ordered.index == index).unwrap();
        prop_assert_eq!(order.len(), count);
        let reaches = closure(&references, count);
        for (index, others) in references.iter().enumerate() {
            let cycle = order[position(index)].cycle;
            prop_assert_eq!(cycle.is_some(), reaches[index][index], "{} is in a cycle when it leads back to itself", index);
            for other in others.iter().map(|other| other % count) {
                let is_one_cycle = cycle.is_some() && cycle == order[position(other)].cycle;
                prop_assert_eq!(is_one_cycle, reaches[other][index]);
                prop_assert!(is_one_cycle || position(other) < position(index));
            }
        }
        if references.iter().all(Vec::is_empty) {
            prop_assert!(order.iter().map(|ordered| ordered.index).eq(0..count));
        }
    }
}

/// Which operation leads to which, in one step or more.
fn closure(references: &[Vec<usize>], count: usize) -> Vec<Vec<bool>> {
    let mut reaches = vec![vec![false; count]; count];
    for (index, others) in references.iter().enumerate() {
        others.iter().for_each(|other| reaches[index][other % count] = true);
    }
    for middle in 0..count {
        for from in 0..count {
            for to in 0..count {
                reaches[from][to] |= reaches[from][middle] && reaches[middle][to];
            }
        }
    }
    reaches
}
