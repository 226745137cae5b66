//! What a file is besides its bytes: mode, owner, attributes, links, locks, folder.

use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use crate::edit::EditError;
use crate::edit::patience::PatienceLeft;

use super::*;

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_read_only_file_is_refused_on_both_roads() {
    for options in [AUTO, NEVER] {
        let lab = Lab::new();
        let path = lab.file("a.flac", &noise(10_000, 1));
        set_mode(&path, 0o444);
        let before = lab.contents();
        for patches in [same_length(), longer()] {
            let refused = ready(&path, &patches, options.in_place).map(|_| ());
            assert_refused(&refused, "the file is read-only");
        }
        assert_eq!(lab.contents(), before);
    }
}

#[test]
fn in_a_read_only_folder_only_what_fits_in_place_is_written() {
    let lab = Lab::new();
    let old = noise(10_000, 1);
    let path = lab.file("a.flac", &old);
    set_mode(lab.folder.path(), 0o555);
    assert_refused(
        &ready(&path, &longer(), InPlace::Auto).map(|_| ()),
        "its folder is read-only",
    );
    assert_refused(
        &ready(&path, &same_length(), InPlace::Never).map(|_| ()),
        "its folder is read-only",
    );
    let results = lab.edit(AUTO, &[(&path, &same_length())]);
    set_mode(lab.folder.path(), 0o755);
    assert!(results[0].is_ok(), "{results:?}");
    assert_eq!(fs::read(&path).unwrap(), new_content(&old, &same_length()));
}

#[cfg_attr(isrctag_portable, ignore = "needs numbers of files, locks, owners or links")]
#[test]
fn a_hard_linked_file_is_edited_in_place_or_refused_never_parted() {
    let lab = Lab::new();
    let old = noise(10_000, 1);
    let path = lab.file("a.flac", &old);
    let other = lab.path("b.flac");
    fs::hard_link(&path, &other).unwrap();
    assert_refused(&ready(&path, &longer(), InPlace::Auto).map(|_| ()), "hard links");
    assert_refused(&ready(&path, &same_length(), InPlace::Never).map(|_| ()), "hard links");
    assert!(lab.edit(AUTO, &[(&path, &same_length())])[0].is_ok());
    assert_eq!(fs::read(&other).unwrap(), new_content(&old, &same_length()));
    assert_eq!(fs::metadata(&path).unwrap().ino(), fs::metadata(&other).unwrap().ino());
    assert!(lab.undo().iter().all(is_written));
    assert_eq!(fs::read(&other).unwrap(), old);
}

#[cfg_attr(isrctag_portable, ignore = "needs numbers of files, locks, owners or links")]
#[test]
fn mode_owner_attributes_and_acl_stay_on_both_roads_and_through_undo() {
    for (options, patches) in [(AUTO, same_length()), (NEVER, same_length()), (AUTO, longer())] {
        let lab = Lab::on_disk();
        let path = lab.file("a.flac", &noise(10_000, 1));
        let is_root = fs::metadata(&path).unwrap().uid() == 0;
        if is_root {
            std::os::unix::fs::chown(&path, Some(12345), Some(54321)).unwrap();
        }
        set_mode(&path, 0o640);
        let file = fs::File::open(&path).unwrap();
        let set = |name: &str, value: &[u8]| {
            rustix::fs::fsetxattr(&file, name, value, rustix::fs::XattrFlags::empty()).unwrap();
        };
        set("user.checksum", &noise(100, 3));
        set("user.empty", b"");
        set("system.posix_acl_access", &acl());
        // What a new file in this folder would get by itself, and the old one does not have.
        set_default_acl(lab.folder.path());
        let before = besides_bytes(&path);
        assert!(before.1.contains_key("system.posix_acl_access") && before.1.contains_key("user.checksum"));
        let results = lab.edit(options, &[(&path, &patches)]);
        assert!(results[0].is_ok(), "{results:?}");
        assert_eq!(besides_bytes(&path), before);
        assert!(lab.undo().iter().all(is_written));
        assert_eq!(besides_bytes(&path), before);
    }
}

