use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::check::{Asked, Difference};
use super::prefix::{PrefixAdded, PrefixRange, Usage};
use super::reserve::OfferKind;
use super::*;
use crate::list::read::source::parse;
use crate::list::{List, Reading};
use crate::recording::evidence::Headers;
use crate::recording::part::{Parted, part};
use crate::system::database::{Fault, Missing};
use crate::system::table::SheetFormat;

const A: &str = "QZTST2600001";
const B: &str = "QZTST2600002";

fn isrc(text: &str) -> Isrc {
    Isrc::from_stored(text).unwrap()
}

fn everywhere() -> Asked {
    Asked::of(["/".into()])
}

fn by_headers(files: &[FileInfo]) -> Parted {
    part(files, &[], &Headers)
}

fn stamp() -> Stamp {
    Stamp {
        at: 1_790_000_000,
        by: "Ada".to_owned(),
    }
}

fn prefix() -> PrefixCode {
    "QZTST".parse().unwrap()
}

fn range(first: u32, last: u32) -> PrefixRange {
    PrefixRange::new(prefix(), first, last).unwrap()
}

fn ledger(folder: &tempfile::TempDir) -> Ledger {
    let mut ledger = Ledger::open(&folder.path().join("ledger"), Missing::Create).unwrap();
    ledger.prefix_add(range(1, 99_999), Some("Owner"), &stamp()).unwrap();
    ledger
}

fn recording(path: &str, title: &str) -> Reference {
    Reference {
        description: Description {
            title: Some(title.to_owned()),
            artist: Some("Artist".to_owned()),
            duration: Some(Duration::from_secs(180)),
            ..Description::default()
        },
        path: Some(PathBuf::from(path)),
        ..Reference::default()
    }
}

fn reserve(ledger: &mut Ledger, recordings: &[Reference]) -> Vec<(String, OfferKind)> {
    let reservation = ledger.reserve(prefix(), 2026, recordings, &stamp()).unwrap();
    let told = |offer: &reserve::Offer| (offer.isrc.to_string(), offer.kind);
    reservation.offers.iter().map(told).collect()
}

fn list_of(text: &str) -> List {
    let reading = Reading {
        in_order: true,
        this_year: 2026,
        ..Reading::default()
    };
    parse(text.as_bytes(), "csv", &reading, encoding_rs::UTF_8).unwrap()
}

#[test]
fn codes_run_from_00001_in_every_year() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = ledger(&folder);
    let recordings = [recording("/1", "One"), recording("/2", "Two")];
    let offers = reserve(&mut ledger, &recordings);
    assert_eq!(offers, [(A.to_owned(), OfferKind::New), (B.to_owned(), OfferKind::New)]);
    let third = ledger
        .reserve(prefix(), 2027, &[recording("/3", "Three")], &stamp())
        .unwrap();
    assert_eq!(third.offers[0].isrc, isrc("QZTST2700001"));
    assert!(matches!(
        ledger.reserve(prefix(), 2040, &[], &stamp()),
        Err(LedgerError::Year(2040))
    ));
}

#[test]
fn what_was_set_apart_is_kept_for_its_recording() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = ledger(&folder);
    reserve(&mut ledger, &[recording("/1", "One")]);
    // The run was killed. The next one comes with another recording first.
    let offers = reserve(&mut ledger, &[recording("/2", "Two"), recording("/1", "One")]);
    assert_eq!(
        offers,
        [(B.to_owned(), OfferKind::New), (A.to_owned(), OfferKind::Again)]
    );
    // Another recording in the file of the first, or the first in another file: the code stays where it is.
    let offers = reserve(&mut ledger, &[recording("/1", "Other"), recording("/moved", "One")]);
    assert!(offers.iter().all(|(_, kind)| *kind == OfferKind::New), "{offers:?}");
}

