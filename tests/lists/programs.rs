//! Lists made as the programs and offices of the trade make them, each with what its owner may rightly expect.

use super::*;

/// What is right for a list.
enum Right {
    /// Every track of the folders gets its code.
    All,
    /// These tracks do, and with them the answer.
    Tracks(&'static [u32]),
    /// Nothing is written, and this is said.
    Refused(&'static str),
    /// Nothing is written, and the command of the hint gives every track its code.
    Hint,
}

use Right::{All, Hint, Refused, Tracks};

/// A list by the name of its file, on folders of the album, with further options.
#[track_caller]
fn check(name: &str, bytes: impl AsRef<[u8]>, on: &[&str], options: &[&str], right: Right) {
    let sandbox = Sandbox::new();
    for folder in on {
        match *folder {
            "wav" => untagged_wavs(&sandbox, folder),
            "mp3" => mp3s(&sandbox, folder),
            _ => flacs(&sandbox, folder),
        }
    }
    let list = list(&sandbox, name, bytes);
    let arguments = [&["apply", list.as_str()], on, options].concat();
    match right {
        All | Tracks(_) => {
            sandbox
                .run(&arguments)
                .expect(if options.contains(&"--partial") { 1 } else { 0 });
        }
        Refused(words) => {
            for more in [&[][..], &["--partial"]] {
                let run = refused(&sandbox, &[&arguments[1..], more].concat());
                assert!(run.stderr.contains(words), "{}", run.stderr);
            }
            return;
        }
        Hint => {
            let run = refused(&sandbox, &arguments[1..]);
            let hint = run
                .stderr
                .lines()
                .find_map(|line| line.split_once("isrctag apply "))
                .map(|(_, rest)| rest);
            let hint = hint.unwrap_or_else(|| panic!("no hint: {}", run.stderr));
            let words = words(hint);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            sandbox.run(&[&["apply"], &words[..]].concat()).expect(0);
        }
    }
    let tracks = match right {
        Tracks(tracks) => tracks.to_vec(),
        _ => (1..=6).collect(),
    };
    for folder in on {
        for track in 1..=6 {
            let found = code_of(&sandbox, folder, track);
            let expected = if tracks.contains(&track) {
                code(track)
            } else {
                String::new()
            };
            assert_eq!(found, expected, "{name} {folder} {track}");
        }
    }
}

/// The words of a command as a shell takes them.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_quoted = false;
    for letter in command.trim().chars() {
        match letter {
            '\'' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.push(String::new()),
            _ => words.last_mut().unwrap().push(letter),
        }
    }
    words
}

fn code_of(sandbox: &Sandbox, folder: &str, track: u32) -> String {
    let ending = if ["wav", "mp3"].contains(&folder) {
        folder
    } else {
        "flac"
    };
    let path = format!("{folder}/{track:02} {}.{ending}", TITLES[track as usize - 1]);
    sandbox.run(&["get", &path]).stdout.trim().to_owned()
}

fn utf16(text: &str) -> Vec<u8> {
    let units = text.encode_utf16().flat_map(u16::to_le_bytes);
    [0xff, 0xfe].into_iter().chain(units).collect()
}

fn in_code_page(text: &str, label: &str) -> Vec<u8> {
    let encoding = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap();
    encoding.encode(text).0.into_owned()
}

#[test]
fn taggers() {
    let mp3tag = rows(
        "Title;Artist;Album;Track;Year;Length;Size;Path;Filename;ISRC",
        "{t};Maren Holt;Small Hours;{n};2026;0:05;1 MB;D:\\Masters\\Small Hours\\;0{n} {t}.flac;{c}",
    );
    check("mp3tag.csv", utf16(&mp3tag), &["flac"], &[], All);
    let mac = rows("Path\tISRC", "/Volumes/NAS 2/Small Hours/0{n} {t}.wav\t{c}");
    check("mac.tsv", mac, &["wav"], &[], All);
    let nas = rows("Location,ISRC Code", "\\\\NAS\\audio\\Small Hours\\0{n} {t}.wav,{c}");
    check("nas.csv", nas, &["wav"], &[], All);
    let musicbee = rows(
        "\"Track #\",\"Title\",\"Artist\",\"Time\",\"ISRC\"",
        "\"{n}/6\",\"{t}\",\"Maren Holt\",\"0:06\",\"{c}\"",
    );
    check("musicbee.csv", musicbee, &["flac", "mp3"], &[], All);
    let foobar = rows("%tracknumber%\tTitle\tISRC", "0{n}\t{t}\t{c}");
    check("foobar.txt", foobar, &["wav"], &[], All);
    let numbered = rows("Name;ISRC", "{n}. {t};{c}");
    check("numbered.csv", numbered, &["wav"], &[], All);
    let with_artist = rows("Song;ISRC", "Maren Holt - {t};{c}");
    check("with_artist.csv", with_artist, &["flac"], &[], All);
    let kid3 = rows("File,Title,Album,ISRC", "0{n} {t}.mp3,{t},Small Hours,{c}");
    check("kid3.csv", kid3, &["mp3", "flac"], &[], All);
}

#[test]
fn distributors_and_shops() {
    for (name, headings, row) in [
        (
            "tunecore.csv",
            "Sales Period,Store Name,Artist,Release Title,Song Title,UPC,Optional ISRC,# Units Sold",
            "2026-03,Spotify,Maren Holt,Small Hours,{t},601234567897,{c},12",
        ),
        (
            "cdbaby.csv",
            "Album,Track Number,Track Title,Track ISRC,Partner",
            "Small Hours,{n},{t},{c},Apple",
        ),
        (
            "believe.csv",
            "Reporting month;Platform;Label Name;Artist Name;Release title;Track title;UPC;ISRC;Quantity",
            "2026-03;Deezer;Lantern;Maren Holt;Small Hours;{t};601234567897;{c};3",
        ),
        (
            "symphonic.csv",
            "Service,Track Title,Track Artist,Release Name,ISRC Code,UPC Code",
            "Tidal,{t},Maren Holt,Small Hours,{c},601234567897",
        ),
        (
            "bandcamp.csv",
            "date,item type,item name,artist,upc,isrc",
            "1/5/26,track,{t},Maren Holt,601234567897,{c}",
        ),
        (
            "template.csv",
            "UPC,Release Title,Track No.,Track Title,Version,Primary Artist,ISRC assigned,Track Length",
            "601234567897,Small Hours,{n},{t},Original Mix,Maren Holt,{c},0:06",
        ),
        (
            "fuga.csv",
            "Album Title,Disc,Sequence,Name,Main Artist,International Standard Recording Code (ISRC)",
            "Small Hours,1,{n},{t},Maren Holt,{c}",
        ),
    ] {
        let text = rows(headings, row);
        check(name, &text, &["flac"], &[], All);
        check(name, &text, &["wav", "mp3"], &[], All);
    }
}

#[test]
fn societies() {
    for (name, headings, row) in [
        (
            "ppl.csv",
            "Recording Title,Band/Artist Name,ISRC,Duration,Recording Version",
            "{t},Maren Holt,{c},00:00:06,",
        ),
        (
            "gema.csv",
            "Werktitel;Interpret;Spieldauer;ISRC-Code",
            "{t};Maren Holt;00:06;{c}",
        ),
        (
            "sacem.csv",
            "N° de piste;Titre;Interprète;Durée;Code ISRC",
            "{n};{t};Maren Holt;0'06;{c}",
        ),
        (
            "siae.csv",
            "Numero;Titolo brano;Artista;Durata;Codice ISRC",
            "{n};{t};Maren Holt;0:06;{c}",
        ),
        (
            "sgae.csv",
            "Nº de pista;Título;Intérprete;Duración;Código ISRC",
            "{n};{t};Maren Holt;0:06;{c}",
        ),
        (
            "stim.csv",
            "Spår;Låttitel;Artist;Speltid;ISRC-kod",
            "{n};{t};Maren Holt;0:06;{c}",
        ),
        (
            "mlc.csv",
            "Primary Title,Recording Artist Name,Recording ISRC",
            "{t},Maren Holt,{c}",
        ),
        (
            "soundexchange.csv",
            "Artist Name,Track Title,Album,ISRC,Recording Version",
            "Maren Holt,{t},Small Hours,{c},Album Version",
        ),
        (
            "jasrac.csv",
            "曲順,曲名,アーティスト,ISRCコード",
            "{n},{t},Maren Holt,{c}",
        ),
        (
            "russian.csv",
            "Номер;Название;Исполнитель;Код ISRC",
            "{n};{t};Maren Holt;{c}",
        ),
    ] {
        check(name, rows(headings, row), &["flac"], &[], All);
    }
}

#[test]
fn mastering_programs() {
    let pq = "PQ SHEET   Small Hours            Maren Holt\n\nTrk  Title                          Start     Length    ISRC\n\
              ---  -----------------------------  --------  --------  ------------\n";
    let line =
        |track: u32, title: &str| format!("{track:>3}  {title:<29}  {track:02}:00:00  00:06:00  {}\n", code(track));
    let fixed: String = (1..).zip(TITLES).map(|(track, title)| line(track, title)).collect();
    let copy = |(track, title): (u32, &str)| {
        format!(
            "{track}. {title}\n   Written by A. Owl. Published by Owl Songs.\n   ISRC: {}\n   P 2026 Owl\n",
            code(track)
        )
    };
    let copies: String = (1..).zip(TITLES).map(copy).collect();
    check(
        "copy.txt",
        format!("MAREN HOLT - SMALL HOURS\n\n{copies}"),
        &["wav"],
        &[],
        All,
    );
    // A pause above the first track has no code, and what is below the last one need not be under a heading of its own.
    let pause = format!("{:>3}  {:<29}  00:00:00  00:02:00\n", "00", "Pause");
    let below = |word: &str, length: &str| format!("{:44}{length:<10}{word}\n", "");
    for (above, below) in [
        ("", "\nTotal time 00:36:00\n".to_owned()),
        (&pause, below("Total", "00:36:00")),
        (&pause, below("END OF DISC", "")),
    ] {
        check("pq.txt", format!("{pq}{above}{fixed}{below}"), &["wav"], &[], All);
    }
    let wavelab = rows("Track;Title;Time;ISRC", "{n};{t};0{n}:00:00;{c}").replace("01:00:00", "00:02:00");
    check("start_times.csv", wavelab, &["flac"], &[], All);
    let frames = rows("No,Title,Length,ISRC", "{n},{t},00:06:37,{c}");
    check("frames.csv", frames, &["flac"], &[], All);
    let mut toc =
        "CD_DA\n\nCATALOG \"0601234567897\"\n\nCD_TEXT {\n  LANGUAGE 0 {\n    TITLE \"Small Hours\"\n  }\n}\n"
            .to_owned();
    for (track, title) in (1..).zip(TITLES) {
        let title = title.replace('é', "\\351").replace('å', "\\345");
        toc.push_str(&format!(
            "// Track {track}\nTRACK AUDIO\nNO COPY\nISRC \"{}\"\nCD_TEXT {{\n  LANGUAGE 0 {{\n    TITLE \"{title}\"\n  }}\n}}\n\
             FILE \"data.wav\" 0 00:06:00\n\n",
            code(track)
        ));
    }
    check("disc.toc", toc, &["wav", "flac"], &[], All);
    let reaper = rows("#,Name,Start,End,Length", "M{n},#{t}|ISRC={c},0:00,,");
    check("markers.csv", reaper, &["wav", "flac"], &[], All);
}

fn cue(file: impl Fn(u32, &str) -> Option<String>, title: bool) -> String {
    let mut cue = "REM GENRE Folk\nPERFORMER \"Maren Holt\"\nTITLE \"Small Hours\"\n".to_owned();
    for (track, name) in (1..).zip(TITLES) {
        if let Some(file) = file(track, name) {
            cue.push_str(&format!("FILE \"{file}\" WAVE\n"));
        }
        cue.push_str(&format!("  TRACK {track:02} AUDIO\n"));
        if title {
            cue.push_str(&format!("    TITLE \"{name}\"\n"));
        }
        cue.push_str(&format!("    ISRC {}\n    INDEX 01 00:00:00\n", code(track)));
    }
    cue
}

#[test]
fn rippers() {
    check(
        "split.cue",
        cue(|track, title| Some(format!("{track:02} {title}.wav")), true),
        &["flac"],
        &[],
        All,
    );
    check(
        "renamed.cue",
        cue(|track, title| Some(format!("{track:02} - {title}.wav")), false),
        &["flac", "mp3"],
        &[],
        All,
    );
    check(
        "image.cue",
        cue(|track, _| (track == 1).then(|| "CDImage.wav".to_owned()), true),
        &["wav"],
        &[],
        All,
    );
    check("no_file.cue", cue(|_, _| None, true), &["mp3"], &[], All);
    let twice = cue(|track, title| Some(format!("{track:02} {title}.wav")), true);
    let twice = twice.replace("ISRC QZTST2600001\n", "ISRC QZTST2600001\n    ISRC QZTST2600001\n");
    check("twice.cue", twice, &["flac"], &[], All);
    let western = cue(|track, _| (track == 1).then(|| "CDImage.wav".to_owned()), true);
    check(
        "western.cue",
        in_code_page(&western, "windows-1252"),
        &["flac"],
        &[],
        All,
    );
    check("cue.txt", cue(|_, _| None, true), &["flac"], &[], All);
}

#[test]
fn what_cells_mean() {
    let plain = rows("Track,Title,ISRC", "{n},{t},{c}");
    check("apostrophe.csv", plain.replace("QZTST", "'QZTST"), &["wav"], &[], All);
    check(
        "hyphens.csv",
        plain.replace("QZTST26", "qz-tst-26-"),
        &["wav"],
        &[],
        All,
    );
    check(
        "tbc.csv",
        plain.replace("QZTST2600005", "TBC").replace("QZTST2600006", "n/a"),
        &["wav"],
        &[],
        Tracks(&[1, 2, 3, 4]),
    );
    check(
        "quotes.csv",
        plain.replace("Don't", "Don’t").to_uppercase(),
        &["flac"],
        &[],
        All,
    );
    let breaks = rows("\"Track\nNo.\",\"Track\nTitle\",ISRC", "{n},\"{t}\n\",\"{c}\n\"");
    check("breaks.csv", breaks, &["flac"], &[], All);
    for broken in ["\"QZTST26\n000", "\"QZ-TST\n26-000", "\"ISRC:\nQZTST26000"] {
        let broken = rows("Track,Title,ISRC", "{n},{t},{c}\"").replace("QZTST26000", broken);
        check("broken.csv", broken, &["flac"], &[], All);
    }
    let widths = plain
        .replace("1,Low Water,QZTST2600001", "1,Low Water,QZTST2600001,,,\"see mail\",")
        .replace("\n4,", "\n\n4,");
    check("widths.csv", widths, &["flac"], &[], All);
    let notes = plain.replace("5,Långt", "Side B,,\n5,Långt") + "\nAll rights reserved,,\n,,\n";
    check("notes.csv", notes, &["flac"], &[], All);
    let days = "Track,Title,ISRC\n1,3 Days,QZTST2600001\n2,7th Heaven,QZTST2600002\n";
    let sandbox = Sandbox::new();
    sandbox.file("a/01 3 Days.wav", &audio::wav(5.0, 1));
    sandbox.file("a/02 7th Heaven.wav", &audio::wav(6.0, 2));
    let days = list(&sandbox, "days.csv", days);
    sandbox.run(&["apply", &days, "a"]).expect(0);
    assert_eq!(sandbox.run(&["get", "a/01 3 Days.wav"]).stdout.trim(), code(1));
    let body: String = plain.lines().skip(1).map(|line| format!("{line}\n")).collect();
    let again = format!("Track,Title,ISRC\n{}", body.repeat(200));
    check("again.csv", again, &["flac"], &[], All);
    let json: String = (1..)
        .zip(TITLES)
        .map(|(track, title)| {
            format!(
                "{{\"track\":{track},\"title\":\"{title}\",\"isrc\":\"{}\"}}\n",
                code(track)
            )
        })
        .collect();
    check("rows.jsonl", json, &["wav"], &[], All);
    let missing = plain.clone() + "7,Harbour Bell,QZTST2600007\n";
    check("more.csv", &missing, &["wav"], &["--partial"], All);
    let run_of = |text: &str, options: &[&str]| {
        let sandbox = Sandbox::new();
        untagged_wavs(&sandbox, "wav");
        let list = list(&sandbox, "list.csv", text);
        refused(&sandbox, &[&[list.as_str(), "wav"], options].concat()).stderr
    };
    let said = run_of(&missing, &[]);
    assert!(
        said.contains("row 8") && said.contains("hint: the rows that are certain: isrctag apply"),
        "{said}"
    );
}

#[test]
fn encodings() {
    let plain = rows("Titel;ISRC", "{t};{c}");
    for page in ["windows-1252", "macintosh"] {
        check("page.csv", in_code_page(&plain, page), &["flac"], &[], All);
    }
    check("utf16.txt", utf16(&plain.replace(';', "\t")), &["wav"], &[], All);
    check("bom.csv", format!("\u{feff}{plain}"), &["wav"], &[], All);
    check(
        "sep.csv",
        format!("sep=;\r\n{}", plain.replace('\n', "\r\n")),
        &["wav"],
        &[],
        All,
    );
    let noise: Vec<u8> = (0u32..4000)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    check("noise.csv", noise, &["wav"], &[], Refused("hint: "));
}

#[test]
fn workbooks() {
    let plain = rows("Track,Title,ISRC", "{n},{t},{c}");
    let all = cells(&plain);
    let old = cells(&plain.replace("QZTST26", "QZTST19"));
    let part = |from: usize, to: usize| [&all[..1], &all[from..to]].concat();
    let book = |sheets: &[Sheet]| workbook(sheets);
    check(
        "sides.xlsx",
        book(&[("Side A", false, part(1, 4)), ("Side B", false, part(4, 7))]),
        &["flac"],
        &[],
        All,
    );
    let mut anew = part(4, 7);
    for (row, number) in anew[1..].iter_mut().zip(["1", "2", "3"]) {
        row[0] = number.to_owned();
    }
    check(
        "anew.xlsx",
        book(&[("Side A", false, part(1, 4)), ("Side B", false, anew)]),
        &["flac"],
        &[],
        All,
    );
    check(
        "hidden.xlsx",
        book(&[("2019", true, old.clone()), ("Tracks", false, all.clone())]),
        &["wav"],
        &[],
        All,
    );
    check(
        "asked.xlsx",
        book(&[("New", false, all.clone()), ("Old", false, old.clone())]),
        &["wav"],
        &[],
        Hint,
    );
    check(
        "sheet.xlsx",
        book(&[("Old", false, old), ("New", false, all.clone())]),
        &["wav"],
        &["--sheet", "new"],
        All,
    );
    let note = |rows: &[&[&str]]| -> Vec<Vec<String>> {
        let cells = |row: &&[&str]| row.iter().map(|cell| (*cell).to_owned()).collect();
        rows.iter().map(cells).collect()
    };
    for notes in [
        note(&[&["The ISRC must look like this: USS1Z9900001"]]),
        note(&[&["Example"], &["ISRC", "US-RC1-76-07839"]]),
        note(&[&["Title", "My Song"], &["Artist", "Me"], &["ISRC", "USRC17607839"]]),
        note(&[&["ISRC ranges"], &["QZTST2600001 - QZTST2600099"]]),
    ] {
        for sheets in [
            [("Notes", false, notes.clone()), ("Tracks", false, all.clone())],
            [("Tracks", false, all.clone()), ("Admin", false, notes.clone())],
        ] {
            check("notes.xlsx", book(&sheets), &["flac"], &[], All);
        }
    }
    let correction = note(&[&[&format!("{}: {}", TITLES[0], code(60))]]);
    check(
        "corrected.xlsx",
        book(&[("Tracks", false, all.clone()), ("Notes", false, correction)]),
        &["flac"],
        &[],
        Refused("several sheets hold codes and are not one list"),
    );
    let mut many: Vec<Sheet> = vec![("Tracks", false, all.clone())];
    let names: Vec<String> = (0..200).map(|at| format!("Notes {at}")).collect();
    many.extend(
        names
            .iter()
            .map(|name| (name.as_str(), false, vec![vec!["nothing here".to_owned()]])),
    );
    check("many.xlsx", book(&many), &["flac"], &[], All);
    let mut deep = vec![vec!["Lantern Street Records".to_owned()]; 59];
    deep.extend(all.clone());
    check("deep.xlsx", book(&[("Label copy", false, deep)]), &["flac"], &[], All);
}

#[test]
fn a_hidden_column_and_hidden_rows_give_no_codes() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    let list = rows("Track,Title,Old ISRC,ISRC", "{n},{t},QZTST190000{n},{c}");
    for (at, row) in (0..).zip(cells(&list)) {
        for (column, cell) in (0..).zip(row) {
            sheet.write_string(at, column, cell).unwrap();
        }
    }
    sheet.set_column_hidden(2).unwrap();
    sheet.write_string(8, 0, "1").unwrap();
    sheet.write_string(8, 1, "Low Water").unwrap();
    sheet.write_string(8, 3, "QZTST1900099").unwrap();
    sheet.set_row_hidden(8).unwrap();
    check("hidden.xlsx", workbook.save_to_buffer().unwrap(), &["flac"], &[], All);
}

