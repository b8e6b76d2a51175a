//! The operator's key: a bearer token for the whole installation, in a file that only its owner reads.

use anyhow::{Context, bail};
use provost_accounts::api_key::hex;
use provost_server::{Entropy, operator_mark};
use provost_store::PostgresStore;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The name of the file in a data folder.
pub const FILE: &str = "operator.key";
/// The name of the file with the key that takes its place, while everything is being sealed with it.
pub const NEXT: &str = "operator.key.next";
/// Under what the servers on a database know their key.
const MARK: &str = "operator-key";
/// Under what they know the key that is to take its place.
const MARK_NEXT: &str = "operator-key-next";
/// What a server says that must not start meanwhile.
const ROTATING: &str = "a rotation of the operator's key was not finished: run `provost rotate-key` again";
const PREFIX: &str = "prvop_";
/// 256 bits in hexadecimal.
const DIGITS: usize = 64;

/// Where the key of a data folder is.
pub fn path(data: &Path) -> PathBuf {
    data.join(FILE)
}

/// Makes the data folder, where the database has not done so.
///
/// # Errors
/// A folder that cannot be made.
pub fn make_folder(data: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(data).with_context(|| format!("the data folder `{}` cannot be used", data.display()))
}

/// Reads the key, or makes one where there is none: `prvop_` and 64 hexadecimal digits.
///
/// # Errors
/// A file that cannot be read or written, or holds something else.
pub fn read_or_make(data: &Path, entropy: &dyn Entropy) -> anyhow::Result<String> {
    let path = path(data);
    if fs::exists(data.join(NEXT)).is_ok_and(|exists| exists) {
        bail!("{ROTATING} (`{}` is there)", data.join(NEXT).display());
    }
    match fs::read_to_string(&path) {
        Ok(text) => {
            warn_when_open_to_others(&path);
            read(&text).with_context(|| {
                format!("{} does not hold an operator's key; remove it to have a new one made", path.display())
            })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let key = make(entropy);
            write(data, &path, &key).with_context(|| format!("cannot write {}", path.display()))?;
            tracing::info!(file = %path.display(), "Wrote a new operator's key.");
            Ok(key)
        }
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// The key of all servers on a database: that of the data folder, or one made for the first of them. The database knows it by a mark.
///
/// # Errors
/// A file that cannot be read or written, or holds another key than that of the other servers, or is missing while they have one.
pub async fn shared(store: &PostgresStore, data: &Path, entropy: &dyn Entropy) -> anyhow::Result<String> {
    let path = path(data);
    if store.decided(MARK_NEXT).await?.is_some() {
        bail!("{ROTATING}, from the data folder where it was begun");
    }
    let known = store.decided(MARK).await?;
    if known.is_some() && fs::exists(&path).is_ok_and(|exists| !exists) {
        bail!("the servers on this database have an operator's key: copy it from one of them to {}", path.display());
    }
    let key = read_or_make(data, entropy)?;
    let mark = match known {
        Some(mark) => mark,
        None => store.decide(MARK, &mark_of(&key, entropy)).await?,
    };
    if !operator_mark::is_of(&mark, &key) {
        bail!("{} is not the operator's key of the other servers on this database: copy theirs there", path.display());
    }
    Ok(key)
}

fn mark_of(key: &str, entropy: &dyn Entropy) -> Vec<u8> {
    let mut salt = [0; operator_mark::SALT];
    entropy.fill(&mut salt);
    operator_mark::make(key, salt)
}

/// The key of a data folder and the one that is to take its place; that is made, and stays in its file until [`take_over`].
///
/// # Errors
/// A folder without a key, files that cannot be read or written or hold something else.
pub fn rotation(data: &Path, entropy: &dyn Entropy) -> anyhow::Result<(String, String)> {
    let (path, next) = (path(data), data.join(NEXT));
    let key = |path: &Path| {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        read(&text).with_context(|| format!("{} does not hold an operator's key", path.display()))
    };
    let from = key(&path)?;
    if !next.exists() {
        write(data, &next, &make(entropy)).with_context(|| format!("cannot write {}", next.display()))?;
    }
    Ok((from, key(&next)?))
}

/// Tells the servers on a database that they get another key, before anything is sealed with it.
///
/// # Errors
/// A database that other servers use with another key, or whose key is being rotated from another data folder.
pub async fn announce(store: &PostgresStore, (from, to): (&str, &str), entropy: &dyn Entropy) -> anyhow::Result<()> {
    let known = store.decided(MARK).await?;
    if known.is_some_and(|mark| !operator_mark::is_of(&mark, from) && !operator_mark::is_of(&mark, to)) {
        bail!("this folder's operator's key is not the one of the servers on this database");
    }
    let mark = store.decide(MARK_NEXT, &mark_of(to, entropy)).await?;
    if !operator_mark::is_of(&mark, to) {
        bail!("the operator's key is being rotated from another data folder: go on there");
    }
    Ok(())
}

/// Lets the servers on a database start again, with the new key.
///
/// # Errors
/// A database that does not answer.
pub async fn agree(store: &PostgresStore, to: &str, entropy: &dyn Entropy) -> anyhow::Result<()> {
    store.decide_anew(MARK, &mark_of(to, entropy)).await?;
    Ok(store.undecide(MARK_NEXT).await?)
}

/// Puts the new key into the place of the old one.
///
/// # Errors
/// A folder that cannot be written.
pub fn take_over(data: &Path) -> anyhow::Result<()> {
    let moved = fs::rename(data.join(NEXT), path(data)).and_then(|()| File::open(data)?.sync_all());
    moved.with_context(|| format!("cannot replace {}", path(data).display()))
}

fn read(text: &str) -> anyhow::Result<String> {
    let key = text.trim();
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    match key.strip_prefix(PREFIX) {
        Some(digits) if digits.len() == DIGITS && digits.bytes().all(is_digit) => Ok(key.to_owned()),
        Some(_) | None => bail!("expected {PREFIX} and {DIGITS} hexadecimal digits"),
    }
}

fn make(entropy: &dyn Entropy) -> String {
    let mut secret = [0; DIGITS / 2];
    entropy.fill(&mut secret);
    format!("{PREFIX}{}", hex(&secret))
}

/// The file appears whole or not at all, and never in place of another; temporary files are their owner's alone.
fn write(data: &Path, path: &Path, key: &str) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(data)?;
    writeln!(file, "{key}")?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path)?;
    File::open(data)?.sync_all()
}

