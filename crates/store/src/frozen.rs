//! How it is stored that an account takes no changes: `moving:` or `moved:`, and the token of the move.

use crate::StoreError;
use provost_change::Frozen;

/// The text that stands for it.
pub(crate) fn text(frozen: Frozen) -> String {
    match frozen {
        Frozen::Moving(token) => format!("moving:{token}"),
        Frozen::Moved(token) => format!("moved:{token}"),
    }
}

/// What a text stands for.
pub(crate) fn read(text: &str) -> Result<Frozen, StoreError> {
    let corrupt = || StoreError::Corrupt(format!("an account is frozen as `{text}`"));
    let (state, token) = text.split_once(':').ok_or_else(corrupt)?;
    let token = token.parse().map_err(|_| corrupt())?;
    match state {
        "moving" => Ok(Frozen::Moving(token)),
        "moved" => Ok(Frozen::Moved(token)),
        _ => Err(corrupt()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn what_was_written_is_read() {
        for frozen in [Frozen::Moving(Uuid::from_u128(7)), Frozen::Moved(Uuid::nil())] {
            assert_eq!(read(&text(frozen)), Ok(frozen));
        }
        for other in ["", "moving", "moved:", "moved:x", "asleep:00000000-0000-0000-0000-000000000000"] {
            assert!(matches!(read(other), Err(StoreError::Corrupt(_))), "{other}");
        }
    }
}
