//! Strict JSON: every name once, bounded depth and count, no lone surrogates, nothing after the end.
//!
//! Numbers stay text, so that times are exact. Independent of the features a host builds `serde_json` with.

use std::borrow::Cow;

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

/// An object's members in their order, each name once.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Members<'t>(Vec<Member<'t>>);

#[derive(Debug, PartialEq)]
struct Member<'t> {
    tag: u32,
    name: Cow<'t, str>,
    value: Json<'t>,
}

impl<'t> Members<'t> {
    /// The members' names.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|member| member.name.as_ref())
    }

    /// Where `name` is absent, the text of `other` stands for it.
    pub(super) fn stand_in(&mut self, name: &'static str, other: &str) {
        let Some(Json::Text(text)) = self.find(other).filter(|_| self.find(name).is_none()) else { return };
        let value = Json::Text(text.clone());
        self.0.push(Member { tag: tag(name), name: Cow::Borrowed(name), value });
    }

    /// The member of this name.
    #[inline]
    pub(super) fn find(&self, name: &str) -> Option<&Json<'t>> {
        let tag = tag(name);
        let mut members = self.0.iter();
        members.find(|member| member.tag == tag && member.name == name).map(|member| &member.value)
    }
}

/// Length and both ends of a name: tells nearly all names of a token apart without comparing them.
#[inline]
fn tag(name: &str) -> u32 {
    let bytes = name.as_bytes();
    let [low, high, ..] = bytes.len().to_le_bytes();
    let ends = [bytes.first().copied().unwrap_or(0), bytes.last().copied().unwrap_or(0)];
    u32::from_le_bytes([low, high, ends[0], ends[1]])
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
    let mut reader = Reader { text, at: 0, members_left: bounds.members };
    let value = reader.value(bounds.depth)?;
    reader.skip_space();
    let Json::Object(members) = value else { return Err(Error::Malformed) };
    if reader.at == text.len() { Ok(members) } else { Err(Error::Malformed) }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    members_left: usize,
}

impl<'t> Reader<'t> {
    fn value(&mut self, depth: usize) -> Result<Json<'t>, Error> {
        self.skip_space();
        match self.peek().ok_or(Error::Malformed)? {
            b'"' => Ok(Json::Text(self.string()?)),
            b'{' => self.object(depth),
            b'[' => self.list(depth),
            b't' => self.word("true", Json::Bool(true)),
            b'f' => self.word("false", Json::Bool(false)),
            b'n' => self.word("null", Json::Null),
            _ => self.number(),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json<'t>, Error> {
        let depth = depth.checked_sub(1).ok_or(Error::TooLarge { limit: "nesting" })?;
        self.at += 1;
        let mut members = Members(Vec::new());
        if self.closes(b'}') {
            return Ok(Json::Object(members));
        }
        loop {
            self.members_left =
                self.members_left.checked_sub(1).ok_or(Error::TooLarge { limit: "members" })?;
            self.skip_space();
            let name = self.string()?;
            if members.find(&name).is_some() {
                return Err(Error::DuplicateKey);
            }
            // Most objects are claims; empty ones, of which a hostile list holds thousands, cost nothing.
            if members.0.is_empty() {
                members.0.reserve(24);
            }
            self.skip_space();
            self.expect(b':')?;
            members.0.push(Member { tag: tag(&name), name, value: self.value(depth)? });
            if self.closes(b'}') {
                return Ok(Json::Object(members));
            }
            self.expect(b',')?;
        }
    }

    fn list(&mut self, depth: usize) -> Result<Json<'t>, Error> {
        let depth = depth.checked_sub(1).ok_or(Error::TooLarge { limit: "nesting" })?;
        self.at += 1;
        let mut items = Vec::new();
        if self.closes(b']') {
            return Ok(Json::List(items));
        }
        loop {
            items.push(self.value(depth)?);
            if self.closes(b']') {
                return Ok(Json::List(items));
            }
            self.expect(b',')?;
        }
    }

    fn string(&mut self) -> Result<Cow<'t, str>, Error> {
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
    fn plain(&mut self) -> Result<&'t str, Error> {
        let rest = self.text.as_bytes().get(self.at..).ok_or(Error::Malformed)?;
        let length =
            rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | ..0x20)).ok_or(Error::Malformed)?;
        let plain = self.text.get(self.at..self.at + length).ok_or(Error::Malformed)?;
        self.at += length;
        Ok(plain)
    }

    fn escaped(&mut self) -> Result<char, Error> {
        let kind = self.peek().ok_or(Error::Malformed)?;
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
            _ => Err(Error::Malformed),
        }
    }

    fn unicode(&mut self) -> Result<char, Error> {
        let mut units = vec![self.four_digits()?];
        if (0xd800..0xdc00).contains(units.first().unwrap_or(&0)) {
            self.expect(b'\\')?;
            self.expect(b'u')?;
            units.push(self.four_digits()?);
        }
        let mut decoded = char::decode_utf16(units);
        match (decoded.next(), decoded.next()) {
            (Some(Ok(one)), None) => Ok(one),
            _ => Err(Error::Malformed),
        }
    }

    fn four_digits(&mut self) -> Result<u16, Error> {
        let digits = self.text.get(self.at..self.at + 4).ok_or(Error::Malformed)?;
        self.at += 4;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Error::Malformed);
        }
        u16::from_str_radix(digits, 16).map_err(|_| Error::Malformed)
    }

    fn number(&mut self) -> Result<Json<'t>, Error> {
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
        self.text.get(start..self.at).map(Json::Number).ok_or(Error::Malformed)
    }

    fn digits(&mut self) -> Result<(), Error> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { Err(Error::Malformed) }
    }

    fn word(&mut self, word: &str, value: Json<'t>) -> Result<Json<'t>, Error> {
        let is_there = self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word));
        self.at += word.len();
        if is_there { Ok(value) } else { Err(Error::Malformed) }
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

    fn expect(&mut self, byte: u8) -> Result<(), Error> {
        if self.skip(&[byte]) { Ok(()) } else { Err(Error::Malformed) }
    }

    fn closes(&mut self, bracket: u8) -> bool {
        self.skip_space();
        self.skip(&[bracket])
    }

    fn closes_string(&mut self) -> bool {
        self.skip(b"\"")
    }
}

#[cfg(test)]
mod tests;
