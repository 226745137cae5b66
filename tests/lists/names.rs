//! What a list says of all its rows: by its name, above its table, in a cue sheet; and the release that its rows are of.

use super::*;

/// Untagged WAVs of these paths.
fn wavs(paths: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new();
    for (seed, path) in (1..).zip(paths) {
        sandbox.file(&format!("{path}.wav"), &audio::wav(seconds(seed), seed));
    }
    sandbox
}

fn codes_of_tracks() -> String {
    (1..4).map(|track| format!("{track},{}\n", code(10 + track))).collect()
}

fn cue(head: &str, image: &str) -> String {
    let track = |at: u32| {
        let code = code(10 + at);
        format!(
            "  TRACK {at:02} AUDIO\n    ISRC {code}\n    INDEX 01 {}\n",
            ["00:00:00", "00:07:00", "00:14:38"][at as usize - 1]
        )
    };
    format!("{head}FILE \"{image}\" WAVE\n") + &(1..4).map(track).collect::<String>()
}

const ONE: [&str; 3] = ["a/CD1/01 Rope", "a/CD1/02 Salt", "a/CD1/03 Tide"];
const TWO: [&str; 3] = ["a/CD2/01 Ebb", "a/CD2/02 Flow", "a/CD2/03 Reef"];

#[test]
fn a_list_of_a_disc_is_for_that_disc_wherever_it_says_so() {
    let numbers = format!("Track,ISRC\n{}", codes_of_tracks());
    for (name, text) in [
        (
            "d.cue",
            cue(
                "REM DISCNUMBER 2\nREM TOTALDISCS 2\nTITLE \"Small Hours\"\n",
                "image.wav",
            ),
        ),
        ("d.cue", cue("REM DISCNUMBER \"2\"\n", "image.wav")),
        ("d.cue", cue("TITLE \"Small Hours (Disc 2)\"\n", "image.wav")),
        ("d.cue", cue("TITLE \"Small Hours\"\n", "Small Hours CD2.wav")),
        ("d.csv", format!("Disc 2\n{numbers}")),
        ("d.csv", format!("Small Hours - CD 2\n{numbers}")),
        ("CD2.csv", numbers.clone()),
        ("Small Hours (Disc 2) ISRC.csv", numbers.clone()),
    ] {
        let sandbox = wavs(&ONE);
        let list_name = list(&sandbox, name, &text);
        refused(&sandbox, &[&list_name, "a"]);
        let sandbox = wavs(&[ONE, TWO].concat());
        let list_name = list(&sandbox, name, &text);
        sandbox.run(&["apply", &list_name, "a"]).expect(0);
        assert_eq!(
            sandbox.run(&["get", "a/CD2/03 Reef.wav"]).stdout.trim(),
            code(13),
            "{name}: {text}"
        );
        assert_eq!(
            sandbox.run(&["get", "a/CD1/03 Tide.wav"]).stdout.trim(),
            "",
            "{name}: {text}"
        );
    }
    let sandbox = wavs(&ONE);
    let list_name = list(&sandbox, "CD2.csv", numbers);
    sandbox
        .run(&["apply", &list_name, "a", "--columns", "disc=-"])
        .expect(0);
}

#[test]
fn a_list_called_a_version_is_not_for_other_files() {
    let text = rows("Track,Title,ISRC", "{n},{t},{c}");
    for name in [
        "Small Hours (Instrumentals).csv",
        "Small Hours - Karaoke ISRC.csv",
        "Small Hours Instrumental.csv",
    ] {
        let sandbox = Sandbox::new();
        untagged_wavs(&sandbox, "a");
        let list_name = list(&sandbox, name, &text);
        let run = refused(&sandbox, &[&list_name, "a"]);
        assert!(run.stderr.contains("--columns version=-"), "{}", run.stderr);
        // In a folder that says so, too, it is right.
        untagged_wavs(&sandbox, "Small Hours (Instrumentals, Karaoke)");
        sandbox
            .run(&["apply", &list_name, "Small Hours (Instrumentals, Karaoke)"])
            .expect(0);
    }
    let sandbox = Sandbox::new();
    untagged_wavs(&sandbox, "a");
    let cells = text
        .lines()
        .map(|line| line.split(',').map(str::to_owned).collect())
        .collect();
    let list_name = list(
        &sandbox,
        "l.xlsx",
        workbook(&[("Small Hours Instrumental", false, cells)]),
    );
    refused(&sandbox, &[&list_name, "a"]);
}