#[test]
fn a_code_that_is_known_is_not_given_out() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = ledger(&folder);
    ledger
        .add(isrc("QZTST2600007"), &Reference::default(), &stamp())
        .unwrap();
    assert_eq!(reserve(&mut ledger, &[recording("/1", "One")])[0].0, "QZTST2600008");
    ledger
        .void(isrc("QZTST2600008"), Some("wrong title"), &stamp())
        .unwrap();
    assert_eq!(reserve(&mut ledger, &[recording("/1", "One")])[0].0, "QZTST2600009");
    ledger
        .import(&list_of("isrc,title\nQZTST2600020,X\n"), &stamp())
        .unwrap();
    assert_eq!(reserve(&mut ledger, &[recording("/2", "Two")])[0].0, "QZTST2600021");
    ledger
        .see(&[(isrc("QZTST2600030"), recording("/3", "Three"))], &stamp())
        .unwrap();
    assert_eq!(reserve(&mut ledger, &[recording("/4", "Four")])[0].0, "QZTST2600031");
}

#[test]
fn one_audio_has_one_code() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = ledger(&folder);
    let audio = |path: &str, md5| Reference {
        description: Description {
            flac_md5: Some(md5),
            ..Description::default()
        },
        ..recording(path, path)
    };
    let offers = reserve(&mut ledger, &[audio("/1", 1), audio("/2", 2), audio("/3", 1)]);
    let kinds: Vec<OfferKind> = offers.iter().map(|offer| offer.1).collect();
    assert_eq!(kinds, [OfferKind::New, OfferKind::New, OfferKind::Again]);
    assert_eq!(offers[0].0, offers[2].0);
    ledger.confirm(isrc(A), &stamp()).unwrap();
    assert_eq!(
        reserve(&mut ledger, &[audio("/copy", 1)]),
        [(A.to_owned(), OfferKind::Known)]
    );
}

#[test]
fn a_range_warns_at_nine_tenths_and_ends() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(&folder.path().join("ledger"), Missing::Create).unwrap();
    assert!(matches!(
        ledger.reserve(prefix(), 2026, &[], &stamp()),
        Err(LedgerError::NoSuchPrefix(_))
    ));
    ledger.prefix_add(range(11, 20), None, &stamp()).unwrap();
    let many = |from: u32, count: u32| -> Vec<Reference> {
        (from..from + count)
            .map(|number| recording(&format!("/{number}"), "T"))
            .collect()
    };
    let eight = ledger.reserve(prefix(), 2026, &many(0, 8), &stamp()).unwrap();
    assert_eq!(Usage::nearly_none(&eight.usage), None);
    let ninth = ledger.reserve(prefix(), 2026, &many(8, 1), &stamp()).unwrap();
    assert_eq!(Usage::nearly_none(&ninth.usage), Some(1));
    assert_eq!(ninth.offers[0].isrc, isrc("QZTST2600019"));
    let error = ledger.reserve(prefix(), 2026, &many(9, 2), &stamp()).unwrap_err();
    assert!(matches!(error, LedgerError::Full { left: 1, wanted: 2, .. }), "{error}");
    assert!(error.to_string().contains("has 1 code left for 2026"), "{error}");
    assert!(
        error.to_string().ends_with("ask your agency for another prefix"),
        "{error}"
    );
    // The refusal took nothing, and what is there already costs nothing.
    let last = ledger.reserve(prefix(), 2026, &many(8, 2), &stamp()).unwrap();
    assert_eq!(last.offers[1].isrc, isrc("QZTST2600020"));
    assert_eq!(ledger.usage(2026).unwrap()[0].left(), 0);
    assert_eq!(ledger.usage(2027).unwrap()[0].left(), 10);
    // Another range of the prefix goes on.
    ledger.prefix_add(range(31, 40), None, &stamp()).unwrap();
    let next = ledger.reserve(prefix(), 2026, &many(10, 1), &stamp()).unwrap();
    assert_eq!(next.offers[0].isrc, isrc("QZTST2600031"));
}

/// An agency has more codes to give only to who has used those that there are.
#[test]
fn a_range_that_a_high_code_ends_is_not_told_to_be_full() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = ledger(&folder);
    ledger
        .see(&[(isrc("QZTST2699999"), recording("/clip", "Clip"))], &stamp())
        .unwrap();
    let error = ledger
        .reserve(prefix(), 2026, &[recording("/1", "One")], &stamp())
        .unwrap_err();
    assert!(matches!(error, LedgerError::Full { left: 0, .. }), "{error}");
    assert!(error.to_string().contains("hint: QZTST2699999 is in use"), "{error}");
    let next = ledger
        .reserve(prefix(), 2027, &[recording("/1", "One")], &stamp())
        .unwrap();
    assert_eq!(next.offers[0].isrc, isrc("QZTST2700001"));
}

