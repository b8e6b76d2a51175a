//! Making accounts: the one write that no account's configuration judges.

use super::{App, Caller, Failure};
use provost_accounts::{
    Policy,
    account::{self, AccountEdit},
};
use provost_change::{AccountId, ResourceId};

impl App {
    /// Makes an account with its first policy.
    ///
    /// # Errors
    /// A name or a policy that cannot be, or what the store refuses.
    pub async fn create_account(
        &self,
        caller: &Caller,
        name: &str,
        policy: Policy,
        edit: AccountEdit,
    ) -> Result<AccountId, Failure> {
        let call = caller.call(self);
        let id = AccountId::new(call.new_id);
        let decided = account::create(id, &call, name, policy, edit, ResourceId::new(self.new_id()))?;
        self.commit(id, decided.change).await?;
        Ok(id)
    }
}
