//! The frame of a code as it is read: what it says of itself, or what it must be.

use super::frame::{self, Frame};
use super::header::Header;
use super::unsync::Stored;
use super::{Tag, compression, text};
use crate::bytes::source::{ReadError, Source};
use crate::format::place::PlaceName;

impl Tag {
    /// Reads a code's frame as its flags and its text encoding say; if that gives no text, as if one of them or both were
    /// not true, which is believed only if it gives codes. The error is why codes may stay unseen.
    pub(super) fn reading(
        &self,
        source: &mut Source,
        frame: &Frame,
        told: Option<frame::Format>,
        kind: text::TextForm,
    ) -> Result<Result<Reading, &'static str>, ReadError> {
        let plain = frame::Format::without_flags(&self.header);
        let mut reason = match told {
            None => "a code's ID3v2 frame has unknown flags",
            Some(format) if format.encrypted => "a code's ID3v2 frame is encrypted",
            Some(_) => "a code's ID3v2 frame cannot be decompressed",
        };
        let told = told.filter(|format| !format.encrypted);
        let mut garbled = None;
        let attempts: [(Option<frame::Format>, Read); 4] = [
            (told, text::values),
            (Some(plain), text::values),
            (told, text::codes_in_another_encoding),
            (Some(plain), text::codes_in_another_encoding),
        ];
        for (index, (format, read)) in attempts.into_iter().enumerate() {
            let Some(format) = format else { continue };
            let stored = frame.load(source, &self.header, format)?;
            let Some(body) = body(&stored, &self.header, format) else {
                continue;
            };
            let found = match body.is_empty() {
                true => Some(text::Values::default()),
                false => read(&body, kind),
            };
            let is_as_told = index == 0;
            let Some(found) = found else {
                if is_as_told {
                    reason = "a code's ID3v2 frame has no known text encoding";
                }
                continue;
            };
            let hidden = found
                .hidden
                .or((Some(format) != told).then_some("its frame has a flag that is not true or not known"));
            let is_believed = match is_as_told {
                true => !found.is_garbled(),
                false => found.are_codes(),
            };
            drop(body);
            let reading = Reading {
                format,
                stored,
                found,
                hidden,
            };
            if is_believed {
                return Ok(Ok(reading));
            }
            if is_as_told {
                garbled = Some(reading);
            }
        }
        Ok(garbled.ok_or(reason))
    }
}

/// How the values of a body are read: in the text encoding that it states, or in another.
type Read = fn(&[u8], text::TextForm) -> Option<text::Values>;

/// A code's frame as it was read.
pub(super) struct Reading {
    pub format: frame::Format,
    pub stored: Stored,
    pub found: text::Values,
    /// What keeps most other programs from it.
    pub hidden: Option<&'static str>,
}

pub(super) fn kind(name: &PlaceName) -> text::TextForm {
    match name.is_in("id3v2:TXXX") {
        true => text::TextForm::Described,
        false => text::TextForm::Plain,
    }
}

/// The text of a frame, behind its header, decompressed. `None` if it cannot be decompressed.
pub(super) fn body<'a>(
    stored: &'a Stored,
    header: &Header,
    format: frame::Format,
) -> Option<std::borrow::Cow<'a, [u8]>> {
    let before = frame::header_length(header.version) + format.extra;
    let body = stored.plain.get(before..).unwrap_or_default();
    if format.compressed {
        return compression::inflate(body).map(Into::into);
    }
    Some(body.into())
}
