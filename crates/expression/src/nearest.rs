//! The name that somebody may have meant.

/// Names longer than this are not compared: nobody mistypes a URN by one letter and needs to be told.
const NAME_CHARACTERS_MAX: usize = 64;

/// The candidate nearest to `name`: equal but for case, or else at most a third of its letters away.
pub fn nearest<'c>(name: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let wanted: Vec<char> = name.to_lowercase().chars().collect();
    if wanted.len() > NAME_CHARACTERS_MAX {
        return None;
    }
    let rated = candidates.filter_map(|candidate| {
        let letters: Vec<char> = candidate.to_lowercase().chars().collect();
        (letters.len() <= NAME_CHARACTERS_MAX).then(|| (distance(&wanted, &letters), candidate))
    });
    let (away, candidate) = rated.min()?;
    (away <= (wanted.len() / 3).max(1)).then_some(candidate)
}

/// Letters to insert, remove or replace, and neighbours to swap.
fn distance(from: &[char], to: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=to.len()).collect();
    for (row, one) in from.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, other) in to.iter().enumerate() {
            let replaced = above[column] + usize::from(one != other);
            let least = replaced.min(above[column + 1] + 1).min(current[column] + 1);
            let is_swap = row > 0 && column > 0 && *one == to[column - 1] && *other == from[row - 1];
            current.push(if is_swap { least.min(before[column - 1] + 1) } else { least });
        }
        before = std::mem::replace(&mut above, current);
    }
    above[to.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        let names = ["Append", "ToLower", "ToUpper", "Join", "IIF", "Now"];
        let cases = [
            ("append", Some("Append")),
            ("Apend", Some("Append")),
            ("toupper", Some("ToUpper")),
            ("Jion", Some("Join")),
            ("Joun", Some("Join")),
            ("Concatenate", None),
            ("", None),
        ];
        for (name, expected) in cases {
            assert_eq!(nearest(name, names.into_iter()), expected, "{name}");
        }
        assert_eq!(nearest(&"a".repeat(65), names.into_iter()), None);
    }
}
