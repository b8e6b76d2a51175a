//! Forms that were sent already: a second click, a reload or the Back button does not do a thing twice.
//!
//! The same bytes to the same address from the same page are the same form: a page loaded again has another token. Remembered in the
//! memory of this process is what was done, not what was refused.

use crate::console::answer::{SAID, noticed};
use axum::{
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{LOCATION, SET_COOKIE},
    },
    response::Response,
};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// For how long a form is known to have been sent.
const REMEMBERED: SignedDuration = SignedDuration::from_mins(30);
/// For how long its whole answer comes again, so that a double click loses nothing that is shown once.
const WHOLE: SignedDuration = SignedDuration::from_secs(30);
/// Forms that are remembered; beyond it the oldest are forgotten.
const SENT_MAX: usize = 10_000;

/// What tells a form from all others.
type Form = [u8; 32];
/// What came of a form: whoever sends it again waits until that is known.
type Outcome = Arc<tokio::sync::Mutex<Option<Done>>>;

/// The forms that were sent.
#[derive(Default)]
pub(super) struct Sent(Mutex<HashMap<Form, (Timestamp, Outcome)>>);

/// What was answered when the act was done.
struct Done {
    to: String,
    cookies: Vec<HeaderValue>,
    at: Timestamp,
}

/// What a form is known by.
pub(super) fn digest(session: &str, to: &str, body: &[u8]) -> Form {
    let parts = [session.as_bytes(), to.as_bytes(), body];
    let fold = |hash: Sha256, part: &[u8]| hash.chain_update((part.len() as u64).to_be_bytes()).chain_update(part);
    parts.into_iter().fold(Sha256::new(), fold).finalize().into()
}

impl Sent {
    /// Does what a form asks for, unless it was done: then the answer leads where it led before, and says so.
    pub async fn once(&self, form: Form, now: Timestamp, act: impl Future<Output = Response>) -> Response {
        let outcome = self.outcome(form, now);
        let mut outcome = outcome.lock().await;
        if let Some(done) = &*outcome {
            return done.again(now);
        }
        let answer = act.await;
        *outcome = Done::of(&answer, now);
        answer
    }

    fn outcome(&self, form: Form, now: Timestamp) -> Outcome {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= SENT_MAX {
            all.retain(|_, (at, _)| now < at.saturating_add(REMEMBERED).unwrap_or(Timestamp::MAX));
        }
        if all.len() >= SENT_MAX
            && let Some(oldest) = all.iter().min_by_key(|(_, (at, _))| *at).map(|(form, _)| *form)
        {
            all.remove(&oldest);
        }
        let is_over = |at: Timestamp| now >= at.saturating_add(REMEMBERED).unwrap_or(Timestamp::MAX);
        let (at, outcome) = all.entry(form).or_insert_with(|| (now, Outcome::default()));
        if is_over(*at) {
            (*at, *outcome) = (now, Outcome::default());
        }
        Arc::clone(outcome)
    }
}

impl Done {
    /// What an answer says was done: it leads on and says what.
    fn of(answer: &Response, now: Timestamp) -> Option<Self> {
        let headers = answer.headers();
        let to = headers.get(LOCATION)?.to_str().ok()?.to_owned();
        let cookies: Vec<HeaderValue> = headers.get_all(SET_COOKIE).iter().cloned().collect();
        let says = |cookie: &HeaderValue| cookie.to_str().is_ok_and(|cookie| cookie.starts_with(SAID));
        let is_done = answer.status() == StatusCode::SEE_OTHER && cookies.iter().any(says);
        is_done.then_some(Self { to, cookies, at: now })
    }

    fn again(&self, now: Timestamp) -> Response {
        let mut answer = noticed(&self.to, "This was sent already, and done once");
        if now < self.at.saturating_add(WHOLE).unwrap_or(Timestamp::MAX) {
            let says = |cookie: &&HeaderValue| cookie.to_str().is_ok_and(|cookie| cookie.starts_with(SAID));
            let others = self.cookies.iter().filter(|cookie| !says(cookie)).cloned();
            let headers: &mut HeaderMap = answer.headers_mut();
            headers.extend(others.map(|cookie| (SET_COOKIE, cookie)));
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::answer::{done, go, page};
    use std::sync::atomic::{AtomicU32, Ordering};

    fn said(answer: &Response) -> String {
        let cookies = answer.headers().get_all(SET_COOKIE).iter();
        cookies.map(|cookie| cookie.to_str().unwrap_or_default().split(';').next().unwrap_or_default()).collect()
    }

    #[tokio::test]
    async fn a_form_is_done_once_and_says_so_the_second_time() {
        let (sent, acts) = (Sent::default(), AtomicU32::new(0));
        let act = || async {
            acts.fetch_add(1, Ordering::Relaxed);
            done("/console/there", "User added")
        };
        let (form, now) = (digest("session", "/console/users", b"a=b"), Timestamp::UNIX_EPOCH);
        assert_eq!(said(&sent.once(form, now, act()).await), "provost_said=User%20added");
        let again = sent.once(form, now, act()).await;
        assert_eq!(again.headers()[LOCATION], "/console/there");
        assert_eq!(said(&again), "provost_said=This%20was%20sent%20already%2C%20and%20done%20once");
        assert_eq!(acts.load(Ordering::Relaxed), 1);
        sent.once(digest("session", "/console/users", b"a=c"), now, act()).await;
        sent.once(form, now + REMEMBERED, act()).await;
        assert_eq!(acts.load(Ordering::Relaxed), 3);
    }

    #[tokio::test]
    async fn what_was_refused_or_only_led_elsewhere_is_tried_again() {
        let (sent, acts) = (Sent::default(), AtomicU32::new(0));
        let form = digest("session", "/console/users", b"a=b");
        for _ in 0..2 {
            for answer in [page(provost_console::components::nothing()), go("/console")] {
                sent.once(form, Timestamp::UNIX_EPOCH, async {
                    acts.fetch_add(1, Ordering::Relaxed);
                    answer
                })
                .await;
            }
        }
        assert_eq!(acts.load(Ordering::Relaxed), 4);
    }

    #[test]
    fn parts_of_a_form_do_not_run_into_each_other() {
        assert_ne!(digest("a", "bc", b""), digest("ab", "c", b""));
    }
}
