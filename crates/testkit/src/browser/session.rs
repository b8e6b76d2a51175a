//! One conversation with Chromium: with a page, or with the browser itself.

use super::{PATIENCE, pipe::Pipe};
use serde_json::{Value, json};
use std::{
    cell::RefCell,
    collections::VecDeque,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, channel},
    },
    time::{Duration, Instant},
};

/// Commands go out, answers and events come back, in the order in which they happened.
#[derive(Debug)]
pub struct Session {
    pipe: Arc<Pipe>,
    id: String,
    inbox: Receiver<Value>,
    /// Events that came before an answer.
    events: RefCell<VecDeque<Event>>,
}

/// Something happened.
#[derive(Debug)]
pub struct Event {
    /// Such as `Page.frameNavigated`.
    pub method: String,
    /// What the protocol says about it.
    pub parameters: Value,
}

impl Session {
    /// The session of this id; empty for the browser itself.
    pub fn new(pipe: Arc<Pipe>, id: &str) -> Self {
        let (sender, inbox) = channel();
        pipe.register(id, sender);
        Self { pipe, id: id.to_owned(), inbox, events: RefCell::default() }
    }

    /// Sends a command and waits for its answer.
    ///
    /// # Errors
    /// What Chromium says against it.
    #[track_caller]
    pub fn try_ask(&self, method: &str, parameters: Value) -> Result<Value, String> {
        let number = self.tell(method, parameters);
        let deadline = Instant::now() + PATIENCE;
        loop {
            let message = self.receive(deadline).unwrap_or_else(|| panic!("Chromium does not answer {method}"));
            if message["id"].as_u64() != Some(number) {
                self.keep(message);
                continue;
            }
            return match message.get("error") {
                Some(error) => Err(error["message"].as_str().unwrap_or("it says nothing").to_owned()),
                None => Ok(message["result"].clone()),
            };
        }
    }

    /// The same, for what Chromium never refuses.
    #[track_caller]
    pub fn ask(&self, method: &str, parameters: Value) -> Value {
        self.try_ask(method, parameters).unwrap_or_else(|error| panic!("Chromium refuses {method}: {error}"))
    }

    /// Sends a command, and waits for nothing; returns its number.
    #[track_caller]
    pub fn tell(&self, method: &str, parameters: Value) -> u64 {
        self.pipe.send(&self.id, method, parameters).unwrap_or_else(|error| panic!("Chromium has ended: {error}"))
    }

    /// What has happened so far and was not taken yet.
    pub fn happened(&self) -> Vec<Event> {
        while let Ok(message) = self.inbox.try_recv() {
            self.keep(message);
        }
        self.events.borrow_mut().drain(..).collect()
    }

    /// Waits until something happens, at most for this long.
    pub fn wait(&self, most: Duration) {
        if self.events.borrow().is_empty()
            && let Some(message) = self.receive(Instant::now() + most)
        {
            self.keep(message);
        }
    }

    /// Answers that nobody waits for are dropped. A dialog of a script is closed at once: the page does nothing else until then.
    fn keep(&self, mut message: Value) {
        if let Some(method) = message["method"].as_str() {
            if method == "Page.javascriptDialogOpening" {
                let leave = message["params"]["type"] == "beforeunload";
                self.tell("Page.handleJavaScriptDialog", json!({ "accept": leave }));
            }
            let event = Event { method: method.to_owned(), parameters: message["params"].take() };
            self.events.borrow_mut().push_back(event);
        }
    }

    #[track_caller]
    fn receive(&self, deadline: Instant) -> Option<Value> {
        match self.inbox.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(message) => Some(message),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => panic!("Chromium has ended; what it says stands above"),
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.pipe.forget(&self.id);
    }
}