#[cfg(all(target_os = "linux", not(isrctag_portable)))]
#[test]
fn the_flags_that_chattr_gives_stay_on_both_roads_and_through_undo() {
    use rustix::fs::{IFlags, ioctl_getflags, ioctl_setflags};
    for (options, patches) in [(AUTO, same_length()), (NEVER, same_length()), (AUTO, longer())] {
        let lab = Lab::on_disk();
        let path = lab.file("a.flac", &noise(10_000, 1));
        let flags = |path: &Path| ioctl_getflags(fs::File::open(path).unwrap());
        let Ok(before) = flags(&path) else {
            eprintln!("the file system has no such flags");
            return;
        };
        let before = before | IFlags::NODUMP | IFlags::NOATIME;
        ioctl_setflags(fs::File::open(&path).unwrap(), before).unwrap();
        assert!(lab.edit(options, &[(&path, &patches)])[0].is_ok());
        assert_eq!(flags(&path), Ok(before));
        assert!(lab.undo().iter().all(is_written));
        assert_eq!(flags(&path), Ok(before));
    }
}

#[cfg_attr(isrctag_portable, ignore = "needs numbers of files, locks, owners or links")]
#[test]
fn a_default_acl_of_the_folder_is_not_taken_on() {
    let lab = Lab::on_disk();
    let path = lab.file("a.flac", &noise(10_000, 1));
    set_mode(&path, 0o604);
    set_default_acl(lab.folder.path());
    let before = besides_bytes(&path);
    assert!(before.1.is_empty());
    assert!(lab.edit(NEVER, &[(&path, &same_length())])[0].is_ok());
    assert_eq!(besides_bytes(&path), before);
}

/// An ACL as Linux keeps it (linux/posix_acl_xattr.h): version 2, then tag, permissions and id of each entry.
fn acl() -> Vec<u8> {
    const NOBODY: u32 = u32::MAX;
    let entries: [(u16, u16, u32); 5] = [
        (0x01, 6, NOBODY),
        (0x02, 6, 4711),
        (0x04, 4, NOBODY),
        (0x10, 6, NOBODY),
        (0x20, 0, NOBODY),
    ];
    let mut bytes = 2u32.to_le_bytes().to_vec();
    for (tag, permissions, id) in entries {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(permissions.to_le_bytes());
        bytes.extend(id.to_le_bytes());
    }
    bytes
}

fn set_default_acl(folder: &Path) {
    rustix::fs::setxattr(
        folder,
        "system.posix_acl_default",
        &acl(),
        rustix::fs::XattrFlags::empty(),
    )
    .unwrap();
}

fn besides_bytes(path: &Path) -> ((u32, u32, u32), BTreeMap<String, Vec<u8>>) {
    let metadata = fs::metadata(path).unwrap();
    let mut names = vec![0; 10_000];
    let len = rustix::fs::listxattr(path, &mut names[..]).unwrap();
    let names = names[..len].split(|&byte| byte == 0).filter(|name| !name.is_empty());
    let attributes = names.map(|name| {
        let name = std::str::from_utf8(name).unwrap();
        let mut value = vec![0; 10_000];
        let len = rustix::fs::getxattr(path, name, &mut value[..]).unwrap();
        (name.to_owned(), value[..len].to_vec())
    });
    ((metadata.mode(), metadata.uid(), metadata.gid()), attributes.collect())
}

#[test]
fn a_symbolic_link_stays_one_and_its_target_is_edited() {
    let lab = Lab::new();
    let elsewhere = TempDir::new().unwrap();
    let target = elsewhere.path().join("target.flac");
    let old = noise(10_000, 1);
    for (options, patches) in [(AUTO, same_length()), (NEVER, longer())] {
        fs::write(&target, &old).unwrap();
        let link = lab.path("link.flac");
        symlink(&target, &link).unwrap();
        assert!(lab.edit(options, &[(&link, &patches)])[0].is_ok());
        assert_eq!(fs::read_link(&link).unwrap(), target);
        assert_eq!(fs::read(&target).unwrap(), new_content(&old, &patches));
        fs::remove_file(&link).unwrap();
    }
}

