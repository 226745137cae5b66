//! An album of twelve tracks in FLAC, MP3 and M4A, whose codes come from every kind of list that labels send.

use lofty::config::WriteOptions;
use lofty::file::{AudioFile as _, TaggedFileExt as _};
use lofty::tag::{Accessor as _, Tag};
use rust_xlsxwriter::Workbook;

use crate::common::{Sandbox, contents, testdata};

const TITLES: [&str; 12] = [
    "Première neige",
    "Nuit d'été",
    "Señal",
    "Weiße Nächte",
    "Łódź",
    "Harbour",
    "Harbour (Live)",
    "Ça va",
    "Überfahrt",
    "Low Tide",
    "Zwölf Uhr",
    "Fin",
];

const FORMATS: [(&str, &str); 3] = [
    ("flac", "flac-untagged.flac"),
    ("mp3", "mp3-ffmpeg-untagged-id3.mp3"),
    ("m4a", "m4a-untagged.m4a"),
];

fn code(track: usize) -> String {
    format!("QZTST26{track:05}")
}

/// Lofty writes the tags here: nothing of these files has to be kept.
fn album() -> Sandbox {
    let sandbox = Sandbox::new();
    for (format, seed) in FORMATS {
        for (index, title) in TITLES.iter().enumerate() {
            let name = format!("Album/{format}/{:02} track.{format}", index + 1);
            let mut bytes = std::fs::read(testdata().join("seeds").join(seed)).unwrap();
            if format == "flac" {
                // The MD5 of the audio in STREAMINFO (RFC 9639, section 8.2): every track is another recording.
                bytes[26..42].fill(index as u8 + 1);
            }
            let path = sandbox.file(&name, &bytes);
            let mut file = lofty::read_from_path(&path).unwrap();
            let mut tag = Tag::new(file.primary_tag_type());
            tag.set_title((*title).to_owned());
            tag.set_artist("Ana Ruß".to_owned());
            tag.set_album("Zwölf".to_owned());
            tag.set_track(index as u32 + 1);
            tag.set_disk(1);
            file.insert_tag(tag);
            file.save_to_path(&path, WriteOptions::default()).unwrap();
        }
    }
    sandbox
}

/// How spreadsheet programs save a table.
#[derive(Debug, Clone, Copy)]
enum Saved {
    Commas,
    Semicolons,
    Utf16Tabs,
    Xlsx,
}

const SAVED: [Saved; 4] = [Saved::Commas, Saved::Semicolons, Saved::Utf16Tabs, Saved::Xlsx];

impl Saved {
    fn name(self) -> &'static str {
        match self {
            Saved::Commas | Saved::Semicolons => "codes.csv",
            Saved::Utf16Tabs => "codes.txt",
            Saved::Xlsx => "codes.xlsx",
        }
    }

    fn bytes(self, rows: &[Vec<String>]) -> Vec<u8> {
        let text = |delimiter: &str| {
            let quoted = |cell: &String| match cell.contains([',', ';', '"', '\'']) {
                true => format!("\"{}\"", cell.replace('"', "\"\"")),
                false => cell.clone(),
            };
            let line = |row: &Vec<String>| row.iter().map(quoted).collect::<Vec<_>>().join(delimiter) + "\r\n";
            rows.iter().map(line).collect::<String>()
        };
        match self {
            Saved::Commas => text(",").into_bytes(),
            Saved::Semicolons => [b"\xEF\xBB\xBF", text(";").as_bytes()].concat(),
            Saved::Utf16Tabs => {
                let units = std::iter::once(0xFEFF).chain(text("\t").encode_utf16().collect::<Vec<u16>>());
                units.flat_map(u16::to_le_bytes).collect()
            }
            Saved::Xlsx => {
                let mut workbook = Workbook::new();
                let sheet = workbook.add_worksheet();
                for (row, cells) in rows.iter().enumerate() {
                    for (column, cell) in cells.iter().enumerate() {
                        sheet.write_string(row as u32, column as u16, cell).unwrap();
                    }
                }
                workbook.save_to_buffer().unwrap()
            }
        }
    }
}