#[test]
fn a_list_called_like_music_or_a_track_says_no_version() {
    let text = rows("Track,Title,ISRC", "{n},{t},{c}");
    for name in ["Lofi Beats.csv", "The Reprise.csv", "Intro ISRC.csv", "Dance.csv"] {
        let sandbox = Sandbox::new();
        untagged_wavs(&sandbox, "a");
        let list_name = list(&sandbox, name, &text);
        sandbox.run(&["apply", &list_name, "a"]).expect(0);
        assert_eq!(
            sandbox.run(&["get", "a/04 Wintering.wav"]).stdout.trim(),
            code(4),
            "{name}"
        );
    }
    for name in [
        "Lofi Beats (Instrumental).csv",
        "Instrumental Beats.csv",
        "Small Hours (Reprise).csv",
        "Small Hours Beats.csv",
        "Small Hours Sessions.csv",
        "Small Hours Instrumentals track list.csv",
    ] {
        let sandbox = Sandbox::new();
        untagged_wavs(&sandbox, "a");
        let list_name = list(&sandbox, name, &text);
        refused(&sandbox, &[&list_name, "a"]);
    }
}

#[test]
fn a_row_does_not_leave_the_release_of_those_beside_it() {
    let list_of = |titles: &[&str]| {
        let rows = (1..)
            .zip(titles)
            .map(|(track, title)| format!("{track},{title},{}\n", code(track)));
        "Track,Title,ISRC\n".to_owned() + &rows.collect::<String>()
    };
    let tides = list_of(&["Intro", "Rope", "Salt", "Tide"]);
    let files = [
        "m/Tides/02 Rope",
        "m/Tides/03 Salt",
        "m/Tides/04 Tide",
        "m/Ebb/01 Intro",
        "m/Ebb/02 Moon",
        "m/Ebb/03 Sun",
    ];
    let of_album = tides.replace("Track,", "Album,Track,").replace('\n', "\nTides,");
    let of_album = of_album.trim_end_matches("Tides,");
    let add = "add columns Album, Disc or Title";
    let not_here = "no file here is \"Intro\" on \"Tides\"";
    for (text, said) in [
        (&*tides, add),
        (&format!("Tides\n{tides}"), not_here),
        (of_album, not_here),
    ] {
        let sandbox = wavs(&files);
        let list_name = list(&sandbox, "l.csv", text);
        let run = refused(&sandbox, &[&list_name, "m"]);
        assert!(!run.stderr.contains("album=-"), "{}", run.stderr);
        assert!(run.stderr.contains(said), "{}", run.stderr);
        sandbox.run(&["apply", &list_name, "m", "--partial"]);
        assert_eq!(sandbox.run(&["get", "m/Ebb/01 Intro.wav"]).stdout.trim(), "");
    }
    // A list of both, and a release of which all is in the list.
    let both = list_of(&["Rope", "Salt", "Tide", "Intro", "Moon", "Sun"])
        .replace(",", ";")
        .replace("Track;", "Nothing;");
    let both = both
        .lines()
        .map(|line| line.split_once(';').unwrap().1.replace(';', ",") + "\n")
        .collect::<String>();
    let single = [
        "m/Tides/02 Rope",
        "m/Tides/03 Salt",
        "m/Tides/04 Tide",
        "m/Single/01 Intro",
    ];
    for (files, text) in [(&files[..], both), (&single[..], tides)] {
        let sandbox = wavs(files);
        let list_name = list(&sandbox, "l.csv", text);
        sandbox.run(&["apply", &list_name, "m"]).expect(0);
    }
}

#[test]
fn sheets_that_are_called_by_the_albums_that_are_here_are_of_them() {
    let sandbox = Sandbox::new();
    let files = [
        "m/Tides/01 Intro.wav",
        "m/Tides/02 Rope.wav",
        "m/Ebb/01 Intro.wav",
        "m/Ebb/02 Moon.wav",
    ];
    for (file, track) in files.iter().zip(1..) {
        sandbox.file(file, &audio::wav(seconds(track), track));
    }
    let sheet = |titles: [&str; 2], first: u32| {
        let row = |number: u32| format!("{number},{},{}\n", titles[number as usize - 1], code(first + number));
        cells(&format!("Track,Title,ISRC\n{}{}", row(1), row(2)))
    };
    let sheets = [
        ("Tides", false, sheet(["Intro", "Rope"], 0)),
        ("Ebb", false, sheet(["Intro", "Moon"], 2)),
    ];
    let list = list(&sandbox, "list.xlsx", workbook(&sheets));
    // One album of two is asked about.
    refused(&sandbox, &[&list, "m/Tides"]);
    let run = sandbox.run(&["apply", &list, "m", "--sheet", "Tides", "-n"]).expect(0);
    assert!(
        run.stdout.contains(files[0]) && !run.stdout.contains("Ebb"),
        "{}",
        run.stdout
    );
    let run = sandbox.run(&["apply", &list, "m"]).expect(0);
    assert!(
        run.stderr.contains("albums by the names of its sheets"),
        "{}",
        run.stderr
    );
    for (file, track) in files.iter().zip(1..) {
        assert_eq!(sandbox.run(&["get", file]).stdout.trim(), code(track), "{file}");
    }
}

