//! Both methods without interruption: the bytes, what is written, and the way back.

use super::*;

#[track_caller]
fn check_there_and_back(options: Options, patches: &[Patch], keeps_inode: bool) {
    let lab = Lab::on_disk();
    let old = noise(10_000, 1);
    let path = lab.file("a.flac", &old);
    let before = crate::system::platform::Identity::at(&path).unwrap();
    let results = lab.edit(options, &[(&path, patches)]);
    assert!(results[0].is_ok(), "{results:?}");
    assert_eq!(
        lab.contents(),
        BTreeMap::from([("a.flac".to_owned(), new_content(&old, patches))])
    );
    let after = crate::system::platform::Identity::at(&path).unwrap();
    assert_eq!(after.inode == before.inode, keeps_inode);
    let undone = lab.undo();
    assert!(undone.iter().all(is_written), "{undone:?}");
    assert_eq!(lab.contents(), BTreeMap::from([("a.flac".to_owned(), old)]));
}

#[test]
fn an_edit_of_the_same_length_is_written_in_place_and_undone() {
    check_there_and_back(AUTO, &same_length(), true);
}

#[cfg_attr(isrctag_portable, ignore = "needs numbers of files, locks, owners or links")]
#[test]
fn an_edit_of_another_length_makes_a_new_file_and_is_undone() {
    check_there_and_back(AUTO, &longer(), false);
    check_there_and_back(AUTO, &shorter(), false);
}

#[cfg_attr(isrctag_portable, ignore = "needs numbers of files, locks, owners or links")]
#[test]
fn never_in_place_makes_a_new_file_always() {
    check_there_and_back(NEVER, &same_length(), false);
    check_there_and_back(NEVER, &longer(), false);
}

#[cfg_attr(isrctag_portable, ignore = "needs numbers of files, locks, owners or links")]
#[test]
fn appending_and_cutting_the_tail_work() {
    check_there_and_back(AUTO, &[Patch::new(10_000..10_000, *b"id3 ")], false);
    check_there_and_back(AUTO, &[Patch::new(0..9_999, [])], false);
}

/// Pieces that move far are written in place a part at a time, whichever way they move.
#[test]
fn large_windows_are_written_in_place_and_undone() {
    let old = noise(3 << 20, 1);
    let end = 3 << 20;
    let check = |patches: &[Patch], reach: u64| {
        let lab = Lab::new();
        let path = lab.file("a.flac", &old);
        let prepared = ready(&path, patches, InPlace::Auto).unwrap();
        assert!(matches!(prepared.method, super::super::Method::InPlace { .. }));
        assert_eq!(prepared.proved.pieces().reach(), reach);
        drop(prepared);
        assert!(lab.edit(AUTO, &[(&path, patches)])[0].is_ok());
        assert!(fs::read(&path).unwrap() == new_content(&old, patches));
        assert!(lab.undo().iter().all(is_written));
        assert!(fs::read(&path).unwrap() == old);
    };
    let bytes = |len| noise(len, 2);
    check(&[Patch::new(10..13, []), Patch::new(end - 9..end - 9, bytes(3))], 0);
    check(&[Patch::new(10..10, bytes(3)), Patch::new(end - 9..end - 6, [])], 3);
    let far = 200_000;
    check(
        &[Patch::new(10..10, bytes(far)), Patch::new(end - far as u64..end, [])],
        far as u64,
    );
    // Up, then down, then where it was; and a window far behind it.
    check(
        &[
            Patch::new(50..70_050, []),
            Patch::new(900_000..900_000, bytes(170_000)),
            Patch::new(1_500_000..1_600_000, []),
            Patch::new(2_900_000..2_900_001, bytes(1)),
        ],
        100_000,
    );
}

#[test]
fn what_would_move_too_far_for_memory_makes_a_new_file() {
    let lab = Lab::new();
    let old = noise(1 << 20, 1);
    let path = lab.file("a.flac", &old);
    let patches = [
        Patch::new(10..10, noise(300_000, 2)),
        Patch::new(700_000..1_000_000, []),
    ];
    let prepared = ready(&path, &patches, InPlace::Auto).unwrap();
    assert!(matches!(prepared.method, super::super::Method::NewFile { .. }));
    drop(prepared);
    assert!(lab.edit(AUTO, &[(&path, &patches)])[0].is_ok());
    assert!(fs::read(&path).unwrap() == new_content(&old, &patches));
    assert!(lab.undo().iter().all(is_written));
    assert!(fs::read(&path).unwrap() == old);
}

