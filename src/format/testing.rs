//! What tests of several containers share.

#![expect(clippy::ptr_arg, reason = "a source reads a `Vec`, not a slice")]

use crate::bytes::pieces::applied;
use crate::bytes::source::Source;
use crate::format::place::{Action, Change};
use crate::format::{self, Format, Located, SpliceError};
use crate::isrc::Isrc;

pub(in crate::format) const OLD: &str = "QZES51600001";
pub(in crate::format) const NEW: &str = "USRC17607839";

/// Bytes that are no zeros, and no header of anything.
pub(in crate::format) fn sound(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index * 7 % 251) as u8 | 1).collect()
}

/// An APEv2 tag with header and footer, of texts.
pub(in crate::format) fn apev2(items: &[(&str, &str)]) -> Vec<u8> {
    let item = |(key, value): &(&str, &str)| {
        let length = (value.len() as u32).to_le_bytes();
        [&length[..], &[0; 4], key.as_bytes(), b"\0", value.as_bytes()].concat()
    };
    let body: Vec<u8> = items.iter().flat_map(item).collect();
    let end = |flags: u32| {
        let words = [2000, body.len() as u32 + 32, items.len() as u32, flags, 0, 0];
        [&b"APETAGEX"[..], &words.map(u32::to_le_bytes).concat()].concat()
    };
    [end(0xA000_0000), body.clone(), end(0x8000_0000)].concat()
}

/// A kind of file, walked and edited as a command does it.
#[derive(Debug, Clone, Copy)]
pub(in crate::format) struct Container {
    pub format: Format,
    pub extension: &'static str,
}

impl Container {
    pub(in crate::format) fn located(&self, file: &Vec<u8>) -> Located {
        let located = format::locate(&mut Source::new(file), Some(self.extension)).unwrap();
        assert_eq!(located.format, self.format);
        located
    }

    pub(in crate::format) fn texts(&self, file: &Vec<u8>) -> Vec<String> {
        self.located(file).places.into_iter().map(|place| place.text).collect()
    }

    pub(in crate::format) fn doubt(&self, file: &Vec<u8>) -> Option<&'static str> {
        self.located(file).doubt
    }

    /// The new file. One letter an action: `W`rite [`NEW`], `D`rop, `K`eep.
    pub(in crate::format) fn edited(
        &self,
        file: &Vec<u8>,
        actions: &str,
        create: bool,
    ) -> Result<Vec<u8>, SpliceError> {
        let isrc = Isrc::from_stored(NEW).unwrap();
        let located = self.located(file);
        let action = |letter: char| match letter {
            'W' => Action::Write(isrc),
            'D' => Action::Drop,
            _ => Action::Keep,
        };
        let change = Change {
            actions: actions.chars().map(action).collect(),
            create: create.then_some(isrc),
            ..Change::default()
        };
        assert_eq!(change.actions.len(), located.places.len());
        let mut source = Source::new(file);
        let walked = format::walk(&mut source, Some(self.extension))?;
        let splice = format::edit(&mut source, &walked, &change)?;
        Ok(applied(file, &splice.patches))
    }

    /// The edit gives this very file, and the walk finds in it what was asked for.
    #[track_caller]
    pub(in crate::format) fn check(&self, file: &Vec<u8>, actions: &str, create: bool, expected: &Vec<u8>) {
        let new = self.edited(file, actions, create).unwrap();
        let differs = new.iter().zip(expected).position(|(new, old)| new != old);
        assert!(
            &new == expected,
            "{} bytes, not {}, other from {differs:?} on:\n{}\n{}",
            new.len(),
            expected.len(),
            new.escape_ascii(),
            expected.escape_ascii()
        );
    }

    #[track_caller]
    pub(in crate::format) fn check_refused(&self, file: &Vec<u8>, actions: &str, create: bool, reason: &str) {
        let error = self.edited(file, actions, create).unwrap_err();
        assert_eq!(error.to_string(), reason);
    }
}
