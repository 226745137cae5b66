//! The journal itself: damaged, newer, foreign, shared by two processes, and in the layout of the first version.

use crate::edit::journal::{FILE_NAME, Journal, JournalError, RunId};
use crate::system::database::Fault;

use super::*;

fn journal_with(bytes: &[u8]) -> (Lab, PathBuf) {
    let lab = Lab::new();
    fs::create_dir(lab.state()).unwrap();
    let path = lab.state().join(FILE_NAME);
    fs::write(&path, bytes).unwrap();
    (lab, path)
}

/// The one file of a state folder, after the journal was closed.
fn closed_journal() -> Vec<u8> {
    let lab = Lab::new();
    let path = lab.file("a.flac", &noise(10_000, 1));
    lab.edit(AUTO, &[(&path, &same_length())]);
    fs::read(lab.state().join(FILE_NAME)).unwrap()
}

#[track_caller]
fn check_refused(bytes: &[u8], expected: &str) {
    let (lab, path) = journal_with(bytes);
    let error = Session::open(&lab.state(), AUTO, "test").unwrap_err();
    let text = error.to_string().replace(&path.display().to_string(), "FILE");
    assert_eq!(text, expected);
    assert!(fs::read(&path).unwrap() == bytes, "the file has changed");
}

#[test]
fn what_is_no_journal_is_reported_and_left_as_it_is() {
    let damaged = "the journal FILE is damaged; move it away to go on without what it could undo";
    check_refused(&noise(20_000, 1), damaged);
    check_refused(b"hello", damaged);
    let whole = closed_journal();
    check_refused(&whole[..whole.len() / 2], damaged);
    let mut torn = whole.clone();
    torn[100..8000].fill(0xAA);
    check_refused(&torn, damaged);
}

#[test]
fn a_journal_of_a_newer_version_is_reported_and_left_as_it_is() {
    // The header's field "user version" (sqlite.org/fileformat2.html, section 1.3).
    let mut newer = closed_journal();
    newer[60..64].copy_from_slice(&99u32.to_be_bytes());
    check_refused(
        &newer,
        "the journal FILE was written by a newer version (layout 99); use that version",
    );
    let mut foreign = closed_journal();
    foreign[68..72].copy_from_slice(b"FOSL");
    check_refused(&foreign, "FILE is not a journal of this program");
}

#[test]
fn a_state_folder_that_cannot_be_made_stops_the_run() {
    let lab = Lab::new();
    fs::write(lab.state(), "a file stands there").unwrap();
    let error = Session::open(&lab.state(), AUTO, "test").unwrap_err();
    assert!(
        matches!(&error, JournalError::Database(error) if matches!(error.fault, Fault::Folder(..))),
        "{error:?}"
    );
}

#[test]
fn runs_are_listed_with_what_can_be_undone() {
    let lab = Lab::new();
    let (a, b) = (
        lab.file("a.flac", &noise(10_000, 1)),
        lab.file("b.flac", &noise(10_000, 2)),
    );
    lab.edit(AUTO, &[(&a, &same_length()), (&b, &longer())]);
    lab.edit(AUTO, &[]);
    lab.edit(AUTO, &[(&a, &[Patch::new(0..1, [0xEE])])]);
    lab.undo();
    let runs = Journal::open(&lab.state()).unwrap().runs().unwrap();
    let told: Vec<_> = runs
        .iter()
        .map(|run| (run.id, run.done, run.undone, run.undoes))
        .collect();
    assert_eq!(
        told,
        [
            (RunId(1), 2, 0, None),
            (RunId(2), 0, 1, None),
            (RunId(3), 1, 0, Some(RunId(2))),
        ]
    );
    assert!(runs.iter().all(|run| run.finished.is_some() && run.command == "test"));
}

#[test]
fn an_undo_is_not_undone_and_unknown_runs_are_errors() {
    let lab = Lab::new();
    let path = lab.file("a.flac", &noise(10_000, 1));
    lab.edit(AUTO, &[(&path, &same_length())]);
    lab.undo();
    for run in [1, 2, 77] {
        let error = lab
            .session(AUTO)
            .undo(Some(RunId(run)), Doubtful::Refuse, &GO_ON, &mut |_| {})
            .unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with(&format!("there is no run {run} that can be taken back\n"))
        );
    }
}

