//! The one thread per process that polls awaited work and calls callbacks, so that none runs on the stack of its caller.

use std::ffi::c_void;
use std::fmt;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use aios_core::facade::tasks::{Started, Tasks};
use aios_core::{Code, Refusal};

use crate::Status;
use crate::answer::Answer;
use crate::constants::{CANCELLED, OK};
use crate::error::{Error, Trouble};

/// A call of a callback that is due.
type Delivery = Box<dyn FnOnce() + Send>;

/// The notifier of the process that last started awaited work. It is never freed: what a fork inherits may be in use.
static CURRENT: AtomicPtr<Notifier> = AtomicPtr::new(ptr::null_mut());

/// Awaited work of one process.
#[derive(Debug)]
pub(crate) struct Notifier {
    process: u32,
    tasks: Tasks<()>,
    inbox: Arc<Inbox>,
}

/// What the thread waits for.
#[derive(Default)]
struct Inbox {
    waiting: Mutex<Waiting>,
    bell: Condvar,
}

#[derive(Default)]
struct Waiting {
    due: Vec<Delivery>,
    rung: bool,
    superfluous: bool,
}

impl Notifier {
    /// This process's. Lock-free, because a lock would be inherited as another thread of the parent held it.
    ///
    /// # Errors
    /// `limit.waiting` where no thread is to be had.
    pub(crate) fn of_this_process() -> Result<&'static Self, Refusal> {
        let found = CURRENT.load(Ordering::Acquire);
        if let Some(notifier) = Self::running() {
            return Ok(notifier);
        }
        let fresh = Self::begin()?;
        let raw = Arc::into_raw(Arc::clone(&fresh)).cast_mut();
        let current = match CURRENT.compare_exchange(found, raw, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => raw,
            Err(theirs) => {
                fresh.inbox.change(|waiting| waiting.superfluous = true);
                // SAFETY: from `into_raw` above, and nobody else has seen it.
                drop(unsafe { Arc::from_raw(raw) });
                theirs
            }
        };
        // SAFETY: never freed; only this process can have put it there since `found`.
        unsafe { current.as_ref() }.ok_or_else(|| Refusal::new(Code::Internal))
    }

    /// This process's, where it has one.
    fn running() -> Option<&'static Self> {
        // SAFETY: NULL, or from `Arc::into_raw` and never freed.
        let notifier = unsafe { CURRENT.load(Ordering::Acquire).as_ref() };
        notifier.filter(|notifier| notifier.process == std::process::id())
    }

    fn begin() -> Result<Arc<Self>, Refusal> {
        let inbox = Arc::new(Inbox::default());
        let bell = Arc::clone(&inbox);
        let tasks = Tasks::new(move || bell.change(|_| {}));
        let notifier = Arc::new(Self { process: std::process::id(), tasks, inbox });
        let theirs = Arc::clone(&notifier);
        let thread = std::thread::Builder::new().name("aios-notifier".into()).spawn(move || theirs.run());
        thread.map(|_| notifier).map_err(|_| Refusal::new(Code::LimitWaiting).at("threads"))
    }

    /// Starts work. Gives a number by which it can be cancelled; 0 where it is done already.
    pub(crate) fn start(&self, work: impl Future<Output = ()> + Send + 'static) -> u64 {
        match catch_unwind(AssertUnwindSafe(|| self.tasks.start(work))) {
            Ok(Started::Waits(number)) => number,
            // A panic dropped the work, and its promise told so.
            Ok(Started::Done(())) | Err(_) => 0,
        }
    }

    fn run(&self) {
        while let Some(due) = self.inbox.wait() {
            // What is done in this turn puts its delivery into the inbox, and rings.
            let turn = || self.tasks.turn();
            drop(catch_unwind(AssertUnwindSafe(turn)));
            for delivery in due {
                drop(catch_unwind(AssertUnwindSafe(delivery)));
            }
        }
    }
}

impl Inbox {
    fn change(&self, change: impl FnOnce(&mut Waiting)) {
        let mut waiting = self.lock();
        change(&mut waiting);
        waiting.rung = true;
        drop(waiting);
        self.bell.notify_one();
    }

    /// Waits until something is to be done. None where another notifier is this process's.
    fn wait(&self) -> Option<Vec<Delivery>> {
        let mut waiting = self.lock();
        while !waiting.rung {
            waiting = self.bell.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        waiting.rung = false;
        if waiting.superfluous { None } else { Some(mem::take(&mut waiting.due)) }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Inbox {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Inbox")
    }
}

/// Who is to be told, exactly once: also where the work is dropped before it is done.
#[derive(Debug)]
pub(crate) struct Promise<A: Answer> {
    inbox: Arc<Inbox>,
    teller: Option<Teller<A>>,
}

#[derive(Debug)]
struct Teller<A: Answer> {
    callback: unsafe extern "C" fn(*mut c_void, Status, A::Raw, *mut Error),
    user_data: *mut c_void,
}

// SAFETY: `user_data` is never looked at here, and the header says that the callback gets it on another thread.
unsafe impl<A: Answer> Send for Teller<A> {}

impl<A: Answer> Promise<A> {
    pub(crate) fn new(
        notifier: &Notifier,
        callback: unsafe extern "C" fn(*mut c_void, Status, A::Raw, *mut Error),
        user_data: *mut c_void,
    ) -> Self {
        Self { inbox: Arc::clone(&notifier.inbox), teller: Some(Teller { callback, user_data }) }
    }

    /// Tells how it ended.
    pub(crate) fn keep(mut self, ended: Result<A, Trouble>) {
        self.tell(Some(ended));
    }

    fn tell(&mut self, ended: Option<Result<A, Trouble>>) {
        let Some(teller) = self.teller.take() else { return };
        let delivery = Box::new(move || teller.tell(ended));
        self.inbox.change(|waiting| waiting.due.push(delivery));
    }
}

impl<A: Answer> Drop for Promise<A> {
    fn drop(&mut self) {
        self.tell(None);
    }
}

impl<A: Answer> Teller<A> {
    fn tell(self, ended: Option<Result<A, Trouble>>) {
        let (status, answer, error) = match ended {
            None => (CANCELLED, A::NONE, ptr::null_mut()),
            Some(Ok(answer)) => (OK, answer.hand_over(), ptr::null_mut()),
            Some(Err(trouble)) => {
                let (status, error) = trouble.hand_over();
                (status, A::NONE, error)
            }
        };
        // SAFETY: the caller gave a function of this type, to be called with these on this thread.
        unsafe { (self.callback)(self.user_data, status, answer, error) };
    }
}

#[unsafe(no_mangle)]
extern "C" fn aios_cancel(ticket: u64) {
    let cancel = || {
        if let Some(notifier) = Notifier::running() {
            notifier.tasks.drop_task(ticket);
        }
    };
    // What the work does when it is dropped must not reach C as a panic.
    drop(catch_unwind(cancel));
}
