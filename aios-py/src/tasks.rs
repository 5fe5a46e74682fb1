//! Awaited operations of one event loop: what is not done at once is polled again when the loop finds the pipe readable.
//!
//! Threads that wake a task write a byte, and no more: they never take the GIL. `aios/_loop.py` is the loop's side.

use std::fmt;
use std::io::{self, PipeReader, PipeWriter, Read as _, Write as _, pipe};
use std::os::fd::{AsRawFd as _, RawFd};
use std::sync::Arc;

use aios_core::Refusal;
use aios_core::facade::tasks::{self, Started};
use pyo3::prelude::*;
use rustix::io::ioctl_fionbio;

use crate::contain::{contained, exception, refused};

/// An answer that becomes an object once the GIL is there.
pub(crate) type Later = Box<dyn FnOnce(Python<'_>) -> PyResult<Py<PyAny>> + Send>;

/// Awaited work of one event loop.
#[pyclass(frozen, module = "aios._aios")]
pub(crate) struct Tasks {
    tasks: tasks::Tasks<Result<Later, Refusal>>,
    bell: Arc<Bell>,
}

/// Awaited work that goes on.
#[pyclass(frozen, module = "aios._aios")]
#[derive(Debug)]
pub(crate) struct Pending {
    /// The number by which `Tasks.turn` names it.
    #[pyo3(get)]
    number: u64,
}

/// Both ends of a pipe: while somebody may write, there is somebody to read, so that no SIGPIPE can come.
struct Bell {
    reader: PipeReader,
    writer: PipeWriter,
}

impl Bell {
    fn new() -> io::Result<Self> {
        let (reader, writer) = pipe()?;
        ioctl_fionbio(&reader, true)?;
        ioctl_fionbio(&writer, true)?;
        Ok(Self { reader, writer })
    }

    /// A pipe that is full is as good as a byte more.
    fn ring(&self) {
        let _ = (&self.writer).write(&[1]);
    }

    fn quiet(&self) {
        let _ = (&self.reader).read(&mut [0; 64]);
    }
}

impl Tasks {
    /// Starts work on this thread, without the GIL. What is not done at once is `Pending`.
    pub(crate) fn start<'py>(
        &self,
        py: Python<'py>,
        work: impl Future<Output = Result<Later, Refusal>> + Send + 'static,
    ) -> PyResult<Bound<'py, PyAny>> {
        match py.detach(|| self.tasks.start(work)) {
            Started::Done(Ok(answer)) => Ok(answer(py)?.into_bound(py)),
            Started::Done(Err(refusal)) => Err(refused(py, &refusal)),
            Started::Waits(number) => Ok(Bound::new(py, Pending { number })?.into_any()),
        }
    }
}

/// Number, answer, refusal.
type Ended<'py> = (u64, Option<Py<PyAny>>, Option<Bound<'py, PyAny>>);

#[pymethods]
impl Tasks {
    #[new]
    fn new() -> PyResult<Self> {
        let bell = Arc::new(Bell::new()?);
        let theirs = Arc::clone(&bell);
        Ok(Self { tasks: tasks::Tasks::new(move || theirs.ring()), bell })
    }

    /// Readable when `turn` has something to do.
    fn fileno(&self) -> RawFd {
        self.bell.reader.as_raw_fd()
    }

    /// Polls what was woken and gives what is done: its number, and its answer or the exception.
    fn turn<'py>(&self, py: Python<'py>) -> PyResult<Vec<Ended<'py>>> {
        contained(py, || {
            // Before the queue is taken: who is woken later rings again.
            self.bell.quiet();
            let ended = py.detach(|| self.tasks.turn());
            ended.into_iter().map(|(number, answer)| ending(py, number, answer)).collect()
        })
    }

    /// Drops work that nobody waits for any longer.
    fn drop(&self, py: Python<'_>, number: u64) {
        py.detach(|| self.tasks.drop_task(number));
    }
}

fn ending(py: Python<'_>, number: u64, answer: Result<Later, Refusal>) -> PyResult<Ended<'_>> {
    let made = match answer {
        Ok(answer) => {
            contained(py, || answer(py)).map_err(|error| error.into_value(py).into_bound(py).into_any())
        }
        Err(refusal) => Err(exception(py, &refusal)?),
    };
    Ok(match made {
        Ok(answer) => (number, Some(answer), None),
        Err(exception) => (number, None, Some(exception)),
    })
}

impl fmt::Debug for Tasks {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Tasks").field(&self.tasks).finish()
    }
}