#[test]
fn ranges_do_not_overlap() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(&folder.path().join("ledger"), Missing::Create).unwrap();
    assert_eq!(
        ledger.prefix_add(range(100, 200), Some("A"), &stamp()).unwrap(),
        PrefixAdded::New
    );
    assert_eq!(
        ledger.prefix_add(range(100, 200), Some("B"), &stamp()).unwrap(),
        PrefixAdded::Known
    );
    for (first, last) in [(1, 100), (200, 300), (150, 160), (1, 999)] {
        let error = ledger.prefix_add(range(first, last), None, &stamp()).unwrap_err();
        assert!(matches!(error, LedgerError::Overlap { .. }), "{error}");
    }
    ledger.prefix_add(range(1, 99), None, &stamp()).unwrap();
    let known: Vec<String> = ledger
        .prefixes()
        .unwrap()
        .iter()
        .map(|known| known.range.to_string())
        .collect();
    assert_eq!(known, ["QZTST 00001-00099", "QZTST 00100-00200"]);
}

#[test]
fn a_code_becomes_given_only_when_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = ledger(&folder);
    reserve(&mut ledger, &[recording("/1", "One"), recording("/2", "Two")]);
    let state = |ledger: &Ledger, code| ledger.find(isrc(code)).unwrap().unwrap().state;
    assert_eq!(state(&ledger, A), CodeState::Reserved);
    ledger.confirm(isrc(A), &stamp()).unwrap();
    ledger.confirm(isrc(A), &stamp()).unwrap();
    assert_eq!(state(&ledger, A), CodeState::Assigned);
    // Killed between the write and the confirmation: the file tells.
    let seen = ledger.see(&[(isrc(B), recording("/2", "Two"))], &stamp()).unwrap();
    assert_eq!((seen.known, seen.clashes), (1, vec![]));
    assert_eq!(state(&ledger, B), CodeState::Assigned);
    let unknown = ledger.confirm(isrc("QZTST2600003"), &stamp());
    assert!(matches!(unknown, Err(LedgerError::NoSuchCode(_))));
    ledger.void(isrc(B), None, &stamp()).unwrap();
    assert!(matches!(ledger.confirm(isrc(B), &stamp()), Err(LedgerError::IsVoid(_))));
}

#[test]
fn a_code_on_another_recording_is_a_clash_and_nothing_is_entered() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = ledger(&folder);
    ledger.add(isrc(A), &recording("/1", "One"), &stamp()).unwrap();
    let seen = ledger
        .see(
            &[(isrc(B), recording("/2", "Two")), (isrc(A), recording("/3", "Three"))],
            &stamp(),
        )
        .unwrap();
    assert_eq!(seen.clashes.len(), 1);
    assert_eq!(seen.clashes[0].from, 1);
    assert_eq!(
        seen.clashes[0].told(|from| from.to_string()),
        "1: QZTST2600001 belongs to another recording: here and in the ledger the titles are \"Three\" and \"One\""
    );
    assert_eq!(ledger.find(isrc(B)).unwrap(), None);
    assert!(matches!(
        ledger.add(isrc(A), &recording("/3", "Three"), &stamp()),
        Err(LedgerError::OtherRecording { .. })
    ));
    assert!(!ledger.add(isrc(A), &recording("/1", "One"), &stamp()).unwrap());
}

