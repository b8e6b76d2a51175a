//! The audit log: append-only, hash-chained, erasable yet provable.
//!
//! Each entry's hash covers the one before it, so a changed, moved or missing entry is found. Personal values stand in a part
//! of their own; the chain covers only that part's salted digest, so it can be emptied (erasing a person, retention of
//! personal data) and the chain still verifies.

use crate::{AccountId, ResourceId};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest.
pub type Digest = [u8; 32];

/// An entry to append. Sequence number and hash are given at commit, where the order is known.
#[derive(Clone, Debug, PartialEq)]
pub struct LogEntry {
    /// When it happened.
    pub at: Timestamp,
    /// The record it is about, for finding it again.
    pub subject: Option<ResourceId>,
    /// JSON without personal values.
    pub public: String,
    /// Personal values.
    pub personal: Option<Personal>,
}

/// The part of an entry that can be erased.
#[derive(Clone, Debug, PartialEq)]
pub struct Personal {
    /// Random, so that the digest of a guessable value cannot be guessed.
    pub salt: [u8; 16],
    /// JSON.
    pub json: String,
}

/// An entry as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Logged {
    /// From 1, without gaps.
    pub seq: u64,
    /// When it happened.
    pub at: Timestamp,
    /// The record it is about.
    pub subject: Option<ResourceId>,
    /// JSON without personal values.
    pub public: String,
    /// Personal values, unless erased or never there.
    pub personal: Option<Personal>,
    /// Digest of the personal part, kept when that part is erased.
    pub personal_digest: Option<Digest>,
    /// Covers this entry and the hash before it.
    pub hash: Digest,
}

/// Where a chain begins: nothing before sequence number `seq` + 1 is kept, and `hash` is what the next entry builds on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainBase {
    /// The last sequence number that is not kept; 0 when all are.
    pub seq: u64,
    /// Its hash.
    pub hash: Digest,
}

/// The first entry that does not fit, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("audit entry {seq}: {problem}")]
pub struct Broken {
    /// Which entry.
    pub seq: u64,
    /// What does not fit.
    pub problem: &'static str,
}

impl ChainBase {
    /// The beginning of an account's log: its hash is bound to the account, so that one account's log is never another's.
    pub fn of(account: AccountId) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(b"provost audit chain 1");
        hasher.update(account.as_bytes());
        Self { seq: 0, hash: hasher.finalize().into() }
    }
}

impl LogEntry {
    /// The entry as it is stored behind `previous`.
    pub fn chained(self, seq: u64, previous: &Digest) -> Logged {
        let personal_digest = self.personal.as_ref().map(personal_digest);
        let hash = link(previous, seq, self.at, self.subject, &self.public, personal_digest.as_ref());
        Logged {
            seq,
            at: self.at,
            subject: self.subject,
            public: self.public,
            personal: self.personal,
            personal_digest,
            hash,
        }
    }
}

/// The salted digest that stands for a personal part in the chain.
pub fn personal_digest(personal: &Personal) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update(personal.salt);
    hasher.update(personal.json.as_bytes());
    hasher.finalize().into()
}

/// The hash of an entry: covers the hash before it and every field, each with its length, so that no two entries read alike.
pub fn link(
    previous: &Digest,
    seq: u64,
    at: Timestamp,
    subject: Option<ResourceId>,
    public: &str,
    personal: Option<&Digest>,
) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update(previous);
    hasher.update(seq.to_be_bytes());
    hasher.update(at.as_microsecond().to_be_bytes());
    hasher.update([u8::from(subject.is_some())]);
    hasher.update(subject.map_or([0; 16], |id| *id.as_bytes()));
    hasher.update((public.len() as u64).to_be_bytes());
    hasher.update(public.as_bytes());
    hasher.update([u8::from(personal.is_some())]);
    hasher.update(personal.copied().unwrap_or([0; 32]));
    hasher.finalize().into()
}

/// Checks entries in order, from `base` on, and answers with the base of what may follow.
///
/// # Errors
/// The first entry that is missing, changed or out of order.
pub fn verify(base: ChainBase, entries: &[Logged]) -> Result<ChainBase, Broken> {
    let mut at = base;
    for entry in entries {
        let broken = |problem| Broken { seq: entry.seq, problem };
        if entry.seq != at.seq + 1 {
            return Err(Broken { seq: at.seq + 1, problem: "is missing" });
        }
        if entry.personal.is_some() && entry.personal.as_ref().map(personal_digest) != entry.personal_digest {
            return Err(broken("its personal part was changed"));
        }
        let digest = entry.personal_digest.as_ref();
        if link(&at.hash, entry.seq, entry.at, entry.subject, &entry.public, digest) != entry.hash {
            return Err(broken("was changed, or an entry before it was"));
        }
        at = ChainBase { seq: entry.seq, hash: entry.hash };
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn chain() -> (ChainBase, Vec<Logged>) {
        let base = ChainBase::of(AccountId::new(Uuid::nil()));
        let mut previous = base.hash;
        let entries = (1..=4)
            .map(|seq| {
                let entry = LogEntry {
                    at: Timestamp::UNIX_EPOCH,
                    subject: None,
                    public: format!("{{\"n\":{seq}}}"),
                    personal: Some(Personal { salt: [seq as u8; 16], json: "{\"who\":\"ann\"}".to_owned() }),
                };
                let logged = entry.chained(seq, &previous);
                previous = logged.hash;
                logged
            })
            .collect();
        (base, entries)
    }

    #[test]
    fn an_untouched_chain_verifies_to_its_last_entry() {
        let (base, entries) = chain();
        assert_eq!(verify(base, &entries), Ok(ChainBase { seq: 4, hash: entries[3].hash }));
    }

    #[test]
    fn an_erased_personal_part_still_verifies() {
        let (base, mut entries) = chain();
        entries[1].personal = None;
        assert!(verify(base, &entries).is_ok());
    }

    #[test]
    fn the_first_broken_entry_is_named() {
        type Damage = fn(&mut Vec<Logged>);
        let cases: [(&str, u64, Damage); 5] = [
            ("changed text", 3, |entries| entries[2].public.push(' ')),
            ("changed personal part", 2, |entries| entries[1].personal.as_mut().unwrap().json.push(' ')),
            ("changed time", 1, |entries| entries[0].at = Timestamp::MAX),
            ("removed", 2, |entries| drop(entries.remove(1))),
            ("swapped", 3, |entries| entries.swap(2, 3)),
        ];
        for (name, seq, damage) in cases {
            let (base, mut entries) = chain();
            damage(&mut entries);
            assert_eq!(verify(base, &entries).map_err(|broken| broken.seq), Err(seq), "{name}");
        }
    }
}