#[cfg(unix)]
fn warn_when_open_to_others(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path).map_or(0, |found| found.permissions().mode());
    if mode & 0o077 != 0 {
        tracing::warn!(file = %path.display(), "Others on this machine can read the operator's key: chmod 600 it.");
    }
}

#[cfg(not(unix))]
fn warn_when_open_to_others(_: &Path) {}

#[cfg(test)]
mod tests {
    use super::*;
    use provost_server::CountingEntropy;

    #[test]
    fn the_key_is_made_once() {
        let data = tempfile::tempdir().unwrap();
        let entropy = CountingEntropy::default();
        let made = read_or_make(data.path(), &entropy).unwrap();
        assert_eq!(made, format!("prvop_{}1", "0".repeat(63)));
        assert_eq!(read_or_make(data.path(), &entropy).unwrap(), made);
        assert_eq!(fs::read_dir(data.path()).unwrap().count(), 1, "nothing else is left behind");
    }

    #[test]
    fn a_rotation_keeps_its_key_until_it_takes_over() {
        let data = tempfile::tempdir().unwrap();
        let entropy = CountingEntropy::default();
        assert!(rotation(data.path(), &entropy).is_err(), "there is nothing to rotate");
        let first = read_or_make(data.path(), &entropy).unwrap();
        let (from, to) = rotation(data.path(), &entropy).unwrap();
        assert!(from == first && to != first);
        assert_eq!(rotation(data.path(), &entropy).unwrap(), (from, to.clone()), "begun again, it goes on");
        let error = read_or_make(data.path(), &entropy).unwrap_err().to_string();
        assert!(error.contains("run `provost rotate-key` again"), "{error}");
        take_over(data.path()).unwrap();
        assert_eq!(read_or_make(data.path(), &entropy).unwrap(), to);
        assert_eq!(fs::read_dir(data.path()).unwrap().count(), 1, "nothing else is left behind");
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let data = tempfile::tempdir().unwrap();
        for text in ["", "prvop_", "secret", &format!("prvop_{}", "G".repeat(64)), &format!("prvop_{}", "0".repeat(63))]
        {
            fs::write(path(data.path()), text).unwrap();
            let error = read_or_make(data.path(), &CountingEntropy::default()).unwrap_err();
            assert!(format!("{error:#}").contains("does not hold an operator's key"), "{text}: {error:#}");
        }
    }
}
