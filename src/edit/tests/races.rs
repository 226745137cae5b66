//! Somebody who may write a folder swaps it for a link to another one, where the same names are, while its files are
//! edited by a user with more rights.

use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::edit::own::Own;
use crate::edit::{EditError, Request};
use crate::format::Located;
use crate::isrc::Isrc;
use crate::plan::{Plan, Replace, Wish, plan};

use super::*;

const ROUNDS: usize = 200;

/// A step fails, after which the file is no longer the old one.
struct Torn(&'static str, Arc<AtomicUsize>);

impl Faults for Torn {
    fn step(&self, name: &'static str) -> std::io::Result<()> {
        if name != self.0 {
            return Ok(());
        }
        self.1.fetch_add(1, Ordering::Relaxed);
        Err(std::io::ErrorKind::StorageFull.into())
    }
}

fn set(_: usize, located: &Located) -> Plan {
    let isrc = Isrc::from_stored("QZES51600001").unwrap();
    plan(located, &Wish::Set(isrc, Replace::Allow), 2026)
}

/// The folder `music` with a file, and `root` with one of the same name and length: what is to stay as it is.
fn scene() -> (Lab, Vec<u8>) {
    let lab = Lab::new();
    let song = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/seeds/flac-hyphens-padding-large.flac");
    let song = fs::read(song).unwrap();
    for folder in ["root", "music"] {
        fs::create_dir(lab.path(folder)).unwrap();
        fs::write(lab.path(folder).join("a.flac"), &song).unwrap();
    }
    symlink(lab.path("root"), lab.path("link")).unwrap();
    (lab, song)
}

/// The one of two names that is a folder, when nobody swaps them any more.
fn folder_of(lab: &Lab) -> PathBuf {
    let names = ["music", "link"].map(|name| lab.path(name));
    names.into_iter().find(|path| !path.is_symlink()).unwrap()
}

#[cfg_attr(isrctag_portable, ignore = "needs numbers of files, locks, owners or links")]
#[test]
fn the_race_for_a_folder_is_lost() {
    for (options, step) in [(AUTO, "read back"), (NEVER, "renamed")] {
        let torn = Arc::new(AtomicUsize::new(0));
        for round in 0..ROUNDS {
            let (lab, song) = scene();
            let over = AtomicBool::new(false);
            let edited = std::thread::scope(|scope| {
                scope.spawn(|| {
                    let [music, link] = ["music", "link"].map(|name| lab.path(name));
                    while !over.load(Ordering::Relaxed) {
                        renameat_with(CWD, &music, CWD, &link, RenameFlags::EXCHANGE).unwrap();
                        std::thread::yield_now();
                    }
                });
                let request = Request {
                    trust: Trust::below(lab.folder.path()),
                    ..Request::of(lab.path("music/a.flac"))
                };
                let mut session = lab.session_with(options, Torn(step, torn.clone()));
                let edited = session.edit(&[request], &set, &GO_ON);
                over.store(true, Ordering::Relaxed);
                edited
            });
            let when = format!("round {round} of {options:?}: {edited:?}");
            assert!(fs::read(lab.path("root/a.flac")).unwrap() == song, "{when}");
            assert_eq!(fs::read_dir(lab.path("root")).unwrap().count(), 1, "{when}");
            lab.recover();
            assert!(fs::read(lab.path("root/a.flac")).unwrap() == song, "{when}, recovered");
            let now = fs::read(folder_of(&lab).join("a.flac")).unwrap();
            let is_put_back = now == song || options == NEVER;
            assert!(is_put_back, "{when}: the edited file is torn");
        }
        let torn = torn.load(Ordering::Relaxed);
        assert!(torn > 0, "no edit came as far as to be torn");
        eprintln!("{torn} of {ROUNDS} edits were torn");
    }
}

/// The edit is prepared; then the folder is a link, and the file of that name is the same to the last byte.
#[cfg_attr(isrctag_portable, ignore = "needs numbers of files, locks, owners or links")]
#[test]
fn a_folder_that_becomes_a_link_is_not_followed_by_commit_or_recovery() {
    for (options, step) in [(AUTO, "sync the file"), (NEVER, "rename")] {
        let (lab, song) = scene();
        let patches = [Patch::new(600..700, noise(100, 3))];
        let path = lab.path("music/a.flac");
        let prepared = ready(&path, &patches, options.in_place).unwrap();
        let swap = || {
            fs::rename(lab.path("music"), lab.path("away")).unwrap();
            symlink(lab.path("root"), lab.path("music")).unwrap();
        };
        swap();
        let results = lab.session(options).commit_all(vec![prepared]).unwrap();
        assert!(results[0].is_err(), "{results:?}");
        fs::remove_file(lab.path("music")).unwrap();
        fs::rename(lab.path("away"), lab.path("music")).unwrap();
        // A process that dies in the middle; what it left is looked for behind the link.
        let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let mut session = lab.session_with(options, DiesAt(step));
            edit_with(&mut session, &[(&path, &patches)])
        }));
        assert!(died.is_err());
        swap();
        let half = song.iter().copied().enumerate();
        let new = new_content(&song, &patches);
        let torn: Vec<u8> = half.map(|(at, byte)| if at < 650 { new[at] } else { byte }).collect();
        fs::write(lab.path("root/a.flac"), &torn).unwrap();
        let recovered = lab.recover();
        assert!(
            matches!(recovered[0].ending, crate::edit::recover::Resolution::Left(_)),
            "{recovered:?}"
        );
        assert!(fs::read(lab.path("root/a.flac")).unwrap() == torn);
    }
}

