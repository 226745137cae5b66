//! What tests of several containers share.

#![expect(clippy::ptr_arg, reason = "a source reads a `Vec`, not a slice")]

use crate::bytes::pieces::applied;
use crate::bytes::source::{ReadError, Source};
use crate::format::place::{Access, Action, Change, Place};
use crate::format::stream::identify::Front;
use crate::format::{self, Depth, Format, Located, Splice, SpliceError, Walked, id3v2};
use crate::isrc::Isrc;

pub(in crate::format) const OLD: &str = "QZES51600001";
pub(in crate::format) const NEW: &str = "USRC17607839";

pub(in crate::format) fn isrc(text: &str) -> Isrc {
    Isrc::from_stored(text).unwrap()
}

pub(in crate::format) fn write(code: &str) -> Action {
    Action::Write(isrc(code))
}

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

/// A kind of file, walked and edited as a command does it, but for what tells the kind: damage must not make it another.
#[derive(Debug, Clone, Copy)]
pub(in crate::format) struct Container(pub Format);

impl Container {
    fn walked(&self, file: &Vec<u8>) -> Result<Walked, ReadError> {
        let mut source = Source::new(file);
        let mut front = Front {
            format: self.0,
            tags: Vec::new(),
            start: 0,
            hidden: None,
        };
        while let Ok(Some(tag)) = id3v2::walk(&mut source, front.start, file.len() as u64) {
            front.start = tag.range.end;
            front.tags.push(tag);
        }
        Ok(format::walk_behind(&mut source, front, Depth::Whole)?.walked)
    }

    pub(in crate::format) fn located(&self, file: &[u8]) -> Located {
        self.walked(&file.to_vec()).unwrap().located
    }

    pub(in crate::format) fn places(&self, file: &[u8]) -> Result<Vec<Place>, ReadError> {
        Ok(self.walked(&file.to_vec())?.located.places)
    }

    pub(in crate::format) fn texts(&self, file: &[u8]) -> Vec<String> {
        self.located(file).places.into_iter().map(|place| place.text).collect()
    }

    /// Each with the name of its place.
    pub(in crate::format) fn named(&self, file: &[u8]) -> Vec<String> {
        let places = self.located(file).places.into_iter();
        places.map(|place| format!("{}={}", place.name, place.text)).collect()
    }

