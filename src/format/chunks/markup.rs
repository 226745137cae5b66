//! Finds codes in XML (EBUCore in `axml`, iXML, XMP) without building a tree: elements and attributes by local name.
//!
//! The text is read in pieces, so a document of any size takes the same memory. What is not well formed only means
//! that nothing is found. UTF-16 is not read: none of the three is written in it in practice.

use std::ops::Range;

use super::label::{code_start, is_code};
use crate::isrc::Isrc;
use crate::source::{ReadError, Source};

/// Names and values longer than this hold no code.
const LONGEST: usize = 256;

const PIECE: u64 = 16 << 10;

/// A document of few bytes has few codes; one that is all codes is stopped here.
const MOST_FOUND: usize = 1000;

/// A value in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::format) struct Found {
    /// The value without white space around it.
    pub text: String,
    pub span: Range<u64>,
    /// How many bytes at its start are a label before the code.
    pub label: usize,
    /// A label or an attribute beside it says that it is meant to be a code, well formed or not.
    pub is_marked: bool,
}

impl Found {
    /// The text without the label, and where it stands.
    pub(in crate::format) fn code(&self) -> (&str, Range<u64>) {
        (
            &self.text[self.label..],
            self.span.start + self.label as u64..self.span.end,
        )
    }
}

/// The values of elements `identifier` and `isrc` and of attributes `isrc` that are a code or marked as one.
pub(in crate::format) fn codes(source: &mut Source, range: Range<u64>) -> Result<Vec<Found>, ReadError> {
    let mut scan = Scan {
        text: Text {
            source,
            piece: Vec::new(),
            piece_at: range.start,
            at: range.start,
            end: range.end,
        },
        found: Vec::new(),
    };
    scan.run()?;
    Ok(scan.found)
}

/// An EBUCore document with the code alone, of an even length (EBU Tech 3352, "The Carriage of Identifiers in the Broadcast
/// Wave Format"; BWF MetaEdit writes the same).
pub(super) fn document(isrc: Isrc) -> Vec<u8> {
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <ebucore:ebuCoreMain xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:ebucore=\"urn:ebu:metadata-schema:ebuCore_2012\">\n\
         <ebucore:coreMetadata>\n\
         <ebucore:identifier typeLabel=\"GUID\" typeDefinition=\"Globally Unique Identifier\" formatLabel=\"ISRC\" \
         formatDefinition=\"International Standard Recording Code\" \
         formatLink=\"http://www.ebu.ch/metadata/cs/ebu_IdentifierTypeCodeCS.xml#3.7\">\n\
         <dc:identifier>ISRC:{isrc}</dc:identifier>\n\
         </ebucore:identifier>\n\
         </ebucore:coreMetadata>\n\
         </ebucore:ebuCoreMain>\n"
    );
    if text.len() % 2 == 1 {
        text.push('\n');
    }
    text.into_bytes()
}

/// Why a value is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Interest {
    None,
    /// `identifier`: other identifiers stand there too.
    Identifier,
    /// `identifier` that is said to be an ISRC, or an element or attribute of that name.
    Isrc,
}

struct Scan<'s, 'a> {
    text: Text<'s, 'a>,
    found: Vec<Found>,
}

impl Scan<'_, '_> {
    fn run(&mut self) -> Result<(), ReadError> {
        // The element whose text we are in, and whether one around it says that its identifier is an ISRC.
        let mut interest = Interest::None;
        let mut is_announced = false;
        while self.found.len() < MOST_FOUND {
            let start = self.text.at;
            let value = if interest == Interest::None {
                self.text.skip_to(b'<')?;
                None
            } else {
                self.text.take_to(b'<')?
            };
            if self.text.next()?.is_none() {
                return Ok(());
            }
            match self.text.peek()? {
                Some(b'?') => self.text.skip_past(b"?>")?,
                Some(b'!') => {
                    self.declaration(interest)?;
                    // The text goes on behind it, but a value in two parts is nothing we would touch.
                    interest = Interest::None;
                }
                Some(b'/') => {
                    self.text.next()?;
                    let name = self.text.take_name()?;
                    if let Some(value) = value {
                        self.consider(&value, start, interest);
                    }
                    is_announced &= !is_local(&name, "identifier");
                    interest = Interest::None;
                    self.text.skip_past(b">")?;
                }
                Some(_) => {
                    let (name, says_isrc, is_empty) = self.start_tag()?;
                    let is_identifier = is_local(&name, "identifier");
                    is_announced |= is_identifier && says_isrc && !is_empty;
                    interest = match is_empty {
                        true => Interest::None,
                        false if is_local(&name, "isrc") => Interest::Isrc,
                        false if is_identifier && is_announced => Interest::Isrc,
                        false if is_identifier => Interest::Identifier,
                        false => Interest::None,
                    };
                }
                None => return Ok(()),
            }
        }
        Ok(())
    }

