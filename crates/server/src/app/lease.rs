//! Work in the background that one node does for all.

use super::App;
use jiff::SignedDuration;
use provost_change::AccountId;
use provost_store::StoreError;

/// A piece of work of an account that one node does at a time.
#[derive(Clone, Copy, Debug)]
pub(super) enum Work {
    /// Sending mails.
    Mail,
    /// Sending the audit log.
    Stream,
    /// Forgetting what is past its retention.
    Retention,
    /// Building and removing declared indexes.
    Index,
    /// Removing what stood below enterprise apps that are gone.
    Removal,
    /// Provisioning into the targets of enterprise apps.
    Provisioning,
}

impl Work {
    fn name(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Stream => "stream",
            Self::Retention => "retention",
            Self::Index => "index",
            Self::Removal => "removal",
            Self::Provisioning => "provisioning",
        }
    }
}

impl App {
    /// Whether this node may do the work from now on for so long. Asking again holds it longer.
    pub(super) async fn may_do(
        &self,
        account: AccountId,
        work: Work,
        time: SignedDuration,
    ) -> Result<bool, StoreError> {
        let now = self.now();
        let until = now.saturating_add(time).unwrap_or(now);
        self.store().lease(account, work.name(), self.0.node, now, until).await
    }

    /// Lets another node do the work.
    pub(super) async fn has_done(&self, account: AccountId, work: Work) {
        if let Err(error) = self.may_do(account, work, SignedDuration::ZERO).await {
            tracing::debug!(account.id = %account, %error, "A lease was not given up; it runs out.");
        }
    }
}
