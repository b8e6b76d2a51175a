//! Whether the log of an account is whole.

use provost_change::{Broken, ChainBase, Head, verify};
use provost_store::{Inspected, LogQuery, StoreError};

/// Log entries that are verified at once.
const ENTRIES_AT_ONCE: u64 = 5_000;

/// Verifies an account's log from its base to the entry that the head names; otherwise the first entry that does not fit.
///
/// # Errors
/// When the log cannot be read.
pub fn check(at: &Inspected<'_>, head: &Head) -> Result<Result<(), Broken>, StoreError> {
    let mut reached = head.base;
    while reached.seq < head.seq {
        let query = LogQuery {
            after: Some(reached.seq),
            before: Some(head.seq.saturating_add(1)),
            subject: None,
            newest_first: false,
            limit: ENTRIES_AT_ONCE,
        };
        let entries = at.log(&query)?;
        if entries.is_empty() {
            return Ok(Err(Broken { seq: reached.seq + 1, problem: "is missing" }));
        }
        match verify(reached, &entries) {
            Ok(end) => reached = end,
            Err(broken) => return Ok(Err(broken)),
        }
    }
    // What stands outside of the chain was put there by something else.
    let outside = [(None, Some(head.base.seq.saturating_add(1))), (Some(head.seq), None)];
    for (after, before) in outside {
        let query = LogQuery { after, before, subject: None, newest_first: false, limit: 1 };
        if let Some(entry) = at.log(&query)?.first() {
            return Ok(Err(Broken { seq: entry.seq, problem: "stands outside of the chain" }));
        }
    }
    if reached == (ChainBase { seq: head.seq, hash: head.hash }) {
        Ok(Ok(()))
    } else {
        Ok(Err(Broken { seq: head.seq, problem: "is not the one that the account's head names" }))
    }
}
