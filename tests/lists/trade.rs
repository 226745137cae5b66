//! Lists as the programs and offices of the trade export them, on one album in three formats. Each is tried as it is, with
//! the titles of another album, with those of live versions, and in another order.

use super::*;

/// The cells of a row: number, title, code.
struct Cells<'a> {
    n: usize,
    t: &'a str,
    c: String,
}

/// Makes a list of the titles, in their order.
type Make<'a> = &'a dyn Fn(&[(usize, &str)]) -> Vec<u8>;

const OTHERS: [&str; 6] = ["Harbour Bell", "Slack Tide", "Lantern", "Rope", "Salt", "Ferryman"];

fn album(sandbox: &Sandbox) -> Vec<(String, u32)> {
    untagged_wavs(sandbox, "a/wav");
    flacs(sandbox, "a/flac");
    mp3s(sandbox, "a/mp3");
    let path = |(title, track): (&str, u32)| {
        let of = move |ending: &str| (format!("a/{ending}/{track:02} {title}.{ending}"), track);
        ["wav", "flac", "mp3"].map(of)
    };
    TITLES.into_iter().zip(1..).flat_map(path).collect()
}

/// Every file of the album gets its code, or, where the list says other things, none gets any.
#[track_caller]
fn check(name: &str, make: Make) {
    let sandbox = Sandbox::new();
    let files = album(&sandbox);
    let pairs = |titles: &[String]| -> Vec<u8> {
        let pairs: Vec<(usize, &str)> = (1..).zip(titles.iter().map(String::as_str)).collect();
        make(&pairs)
    };
    let right: Vec<String> = TITLES.map(str::to_owned).to_vec();
    for wrong in [
        OTHERS.map(str::to_owned).to_vec(),
        TITLES.map(|title| format!("{title} (Live)")).to_vec(),
    ] {
        let path = list(&sandbox, name, pairs(&wrong));
        refused(&sandbox, &[&path, "a", "--partial"]);
    }
    let text = pairs(&right);
    // A list with numbers that belong to other titles.
    let moved: Vec<(usize, &str)> = (1..).zip(TITLES.iter().copied().rev()).collect();
    if make(&[(1, "x")]) != make(&[(2, "x")]) && !make(&[(7, "x")]).is_empty() && says_numbers(make) {
        let path = list(&sandbox, name, make(&moved));
        refused(&sandbox, &[&path, "a", "--partial"]);
    }
    let path = list(&sandbox, name, text);
    let run = sandbox.run(&["apply", &path, "a"]).expect(0);
    assert!(
        run.stdout.contains("18 files written"),
        "{name}: {}{}",
        run.stdout,
        run.stderr
    );
    let mut get = vec!["get"];
    get.extend(files.iter().map(|(path, _)| path.as_str()));
    let told = sandbox.run(&get).expect(0).stdout;
    for ((path, track), line) in files.iter().zip(told.lines()) {
        assert_eq!(line, format!("{}\t{path}", code(*track)), "{name}");
    }
}

/// Whether a list tells the number of a track in more than its code.
fn says_numbers(make: Make) -> bool {
    let bare = |number: usize| {
        let list = make(&[(number, "x")]);
        let text = String::from_utf8_lossy(&list).replace(&code(number as u32), "");
        text.replace('\0', "")
    };
    bare(1) != bare(2)
}

/// A table of these headings and rows.
#[track_caller]
fn table(name: &str, headings: &str, row: &str) {
    check(name, &|titles| {
        text(headings, titles, |cells| filled(row, &cells) + "\n").into_bytes()
    });
}

fn filled(row: &str, Cells { n, t, c }: &Cells) -> String {
    row.replace("{n}", &n.to_string()).replace("{t}", t).replace("{c}", c)
}

fn text(before: &str, titles: &[(usize, &str)], row: impl Fn(Cells) -> String) -> String {
    let before = if before.is_empty() {
        String::new()
    } else {
        format!("{before}\n")
    };
    let rows = titles.iter().map(|(n, t)| {
        // A code belongs to a title, whatever its number.
        let own = TITLES.iter().position(|title| title == t).map_or(*n, |at| at + 1);
        row(Cells {
            n: *n,
            t,
            c: code(own as u32),
        })
    });
    before + &rows.collect::<String>()
}

