//! The proof finds out splices that do more or less than was asked. A right splice is spoilt in one way each.

use crate::bytes::source::Source;
use crate::format::place::{Action, Change};
use crate::format::{Located, Splice, edit, walk};
use crate::isrc::Isrc;
use crate::plan::{Plan, Replace, Wish, plan};
use crate::prove::{Unproved, prove};

use super::*;

const CODE: &str = "QZES51600001";

fn code() -> Isrc {
    Isrc::from_stored(CODE).unwrap()
}

struct Case {
    bytes: Vec<u8>,
    before: Located,
    change: Change,
    splice: Splice,
}

impl Case {
    /// A tagged FLAC file of the library, and what `set` makes of it.
    fn new() -> Case {
        let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/library");
        let files = walkdir::WalkDir::new(library)
            .sort_by_file_name()
            .into_iter()
            .map(|entry| entry.unwrap().into_path());
        let cases = files
            .filter(|path| path.extension().is_some_and(|extension| extension == "flac"))
            .filter_map(Case::of);
        let mut cases = cases.filter(|case| case.before.places.len() == 1 && find(&case.bytes, b"ALBUM=").is_some());
        cases.next().unwrap()
    }

    fn of(path: PathBuf) -> Option<Case> {
        let bytes = fs::read(path).unwrap();
        let walked = walk(&mut Source::new(&bytes), Some("flac")).ok()?;
        let Plan::Change { change, .. } = plan(&walked.located, &Wish::Set(code(), Replace::Allow), 2026) else {
            return None;
        };
        let splice = edit(&mut Source::new(&bytes), &walked, &change).ok()?;
        Some(Case {
            bytes,
            before: walked.located,
            change,
            splice,
        })
    }

    fn prove(&self) -> Result<Located, Unproved> {
        prove(&self.bytes, Some("flac"), &self.before, &self.change, &self.splice).map(|(_, after)| after)
    }

    fn patch(&mut self, patch: Patch) {
        self.splice.patches.push(patch);
        self.splice.patches.sort_by_key(|patch| patch.at.start);
    }

    fn patch_over(&mut self, text: &[u8], with: &[u8]) {
        let at = find(&self.bytes, text).unwrap() as u64;
        self.patch(Patch::new(at..at + with.len() as u64, with));
    }
}

fn find(bytes: &[u8], text: &[u8]) -> Option<usize> {
    bytes.windows(text.len()).position(|window| window == text)
}

#[track_caller]
fn check_unproved(spoil: impl FnOnce(&mut Case), expected: &str) {
    let mut case = Case::new();
    spoil(&mut case);
    assert_eq!(case.prove().unwrap_err().to_string(), expected);
}

#[test]
fn a_right_splice_is_proved_and_says_what_stands_in_the_new_file() {
    let after = Case::new().prove().unwrap();
    assert_eq!(after.places.len(), 1);
    assert_eq!(after.places[0].text, CODE);
}

#[test]
fn a_splice_that_touches_another_comment_is_not_proved() {
    check_unproved(
        |case| case.patch_over(b"ALBUM=", b"ALBUN="),
        "the second reader sees other comments",
    );
}

#[test]
fn a_splice_that_touches_the_audio_is_not_proved() {
    check_unproved(
        |case| {
            let audio = case.splice.audio.last().unwrap().clone();
            let flipped = case.bytes[audio.end as usize - 1] ^ 1;
            case.patch(Patch::new(audio.end - 1..audio.end, [flipped]));
        },
        "the audio would not stay in one piece",
    );
    check_unproved(
        |case| {
            let audio = case.splice.audio.last().unwrap().clone();
            case.patch(Patch::new(audio.start + 9..audio.start + 9, [0]));
        },
        "the audio would not stay in one piece",
    );
    check_unproved(
        |case| {
            let audio = case.splice.audio[0].clone();
            case.splice.audio.push(audio);
        },
        "the audio would not stay in one piece",
    );
}

#[test]
fn a_splice_that_writes_another_code_or_none_is_not_proved() {
    let other = "the edited file would hold other codes than asked for";
    check_unproved(|case| case.splice.patches.clear(), other);
    check_unproved(|case| case.change.actions = vec![Action::Keep], other);
    check_unproved(|case| case.change.actions = vec![Action::Drop], other);
    check_unproved(|case| case.change.actions = vec![], other);
    check_unproved(|case| case.change.create = Some(code()), other);
    check_unproved(
        |case| case.change.actions = vec![Action::Write(Isrc::from_stored("GBAYE0000351").unwrap())],
        other,
    );
}

#[test]
fn a_splice_that_breaks_the_file_is_not_proved() {
    check_unproved(
        |case| case.patch_over(b"fLaC", b"fLaK"),
        "the edited file could not be read back",
    );
    let len = Case::new().bytes.len() as u64;
    check_unproved(
        |case| case.patch(Patch::new(len..len + 1, [])),
        "the edit contradicts itself",
    );
    check_unproved(
        |case| {
            let again = case.splice.patches[0].clone();
            case.patch(Patch::new(again.at.start..again.at.end.max(again.at.start + 1), [0]));
        },
        "the edit contradicts itself",
    );
}

/// An edit that is asked for by its inverse alone.
#[test]
fn a_way_back_to_another_file_is_not_proved() {
    use crate::prove::check::check;
    use crate::prove::prove_inverse;
    let old = noise(10_000, 1);
    let pieces = Pieces::from_patches(10_000, &longer()).unwrap();
    let new = new_content(&old, &longer());
    let inverse = pieces.invert(&old).unwrap();
    let before = check(&old, &pieces).unwrap();
    assert!(prove_inverse(&new, inverse.clone(), before).is_ok());
    let other = pieces.invert(&noise(10_000, 2)).unwrap();
    assert!(matches!(prove_inverse(&new, other, before), Err(Unproved::Inverse)));
    assert!(matches!(prove_inverse(&old, inverse, before), Err(Unproved::Inverse)));
}

/// Whatever keeps the walk from a code that another reader sees: the file has one, and gets no second.
#[test]
fn no_code_is_created_beside_one_that_only_the_second_reader_sees() {
    let mut case = Case::new();
    let place = case.before.places.remove(0);
    case.change = Change {
        create: Some(code()),
        ..Change::default()
    };
    let carried = place.stored().unwrap();
    assert_eq!(
        case.prove().unwrap_err().to_string(),
        format!(
            "the second reader reads {carried} where this program sees no code: a second one would only contradict it"
        )
    );
}
