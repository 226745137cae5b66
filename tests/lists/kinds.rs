//! Lists whose codes are for something else than these recordings, and lists in lines, as people and programs write them.

use super::refused::check;
use super::*;

/// A list of every track in another spelling of the rows, without headings.
fn lines(row: &str) -> String {
    rows("", row).trim_start().to_owned()
}

#[test]
fn codes_of_another_product_are_no_codes_of_these_files() {
    for (heading, text) in [
        ("Asset", "Video"),
        ("Content Type", "Music Video"),
        ("Notes", "Spanish version"),
        ("Comment", "Demo"),
        ("Comment", "demo recordings 2019"),
        ("Genre", "Karaoke"),
        ("Product Type", "Ringtone"),
        ("Product", "Ringtone"),
        ("Remarks", "Tribute demo"),
        ("Length", "Extended Version"),
    ] {
        let row = format!("{{n}},{{t}},{text},{{c}}");
        let heading = format!("Track,Title,{heading},ISRC");
        let sandbox = Sandbox::new();
        untagged_wavs(&sandbox, "wav");
        let list = list(&sandbox, "list.csv", rows(&heading, &row));
        let run = refused(&sandbox, &[&list, "wav", "--partial"]);
        assert!(run.stderr.contains("nothing was written"), "{heading}: {}", run.stderr);
    }
    check(
        &format!("Music Videos\n{}", rows("Track,Title,ISRC", "{n},{t},{c}")),
        "nobody can tell whether that is this version",
    );
}

#[test]
fn the_album_of_a_row_says_its_version() {
    for album in ["Small Hours (2024 Remaster)", "Live at the Pier", "Instrumentals"] {
        let list_of = rows("Track,Title,Album,ISRC", &format!("{{n}},{{t}},{album},{{c}}"));
        let sandbox = Sandbox::new();
        untagged_wavs(&sandbox, "wav");
        let path = list(&sandbox, "list.csv", &list_of);
        let run = refused(&sandbox, &[&path, "wav", "--partial"]);
        assert!(run.stderr.contains("nobody can tell"), "{album}: {}", run.stderr);
        assert!(run.stderr.contains("--columns version=-"), "{album}: {}", run.stderr);
        let run = sandbox
            .run(&["apply", &path, "wav", "-n", "--columns", "version=-"])
            .expect(0);
        assert!(run.stdout.contains("6 files"), "{album}: {}", run.stdout);
        // A folder that is called so has them.
        untagged_wavs(&sandbox, album);
        sandbox.run(&["apply", &path, album]).expect(0);
    }
    // So does what stands above a table, and a cue sheet.
    let plain = rows("Track,Title,ISRC", "{n},{t},{c}");
    let track = "  TRACK 0{n} AUDIO\n    TITLE \"{t}\"\n    ISRC {c}\n    INDEX 01 00:00:00";
    let cue = rows("TITLE \"Small Hours (Live)\"\nFILE \"album.wav\" WAVE", track);
    for (name, text) in [
        ("title.csv", format!("Title: Live at the Pier\n\n{plain}")),
        ("release.csv", format!("Release: Small Hours (Live)\n\n{plain}")),
        (
            "product.csv",
            format!("Product: Small Hours - 2024 Remaster\n\n{plain}"),
        ),
        ("live.cue", cue),
    ] {
        let sandbox = Sandbox::new();
        untagged_wavs(&sandbox, "wav");
        let path = list(&sandbox, name, text);
        let run = refused(&sandbox, &[&path, "wav", "--partial"]);
        assert!(run.stderr.contains("nobody can tell"), "{name}: {}", run.stderr);
    }
    // Neither a row that says that it is of the album, nor an album that says nothing.
    for row in [
        "{n},{t},Undertow (Remixes),Original Mix,{c}",
        "{n},{t},Small Hours (Deluxe Edition),,{c}",
    ] {
        let sandbox = Sandbox::new();
        untagged_wavs(&sandbox, "wav");
        let path = list(&sandbox, "list.csv", rows("Track,Title,Album,Version,ISRC", row));
        sandbox.run(&["apply", &path, "wav"]).expect(0);
    }
}