#[test]
fn names_with_the_artist_or_a_catalogue_number_are_those_of_their_rows() {
    let of_rows = "Track,Artist,Title,ISRC\n1,Ana,Rope,QZTST2600001\n2,Ana,Salt,QZTST2600002\n";
    let moved = of_rows
        .replace("Rope", "Tide")
        .replace("Salt", "Rope")
        .replace("Tide", "Salt");
    for names in [
        ["01_ANA_ROPE_MASTER_2448", "02_ANA_SALT_MASTER_2448"],
        ["SH001-01 Rope", "SH001-02 Salt"],
        ["SH001_01_Rope", "SH001_02_Salt"],
    ] {
        let sandbox = wavs(&names.map(|name| format!("m/{name}")).each_ref().map(String::as_str));
        let list_name = list(&sandbox, "moved.csv", &moved);
        refused(&sandbox, &[&list_name, "m"]);
        let list_name = list(&sandbox, "l.csv", of_rows);
        sandbox.run(&["apply", &list_name, "m"]).expect(0);
        for (at, name) in (1..).zip(names) {
            let found = sandbox.run(&["get", &format!("m/{name}.wav")]).stdout;
            assert_eq!(found.trim(), code(at), "{name}");
        }
    }
    // A single, and one by another artist.
    let single = "Artist,Title,ISRC\nAna,Song,QZTST2600001\n";
    let sandbox = wavs(&["m/Ana - Song", "o/Bob - Song"]);
    let list_name = list(&sandbox, "l.csv", single);
    refused(&sandbox, &[&list_name, "o"]);
    sandbox.run(&["apply", &list_name, "m"]).expect(0);
}

#[test]
fn names_of_artist_and_title_are_read_as_the_rows_have_them() {
    for (path, artist) in [
        ("a/01 Ana - 3 Days", ""),
        ("a/Ana - Seven", ""),
        ("a/01 Ana - Seven", "Ana"),
    ] {
        let sandbox = wavs(&[path]);
        let title = path.split_once(" - ").unwrap().1;
        let rows = |title: &str, artist: &str| format!("No.,Artist,Title,ISRC\n1,{artist},{title},{}\n", code(11));
        for (title, artist) in [("Ebb", artist), (title, "Bob")] {
            let other = list(&sandbox, "other.csv", rows(title, artist));
            refused(&sandbox, &[&other, "a"]);
        }
        let right = list(&sandbox, "list.csv", rows(title, artist));
        sandbox.run(&["apply", &right, "a"]).expect(0);
        let get = sandbox.run(&["get", &format!("{path}.wav")]).expect(0);
        assert_eq!(get.stdout.trim(), code(11));
    }
    // Of another artist's folder, and of a version, it says nothing.
    for path in ["Bob - Tide/01 Ana - Seven", "a/01 Seven - Live"] {
        let sandbox = wavs(&[path]);
        let list = list(
            &sandbox,
            "list.csv",
            format!(
                "No.,Title,ISRC\n1,{},{}\n",
                path.rsplit_once(" - ").unwrap().1,
                code(11)
            ),
        );
        refused(&sandbox, &[&list, "."]);
    }
}

#[test]
fn a_compilation_may_have_songs_called_live_forever_and_outro() {
    let sandbox = wavs(&["a/01 Ana - Seven", "a/02 Bob - Outro", "a/03 Cy - Live Forever"]);
    let text = format!(
        "No.,Title,ISRC\n1,Seven,{}\n2,Outro,{}\n3,Live Forever,{}\n",
        code(11),
        code(12),
        code(13)
    );
    let list = list(&sandbox, "list.csv", text);
    sandbox.run(&["apply", &list, "a"]).expect(0);
    let get = sandbox.run(&["get", "a/03 Cy - Live Forever.wav"]).expect(0);
    assert_eq!(get.stdout.trim(), code(13));
}

#[test]
fn a_title_that_both_discs_have_is_asked_about_with_the_columns_that_tell() {
    let sandbox = wavs(&["a/CD1/01 Intro", "a/CD1/02 Rope", "a/CD2/01 Intro", "a/CD2/02 Salt"]);
    let rows = ["1,Intro", "2,Rope", "1,Intro", "2,Salt"];
    let rows = (11..).zip(rows).map(|(at, row)| format!("{row},{}\n", code(at)));
    let list = list(
        &sandbox,
        "list.csv",
        format!("Track,Title,ISRC\n{}", rows.collect::<String>()),
    );
    let run = refused(&sandbox, &[&list, "a"]);
    assert!(
        run.stderr.contains("add columns Album, Disc or Title"),
        "{}",
        run.stderr
    );
}

