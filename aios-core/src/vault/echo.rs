//! Finds a secret that a server sends back, and masks it: a defence in depth, no proof.
//!
//! A server that was given a credential can always give it to whoever it likes. What happens by accident is that it echoes
//! the request: plainly, in base64, in hex, percent-encoded or escaped as JSON does, and split wherever the network splits.
//! A mask is as long as what it covers, so neither the length of a body nor its syntax changes.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::model::Secret;

/// A shorter secret is not looked for: too much of what is harmless would look like it.
pub(super) const SHORTEST: usize = 8;
const MASK: u8 = b'*';

/// Looks for one secret in one stream.
pub struct Echo {
    needles: Vec<Needle>,
    /// Whether a byte can begin a needle, also escaped.
    begins: [bool; 256],
    /// What may be the beginning of an echo, and is not handed on before that is known.
    held: Zeroizing<Vec<u8>>,
    found: u64,
}

impl fmt::Debug for Echo {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Echo(found {})", self.found)
    }
}

/// One spelling of the secret.
struct Needle {
    text: Zeroizing<Vec<u8>>,
    same: fn(u8, u8) -> bool,
}

/// What begins at a place.
enum Found {
    /// An echo of so many bytes.
    Echo(usize),
    /// Nothing.
    Nothing,
    /// So many bytes of the secret so far, and then the text ends.
    Unfinished(usize),
}

/// What comes after the text at hand.
#[derive(Clone, Copy)]
enum Then {
    End,
    More,
}

impl Echo {
    /// Looks for this secret; for none where it is shorter than 8 bytes.
    #[must_use]
    pub fn of(secret: &Secret) -> Self {
        let value = secret.expose();
        let mut needles = Vec::new();
        if value.len() >= SHORTEST {
            needles.push(Needle { text: Zeroizing::new(value.to_vec()), same: |a, b| a == b });
            needles.push(Needle { text: hex(value), same: |a, b| a.eq_ignore_ascii_case(&b) });
            needles.extend((0..3).map(|shift| Needle {
                text: base64(value, shift),
                same: |a, b| in_one_alphabet(a) == in_one_alphabet(b),
            }));
        }
        let mut begins = [false; 256];
        for (byte, begins) in (0..=u8::MAX).zip(&mut begins) {
            let first =
                |needle: &Needle| needle.text.first().is_some_and(|first| (needle.same)(*first, byte));
            *begins = !needles.is_empty() && (matches!(byte, b'%' | b'\\') || needles.iter().any(first));
        }
        Self { needles, begins, held: Zeroizing::default(), found: 0 }
    }

    /// How many echoes were masked so far.
    #[must_use]
    pub fn found(&self) -> u64 {
        self.found
    }

    /// Takes the next part of the stream and gives what may be handed on of it.
    pub fn pass(&mut self, part: &[u8]) -> Vec<u8> {
        self.held.extend_from_slice(part);
        self.hand_on(Then::More)
    }

    /// Gives the rest. What is cut off within an echo is masked as far as it goes.
    pub fn end(&mut self) -> Vec<u8> {
        self.hand_on(Then::End)
    }

    /// A whole text at once, such as a header's value.
    pub fn mask(&mut self, text: &[u8]) -> Vec<u8> {
        let mut masked = self.pass(text);
        masked.extend(self.end());
        masked
    }

    fn hand_on(&mut self, then: Then) -> Vec<u8> {
        let text = std::mem::take(&mut self.held);
        let mut out = Vec::with_capacity(text.len());
        while let Some(rest) = text.get(out.len()..).filter(|rest| !rest.is_empty()) {
            let masked = match (self.first(rest), then) {
                (Found::Echo(length), _) => length,
                (Found::Unfinished(_), Then::More) => break,
                (Found::Unfinished(matched), Then::End) if matched >= SHORTEST => rest.len(),
                (Found::Unfinished(_), Then::End) | (Found::Nothing, _) => 0,
            };
            if masked == 0 {
                out.extend(rest.first());
            } else {
                self.found += 1;
                out.resize(out.len() + masked, MASK);
            }
        }
        self.held = Zeroizing::new(text.get(out.len()..).unwrap_or_default().to_vec());
        out
    }