/// The user names a folder; after the walk has begun it is a link.
#[test]
fn a_named_folder_that_becomes_a_link_after_the_walk_began_is_not_followed() {
    for options in [AUTO, NEVER] {
        let (lab, song) = scene();
        let named = lab.path("music");
        let request = Request {
            trust: Trust::below(&named),
            ..Request::of(named.join("a.flac"))
        };
        fs::rename(&named, lab.path("away")).unwrap();
        symlink(lab.path("root"), &named).unwrap();
        let edited = lab.session(options).edit(&[request], &set, &GO_ON).unwrap();
        assert!(
            matches!(edited[0].outcome, Outcome::Failed(EditError::Read(_))),
            "{edited:?}"
        );
        assert!(fs::read(lab.path("root/a.flac")).unwrap() == song);
        assert!(fs::read(lab.path("away/a.flac")).unwrap() == song);
    }
}

#[test]
fn a_link_that_the_user_named_is_walked_and_edited_behind() {
    let (lab, song) = scene();
    let named = lab.path("link");
    let request = Request {
        trust: Trust::below(&named),
        ..Request::of(named.join("a.flac"))
    };
    let edited = lab.session(AUTO).edit(&[request], &set, &GO_ON).unwrap();
    assert!(matches!(edited[0].outcome, Outcome::Written), "{edited:?}");
    assert!(fs::read(lab.path("root/a.flac")).unwrap() != song);
    assert!(named.is_symlink());
}

struct DiesAt(&'static str);

impl Faults for DiesAt {
    fn step(&self, name: &'static str) -> std::io::Result<()> {
        match name == self.0 {
            true => std::panic::resume_unwind(Box::new("stopped")),
            false => Ok(()),
        }
    }
}

/// Torn as a crash leaves it, but a copy: another file, of which nobody knows whose content it is.
#[cfg_attr(isrctag_portable, ignore = "needs numbers of files, locks, owners or links")]
#[test]
fn old_bytes_go_back_only_into_the_very_file_that_was_edited() {
    let lab = Lab::new();
    let old = noise(10_000, 3);
    let path = lab.file("a.flac", &old);
    let patches = [Patch::new(1000..2000, noise(1000, 5))];
    let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let mut session = lab.session_with(AUTO, DiesAt("sync the file"));
        edit_with(&mut session, &[(&path, &patches)])
    }));
    assert!(died.is_err());
    let mut torn = fs::read(&path).unwrap();
    torn[1536..2000].copy_from_slice(&old[1536..2000]);
    let copy = lab.file("copy", &torn);
    fs::rename(copy, &path).unwrap();
    let recovered = lab.recover();
    assert!(
        matches!(recovered[0].ending, crate::edit::recover::Resolution::Foreign),
        "{recovered:?}"
    );
    assert_eq!(fs::read(&path).unwrap(), torn);
}