#[test]
fn many_processes_may_open_a_new_journal_at_once() {
    let lab = Lab::new();
    let open = || {
        let path = lab.state();
        move || Journal::open(&path).map(|journal| journal.runs().unwrap().len())
    };
    let threads: Vec<_> = (0..8).map(|_| std::thread::spawn(open())).collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap().unwrap(), 0);
    }
}

#[test]
fn first_runs_at_the_same_moment_make_one_journal() {
    for round in 0..100 {
        let lab = Lab::new();
        let start = std::sync::Barrier::new(4);
        std::thread::scope(|scope| {
            let open = || {
                start.wait();
                Journal::open(&lab.state()).map(drop)
            };
            let opened = [0; 4].map(|_| scope.spawn(open));
            for opened in opened {
                let opened = opened.join().unwrap();
                assert!(opened.is_ok(), "round {round}: {opened:?}");
            }
        });
    }
}

#[cfg_attr(isrctag_portable, ignore = "needs numbers of files, locks, owners or links")]
#[test]
fn runs_side_by_side_record_into_one_journal() {
    let lab = Lab::new();
    let work = |number: u64| {
        let paths: Vec<PathBuf> = (0..20)
            .map(|file| lab.file(&format!("{number}-{file}.flac"), &noise(10_000, number * 100 + file)))
            .collect();
        let state = lab.state();
        move || {
            let (mut session, _) = Session::open(&state, AUTO, "test").unwrap();
            for path in &paths {
                let results = edit_with(&mut session, &[(path, &same_length())]);
                assert!(results[0].is_ok(), "{results:?}");
            }
            session.finish().unwrap()
        }
    };
    let old_and_work: Vec<_> = (0..4).map(work).collect();
    let old = lab.contents();
    let threads: Vec<_> = old_and_work.into_iter().map(std::thread::spawn).collect();
    for thread in threads {
        assert!(thread.join().unwrap().is_some());
    }
    assert_eq!(
        Journal::open(&lab.state())
            .unwrap()
            .runs()
            .unwrap()
            .iter()
            .map(|run| run.done)
            .sum::<u64>(),
        80
    );
    for _ in 0..4 {
        assert!(lab.undo().iter().all(is_written));
    }
    assert_eq!(lab.contents(), old);
}

