//! Finds codes in XML (EBUCore in `axml`, iXML, XMP) without building a tree: elements and attributes by local name.
//!
//! Where a document is no longer well formed, nothing more is found. UTF-16 is not read: none of the three is written in it
//! in practice.

use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::label::{code_start, is_code};
use crate::bytes::source::{ReadError, Source};
use crate::isrc::Isrc;

/// Values longer than this hold no code.
const LONGEST: usize = 256;

/// A document of few bytes has few codes; one that is all codes is stopped here.
const MOST_FOUND: usize = 1000;

/// A value in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::format) struct MarkedText {
    /// The value without white space around it.
    pub text: String,
    pub span: Range<u64>,
    /// How many bytes at its start are a label before the code.
    pub label: usize,
}

impl MarkedText {
    /// The text without the label, and where it is.
    pub(in crate::format) fn code(&self) -> (&str, Range<u64>) {
        (
            &self.text[self.label..],
            self.span.start + self.label as u64..self.span.end,
        )
    }
}

/// The values of elements `identifier` and `isrc` and of attributes `isrc` that are a code or marked as one.
pub(in crate::format) fn codes(source: &mut Source, range: Range<u64>) -> Result<Vec<MarkedText>, ReadError> {
    let mut bytes = vec![0; (range.end - range.start) as usize];
    source.read_into(range.start, &mut bytes)?;
    // Names and codes are ASCII in every encoding that is read, so that nobody has to know which one it is.
    let ascii = bytes
        .iter()
        .map(|byte| if byte.is_ascii() { char::from(*byte) } else { '?' });
    let document: String = ascii.collect();
    let mut scan = Scan {
        bytes: &bytes,
        document: &document,
        at: range.start,
        interest: None,
        is_announced: false,
        found: Vec::new(),
    };
    scan.run();
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
    /// `identifier`: other identifiers are there too.
    Identifier,
    /// `identifier` that is said to be an ISRC, or an element or attribute of that name.
    Isrc,
}

struct Scan<'d> {
    bytes: &'d [u8],
    /// The same, byte for byte, with other characters in the stead of those that are not ASCII.
    document: &'d str,
    /// Offset of its first byte in the file.
    at: u64,
    /// In the element whose text we are in.
    interest: Option<Interest>,
    /// An element around it says that its identifier is an ISRC.
    is_announced: bool,
    found: Vec<MarkedText>,
}

impl<'d> Scan<'d> {
    fn run(&mut self) {
        let mut reader = Reader::from_str(self.document);
        let config = reader.config_mut();
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        let mut value = None;
        while self.found.len() < MOST_FOUND {
            let text: Option<Range<usize>> = value.take();
            let Ok(event) = reader.read_event() else {
                // An end tag that is cut short ends a value all the same.
                let text = text.filter(|text| self.document[text.end..].starts_with("</"));
                return self.consider(text, self.interest);
            };
            match event {
                Event::Start(tag) => self.start(&tag, false),
                Event::Empty(tag) => self.start(&tag, true),
                Event::Text(part) if text.is_none() => value = self.range(&part),
                Event::CData(text) => {
                    // Whatever else the element holds, a value in two parts is nothing we would touch.
                    let interest = self.interest.take();
                    self.consider(self.range(&text), interest);
                }
                Event::End(tag) => {
                    let interest = self.interest.take();
                    self.consider(text, interest);
                    self.is_announced &= !is_local(tag.name().as_ref(), "identifier");
                }
                Event::Eof => return,
                // An ampersand that names nothing parts a text too.
                Event::Text(_) => self.interest = None,
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::GeneralRef(_) => {
                    self.interest = None;
                }
            }
        }
    }

    fn start(&mut self, tag: &BytesStart, is_empty: bool) {
        let mut says_isrc = false;
        for attribute in tag.attributes().with_checks(false).flatten() {
            let (name, value) = (attribute.key.as_ref(), &*attribute.value);
            if is_local(name, "isrc") {
                self.consider(self.range(value), Some(Interest::Isrc));
            }
            // EBU Tech 3293: what kind an identifier is.
            let names_kind = is_local(name, "formatLabel") || is_local(name, "typeLabel");
            says_isrc |= names_kind && value.eq_ignore_ascii_case("ISRC");
        }
        let is_identifier = is_local(tag.name().as_ref(), "identifier");
        self.is_announced |= is_identifier && says_isrc && !is_empty;
        self.interest = match (is_empty, is_identifier) {
            (true, _) => None,
            (false, true) if self.is_announced => Some(Interest::Isrc),
            (false, true) => Some(Interest::Identifier),
            (false, false) => is_local(tag.name().as_ref(), "isrc").then_some(Interest::Isrc),
        };
    }

    /// Where in the document a part of it is.
    fn range(&self, part: &str) -> Option<Range<usize>> {
        let start = (part.as_ptr() as usize).checked_sub(self.document.as_ptr() as usize)?;
        Some(start..start + part.len()).filter(|range| range.end <= self.document.len() && range.len() <= LONGEST)
    }

    fn consider(&mut self, range: Option<Range<usize>>, interest: Option<Interest>) {
        let (Some(range), Some(interest)) = (range, interest) else {
            return;
        };
        let Ok(whole) = std::str::from_utf8(&self.bytes[range.clone()]) else {
            return;
        };
        let text = whole.trim();
        if text.is_empty() {
            return;
        }
        let blank = whole.len() - whole.trim_start().len();
        let label = code_start(text);
        // A label or an attribute beside it says that it is meant to be a code, well formed or not.
        if interest == Interest::Isrc || label > 0 || is_code(text) {
            let start = self.at + (range.start + blank) as u64;
            self.found.push(MarkedText {
                text: text.to_owned(),
                span: start..start + text.len() as u64,
                label,
            });
        }
    }
}

fn is_local(name: &str, local: &str) -> bool {
    let own = name.rsplit_once(':').map_or(name, |(_, own)| own);
    own.eq_ignore_ascii_case(local)
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
        check("<identifier>ISRC:QZ-ES5-1&-00001</identifier>", &[]);
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
    fn other_text_of_any_encoding_is_no_hindrance() {
        for other in [
            &b"\xE9t\xE9"[..],
            "été".as_bytes(),
            b"\xFF\xFE\0",
            b"R&B",
            b"R&amp;B",
            b"</d>",
        ] {
            let document = [b"<a><t>", other, b"</t><isrc>QZES51600001</isrc></a>"].concat();
            assert_eq!(texts(&document), ["QZES51600001"], "{}", document.escape_ascii());
        }
        check(
            "\u{FEFF}<?xml version='1.0'?><isrc>QZES51600001</isrc>",
            &["QZES51600001"],
        );
        check("<isrc>Q&#x5A;ES51600001</isrc>", &[]);
    }

    #[test]
    fn long_documents_are_read_through() {
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
        assert_eq!(texts(text.as_bytes()), expected, "{text:?}");
    }

    fn texts(document: &[u8]) -> Vec<String> {
        let bytes = [b"....", document].concat();
        let found = codes(&mut Source::new(&bytes), 4..bytes.len() as u64).unwrap();
        let code = |found: &MarkedText| {
            let (code, span) = found.code();
            assert_eq!(&bytes[span.start as usize..span.end as usize], code.as_bytes());
            code.to_owned()
        };
        found.iter().map(code).collect()
    }
}
