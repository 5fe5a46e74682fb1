//! The one thread that talks to the network.

use std::io;
use std::pin::Pin;
use std::thread::{Builder, JoinHandle};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Something to run on the thread.
pub(in crate::net) type Job = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A single-threaded runtime on a thread of its own. Dropping it drops what runs there and ends the thread.
#[derive(Debug)]
pub(super) struct Worker {
    jobs: Option<UnboundedSender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    pub(super) fn start() -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        let (jobs, inbox) = unbounded_channel();
        let thread = Builder::new().name("aios-net".into()).spawn(move || {
            runtime.block_on(serve(inbox));
            // A look-up that hangs in the operating system must not hold up whoever stops the engine.
            runtime.shutdown_background();
        })?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Runs a job beside the others.
    pub(super) fn run(&self, job: Job) {
        if let Some(jobs) = &self.jobs {
            // A stopped thread drops the job, and its landing says so.
            let _ = jobs.send(job);
        }
    }
}

async fn serve(mut inbox: UnboundedReceiver<Job>) {
    while let Some(job) = inbox.recv().await {
        tokio::spawn(job);
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