#[test]
fn a_list_is_entered_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = ledger(&folder);
    ledger.void(isrc(A), None, &stamp()).unwrap_err();
    let list = list_of("isrc,title,release date,type\nQZ-TST-26-00001,One,2026-01-02,audio\nQZTST2600002,Two,,\n,,,\n");
    let imported = ledger.import(&list, &stamp()).unwrap();
    assert_eq!((imported.added, imported.known, imported.clashes), (2, 0, vec![]));
    let one = ledger.find(isrc(A)).unwrap().unwrap();
    assert_eq!(one.reference.published.as_deref(), Some("2026-01-02"));
    assert_eq!(one.reference.content_type.as_deref(), Some("audio"));
    assert_eq!(ledger.import(&list, &stamp()).unwrap().known, 2);
    ledger.void(isrc(B), None, &stamp()).unwrap();
    let list =
        list_of("isrc,title\nQZTST2600003,New\nQZTST2600003,Newer\nQZTST2600001,Uno\nQZTST2600002,Two\nnonsense,X\n");
    let imported = ledger.import(&list, &stamp()).unwrap();
    let told: Vec<String> = imported
        .clashes
        .iter()
        .map(|clash| clash.told(|row| format!("row {row}")))
        .collect();
    assert_eq!(
        told,
        [
            "row 3: QZTST2600003 is given a second time: here and in row 2 the titles are \"Newer\" and \"New\"",
            "row 4: QZTST2600001 belongs to another recording: here and in the ledger the titles are \"Uno\" and \"One\"",
            "row 5: QZTST2600002 is void in the ledger",
            "row 6: \"nonsense\" is no code: it has fewer than the twelve characters of a code",
        ]
    );
    assert_eq!(ledger.find(isrc("QZTST2600003")).unwrap(), None);
}

#[test]
fn codes_that_a_list_takes_back_are_void() {
    for word in ["void", "Withdrawn", "cancelled"] {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = ledger(&folder);
        let list = list_of(&format!("isrc,title,status\n{A},Song,{word}\n{B},Other,released\n"));
        ledger.import(&list, &stamp()).unwrap();
        let state = |code| ledger.find(isrc(code)).unwrap().unwrap().state;
        assert_eq!((state(A), state(B)), (CodeState::Void, CodeState::Assigned), "{word}");
    }
}

#[test]
fn what_is_exported_is_imported_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = ledger(&folder);
    let full = Reference {
        description: Description {
            version: Some("=Live".to_owned()),
            album: Some("Album".to_owned()),
            disc: Some(1),
            track: Some(2),
            ..Description::default()
        },
        content_type: Some("audio".to_owned()),
        published: Some("2026-01-02".to_owned()),
        ..recording("/music/1.flac", "One")
    };
    ledger.add(isrc(A), &full, &stamp()).unwrap();
    ledger
        .add(isrc(B), &recording("/music/2.flac", "Two"), &stamp())
        .unwrap();
    ledger.void(isrc(B), None, &stamp()).unwrap();
    for (format, ending) in [
        (SheetFormat::Csv, "csv"),
        (SheetFormat::Xlsx, "xlsx"),
        (SheetFormat::Jsonl, "jsonl"),
    ] {
        let mut out = Vec::new();
        assert_eq!(ledger.export(&mut out, format, Vec::new()).unwrap(), 2);
        let text = String::from_utf8_lossy(&out);
        assert!(!text.contains("/music"), "{text}");
        let reading = Reading {
            in_order: true,
            this_year: 2026,
            ..Reading::default()
        };
        let list = parse(&out, ending, &reading, encoding_rs::UTF_8).unwrap();
        let mut copy = Ledger::open(&folder.path().join(format!("copy.{ending}")), Missing::Create).unwrap();
        assert_eq!(copy.import(&list, &stamp()).unwrap().added, 2, "{ending}");
        let mut entries = Vec::new();
        copy.each(CodeFilter::All, |entry| entries.push(entry)).unwrap();
        let without_path = Reference {
            path: None,
            ..full.clone()
        };
        assert_eq!(entries[0].reference, without_path, "{ending}");
        assert_eq!(
            (entries[0].state, entries[1].state),
            (CodeState::Assigned, CodeState::Void),
            "{ending}"
        );
    }
}

