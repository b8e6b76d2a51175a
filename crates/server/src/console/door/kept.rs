//! Forms that could not be taken: what was typed is kept for a while, for whoever typed it, and shown again where it was typed.
//!
//! They are kept in the memory of this process, without anything secret: another node does not know them, and neither does this one
//! when it was started again. Only whoever was once signed in can have something kept, and each of those only little.

use super::Door;
use crate::console::{
    access::Whose,
    answer::{Answer, noticed},
    form::{MEDIA_TYPE, TOKEN},
    visit::Visit,
};
use axum::{
    Extension, Router,
    body::Body,
    http::{HeaderValue, Method, Request, header},
    response::Response,
};
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};
use tower::ServiceExt;
use url::form_urlencoded;

/// For how long a form is kept.
const LIFETIME: SignedDuration = SignedDuration::from_mins(30);
/// Forms of one person: somebody with more tabs loses the oldest.
const OF_ONE_MAX: usize = 8;
/// What all forms together may take, in bytes; beyond it the oldest go.
const BYTES_MAX: usize = 32 * 1024 * 1024;

/// Why a form was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::console) enum Why {
    /// The session had ended.
    SignedOut,
    /// The page is from an earlier session of the same person.
    OldPage,
    /// Who is there was to be proved first.
    Unproved,
}

/// A form that was not taken.
#[derive(Clone, Debug)]
pub(in crate::console) struct Kept {
    /// Who typed it.
    pub whose: Whose,
    /// Why it was not taken.
    pub why: Why,
    /// Where it was sent.
    pub to: String,
    /// The page that it stood on.
    pub from: String,
    /// What was typed, but for secrets.
    pub pairs: Vec<(String, String)>,
    /// When.
    pub at: Timestamp,
}

impl Kept {
    /// What the person is told, instead of doing what was asked.
    pub fn told(&self) -> &'static str {
        match self.why {
            Why::SignedOut => {
                "your session had ended before this came, so nothing was done: look it over, and send it again. Secrets have to be \
                 typed again"
            }
            Why::OldPage => {
                "this page was from an earlier session, so nothing was done: look it over, and send it again. Secrets have to be \
                 typed again"
            }
            Why::Unproved => "nothing was done yet, since you were asked who you are: look it over, and send it again",
        }
    }

    /// The way to the page that a form stood on which has nothing to fill in.
    pub fn back(&self) -> Response {
        noticed(&self.from, "Nothing was done yet: do it again")
    }

    fn bytes(&self) -> usize {
        let pairs: usize = self.pairs.iter().map(|(name, value)| name.len() + value.len()).sum();
        pairs + self.to.len() + self.from.len()
    }
}

/// The forms that are kept.
#[derive(Default)]
pub(super) struct Shelf(Mutex<VecDeque<(String, Arc<Kept>)>>);

impl Shelf {
    /// Keeps one more, under an id that nobody guesses.
    pub fn put(&self, id: String, kept: Kept) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(_, other)| !is_over(other, kept.at));
        if all.iter().filter(|(_, other)| other.whose == kept.whose).count() >= OF_ONE_MAX
            && let Some(oldest) = all.iter().position(|(_, other)| other.whose == kept.whose)
        {
            all.remove(oldest);
        }
        let mut bytes = kept.bytes() + all.iter().map(|(_, other)| other.bytes()).sum::<usize>();
        while bytes > BYTES_MAX
            && let Some((_, gone)) = all.pop_front()
        {
            bytes -= gone.bytes();
        }
        all.push_back((id, Arc::new(kept)));
    }

    /// The form with this id, for whoever typed it.
    pub fn get(&self, id: &str, whose: Whose, now: Timestamp) -> Option<Arc<Kept>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = all.iter().find(|(known, kept)| known == id && kept.whose == whose && !is_over(kept, now));
        found.map(|(_, kept)| Arc::clone(kept))
    }
}

fn is_over(kept: &Kept, now: Timestamp) -> bool {
    now >= kept.at.saturating_add(LIFETIME).unwrap_or(Timestamp::MAX)
}

/// The screens themselves, for a form that is shown again.
#[derive(Clone)]
pub(in crate::console) struct Screens(pub Router);

/// `/console/kept/{form}`: the form as it was typed. Its screen gets it as if it were sent, and is kept from doing anything: so it
/// answers with its form, filled in, and with what the person is to know.
pub(in crate::console) async fn show(
    visit: Visit,
    Extension(door): Extension<Door>,
    Extension(screens): Extension<Screens>,
) -> Answer {
    let Some(kept) = door.kept.get(visit.named("form"), visit.signed.whose, visit.now()) else {
        let why = "what was typed is kept for half an hour, for whoever typed it; this is not kept any more";
        return Err(visit.trouble(404, why.to_owned()).await);
    };
    let Some(request) = again(&visit, kept) else { return Ok(visit.back(&provost_console::Filled::default())) };
    match screens.0.oneshot(request).await {
        Ok(answer) => Ok(answer),
        Err(never) => match never {},
    }
}

/// The request that brings a form again; `None` where its address is none.
fn again(visit: &Visit, kept: Arc<Kept>) -> Option<Request<Body>> {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(&kept.pairs).append_pair(TOKEN, &visit.signed.csrf);
    let mut request = Request::new(Body::from(body.finish()));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = kept.to.parse().ok()?;
    request.headers_mut().clone_from(&visit.headers);
    request.headers_mut().remove(header::CONTENT_LENGTH);
    request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    request.extensions_mut().insert(visit.signed.clone());
    request.extensions_mut().insert(kept);
    Some(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(whose: Whose, minute: i64, bytes: usize) -> Kept {
        let at = Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minute);
        let pairs = vec![("name".to_owned(), "x".repeat(bytes))];
        Kept { whose, why: Why::SignedOut, to: String::new(), from: String::new(), pairs, at }
    }

    #[test]
    fn a_form_is_kept_for_half_an_hour_for_whoever_typed_it() {
        let shelf = Shelf::default();
        shelf.put("a".to_owned(), kept(Whose::Operator, 0, 1));
        let at = |minute| Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minute);
        let found = |whose, minute| shelf.get("a", whose, at(minute)).is_some();
        assert!(found(Whose::Operator, 29) && !found(Whose::Operator, 30) && !found(Whose::Nobody, 1));
        assert!(shelf.get("b", Whose::Operator, at(1)).is_none());
    }

    #[test]
    fn the_oldest_forms_make_room() {
        let shelf = Shelf::default();
        let at = Timestamp::UNIX_EPOCH;
        shelf.put("other".to_owned(), kept(Whose::Nobody, 0, 1));
        for number in 0..=OF_ONE_MAX {
            shelf.put(number.to_string(), kept(Whose::Operator, 0, 1));
        }
        let has = |id: &str, whose| shelf.get(id, whose, at).is_some();
        assert!(!has("0", Whose::Operator) && has("1", Whose::Operator) && has("other", Whose::Nobody));
        shelf.put("large".to_owned(), kept(Whose::Operator, 0, BYTES_MAX));
        assert!(has("large", Whose::Operator) && !has("other", Whose::Nobody));
    }
}
