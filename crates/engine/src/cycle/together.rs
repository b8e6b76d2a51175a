//! Requests that wait at the same moment go to the target as one, where it takes that: writes as a bulk request, lookups as one search.
//!
//! Nobody waits for others: who finds a place takes along whoever waits by then. While few requests are under way that is nobody, and a
//! request goes as it is. Objects are under way once, so that no two writes of one request are about the same.

use super::{Ask, Token, Told, Work, unexpected};
use crate::wire::bulk;
use crate::wire::lookup::{self, Lookup};
use crate::wire::together::{Limits, Parted};
use crate::{Answer, Body, BulkForm, Objects, Reply, Request, SearchesForm};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// Requests made of several, or of one that might have taken others along, that are under way at once: while they are, others gather.
const LEADERS_MAX: usize = 2;

/// What waits, and what is known of whom it waits for.
pub(crate) struct Together {
    writes: Gathering,
    lookups: Gathering,
}

/// What goes together.
#[derive(Clone, Copy)]
enum Company {
    Writes,
    Lookups,
}

/// Requests that wait for each other's company.
struct Gathering {
    offer: Offer,
    waiting: VecDeque<Waiting>,
    leaders: usize,
    /// For those who were taken along; `None`: each goes alone.
    replies: HashMap<Token, Option<Reply>>,
}

/// What the target takes in one request.
#[derive(Clone, Copy)]
enum Offer {
    Unknown,
    /// It is being asked.
    Asked,
    Nothing,
    Limits(Limits),
}

/// What is to be sent.
#[derive(Clone)]
pub(super) enum Sent {
    Request(Arc<Request>),
    Lookup(Arc<Lookup>),
}

struct Waiting {
    token: Token,
    sent: Sent,
    bytes: usize,
}

/// What somebody who waits may do.
enum Turn {
    /// It was taken along.
    Over(Option<Reply>),
    /// It goes, with those that wait by then.
    Leads(Waiting),
}

impl Default for Together {
    fn default() -> Self {
        Self { writes: Gathering::new(Offer::Unknown), lookups: Gathering::new(Offer::Limits(lookup::LIMITS)) }
    }
}

impl Together {
    fn of(&mut self, company: Company) -> &mut Gathering {
        match company {
            Company::Writes => &mut self.writes,
            Company::Lookups => &mut self.lookups,
        }
    }
}

impl Gathering {
    fn new(offer: Offer) -> Self {
        Self { offer, waiting: VecDeque::new(), leaders: 0, replies: HashMap::new() }
    }

    /// Whether it is somebody's turn, by now.
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

    /// What each of several gets, in their order, and what is learnt of the target.
    fn part(&mut self, parted: Parted, count: usize) -> Vec<Option<Reply>> {
        let less = match (&parted, self.offer) {
            (Parted::TooLarge, Offer::Limits(limits)) => limits.halved(),
            (_, _) => None,
        };
        match parted {
            Parted::Each(replies) => replies.into_iter().map(Some).collect(),
            Parted::TooLarge | Parted::Refused => {
                self.offer = less.map_or(Offer::Nothing, Offer::Limits);
                vec![None; count]
            }
        }
    }
}

impl Sent {
    fn request(&self) -> &Arc<Request> {
        match self {
            Self::Request(request) => request,
            Self::Lookup(lookup) => &lookup.request,
        }
    }

    fn lookup(&self) -> Option<Arc<Lookup>> {
        match self {
            Self::Lookup(lookup) => Some(Arc::clone(lookup)),
            Self::Request(_) => None,
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Request(request) => bulk::bytes_of(request),
            Self::Lookup(lookup) => lookup.bytes(),
        }
    }

    /// In whose company it may go, as the app is set.
    fn company(&self, work: &Work) -> Option<Company> {
        let compatibility = &work.setting.app.compatibility;
        match self {
            Self::Request(request) if compatibility.bulk == BulkForm::Offered && bulk::may_go_together(request) => {
                Some(Company::Writes)
            }
            Self::Lookup(_) if compatibility.searches == SearchesForm::Together => Some(Company::Lookups),
            Self::Request(_) | Self::Lookup(_) => None,
        }
    }
}

