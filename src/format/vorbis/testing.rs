//! What the tests of FLAC and Ogg share: lists to build, changes to ask for, and the claims that hold for any edit.

use super::super::place::{Access, Action, Change, Place};
use super::super::{Depth, Format, Splice, SpliceError, Walk, splice_by};
use crate::bytes::pieces::applied;
use crate::bytes::source::{ReadError, Source};
use crate::format::stream::identify::{Front, identify};
use crate::isrc::Isrc;

pub(in super::super) const OLD: &str = "USRC17607839";
pub(in super::super) const NEW: &str = "QZES52600001";
pub(in super::super) const OTHER: &str = "GBAYE0000351";

pub(in super::super) fn isrc(code: &str) -> Isrc {
    Isrc::from_stored(code).unwrap()
}

pub(in super::super) fn write(code: &str) -> Action {
    Action::Write(isrc(code))
}

/// A comment list; an entry may be any bytes.
pub(in super::super) fn list<E: AsRef<[u8]>>(entries: &[E]) -> Vec<u8> {
    let mut list = b"\x04\0\0\0test".to_vec();
    list.extend_from_slice(&(entries.len() as u32).to_le_bytes());
    for entry in entries {
        list.extend_from_slice(&(entry.as_ref().len() as u32).to_le_bytes());
        list.extend_from_slice(entry.as_ref());
    }
    list
}

pub(in super::super) fn front(format: Format) -> Front {
    Front {
        format,
        tags: Vec::new(),
        start: 0,
        hidden: None,
    }
}

pub(in super::super) fn change(actions: &[Action], create: Option<&str>) -> Change {
    Change {
        actions: actions.to_vec(),
        create: create.map(isrc),
        ..Change::default()
    }
}

/// A container by its walk.
#[derive(Clone, Copy)]
pub(in super::super) struct Container(pub(in super::super) Walk);

impl Container {
    pub(in super::super) fn places(&self, file: &[u8], front: &Front) -> Result<Vec<Place>, ReadError> {
        let found = (self.0)(&mut Source::new(&file.to_vec()), front, Depth::Whole)?;
        Ok(found.places)
    }

    pub(in super::super) fn texts(&self, file: &[u8], front: &Front) -> Vec<String> {
        let places = self.places(file, front).unwrap();
        places
            .into_iter()
            .map(|place| format!("{}={}", place.name, place.text))
            .collect()
    }

    /// Carries out `change` and holds it to what every edit promises.
    #[track_caller]
    pub(in super::super) fn edited(&self, old: &[u8], front: &Front, change: &Change) -> Vec<u8> {
        let before = self.places(old, front).unwrap();
        let splice = splice_by(self.0, &mut Source::new(&old.to_vec()), front, change).unwrap();
        assert_kept(old, &splice);
        let new = applied(old, &splice.patches);
        let mut asked: Vec<String> = before
            .iter()
            .zip(&change.actions)
            .filter_map(|(place, action)| match action {
                Action::Keep => Some(place.text.clone()),
                Action::Write(isrc) => Some(isrc.to_string()),
                Action::Drop => None,
            })
            .chain(change.create.map(|isrc| isrc.to_string()))
            .collect();
        let front = match front.tags.as_slice() {
            [] => front.clone(),
            _ => identify(&mut Source::new(&new), None).unwrap(),
        };
        let after = self.places(&new, &front).unwrap();
        let mut found: Vec<String> = after.iter().map(|place| place.text.clone()).collect();
        asked.sort();
        found.sort();
        assert_eq!(found, asked, "the places of the new file");
        for patch in &splice.patches {
            let at = patch.at.start as usize..patch.at.end as usize;
            assert_ne!(old[at], patch.bytes, "a patch that changes nothing");
        }
        new
    }

    #[track_caller]
    pub(in super::super) fn refusal(&self, old: &[u8], front: &Front, change: &Change) -> String {
        match splice_by(self.0, &mut Source::new(&old.to_vec()), front, change) {
            Err(SpliceError::Refused(refusal)) => refusal.to_string(),
            other => panic!("{other:?}"),
        }
    }

    /// No cut and no damage makes the walks or an edit panic or hang; what is edited nevertheless keeps its audio.
    /// `repair` puts checksums right after the damage.
    pub(in super::super) fn survive_damage(&self, file: &[u8], front: &Front, repair: &dyn Fn(&mut Vec<u8>)) {
        let try_both = |mut damaged: Vec<u8>| {
            self.try_everything(&damaged, front);
            let before = damaged.clone();
            repair(&mut damaged);
            if damaged != before {
                self.try_everything(&damaged, front);
            }
        };
        for len in 0..file.len() {
            self.try_everything(&file[..len], front);
        }
        let mut random = 0x9e37_79b9_7f4a_7c15u64;
        let mut next = || {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random as usize
        };
        for at in 0..file.len() {
            for value in [0xff, file[at] ^ (1 << (next() % 8)), next() as u8] {
                let mut damaged = file.to_vec();
                damaged[at] = value;
                try_both(damaged);
            }
        }
        for at in 0..file.len().saturating_sub(4) {
            for number in [0u32, 1 << 31, u32::MAX] {
                let mut damaged = file.to_vec();
                damaged[at..at + 4].copy_from_slice(&number.to_le_bytes());
                try_both(damaged);
            }
        }
    }

    fn try_everything(&self, file: &[u8], front: &Front) {
        let Ok(places) = self.places(file, front) else { return };
        let all = |wanted: Action| -> Vec<Action> {
            let action = |place: &Place| {
                if place.access == Access::Write {
                    wanted
                } else {
                    Action::Keep
                }
            };
            places.iter().map(action).collect()
        };
        let changes = [
            change(&all(Action::Keep), Some(NEW)),
            change(&all(write(NEW)), None),
            change(&all(Action::Drop), None),
            change(&all(Action::Drop), Some(OTHER)),
        ];
        for change in &changes {
            let Ok(splice) = splice_by(self.0, &mut Source::new(&file.to_vec()), front, change) else {
                continue;
            };
            assert_kept(file, &splice);
            applied(file, &splice.patches);
        }
    }
}

/// No patch reaches into the audio.
#[track_caller]
fn assert_kept(old: &[u8], splice: &Splice) {
    for audio in &splice.audio {
        assert!(
            audio.start < audio.end && audio.end <= old.len() as u64,
            "audio {audio:?}"
        );
        for patch in &splice.patches {
            let is_apart = patch.at.end <= audio.start || patch.at.start >= audio.end;
            assert!(is_apart, "patch {:?} in audio {audio:?}", patch.at);
        }
    }
}