#[test]
fn nothing_of_the_window_stays_in_the_journal_once_the_edit_is_done() {
    let lab = Lab::new();
    let path = lab.file("a.flac", &noise(10_000, 1));
    lab.edit(AUTO, &[(&path, &same_length())]);
    let database = rusqlite::Connection::open(lab.state().join(FILE_NAME)).unwrap();
    let query = "SELECT length(inverse), edit IS NULL AND NOT EXISTS (SELECT 1 FROM windows) FROM edits";
    let (len, gone): (i64, bool) = database
        .query_row(query, [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    assert!(gone);
    // 15 + 1 bytes that were replaced, and where: not the 3,900 bytes that moved.
    assert!(len < 50, "{len}");
}

/// The tables as the first version made them.
const LAYOUT_1: &str = "
PRAGMA application_id = 1230197315;
PRAGMA user_version = 1;
CREATE TABLE runs (id INTEGER PRIMARY KEY, started INTEGER NOT NULL, finished INTEGER, command TEXT NOT NULL,
    undoes INTEGER REFERENCES runs (id));
CREATE TABLE edits (id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs (id), state TEXT NOT NULL,
    undoes INTEGER REFERENCES edits (id), path BLOB NOT NULL, device INTEGER NOT NULL, inode INTEGER NOT NULL,
    len_before INTEGER NOT NULL, mtime_before INTEGER NOT NULL, check_before INTEGER NOT NULL,
    len_after INTEGER NOT NULL, mtime_after INTEGER, check_after INTEGER NOT NULL, inverse BLOB NOT NULL,
    window_old BLOB, window_new BLOB, temporary BLOB);
CREATE INDEX edits_of_run ON edits (run);
CREATE INDEX edits_of_path ON edits (path);
CREATE INDEX edits_unsettled ON edits (id) WHERE state = 'intent';
INSERT INTO runs (id, started, command) VALUES (1, 1700000000, 'test');
";

#[test]
fn a_journal_of_the_first_layout_still_takes_back_a_torn_file() {
    let lab = Lab::new();
    let old = noise(10_000, 1);
    let patches = [Patch::new(1000..2000, noise(1000, 2))];
    let new = new_content(&old, &patches);
    let mut torn = old.clone();
    torn[1000..1536].copy_from_slice(&new[1000..1536]);
    let path = lab.file("a.flac", &torn);
    let identity = crate::system::platform::Identity::at(&path).unwrap();
    let edit = Pieces::from_patches(10_000, &patches).unwrap();
    let inverse = edit.invert(&old).unwrap();
    fs::create_dir(lab.state()).unwrap();
    let database = rusqlite::Connection::open(lab.state().join(FILE_NAME)).unwrap();
    database.execute_batch(LAYOUT_1).unwrap();
    let insert =
        "INSERT INTO edits (run, state, path, device, inode, len_before, mtime_before, check_before, len_after,
            check_after, inverse, window_old, window_new)
        VALUES (1, 'intent', ?, ?, ?, 10000, 0, 0, 10000, 0, ?, ?, ?)";
    database
        .execute(
            insert,
            rusqlite::params![
                crate::system::platform::path_to_bytes(&path),
                identity.device.cast_signed(),
                identity.inode.cast_signed(),
                inverse.encode(),
                inverse.encode(),
                edit.encode(),
            ],
        )
        .unwrap();
    drop(database);
    let recovered = lab.recover();
    assert!(
        matches!(recovered[0].ending, crate::edit::recover::Resolution::TakenBack { .. }),
        "{recovered:?}"
    );
    assert_eq!(fs::read(&path).unwrap(), old);
    assert!(lab.recover().is_empty());
}

/// What versions wrote before accounts were kept: a journal of today without them.
#[test]
fn a_journal_of_the_third_layout_is_brought_up_and_undone() {
    let lab = Lab::new();
    let old = noise(10_000, 1);
    let path = lab.file("a.flac", &old);
    lab.edit(AUTO, &[(&path, &same_length())]);
    assert_ne!(fs::read(&path).unwrap(), old);
    let database = rusqlite::Connection::open(lab.state().join(FILE_NAME)).unwrap();
    database
        .execute_batch("ALTER TABLE edits DROP COLUMN kept; PRAGMA user_version = 3;")
        .unwrap();
    drop(database);
    let known = Journal::look(&lab.state()).unwrap().unwrap().run(RunId(1)).unwrap();
    assert!(known[0].account.is_none() && known[0].steps.is_some(), "{known:?}");
    let undone = lab.undo();
    assert!(is_written(&undone[0]) && undone[0].note.is_none(), "{undone:?}");
    assert_eq!(fs::read(&path).unwrap(), old);
    let database = rusqlite::Connection::open(lab.state().join(FILE_NAME)).unwrap();
    let layout: i32 = database
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    assert_eq!(layout, 4);
}

/// What the second version wrote: a journal of today without what came later, and a path with a link in it.
#[test]
fn a_journal_of_the_second_layout_is_still_undone_and_says_what_it_cannot_know() {
    let lab = Lab::new();
    let old = noise(10_000, 1);
    fs::create_dir(lab.path("folder")).unwrap();
    std::os::unix::fs::symlink(lab.path("folder"), lab.path("link")).unwrap();
    let path = lab.file("folder/a.flac", &old);
    lab.edit(AUTO, &[(&path, &same_length())]);
    let database = rusqlite::Connection::open(lab.state().join(FILE_NAME)).unwrap();
    database
        .execute_batch(
            "ALTER TABLE runs DROP COLUMN boot;
            ALTER TABLE edits DROP COLUMN ctime_before;
            ALTER TABLE edits DROP COLUMN ctime_after;
            ALTER TABLE edits DROP COLUMN whole_after;
            ALTER TABLE edits DROP COLUMN mtime_wanted;
            ALTER TABLE edits DROP COLUMN steps;
            ALTER TABLE edits DROP COLUMN kept;
            PRAGMA user_version = 2;",
        )
        .unwrap();
    let linked = crate::system::platform::path_to_bytes(&lab.path("link/a.flac"));
    database.execute("UPDATE edits SET path = ?", [linked]).unwrap();
    drop(database);
    assert!(
        Journal::open(&lab.state()).unwrap().run(RunId(1)).unwrap()[0]
            .steps
            .is_none()
    );
    let undone = lab.undo();
    assert!(is_written(&undone[0]) && undone[0].note.is_some(), "{undone:?}");
    assert_eq!(fs::read(&path).unwrap(), old);
}
