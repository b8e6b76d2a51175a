//! What is stored sealed, and for which place: nowhere else does it open.

use provost_change::{AccountId, ResourceId};

/// Of an enterprise app's secret token.
pub(crate) fn secret_token(account: AccountId, app: ResourceId) -> Vec<u8> {
    [account.as_bytes().as_slice(), app.as_bytes()].concat()
}

/// Of an account's client secret at its identity provider.
pub(crate) fn client_secret(account: AccountId) -> Vec<u8> {
    [b"provost client secret 1".as_slice(), account.as_bytes()].concat()
}

/// Of where an account's audit log is sent.
pub(crate) fn audit_stream(account: AccountId) -> Vec<u8> {
    account.as_bytes().to_vec()
}

/// Of the secret of a user's authenticator app.
pub(crate) fn totp(account: AccountId, user: ResourceId) -> Vec<u8> {
    [b"provost totp 1".as_slice(), account.as_bytes(), user.as_bytes()].concat()
}