#[test]
fn a_folder_of_artist_and_album_contradicts_another_album() {
    let sandbox = Sandbox::new();
    for track in 1..=6 {
        let name = format!("Maren Holt - Small Hours (2024)/{track:02}.wav");
        sandbox.file(&name, &audio::wav(seconds(track), track));
    }
    let path = list(
        &sandbox,
        "list.csv",
        rows("Track,Title,Album,ISRC", "{n},{t},Night Bus,{c}"),
    );
    refused(&sandbox, &[&path, ".", "--partial"]);
    let path = list(
        &sandbox,
        "list.csv",
        rows("Track,Title,Album,ISRC", "{n},{t},Small Hours,{c}"),
    );
    sandbox.run(&["apply", &path, "."]).expect(0);
}

#[test]
fn the_times_of_a_cue_sheet_contradict_where_only_numbers_speak() {
    let sandbox = Sandbox::new();
    for track in 1..=6 {
        sandbox.file(&format!("a/{track:02}.wav"), &audio::wav(seconds(track), track));
    }
    let sheet = |seconds: u32| {
        let track = |at: u32| {
            let (code, start) = (code(at), (at - 1) * seconds);
            format!(
                "  TRACK {at:02} AUDIO\n    ISRC {code}\n    INDEX 01 {:02}:{:02}:00\n",
                start / 60,
                start % 60
            )
        };
        let tracks: String = (1..=6).map(track).collect();
        format!("FILE \"album.wav\" WAVE\n{tracks}")
    };
    let path = list(&sandbox, "long.cue", sheet(200));
    let run = refused(&sandbox, &[&path, "a", "--partial"]);
    assert!(run.stderr.contains("its duration is 3:20"), "{}", run.stderr);
    assert!(!run.stderr.contains("no length in it"), "{}", run.stderr);
    let path = list(&sandbox, "right.cue", sheet(7));
    sandbox.run(&["apply", &path, "a"]).expect(0);
}

#[test]
fn a_disc_in_one_piece_beside_its_tracks_leaves_the_codes_to_these() {
    // The name of the image is the title of a track, too.
    for (image, track) in [
        (
            "album.flac",
            "  TRACK {n} AUDIO\n    TITLE \"{t}\"\n    ISRC {c}\n    INDEX 01 {n}:00:00",
        ),
        (
            "Low Water.flac",
            "  TRACK {n} AUDIO\n    TITLE \"{t}\"\n    ISRC {c}\n    INDEX 01 {n}:00:00",
        ),
        ("album.flac", "  TRACK {n} AUDIO\n    ISRC {c}"),
    ] {
        let sheet = rows(&format!("FILE \"{image}\" WAVE"), track);
        let sandbox = Sandbox::new();
        let image = format!("a/{image}");
        sandbox.file(&image, &audio::flac(40.0, 1, None));
        let path = list(&sandbox, "disc.cue", &sheet);
        let run = refused(&sandbox, &[&path, "a"]);
        let why = format!("{image} has no track 1 in a CUESHEET block");
        assert!(run.stderr.contains(&why), "{}", run.stderr);
        mp3s(&sandbox, "a");
        let before = std::fs::read(sandbox.path(&image)).unwrap();
        let run = sandbox.run(&["apply", &path, "a"]).expect(0);
        assert!(run.stderr.contains("so number and title decide"), "{}", run.stderr);
        for (track, title) in (1..).zip(TITLES) {
            let path = format!("a/{track:02} {title}.mp3");
            assert_eq!(sandbox.run(&["get", &path]).stdout.trim(), code(track), "{path}");
        }
        assert!(std::fs::read(sandbox.path(&image)).unwrap() == before);
    }
}

#[test]
fn a_title_below_its_code_is_not_given_the_next_one() {
    // Titles below their codes, under the name of the album.
    for text in [
        format!("Small Hours\n{}", lines("{c}\n{t}")),
        format!("Small Hours\n\n{}", lines("{c}\n{t}\n")),
    ] {
        let sandbox = Sandbox::new();
        untagged_wavs(&sandbox, "wav");
        let path = list(&sandbox, "list.txt", text);
        refused(&sandbox, &[&path, "wav", "--partial"]);
    }
}