#[test]
fn statements_of_distributors() {
    table(
        "distrokid.tsv",
        "Reporting Date\tSale Month\tStore\tArtist\tTitle\tISRC\tUPC\tQuantity\tSong/Album\tCountry of Sale",
        "2026-03-01\t2026-01\tSpotify\tMaren Holt\t{t}\t{c}\t601234567897\t12\tSong\tNO",
    );
    table(
        "tunecore.csv",
        "Sales Period,Store Name,Country Of Sale,Artist,Release Type,Release Title,Song Title,Label,UPC,Optional UPC,TC Song ID,\
         Optional ISRC,Sales Type,# Units Sold",
        "2026-01-01,Spotify,NO,Maren Holt,Album,Small Hours,{t},Live Wire,601234567897,,TC0012345,{c},Stream,12",
    );
    table(
        "cdbaby.csv",
        "REPORT DATE,PARTNER NAME,COUNTRY,SALE TYPE,ARTIST NAME,ALBUM NAME,TRACK NAME,UPC,ISRC,SUBTOTAL",
        "3/1/26,Apple Music,NO,Stream,Maren Holt,Small Hours,{t},601234567897,{c},0.01",
    );
    table(
        "believe.csv",
        "Platform;Country / Region;Label Name;Artist Name;Release title;Track title;UPC;ISRC;Release type;Sales Type;Net Revenue",
        "Deezer;Norway;Lantern;Maren Holt;Small Hours;{t};601234567897;{c};Music Release;Premium;0,02",
    );
    table(
        "orchard.csv",
        "Retailer/DMS,Territory,Orchard UPC,Manufacturer's UPC,Imprint/Label,Artist Name,Product Name,Track Name,Track Artist,\
         ISRC,Trans Type Description",
        "Spotify,NO,601234567897,601234567897,Lantern,Maren Holt,Small Hours,{t},Maren Holt,{c},Streaming - Radio",
    );
    table(
        "apple.txt",
        "Provider\tVendor Identifier\tUPC\tISRC\tArtist / Show\tTitle\tLabel/Studio/Network\tProduct Type Identifier",
        "APPLE\tLS001\t601234567897\t{c}\tMaren Holt\t{t}\tLantern\tS",
    );
}

#[test]
fn shops_and_services() {
    table(
        "exportify.csv",
        "Track URI,Track Name,Artist Name(s),Album Name,Disc Number,Track Number,Track Duration (ms),Explicit,ISRC,Added At",
        "spotify:track:1,{t},Maren Holt,Small Hours,1,{n},6000,false,{c},2026-01-01",
    );
    table(
        "soundiiz.csv",
        "title;artist;album;isrc",
        "{t};Maren Holt;Small Hours;{c}",
    );
    table(
        "soundcloud.csv",
        "Track Title,Track Artist,ISRC,Release Title,UPC,Service,Streams",
        "{t},Maren Holt,{c},Small Hours,601234567897,SoundCloud,4",
    );
    table(
        "bandcamp.csv",
        "track number,track title,artist,ISRC,lyrics",
        "{n},{t},Maren Holt,{c},",
    );
}

#[test]
fn offices() {
    table(
        "soundexchange.csv",
        "Recording Title,Recording Version Title,Recording Artist,ISRC,Duration (HH:MM:SS),Release Title,Copyright Owner",
        "{t},,Maren Holt,{c},00:00:06,Small Hours,Lantern",
    );
    table(
        "mlc.csv",
        "Primary Title,Recording Title,Recording Display Artist Name,Recording ISRC,Recording Label",
        "Some Work,{t},Maren Holt,{c},Lantern",
    );
    table(
        "siae.csv",
        "Nr.;Titolo opera;Esecutore;Durata;Codice ISRC",
        "{n};{t};Maren Holt;0.06;{c}",
    );
    table(
        "stim.csv",
        "Spår;Låttitel;Artist;Längd;ISRC-kod",
        "{n};{t};Maren Holt;0:06;{c}",
    );
    for (name, headings, row, page) in [
        (
            "gvl.csv",
            "Interpret;Titel;Version;ISRC;Länge",
            "Maren Holt;{t};;{c};00:00:06",
            "windows-1252",
        ),
        (
            "scpp.csv",
            "Code ISRC;Titre du phonogramme;Interprète principal",
            "{c};{t};Maren Holt",
            "windows-1252",
        ),
        ("mac.csv", "Nr;Titel;ISRC", "{n};{t};{c}", "macintosh"),
    ] {
        check(name, &|titles| {
            let text = text(headings, titles, |cells| filled(row, &cells) + "\r\n");
            let page = encoding_rs::Encoding::for_label(page.as_bytes()).unwrap();
            page.encode(&text).0.into_owned()
        });
    }
}