impl Work {
    /// Sends a request and learns from the reply; with others, where the target takes that.
    pub(super) async fn exchange(&self, sent: &Sent) -> Reply {
        let company = sent.company(self);
        let Some(company) = company.filter(|one| !matches!(self.state().together.of(*one).offer, Offer::Nothing))
        else {
            return self.alone(sent.request()).await;
        };
        let token = self.port.token();
        let waiting = Waiting { token, sent: sent.clone(), bytes: sent.bytes() };
        self.state().together.of(company).waiting.push_back(waiting);
        match self.port.wait(token, || self.state().together.of(company).turn(token)).await {
            Turn::Over(Some(reply)) => reply,
            Turn::Over(None) => self.alone(sent.request()).await,
            Turn::Leads(first) => self.lead(company, first).await,
        }
    }

    /// Has lookups go alone from now on: one of them missed what was there.
    pub fn look_up_alone(&self) {
        self.state().together.lookups.offer = Offer::Nothing;
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

    /// Sends a request with those that wait by the time that it can go. Its own reply; the others are told theirs.
    async fn lead(&self, company: Company, first: Waiting) -> Reply {
        let asks = {
            let mut state = self.state();
            let gathering = state.together.of(company);
            let asks = matches!(gathering.offer, Offer::Unknown) && !gathering.waiting.is_empty();
            if asks {
                gathering.offer = Offer::Asked;
            }
            asks
        };
        if asks {
            self.learn_offer().await;
        }
        let own = Arc::clone(first.sent.request());
        self.port.enter().await;
        let sent = self.port.now();
        let taken = self.state().together.of(company).with(first);
        let reply = match taken.as_slice() {
            [_] => {
                let reply = self.ask_target(&own).await;
                self.port.leave(sent, &reply, true);
                Some(reply)
            }
            several => {
                let (reply, parted) = self.ask_together(company, several).await;
                self.port.leave(sent, throttling(&parted).unwrap_or(&reply), false);
                self.hand_out(company, several, parted)
            }
        };
        // Whoever has waited longest leads next.
        let next: Vec<Token> = {
            let mut state = self.state();
            let gathering = state.together.of(company);
            gathering.leaders -= 1;
            gathering.waiting.iter().take(LEADERS_MAX - gathering.leaders).map(|next| next.token).collect()
        };
        next.into_iter().for_each(|next| self.port.call(next));
        match reply {
            Some(reply) => reply,
            None => self.alone(&own).await,
        }
    }

    /// Sends several as one: the reply, and what it says of each.
    async fn ask_together(&self, company: Company, several: &[Waiting]) -> (Reply, Parted) {
        match company {
            Company::Writes => {
                let requests: Vec<Arc<Request>> = several.iter().map(|one| Arc::clone(one.sent.request())).collect();
                let reply = self.ask_target(&Arc::new(bulk::together(&requests))).await;
                let parted = bulk::apart(&requests, &reply);
                (reply, parted)
            }
            Company::Lookups => {
                let lookups: Vec<Arc<Lookup>> = several.iter().filter_map(|one| one.sent.lookup()).collect();
                let users = self.setting.compiled.objects(Objects::Users);
                let search = users.wire(self.setting.compiled.dialect(self.is_on_demand)).lookups(&lookups);
                let reply = self.ask_target(&Arc::new(search)).await;
                let parted = users.apart(&lookups, &reply);
                (reply, parted)
            }
        }
    }

    /// Tells all but the first what came of them. What came of the first; `None` when each has to go alone.
    fn hand_out(&self, company: Company, taken: &[Waiting], parted: Parted) -> Option<Reply> {
        let mut state = self.state();
        let gathering = state.together.of(company);
        let mut replies = gathering.part(parted, taken.len()).into_iter();
        let own = replies.next().flatten();
        gathering.replies.extend(taken[1..].iter().map(|one| one.token).zip(replies));
        drop(state);
        taken[1..].iter().for_each(|one| self.port.call(one.token));
        own
    }

    /// Asks the target how many writes it takes.
    async fn learn_offer(&self) {
        let reply = self.alone(&Arc::new(bulk::service_provider_config())).await;
        let limits = match &reply {
            Reply::Answered(Answer { status: 200..=299, body: Body::Json(config), .. }) => bulk::offered(config),
            _ => None,
        };
        self.state().together.writes.offer = limits.map_or(Offer::Nothing, Offer::Limits);
    }
}

/// What says that the target has too much to do, though it took the request as a whole.
fn throttling(parted: &Parted) -> Option<&Reply> {
    let Parted::Each(replies) = parted else { return None };
    replies.iter().find(|reply| matches!(reply, Reply::Answered(Answer { status: 429, .. })))
}
