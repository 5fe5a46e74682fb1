//! A process of its own, for tests that kill, fork or race processes.
//!
//! `aios-process FOLDER NAME calls COUNT` makes so many calls, one after another. `aios-process FOLDER NAME forks COUNT`
//! forks so often while four threads make calls. `aios-process FOLDER NAME orphan 0` forks a child that idles until
//! `FOLDER/enough` is there, and makes calls until it is killed. `aios-process FOLDER NAME watch 0` makes calls until it is
//! revoked, and `revoked 0` revokes itself and forks. `aios-process FOLDER NAME proofs 0` makes a call with each of the job's
//! proofs, and logs `permit PROOF`, or `again PROOF` where it was used. `rotates COUNT` puts a secret of its own and rotates
//! a shared one so often, with `version N` for each. `rewraps 0` wraps masters anew, one at a time,
//! with `left N` for each. `keeps COUNT` puts two entities so often, with `version N` for each, and
//! `kept 0` puts some and forks. `lays COUNT` puts policies so often, with `revision N` for each. `uses COUNT` uses a secret so
//! often, `holds 0` holds it while it is revoked, and `traces 0` logs and panics while it uses it. All read
//! `FOLDER/job.json` and begin once `FOLDER/go` is there. What was
//! acknowledged is appended to `FOLDER/NAME.log`, a line each: `permit ID` once a permit is there, `done ID` once its
//! outcome is durable, `refused CODE`, and at the end `took MILLISECONDS`.

mod forks;
mod keeping;
mod secrets;
mod uses;

use std::error::Error;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use aios_core::model::{Deadline, Stopwatch, Timestamp};
use aios_core::testing::{TestClock, engine};
use aios_core::{Aios, Code, Credential, Outcome, Refusal, Request, Resource};
use serde_json::Value;

type Done<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Done<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, name, what, count] = arguments.as_slice() else {
        return Err(
            "usage: aios-process FOLDER NAME calls|forks|orphan|watch|revoked|proofs|rotates|rewraps|keeps|kept|lays|uses|holds|traces COUNT"
                .into(),
        );
    };
    let (job, count) = (Job::read(Path::new(folder))?, count.parse()?);
    match what.as_str() {
        "calls" => calls(&job, name, count),
        "forks" => forks::run(&job, name, count),
        "orphan" => forks::orphan(&job, name),
        "watch" => watch(&job, name),
        "revoked" => forks::revoked(&job, name),
        "proofs" => proofs(&job, name),
        "rotates" => secrets::rotates(&job, name, count),
        "rewraps" => secrets::rewraps(&job, name),
        "keeps" => keeping::keeps(&job, name, count),
        "kept" => keeping::forks(&job, name),
        "lays" => keeping::lays(&job, name, count),
        "uses" => uses::many(&job, name, count),
        "holds" => uses::holds(&job, name),
        "traces" => uses::traces(&job, name),
        _ => Err("none of the words of its usage".into()),
    }
}

/// Calls until one is refused as revoked that began when `FOLDER/late` was there. `late ID` is a permit that came after
/// that, `open ID` one from before that is still open, `out CODE` the refusal.
fn watch(job: &Job, name: &str) -> Done<()> {
    let (mut log, aios) = (job.log(name)?, job.open("sqlite:aios.db")?);
    job.await_go();
    let held = aios.authorize(&job.request())?;
    loop {
        let is_late = job.folder.join("late").exists();
        if is_late && held.still_open().is_ok() {
            log.line(&format!("open {}", held.view().id))?;
        }
        match aios.authorize(&job.request()) {
            Ok(permit) => {
                log.line(&format!("{} {}", if is_late { "late" } else { "permit" }, permit.view().id))?;
                permit.complete(&Outcome::ok())?;
            }
            Err(refusal) if refusal.code() != Code::TokenRevoked => return log.refused(&refusal),
            Err(refusal) if is_late => return log.line(&format!("out {}", refusal.code())),
            Err(_) => {}
        }
    }
}

fn proofs(job: &Job, name: &str) -> Done<()> {
    let (mut log, aios) = (job.log(name)?, job.open("sqlite:aios.db")?);
    job.await_go();
    for proof in &job.proofs {
        let mut request = job.request();
        request.who = Credential::dpop(job.token.as_str(), proof.as_str(), "GET", "/report").into();
        match aios.authorize(&request) {
            Ok(permit) => {
                log.line(&format!("permit {proof}"))?;
                permit.complete(&Outcome::ok())?;
            }
            Err(refusal) if refusal.code() == Code::TokenPopReplayed => {
                log.line(&format!("again {proof}"))?;
            }
            Err(refusal) => return log.refused(&refusal),
        }
    }
    Ok(aios.close()?)
}

