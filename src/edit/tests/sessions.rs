//! A session from request to report, on real audio files of the library in `testdata/`.

use std::sync::atomic::Ordering;

use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::discover::{Extension, Misnamed};
use crate::edit::prepare::preview;
use crate::edit::{Edited, Request};
use crate::format::Located;
use crate::isrc::Isrc;
use crate::plan::{Misplaced, Plan, Replace, Wish, plan};

use super::*;

/// All files of the library that can be edited; it also holds damaged ones.
fn library() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/library");
    let files = walkdir::WalkDir::new(root)
        .sort_by_file_name()
        .into_iter()
        .map(|entry| entry.unwrap().into_path());
    let can_be_edited = |path: &PathBuf| {
        let read = path
            .is_file()
            .then(|| crate::scan::read::read(path, crate::bytes::source::Links::Refuse));
        let name = Extension::of(path.as_os_str());
        let is_so = |located: &Located| Misnamed::of(name.as_ref(), located.format).is_none();
        read.is_some_and(|read| read.is_ok_and(|(_, located)| located.format.is_supported() && is_so(&located)))
    };
    files.filter(can_be_edited).collect()
}

/// Copies of all files of the library under numbered names.
fn copies() -> (Lab, Vec<Request>) {
    let lab = Lab::new();
    let library = library();
    let requests = library.iter().enumerate().map(|(number, path)| {
        let extension = path.extension().unwrap().to_str().unwrap();
        Request::of(lab.file(&format!("{number:03}.{extension}"), &fs::read(path).unwrap()))
    });
    let requests: Vec<Request> = requests.collect();
    assert!(requests.len() >= 50, "only {} files", requests.len());
    (lab, requests)
}

fn set(_: usize, located: &Located) -> Plan {
    let isrc = Isrc::from_stored("QZES51600001").unwrap();
    plan(located, &Wish::Set(isrc, Replace::Allow), 2026)
}

fn fix(_: usize, located: &Located) -> Plan {
    plan(located, &Wish::Fix(Misplaced::Leave), 2026)
}

fn outcomes(edited: &[Edited]) -> Vec<&'static str> {
    let word = |edited: &Edited| match edited.outcome {
        Outcome::Written => "written",
        Outcome::Planned => "planned",
        Outcome::Unchanged => "unchanged",
        Outcome::Refused(_) => "refused",
        Outcome::Failed(_) => "failed",
        Outcome::PassedOver => "passed over",
        Outcome::NotReached => "not reached",
    };
    edited.iter().map(word).collect()
}

#[test]
fn what_a_dry_run_plans_a_real_run_writes_and_undo_takes_back() {
    let (lab, requests) = copies();
    let old = lab.contents();
    let planned = preview(&requests, &set, InPlace::Auto);
    assert_eq!(outcomes(&planned), vec!["planned"; requests.len()], "{planned:#?}");
    assert_eq!(lab.contents(), old, "a dry run writes nothing");
    let mut session = lab.session(AUTO);
    let edited = session.edit(&requests, &set, &GO_ON).unwrap();
    session.finish().unwrap();
    assert_eq!(outcomes(&edited), vec!["written"; requests.len()], "{edited:#?}");
    for ((planned, edited), request) in planned.iter().zip(&edited).zip(&requests) {
        assert_eq!(planned.steps, edited.steps);
        assert_eq!(planned.located, edited.located);
        assert_eq!(planned.method, edited.method);
        let (_, located) = crate::scan::read::read(&request.path, crate::bytes::source::Links::Refuse).unwrap();
        assert_eq!(Some(located), edited.located);
    }
    let mut again = lab.session(AUTO);
    let unchanged = again.edit(&requests, &set, &GO_ON).unwrap();
    assert_eq!(outcomes(&unchanged), vec!["unchanged"; requests.len()]);
    assert_eq!(
        again.finish().unwrap(),
        None,
        "a run that writes nothing is not recorded"
    );
    assert!(lab.undo().iter().all(is_written));
    assert_eq!(lab.contents(), old);
}

#[test]
fn nothing_to_change_means_nothing_written() {
    let (lab, requests) = copies();
    let mut session = lab.session(AUTO);
    session.edit(&requests, &fix, &GO_ON).unwrap();
    let times = || -> Vec<_> {
        requests
            .iter()
            .map(|request| crate::system::platform::Identity::at(&request.path).unwrap())
            .collect()
    };
    let before = times();
    let edited = session.edit(&requests, &fix, &GO_ON).unwrap();
    assert_eq!(outcomes(&edited), vec!["unchanged"; requests.len()]);
    assert_eq!(times(), before);
}