#[test]
fn taggers_and_players() {
    table(
        "beets.csv",
        "album,albumartist,artist,disc,isrc,length,path,title,track",
        "Small Hours,Maren Holt,Maren Holt,1,{c},0:06,/music/Maren Holt/Small Hours/{n} {t}.ogg,{t},{n}",
    );
    table(
        "hfs.csv",
        "Location,ISRC",
        "Macintosh HD:Masters:Small Hours:0{n} {t}.aif,{c}",
    );
    table("plain.csv", "Track,ISRC", "Maren Holt - {t},{c}");
    check("cr.csv", &|titles| {
        text("Track,Title,ISRC", titles, |cells| filled("{n},{t},{c}", &cells) + "\n")
            .replace('\n', "\r")
            .into_bytes()
    });
    table("numbers.csv", "Table 1\nTrack;Title;ISRC", "{n};{t};{c}");
    table("time.csv", "No,Title,Time,ISRC", "{n},{t},0:0{n},{c}");
}

#[test]
fn mastering_programs() {
    check("samplitude.txt", &|titles| {
        let before = "Trk Ind Start        Length    ISRC          CP EM Title";
        text(before, titles, |Cells { n, t, c }| {
            let length = "00:06:00";
            format!("{n:>2}  00  00:00:0{n}:00  00:02:00\n{n:>2}  01  00:00:0{n}:02  {length}  {c}  Y  N  {t}\n")
        })
        .into_bytes()
    });
    check("sonoris.txt", &|titles| {
        let before = "SONORIS DDP CREATOR\nUPC/EAN: 601234567897\n\nTrack  Start     Duration  ISRC          Title";
        text(before, titles, |Cells { n, t, c }| {
            format!("{n:02}     00:0{n}:00  00:06:00  {c}  {t}\n")
        })
        .into_bytes()
    });
    table(
        "hofa.csv",
        "#;Title;Artist;ISRC;Start;Length;Pause",
        "{n};{t};Maren Holt;{c};00:0{n}:00;00:06:00;00:02:00",
    );
    check("wavelab.txt", &|titles| {
        text("Audio CD Report\nTitle: Small Hours\n", titles, |Cells { n, t, c }| {
            format!("Track {n:02}  {t}\n    ISRC: {c}\n    Start: 00m 0{n}s 00f   Length: 00m 06s 00f\n")
        })
        .into_bytes()
    });
}

#[test]
fn mails_and_label_copies() {
    check("mail.txt", &|titles| {
        let before = "Hi Anna,\n\nhere are the codes for the album:\n";
        (text(before, titles, |cells| filled("{n}. {t} - {c}", &cells) + "\n") + "\nBest,\nTom\n").into_bytes()
    });
    check("below.txt", &|titles| {
        text("Hi Anna,\n", titles, |cells| {
            filled("{n}. {t}\nISRC: {c}\n", &cells) + "\n"
        })
        .into_bytes()
    });
    check("front.txt", &|titles| {
        text("", titles, |cells| filled("{c}  {t}", &cells) + "\n").into_bytes()
    });
    check("behind.txt", &|titles| {
        text("", titles, |cells| filled("{t} (0:06) ISRC: {c}", &cells) + "\n").into_bytes()
    });
    check("labelled.txt", &|titles| {
        let row = "TRACK {n}\nTitle: {t}\nArtist: Maren Holt\nISRC: {c}\nDuration: 0:06\n";
        text("Album: Small Hours\n", titles, |cells| filled(row, &cells) + "\n").into_bytes()
    });
    check("labelled.csv", &|titles| {
        text("", titles, |cells| {
            filled("Track:,{n}\nTitle:,{t}\nISRC:,{c}\n,", &cells) + "\n"
        })
        .into_bytes()
    });
    table(
        "copy.csv",
        "LABEL COPY,,,,\nArtist:,Maren Holt,,,\nTitle:,Small Hours,,,\nFormat:,CD,,,\n,,,,\nTrk,Title,Version,Time,ISRC",
        "{n},{t},Original Version,0:06,{c}",
    );
}

