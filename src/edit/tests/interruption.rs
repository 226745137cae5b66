//! Every step of a commit, an undo and a recovery fails or is the last one that runs.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::edit::journal::Journal;
use crate::edit::recover::{Resolution, recover_all};

use super::*;

/// What happens at a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// It fails, and so does the disk from then on if it is to be so.
    Fail,
    /// The process is gone: neither it nor any other step is run.
    Stop,
    /// The process is gone, truly.
    Abort,
}

/// Brings the fault at one step, counted from 0.
pub(super) struct AtStep {
    fault: Fault,
    step: usize,
    seen: AtomicUsize,
}

impl AtStep {
    pub(super) fn new(fault: Fault, step: usize) -> AtStep {
        AtStep {
            fault,
            step,
            seen: AtomicUsize::new(0),
        }
    }
}

impl Faults for AtStep {
    fn step(&self, _name: &'static str) -> io::Result<()> {
        let seen = self.seen.fetch_add(1, Ordering::SeqCst);
        match self.fault {
            Fault::Fail if seen == self.step => Err(io::ErrorKind::StorageFull.into()),
            // Other threads of a dead process are dead, too. No message is wanted, hence no panic hook.
            Fault::Stop if seen >= self.step => resume_unwind(Box::new("stopped")),
            Fault::Abort if seen == self.step => std::process::abort(),
            Fault::Fail | Fault::Stop | Fault::Abort => Ok(()),
        }
    }
}