#[test]
fn a_link_put_in_the_files_place_meanwhile_is_not_followed() {
    let lab = Lab::new();
    let path = lab.file("a.flac", &noise(10_000, 1));
    let victim = lab.file("victim.flac", &noise(10_000, 1));
    for (options, patches) in [(AUTO, same_length()), (NEVER, longer())] {
        let prepared = ready(&path, &patches, options.in_place).unwrap();
        fs::rename(&path, lab.path("moved.flac")).unwrap();
        symlink(&victim, &path).unwrap();
        let mut session = lab.session(options);
        let results = session.commit_all(vec![prepared]).unwrap();
        assert!(results[0].is_err(), "{results:?}");
        assert_eq!(fs::read(&victim).unwrap(), noise(10_000, 1));
        assert_eq!(fs::read(lab.path("moved.flac")).unwrap(), noise(10_000, 1));
        fs::remove_file(&path).unwrap();
        fs::rename(lab.path("moved.flac"), &path).unwrap();
        assert_eq!(lab.contents().len(), 2, "no leftovers");
    }
}

#[test]
fn a_file_that_changes_between_plan_and_commit_is_refused() {
    let check = |options: Options, patches: &[Patch], change: &dyn Fn(&Path)| {
        let lab = Lab::new();
        let path = lab.file("a.flac", &noise(10_000, 1));
        let prepared = ready(&path, patches, options.in_place).unwrap();
        change(&path);
        let changed = lab.contents();
        let results = lab.session(options).commit_all(vec![prepared]).unwrap();
        assert_refused(&results[0], "changed since it was read");
        assert_eq!(lab.contents(), changed);
    };
    for (options, patches) in [(AUTO, same_length()), (NEVER, same_length()), (AUTO, longer())] {
        // Longer, which is told at once; and as long, told by the time of change.
        check(options, &patches, &|path| fs::write(path, noise(10_001, 2)).unwrap());
        check(options, &patches, &|path| {
            std::thread::sleep(std::time::Duration::from_millis(20));
            fs::write(path, noise(10_000, 2)).unwrap();
        });
        check(options, &patches, &|path| {
            let other = path.with_file_name("other");
            fs::write(&other, noise(10_000, 2)).unwrap();
            fs::rename(other, path).unwrap();
        });
    }
}

#[test]
fn a_name_of_255_bytes_works_on_both_roads() {
    let name = format!("{}.flac", "n".repeat(250));
    for (options, patches) in [(AUTO, same_length()), (NEVER, longer())] {
        let lab = Lab::new();
        let old = noise(10_000, 1);
        let path = lab.file(&name, &old);
        let results = lab.edit(options, &[(&path, &patches)]);
        assert!(results[0].is_ok(), "{results:?}");
        assert_eq!(
            lab.contents(),
            BTreeMap::from([(name.clone(), new_content(&old, &patches))])
        );
        assert!(lab.undo().iter().all(is_written));
    }
}

#[cfg_attr(isrctag_portable, ignore = "needs numbers of files, locks, owners or links")]
#[test]
fn a_name_that_is_not_utf_8_is_found_again_by_undo() {
    use std::os::unix::ffi::OsStrExt;
    let lab = Lab::new();
    let old = noise(10_000, 1);
    let path = lab
        .folder
        .path()
        .join(std::ffi::OsStr::from_bytes(b"caf\xE9 \xFF.flac"));
    fs::write(&path, &old).unwrap();
    assert!(lab.edit(AUTO, &[(&path, &longer())])[0].is_ok());
    assert!(lab.undo().iter().all(is_written));
    assert_eq!(fs::read(&path).unwrap(), old);
}