#[test]
fn tables_beside_each_other() {
    check("sides.csv", &|titles| {
        let rows = titles.chunks(titles.len().div_ceil(2));
        let cells: Vec<Vec<String>> = rows
            .map(|side| {
                text("", side, |cells| filled("{n},{t},{c}\n", &cells))
                    .lines()
                    .map(str::to_owned)
                    .collect()
            })
            .collect();
        let second = |at: usize| cells.get(1).and_then(|side| side.get(at)).map_or(",,", String::as_str);
        let lines = cells[0]
            .iter()
            .enumerate()
            .map(|(at, first)| format!("{first},,{}\n", second(at)));
        let headings = "Side A,,,,Side B,,\nTrack,Title,ISRC,,Track,Title,ISRC\n";
        (headings.to_owned() + &lines.collect::<String>()).into_bytes()
    });
    // Two tables that say different things are not one list.
    let sandbox = Sandbox::new();
    album(&sandbox);
    let rows = rows(
        "Track,Title,ISRC,Track,Title,ISRC",
        "{n},{t},{c},{n},{t},QZTST190000{n}",
    );
    let path = list(&sandbox, "two.csv", rows);
    let run = refused(&sandbox, &[&path, "a"]);
    assert!(
        run.stderr.contains("are not one list: \"A:C\", \"D:F\""),
        "{}",
        run.stderr
    );
}

#[test]
fn code_pages_of_dos_are_told_by_the_names() {
    let sandbox = Sandbox::new();
    untagged_wavs(&sandbox, "wav");
    let text = rows("Titel;ISRC", "{t};{c}");
    let bytes: Vec<u8> = text
        .chars()
        .map(|letter| match letter {
            'é' => 0x82,
            'å' => 0x86,
            other => other as u8,
        })
        .collect();
    let path = list(&sandbox, "dos.csv", bytes);
    let run = sandbox.run(&["apply", &path, "wav"]).expect(0);
    assert!(run.stderr.contains("read as ibm850"), "{}", run.stderr);
    assert_eq!(sandbox.run(&["get", "wav/02 Café del Mar.wav"]).stdout.trim(), code(2));
    sandbox
        .run(&["apply", &path, "wav", "--check", "--encoding", "cp437"])
        .expect(0);
}

#[test]
fn a_cue_sheet_in_another_order_has_a_way_on() {
    let sandbox = Sandbox::new();
    flacs(&sandbox, "flac");
    let tracks = [2usize, 1, 3, 4, 6, 5].into_iter().zip(1..).map(|(at, number)| {
        let title = TITLES[at - 1];
        format!(
            "  TRACK {number:02} AUDIO\n    TITLE \"{title}\"\n    ISRC {}\n",
            code(at as u32)
        )
    });
    let sheet = "FILE \"CDImage.wav\" WAVE\n".to_owned() + &tracks.collect::<String>();
    let path = list(&sandbox, "order.cue", sheet);
    let run = refused(&sandbox, &[&path, "flac"]);
    assert!(run.stderr.contains("--columns track=-"), "{}", run.stderr);
    sandbox.run(&["apply", &path, "flac", "--columns", "track=-"]).expect(0);
    assert_eq!(sandbox.run(&["get", "flac/01 Low Water.flac"]).stdout.trim(), code(1));
}

#[test]
fn numbers_from_zero_are_told_and_have_a_way_on() {
    let sandbox = Sandbox::new();
    untagged_wavs(&sandbox, "wav");
    let numbers: String = (0..6).map(|track| format!("{track},{}\n", code(track + 1))).collect();
    let path = list(&sandbox, "zero.csv", format!("Track,ISRC\n{numbers}"));
    let run = refused(&sandbox, &[&path, "wav"]);
    assert!(run.stderr.contains("it counts its tracks from 0"), "{}", run.stderr);
    assert!(
        run.stderr.contains("if its rows are in the order of the tracks:"),
        "{}",
        run.stderr
    );
    sandbox.run(&["apply", &path, "wav", "--in-order"]).expect(0);
    assert_eq!(
        sandbox
            .run(&["get", "wav/06 Tidewater (feat. Ola Brandt).wav"])
            .stdout
            .trim(),
        code(6)
    );
}