#[test]
fn a_journal_names_only_our_own_temporary_files_to_recovery() {
    let lab = Lab::new();
    let path = lab.file("a.flac", &noise(10_000, 1));
    let victims = [
        lab.file("victim", b"1"),
        lab.file(".isrctag-0123456789abcdeg.tmp", b"2"),
        lab.file(".isrctag-0123456789abcdef.tmp.flac", b"3"),
        lab.state.path().join(".isrctag-0123456789abcdef.tmp"),
    ];
    fs::write(&victims[3], b"4").unwrap();
    let link = lab.path(".isrctag-0123456789abcdef.tmp");
    symlink(&path, &link).unwrap();
    lab.edit(NEVER, &[(&path, &same_length())]);
    let new = fs::read(&path).unwrap();
    for victim in victims.iter().chain([&link]) {
        let journal = rusqlite::Connection::open(lab.state().join(crate::edit::journal::FILE_NAME)).unwrap();
        let forged = crate::system::platform::path_to_bytes(victim);
        journal
            .execute("UPDATE edits SET state = 'intent', temporary = ?", [forged])
            .unwrap();
        drop(journal);
        assert_eq!(lab.recover().len(), 1);
        assert!(fs::symlink_metadata(victim).is_ok(), "{}", victim.display());
    }
    assert_eq!(fs::read(&path).unwrap(), new);
}

#[cfg_attr(isrctag_portable, ignore = "needs numbers of files, locks, owners or links")]
#[test]
fn a_file_is_edited_only_in_the_state_in_which_it_was_looked_at() {
    let check = |change: &dyn Fn(&Path), expected: &str| {
        let (lab, song) = scene();
        let path = lab.path("music/a.flac");
        let looked = crate::system::platform::Identity::at(&path).unwrap();
        change(&path);
        let now = fs::read(&path).unwrap();
        let request = Request {
            looked: Some(looked),
            ..Request::of(path.clone())
        };
        let planned = crate::edit::prepare::preview(std::slice::from_ref(&request), &set, InPlace::Auto);
        let edited = lab.session(AUTO).edit(&[request], &set, &GO_ON).unwrap();
        match (&planned[0].outcome, &edited[0].outcome) {
            (Outcome::Planned, Outcome::Written) => assert_eq!(expected, ""),
            (Outcome::Refused(planned), Outcome::Refused(edited)) => {
                assert_eq!((planned.0.as_ref(), edited.0.as_ref()), (expected, expected));
                assert_eq!(fs::read(&path).unwrap(), now);
            }
            other => panic!("{other:?}"),
        }
        drop(song);
    };
    let changed = "the file has changed since it was looked at";
    check(&|_| {}, "");
    check(&|path| fs::hard_link(path, path.with_file_name("other")).unwrap(), "");
    check(
        &|path| fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap(),
        "",
    );
    check(&|path| fs::write(path, fs::read(path).unwrap()).unwrap(), changed);
    check(
        &|path| {
            fs::hard_link(path, path.with_file_name("other")).unwrap();
            fs::write(path, fs::read(path).unwrap()).unwrap();
        },
        changed,
    );
    check(
        &|path| {
            let copy = path.with_file_name("copy");
            fs::copy(path, &copy).unwrap();
            let times = fs::FileTimes::new().set_modified(fs::metadata(path).unwrap().modified().unwrap());
            fs::File::options()
                .write(true)
                .open(&copy)
                .unwrap()
                .set_times(times)
                .unwrap();
            fs::rename(copy, path).unwrap();
        },
        changed,
    );
}