fn row(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

/// Applies `rows` to `folder`, as each program would save them, and takes it back.
#[track_caller]
fn check_applied(sandbox: &Sandbox, folder: &str, rows: &[Vec<String>]) {
    let before = contents(&sandbox.music());
    for saved in SAVED {
        let list = sandbox.file(&format!("../{}", saved.name()), &saved.bytes(rows));
        let list = list.to_str().unwrap();
        let preview = sandbox.run(&["apply", "-n", list, folder]).expect(0);
        assert!(preview.stdout.contains(&code(12)), "{saved:?}: {}", preview.stdout);
        assert!(
            contents(&sandbox.music()) == before,
            "{saved:?}: a dry run writes nothing"
        );
        sandbox.run(&["apply", list, folder]).expect(0);
        for track in 1..=12 {
            let file = format!("{folder}/{track:02} track.{}", folder.rsplit('/').next().unwrap());
            assert_eq!(
                sandbox.run(&["get", &file]).expect(0).stdout,
                code(track) + "\n",
                "{saved:?}"
            );
        }
        sandbox.run(&["scan", folder]).expect(0);
        sandbox.run(&["undo"]).expect(0);
        assert!(contents(&sandbox.music()) == before, "{saved:?}: undo gave other bytes");
    }
}

#[test]
fn what_export_wrote_comes_back_from_a_spreadsheet_with_codes() {
    let sandbox = album();
    let before = contents(&sandbox.music());
    sandbox.run(&["export", "Album", "-o", "../exported.csv"]).expect(0);
    let exported = std::fs::read_to_string(sandbox.path("../exported.csv")).unwrap();
    let mut reader = csv::Reader::from_reader(exported.trim_start_matches('\u{FEFF}').as_bytes());
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let column = |name: &str| header.iter().position(|cell| cell == name).unwrap();
    let (isrc, track) = (column("isrc"), column("track"));
    let mut rows = vec![header.clone()];
    for record in reader.records() {
        let mut cells: Vec<String> = record.unwrap().iter().map(str::to_owned).collect();
        cells[isrc] = code(cells[track].parse().unwrap());
        rows.push(cells);
    }
    assert_eq!(rows.len(), 37);
    for saved in SAVED {
        let list = sandbox.file(&format!("../{}", saved.name()), &saved.bytes(&rows));
        let list = list.to_str().unwrap();
        sandbox.run(&["apply", list, "Album"]).expect(0);
        for (format, _) in FORMATS {
            sandbox.run(&["scan", &format!("Album/{format}")]).expect(0);
        }
        // All together: nothing but the codes that the three formats of a recording share.
        let scan = sandbox.run(&["scan", "Album", "--format", "jsonl"]);
        let summary = scan.objects("summary").remove(0);
        assert_eq!((&summary["files"], &summary["with_code"]), (&36.into(), &36.into()));
        assert_eq!((&summary["missing"], &summary["malformed"]), (&0.into(), &0.into()));
        assert_eq!(summary["shared_codes"], 12);
        assert!(scan.objects("file").is_empty());
        // That the three formats of a recording carry one code is nothing to look at.
        sandbox
            .run(&["export", "--force", "Album", "-o", "../after.csv"])
            .expect(0);
        let after = std::fs::read_to_string(sandbox.path("../after.csv")).unwrap();
        assert_eq!(after.lines().filter(|line| line.ends_with(",shared")).count(), 0);
        // Once more: everything is there, and nothing is written.
        let applied = contents(&sandbox.music());
        sandbox.run(&["apply", list, "Album"]).expect(0);
        assert!(contents(&sandbox.music()) == applied, "{saved:?}");
        sandbox.run(&["undo"]).expect(0);
        assert!(contents(&sandbox.music()) == before, "{saved:?}: undo gave other bytes");
    }
}

#[test]
fn rows_find_their_files_by_name() {
    let sandbox = album();
    for (format, _) in FORMATS {
        let rows = (1..=12).map(|track| row(&[&code(track), &format!("{track:02} Track.{format}")]));
        let rows: Vec<Vec<String>> = [row(&["ISRC Code", "Filename"])].into_iter().chain(rows).collect();
        check_applied(&sandbox, &format!("Album/{format}"), &rows);
    }
}

#[test]
fn rows_find_their_files_by_disc_and_track() {
    let sandbox = album();
    let rows = (1..=12).map(|track| row(&["1", &track.to_string(), &code(track)]));
    let rows: Vec<Vec<String>> = [row(&["Disc #", "Track #", "Track ISRC"])]
        .into_iter()
        .chain(rows)
        .collect();
    for (format, _) in FORMATS {
        check_applied(&sandbox, &format!("Album/{format}"), &rows);
    }
}

#[test]
fn rows_find_their_files_by_titles_written_in_another_way() {
    const WRITTEN: [&str; 12] = [
        "PREMIERE NEIGE",
        "nuit d’ete",
        "Senal (Album Version)",
        "Weisse Nachte",
        "Lodz",
        "harbour",
        "Harbour - Live",
        "Ca Va!",
        "Uberfahrt",
        "Low Tide - Bonus Track",
        "Zwolf  Uhr",
        "FIN",
    ];
    let sandbox = album();
    let rows = WRITTEN
        .iter()
        .enumerate()
        .map(|(index, title)| row(&[title, "Ana Russ", &code(index + 1)]));
    let rows: Vec<Vec<String>> = [row(&["Track Title", "Artist", "ISRC"])]
        .into_iter()
        .chain(rows)
        .collect();
    for (format, _) in FORMATS {
        check_applied(&sandbox, &format!("Album/{format}"), &rows);
    }
}

#[test]
fn a_cue_sheet_with_a_file_a_track_gives_its_codes() {
    let sandbox = album();
    let before = contents(&sandbox.music());
    for (format, _) in FORMATS {
        let track = |track: usize| {
            format!(
                "FILE \"{track:02} track.{format}\" WAVE\r\n  TRACK {track:02} AUDIO\r\n    ISRC {}\r\n    INDEX 01 00:00:00\r\n",
                code(track)
            )
        };
        let sheet: String = (1..=12).map(track).collect();
        sandbox.file(&format!("Album/{format}/album.cue"), sheet.as_bytes());
        let folder = format!("Album/{format}");
        let sheet = format!("{folder}/album.cue");
        sandbox.run(&["apply", &sheet]).expect(0);
        sandbox.run(&["scan", &folder]).expect(0);
        let last = sandbox.run(&["get", &format!("{folder}/12 track.{format}")]).expect(0);
        assert_eq!(last.stdout, code(12) + "\n");
        sandbox.run(&["undo"]).expect(0);
        std::fs::remove_file(sandbox.path(&sheet)).unwrap();
        assert!(contents(&sandbox.music()) == before, "{format}: undo gave other bytes");
    }
}

/// The table must be refused with a message that holds every one of `words`, and nothing may be written.
#[track_caller]
fn check_refused(sandbox: &Sandbox, paths: &[&str], table: &str, words: &[&str]) {
    let before = contents(&sandbox.music());
    let list = sandbox.file("../codes.csv", table.as_bytes());
    let run = sandbox
        .run(&[&["apply", list.to_str().unwrap()], paths].concat())
        .expect(2);
    let said = run.stdout + &run.stderr;
    for word in words {
        assert!(said.contains(word), "{word:?} is not said of {table:?}:\n{said}");
    }
    assert!(
        contents(&sandbox.music()) == before,
        "something was written for {table:?}"
    );
}

#[test]
fn each_wrong_row_is_named_and_nothing_is_written() {
    let sandbox = album();
    sandbox.take("seeds/flac-untagged.flac", "Elsewhere/13 other.flac");
    let flac = &["Album/flac"][..];
    let good = "01 track.flac,QZTST2600001";
    let check = |paths: &[&str], rows: &str, words: &[&str]| {
        check_refused(&sandbox, paths, &format!("file,isrc\n{good}\n{rows}\n"), words);
    };
    // No such file; a file that another row names; a file outside the folders.
    check(flac, "99 track.flac,QZTST2600099", &["3", "99 track.flac"]);
    check(flac, "01 track.flac,QZTST2600002", &["3", "01 track.flac"]);
    check(
        flac,
        "../../Elsewhere/13 other.flac,QZTST2600013",
        &["3", "13 other.flac"],
    );
    // Wrong codes.
    check(flac, "02 track.flac,QZTST26", &["3", "QZTST26"]);
    check(flac, "02 track.flac,QZ-XXX-00-00000", &["3"]);
    check(flac, "02 track.flac,QZTST2600001", &["3", "QZTST2600001"]);
    // Two candidates, both named.
    sandbox.take("seeds/flac-untagged.flac", "Elsewhere/deep/13 other.flac");
    check_refused(
        &sandbox,
        &["Elsewhere"],
        "title,isrc\nother,QZTST2600013\n",
        &["2", "13 other.flac", "deep/13 other.flac"],
    );
    // A length that is not the file's.
    let by_length = "file,duration,isrc\n01 track.flac,9:59,QZTST2600001\n";
    check_refused(&sandbox, flac, by_length, &["2", "9:59"]);
    // No column with codes.
    check_refused(&sandbox, flac, "file,title\n01 track.flac,x\n", &["code"]);
    // With --partial the certain rows are written.
    let list = sandbox.file(
        "../codes.csv",
        format!("file,isrc\n{good}\n99 track.flac,QZTST2600099\n").as_bytes(),
    );
    sandbox
        .run(&["apply", "--partial", list.to_str().unwrap(), "Album/flac"])
        .expect(1);
    let written = sandbox.run(&["get", "Album/flac/01 track.flac"]).expect(0);
    assert_eq!(written.stdout, code(1) + "\n");
}

/// One FLAC for the whole album: the codes go to the tracks of its CUESHEET block, an empty one among them.
#[test]
fn a_cue_sheet_gives_codes_to_the_tracks_of_one_flac() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-cuesheet-album.flac", "album.flac");
    let before = contents(&sandbox.music());
    let sheet = |codes: &[(usize, &str)]| {
        let tracks = codes
            .iter()
            .map(|(track, code)| format!("  TRACK {track:02} AUDIO\n    ISRC {code}\n    INDEX 01 00:00:00\n"));
        let sheet = format!("FILE \"album.flac\" WAVE\n{}", tracks.collect::<String>());
        sandbox.file("../album.cue", sheet.as_bytes());
    };
    let codes = [(1, "QZTST2600001"), (2, "QZTST2600002"), (3, "QZTST2600003")];
    sheet(&codes);
    // Two tracks hold other codes.
    sandbox.run(&["apply", "../album.cue", "."]).expect(2);
    assert!(contents(&sandbox.music()) == before);
    let run = sandbox.run(&["apply", "--replace", "../album.cue", "."]).expect(0);
    assert!(
        run.stdout.contains("(none) -> QZTST2600002 (flac:cuesheet/2)"),
        "{}",
        run.stdout
    );
    // Nothing but the twelve bytes of each of the three tracks: each stands behind its number.
    let mut expected = before[0].1.clone();
    for (old, (track, code)) in [&b"QZTSE2600213"[..], &[0; 12], b"QZTSE2600214"].into_iter().zip(codes) {
        let field = [&[track as u8], old].concat();
        let at = expected.windows(13).position(|bytes| bytes == field).unwrap();
        expected[at + 1..at + 13].copy_from_slice(code.as_bytes());
    }
    assert!(contents(&sandbox.music())[0].1 == expected);
    sandbox.run(&["undo"]).expect(0);
    assert!(contents(&sandbox.music()) == before);
    // A track that the block does not have, and a file without such a block.
    sheet(&[(1, "QZTSE2600213"), (9, "QZTST2600009")]);
    let run = sandbox.run(&["apply", "../album.cue", "."]).expect(2);
    assert!(run.stderr.contains("track 9"), "{}", run.stderr);
    sandbox.take("seeds/flac-untagged.flac", "album.flac");
    let before = contents(&sandbox.music());
    sheet(&codes);
    let run = sandbox.run(&["apply", "../album.cue", "."]).expect(2);
    assert!(run.stderr.contains("CUESHEET"), "{}", run.stderr);
    assert!(contents(&sandbox.music()) == before);
}