#[test]
fn a_cue_sheet_in_shift_jis_finds_its_files() {
    let sandbox = Sandbox::new();
    let titles = ["夜明け", "海の声", "ソロ表"];
    let mut sheet = "PERFORMER \"春野葵\"\nTITLE \"潮騒\"\n".to_owned();
    for (track, title) in (1..).zip(titles) {
        let tags = audio::Tags {
            title,
            artist: "春野葵",
            album: "潮騒",
            disc: 1,
            track,
        };
        sandbox.file(
            &format!("a/{track:02} {title}.flac"),
            &audio::flac(5.0, track, Some(tags)),
        );
        sheet.push_str(&format!(
            "FILE \"{track:02} {title}.wav\" WAVE\n  TRACK {track:02} AUDIO\n    TITLE \"{title}\"\n    ISRC {}\n    \
             INDEX 01 00:00:00\n",
            code(track)
        ));
    }
    let path = list(&sandbox, "j.cue", encoding_rs::SHIFT_JIS.encode(&sheet).0);
    let run = sandbox.run(&["apply", &path, "a"]).expect(0);
    assert!(run.stderr.contains("read as Shift_JIS"), "{}", run.stderr);
    for (track, title) in (1..).zip(titles) {
        assert_eq!(
            sandbox
                .run(&["get", &format!("a/{track:02} {title}.flac")])
                .stdout
                .trim(),
            code(track)
        );
    }
}

#[test]
fn a_catalogue_writes_what_is_here() {
    let sandbox = Sandbox::new();
    let files = album(&sandbox);
    let mut text = "Release,Track,Title,ISRC\nLow Water (Single),1,Low Water,QZTST2600001\n".to_owned();
    text.push_str("Night Ferry,1,Harbour Bell,QZTST2600091\nNight Ferry,2,Wintering (Live),QZTST2600092\n");
    text.push_str(rows("", "Small Hours,{n},{t},{c}").trim_start());
    let path = list(&sandbox, "catalogue.csv", text);
    let run = refused(&sandbox, &[&path, "a"]);
    assert!(
        run.stderr.contains("the rows that are certain: isrctag apply"),
        "{}",
        run.stderr
    );
    sandbox.run(&["apply", &path, "a", "--partial"]).expect(1);
    for (path, track) in files {
        assert_eq!(sandbox.run(&["get", &path]).stdout.trim(), code(track), "{path}");
    }
}

#[test]
fn vinyl_sides_are_no_numbers_and_no_harm() {
    let sandbox = Sandbox::new();
    for (side, (title, track)) in ["A1", "A2", "A3", "B1", "B2", "B3"]
        .into_iter()
        .zip(TITLES.into_iter().zip(1..))
    {
        sandbox.file(&format!("a/{side} {title}.wav"), &audio::wav(seconds(track), track));
    }
    let sides = ["A1", "A2", "A3", "B1", "B2", "B3"]
        .into_iter()
        .zip(TITLES.into_iter().zip(1..));
    let rows: String = sides
        .map(|(side, (title, track))| format!("{side},{title},{}\n", code(track)))
        .collect();
    let path = list(&sandbox, "vinyl.csv", format!("Pos,Title,ISRC\n{rows}"));
    sandbox.run(&["apply", &path, "a"]).expect(0);
    assert_eq!(sandbox.run(&["get", "a/B1 Wintering.wav"]).stdout.trim(), code(4));
}