#[test]
fn codes_without_words() {
    let codes: String = (1..=6).map(|track| format!("{}\n", code(track))).collect();
    check("codes.csv", format!("ISRC\n{codes}"), &["flac"], &[], Hint);
    check("codes.txt", &codes, &["wav", "mp3"], &[], Hint);
    check("codes.txt", &codes, &["wav"], &["--in-order"], All);
    let fewer = codes.lines().take(5).collect::<Vec<_>>().join("\n");
    check(
        "fewer.txt",
        fewer,
        &["wav"],
        &["--in-order"],
        Refused("the list has 5 codes and there are 6 recordings here"),
    );
    let numbers = rows("Track,ISRC", "{n},{c}");
    check("numbers.csv", &numbers, &["wav"], &[], All);
    let four = numbers.lines().take(5).collect::<Vec<_>>().join("\n");
    let of_another = Refused("it may be the list of another album");
    check("four.csv", four, &["wav"], &[], of_another);
    let headless = rows("x", "{n},{t},{c}").replace("x\n", "");
    check("headless.csv", headless, &["flac"], &[], Hint);
    let unknown = rows("Pos,Songs,Code of recording", "{n},{t},{c}");
    check("unknown.csv", unknown, &["flac"], &[], Hint);
    let asked = rows("Title,Old ISRC,ISRC", "{t},QZTST190000{n},{c}");
    check("asked.csv", asked, &["flac"], &["--columns", "isrc=ISRC"], All);
}