#[test]
fn titles_of_a_list_begin_with_the_artist_where_most_of_them_say_no_version_behind_it() {
    for (artist, titles) in [
        ("Ana", ["Live Forever", "Intro", "Home", "Salt"]),
        ("Ana", ["Intro", "Outro", "Home", "Salt"]),
        ("Rope", ["Live", "Instrumental", "Kova Remix", "Demo"]),
    ] {
        let name = |at: usize, title: &str| match artist {
            "Ana" => format!("a/{at:02} {title}"),
            _ => format!("a/{at:02} {artist} ({title})"),
        };
        let names: Vec<String> = (1..).zip(titles).map(|(at, title)| name(at, title)).collect();
        let sandbox = wavs(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let rows = |titles: [&str; 4]| -> String {
            let rows = (1..)
                .zip(titles)
                .map(|(at, title)| format!("{at},{artist} - {title},{}\n", code(at)));
            format!("Track,Title,ISRC\n{}", rows.collect::<String>())
        };
        let [a, b, c, d] = titles;
        let other = list(&sandbox, "other.csv", rows([b, a, d, c]));
        refused(&sandbox, &[&other, "a"]);
        let right = list(&sandbox, "list.csv", rows(titles));
        sandbox.run(&["apply", &right, "a"]).expect(0);
        for (at, name) in (1..).zip(&names) {
            let get = sandbox.run(&["get", &format!("{name}.wav")]).expect(0);
            assert_eq!(get.stdout.trim(), code(at), "{name}");
        }
    }
}

/// Tagged MP3s of these lengths, and FLACs of theirs that are called by numbers alone.
fn numbered_copies(mp3s: [f64; 4], flacs: [f64; 4]) -> Sandbox {
    let sandbox = Sandbox::new();
    for (track, (mp3, flac)) in (1..).zip(mp3s.into_iter().zip(flacs)) {
        let title = TITLES[track as usize - 1];
        sandbox.file(&format!("a/MP3/{track:02} {title}.mp3"), &audio::mp3(mp3, tags(track)));
        let name = format!("a/FLAC/Track {track:02}.flac");
        sandbox.file(&name, &audio::flac(flac, track, None));
    }
    sandbox
}

#[test]
fn files_called_by_numbers_alone_beside_tagged_ones_of_their_lengths_are_their_copies() {
    let text: String = rows("Track,Title,ISRC", "{n},{t},{c}")
        .split_inclusive('\n')
        .take(5)
        .collect();
    let codes = |sandbox: &Sandbox| -> Vec<String> {
        let path = list(sandbox, "list.csv", &text);
        sandbox.run(&["apply", &path, "a"]).expect(0);
        let get = |track: u32| sandbox.run(&["get", &format!("a/FLAC/Track {track:02}.flac")]).stdout;
        (1..=4).map(|track| get(track).trim().to_owned()).collect()
    };
    let own = [1, 2, 3, 4].map(code);
    let mp3s = [4.0, 7.0, 10.0, 13.0];
    let sandbox = numbered_copies(mp3s, [4.2, 7.1, 10.0, 13.3]);
    let path = list(&sandbox, "list.csv", &text);
    let said = sandbox.run(&["apply", &path, "a", "-n"]).stderr;
    let told = "a/FLAC/Track 01.flac and 3 more are called by numbers alone, so these and their lengths decide";
    assert!(said.contains(told), "{said}");
    assert_eq!(codes(&sandbox), own);
    // The folder says that they are others.
    let sandbox = numbered_copies(mp3s, mp3s);
    let moved = sandbox.path("a/Instrumentals");
    std::fs::rename(sandbox.path("a/FLAC"), &moved).unwrap();
    let path = list(&sandbox, "list.csv", &text);
    let before = contents(&moved);
    sandbox.run(&["apply", &path, "a"]).expect(0);
    assert!(contents(&moved) == before);
    for (mp3s, flacs) in [
        // In another order, in a part or as a whole.
        (mp3s, [13.0, 10.0, 7.0, 4.0]),
        (mp3s, [4.0, 7.0, 13.0, 10.0]),
        // Where all last as long nobody can tell.
        ([7.0; 4], [7.0; 4]),
        ([4.0, 7.0, 10.0, 10.5], [4.0, 7.0, 10.0, 10.5]),
    ] {
        assert_eq!(codes(&numbered_copies(mp3s, flacs)), [""; 4]);
    }
}