#[test]
fn thousands_of_small_pieces_are_written_right() {
    let lab = Lab::new();
    let old = noise(3 << 20, 1);
    let path = lab.file("a.ogg", &old);
    let mut patches: Vec<Patch> = (0..9_000u64)
        .map(|page| Patch::new(page * 300..page * 300 + 8, *b"pagehead"))
        .collect();
    patches.push(Patch::new(9_000 * 300..9_000 * 300, noise(70_000, 2)));
    assert!(lab.edit(AUTO, &[(&path, &patches)])[0].is_ok());
    assert_eq!(fs::read(&path).unwrap(), new_content(&old, &patches));
    assert!(lab.undo().iter().all(is_written));
    assert_eq!(fs::read(&path).unwrap(), old);
}

#[test]
fn runs_are_undone_one_after_the_other_down_to_the_first() {
    let lab = Lab::new();
    let old = noise(10_000, 1);
    let path = lab.file("a.flac", &old);
    lab.edit(AUTO, &[(&path, &same_length())]);
    let first = fs::read(&path).unwrap();
    lab.edit(AUTO, &[(&path, &longer())]);
    let second = fs::read(&path).unwrap();
    lab.edit(NEVER, &[(&path, &[Patch::new(0..1, [0xEE])])]);
    for expected in [second, first, old] {
        let undone = lab.undo();
        assert!(undone.len() == 1 && undone.iter().all(is_written), "{undone:?}");
        assert_eq!(fs::read(&path).unwrap(), expected);
    }
    let nothing = lab
        .session(AUTO)
        .undo(None, Doubtful::Refuse, &GO_ON, &mut |_| {})
        .unwrap_err();
    assert_eq!(nothing.to_string(), "there is no run that can be taken back");
}

#[test]
fn an_earlier_run_is_not_undone_under_a_later_one() {
    let lab = Lab::new();
    let path = lab.file("a.flac", &noise(10_000, 1));
    lab.edit(AUTO, &[(&path, &same_length())]);
    lab.edit(AUTO, &[(&path, &[Patch::new(9000..9001, [1])])]);
    let now = lab.contents();
    let mut undone = Vec::new();
    let first = super::super::journal::RunId(1);
    lab.session(AUTO)
        .undo(Some(first), Doubtful::Refuse, &GO_ON, &mut |one| undone.push(one))
        .unwrap();
    let Outcome::Refused(refusal) = &undone[0].outcome else {
        panic!("{undone:?}");
    };
    assert_eq!(
        refusal.to_string(),
        "run 2 has edited the file since; undo that run first"
    );
    assert_eq!(lab.contents(), now);
}

#[test]
fn undo_refuses_a_file_that_has_changed_since() {
    let old = noise(10_000, 1);
    let check = |options: Options, patches: &[Patch], spoil: &dyn Fn(&Path)| {
        let lab = Lab::new();
        let path = lab.file("a.flac", &old);
        lab.edit(options, &[(&path, patches)]);
        spoil(&path);
        let spoiled = lab.contents();
        let undone = lab.undo();
        let refused =
            matches!(&undone[0].outcome, Outcome::Refused(refusal) if refusal.0 == "the file has changed since");
        assert!(refused, "{undone:?}");
        assert_eq!(lab.contents(), spoiled);
    };
    let flip = |at: usize, keep_time: bool| {
        move |path: &Path| {
            let times = fs::metadata(path).unwrap();
            let mut bytes = fs::read(path).unwrap();
            bytes[at] ^= 1;
            fs::write(path, bytes).unwrap();
            let file = fs::File::options().write(true).open(path).unwrap();
            let later = times.modified().unwrap() + std::time::Duration::from_millis(1234);
            file.set_modified(if keep_time { times.modified().unwrap() } else { later })
                .unwrap();
        }
    };
    for options in [AUTO, NEVER] {
        for patches in [same_length(), longer()] {
            // Anywhere, told by the time; or where the edit was, whatever the time says.
            check(options, &patches, &flip(9_500, false));
            check(options, &patches, &flip(102, true));
            check(options, &patches, &|path| {
                let bytes = fs::read(path).unwrap();
                fs::write(path, &bytes[..bytes.len() - 1]).unwrap();
            });
        }
    }
}