    /// What begins where `text` does: the longest echo, or else what may become one.
    fn first(&self, text: &[u8]) -> Found {
        let may_begin = text.first().and_then(|byte| self.begins.get(usize::from(*byte)));
        if !may_begin.is_some_and(|begins| *begins) {
            return Found::Nothing;
        }
        let (mut longest, mut unfinished) = (None, None);
        for needle in &self.needles {
            match needle.at_start(text) {
                Found::Echo(length) => longest = longest.max(Some(length)),
                Found::Unfinished(matched) => unfinished = unfinished.max(Some(matched)),
                Found::Nothing => {}
            }
        }
        match (longest, unfinished) {
            (Some(length), _) => Found::Echo(length),
            (None, Some(matched)) => Found::Unfinished(matched),
            (None, None) => Found::Nothing,
        }
    }
}

impl Needle {
    /// Follows every way to read the text at once: a `%` may stand for itself or begin an escape.
    fn at_start(&self, text: &[u8]) -> Found {
        // Nearly every place ends here.
        if let (Some(first), Some(wanted)) = (text.first(), self.text.first())
            && !matches!(first, b'%' | b'\\')
            && !(self.same)(*first, *wanted)
        {
            return Found::Nothing;
        }
        let mut places = vec![0_usize];
        let mut open = None;
        for (matched, wanted) in self.text.iter().enumerate() {
            let mut next = Vec::with_capacity(places.len());
            for place in places {
                let rest = text.get(place..).unwrap_or_default();
                let (readings, is_cut) = read(rest);
                if is_cut {
                    open = Some(matched);
                }
                let fits = readings.into_iter().flatten().filter(|(byte, _)| (self.same)(*byte, *wanted));
                next.extend(fits.map(|(_, length)| place + length));
            }
            next.sort_unstable();
            next.dedup();
            if next.is_empty() {
                return open.map_or(Found::Nothing, Found::Unfinished);
            }
            places = next;
        }
        places.last().map_or(Found::Nothing, |end| Found::Echo(*end))
    }
}

/// The ways to read what a text begins with, each a byte and how much of the text it takes; and whether there may be
/// another way once the text goes on.
fn read(text: &[u8]) -> ([Option<(u8, usize)>; 2], bool) {
    let plain = text.first().map(|byte| (*byte, 1));
    let (escaped, is_cut) = match text {
        [] | [b'\\'] => (None, true),
        [b'%', digits @ ..] => coded(digits, 2, 1),
        [b'\\', byte @ (b'"' | b'\\' | b'/'), ..] => (Some((*byte, 2)), false),
        [b'\\', b'u', digits @ ..] => coded(digits, 4, 2),
        _ => (None, false),
    };
    ([plain, escaped], is_cut)
}

/// A byte as so many hex digits, behind so many bytes of introduction.
fn coded(text: &[u8], digits: usize, introduction: usize) -> (Option<(u8, usize)>, bool) {
    let present = text.get(..digits.min(text.len())).unwrap_or_default();
    let mut value = 0_u32;
    for digit in present {
        let Some(digit) = char::from(*digit).to_digit(16) else { return (None, false) };
        value = value << 4 | digit;
    }
    if present.len() < digits {
        return (None, true);
    }
    (u8::try_from(value).ok().map(|byte| (byte, introduction + digits)), false)
}

fn hex(value: &[u8]) -> Zeroizing<Vec<u8>> {
    let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
    Zeroizing::new(value.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect())
}

/// The characters that the value alone decides where `before` bytes stand in front of it in their group of three.
fn base64(value: &[u8], before: usize) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(vec![0; before]);
    bytes.extend_from_slice(value);
    let text = Zeroizing::new(URL_SAFE_NO_PAD.encode(&*bytes));
    let decided = (before * 8).div_ceil(6)..bytes.len() * 8 / 6;
    Zeroizing::new(text.as_bytes().get(decided).unwrap_or_default().to_vec())
}

/// The two alphabets of base64 differ in two characters.
fn in_one_alphabet(byte: u8) -> u8 {
    match byte {
        b'+' => b'-',
        b'/' => b'_',
        other => other,
    }
}

#[cfg(test)]
mod tests;
