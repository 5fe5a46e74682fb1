//! Strict JSON: every name once, bounded depth and count, no lone surrogates, nothing after the end.
//!
//! Numbers stay text, so that times are exact. Independent of the features a host builds `serde_json` with.

mod members;

use std::borrow::Cow;

pub(super) use self::members::Members;
use super::Error;

/// A value, borrowing from the bytes it was read from.
#[derive(Debug, PartialEq)]
pub(super) enum Json<'t> {
    Null,
    Bool(bool),
    Number(&'t str),
    Text(Cow<'t, str>),
    List(Vec<Json<'t>>),
    Object(Members<'t>),
}

impl Json<'_> {
    /// The text, where it is one.
    pub(super) fn as_text(&self) -> Option<&str> {
        if let Json::Text(text) = self { Some(text) } else { None }
    }
}

/// What may be read at most.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Objects and lists within one another.
    pub(super) depth: usize,
    /// Members of all objects together.
    pub(super) members: usize,
}

/// For headers and claims.
pub(super) const TOKEN: Bounds = Bounds { depth: 16, members: 256 };

/// Reads an object and nothing else.
pub(super) fn read_object(bytes: &[u8], bounds: Bounds) -> Result<Members<'_>, Error> {
    let text = std::str::from_utf8(bytes).map_err(|_| Error::Malformed)?;
    read(text, bounds).map_err(Error::from)
}

fn read(text: &str, bounds: Bounds) -> Result<Members<'_>, Fault> {
    let mut reader = Reader { text, at: 0, members_left: bounds.members };
    let mut value = Json::Null;
    reader.value(bounds.depth, &mut value)?;
    reader.skip_space();
    let Json::Object(members) = value else { return Err(Fault::Malformed) };
    if reader.at == text.len() { Ok(members) } else { Err(Fault::Malformed) }
}

/// What is wrong. Its own, since the room's error owns texts: here it would be made and dropped at every byte.
#[derive(Clone, Copy)]
enum Fault {
    DuplicateKey,
    Malformed,
    TooLarge(&'static str),
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::DuplicateKey => Self::DuplicateKey,
            Fault::Malformed => Self::Malformed,
            Fault::TooLarge(limit) => Self::TooLarge { limit },
        }
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    members_left: usize,
}

impl<'t> Reader<'t> {
    /// Reads a value to where it is kept: values are large, and most are read once into a member.
    fn value(&mut self, depth: usize, into: &mut Json<'t>) -> Result<(), Fault> {
        self.skip_space();
        *into = match self.peek().ok_or(Fault::Malformed)? {
            b'"' => Json::Text(self.string()?),
            b'{' => Json::Object(self.object(depth)?),
            b'[' => Json::List(self.list(depth)?),
            b't' => self.word("true", Json::Bool(true))?,
            b'f' => self.word("false", Json::Bool(false))?,
            b'n' => self.word("null", Json::Null)?,
            _ => Json::Number(self.number()?),
        };
        Ok(())
    }

