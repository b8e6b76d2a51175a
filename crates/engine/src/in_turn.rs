//! Lists that are looked through in their order.

/// Finds what is mostly asked for in the order in which it stands: then it is the next one.
pub(crate) struct InTurn<'t, T> {
    all: &'t [T],
    next: usize,
}

impl<'t, T> InTurn<'t, T> {
    pub fn new(all: &'t [T]) -> Self {
        Self { all, next: 0 }
    }

    /// The one that is meant, wherever it stands.
    pub fn find(&mut self, is_meant: impl Fn(&T) -> bool) -> Option<&'t T> {
        let (before, behind) = self.all.split_at(self.next);
        let place = match behind.iter().position(&is_meant) {
            Some(place) => self.next + place,
            None => before.iter().position(&is_meant)?,
        };
        self.next = place + 1;
        self.all.get(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_the_order_the_same_is_found() {
        let all = ["a", "b", "c", "d"];
        let mut turn = InTurn::new(&all);
        for asked in ["a", "b", "d", "x", "b", "a", "a", "d", "d", "c"] {
            assert_eq!(turn.find(|one| *one == asked), all.iter().find(|one| **one == asked), "{asked}");
        }
        assert_eq!(InTurn::new(&[]).find(|one: &u8| *one == 1), None);
    }
}
