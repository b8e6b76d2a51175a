//! Leases: who does a piece of background work, and until when.

use super::connections::execute;
use super::fault::Fault;
use deadpool_postgres::Object;
use jiff::Timestamp;
use provost_change::AccountId;
use uuid::Uuid;

/// Takes the lease where it is free or over, or holds it longer.
pub(super) async fn take(
    connection: &Object,
    account: AccountId,
    name: &str,
    holder: Uuid,
    now: Timestamp,
    until: Timestamp,
) -> Result<bool, Fault> {
    const TAKE: &str = "
        INSERT INTO leases (account, name, holder, until) VALUES ($1, $2, $3, $4)
        ON CONFLICT (account, name) DO UPDATE SET holder = excluded.holder, until = excluded.until
         WHERE leases.holder = excluded.holder OR leases.until <= $5";
    let (now, until) = (now.as_microsecond(), until.as_microsecond());
    Ok(execute(connection, TAKE, &[&account.uuid(), &name, &holder, &until, &now]).await? == 1)
}