/// What the first edit changed is no change by another program.
#[cfg_attr(isrctag_portable, ignore = "needs numbers of files, locks, owners or links")]
#[test]
fn a_file_is_edited_under_each_of_its_names() {
    let (lab, _) = scene();
    let names = ["music/a.flac", "music/b.flac", "c.flac"].map(|name| lab.path(name));
    for name in &names[1..] {
        fs::hard_link(&names[0], name).unwrap();
    }
    let looked = crate::system::platform::Identity::at(&names[0]).unwrap();
    let requests = names.map(|path| Request {
        looked: Some(looked),
        ..Request::of(path)
    });
    let code = |index: usize, located: &Located| {
        let isrc = Isrc::from_stored(["QZES51600001", "QZES51600002", "QZES51600003"][index]).unwrap();
        plan(located, &Wish::Set(isrc, Replace::Allow), 2026)
    };
    let mut session = lab.session(AUTO);
    let edited = session.edit(&requests[..2], &code, &GO_ON).unwrap();
    let rest = session
        .edit(&requests[2..], &|_, located| code(2, located), &GO_ON)
        .unwrap();
    for one in edited.iter().chain(&rest) {
        assert!(matches!(one.outcome, Outcome::Written), "{one:?}");
    }
}

/// Looks whether a session knows a file for its own, while its lock is held and its end is not recorded.
struct KnownAtTheEnd {
    path: PathBuf,
    own: Arc<OnceLock<Arc<Own>>>,
    known: Arc<Mutex<Vec<bool>>>,
}

impl Faults for KnownAtTheEnd {
    fn step(&self, name: &'static str) -> std::io::Result<()> {
        if name == "journal the ends" {
            let now = crate::system::platform::Identity::at(&self.path).unwrap();
            self.known.lock().unwrap().push(self.own.get().unwrap().has_left(&now));
        }
        Ok(())
    }
}

/// Its next name may be prepared by another thread as soon as the lock is let go.
#[cfg_attr(isrctag_portable, ignore = "needs numbers of files, locks, owners or links")]
#[test]
fn a_file_with_several_names_is_known_for_our_own_before_it_is_let_go() {
    let lab = Lab::new();
    let (one, two) = (lab.file("a.flac", &noise(10_000, 1)), lab.path("b.flac"));
    fs::hard_link(&one, &two).unwrap();
    let (own, known) = (Arc::default(), Arc::default());
    let faults = KnownAtTheEnd {
        path: two,
        own: Arc::clone(&own),
        known: Arc::clone(&known),
    };
    let mut session = lab.session_with(AUTO, faults);
    own.set(Arc::clone(&session.own)).unwrap();
    assert!(edit_with(&mut session, &[(&one, &same_length())])[0].is_ok());
    assert_eq!(*known.lock().unwrap(), [true]);
}

#[test]
fn a_file_that_cannot_be_opened_to_be_written_is_not_journaled() {
    let lab = Lab::new();
    let path = lab.file("a.flac", &noise(10_000, 1));
    struct Fails;
    impl Faults for Fails {
        fn step(&self, name: &'static str) -> std::io::Result<()> {
            match name {
                "open to write" => Err(std::io::ErrorKind::PermissionDenied.into()),
                _ => Ok(()),
            }
        }
    }
    let mut session = lab.session_with(AUTO, Fails);
    let results = edit_with(&mut session, &[(&path, &same_length())]);
    assert!(
        matches!(results[0], Err(NotWritten::Failed(EditError::Write(_)))),
        "{results:?}"
    );
    assert_eq!(session.finish().unwrap(), None);
}