#[test]
fn codes_in_file_names_find_their_rows_and_contradict() {
    let sandbox = Sandbox::new();
    for track in 1..=3 {
        sandbox.file(
            &format!("a/{}_master.wav", code(track)),
            &audio::wav(seconds(track), track),
        );
    }
    let list = list(
        &sandbox,
        "list.csv",
        "Title,ISRC\nLow Water,QZTST2600001\nCafé del Mar,QZTST2600002\nDon't Stop,QZTST2600003\n",
    );
    sandbox.run(&["apply", &list, "a"]).expect(0);
    let get = sandbox.run(&["get", "a/QZTST2600002_master.wav"]).expect(0);
    assert_eq!(get.stdout.trim(), code(2));
    let sandbox = Sandbox::new();
    sandbox.file("a/01 QZTST2600009.wav", &audio::wav(5.0, 1));
    let list = super::list(
        &sandbox,
        "list.csv",
        "Filename,ISRC\n01 QZTST2600009.wav,QZTST2600001\n",
    );
    let run = refused(&sandbox, &[&list, "a"]);
    assert!(run.stderr.contains("holds QZTST2600009"), "{}", run.stderr);
}

#[test]
fn a_version_that_only_one_side_names_is_refused() {
    let list = rows("Title,Version,ISRC", "{t},Live at Home,{c}");
    check(
        "live.csv",
        list,
        &["wav"],
        &[],
        Refused("nobody can tell whether that is this version"),
    );
    let list = rows("Track,Title,ISRC", "{n},{t} (2024 Remaster),{c}");
    check(
        "remaster.csv",
        list,
        &["flac"],
        &[],
        Refused("nobody can tell whether that is this version"),
    );
}

