use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;

use globset::{Glob, GlobSetBuilder};
use rustix::fs::{CWD, FileType, Mode, OFlags, mkdirat, mknodat, openat};

use super::super::{Hidden, portable};
use super::*;
use crate::bytes::source::Links;

fn walk(hidden: Hidden, exclude: &[&str]) -> Walk {
    let mut set = GlobSetBuilder::new();
    for pattern in exclude {
        set.add(Glob::new(pattern).unwrap());
    }
    Walk {
        roots: Vec::new(),
        named: 0,
        links: Links::Refuse,
        hidden,
        exclude: set.build().unwrap(),
        share: None,
    }
}

fn told(found: impl Iterator<Item = Found>) -> Vec<String> {
    let told = |found: Found| match found {
        Found::Named(path) => format!("named {path:?}"),
        Found::Audio(path) => format!("audio {path:?}"),
        Found::Unclaimed(path) => format!("unclaimed {path:?}"),
        Found::Unwalkable { path, error, is_folder } => {
            format!(
                "unwalkable {} {path:?} {:?}",
                if is_folder { "folder" } else { "file" },
                error.kind()
            )
        }
    };
    found.map(told).collect()
}

/// The answer of this walk, which must be walkdir's, with listers and without.
#[track_caller]
fn check(walk: &Walk, root: &Path) -> Vec<String> {
    let found = told(Listing::below(walk, root));
    assert_eq!(found, told(portable::below(walk, root)));
    let listed_ahead = Listing::below(walk, root);
    let shared = &listed_ahead.shared;
    assert!(shared.start_listers(&mut shared.lock(), LISTERS));
    assert_eq!(found, told(listed_ahead));
    found
}

#[test]
fn the_library_is_walked_as_by_walkdir() {
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/library");
    let found = check(&walk(Hidden::Skip, &[]), &library);
    assert!(found.len() > 50, "{}", found.len());
    check(&walk(Hidden::Take, &["*.flac", "**/CD 2/**"]), &library);
}

#[test]
fn odd_entries_are_walked_as_by_walkdir() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for name in ["10", "9", "Ä.mp3", ".hidden", "b.flac", "B.FLAC", "a\nb", "empty"] {
        fs::create_dir(root.join(name)).unwrap();
        if name == "empty" {
            continue;
        }
        for file in [
            "2.mp3",
            "10.mp3",
            "cover.jpg",
            "notes",
            ".x.mp3",
            "a.unknown",
            "trailing. ",
        ] {
            fs::write(root.join(name).join(file), b"").unwrap();
        }
    }
    fs::write(root.join(OsStr::from_bytes(b"not \xFF text.mp3")), b"").unwrap();
    mknodat(
        CWD,
        root.join("pipe.mp3"),
        FileType::Fifo,
        Mode::from_raw_mode(0o600),
        0,
    )
    .unwrap();
    mknodat(CWD, root.join("pipe"), FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    symlink("9/2.mp3", root.join("link.mp3")).unwrap();
    symlink("9", root.join("link")).unwrap();
    symlink("nowhere", root.join("broken.mp3")).unwrap();
    symlink(".", root.join("9/loop")).unwrap();
    let found = check(&walk(Hidden::Skip, &[]), root);
    assert_eq!(found.iter().filter(|found| found.contains("10.mp3")).count(), 6);
    check(&walk(Hidden::Take, &[]), root);
    check(&walk(Hidden::Take, &["10", "*.mp3", "b.flac/notes"]), root);
    // A root that ends in a separator, one that is a link, and one that is not there any more.
    let mut slashed = root.as_os_str().to_owned();
    slashed.push("/");
    check(&walk(Hidden::Skip, &[]), Path::new(&slashed));
    check(&walk(Hidden::Skip, &[]), &root.join("link"));
    let missing = told(Listing::below(&walk(Hidden::Skip, &[]), &root.join("missing")));
    assert_eq!(missing.len(), 1);
    assert!(missing[0].ends_with("NotFound"), "{missing:?}");
}

#[test]
fn deep_folders_are_walked_as_by_walkdir() {
    let folder = tempfile::tempdir().unwrap();
    let mut path = folder.path().to_path_buf();
    for depth in 0..48 {
        path.push(format!("down {depth}"));
        fs::create_dir(&path).unwrap();
        fs::write(path.join("1.mp3"), b"").unwrap();
        // Comes after all that is below.
        let after = path.join("up");
        fs::create_dir(&after).unwrap();
        fs::write(after.join("2.mp3"), b"").unwrap();
    }
    let found = check(&walk(Hidden::Skip, &[]), folder.path());
    assert_eq!(found.len(), 96);
}

#[test]
fn a_path_beyond_all_limits_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let flags = OFlags::DIRECTORY | OFlags::RDONLY;
    let mut handle = openat(CWD, folder.path(), flags, Mode::empty()).unwrap();
    let name = "x".repeat(250);
    for _ in 0..20 {
        mkdirat(&handle, name.as_str(), Mode::from_raw_mode(0o700)).unwrap();
        handle = openat(&handle, name.as_str(), flags, Mode::empty()).unwrap();
    }
    let found = check(&walk(Hidden::Skip, &[]), folder.path());
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("unwalkable folder"), "{found:?}");
}

#[test]
fn a_folder_that_the_drive_holds_is_given_up_and_the_others_go_on() {
    for listers in [1, LISTERS] {
        let (never, waits) = std::sync::mpsc::sync_channel::<()>(0);
        let waits = Mutex::new(waits);
        let patience = Duration::from_millis(50);
        let list = move |folder: &Path| {
            let below = |name: &str| folder.join(name);
            let (files, folders) = match folder.file_name().unwrap().to_str().unwrap() {
                "root" => (
                    vec!["1.mp3"],
                    (10..600).map(|number| below(&number.to_string())).collect(),
                ),
                "12" | "13" => {
                    let _for_ever = waits.lock().map(|waits| waits.recv());
                    (vec!["too late.mp3"], vec![below("too late")])
                }
                _ => (vec!["2.mp3"], Vec::new()),
            };
            let found = files.into_iter().map(|name| Found::Audio(below(name)));
            InFolder {
                found: found.collect(),
                folders,
            }
        };
        let listing = Listing::by(Path::new("root"), patience, list);
        listing.shared.start_listers(&mut listing.shared.lock(), listers);
        let files = (10..600).map(|number| match number {
            12 | 13 => format!("unwalkable folder \"root/{number}\" TimedOut"),
            _ => format!("audio \"root/{number}/2.mp3\""),
        });
        let expected: Vec<String> = ["audio \"root/1.mp3\"".to_owned()].into_iter().chain(files).collect();
        assert_eq!(told(listing), expected, "{listers} listers");
        drop(never);
    }
}

#[test]
fn a_folder_that_vanishes_is_told() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["1", "2"] {
        fs::create_dir(folder.path().join(name)).unwrap();
        fs::write(folder.path().join(name).join("a.mp3"), b"").unwrap();
    }
    let path = folder.path().join("2");
    let choice = Choice {
        walk: walk(Hidden::Skip, &[]),
        root: folder.path().to_path_buf(),
    };
    let listing = Listing::by(folder.path(), PATIENCE, move |folder: &Path| {
        if folder == path {
            fs::remove_dir_all(folder).unwrap();
        }
        choice.list(folder)
    });
    let (first, vanished) = (folder.path().join("1/a.mp3"), folder.path().join("2"));
    assert_eq!(
        told(listing),
        [
            format!("audio {first:?}"),
            format!("unwalkable folder {vanished:?} NotFound")
        ]
    );
}
