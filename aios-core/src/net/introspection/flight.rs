//! One question for all who wait for the same answer.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::crypto::Digest;
use crate::model::Deadline;
use crate::net::Error;
use crate::token::Answer;

/// Questions under way at one issuer, and threads that wait for them. A slow issuer must not bind every thread there is.
const MOST: usize = 128;

/// The questions under way at one issuer.
#[derive(Debug, Default)]
pub(super) struct Board(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    flights: HashMap<Digest, Arc<Flight>>,
    waiting: usize,
}

/// A question under way.
#[derive(Debug, Default)]
pub(super) struct Flight {
    said: Mutex<Option<Result<Arc<Answer>, Error>>>,
    landed: Condvar,
}

/// What whoever wants an answer has to do.
pub(super) enum Turn {
    /// Wait for the question that is under way.
    Join(Arc<Flight>),
    /// Nothing: it came meanwhile.
    Known(Arc<Answer>),
    /// Ask, and wait for it.
    Start(Arc<Flight>),
}

impl Board {
    /// Takes a turn; too many are under way otherwise. After [`Turn::Start`] the caller asks, with a [`Landing`].
    pub(super) fn turn(
        &self,
        token: &Digest,
        known: impl FnOnce() -> Option<Arc<Answer>>,
    ) -> Result<Turn, Error> {
        let mut state = self.lock();
        if let Some(flight) = state.flights.get(token) {
            return Ok(Turn::Join(Arc::clone(flight)));
        }
        // What lands is kept first and leaves the board then.
        if let Some(answer) = known() {
            return Ok(Turn::Known(answer));
        }
        if state.flights.len() >= MOST {
            return Err(Error::Busy);
        }
        let flight = Arc::<Flight>::default();
        state.flights.insert(*token, Arc::clone(&flight));
        Ok(Turn::Start(flight))
    }

    /// Waits until the question is answered.
    pub(super) fn wait(&self, flight: &Flight, deadline: Deadline) -> Result<Arc<Answer>, Error> {
        let mut state = self.lock();
        if state.waiting >= MOST {
            return Err(Error::Busy);
        }
        state.waiting += 1;
        drop(state);
        let mut said = flight.said.lock().unwrap_or_else(PoisonError::into_inner);
        while said.is_none() && !deadline.has_passed() {
            let left = deadline.remaining();
            said = flight.landed.wait_timeout(said, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        let said = said.clone();
        self.lock().waiting -= 1;
        said.unwrap_or(Err(Error::Timeout))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The duty to answer. Dropped without an answer, as by a panic or a stopped thread, it is a failure.
pub(super) struct Landing {
    board: Arc<Board>,
    token: Digest,
    flight: Arc<Flight>,
}

impl Landing {
    pub(super) fn new(board: Arc<Board>, token: Digest, flight: &Arc<Flight>) -> Self {
        Self { board, token, flight: Arc::clone(flight) }
    }

    /// Tells all who wait.
    pub(super) fn land(self, said: Result<Arc<Answer>, Error>) {
        self.tell(said);
    }

    fn tell(&self, said: Result<Arc<Answer>, Error>) {
        let mut state = self.board.lock();
        state.flights.remove(&self.token);
        drop(state);
        self.flight.said.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(said);
        self.flight.landed.notify_all();
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        // The first to tell counts.
        let has_told = self.flight.said.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        if !has_told {
            self.tell(Err(Error::Stopped));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn only_so_many_questions_and_threads_wait_for_one_issuer() {
        let board = Arc::new(Board::default());
        let token = |number: u8| [number; 32];
        let most = u8::try_from(MOST).unwrap();
        let flights: Vec<_> = (0..most)
            .map(|number| match board.turn(&token(number), || None).unwrap() {
                Turn::Start(flight) => flight,
                Turn::Join(_) | Turn::Known(_) => panic!("nobody asked before"),
            })
            .collect();
        assert!(matches!(board.turn(&token(most), || None), Err(Error::Busy)));
        assert!(matches!(board.turn(&token(0), || None), Ok(Turn::Join(_))), "it is asked already");
        board.lock().waiting = MOST;
        let soon = Deadline::after(Duration::ZERO);
        assert_eq!(board.wait(&flights[0], soon).unwrap_err(), Error::Busy);
        board.lock().waiting = 0;
        assert_eq!(board.wait(&flights[0], soon).unwrap_err(), Error::Timeout);
        // One that is dropped has failed, and makes room.
        drop(Landing::new(Arc::clone(&board), token(0), &flights[0]));
        assert_eq!(board.wait(&flights[0], soon).unwrap_err(), Error::Stopped);
        assert!(matches!(board.turn(&token(most), || None), Ok(Turn::Start(_))));
    }
}
