//! Writes that wait at the same moment go to the target in one request, where it offers that.
//!
//! Nobody waits for others: who finds a place takes along whoever waits by then. While few requests are under way that is nobody, and a
//! write goes as it is. Objects are under way once, so that no two writes of one request are about the same.

use super::{Ask, Token, Told, Work, unexpected};
use crate::wire::bulk::{BulkLimits, Parted, apart, bytes_of, may_go_together, service_provider_config, together};
use crate::{Answer, Body, BulkForm, Reply, Request};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// Requests with several writes, or with one that might have taken others along, that are under way at once: while they are, others gather.
const LEADERS_MAX: usize = 2;

/// Writes that wait, and what is known of whom they wait for.
#[derive(Default)]
pub(crate) struct Bulk {
    offer: Offer,
    waiting: VecDeque<Waiting>,
    leaders: usize,
    /// For those who were taken along; `None`: each goes alone.
    replies: HashMap<Token, Option<Reply>>,
}

/// What the target takes in one request.
#[derive(Clone, Copy, Default)]
enum Offer {
    #[default]
    Unknown,
    /// It is being asked.
    Asked,
    Nothing,
    Limits(BulkLimits),
}

struct Waiting {
    token: Token,
    request: Arc<Request>,
    bytes: usize,
}

/// What a write that waits may do.
enum Turn {
    /// It was taken along.
    Over(Option<Reply>),
    /// It goes, with those that wait by then.
    Leads(Waiting),
}

impl Bulk {
    /// Whether it is a write's turn, by now.
    fn turn(&mut self, token: Token) -> Option<Turn> {
        if let Some(reply) = self.replies.remove(&token) {
            return Some(Turn::Over(reply));
        }
        if self.leaders >= LEADERS_MAX {
            return None;
        }
        let place = self.waiting.iter().position(|one| one.token == token)?;
        self.leaders += 1;
        self.waiting.remove(place).map(Turn::Leads)
    }

    /// Those that go with the first: as many as the target takes.
    fn with(&mut self, first: Waiting) -> Vec<Waiting> {
        let Offer::Limits(limits) = self.offer else { return vec![first] };
        let mut left = limits.bytes.saturating_sub(first.bytes);
        let mut taken = vec![first];
        while taken.len() < limits.operations
            && let Some(next) = self.waiting.pop_front_if(|next| next.bytes <= left)
        {
            left -= next.bytes;
            taken.push(next);
        }
        taken
    }
}

impl Work {
    /// Sends a request and learns from the reply; a write with others, where the target takes that.
    pub(super) async fn exchange(&self, request: &Arc<Request>) -> Reply {
        let is_offered = self.setting.app.compatibility.bulk == BulkForm::Offered;
        if !is_offered || !may_go_together(request) || matches!(self.state().bulk.offer, Offer::Nothing) {
            return self.alone(request).await;
        }
        let token = self.port.token();
        let waiting = Waiting { token, request: Arc::clone(request), bytes: bytes_of(request) };
        self.state().bulk.waiting.push_back(waiting);
        match self.port.wait(token, || self.state().bulk.turn(token)).await {
            Turn::Over(Some(reply)) => reply,
            Turn::Over(None) => self.alone(request).await,
            Turn::Leads(first) => self.lead(first).await,
        }
    }

    async fn alone(&self, request: &Arc<Request>) -> Reply {
        self.port.enter().await;
        let sent = self.port.now();
        let reply = self.ask_target(request).await;
        self.port.leave(sent, &reply, true);
        reply
    }

    async fn ask_target(&self, request: &Arc<Request>) -> Reply {
        {
            let mut state = self.state();
            state.tally.requests += 1;
            state.tally.writes += u64::from(request.method != crate::Method::Get);
        }
        match self.port.ask(Ask::Send(Arc::clone(request))).await {
            Told::Reply(reply) => reply,
            other => unexpected(&other),
        }
    }

    /// Sends a write with those that wait by the time that it can go. Its own reply; the others are told theirs.
    async fn lead(&self, first: Waiting) -> Reply {
        let asks = {
            let bulk = &mut self.state().bulk;
            let asks = matches!(bulk.offer, Offer::Unknown) && !bulk.waiting.is_empty();
            if asks {
                bulk.offer = Offer::Asked;
            }
            asks
        };
        if asks {
            self.learn_offer().await;
        }
        let own = Arc::clone(&first.request);
        self.port.enter().await;
        let sent = self.port.now();
        let taken = self.state().bulk.with(first);
        let reply = match taken.as_slice() {
            [_] => {
                let reply = self.ask_target(&own).await;
                self.port.leave(sent, &reply, true);
                Some(reply)
            }
            several => {
                let requests: Vec<Arc<Request>> = several.iter().map(|one| Arc::clone(&one.request)).collect();
                let reply = self.ask_target(&Arc::new(together(&requests))).await;
                let parted = apart(&requests, &reply);
                self.port.leave(sent, throttling(&parted).unwrap_or(&reply), false);
                self.hand_out(several, parted)
            }
        };
        // Whoever has waited longest leads next.
        let next: Vec<Token> = {
            let bulk = &mut self.state().bulk;
            bulk.leaders -= 1;
            bulk.waiting.iter().take(LEADERS_MAX - bulk.leaders).map(|next| next.token).collect()
        };
        next.into_iter().for_each(|next| self.port.call(next));
        match reply {
            Some(reply) => reply,
            None => self.alone(&own).await,
        }
    }

    /// Tells all but the first what came of them. What came of the first; `None` when each has to go alone.
    fn hand_out(&self, taken: &[Waiting], parted: Parted) -> Option<Reply> {
        let mut state = self.state();
        let bulk = &mut state.bulk;
        let replies: Vec<Option<Reply>> = match parted {
            Parted::Each(replies) => replies.into_iter().map(Some).collect(),
            Parted::TooLarge | Parted::Refused => {
                bulk.offer = match (&parted, bulk.offer) {
                    (Parted::TooLarge, Offer::Limits(limits)) => limits.halved().map_or(Offer::Nothing, Offer::Limits),
                    (_, _) => Offer::Nothing,
                };
                vec![None; taken.len()]
            }
        };
        let mut replies = replies.into_iter();
        let own = replies.next().flatten();
        bulk.replies.extend(taken[1..].iter().map(|one| one.token).zip(replies));
        drop(state);
        taken[1..].iter().for_each(|one| self.port.call(one.token));
        own
    }

    /// Asks the target how much it takes.
    async fn learn_offer(&self) {
        let reply = self.alone(&Arc::new(service_provider_config())).await;
        let limits = match &reply {
            Reply::Answered(Answer { status: 200..=299, body: Body::Json(config), .. }) => BulkLimits::offered(config),
            _ => None,
        };
        self.state().bulk.offer = limits.map_or(Offer::Nothing, Offer::Limits);
    }
}

/// What says that the target has too much to do, though it took the request as a whole.
fn throttling(parted: &Parted) -> Option<&Reply> {
    let Parted::Each(replies) = parted else { return None };
    replies.iter().find(|reply| matches!(reply, Reply::Answered(Answer { status: 429, .. })))
}