#[test]
fn undo_after_a_power_failure_that_lost_the_new_time_works() {
    let lab = Lab::new();
    let old = noise(10_000, 1);
    let path = lab.file("a.flac", &old);
    let time = fs::metadata(&path).unwrap().modified().unwrap();
    lab.edit(AUTO, &[(&path, &same_length())]);
    fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(time)
        .unwrap();
    // No program can put the time of change back, so the journal is told that it was this one.
    let changed = crate::system::platform::Identity::at(&path).unwrap().changed;
    rusqlite::Connection::open(lab.state().join(crate::edit::journal::FILE_NAME))
        .unwrap()
        .execute("UPDATE edits SET ctime_before = ?", [changed])
        .unwrap();
    assert!(lab.undo().iter().all(is_written));
    assert_eq!(fs::read(&path).unwrap(), old);
}

#[cfg_attr(isrctag_portable, ignore = "needs numbers of files, locks, owners or links")]
#[test]
fn times_change_or_stay_as_asked() {
    for in_place in [InPlace::Auto, InPlace::Never] {
        for times in [Times::Update, Times::Preserve] {
            let lab = Lab::on_disk();
            let path = lab.file("a.flac", &noise(10_000, 1));
            let file = fs::File::options().write(true).open(&path).unwrap();
            let long_ago = std::time::UNIX_EPOCH + std::time::Duration::new(1_000_000_000, 123_456_789);
            file.set_times(fs::FileTimes::new().set_modified(long_ago).set_accessed(long_ago))
                .unwrap();
            drop(file);
            assert!(lab.edit(Options { in_place, times }, &[(&path, &same_length())])[0].is_ok());
            let metadata = fs::metadata(&path).unwrap();
            let kept = metadata.modified().unwrap() == long_ago;
            assert_eq!(kept, times == Times::Preserve, "{in_place:?} {times:?}");
            if times == Times::Preserve {
                assert_eq!(metadata.accessed().unwrap(), long_ago, "{in_place:?}");
            }
        }
    }
}

#[cfg_attr(isrctag_portable, ignore = "needs numbers of files, locks, owners or links")]
#[test]
fn a_file_beyond_4_gib_is_edited_in_place() {
    const LEN: u64 = 5 << 30;
    let lab = Lab::on_disk();
    let path = lab.path("long.wav");
    let file = fs::File::create(&path).unwrap();
    file.set_len(LEN).unwrap();
    let patches = [
        Patch::new(100..103, []),
        Patch::new(2000..2000, *b"abc"),
        Patch::new(LEN - 10..LEN - 5, *b"tail!"),
    ];
    assert!(lab.edit(AUTO, &[(&path, &patches)])[0].is_ok());
    let read = |offset: u64, len: usize| {
        let mut bytes = vec![0; len];
        std::os::unix::fs::FileExt::read_exact_at(&fs::File::open(&path).unwrap(), &mut bytes, offset).unwrap();
        bytes
    };
    assert_eq!(fs::metadata(&path).unwrap().len(), LEN);
    assert_eq!(read(1996, 6), *b"\0abc\0\0");
    assert_eq!(read(LEN - 12, 12), *b"\0\0tail!\0\0\0\0\0");
    assert!(lab.undo().iter().all(is_written));
    assert_eq!(read(1996, 6), [0; 6]);
    assert_eq!(read(LEN - 12, 12), [0; 12]);
}