#[test]
fn workbooks_with_merged_cells_formulas_and_macros_are_read_as_they_show() {
    use std::io::Write as _;
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    let centred = rust_xlsxwriter::Format::new();
    sheet
        .merge_range(0, 0, 0, 2, "Label copy: Small Hours", &centred)
        .unwrap();
    for (column, heading) in (0..).zip(["Track", "Title", "ISRC"]) {
        sheet.write_string(1, column, heading).unwrap();
    }
    sheet.merge_range(2, 0, 2, 2, "Side A", &centred).unwrap();
    for (title, track) in TITLES.into_iter().zip(1u32..) {
        let row = track + 2;
        sheet.write_number(row, 0, track).unwrap();
        sheet.write_string(row, 1, title).unwrap();
        let formula = format!("=\"QZTST26\"&TEXT(A{},\"00000\")", row + 1);
        let formula = rust_xlsxwriter::Formula::new(formula).set_result(code(track));
        sheet.write_formula(row, 2, formula).unwrap();
    }
    // The code of a macro is a part that no list is read from.
    let bytes = std::io::Cursor::new(workbook.save_to_buffer().unwrap());
    let mut archive = zip::ZipWriter::new_append(bytes).unwrap();
    let options = zip::write::SimpleFileOptions::default();
    archive.start_file("xl/vbaProject.bin", options).unwrap();
    archive.write_all(b"Sub Auto_Open() QZTST1900001 End Sub").unwrap();
    let bytes = archive.finish().unwrap().into_inner();
    for name in ["copy.xlsx", "copy.xlsm"] {
        let sandbox = Sandbox::new();
        let files = album(&sandbox);
        let path = list(&sandbox, name, &bytes);
        sandbox.run(&["apply", &path, "a"]).expect(0);
        for (path, track) in files {
            assert_eq!(sandbox.run(&["get", &path]).stdout.trim(), code(track), "{name} {path}");
        }
    }
}

#[test]
fn a_row_that_is_said_a_hundred_thousand_times_is_one_wish() {
    let sandbox = Sandbox::new();
    untagged_wavs(&sandbox, "wav");
    let same = "1,Low Water,QZTST2600001\n".repeat(100_000);
    let path = list(&sandbox, "same.csv", format!("Track,Title,ISRC\n{same}"));
    let run = sandbox.run(&["apply", &path, "wav"]).expect(0);
    assert!(run.stderr.len() < 2000, "{}", run.stderr);
    assert_eq!(sandbox.run(&["get", "wav/01 Low Water.wav"]).stdout.trim(), code(1));
    // With another code at the end nobody can tell.
    let other = format!("Track,Title,ISRC\n{same}1,Low Water,QZTST2600009\n");
    let path = list(&sandbox, "other.csv", other);
    let run = refused(&sandbox, &[&path, "wav", "--replace", "--partial"]);
    assert!(
        run.stderr.contains("they give one file different codes") && run.stderr.len() < 4000,
        "{}",
        run.stderr
    );
}

#[test]
fn more_rows_than_tracks_are_told_with_their_numbers() {
    let sandbox = Sandbox::new();
    let files = album(&sandbox);
    let mut text = rows("Track,Title,ISRC", "{n},{t},{c}");
    for (number, title) in (7..).zip(OTHERS) {
        text.push_str(&format!("{number},{title},QZTST26000{number:02}\n"));
    }
    let path = list(&sandbox, "more.csv", text);
    let run = refused(&sandbox, &[&path, "a"]);
    for row in 8..=13 {
        assert!(
            run.stderr.contains(&format!("row {row}: no file here is")),
            "{}",
            run.stderr
        );
    }
    assert!(
        run.stderr.contains("the rows that are certain: isrctag apply"),
        "{}",
        run.stderr
    );
    sandbox.run(&["apply", &path, "a", "--partial"]).expect(1);
    for (path, track) in files {
        assert_eq!(sandbox.run(&["get", &path]).stdout.trim(), code(track), "{path}");
    }
}

#[test]
fn codes_that_are_too_few_are_told_once() {
    let sandbox = Sandbox::new();
    album(&sandbox);
    let path = list(&sandbox, "codes.txt", format!("{}\n{}\n", code(1), code(2)));
    let run = refused(&sandbox, &[&path, "a/wav", "--in-order"]);
    assert!(
        !run.stderr.contains("no place in the order") && !run.stderr.contains("no row"),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr.contains("hint: name the folder of the album"),
        "{}",
        run.stderr
    );
}

