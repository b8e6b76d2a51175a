//! Users whom a source does not name any more.

use super::sending::Sending;
use serde_json::{Value, json};

/// Deletes the users of the source whom it did not name, and answers why not where nobody is deleted.
///
/// # Errors
/// A server that cannot be reached.
pub(super) async fn delete(sending: &mut Sending, most: usize) -> anyhow::Result<Option<String>> {
    if !sending.is_clean() {
        return Ok(Some("Nobody is deleted, since not everything that the source says could be done.".to_owned()));
    }
    let (account, source) = (sending.run.account.clone(), sending.run.source.clone());
    let path = ["accounts", account.as_str(), "users"];
    let theirs = sending.client().list(&path, &[("source", &source)], usize::MAX).await?;
    let missing: Vec<Value> = theirs
        .into_iter()
        .filter(|user| user["id"].as_str().is_some_and(|id| !sending.has_seen(id)))
        .map(|user| json!({ "id": user["id"], "user_name": user["user_name"] }))
        .collect();
    if missing.len() > most {
        return Ok(Some(format!(
            "Nobody is deleted: the source does not name {} of its users any more, and --max-deletes is {most}.",
            missing.len()
        )));
    }
    for user in missing {
        let (id, name) = (user["id"].as_str().unwrap_or_default(), user["user_name"].as_str().unwrap_or_default());
        if sending.run.apply {
            sending.client().delete(&["accounts", &account, "users", id]).await?;
        }
        let verb = if sending.run.apply { "deleted" } else { "would be deleted" };
        sending.remark(&format!("missing: {name} {verb}"));
        sending.deleted.push(user);
    }
    Ok(None)
}