    fn object(&mut self, depth: usize) -> Result<Members<'t>, Fault> {
        let depth = depth.checked_sub(1).ok_or(Fault::TooLarge("nesting"))?;
        self.at += 1;
        let mut members = Members::default();
        if self.closes(b'}') {
            return Ok(members);
        }
        loop {
            self.members_left = self.members_left.checked_sub(1).ok_or(Fault::TooLarge("members"))?;
            self.skip_space();
            let name = self.string()?;
            self.skip_space();
            self.expect(b':')?;
            let value = members.add(name).ok_or(Fault::DuplicateKey)?;
            self.value(depth, value)?;
            if self.closes(b'}') {
                return Ok(members);
            }
            self.expect(b',')?;
        }
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Json<'t>>, Fault> {
        let depth = depth.checked_sub(1).ok_or(Fault::TooLarge("nesting"))?;
        self.at += 1;
        let mut items = Vec::new();
        if self.closes(b']') {
            return Ok(items);
        }
        loop {
            let mut item = Json::Null;
            self.value(depth, &mut item)?;
            items.push(item);
            if self.closes(b']') {
                return Ok(items);
            }
            self.expect(b',')?;
        }
    }

    fn string(&mut self) -> Result<Cow<'t, str>, Fault> {
        self.expect(b'"')?;
        let plain = self.plain()?;
        if self.closes_string() {
            return Ok(Cow::Borrowed(plain));
        }
        let mut text = plain.to_owned();
        loop {
            self.expect(b'\\')?;
            text.push(self.escaped()?);
            text.push_str(self.plain()?);
            if self.closes_string() {
                return Ok(Cow::Owned(text));
            }
        }
    }

    /// Text up to the next quote or backslash.
    fn plain(&mut self) -> Result<&'t str, Fault> {
        let rest = self.text.as_bytes().get(self.at..).ok_or(Fault::Malformed)?;
        let length = plain_length(rest).ok_or(Fault::Malformed)?;
        let plain = self.text.get(self.at..self.at + length).ok_or(Fault::Malformed)?;
        self.at += length;
        Ok(plain)
    }

    fn escaped(&mut self) -> Result<char, Fault> {
        let kind = self.peek().ok_or(Fault::Malformed)?;
        self.at += 1;
        match kind {
            b'"' => Ok('"'),
            b'\\' => Ok('\\'),
            b'/' => Ok('/'),
            b'b' => Ok('\u{8}'),
            b'f' => Ok('\u{c}'),
            b'n' => Ok('\n'),
            b'r' => Ok('\r'),
            b't' => Ok('\t'),
            b'u' => self.unicode(),
            _ => Err(Fault::Malformed),
        }
    }

    fn unicode(&mut self) -> Result<char, Fault> {
        let mut units = vec![self.four_digits()?];
        if (0xd800..0xdc00).contains(units.first().unwrap_or(&0)) {
            self.expect(b'\\')?;
            self.expect(b'u')?;
            units.push(self.four_digits()?);
        }
        let mut decoded = char::decode_utf16(units);
        match (decoded.next(), decoded.next()) {
            (Some(Ok(one)), None) => Ok(one),
            _ => Err(Fault::Malformed),
        }
    }

    fn four_digits(&mut self) -> Result<u16, Fault> {
        let digits = self.text.get(self.at..self.at + 4).ok_or(Fault::Malformed)?;
        self.at += 4;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Fault::Malformed);
        }
        u16::from_str_radix(digits, 16).map_err(|_| Fault::Malformed)
    }

    fn number(&mut self) -> Result<&'t str, Fault> {
        let start = self.at;
        self.skip(b"-");
        if !self.skip(b"0") {
            self.digits()?;
        }
        if self.skip(b".") {
            self.digits()?;
        }
        if self.skip(b"eE") {
            self.skip(b"+-");
            self.digits()?;
        }
        self.text.get(start..self.at).ok_or(Fault::Malformed)
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { Err(Fault::Malformed) }
    }

    fn word(&mut self, word: &str, value: Json<'t>) -> Result<Json<'t>, Fault> {
        let is_there = self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word));
        self.at += word.len();
        if is_there { Ok(value) } else { Err(Fault::Malformed) }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Steps over one byte of these, and says whether there was one.
    fn skip(&mut self, bytes: &[u8]) -> bool {
        let is_there = self.peek().is_some_and(|byte| bytes.contains(&byte));
        self.at += usize::from(is_there);
        is_there
    }

    fn expect(&mut self, byte: u8) -> Result<(), Fault> {
        if self.skip(&[byte]) { Ok(()) } else { Err(Fault::Malformed) }
    }

    fn closes(&mut self, bracket: u8) -> bool {
        self.skip_space();
        self.skip(&[bracket])
    }

    fn closes_string(&mut self) -> bool {
        self.skip(b"\"")
    }
}

/// How many bytes come before the next quote, backslash or control character: eight are looked at in one step.
fn plain_length(bytes: &[u8]) -> Option<usize> {
    const EACH: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = EACH << 7;
    // Whether a byte is below `limit`, which is at most 0x80.
    let is_below = |word: u64, limit: u64| word.wrapping_sub(EACH * limit) & !word & HIGH != 0;
    let is_plain = |word: &&[u8; 8]| {
        let word = u64::from_le_bytes(**word);
        !(is_below(word, 0x20) || is_below(word ^ (EACH * 0x22), 1) || is_below(word ^ (EACH * 0x5c), 1))
    };
    let skipped = 8 * bytes.as_chunks().0.iter().take_while(is_plain).count();
    let ends = |byte: &u8| matches!(byte, b'"' | b'\\' | ..0x20);
    bytes.get(skipped..)?.iter().position(ends).map(|more| skipped + more)
}

#[cfg(test)]
mod tests;
