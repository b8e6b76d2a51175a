//! Users and groups that a source does not name any more.

use super::sending::Sending;
use serde_json::{Value, json};

/// Deletes the users of the source whom it did not name, and the groups where those are read, and answers why not where nobody is deleted.
///
/// # Errors
/// A server that cannot be reached.
pub(super) async fn delete(sending: &mut Sending, most: usize) -> anyhow::Result<Option<String>> {
    if !sending.is_clean() {
        return Ok(Some("Nobody is deleted, since not everything that the source says could be done.".to_owned()));
    }
    let (account, source) = (sending.run.account.clone(), sending.run.source.clone());
    let mut missing: Vec<(&str, Value)> = Vec::new();
    for (of, name) in
        [("users", "user_name"), ("groups", "display_name")].into_iter().take(1 + usize::from(sending.keeps_ids))
    {
        let theirs = sending.client().list(&["accounts", &account, of], &[("source", &source)], usize::MAX).await?;
        let gone = theirs.into_iter().filter(|one| one["id"].as_str().is_some_and(|id| !sending.has_seen(id)));
        missing.extend(gone.map(|one| (of, json!({ "id": one["id"], name: one[name] }))));
    }
    if missing.len() > most {
        let what = if sending.keeps_ids { "users and groups" } else { "users" };
        return Ok(Some(format!(
            "Nobody is deleted: the source does not name {} of its {what} any more, and --max-deletes is {most}.",
            missing.len()
        )));
    }
    for (of, one) in missing {
        let name = one["user_name"].as_str().or(one["display_name"].as_str()).unwrap_or_default();
        if sending.run.apply {
            sending.client().delete(&["accounts", &account, of, one["id"].as_str().unwrap_or_default()]).await?;
        }
        let verb = if sending.run.apply { "deleted" } else { "would be deleted" };
        sending.remark(&format!("missing: {name} {verb}"));
        sending.deleted.push(one);
    }
    Ok(None)
}