fn calls(job: &Job, name: &str, count: usize) -> Done<()> {
    let mut log = job.log(name)?;
    let aios = match job.open("sqlite:aios.db") {
        Ok(aios) => aios,
        Err(refusal) => return log.refused(&refusal),
    };
    job.await_go();
    let time = Stopwatch::start();
    if let Err(refusal) = job.call(&aios, &mut log, count) {
        return log.refused(&refusal);
    }
    aios.close()?;
    log.line(&format!("took {}", time.elapsed().as_millis()))
}

/// What the parent wants.
pub(crate) struct Job {
    folder: PathBuf,
    configuration: Value,
    token: String,
    proofs: Vec<String>,
    /// Whose report is read.
    tenant: String,
    /// Where a secret is sent.
    url: Option<String>,
    clock: Arc<TestClock>,
}

impl Job {
    fn read(folder: &Path) -> Done<Self> {
        let job: Value = serde_json::from_slice(&std::fs::read(folder.join("job.json"))?)?;
        let now = job.get("now").and_then(Value::as_i64).ok_or("no time")?;
        Ok(Self {
            folder: folder.to_owned(),
            configuration: job.get("configuration").ok_or("no configuration")?.clone(),
            token: job.get("token").and_then(Value::as_str).ok_or("no token")?.to_owned(),
            proofs: serde_json::from_value(
                job.get("proofs").cloned().unwrap_or_else(|| Value::Array(Vec::new())),
            )?,
            tenant: job.get("tenant").and_then(Value::as_str).unwrap_or("acme").to_owned(),
            url: job.get("url").and_then(Value::as_str).map(str::to_owned),
            clock: Arc::new(TestClock::new(Timestamp::from_seconds(now))),
        })
    }

    pub(crate) fn open(&self, store: &str) -> Result<Aios, Refusal> {
        let mut configuration = self.configuration.clone();
        if let Some(url) = configuration.pointer_mut("/store/url") {
            *url = store.into();
        }
        engine(configuration, &self.folder, &self.clock)
    }

    pub(crate) fn log(&self, name: &str) -> Done<Log> {
        let path = self.folder.join(format!("{name}.log"));
        Ok(Log(OpenOptions::new().create(true).append(true).open(path)?))
    }

    pub(crate) fn request(&self) -> Request {
        let report = Resource::new("Aios::Data", "report-7").tenant(self.tenant.as_str());
        Request::new(Credential::Bearer(self.token.clone()), "read", report)
    }

    /// So many calls, each completed; what is durable is logged.
    pub(crate) fn call(&self, aios: &Aios, log: &mut Log, count: usize) -> Result<(), Refusal> {
        let request = self.request();
        let mut completed = Vec::new();
        for call in 1..=count {
            let permit = aios.authorize(&request)?;
            log.must(&format!("permit {}", permit.view().id));
            permit.complete(&Outcome::ok())?;
            completed.push(permit.view().id.clone());
            if call % 8 == 0 || call == count {
                aios.flush()?;
                completed.drain(..).for_each(|id| log.must(&format!("done {id}")));
            }
        }
        Ok(())
    }

    /// All begin together.
    pub(crate) fn await_go(&self) {
        self.wait_for("go");
    }

    /// Waits for a file, at most half a minute.
    pub(crate) fn wait_for(&self, file: &str) {
        let deadline = Deadline::after(Duration::from_secs(30));
        while !self.folder.join(file).exists() && !deadline.has_passed() {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// What this process acknowledges. A line is one write, so it survives the process.
pub(crate) struct Log(File);

impl Log {
    pub(crate) fn line(&mut self, line: &str) -> Done<()> {
        Ok(self.0.write_all(format!("{line}\n").as_bytes())?)
    }

    /// Without its log a process proves nothing, so it ends.
    fn must(&mut self, line: &str) {
        if self.line(line).is_err() {
            std::process::abort();
        }
    }

    pub(crate) fn refused(&mut self, refusal: &Refusal) -> Done<()> {
        self.line(&format!("refused {refusal}"))?;
        Err("refused".into())
    }
}