#[test]
fn lines_of_programs_and_people() {
    let log = "Exact Audio Copy V1.6\n\nTOC of the extracted CD\n\n     Track |   Start  |  Length\n    -----------------\n        1  |  \
               0:00.00 |  0:05.50\n\n";
    let starts = ["0:00", "0:05", "0:11", "0:18", "0:25", "0:32"];
    let timed: String = (1..)
        .zip(TITLES.iter().zip(starts))
        .map(|(track, (title, start))| format!("{start} {title} {}\n", code(track)))
        .collect();
    let lists = [
        ("cd-info.txt", lines("TRACK  {n} ISRC: {c}")),
        ("submitted.txt", format!("Disc ID: abc\n{}", lines("Track {n}: {c}"))),
        ("paths.txt", lines("/mnt/music/Maren Holt/0{n} {t}.wav: {c}")),
        (
            "eac.txt",
            format!(
                "{log}{}",
                lines("Track  {n}\n\n     Filename C:\\Rip\\0{n} {t}.wav\n     ISRC {c}\n")
            ),
        ),
        ("starts.txt", timed),
        ("writers.txt", lines("{n}. {t}\n(M. Holt)\nISRC: {c}  Dur.: 0:06\n")),
        (
            "numbered.txt",
            format!(
                "Artist: Maren Holt\n\n{}",
                lines("Track {n}: {t}\nWriters: Holt\nLength: 0:06\nISRC: {c}\n")
            ),
        ),
        ("ampersand.txt", lines("{n} {t} – {c}")),
    ];
    for (name, text) in lists {
        let sandbox = Sandbox::new();
        untagged_wavs(&sandbox, "a");
        let path = list(&sandbox, name, text);
        sandbox.run(&["apply", &path, "a"]).expect(0);
        for (track, title) in (1..).zip(TITLES) {
            let told = sandbox.run(&["get", &format!("a/{track:02} {title}.wav")]).stdout;
            assert_eq!(told.trim(), code(track), "{name}");
        }
    }
}

#[test]
fn one_of_two_tables_beside_each_other_is_chosen_as_a_sheet() {
    let sandbox = Sandbox::new();
    untagged_wavs(&sandbox, "a");
    let rows = rows(
        "Track,Title,ISRC,Track,Title,ISRC",
        "{n},{t},{c},{n},{t},QZTST190000{n}",
    );
    let path = list(&sandbox, "two.csv", rows);
    let run = refused(&sandbox, &[&path, "a", "-q", "--exclude", "*.bak"]);
    let hint = format!("hint: isrctag apply {path} a --exclude '*.bak' -q --sheet A:C");
    assert!(run.stderr.contains(&hint), "{}", run.stderr);
    assert!(run.stderr.contains("--sheet D:F"), "{}", run.stderr);
    sandbox.run(&["apply", &path, "a", "--sheet", "A:C"]).expect(0);
    assert_eq!(sandbox.run(&["get", "a/01 Low Water.wav"]).stdout.trim(), code(1));
}

#[test]
fn a_hint_never_offers_codes_of_videos_or_old_ones() {
    for heading in ["Video ISRC", "Previous ISRC", "ISRC (old)", "Sample ISRC"] {
        let sandbox = Sandbox::new();
        untagged_wavs(&sandbox, "a");
        let path = list(
            &sandbox,
            "list.csv",
            rows(&format!("Track,Title,{heading}"), "{n},{t},{c}"),
        );
        let run = refused(&sandbox, &[&path, "a"]);
        assert!(!run.stderr.contains("isrc="), "{heading}: {}", run.stderr);
    }
}