#[test]
fn codes_in_order_are_for_one_album() {
    let sandbox = Sandbox::new();
    for (album, number) in [("A", 1), ("A", 2), ("B", 3), ("B", 4)] {
        let tags = audio::Tags {
            title: ["Low Water", "Estuary", "Kingfisher", "Undertow"][number as usize - 1],
            artist: "Lantern Street",
            album,
            disc: 1,
            track: number,
        };
        let bytes = audio::flac(6.0 + f64::from(number), number, Some(tags));
        sandbox.file(&format!("{album}/{number:02}.flac"), &bytes);
    }
    let codes: String = (1..=4).map(|track| code(track) + "\n").collect();
    let path = list(&sandbox, "codes.txt", codes);
    let run = refused(&sandbox, &[&path, ".", "--in-order"]);
    assert!(run.stderr.contains("album"), "{}", run.stderr);
}

#[test]
fn codes_in_order_go_to_both_formats_of_names_without_numbers() {
    let sandbox = Sandbox::new();
    for (name, seed) in [("Estuary", 1), ("Low Water", 2)] {
        sandbox.file(&format!("mix/{name}.wav"), &audio::wav(6.0, seed));
        // Of other samples, for it is softer.
        let softer: Vec<i16> = audio::samples(6.0, seed).iter().map(|sample| sample / 2).collect();
        sandbox.file(&format!("mix/{name}.flac"), &audio::flac_of(&softer, None));
    }
    let path = list(&sandbox, "codes.txt", code(1) + "\n" + &code(2) + "\n");
    let run = sandbox.run(&["apply", &path, "mix", "--in-order"]).expect(0);
    assert!(run.stderr.contains("in the order of the file names"), "{}", run.stderr);
    for (name, track) in [("Estuary", 1), ("Low Water", 2)] {
        for ending in ["wav", "flac"] {
            let run = sandbox.run(&["get", &format!("mix/{name}.{ending}")]).expect(0);
            assert_eq!(run.stdout.trim(), code(track), "{name}.{ending}");
        }
    }
    sandbox.run(&["undo"]).expect(0);
    let longer = audio::flac(9.0, 12, None);
    sandbox.file("mix/Low Water.flac", &longer);
    let run = refused(&sandbox, &[&path, "mix", "--in-order"]);
    assert!(run.stderr.contains("not surely one recording"), "{}", run.stderr);
    std::fs::rename(
        sandbox.path("mix/Low Water.flac"),
        sandbox.path("mix/01 Low Water.flac"),
    )
    .unwrap();
    let run = refused(&sandbox, &[&path, "mix", "--in-order"]);
    assert!(run.stderr.contains("only some of the files"), "{}", run.stderr);
}

#[test]
fn codes_in_order_are_refused_where_two_recordings_have_one_number() {
    for names in [["01 Rope", "02 Salt", "02 Tide"], ["1 Rope", "2 Salt", "2 Tide"]] {
        let sandbox = Sandbox::new();
        for (seed, name) in (1..).zip(names) {
            sandbox.file(&format!("a/{name}.wav"), &audio::wav(seconds(seed), seed));
        }
        let codes: String = (1..=3).map(|track| code(track) + "\n").collect();
        let path = list(&sandbox, "codes.txt", codes);
        refused(&sandbox, &[&path, "a", "--in-order"]);
    }
}

#[test]
fn two_codes_for_one_recording_write_none_of_its_files() {
    let sandbox = Sandbox::new();
    album(&sandbox);
    let [wav, flac] = ["wav", "flac"].map(|ending| format!("a/{ending}/01 {}.{ending}", TITLES[0]));
    sandbox.run(&["set", &code(1), &flac]).expect(0);
    let row = |path: &str, track| format!("\"{path}\",{}\n", code(track));
    let text = ["file,isrc\n".to_owned(), row(&flac, 1), row(&wav, 1), row(&flac, 2)].concat();
    let path = list(&sandbox, "two.csv", text);
    let before = contents(&sandbox.music());
    for partial in [&[][..], &["--partial"]] {
        let run = sandbox.run(&[&["apply", &path, "a"], partial].concat());
        assert_ne!(run.code, 0, "{}", run.stdout);
        assert!(contents(&sandbox.music()) == before, "{}", run.stdout);
    }
}
