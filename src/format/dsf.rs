//! DSF: three chunks with 64-bit sizes, then the ID3v2 tag that the first one points to (Sony, DSF 1.01).

use super::chunks::{TAIL, TAIL_START};
use super::id3v2::{self, Tag};
use super::place::{Change, Standing};
use super::{Depth, Layout, Located, Refusal, Splice, SpliceError, WalkOutcome, edit, refuse};
use crate::bytes::pieces::Patch;
use crate::bytes::source::{ReadError, Source};
use crate::format::edit::tree::{New, Size, Tree};
use crate::format::stream::identify::Front;

/// The `DSD ` chunk: its name, its size, the size of the file, and where the metadata begins.
const HEADER: u64 = 28;
const FILE_SIZE_AT: u64 = 12;
const POINTER_AT: u64 = 20;

/// What an ID3v2 tag begins with.
const TAG_HEAD: u64 = 10;

/// The head of the other chunks: a name and a size that counts the head too.
const CHUNK_HEAD: u64 = 12;

pub(super) fn walk(source: &mut Source, front: &Front, _: Depth) -> Result<WalkOutcome, ReadError> {
    let header: [u8; HEADER as usize] = source.array(front.start)?;
    let field = |at: u64| Size::Le64.read(&header[at as usize..at as usize + 8]);
    let (file_size, pointer) = (field(FILE_SIZE_AT), field(POINTER_AT));
    let audio = samples(source, front.start + HEADER)?;
    source.reach(pointer)?;
    let mut places = front.places();
    let mut tag = None;
    if pointer != 0 {
        let rest = source.len() - pointer;
        source.expect(pointer, if rest <= TAIL { rest } else { TAIL_START })?;
        tag = id3v2::walk(source, pointer, source.len())?;
    }
    if let Some(tag) = &tag {
        tag.places(Standing::Standard, &mut places);
    }
    let end = tag.as_ref().map(|tag| tag.range.end);
    let end = end.or(audio.as_ref().map(|audio| audio.end).filter(|_| pointer == 0));
    let mut is_followed = false;
    for at in [end, Some(file_size)].into_iter().flatten() {
        let is_there = at >= end.unwrap_or(at) && at <= source.len().saturating_sub(TAG_HEAD);
        is_followed |= is_there && source.array::<3>(at)? == *b"ID3";
    }
    let structure = Structure {
        file_size,
        pointer,
        tag,
        is_followed,
        audio,
    };
    let doubt = structure.tag.as_ref().and_then(Tag::doubt);
    let located = Located {
        inflates: structure.tag.as_ref().is_some_and(|tag| tag.inflates),
        doubt: doubt.or_else(|| structure.other_metadata(source)),
        ..Located::certain(front.format, places)
    };
    Ok(WalkOutcome::of(located, structure))
}

impl Layout for Structure {
    fn edit(&self, source: &mut Source, front: &Front, change: &Change) -> Result<Splice, SpliceError> {
        let audio = self.audio.iter().filter(|audio| !audio.is_empty()).cloned().collect();
        edit::splice(source, front, audio, None, change, |source| {
            self.check(source, front)?;
            self.tree(source)
        })
    }
}

const WRONG_SIZE: &str = "the file size in its header is not that of the file";
const NO_TAG: &str = "its metadata is no ID3v2 tag that can be read";
const STRAY_TAG: &str = "an ID3v2 tag stands where its header does not point";

#[derive(Debug)]
struct Structure {
    /// What the header says.
    file_size: u64,
    pointer: u64,
    tag: Option<Tag>,
    /// Whether another tag follows, which some programs read.
    is_followed: bool,
    /// The samples; `None` without a `data` chunk.
    audio: Option<std::ops::Range<u64>>,
}