#[test]
fn files_and_ledger_are_compared_both_ways() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = ledger(&folder);
    for (number, title) in [(1, "One"), (2, "Two"), (3, "Three"), (4, "Four")] {
        let code = Isrc::from_parts("QZTST", 26, number).unwrap();
        ledger.add(code, &recording("/x", title), &stamp()).unwrap();
    }
    ledger.void(isrc("QZTST2600003"), None, &stamp()).unwrap();
    reserve(&mut ledger, &[recording("/5", "Five"), recording("/6", "Six")]);
    let file = |title: &str, code: &str| FileInfo {
        description: Description {
            title: Some(title.to_owned()),
            ..Description::default()
        },
        isrc: Some(isrc(code)),
        ..FileInfo::default()
    };
    let files = [
        file("One", "QZTST2600001"),
        file("Zwei", "QZTST2600002"),
        file("Three", "QZTST2600003"),
        file("Five", "QZTST2600005"),
        file("New", "QZTST2600009"),
        FileInfo::default(),
    ];
    let told: Vec<String> = ledger
        .check(&files, &everywhere(), &by_headers)
        .unwrap()
        .iter()
        .map(|difference| match difference {
            Difference::Unknown { file, .. } => format!("unknown {file}"),
            Difference::OtherRecording { file, .. } => format!("other recording {file}"),
            Difference::Void { file, .. } => format!("void {file}"),
            Difference::NotConfirmed { file, .. } => format!("not confirmed {file}"),
            Difference::WithoutFile { entry } => format!("without file {}", entry.isrc),
            Difference::NotWritten { entry } => format!("not written {}", entry.isrc),
        })
        .collect();
    assert_eq!(
        told,
        [
            "other recording 1",
            "void 2",
            "not confirmed 3",
            "unknown 4",
            "without file QZTST2600004",
            "not written QZTST2600006",
        ]
    );
}

#[test]
fn an_untagged_file_is_held_against_the_ledger_by_a_numbered_name() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = ledger(&folder);
    for (number, title) in [(1, "Ebb"), (2, "Flow")] {
        let code = Isrc::from_parts("QZTST", 26, number).unwrap();
        ledger.add(code, &recording("/x", title), &stamp()).unwrap();
    }
    let file = |path: &str, code: &str| FileInfo {
        path: path.into(),
        isrc: Some(isrc(code)),
        ..FileInfo::default()
    };
    let files = [
        file("/Tides/01 - Flow.wav", "QZTST2600001"),
        file("/Tides/02 - Flow.wav", "QZTST2600002"),
        file("/Tides/03 - Ebb (Live).wav", "QZTST2600001"),
        file("/Bounces/final mix.wav", "QZTST2600001"),
    ];
    let told = ledger.check(&files, &everywhere(), &by_headers).unwrap();
    let other = |difference: &Difference| match difference {
        Difference::OtherRecording {
            file, contradiction, ..
        } => format!("{file} {contradiction}"),
        other => format!("{other:?}"),
    };
    let told: Vec<String> = told.iter().map(other).collect();
    assert_eq!(told, ["0 the titles are \"Flow\" and \"Ebb\""]);
}

#[test]
fn no_program_takes_a_code_out() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = ledger(&folder);
    ledger.add(isrc(A), &Reference::default(), &stamp()).unwrap();
    ledger.add(isrc(B), &Reference::default(), &stamp()).unwrap();
    ledger.void(isrc(B), None, &stamp()).unwrap();
    drop(ledger);
    let other = rusqlite::Connection::open(folder.path().join("ledger")).unwrap();
    for sql in [
        "DELETE FROM codes",
        "UPDATE codes SET isrc = 'QZTST2600009' WHERE isrc = 'QZTST2600001'",
        "UPDATE codes SET state = 'reserved' WHERE isrc = 'QZTST2600001'",
        "UPDATE codes SET state = 'assigned' WHERE isrc = 'QZTST2600002'",
        "DELETE FROM events",
        "UPDATE events SET what = 'nothing'",
    ] {
        assert!(other.execute(sql, []).is_err(), "{sql}");
    }
}

#[test]
fn a_ledger_that_is_not_ours_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger");
    drop(ledger(&folder));
    let sound = fs_err::read(&path).unwrap();
    let mut newer = sound.clone();
    newer[60..64].copy_from_slice(&2i32.to_be_bytes());
    refused(&path, &newer, |error| {
        is(error, |fault| matches!(fault, Fault::Newer { layout: 2 }))
    });
    let mut foreign = sound.clone();
    foreign[68..72].copy_from_slice(&[0; 4]);
    refused(&path, &foreign, |error| {
        is(error, |fault| matches!(fault, Fault::Foreign))
    });
    refused(
        &path,
        b"not a database, but long enough to look like a file of some other program, one hundred bytes or more",
        |error| is(error, |fault| matches!(fault, Fault::Foreign)),
    );
    refused(&path, b"short", |error| {
        is(error, |fault| matches!(fault, Fault::Foreign))
    });
    refused(&path, &sound[..sound.len() - 4096], |error| {
        is(error, |fault| matches!(fault, Fault::Damaged(_)))
    });
    let mut damaged = sound.clone();
    damaged[4096..].fill(0x5a);
    refused(&path, &damaged, |error| {
        is(error, |fault| matches!(fault, Fault::Damaged(_)))
    });
    let missing = Ledger::open(&folder.path().join("none"), Missing::Refuse);
    assert!(matches!(missing, Err(LedgerError::NoLedger(_))));
    assert!(!folder.path().join("none").exists());
}