#[test]
fn a_hint_keeps_what_was_typed() {
    let sandbox = Sandbox::new();
    untagged_wavs(&sandbox, "a");
    let path = list(
        &sandbox,
        "list.csv",
        rows("Nummer,Song,Kode", "{n},{t},{c}") + "7,Hidden,QZTST2600077\n",
    );
    let typed = [
        "--columns",
        "isrc=Kode",
        "--hidden",
        "--follow",
        "--in-place",
        "never",
        "--preserve-mtime",
        "--axml",
        "-n",
    ];
    let run = refused(&sandbox, &[&[path.as_str(), "a"], &typed[..]].concat());
    let hint = run.stderr.lines().find(|line| line.contains("--partial")).unwrap();
    for option in typed {
        assert!(hint.contains(option), "{option}: {hint}");
    }
    assert_eq!(hint.matches("--columns").count(), 1, "{hint}");
}

/// Under a wrong code page a heading is no word, and what is below it could contradict nothing.
#[test]
fn headings_tell_the_code_page_of_a_list_for_another_album() {
    let lists: [(&str, &str, [&str; 4], [&str; 4]); 7] = [
        (
            "windows-1251",
            "Название",
            ["Утро", "Снег", "Берег", "Дорога домой"],
            ["Зима", "Лето", "Осень", "Город"],
        ),
        (
            "windows-1250",
            "Tytuł",
            ["Łódź nocą", "Żółty liść", "Ślad", "Ćma"],
            ["Wiśnia", "Gęś", "Źródło", "Pąk"],
        ),
        (
            "windows-1253",
            "Τίτλος",
            ["Θάλασσα", "Βροχή", "Νύχτα", "Φως"],
            ["Χειμώνας", "Ήλιος", "Δρόμος", "Πόλη"],
        ),
        (
            "windows-1254",
            "Şarkı Adı",
            ["Işık", "Gülüş", "Şehir", "Dağ"],
            ["Kış", "Güneş", "Ağaç", "Ayşe"],
        ),
        (
            "euc-kr",
            "곡명",
            ["새벽", "바다로", "서울의 비", "빛"],
            ["겨울", "여름", "가을", "도시"],
        ),
        (
            "gb18030",
            "歌曲名称",
            ["黎明", "大海", "上海的雨", "光"],
            ["冬天", "夏天", "秋天", "城市"],
        ),
        (
            "big5",
            "曲名",
            ["黎明", "大海", "台北的雨", "光"],
            ["冬天", "夏天", "秋天", "城市"],
        ),
    ];
    for (page, heading, titles, others) in lists {
        let sandbox = Sandbox::new();
        for (track, title) in (1..).zip(titles) {
            sandbox.file(&format!("a/{track:02} {title}.wav"), &audio::wav(seconds(track), track));
        }
        let encoded = |titles: [&str; 4]| {
            let rows = (1..)
                .zip(titles)
                .map(|(track, title)| format!("{track};{title};{}\r\n", code(track)));
            let text = format!("No.;{heading};ISRC\r\n{}", rows.collect::<String>());
            let (bytes, _, is_broken) = encoding_rs::Encoding::for_label(page.as_bytes()).unwrap().encode(&text);
            assert!(!is_broken, "{page}");
            list(&sandbox, "l.csv", bytes)
        };
        let moved = [titles[1], titles[2], titles[3], titles[0]];
        for wrong in [others, moved] {
            let path = encoded(wrong);
            refused(&sandbox, &[&path, "a", "--partial"]);
        }
        let path = encoded(titles);
        let run = sandbox.run(&["apply", &path, "a"]).expect(0);
        assert!(
            run.stdout.contains("4 files written"),
            "{page}: {}{}",
            run.stdout,
            run.stderr
        );
        assert!(
            run.stderr.to_lowercase().contains(&format!("read as {page}")),
            "{page}: {}",
            run.stderr
        );
    }
}