#[cfg_attr(isrctag_portable, ignore = "needs numbers of files, locks, owners or links")]
#[test]
fn a_file_that_another_run_holds_is_not_had() {
    let lab = Lab::new();
    let path = lab.file("a.flac", &noise(100, 1));
    let held = open(&entry(&path), Hold::Lock).unwrap();
    assert!(held.is_some());
    assert!(open(&entry(&path), Hold::Lock).unwrap().is_none());
    assert!(open(&entry(&path), Hold::Look).unwrap().is_some());
    drop(held);
    assert!(open(&entry(&path), Hold::Lock).unwrap().is_some());
}

/// As by a run that writes its wave, or by the child of a program between its start and its first own step.
#[cfg_attr(isrctag_portable, ignore = "needs numbers of files, locks, owners or links")]
#[test]
fn undo_waits_for_a_file_that_is_held_for_a_moment() {
    let lab = Lab::new();
    let old = noise(10_000, 1);
    let paths = ["a.flac", "b.flac", "c.flac"].map(|name| lab.file(name, &old));
    let patches = same_length();
    let edits = paths.each_ref().map(|path| (path.as_path(), patches.as_slice()));
    assert!(lab.edit(AUTO, &edits).iter().all(Result::is_ok));
    let hold = || {
        let file = fs::File::open(&paths[1]).unwrap();
        file.lock().unwrap();
        file
    };
    let stopped = AtomicBool::new(true);
    let held = hold();
    let mut patience = PatienceLeft::default();
    let once = || open(&entry(&paths[1]), Hold::Lock).unwrap();
    assert!(patience.wait(&stopped, once).is_none(), "told to stop, nobody waits");
    let undone = std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(std::time::Duration::from_millis(300));
            drop(held);
        });
        lab.undo()
    });
    assert!(undone.iter().all(is_written), "{undone:?}");
    let told: Vec<&PathBuf> = undone.iter().map(|one| &one.path).collect();
    assert_eq!(told, [&paths[2], &paths[1], &paths[0]], "last edit first");
    assert!(lab.contents().values().all(|now| *now == old));

    assert!(lab.edit(AUTO, &edits).iter().all(Result::is_ok));
    let new = fs::read(&paths[1]).unwrap();
    let _held = hold();
    let undone = lab.undo();
    assert!(is_written(&undone[0]) && is_written(&undone[2]), "{undone:?}");
    assert!(matches!(undone[1].outcome, Outcome::Refused(_)), "{undone:?}");
    assert!(fs::read(&paths[1]).unwrap() == new);
}

/// A real file system that is full: a small one in memory, where the system lets us make one.
#[test]
fn on_a_full_disk_files_stay_and_nothing_is_left_over() {
    let _alone = turns::alone();
    let lab = Lab::new();
    let disk = lab.path("disk");
    fs::create_dir(&disk).unwrap();
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"])
        .arg(&disk)
        .stderr(std::process::Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !mounted {
        eprintln!("no tmpfs can be mounted here; the steps that fail stand for it");
        return;
    }
    let old = noise(40_000, 1);
    let path = disk.join("a.flac");
    fs::write(&path, &old).unwrap();
    let rewritten = lab.edit(AUTO, &[(&path, &longer())]);
    let after_failure = fs::read(&path).unwrap();
    let names = fs::read_dir(&disk).unwrap().count();
    let in_place = lab.edit(AUTO, &[(&path, &same_length())]);
    let after = fs::read(&path).unwrap();
    let unmounted = std::process::Command::new("umount").arg(&disk).status();
    assert!(
        matches!(rewritten[0], Err(NotWritten::Failed(EditError::Write(_)))),
        "{rewritten:?}"
    );
    assert_eq!(after_failure, old);
    assert_eq!(names, 1, "leftovers");
    assert!(in_place[0].is_ok(), "what needs no room works: {in_place:?}");
    assert_eq!(after, new_content(&old, &same_length()));
    assert!(unmounted.unwrap().success());
}