fn is(error: &LedgerError, fault: fn(&Fault) -> bool) -> bool {
    matches!(error, LedgerError::Database(error) if fault(&error.fault))
}

#[track_caller]
fn refused(path: &Path, content: &[u8], expected: fn(&LedgerError) -> bool) {
    fs_err::write(path, content).unwrap();
    let error = Ledger::open(path, Missing::Create).unwrap_err();
    assert!(expected(&error), "{error:?}");
    assert_eq!(fs_err::read(path).unwrap(), content);
    let names = fs_err::read_dir(path.parent().unwrap()).unwrap().count();
    assert_eq!(names, 1, "something was left beside it");
}

#[test]
fn a_folder_that_is_not_there_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/ledger");
    drop(Ledger::open(&path, Missing::Create).unwrap());
    assert!(Ledger::open(&path, Missing::Refuse).is_ok());
}

const CHILD: &str = "ISRCTAG_TEST_RESERVE";

/// The codes that a run is given, one recording at a time. Other tests start it as processes of its own, with the
/// ledger and the name of the run in the environment; they read what it prints.
#[test]
fn a_run_that_reserves() {
    let folder = tempfile::tempdir().unwrap();
    let given = std::env::var(CHILD).ok();
    let (path, name, count) = match given.as_deref().and_then(|given| given.rsplit_once('|')) {
        Some((path, name)) => (PathBuf::from(path), name.to_owned(), 10_000),
        None => (folder.path().join("ledger"), "alone".to_owned(), 3),
    };
    let mut ledger = Ledger::open(&path, Missing::Create).unwrap();
    ledger.prefix_add(range(1, 99_999), None, &stamp()).unwrap();
    let count = std::env::var("ISRCTAG_TEST_COUNT")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(count);
    for number in 0..count {
        let wanted = recording(&format!("/{name}/{number}"), &format!("{name} {number}"));
        let reservation = ledger.reserve(prefix(), 2026, &[wanted], &stamp()).unwrap();
        println!("\n=/{name}/{number} {}", reservation.offers[0].isrc);
    }
    let mut known = 0;
    ledger.each(CodeFilter::All, |_| known += 1).unwrap();
    assert!(known >= count);
}

fn run(path: &Path, name: &str, count: usize) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "ledger::tests::a_run_that_reserves", "--nocapture"])
        .env(CHILD, format!("{}|{name}", path.display()))
        .env("ISRCTAG_TEST_COUNT", count.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// What a process printed: recording and code.
fn given(output: &str) -> Vec<(String, String)> {
    let lines = output.lines().filter_map(|line| line.strip_prefix('='));
    lines
        .filter_map(|line| line.rsplit_once(' '))
        .map(|(recording, code)| (recording.to_owned(), code.to_owned()))
        .collect()
}

#[test]
fn two_processes_at_once_are_never_given_one_code() {
    for ledgers in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger");
        let mut recordings: BTreeMap<String, String> = BTreeMap::new();
        for round in 0..10 {
            // In the first round both find no ledger yet, and make it.
            let children = ["a", "b"].map(|name| run(&path, &format!("{name}{round}"), 2).spawn().unwrap());
            for child in children {
                let output = child.wait_with_output().unwrap();
                assert!(output.status.success());
                for (recording, code) in given(&String::from_utf8(output.stdout).unwrap()) {
                    let other = recordings.insert(code.clone(), recording);
                    assert_eq!(other, None, "{code}");
                }
            }
        }
        let expected: Vec<String> = (1..=40).map(|number| format!("QZTST26{number:05}")).collect();
        assert_eq!(recordings.into_keys().collect::<Vec<_>>(), expected, "ledger {ledgers}");
    }
}