/// Times at which tracks begin, and numbers of something else, agree with no track.
#[test]
fn a_column_that_holds_no_numbers_of_tracks_agrees_with_none() {
    let sandbox = Sandbox::new();
    flacs(&sandbox, "a");
    for (heading, other) in [
        (
            "Pos",
            ["00:00:00", "00:00:10", "00:00:20", "00:00:30", "00:00:40", "00:00:50"],
        ),
        ("Position", ["00:00:00:00"; 6]),
        ("Position", ["101", "102", "103", "104", "105", "106"]),
        ("No.", ["101", "102", "103", "104", "105", "106"]),
    ] {
        let rows = |shift: usize| {
            let rows = (0..6).map(|at| {
                let own = (at + shift) % 6;
                format!("{},{},{},{}\n", at + 1, TITLES[own], other[at], code(at as u32 + 1))
            });
            format!("Track,Title,{heading},ISRC\n{}", rows.collect::<String>())
        };
        let path = list(&sandbox, "moved.csv", rows(1));
        refused(&sandbox, &[&path, "a", "--partial"]);
        let path = list(&sandbox, "right.csv", rows(0));
        sandbox.run(&["apply", "-n", &path, "a"]).expect(0);
    }
}

#[test]
fn mac_roman_is_told_from_windows() {
    let titles = ["Åse", "Ünder", "Café", "Señor", "Öre", "Naïve"];
    let sandbox = Sandbox::new();
    for (track, title) in (1..).zip(titles) {
        sandbox.file(&format!("a/{track:02} {title}.wav"), &audio::wav(seconds(track), track));
    }
    let rows = (1..)
        .zip(titles)
        .map(|(track, title)| format!("{track};{title};{}\r", code(track)));
    let text = format!("No;Title;ISRC\r{}7;Übrig;QZTST2600077\r", rows.collect::<String>());
    let (bytes, ..) = encoding_rs::MACINTOSH.encode(&text);
    let path = list(&sandbox, "mac.csv", bytes);
    let run = sandbox.run(&["apply", &path, "a", "--partial"]).expect(1);
    assert!(run.stderr.contains("read as macintosh"), "{}", run.stderr);
    for (track, title) in (1..).zip(titles) {
        assert_eq!(
            sandbox
                .run(&["get", &format!("a/{track:02} {title}.wav")])
                .stdout
                .trim(),
            code(track)
        );
    }
}

#[test]
fn a_check_after_a_refusal_counts_no_files() {
    let sandbox = Sandbox::new();
    untagged_wavs(&sandbox, "a");
    let list_of = rows("Track,Title,ISRC", "{n},{t},{c}");
    let path = list(&sandbox, "list.csv", &list_of);
    sandbox.run(&["apply", &path, "a"]).expect(0);
    let path = list(&sandbox, "list.csv", list_of + "7,Hidden,QZTST2600077\n");
    let run = sandbox.run(&["apply", &path, "a", "--check"]).expect(1);
    assert!(
        run.stderr.contains("the files of all other rows carry the listed code"),
        "{}",
        run.stderr
    );
    let path = list(&sandbox, "list.csv", rows("Track,Title,ISRC", "{n},Other {n},{c}"));
    let run = sandbox.run(&["apply", &path, "a", "--check"]).expect(1);
    assert!(!run.stderr.contains("0 files"), "{}", run.stderr);
}

#[test]
fn a_line_that_says_that_codes_count_ends_the_old_ones() {
    let old = rows("Track,Title,ISRC\nOld codes,,", "{n},{t},{c}").replace("QZTST26", "QZTST19");
    let new = rows("", "{n},{t},{c}");
    for line in ["Current", "Valid codes", "Final", "Current ISRCs"] {
        let sandbox = Sandbox::new();
        flacs(&sandbox, "a");
        let path = list(&sandbox, "list.csv", format!("{old}{line},,\n{}", new.trim_start()));
        let run = sandbox.run(&["apply", &path, "a"]).expect(0);
        let written = (1..=6).filter(|track| run.stdout.contains(&code(*track))).count();
        assert_eq!(written, 6, "{line}: {}{}", run.stdout, run.stderr);
    }
    // A side, or another album of old codes, may be as old.
    for line in ["Side B", "Album 2"] {
        let sandbox = Sandbox::new();
        flacs(&sandbox, "a");
        let path = list(&sandbox, "list.csv", format!("{old}{line},,\n{}", new.trim_start()));
        refused(&sandbox, &[&path, "a"]);
    }
}
