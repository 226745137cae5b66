//! Edits of WMA, Matroska, WebM and CAF files as they are made, stopped at every step.

use std::time::SystemTime;

use crate::bytes::source::Source;
use crate::format;
use crate::format::place::{Action, Change};
use crate::isrc::Isrc;

use super::interruption::{AtStep, Contents, Fault, assert_settled_and_undoable, runs_through};
use super::*;

/// Of the files that a test edits: some have codes, some none; some have room, some get longer.
const SEEDS: [&str; 8] = [
    "matroska-untagged.mka",
    "matroska-mkvmerge-untagged.mka",
    "matroska-track-lower.mka",
    "webm-ffmpeg.webm",
    "wma-untagged.wma",
    "wma-mutagen.wma",
    "caf-untagged.caf",
    "caf-alac-hyphens.caf",
];

/// A file, and what makes a code of each value in it, or a new one where there is none.
fn seed(name: &str) -> (Vec<u8>, Vec<Patch>) {
    let bytes = fs::read(Path::new("testdata/seeds").join(name)).unwrap();
    let isrc = Isrc::from_stored("QZTST2600001").unwrap();
    let mut source = Source::new(&bytes);
    let walked = format::walk(&mut source, name.rsplit('.').next()).unwrap();
    let count = walked.located.places.len();
    let change = Change {
        actions: vec![Action::Write(isrc); count],
        create: (count == 0).then_some(isrc),
        ..Change::default()
    };
    let patches = format::edit(&mut source, &walked, &change).unwrap().patches;
    drop(source);
    (bytes, patches)
}

struct Library {
    lab: Lab,
    edits: Vec<(PathBuf, Vec<Patch>)>,
    old: Contents,
    new: Contents,
}

fn library() -> Library {
    let lab = Lab::new();
    let (mut edits, mut new) = (Vec::new(), Contents::new());
    for name in SEEDS {
        let (bytes, patches) = seed(name);
        new.insert(name.to_owned(), applied(&bytes, &patches));
        edits.push((lab.file(name, &bytes), patches));
    }
    let old = lab.contents();
    Library { lab, edits, old, new }
}

impl Library {
    fn edit(&self, session: &mut Session) -> Vec<Result<(), NotWritten>> {
        let edits = self.edits.iter();
        let edits: Vec<(&Path, &[Patch])> = edits.map(|(path, patches)| (path.as_path(), &patches[..])).collect();
        edit_with(session, &edits)
    }

    fn times(&self) -> Vec<SystemTime> {
        let time = |(path, _): &(PathBuf, Vec<Patch>)| fs::metadata(path).unwrap().modified().unwrap();
        self.edits.iter().map(time).collect()
    }
}

#[test]
fn stopped_at_any_step_their_files_are_old_or_new_and_taken_back_with_their_times() {
    for options in [AUTO, NEVER] {
        for step in 0.. {
            let library = library();
            let times = library.times();
            let finished = runs_through(|| {
                let mut session = library.lab.session_with(options, AtStep::new(Fault::Stop, step));
                library.edit(&mut session)
            });
            library.lab.recover();
            let when = format!("{options:?} stopped at step {step}");
            assert_settled_and_undoable(&library.lab, &library.old, &library.new, &when);
            assert_eq!(library.times(), times, "{when}");
            if finished {
                assert!(step >= 20, "only {step} steps were seen");
                break;
            }
        }
    }
}

#[test]
fn an_undo_of_theirs_that_is_stopped_at_any_step_can_be_finished() {
    for options in [AUTO, NEVER] {
        for step in 0.. {
            let library = library();
            let mut session = library.lab.session(options);
            library.edit(&mut session);
            session.finish().unwrap();
            assert_eq!(library.lab.contents(), library.new);
            let finished = runs_through(|| {
                let mut session = library.lab.session_with(options, AtStep::new(Fault::Stop, step));
                session.undo(None, Doubtful::Refuse, &GO_ON, &mut |_| {}).unwrap();
            });
            library.lab.recover();
            let when = format!("undo of {options:?} stopped at step {step}");
            assert_settled_and_undoable(&library.lab, &library.old, &library.new, &when);
            if finished {
                assert!(step >= 20, "only {step} steps were seen");
                break;
            }
        }
    }
}