    /// Behind `<`, at `!`: a comment, a CDATA section, which may hold a value, or a document type.
    fn declaration(&mut self, interest: Interest) -> Result<(), ReadError> {
        self.text.next()?;
        if self.text.starts_with(b"--")? {
            self.text.skip_past(b"-->")?;
        } else if self.text.starts_with(b"[CDATA[")? {
            for _ in 0..b"[CDATA[".len() {
                self.text.next()?;
            }
            let start = self.text.at;
            let value = self.text.take_to(b']')?;
            let is_whole = self.text.starts_with(b"]]>")?;
            self.text.skip_past(b"]]>")?;
            if let (Some(value), true) = (value, is_whole && interest != Interest::None) {
                self.consider(&value, start, interest);
            }
        } else {
            // A document type with rules of its own in brackets.
            let mut depth = 0u32;
            while let Some(byte) = self.text.next()? {
                match byte {
                    b'[' => depth = depth.saturating_add(1),
                    b']' => depth = depth.saturating_sub(1),
                    b'>' if depth == 0 => break,
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// Behind `<`, at a name. Returns the name, whether an attribute says that it is an ISRC, and whether the element
    /// is empty.
    fn start_tag(&mut self) -> Result<(Vec<u8>, bool, bool), ReadError> {
        let name = self.text.take_name()?;
        let mut says_isrc = false;
        let mut is_empty = false;
        while let Some(byte) = self.text.peek()? {
            match byte {
                b'>' => {
                    self.text.next()?;
                    break;
                }
                b'/' => {
                    is_empty = true;
                    self.text.next()?;
                }
                b'<' => break,
                byte if byte.is_ascii_whitespace() || matches!(byte, b'=' | b'"' | b'\'') => {
                    self.text.next()?;
                }
                _ => {
                    is_empty = false;
                    let attribute = self.text.take_name()?;
                    says_isrc |= self.attribute(&attribute)?;
                }
            }
        }
        Ok((name, says_isrc, is_empty))
    }

    fn attribute(&mut self, name: &[u8]) -> Result<bool, ReadError> {
        self.text.skip_blanks()?;
        if self.text.peek()? != Some(b'=') {
            return Ok(false);
        }
        self.text.next()?;
        self.text.skip_blanks()?;
        let Some(quote @ (b'"' | b'\'')) = self.text.peek()? else {
            return Ok(false);
        };
        self.text.next()?;
        let start = self.text.at;
        let value = self.text.take_to(quote)?;
        self.text.next()?;
        let Some(value) = value else {
            return Ok(false);
        };
        if is_local(name, "isrc") {
            self.consider(&value, start, Interest::Isrc);
        }
        // EBU Tech 3293: what kind an identifier is.
        let names_kind = is_local(name, "formatLabel") || is_local(name, "typeLabel");
        Ok(names_kind && value.eq_ignore_ascii_case(b"ISRC"))
    }

    fn consider(&mut self, value: &[u8], start: u64, interest: Interest) {
        let Ok(whole) = std::str::from_utf8(value) else {
            return;
        };
        let text = whole.trim();
        if text.is_empty() || interest == Interest::None {
            return;
        }
        let blank = whole.len() - whole.trim_start().len();
        let label = code_start(text);
        let is_marked = interest == Interest::Isrc || label > 0;
        if is_marked || is_code(text) {
            let start = start + blank as u64;
            self.found.push(Found {
                text: text.to_owned(),
                span: start..start + text.len() as u64,
                label,
                is_marked,
            });
        }
    }
}

fn is_local(name: &[u8], local: &str) -> bool {
    let own = name
        .iter()
        .rposition(|byte| *byte == b':')
        .map_or(name, |colon| &name[colon + 1..]);
    own.eq_ignore_ascii_case(local.as_bytes())
}

/// The document, a piece at a time.
struct Text<'s, 'a> {
    source: &'s mut Source<'a>,
    piece: Vec<u8>,
    piece_at: u64,
    at: u64,
    end: u64,
}

impl Text<'_, '_> {
    /// What is at hand from here on; empty only at the end.
    fn rest(&mut self) -> Result<&[u8], ReadError> {
        let offset = (self.at - self.piece_at) as usize;
        if offset >= self.piece.len() && self.at < self.end {
            let count = (self.end - self.at).min(PIECE) as usize;
            self.piece.clear();
            self.piece.extend_from_slice(self.source.at(self.at, count)?);
            self.piece_at = self.at;
        }
        Ok(&self.piece[((self.at - self.piece_at) as usize).min(self.piece.len())..])
    }

    fn peek(&mut self) -> Result<Option<u8>, ReadError> {
        Ok(self.rest()?.first().copied())
    }

    fn next(&mut self) -> Result<Option<u8>, ReadError> {
        let byte = self.peek()?;
        self.at += u64::from(byte.is_some());
        Ok(byte)
    }

    fn starts_with(&mut self, text: &[u8]) -> Result<bool, ReadError> {
        if self.end - self.at < text.len() as u64 {
            return Ok(false);
        }
        if self.rest()?.len() >= text.len() {
            return Ok(self.rest()?.starts_with(text));
        }
        Ok(self.source.at(self.at, text.len())? == text)
    }

    fn skip_blanks(&mut self) -> Result<(), ReadError> {
        while self.peek()?.is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
        Ok(())
    }

    fn skip_to(&mut self, stop: u8) -> Result<(), ReadError> {
        loop {
            let rest = self.rest()?;
            let length = rest.len() as u64;
            if let Some(found) = rest.iter().position(|byte| *byte == stop) {
                self.at += found as u64;
                return Ok(());
            }
            if length == 0 {
                return Ok(());
            }
            self.at += length;
        }
    }

    fn skip_past(&mut self, stop: &[u8]) -> Result<(), ReadError> {
        loop {
            self.skip_to(stop[0])?;
            if self.peek()?.is_none() {
                return Ok(());
            }
            if self.starts_with(stop)? {
                self.at += stop.len() as u64;
                return Ok(());
            }
            self.at += 1;
        }
    }

    /// The bytes before the next `stop`, which stays; `None` if they are too many to be a code.
    fn take_to(&mut self, stop: u8) -> Result<Option<Vec<u8>>, ReadError> {
        let start = self.at;
        self.skip_to(stop)?;
        let length = (self.at - start) as usize;
        if length > LONGEST {
            return Ok(None);
        }
        Ok(Some(self.source.at(start, length)?.to_vec()))
    }

    /// A name, cut where it gets too long to be one of ours.
    fn take_name(&mut self) -> Result<Vec<u8>, ReadError> {
        let mut name = Vec::new();
        while let Some(byte) = self.peek()? {
            if byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/' | b'=' | b'<' | b'"' | b'\'') {
                break;
            }
            if name.len() < LONGEST {
                name.push(byte);
            }
            self.at += 1;
        }
        Ok(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_found_by_local_name() {
        check("<dc:identifier>ISRC:QZES51600001</dc:identifier>", &["QZES51600001"]);
        check(
            "<identifier> isrc: QZ-ES5-16-00001\n</identifier>",
            &["QZ-ES5-16-00001"],
        );
        check("<x:Identifier>QZES51600001</x:Identifier>", &["QZES51600001"]);
        check(
            "<identifier><![CDATA[ISRC:QZES51600001]]></identifier>",
            &["QZES51600001"],
        );
        check("<identifier>urn:uuid:1</identifier><y>QZES51600001</y>", &[]);
        check("<identifiers>QZES51600001</identifiers>", &[]);
    }

    #[test]
    fn a_marked_value_is_found_though_it_is_no_code() {
        check("<identifier>ISRC:QZES5160000</identifier>", &["QZES5160000"]);
        check(
            "<e:identifier formatLabel='ISRC'><identifier>none</identifier></e:identifier>",
            &["none"],
        );
        check(
            "<e:identifier typeLabel=\"GUID\"><identifier>none</identifier></e:identifier>",
            &[],
        );
        check(
            "<e:identifier formatLabel='ISRC'><identifier>a</identifier></e:identifier><identifier>b</identifier>",
            &["a"],
        );
        check("<ISRC>nonsense</ISRC>", &["nonsense"]);
    }

    #[test]
    fn elements_and_attributes_named_isrc_are_found() {
        check("<USER><ISRC>QZES51600001</ISRC></USER>", &["QZES51600001"]);
        check(
            "<rdf:Description a=\"x>y\" xmpDM:isrc=\"QZES51600001\"/>",
            &["QZES51600001"],
        );
        check("<d isrc = 'QZES51600001'>text</d>", &["QZES51600001"]);
        check("<isrc/>QZES51600001", &[]);
        check("<isrc></isrc>", &[]);
    }

    #[test]
    fn what_is_not_content_is_stepped_over() {
        check("<!-- <isrc>QZES51600001</isrc> -->", &[]);
        check("<?pi <isrc>QZES51600001</isrc> ?>", &[]);
        check(
            "<!DOCTYPE a [ <!ENTITY isrc \"QZES51600001\"> ]><isrc>QZES51600002</isrc>",
            &["QZES51600002"],
        );
        check("<isrc>QZES5<!-- -->1600001</isrc>", &[]);
        check("<isrc>QZES5<b/>1600001</isrc>", &[]);
    }

    #[test]
    fn documents_longer_than_a_piece_are_read_through() {
        for filler in [16_370, 16_380, 16_384, 16_390, 100_000] {
            let text = format!("<a>{}</a><isrc>QZES51600001</isrc>", "x".repeat(filler));
            check(&text, &["QZES51600001"]);
        }
    }

    #[test]
    fn broken_markup_ends_the_search() {
        for text in [
            "<",
            "<isrc",
            "<isrc>QZES51600001",
            "<!--",
            "<![CDATA[",
            "<!D[",
            "<a b",
            "<a b=",
            "<a b='",
            "</",
            "<?",
        ] {
            check(text, &[]);
        }
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let bytes = [b"....", text.as_bytes()].concat();
        let mut source = Source::new(&bytes);
        let found = codes(&mut source, 4..bytes.len() as u64).unwrap();
        let codes: Vec<&str> = found.iter().map(|found| found.code().0).collect();
        assert_eq!(codes, expected, "{text:?}");
        for found in &found {
            let (code, span) = found.code();
            assert_eq!(&bytes[span.start as usize..span.end as usize], code.as_bytes());
        }
    }
}
