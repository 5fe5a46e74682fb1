//! Issuers asked about their opaque tokens, and what they said kept for a moment.
//!
//! An answer serves for a minute at most, and never past the token's end; that a token is not active, for five seconds. One
//! question serves all who wait for it. Each issuer has so many calls under way and so many questions and threads waiting for
//! one: whoever comes then is told to come later. A failure is never kept, and is no answer.

mod endpoint;
mod flight;
mod kept;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

pub use endpoint::{Endpoint, Shows};

use super::{Cost, Door, Error, Uptime};
use crate::model::{Deadline, IssuerName, Wait};
use crate::token::{Answer, IntrospectionError, Introspector, Question};
use endpoint::Asked;
use flight::{Board, Landing, Turn};
use kept::{Kept, Key};

/// Every issuer that can be asked about a token.
pub struct Introspection {
    asked: BTreeMap<IssuerName, Arc<Asked>>,
    boards: BTreeMap<IssuerName, Arc<Board>>,
    kept: Arc<Kept>,
    door: Arc<Door>,
    uptime: Uptime,
}

impl Introspection {
    /// Registers the endpoints; asks nobody yet.
    ///
    /// # Errors
    /// An endpoint is out of its reach.
    pub fn new(endpoints: Vec<Endpoint>, uptime: Uptime, door: &Arc<Door>) -> Result<Self, Error> {
        Self::at_cost(endpoints, uptime, door, Asked::COST)
    }

    fn at_cost(
        endpoints: Vec<Endpoint>,
        uptime: Uptime,
        door: &Arc<Door>,
        cost: Cost,
    ) -> Result<Self, Error> {
        let (mut asked, mut boards) = (BTreeMap::new(), BTreeMap::new());
        for endpoint in endpoints {
            let name = endpoint.issuer.clone();
            let line = door.register(endpoint.destination()?.costing(cost));
            asked.insert(name.clone(), Arc::new(Asked::new(endpoint, line)));
            boards.insert(name, Arc::default());
        }
        let kept = Arc::new(Kept::default());
        Ok(Self { asked, boards, kept, door: Arc::clone(door), uptime })
    }

    fn known(&self, key: &Key, question: &Question<'_>) -> Option<Arc<Answer>> {
        self.kept.find(key, (self.uptime)()).filter(|answer| answer.can_hold(question.now))
    }

    /// Asks on the door's thread. Whatever happens there, whoever waits hears of it.
    fn start(&self, key: Key, asked: &Arc<Asked>, question: &Question<'_>, landing: Landing) {
        let (asked, token) = (Arc::clone(asked), question.token.to_owned());
        let (kept, uptime) = (Arc::clone(&self.kept), Arc::clone(&self.uptime));
        self.door.run(Box::pin(async move {
            let said = asked.ask(&token).await.map(Arc::new);
            if let Ok(answer) = &said {
                kept.keep(key, answer, asked.keeps(answer), uptime());
            }
            landing.land(said);
        }));
    }

    fn wait(&self, question: &Question<'_>, deadline: Deadline) -> Result<Arc<Answer>, Error> {
        let asked = self.asked.get(question.issuer).ok_or(Error::NotRegistered)?;
        let board = self.boards.get(question.issuer).ok_or(Error::NotRegistered)?;
        let key = Key::of(question);
        // Looked for once more by whoever has a turn: the flight of another may have landed since.
        let flight = match board.turn(question.digest, || self.known(&key, question))? {
            Turn::Known(answer) => return Ok(answer),
            Turn::Join(flight) => flight,
            Turn::Start(flight) => {
                self.start(key, asked, question, Landing::new(Arc::clone(board), *question.digest, &flight));
                flight
            }
        };
        board.wait(&flight, deadline)
    }
}

impl Introspector for Introspection {
    fn ask(&self, question: Question<'_>, wait: Wait) -> Result<Arc<Answer>, IntrospectionError> {
        if let Some(answer) = self.known(&Key::of(&question), &question) {
            return Ok(answer);
        }
        match wait {
            Wait::Never => Err(IntrospectionError::WouldWait),
            Wait::Until(deadline) => self
                .wait(&question, deadline)
                .map_err(|error| IntrospectionError::Unavailable { reason: error.to_string() }),
        }
    }
}

impl fmt::Debug for Introspection {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let issuers = self.asked.keys().collect::<Vec<_>>();
        out.debug_struct("Introspection").field("issuers", &issuers).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
