//! Who was invited to the console and has not come: a link to set a password went out, and nobody has used it.

use super::{
    Answer,
    asked::InAccount,
    page::{self, PageQuery},
    users::Named,
};
use crate::search;
use jiff::Timestamp;
use provost_accounts::{User, credentials};
use provost_change::{Kind, ResourceId};
use provost_store::Search;
use serde::Serialize;
use utoipa::ToSchema;

/// Somebody who was sent a link to set a password and has not set one.
#[derive(Serialize, ToSchema)]
pub(super) struct InvitedView {
    /// The user.
    user: Named,
    /// To which address the link went; null where it was shown to the operator instead.
    to: Option<String>,
    /// When it went out.
    #[schema(value_type = String, format = DateTime)]
    sent: Timestamp,
    /// Until when it works.
    #[schema(value_type = String, format = DateTime)]
    expires: Timestamp,
    /// Whether it works now: it has not expired, the user is enabled, and the address is still the user's.
    works: bool,
}

/// The users in order of their ids. Who is deleted is not among them, so that a page may be shorter than asked for.
pub(super) async fn list(asked: InAccount) -> Answer {
    let query: PageQuery = asked.request.query()?;
    let page = query.page::<ResourceId>()?;
    let (app, account) = (&asked.request.app, asked.account());
    let invited = search::under(Kind::CREDENTIALS, credentials::invited());
    let search = Search { after: page.after, limit: page.limit_and_one(), ..invited };
    let mut records = app.store().search(account, &search).await?.records;
    let next = page::cut(&mut records, page.limit, |record| record.id);
    let keys: Vec<(Kind, ResourceId)> = records.iter().map(|record| (Kind::USER, record.id)).collect();
    let users = app.store().load(account, &keys).await?;
    let now = app.now();
    let mut shown = Vec::new();
    for (record, user) in records.iter().zip(users) {
        let (Some(user), Some(link)) = (user, credentials::read(account, record)?.link) else { continue };
        let user = User::read(account, user)?;
        shown.push(InvitedView {
            works: credentials::works(&link, &user, now),
            sent: credentials::sent(&link),
            expires: link.expires,
            to: Some(link.address).filter(|address| !address.is_empty()),
            user: Named { id: user.id().to_string(), name: user.user_name().to_owned() },
        });
    }
    page::list(shown, next)
}
