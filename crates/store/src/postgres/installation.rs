//! What all nodes on a database have to agree about. Whoever says it first decides.

use super::connections::{execute, first};
use super::fault::Fault;
use super::row;
use deadpool_postgres::Object;

/// What was decided; none when nobody has said anything yet.
pub(super) async fn decided(connection: &Object, name: &str) -> Result<Option<Vec<u8>>, Fault> {
    const DECIDED: &str = "SELECT value FROM installation WHERE name = $1";
    first(connection, DECIDED, &[&name]).await?.map(|found| row::get(&found, 0)).transpose()
}

/// Decides it, unless somebody has: what holds then.
pub(super) async fn decide(connection: &Object, name: &str, value: &[u8]) -> Result<Vec<u8>, Fault> {
    const DECIDE: &str = "INSERT INTO installation (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    execute(connection, DECIDE, &[&name, &value]).await?;
    Ok(decided(connection, name).await?.unwrap_or_else(|| value.to_vec()))
}

/// Says anew what holds, whatever was decided before.
pub(super) async fn decide_anew(connection: &Object, name: &str, value: &[u8]) -> Result<(), Fault> {
    const DECIDE_ANEW: &str = "
        INSERT INTO installation (name, value) VALUES ($1, $2)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    execute(connection, DECIDE_ANEW, &[&name, &value]).await?;
    Ok(())
}

/// Takes back what was decided.
pub(super) async fn undecide(connection: &Object, name: &str) -> Result<(), Fault> {
    const UNDECIDE: &str = "DELETE FROM installation WHERE name = $1";
    execute(connection, UNDECIDE, &[&name]).await?;
    Ok(())
}