/// Brings the fault at the first step of a name.
struct AtName(Fault, &'static str);

impl Faults for AtName {
    fn step(&self, name: &'static str) -> io::Result<()> {
        match self.0 {
            Fault::Fail if name == self.1 => Err(io::ErrorKind::StorageFull.into()),
            Fault::Stop | Fault::Abort if name == self.1 => resume_unwind(Box::new("stopped")),
            Fault::Fail | Fault::Stop | Fault::Abort => Ok(()),
        }
    }
}

const NAMES: [&str; 6] = [
    "1 same.flac",
    "2 longer.flac",
    "3 shorter.flac",
    "4 same.flac",
    "5 up.flac",
    "6 down.flac",
];

/// How long the file of an index is: the last two are written in several parts.
fn len_of(index: usize) -> usize {
    if index < 4 { 10_000 } else { 150_000 }
}

fn patches_of(index: usize) -> Vec<Patch> {
    match index {
        0 | 3 => same_length(),
        1 => longer(),
        2 => shorter(),
        4 => vec![Patch::new(100..103, []), Patch::new(149_000..149_000, [0; 3])],
        _ => vec![Patch::new(100..100, noise(700, 3)), Patch::new(149_000..149_700, [])],
    }
}

pub(super) type Contents = BTreeMap<String, Vec<u8>>;

/// Files of both methods; their old and new contents.
fn library() -> (Lab, Contents, Contents) {
    let lab = Lab::new();
    let mut new = Contents::new();
    for (index, name) in NAMES.iter().enumerate() {
        let bytes = noise(len_of(index), index as u64 + 1);
        lab.file(name, &bytes);
        new.insert((*name).to_owned(), new_content(&bytes, &patches_of(index)));
    }
    let old = lab.contents();
    (lab, old, new)
}

fn edit_library(session: &mut Session, folder: &Path) -> Vec<Result<(), NotWritten>> {
    let edits: Vec<(PathBuf, Vec<Patch>)> = NAMES
        .iter()
        .enumerate()
        .map(|(index, name)| (folder.join(name), patches_of(index)))
        .collect();
    let edits: Vec<(&Path, &[Patch])> = edits
        .iter()
        .map(|(path, patches)| (path.as_path(), patches.as_slice()))
        .collect();
    edit_with(session, &edits)
}

/// Whether the work came to its end before it was stopped.
pub(super) fn runs_through<T>(work: impl FnOnce() -> T) -> bool {
    catch_unwind(AssertUnwindSafe(work)).is_ok()
}

#[track_caller]
fn assert_each_old_or_new(now: &Contents, old: &Contents, new: &Contents, when: &str) {
    assert_eq!(
        now.keys().collect::<Vec<_>>(),
        old.keys().collect::<Vec<_>>(),
        "{when}: leftovers"
    );
    for (name, bytes) in now {
        assert!(
            *bytes == old[name] || *bytes == new[name],
            "{when}: {name} is neither old nor new"
        );
    }
}

#[track_caller]
pub(super) fn assert_settled_and_undoable(lab: &Lab, old: &Contents, new: &Contents, when: &str) {
    let now = lab.contents();
    assert_each_old_or_new(&now, old, new, when);
    let again = lab.recover();
    assert!(again.is_empty(), "{when}: recovering again finds {again:?}");
    let written = now.iter().filter(|(name, bytes)| **bytes == new[*name]).count();
    if written > 0 {
        let undone = lab.undo();
        assert_eq!(
            undone.iter().filter(|one| is_written(one)).count(),
            written,
            "{when}: {undone:?}"
        );
    }
    assert_eq!(lab.contents(), *old, "{when}: undo");
}

#[track_caller]
fn each_step_of_an_edit(options: Options, at_least: usize) {
    for step in 0.. {
        let (lab, old, new) = library();
        let when = format!("stopped at step {step}");
        let finished = runs_through(|| {
            let mut session = lab.session_with(options, AtStep::new(Fault::Stop, step));
            edit_library(&mut session, lab.folder.path())
        });
        lab.recover();
        assert_settled_and_undoable(&lab, &old, &new, &when);
        if finished {
            assert!(step >= at_least, "only {step} steps were seen");
            break;
        }
    }
}

#[test]
fn stopped_at_any_step_every_file_is_old_or_new_after_recovery() {
    each_step_of_an_edit(AUTO, 30);
}

#[test]
fn stopped_at_any_step_of_new_files_every_file_is_old_or_new_after_recovery() {
    each_step_of_an_edit(NEVER, 20);
}

#[test]
fn with_new_files_every_file_is_old_or_new_even_before_recovery() {
    for step in 0.. {
        let (lab, old, new) = library();
        let finished = runs_through(|| {
            let mut session = lab.session_with(NEVER, AtStep::new(Fault::Stop, step));
            edit_library(&mut session, lab.folder.path())
        });
        let mut now = lab.contents();
        now.retain(|name, _| !name.starts_with(".isrctag-"));
        assert_each_old_or_new(&now, &old, &new, &format!("stopped at step {step}"));
        if finished {
            break;
        }
    }
}

#[test]
fn when_any_step_fails_the_file_is_old_at_once_or_said_to_be_open() {
    for options in [AUTO, NEVER] {
        for step in 0.. {
            let (lab, old, new) = library();
            let when = format!("failing at step {step} of {options:?}");
            let mut session = lab.session_with(options, AtStep::new(Fault::Fail, step));
            let ready: Vec<Ready> = NAMES
                .iter()
                .enumerate()
                .map(|(index, name)| ready(&lab.path(name), &patches_of(index), options.in_place).unwrap())
                .collect();
            let committed = session.commit_all(ready);
            let reported = match &committed {
                Err(_) => {
                    assert_eq!(lab.contents(), old, "{when}: the journal failed, so no file is touched");
                    1
                }
                Ok(results) => {
                    let now = lab.contents();
                    assert_each_old_or_new(&now, &old, &new, &when);
                    for (result, name) in results.iter().zip(NAMES) {
                        match result {
                            Ok(()) => assert_eq!(now[name], new[name], "{when}: {name} is said to be written"),
                            Err(NotWritten::Failed(crate::edit::EditError::Unconfirmed(_))) => {
                                assert_eq!(now[name], new[name], "{when}: {name}");
                            }
                            Err(_) => assert_eq!(now[name], old[name], "{when}: {name} is said not to be"),
                        }
                    }
                    results.iter().filter(|result| result.is_err()).count()
                }
            };
            let finished = session.finish();
            // The last step, recording the ends, fails for the run and for no file.
            let is_past = reported == 0 && finished.is_ok();
            lab.recover();
            assert_settled_and_undoable(&lab, &old, &new, &when);
            if is_past {
                assert!(step >= 20, "only {step} steps were seen");
                break;
            }
        }
    }
}

#[test]
fn stopped_at_any_step_of_an_undo_every_file_is_old_or_new_and_the_undo_can_be_finished() {
    for options in [AUTO, NEVER] {
        for step in 0.. {
            let (lab, old, new) = library();
            let mut session = lab.session(options);
            edit_library(&mut session, lab.folder.path());
            session.finish().unwrap();
            assert_eq!(lab.contents(), new);
            let finished = runs_through(|| {
                let mut session = lab.session_with(options, AtStep::new(Fault::Stop, step));
                session.undo(None, Doubtful::Refuse, &GO_ON, &mut |_| {}).unwrap();
            });
            lab.recover();
            let when = format!("undo of {options:?} stopped at step {step}");
            assert_settled_and_undoable(&lab, &old, &new, &when);
            if finished {
                assert!(step >= 20, "only {step} steps were seen");
                break;
            }
        }
    }
}

#[test]
fn a_recovery_that_is_itself_stopped_is_finished_by_the_next() {
    for options in [AUTO, NEVER] {
        for edit_step in (0..).step_by(2) {
            let (lab, _, _) = library();
            let finished = runs_through(|| {
                let mut session = lab.session_with(options, AtStep::new(Fault::Stop, edit_step));
                edit_library(&mut session, lab.folder.path())
            });
            drop(lab);
            if finished {
                break;
            }
            for step in 0.. {
                let (lab, old, new) = library();
                runs_through(|| {
                    let mut session = lab.session_with(options, AtStep::new(Fault::Stop, edit_step));
                    edit_library(&mut session, lab.folder.path())
                });
                let recovered = runs_through(|| {
                    let mut journal = Journal::open(&lab.state()).unwrap();
                    recover_all(&mut journal, &AtStep::new(Fault::Stop, step)).unwrap()
                });
                let second = lab.recover();
                let when = format!("{options:?} stopped at {edit_step}, recovery at {step}: {second:?}");
                assert_settled_and_undoable(&lab, &old, &new, &when);
                if recovered {
                    break;
                }
            }
        }
    }
}

/// A window of 3 sectors and 2 parts, torn in every way in which a power failure may leave it.
#[test]
fn a_torn_window_gets_its_old_bytes_and_time_back_whichever_sectors_were_written() {
    let old = noise(10_000, 9);
    let patches = [
        Patch::new(1000..2000, noise(1000, 10)),
        Patch::new(9000..9001, [old[9000] ^ 1]),
    ];
    let new = new_content(&old, &patches);
    let sectors = [1000..1024, 1024..1536, 1536..2000, 9000..9001];
    for mix in 0..16u32 {
        let lab = Lab::new();
        let path = lab.file("a.flac", &old);
        let time = fs::metadata(&path).unwrap().modified().unwrap();
        stop_at(&lab, "write the window", &path, &patches);
        let mut torn = old.clone();
        for (index, sector) in sectors.iter().enumerate().filter(|(index, _)| mix & 1 << index != 0) {
            assert_ne!(old[sector.clone()], new[sector.clone()], "sector {index}");
            torn[sector.clone()].copy_from_slice(&new[sector.clone()]);
        }
        fs::write(&path, &torn).unwrap();
        let recovered = lab.recover();
        let now = fs::read(&path).unwrap();
        match mix {
            15 => {
                assert_eq!(now, new);
                assert!(matches!(recovered[0].ending, Resolution::Finished));
            }
            _ => {
                assert_eq!(now, old, "mix {mix:04b}");
                assert!(matches!(recovered[0].ending, Resolution::TakenBack { .. }));
                let was_torn = mix != 0;
                let restored = fs::metadata(&path).unwrap().modified().unwrap();
                assert!(!was_torn || restored == time, "mix {mix:04b}");
            }
        }
    }
}

/// Its old time would hide that from backups, and from a scan with an index.
#[test]
fn what_another_program_wrote_into_a_torn_file_keeps_its_time() {
    let old = noise(10_000, 9);
    let patches = [Patch::new(1000..2000, noise(1000, 10))];
    let lab = Lab::new();
    let path = lab.file("a.flac", &old);
    stop_at(&lab, "write the window", &path, &patches);
    let mut torn = old.clone();
    torn[1000..1024].copy_from_slice(&new_content(&old, &patches)[1000..1024]);
    torn[9000..9005].copy_from_slice(b"OTHER");
    fs::write(&path, &torn).unwrap();
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(120);
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(later).unwrap();
    drop(file);
    let recovered = lab.recover();
    let told = Resolution::TakenBack { is_written_since: true };
    assert_eq!(format!("{:?}", recovered[0].ending), format!("{told:?}"));
    let now = fs::read(&path).unwrap();
    assert!(now[..9000] == old[..9000] && now[9000..9005] == *b"OTHER" && now[9005..] == old[9005..]);
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    assert!(modified.elapsed().unwrap() < std::time::Duration::from_secs(60));
}

/// Leaves an edit as a process leaves it that dies at a step.
fn stop_at(lab: &Lab, step: &'static str, path: &Path, patches: &[Patch]) {
    let finished = runs_through(|| {
        let mut session = lab.session_with(AUTO, AtName(Fault::Stop, step));
        edit_with(&mut session, &[(path, patches)])
    });
    assert!(!finished, "there is no step {step:?}");
}

#[cfg_attr(isrctag_portable, ignore = "needs numbers of files, locks, owners or links")]
#[test]
fn what_another_program_wrote_after_the_crash_is_left_alone() {
    let old = noise(10_000, 3);
    let check = |spoil: &dyn Fn(&Path)| {
        let lab = Lab::new();
        let path = lab.file("a.flac", &old);
        stop_at(&lab, "sync the file", &path, &same_length());
        spoil(&path);
        let spoiled = lab.contents();
        let recovered = lab.recover();
        assert!(matches!(recovered[0].ending, Resolution::Foreign), "{recovered:?}");
        assert_eq!(lab.contents(), spoiled);
        assert!(lab.recover().is_empty());
    };
    check(&|path| fs::write(path, noise(10_000, 4)).unwrap());
    check(&|path| fs::write(path, noise(9_999, 4)).unwrap());
    check(&|path| fs::remove_file(path).unwrap());
    check(&|path| {
        fs::remove_file(path).unwrap();
        fs::create_dir(path).unwrap();
        fs::write(path.with_file_name("other"), "x").unwrap();
        fs::remove_dir(path).unwrap();
    });
    check(&|path| {
        let elsewhere = path.with_file_name("elsewhere.flac");
        fs::rename(path, &elsewhere).unwrap();
        std::os::unix::fs::symlink(elsewhere, path).unwrap();
    });
}

#[test]
fn the_old_bytes_of_a_file_that_went_elsewhere_stay_in_the_journal() {
    let lab = Lab::new();
    let path = lab.file("a.flac", &noise(10_000, 3));
    stop_at(&lab, "sync the file", &path, &same_length());
    fs::rename(&path, lab.path("elsewhere.flac")).unwrap();
    assert!(matches!(lab.recover()[0].ending, Resolution::Foreign));
    let journal = rusqlite::Connection::open(lab.state().join(crate::edit::journal::FILE_NAME)).unwrap();
    let kept =
        "SELECT count(DISTINCT edit) FROM windows WHERE edit IN (SELECT id FROM edits WHERE state = 'abandoned')";
    assert_eq!(journal.query_row(kept, [], |row| row.get(0)), Ok(1));
}

#[test]
fn a_file_whose_whole_folder_is_missing_is_left_for_later() {
    let lab = Lab::new();
    let folder = lab.path("disk");
    fs::create_dir(&folder).unwrap();
    let old = noise(10_000, 3);
    let path = folder.join("a.flac");
    fs::write(&path, &old).unwrap();
    let patches = [Patch::new(1000..2000, noise(1000, 5))];
    stop_at(&lab, "sync the file", &path, &patches);
    let mut torn = fs::read(&path).unwrap();
    torn[1536..2000].copy_from_slice(&old[1536..2000]);
    fs::write(&path, torn).unwrap();
    let away = lab.path("unplugged");
    fs::rename(&folder, &away).unwrap();
    let recovered = lab.recover();
    assert!(matches!(recovered[0].ending, Resolution::Left(_)), "{recovered:?}");
    fs::rename(&away, &folder).unwrap();
    lab.recover();
    assert_eq!(fs::read(&path).unwrap(), old);
}

#[cfg_attr(isrctag_portable, ignore = "needs numbers of files, locks, owners or links")]
#[test]
fn a_file_that_another_program_has_locked_is_told_and_settled_later() {
    let lab = Lab::new();
    let path = lab.file("a.flac", &noise(10_000, 3));
    stop_at(&lab, "sync the file", &path, &same_length());
    let held = open(&entry(&path), Hold::Lock).unwrap().unwrap();
    assert!(matches!(lab.recover()[0].ending, Resolution::Held));
    drop(held);
    assert!(matches!(lab.recover()[0].ending, Resolution::Finished));
}

const CHILD: &str = "ISRCTAG_TEST_FOLDERS";

/// Does nothing by itself: it is what the next test starts, and kills, in a process of its own.
#[test]
fn child_that_edits_and_dies() {
    let Ok(arguments) = std::env::var(CHILD) else {
        return;
    };
    let mut lines = arguments.lines();
    let (state, folder) = (lines.next().unwrap(), lines.next().unwrap());
    let step: usize = lines.next().unwrap().parse().unwrap();
    let options = if lines.next().unwrap() == "auto" { AUTO } else { NEVER };
    let faults = Box::new(AtStep::new(Fault::Abort, step));
    let (mut session, _) = Session::open_with(Path::new(state), options, "test", faults).unwrap();
    edit_library(&mut session, Path::new(folder));
    session.finish().unwrap();
}

#[test]
fn a_process_that_dies_at_any_step_leaves_what_the_next_one_settles() {
    let _alone = turns::alone();
    for (options, word) in [(AUTO, "auto"), (NEVER, "never")] {
        for step in 0.. {
            let (lab, old, new) = library();
            let arguments = format!(
                "{}\n{}\n{step}\n{word}",
                lab.state().display(),
                lab.folder.path().display()
            );
            let status = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "edit::tests::interruption::child_that_edits_and_dies"])
                .env(CHILD, arguments)
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null())
                .status()
                .unwrap();
            lab.recover();
            let when = format!("{options:?} died at step {step}");
            if status.success() {
                assert_eq!(lab.contents(), new, "{when}: the child did its work");
                assert!(step >= 20, "only {step} steps were seen");
            }
            assert_settled_and_undoable(&lab, &old, &new, &when);
            if status.success() {
                break;
            }
        }
    }
}