impl Structure {
    /// The tag, which makes the file longer by what it grows.
    fn tree<'t>(&'t self, source: &mut Source) -> Result<Tree<'t>, SpliceError> {
        let mut tree = Tree::default();
        // Where the file ends by its header; other bytes may follow, and stay behind.
        let stated = self.stated_end(source);
        let (end, size) = match stated {
            Some(end) => (end, Size::Le64),
            None => (source.len(), Size::Unstated),
        };
        let file = tree.sized(0..end, None, FILE_SIZE_AT, size, 0);
        tree.nodes[file].too_large = WRONG_SIZE;
        match &self.tag {
            Some(tag) => tag.declare(source, &mut tree, Some(file), true)?,
            None => {
                tree.new = Some(New {
                    also: vec![Patch::new(POINTER_AT..POINTER_AT + 8, end.to_le_bytes())],
                    refusal: stated.is_none().then_some(WRONG_SIZE),
                    ..id3v2::new(end, Some(file))
                });
            }
        }
        Ok(tree)
    }

    /// Refuses a file whose parts do not fit together.
    fn check(&self, source: &Source, front: &Front) -> Result<(), Refusal> {
        if front.start != 0 {
            return refuse("other data stands in front of its header, which states offsets");
        }
        let Some(audio) = &self.audio else {
            return refuse("it has no audio chunk where one must be");
        };
        let tag_from = if self.pointer == 0 { source.len() } else { self.pointer };
        if tag_from < audio.end {
            return refuse("its header says that the tag begins inside the audio");
        }
        match self.other_metadata(source) {
            Some(reason) => refuse(reason),
            None => Ok(()),
        }
    }

    /// Where the file ends by its header: behind the audio and the tag, and not behind the file.
    fn stated_end(&self, source: &Source) -> Option<u64> {
        let tag_end = self.tag.as_ref().map(|tag| tag.range.end);
        let least = tag_end.max(self.audio.as_ref().map(|audio| audio.end)).unwrap_or(0);
        let is_possible = (least..=source.len()).contains(&self.file_size);
        is_possible.then_some(self.file_size)
    }

    /// What is no tag though the header points to it, or one though it does not.
    fn other_metadata(&self, source: &Source) -> Option<&'static str> {
        match self.tag.is_none() && self.pointer != 0 && self.pointer < source.len() {
            true => Some(NO_TAG),
            false => self.is_followed.then_some(STRAY_TAG),
        }
    }
}