/// The code of one track of several is not that of the whole.
#[test]
fn a_code_of_one_track_is_not_that_of_an_album_in_one_file() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-cuesheet-album.flac", "album.flac");
    let mut bytes = contents(&sandbox.music())[0].1.clone();
    let third = bytes.windows(12).position(|bytes| bytes == b"QZTSE2600214").unwrap();
    bytes[third..third + 12].fill(0);
    sandbox.file("album.flac", &bytes);
    sandbox.file("other/album.flac", &audio_without_code(&bytes));
    let run = sandbox.run(&["get", "album.flac"]).expect(1);
    assert_eq!(run.stdout.trim(), "");
    sandbox.run(&["fill", "other", "--from", "album.flac"]).expect(1);
    assert!(
        contents(&sandbox.music())
            .iter()
            .any(|(_, known)| *known == audio_without_code(&bytes))
    );
    sandbox.run(&["set", "QZTST2600009", "album.flac"]).expect(0);
    assert_eq!(sandbox.run(&["get", "album.flac"]).expect(0).stdout, "QZTST2600009\n");
}

/// The same file without the code of its first track.
fn audio_without_code(album: &[u8]) -> Vec<u8> {
    let mut bytes = album.to_vec();
    let first = bytes.windows(12).position(|bytes| bytes == b"QZTSE2600213").unwrap();
    bytes[first..first + 12].fill(0);
    bytes
}