    pub(in crate::format) fn doubt(&self, file: &[u8]) -> Option<&'static str> {
        self.located(file).doubt
    }

    pub(in crate::format) fn spliced(&self, file: &[u8], change: &Change) -> Result<Splice, SpliceError> {
        let old = file.to_vec();
        let Walked { front, layout, .. } = self.walked(&old)?;
        layout.edit(&mut Source::new(&old), &front, change)
    }

    /// The new file, held to what every edit promises.
    #[track_caller]
    pub(in crate::format) fn change(&self, file: &[u8], change: &Change) -> Result<Vec<u8>, SpliceError> {
        let splice = self.spliced(file, change)?;
        assert_kept(file, &splice);
        let new = applied(file, &splice.patches);
        let places = self.places(file)?;
        let kept = places.iter().zip(&change.actions);
        // However a container stores them.
        let told = |place: &Place| place.stored().map_or(place.text.clone(), |isrc| isrc.to_string());
        let kept = kept.filter_map(|(place, action)| match action {
            Action::Keep => Some(told(place)),
            Action::Write(isrc) => Some(isrc.to_string()),
            Action::Drop => None,
        });
        let created = change.create.into_iter().chain(change.axml);
        let created = created.chain(change.tracks.iter().map(|(_, isrc)| *isrc));
        let mut asked: Vec<String> = kept.chain(created.map(|isrc| isrc.to_string())).collect();
        let mut found: Vec<String> = self.places(&new)?.iter().map(told).collect();
        asked.sort();
        found.sort();
        assert_eq!(found, asked, "the places of the new file");
        Ok(new)
    }

    /// One letter an action: `W`rite [`NEW`], `D`rop, `K`eep.
    #[track_caller]
    pub(in crate::format) fn edited(&self, file: &[u8], actions: &str, create: bool) -> Result<Vec<u8>, SpliceError> {
        self.change(file, &change(actions, create))
    }

    /// The edit gives this very file, in which there is nothing left to do.
    #[track_caller]
    pub(in crate::format) fn check(&self, file: &[u8], actions: &str, create: bool, expected: &[u8]) {
        let new = self.edited(file, actions, create).unwrap();
        let differs = new.iter().zip(expected).position(|(new, old)| new != old);
        assert!(
            new == expected,
            "{} bytes, not {}, other from {differs:?} on:\n{}\n{}",
            new.len(),
            expected.len(),
            new.escape_ascii(),
            expected.escape_ascii()
        );
        let again = self.edited(&new, &"K".repeat(self.texts(&new).len()), false);
        assert!(again.unwrap() == new, "an edit of nothing changes something");
    }

    #[track_caller]
    pub(in crate::format) fn check_refused(&self, file: &[u8], actions: &str, create: bool, reason: &str) {
        assert_eq!(self.refusal(file, &change(actions, create)), reason);
    }

    #[track_caller]
    pub(in crate::format) fn refusal(&self, file: &[u8], change: &Change) -> String {
        match self.change(file, change) {
            Err(SpliceError::Refused(refusal)) => refusal.to_string(),
            other => panic!("{:?}", other.map(|file| file.len())),
        }
    }

    /// No cut and no damage makes the walk or an edit panic or hang; what is edited nevertheless keeps its promises.
    /// `repair` puts checksums right after the damage.
    pub(in crate::format) fn torment(&self, file: &[u8], repair: &dyn Fn(&mut Vec<u8>)) {
        let try_both = |mut damaged: Vec<u8>| {
            self.try_all(&damaged);
            let before = damaged.clone();
            repair(&mut damaged);
            if damaged != before {
                self.try_all(&damaged);
            }
        };
        for length in 0..file.len() {
            self.try_all(&file[..length]);
        }
        let mut random = 0x2545_F491_4F6C_DD1Du64;
        let mut next = || {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random as usize
        };
        for at in 0..file.len() {
            for byte in [0, 0xFF, file[at] ^ (1 << (next() % 8)), next() as u8] {
                let mut damaged = file.to_vec();
                damaged[at] = byte;
                try_both(damaged);
            }
            let sizes = [0u32, 1, 7, 8, 0x7FFF_F000, 0x8000_0000, u32::MAX - 8, u32::MAX];
            for size in sizes
                .into_iter()
                .flat_map(|size| [size.to_le_bytes(), size.to_be_bytes()])
            {
                let mut damaged = file.to_vec();
                for (old, new) in damaged[at..].iter_mut().zip(size) {
                    *old = new;
                }
                try_both(damaged);
            }
        }
    }

    pub(in crate::format) fn try_all(&self, file: &[u8]) {
        let Ok(places) = self.places(file) else { return };
        for (action, create) in [('W', false), ('D', false), ('K', true), ('D', true)] {
            let mut change = change(&action.to_string().repeat(places.len()), create);
            for (action, place) in change.actions.iter_mut().zip(&places) {
                if place.access == Access::ReadOnly {
                    *action = Action::Keep;
                }
            }
            drop(self.change(file, &change));
        }
    }
}

pub(in crate::format) fn change(actions: &str, create: bool) -> Change {
    let actions = actions.chars().map(|action| match action {
        'W' => Action::Write(isrc(NEW)),
        'D' => Action::Drop,
        _ => Action::Keep,
    });
    Change {
        actions: actions.collect(),
        create: create.then(|| isrc(NEW)),
        ..Change::default()
    }
}

/// No patch reaches into the audio.
#[track_caller]
pub(in crate::format) fn assert_kept(old: &[u8], splice: &Splice) {
    let len = old.len() as u64;
    for audio in &splice.audio {
        assert!(audio.start <= audio.end && audio.end <= len, "audio {audio:?}");
        for patch in &splice.patches {
            let is_apart = patch.at.end <= audio.start || patch.at.start >= audio.end;
            assert!(is_apart, "patch {:?} in audio {audio:?}", patch.at);
        }
    }
    let patches = &splice.patches;
    assert!(patches.iter().all(|patch| patch.at.end <= len));
    assert!(
        patches.windows(2).all(|pair| pair[0].at.end <= pair[1].at.start),
        "patches are not in order"
    );
}