#[test]
fn one_list_gives_an_album_in_three_formats_its_codes() {
    let sandbox = Sandbox::new();
    untagged_wavs(&sandbox, "Album/wav");
    mp3s(&sandbox, "Album/mp3");
    for track in 1..=6 {
        let tags = (track % 2 == 0).then(|| tags(track));
        let name = format!("Album/flac/{track:02} {}.flac", TITLES[track as usize - 1]);
        sandbox.file(&name, &audio::flac(seconds(track), track, tags));
    }
    let before = contents(&sandbox.music());
    let list = list(&sandbox, "list.csv", rows("Track,Title,ISRC", "{n},{t},{c}"));
    sandbox.run(&["apply", &list, "Album", "--check"]).expect(1);
    assert!(contents(&sandbox.music()) == before, "a check wrote");
    let run = sandbox.run(&["apply", &list, "Album", "--format", "jsonl"]).expect(0);
    assert_eq!(run.objects("summary")[0]["written"], 18);
    sandbox.run(&["apply", &list, "Album", "--check"]).expect(0);
    sandbox
        .run(&["set", "QZTST2600099", "Album/wav/01 Low Water.wav", "--replace"])
        .expect(0);
    let run = sandbox.run(&["apply", &list, "Album", "--check"]).expect(1);
    assert!(run.stdout.contains("QZTST2600099 -> QZTST2600001"), "{}", run.stdout);
    sandbox.run(&["undo"]).expect(0);
    sandbox.run(&["undo"]).expect(0);
    // The exported table, filled in.
    sandbox.run(&["export", "Album", "-o", "../filled.csv"]).expect(0);
    let path = sandbox.music().join("../filled.csv");
    let mut reader = csv::Reader::from_path(&path).unwrap();
    let headings = reader.headers().unwrap().clone();
    let column = headings.iter().position(|heading| heading == "isrc").unwrap();
    let mut writer = csv::Writer::from_path(sandbox.music().join("../codes.csv")).unwrap();
    writer.write_record(&headings).unwrap();
    for record in reader.records() {
        let record = record.unwrap();
        let name = record.iter().next().unwrap();
        let track: u32 = name.rsplit('/').next().unwrap()[..2].parse().unwrap();
        let mut cells: Vec<String> = record.iter().map(str::to_owned).collect();
        cells[column] = code(track);
        writer.write_record(&cells).unwrap();
    }
    writer.flush().unwrap();
    let run = sandbox
        .run(&["apply", "../codes.csv", "Album", "--format", "jsonl"])
        .expect(0);
    assert_eq!(run.objects("summary")[0]["written"], 18);
}