#[test]
fn two_threads_at_once_are_never_given_one_code() {
    let folder = tempfile::tempdir().unwrap();
    drop(ledger(&folder));
    let path = folder.path().join("ledger");
    let codes: Vec<Isrc> = std::thread::scope(|scope| {
        let runs: Vec<_> = ["a", "b"]
            .into_iter()
            .map(|name| {
                let path = &path;
                scope.spawn(move || {
                    let mut ledger = Ledger::open(path, Missing::Refuse).unwrap();
                    let one = |number| {
                        let wanted = recording(&format!("/{name}/{number}"), "T");
                        ledger.reserve(prefix(), 2026, &[wanted], &stamp()).unwrap().offers[0].isrc
                    };
                    (0..50).map(one).collect::<Vec<Isrc>>()
                })
            })
            .collect();
        runs.into_iter().flat_map(|run| run.join().unwrap()).collect()
    });
    let distinct: std::collections::HashSet<Isrc> = codes.iter().copied().collect();
    assert_eq!((codes.len(), distinct.len()), (100, 100));
}

#[test]
fn a_run_killed_at_any_moment_leaves_no_code_for_two_recordings() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger");
    drop(ledger(&folder));
    let mut recording_of: HashMap<String, String> = HashMap::new();
    let mut told = |pairs: Vec<(String, String)>| {
        for (recording, code) in pairs {
            let known = recording_of.entry(code.clone()).or_insert_with(|| recording.clone());
            assert_eq!(*known, recording, "{code}");
        }
    };
    for kill in 0..10 {
        let mut child = run(&path, "killed", 10_000).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        // Not a time but a number of codes, so that the kill falls somewhere into the next reservation.
        let mut lines = String::new();
        while given(&lines).len() <= kill && output.read_line(&mut lines).unwrap() > 0 {}
        child.kill().unwrap();
        child.wait().unwrap();
        std::io::Read::read_to_string(&mut output, &mut lines).unwrap();
        assert!(given(&lines).len() > kill);
        told(given(&lines));
        let other = run(&path, &format!("after-{kill}"), 1).output().unwrap();
        assert!(other.status.success());
        told(given(&String::from_utf8(other.stdout).unwrap()));
    }
    // What was told is what the ledger says.
    let ledger = Ledger::open(&path, Missing::Refuse).unwrap();
    let mut found = 0;
    ledger
        .each(CodeFilter::All, |entry| {
            if let Some(recording) = recording_of.get(entry.isrc.as_str()) {
                assert_eq!(entry.reference.path.as_deref(), Some(Path::new(recording)));
                found += 1;
            }
        })
        .unwrap();
    assert_eq!(found, recording_of.len());
}

#[test]
fn only_a_prefix_that_gave_nothing_is_taken_out() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = ledger(&folder);
    let (used, mistaken) = ("QZTST".parse().unwrap(), "QZTSX".parse().unwrap());
    ledger
        .prefix_add(PrefixRange::new(mistaken, 1, 10).unwrap(), None, &stamp())
        .unwrap();
    ledger
        .prefix_add(PrefixRange::new(mistaken, 20, 30).unwrap(), None, &stamp())
        .unwrap();
    ledger
        .add(isrc("QZTSX2600001"), &recording("/1", "Seen elsewhere"), &stamp())
        .unwrap();
    ledger.reserve(used, 2026, &[recording("/2", "Two")], &stamp()).unwrap();
    assert!(matches!(
        ledger.prefix_remove(used),
        Err(LedgerError::PrefixInUse { given: 1, .. })
    ));
    assert_eq!(ledger.prefix_remove(mistaken).unwrap(), 2);
    assert!(matches!(
        ledger.prefix_remove(mistaken),
        Err(LedgerError::NotEntered(_))
    ));
    let left: Vec<String> = ledger
        .prefixes()
        .unwrap()
        .iter()
        .map(|prefix| prefix.range.to_string())
        .collect();
    assert_eq!(left, ["QZTST 00001-99999"]);
    let mut codes = 0;
    ledger.each(CodeFilter::All, |_| codes += 1).unwrap();
    assert_eq!(codes, 2);
}