#[test]
fn undo_gives_the_modification_time_back_on_both_roads() {
    let long_ago = std::time::UNIX_EPOCH + std::time::Duration::new(1_000_000_000, 123_456_789);
    let to_come = std::time::UNIX_EPOCH + std::time::Duration::new(4_100_000_000, 1);
    let before_1970 = std::time::UNIX_EPOCH - std::time::Duration::new(10, 5);
    for time in [long_ago, to_come, before_1970] {
        for (options, patches) in [(AUTO, same_length()), (NEVER, same_length()), (AUTO, longer())] {
            let lab = Lab::on_disk();
            let path = lab.file("a.flac", &noise(10_000, 1));
            let modified = || fs::metadata(&path).unwrap().modified().unwrap();
            let file = fs::File::options().write(true).open(&path).unwrap();
            file.set_modified(time).unwrap();
            assert!(lab.edit(options, &[(&path, &patches)])[0].is_ok());
            let between = modified();
            assert_ne!(between, time);
            assert!(lab.edit(options, &[(&path, &[Patch::new(0..1, [0xEE])])])[0].is_ok());
            let undone = lab.undo();
            assert!(undone.iter().all(is_written), "{undone:?}");
            assert_eq!(modified(), between);
            let undone = lab.undo();
            assert!(undone.iter().all(is_written), "{undone:?}");
            assert_eq!(modified(), time);
        }
    }
}

/// Content far from the edit, with the modification time put back: only the time of change, or all of the content, tells.
#[cfg_attr(isrctag_portable, ignore = "needs numbers of files, locks, owners or links")]
#[test]
fn a_change_far_away_is_told_by_the_time_of_change_or_by_a_checksum() {
    let change = |path: &Path| {
        let time = fs::metadata(path).unwrap().modified().unwrap();
        let mut bytes = fs::read(path).unwrap();
        bytes[6_000] ^= 1;
        std::thread::sleep(std::time::Duration::from_millis(20));
        fs::write(path, &bytes).unwrap();
        fs::File::options()
            .write(true)
            .open(path)
            .unwrap()
            .set_modified(time)
            .unwrap();
        bytes
    };
    let chmod = |path: &Path| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        fs::set_permissions(path, mode).unwrap();
    };
    // As on a file system without times of change.
    let with_checksum = |lab: &Lab, path: &Path| {
        let whole = blake3::hash(&fs::read(path).unwrap());
        let journal = rusqlite::Connection::open(lab.state().join(crate::edit::journal::FILE_NAME)).unwrap();
        journal
            .execute("UPDATE edits SET whole_after = ?", [whole.as_bytes().as_slice()])
            .unwrap();
    };
    let reason = |undone: &[Undone]| match &undone[0].outcome {
        Outcome::Refused(refusal) => refusal.0.to_string(),
        other => panic!("{other:?}"),
    };
    let old = noise(10_000, 1);
    for options in [AUTO, NEVER] {
        let lab = Lab::on_disk();
        let path = lab.file("a.flac", &old);
        lab.edit(options, &[(&path, &same_length())]);
        let changed = change(&path);
        assert!(reason(&lab.undo()).contains("its time of change is another"));
        assert_eq!(fs::read(&path).unwrap(), changed);
        with_checksum(&lab, &path);
        let whole = blake3::hash(&old);
        let journal = rusqlite::Connection::open(lab.state().join(crate::edit::journal::FILE_NAME)).unwrap();
        journal
            .execute("UPDATE edits SET whole_after = ?", [whole.as_bytes().as_slice()])
            .unwrap();
        drop(journal);
        assert_eq!(reason(&lab.undo()), "the file has changed since");
        assert_eq!(fs::read(&path).unwrap(), changed);
    }
    // A new mode: the checksum knows better than the time; without one the user may say so.
    let lab = Lab::on_disk();
    let path = lab.file("a.flac", &old);
    lab.edit(AUTO, &[(&path, &same_length())]);
    chmod(&path);
    assert!(reason(&lab.undo()).contains("--touched"));
    let mut session = lab.session(AUTO);
    let mut undone = Vec::new();
    session
        .undo(None, Doubtful::TakeBack, &GO_ON, &mut |one| undone.push(one))
        .unwrap();
    session.finish().unwrap();
    assert!(is_written(&undone[0]) && undone[0].note.is_some(), "{undone:?}");
    assert_eq!(fs::read(&path).unwrap(), old);
    lab.edit(AUTO, &[(&path, &same_length())]);
    with_checksum(&lab, &path);
    chmod(&path);
    let undone = lab.undo();
    assert!(is_written(&undone[0]) && undone[0].note.is_none(), "{undone:?}");
}