#[test]
fn a_scan_tells_the_code_in_a_file_name_and_fix_leaves_it_there() {
    let sandbox = Sandbox::new();
    let bytes = audio::wav(5.0, 1);
    sandbox.file("a/QZTST2600001 Low Water.wav", &bytes);
    let run = sandbox.run(&["scan", "a"]).expect(1);
    assert!(run.stdout.contains("its name holds QZTST2600001"), "{}", run.stdout);
    sandbox.run(&["fix", "a"]);
    assert!(contents(&sandbox.path("a"))[0].1 == bytes);
}

#[test]
fn a_bare_list_of_codes_enters_the_ledger() {
    let sandbox = Sandbox::new();
    let codes: String = (1..=6).map(|track| format!("{}\n", code(track))).collect();
    let list = list(&sandbox, "codes.txt", codes);
    sandbox.run(&["ledger", "import", &list]).expect(0);
    assert!(
        sandbox
            .run(&["ledger", "list"])
            .expect(0)
            .stdout
            .contains("QZTST2600006")
    );
}

#[test]
fn titles_in_another_script_leave_the_numbers() {
    let titles = ["低い水", "海のカフェ", "冬越し", "綱", "潮", "鐘"];
    let mut list = "No,Title,ISRC\n".to_owned();
    for (track, title) in (1..).zip(titles) {
        list.push_str(&format!("{track},{title},{}\n", code(track)));
    }
    check("script.csv", &list, &["flac"], &[], Hint);
    // A list of fewer tracks is rather another album's.
    let fewer = list.lines().take(4).collect::<Vec<_>>().join("\n");
    check(
        "fewer.csv",
        fewer,
        &["flac"],
        &[],
        Refused("nothing was written\nhint: correct these rows"),
    );
}