#[cfg_attr(isrctag_portable, ignore = "needs numbers of files, locks, owners or links")]
#[test]
fn a_file_named_twice_and_a_hard_link_are_edited_once() {
    let (lab, requests) = copies();
    let first = &requests[0];
    // Of the same kind by name: under one that says another kind, among others, it would be refused if it came first.
    let linked = lab.path("linked").with_extension(first.path.extension().unwrap());
    let linked = Request::of(linked);
    // The code that is there is 12 characters long, so that the edit is in place.
    let mut session = lab.session(AUTO);
    session.edit(std::slice::from_ref(first), &set, &GO_ON).unwrap();
    fs::hard_link(&first.path, &linked.path).unwrap();
    let other = |_: usize, located: &Located| {
        let isrc = Isrc::from_stored("GBAYE0000351").unwrap();
        plan(located, &Wish::Set(isrc, Replace::Allow), 2026)
    };
    let edited = session
        .edit(&[first.clone(), linked.clone(), first.clone()], &other, &GO_ON)
        .unwrap();
    let mut words = outcomes(&edited);
    words.sort_unstable();
    assert_eq!(words, ["unchanged", "unchanged", "written"], "{edited:?}");
    assert_eq!(fs::read(&first.path).unwrap(), fs::read(&linked.path).unwrap());
}

#[cfg_attr(isrctag_portable, ignore = "needs numbers of files, locks, owners or links")]
#[test]
fn what_cannot_be_read_is_that_files_failure_alone() {
    let (lab, mut requests) = copies();
    requests.insert(0, Request::of(lab.path("none.m4a")));
    requests.insert(1, Request::of(lab.file("text.m4a", b"not audio at all")));
    let fifo = lab.path("fifo.m4a");
    mknodat(CWD, &fifo, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    requests.insert(2, Request::of(fifo.clone()));
    let edited = lab.session(AUTO).edit(&requests, &set, &GO_ON).unwrap();
    let words = outcomes(&edited);
    assert_eq!(words[..3], ["failed"; 3]);
    assert!(words[3..].iter().all(|word| *word == "written"), "{words:?}");
    fs::remove_file(fifo).unwrap();
}

#[test]
fn told_to_stop_the_rest_is_not_reached() {
    let (lab, requests) = copies();
    let old = lab.contents();
    let stop = AtomicBool::new(true);
    let edited = lab.session(AUTO).edit(&requests, &set, &stop).unwrap();
    assert_eq!(outcomes(&edited), vec!["not reached"; requests.len()]);
    assert_eq!(lab.contents(), old);
    stop.store(false, Ordering::Relaxed);
}

#[test]
fn a_link_stays_a_link_through_a_session() {
    let (lab, requests) = copies();
    let link = lab
        .path("zz link")
        .with_extension(requests[0].path.extension().unwrap());
    std::os::unix::fs::symlink(requests[0].path.file_name().unwrap(), &link).unwrap();
    let edited = lab
        .session(NEVER)
        .edit(&[Request::of(link.clone())], &set, &GO_ON)
        .unwrap();
    assert_eq!(outcomes(&edited), ["written"]);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    // Without the zeros of UTF-16.
    let new = fs::read(&requests[0].path).unwrap();
    let new: Vec<u8> = new.into_iter().filter(|byte| *byte != 0).collect();
    assert!(new.windows(12).any(|window| window == b"QZES51600001"));
}

/// Lets the journal take the intents of the first waves, and no more.
struct JournalFull {
    waves: std::sync::atomic::AtomicUsize,
    step: &'static str,
}

impl Faults for JournalFull {
    fn step(&self, name: &'static str) -> std::io::Result<()> {
        if name != self.step || self.waves.fetch_add(1, Ordering::SeqCst) == 0 {
            return Ok(());
        }
        Err(std::io::ErrorKind::StorageFull.into())
    }
}

#[test]
fn files_that_were_written_before_the_journal_was_full_are_told() {
    check_full_journal("journal the intents");
    check_full_journal("journal the ends");
}

#[track_caller]
fn check_full_journal(step: &'static str) {
    let lab = Lab::new();
    let seed = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/seeds/flac-hyphens-padding-large.flac");
    let bytes = fs::read(seed).unwrap();
    // More than two waves.
    let requests: Vec<Request> = (0..300)
        .map(|number| Request::of(lab.file(&format!("{number:03}.flac"), &bytes)))
        .collect();
    let old = lab.contents();
    let full = JournalFull { waves: 0.into(), step };
    let mut session = lab.session_with(AUTO, full);
    let edited = session.edit(&requests, &fix, &GO_ON).unwrap();
    let words = outcomes(&edited);
    let written = words.iter().filter(|word| **word == "written").count();
    assert!(written > 0 && written < 300, "{step}: {written} written");
    for (request, word) in requests.iter().zip(&words) {
        let is_changed = fs::read(&request.path).unwrap() != bytes;
        assert_eq!(is_changed, *word == "written", "{step}: {}", request.path.display());
        assert!(is_changed || *word == "not reached", "{step}: {word}");
    }
    assert!(
        session.edit(&requests, &fix, &GO_ON).is_err(),
        "{step}: the next call tells the error"
    );
    drop(session);
    assert!(lab.undo().iter().all(is_written));
    assert_eq!(lab.contents(), old);
}

#[test]
fn a_journal_that_is_full_from_the_start_is_an_error_and_nothing_is_written() {
    let (lab, requests) = copies();
    let old = lab.contents();
    let full = JournalFull {
        waves: 1.into(),
        step: "journal the intents",
    };
    let mut session = lab.session_with(AUTO, full);
    assert!(session.edit(&requests, &set, &GO_ON).is_err());
    drop(session);
    assert_eq!(lab.contents(), old);
}