/// The samples: `fmt ` comes first, then `data`.
fn samples(source: &mut Source, at: u64) -> Result<Option<std::ops::Range<u64>>, ReadError> {
    let mut at = at;
    for name in [b"fmt ", b"data"] {
        let head: [u8; CHUNK_HEAD as usize] = source.array(at)?;
        let size = Size::Le64.read(&head[4..]);
        if !head.starts_with(name) || size < CHUNK_HEAD {
            return Ok(None);
        }
        let end = at.saturating_add(size);
        source.reach(end)?;
        if name == b"data" {
            return Ok(Some(at + CHUNK_HEAD..end));
        }
        at = end;
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Format;
    use crate::format::chunks::testing::*;

    const DSF: Container = Container(Format::Dsf);

    /// The audio, then these bytes; the header points to them if there are any.
    fn file(tag: &[u8]) -> Vec<u8> {
        let chunk = |id: &[u8], body: &[u8]| [id, &(body.len() as u64 + 12).to_le_bytes(), body].concat();
        let rest = [chunk(b"fmt ", &[0; 40]), chunk(b"data", &audio(1000))].concat();
        let end = 28 + rest.len() as u64;
        let size = end + tag.len() as u64;
        let pointer = if tag.is_empty() { 0 } else { end };
        let header = [28, size, pointer].map(u64::to_le_bytes).concat();
        [b"DSD ", &header[..], &rest, tag].concat()
    }

    fn with(mut file: Vec<u8>, at: usize, value: u64) -> Vec<u8> {
        file[at..at + 8].copy_from_slice(&value.to_le_bytes());
        file
    }

    #[test]
    fn a_code_in_a_tag_changes_and_nothing_else() {
        let layouts: [Around; 2] = [file, |tag| file(&[tag, b"unknown"].concat())];
        for layout in layouts {
            for padding in PADDINGS {
                for (before, actions, create, after) in EDITS {
                    let old = layout(&tag(before, padding));
                    let expected = layout(&tag(after, padding_after(before, after, padding)));
                    assert_eq!(DSF.texts(&old), before);
                    DSF.check(&old, actions, create, &expected);
                }
            }
        }
    }

    #[test]
    fn a_file_without_a_tag_gets_one_at_its_end() {
        DSF.check(&file(&[]), "", true, &file(&new_tag_with(NEW, 1024)));
        // A pointer to the end is no tag either.
        let length = file(&[]).len() as u64;
        DSF.check(&with(file(&[]), 20, length), "", true, &file(&new_tag_with(NEW, 1024)));
    }

    #[test]
    fn bytes_behind_the_stated_end_stay_there() {
        for rest in [
            b"12345678".to_vec(),
            b"x".to_vec(),
            vec![0; 500],
            [b"TAG".to_vec(), vec![b' '; 125]].concat(),
        ] {
            let with_rest = |file: Vec<u8>| [file, rest.clone()].concat();
            let new = new_tag_with(NEW, 1024);
            DSF.check(&with_rest(file(&[])), "", true, &with_rest(file(&new)));
            let tagged = |codes: &[&str], padding| with_rest(file(&tag(codes, padding)));
            DSF.check(&tagged(&["QZES5"], 0), "W", false, &tagged(&[NEW], 1024));
            DSF.check(&tagged(&[OLD], 3), "W", false, &tagged(&[NEW], 3));
            DSF.check(&tagged(&[], 0), "", true, &tagged(&[NEW], 1024));
        }
    }

    #[test]
    fn what_is_not_certain_is_refused() {
        check(
            with(file(&[]), 12, 7),
            "the file size in its header is not that of the file",
        );
        check(
            with(file(&tag(&[], 0)), 20, 200),
            "its header says that the tag begins inside the audio",
        );
        check(file(b"no tag"), "its metadata is no ID3v2 tag that can be read");
        let mut no_audio = file(&tag(&[], 0));
        no_audio[80] = b'x';
        check(no_audio, "it has no audio chunk where one must be");

        #[track_caller]
        fn check(file: Vec<u8>, reason: &str) {
            DSF.check_refused(&file, "", true, reason);
        }
    }

    /// Some programs read a tag at the end of a file whatever its header says.
    #[test]
    fn a_tag_that_the_header_does_not_point_to_is_no_missing_code() {
        let old = tag(&[OLD], 0);
        let unpointed = with(file(&old), 20, 0);
        let two = [file(&old), old.clone()].concat();
        let behind_the_end = [file(&[]), old].concat();
        for (file, actions) in [(unpointed, ""), (two, "K"), (behind_the_end, "")] {
            assert_eq!(DSF.doubt(&file), Some(STRAY_TAG));
            DSF.check_refused(&file, actions, true, STRAY_TAG);
        }
        // A size that lies is no place to look at.
        for file in [file(&[]), with(file(&tag(&[OLD], 0)), 12, u64::MAX)] {
            assert_eq!(DSF.doubt(&file), None);
        }
    }

    #[test]
    fn a_pointer_beyond_the_end_is_cut_short() {
        let tagged = file(&tag(&[OLD], 0));
        assert!(matches!(
            DSF.places(&with(tagged, 20, 5000)),
            Err(ReadError::CutShort { needed: 5000, .. })
        ));
    }

    #[test]
    fn hostile_files_are_survived() {
        let mut small = file(&tag(&[OLD], 9));
        small.drain(92..1072);
        let end = 28 + 52 + 12 + 20;
        let small = with(
            with(with(small, 84, 32), 20, end),
            12,
            end + tag(&[OLD], 9).len() as u64,
        );
        assert_eq!(DSF.texts(&small), [OLD]);
        DSF.torment(&small, &|_| {});
    }
}
