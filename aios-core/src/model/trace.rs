//! W3C trace context: which distributed trace a call belongs to.

use super::hex::{hex, unhex};

/// A trace and the span that called us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// 32 hexadecimal digits.
    pub trace_id: String,
    /// Our own span, 16 hexadecimal digits.
    pub span_id: String,
    /// The caller's span; none where we made the trace.
    pub parent_id: Option<String>,
    /// Trace flags; 0 where we made the trace.
    pub flags: u8,
}

/// A `traceparent` that is not of W3C Trace Context version 00.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidTrace;

impl Trace {
    /// Parses a `traceparent` header, or makes a trace where there is none. `random` names the new span (and trace).
    ///
    /// # Errors
    /// The header is not well-formed (W3C Trace Context section 3.2).
    pub fn from_parent(traceparent: Option<&str>, random: &[u8; 24]) -> Result<Self, InvalidTrace> {
        let (trace, span) = random.split_at(16);
        let Some(text) = traceparent else {
            return Ok(Self { trace_id: hex(trace), span_id: hex(span), parent_id: None, flags: 0 });
        };
        let mut parts = text.split('-');
        let (Some("00"), Some(trace_id), Some(parent), Some(flags), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(InvalidTrace);
        };
        let whole = unhex::<16>(trace_id).filter(|id| *id != [0; 16]);
        let caller = unhex::<8>(parent).filter(|id| *id != [0; 8]);
        let (Some(_), Some(_), Some([flags])) = (whole, caller, unhex::<1>(flags)) else {
            return Err(InvalidTrace);
        };
        Ok(Self { trace_id: trace_id.into(), span_id: hex(span), parent_id: Some(parent.into()), flags })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_well_formed_traceparents_are_taken() {
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let trace = Trace::from_parent(Some(good), &[1; 24]).unwrap();
        assert_eq!((trace.parent_id.as_deref(), trace.flags), (Some("00f067aa0ba902b7"), 1));
        for bad in [
            "",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
        ] {
            assert_eq!(Trace::from_parent(Some(bad), &[1; 24]), Err(InvalidTrace), "{bad}");
        }
    }
}
