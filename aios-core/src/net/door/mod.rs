//! The one outbound door: nothing else in the SDK makes a connection.
//!
//! Whoever wants to ask somebody registers a destination: a name, a purpose, the hosts, what addresses they may have and what an
//! answer may cost. It gets a [`Line`], which reaches that and nothing else. A redirect is an answer, never followed: whoever
//! wants to go on, registers where. [`Door::egress`] lists what is registered.

mod call;
mod clients;
mod destination;
mod failure;
mod outbound;
mod reach;
mod worker;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use call::{Answer, Call};
pub use destination::{Cost, Destination, Egress, Purpose};
pub use outbound::{Outbound, Proxy, Trust};
pub use reach::Reach;
/// What a call is made of.
pub use reqwest::{Body, Method, StatusCode, header};

use super::Error;
use clients::Clients;
use destination::Site;
use worker::{Job, Worker};

/// The way out of this process, with all that is known of where it leads. Dropping it ends what is under way.
pub struct Door {
    core: Arc<Core>,
    worker: Mutex<Option<Worker>>,
}

struct Core {
    clients: Clients,
    registered: Mutex<BTreeMap<(String, Purpose), Destination>>,
}

impl Core {
    fn registered(&self) -> MutexGuard<'_, BTreeMap<(String, Purpose), Destination>> {
        self.registered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn register(self: &Arc<Self>, destination: Destination) -> Line {
        let key = (destination.name.clone(), destination.purpose);
        self.registered().insert(key, destination.clone());
        Line { core: Arc::clone(self), destination }
    }
}

impl Door {
    /// A door through which nothing leads yet; starts nothing.
    #[must_use]
    pub fn new(outbound: Outbound) -> Self {
        let core = Core { clients: Clients::new(outbound), registered: Mutex::default() };
        Self { core: Arc::new(core), worker: Mutex::default() }
    }

    /// Makes a destination known, in place of what has its name and purpose.
    #[must_use]
    pub fn register(&self, destination: Destination) -> Line {
        self.core.register(destination)
    }

    /// Everything that can be asked, by name, purpose and host.
    #[must_use]
    pub fn egress(&self) -> Vec<Egress> {
        let outbound = self.core.clients.outbound();
        let registered = self.core.registered();
        let mut rows: Vec<Egress> = registered.values().flat_map(|known| known.rows(outbound)).collect();
        drop(registered);
        rows.extend(outbound.proxy.as_ref().map(Proxy::row));
        rows.sort();
        rows
    }

    /// Runs a job on the door's own thread, beside the others; whoever hands over jobs bounds them. Where there is no thread,
    /// the job is dropped.
    pub(super) fn run(&self, job: Job) {
        let mut worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner);
        if worker.is_none() {
            *worker = Worker::start().ok();
        }
        if let Some(worker) = &*worker {
            worker.run(job);
        }
    }

    /// Whether anything was ever run.
    #[cfg(test)]
    pub(super) fn is_idle(&self) -> bool {
        self.worker.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }
}

impl fmt::Debug for Door {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let registered = self.core.registered();
        out.debug_struct("Door").field("registered", &registered.keys()).finish_non_exhaustive()
    }
}

/// The way to one destination.
#[derive(Clone)]
pub struct Line {
    core: Arc<Core>,
    destination: Destination,
}

impl Line {
    /// What an answer may cost.
    #[must_use]
    pub fn cost(&self) -> Cost {
        self.destination.cost
    }

    /// Makes the call. A redirect, and whatever else the server says, is an answer.
    ///
    /// # Errors
    /// The URL is not this destination's, or no answer came.
    pub async fn send(&self, call: Call<'_>) -> Result<Answer, Error> {
        let Destination { reach, sites, cost, .. } = &self.destination;
        let url = reach.url(call.url)?;
        if !Site::of(&url).is_some_and(|site| sites.contains(&site)) {
            return Err(Error::NotRegistered);
        }
        let (client, route) = self.core.clients.to(&url, *reach, *cost)?;
        let mut request = client.request(call.method, url).headers(call.headers).timeout(cost.total);
        if let Some(body) = call.body {
            request = request.body(body);
        }
        let answer = request.send().await.map_err(|error| Error::of(&error, route))?;
        Ok(Answer::of(answer, cost.body, route))
    }

    /// Where an answer of this destination leads: known by the same name, at the same price, for another purpose.
    ///
    /// # Errors
    /// The URL is out of this destination's reach.
    pub fn lead(&self, purpose: Purpose, url: &str) -> Result<Self, Error> {
        let Destination { name, reach, cost, .. } = &self.destination;
        let destination = Destination::at(name, purpose, url, *reach)?;
        Ok(self.core.register(destination.costing(*cost)))
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.destination.fmt(out)
    }
}

#[cfg(test)]
pub(in crate::net) mod tests;