/// A file system on which a folder cannot be synced.
struct NoFolderSync(i32);

impl Faults for NoFolderSync {
    fn step(&self, name: &'static str) -> io::Result<()> {
        match name {
            "sync the folder" | "recover: sync the folder" => Err(io::Error::from_raw_os_error(self.0)),
            _ => Ok(()),
        }
    }
}

#[cfg_attr(isrctag_portable, ignore = "needs numbers of files, locks, owners or links")]
#[test]
fn a_folder_that_cannot_be_synced_has_nothing_to_sync() {
    use rustix::io::Errno;
    for error in [Errno::INVAL, Errno::NOSYS, Errno::OPNOTSUPP] {
        let (lab, old, new) = library();
        let faults = || NoFolderSync(error.raw_os_error());
        let mut session = lab.session_with(NEVER, faults());
        let results = edit_library(&mut session, lab.folder.path());
        assert!(results.iter().all(Result::is_ok), "{error}: {results:?}");
        session.finish().unwrap();
        assert!(lab.recover().is_empty(), "all of it is settled");
        assert_eq!(lab.contents(), new);
        lab.undo();
        let path = lab.path(NAMES[0]);
        let stopped = runs_through(|| {
            let mut session = lab.session_with(NEVER, AtName(Fault::Stop, "rename"));
            edit_with(&mut session, &[(&path, &same_length())])
        });
        assert!(!stopped);
        let recovered = recover_all(&mut Journal::open(&lab.state()).unwrap(), &faults()).unwrap();
        assert!(
            matches!(recovered[0].ending, Resolution::TakenBack { .. }),
            "{error}: {recovered:?}"
        );
        assert_eq!(lab.contents(), old);
    }
    let (lab, _, _) = library();
    let mut session = lab.session_with(NEVER, NoFolderSync(Errno::IO.raw_os_error()));
    let results = edit_library(&mut session, lab.folder.path());
    assert!(
        results.iter().all(Result::is_err),
        "a disk that fails is told: {results:?}"
    );
}
