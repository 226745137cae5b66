//! Lists that say little: numbers alone, another artist, version words under other headings, ranges of codes, tables that
//! lie on their side.

use super::refused::check;
use super::*;

/// The album without tags in a folder of this name.
fn in_folder(folder: &str, text: &str) -> (Sandbox, String) {
    let sandbox = Sandbox::new();
    untagged_wavs(&sandbox, folder);
    let list = list(&sandbox, "list.csv", text);
    (sandbox, list)
}

/// Every file gets its code; gives what was said.
#[track_caller]
fn written(folder: &str, text: &str, more: &[&str]) -> String {
    let (sandbox, list) = in_folder(folder, text);
    let run = sandbox.run(&[&["apply", &list, folder], more].concat()).expect(0);
    for (track, title) in (1..).zip(TITLES) {
        let path = format!("{folder}/{track:02} {title}.wav");
        assert_eq!(sandbox.run(&["get", &path]).stdout.trim(), code(track), "{path}");
    }
    run.stderr
}

/// Nothing is written, and these words say why.
#[track_caller]
fn stopped(folder: &str, text: &str, words: &str) -> String {
    let (sandbox, list) = in_folder(folder, text);
    let run = refused(&sandbox, &[&list, folder]);
    assert!(run.stderr.contains(words), "{}", run.stderr);
    run.stderr
}

#[test]
fn an_artist_is_contradicted_by_the_folder_and_told_where_no_file_says_one() {
    let list = rows("Artist,Track,Title,ISRC", "Other Band,{n},{t},{c}");
    stopped("Maren Holt - Small Hours", &list, "no file here is \"Low Water\"");
    let named = rows("File,Artist,ISRC", "{n}.wav,Other Band,{c}");
    let named = (1..).zip(TITLES).fold(named, |text, (track, title)| {
        text.replace(&format!("\n{track}.wav"), &format!("\n{track:02} {title}.wav"))
    });
    stopped("Maren Holt - Small Hours", &named, "its artist is \"Other Band\"");
    let said = written("wav", &list, &[]);
    assert!(said.contains("no file says its artist \"Other Band\""), "{said}");
    let said = written(
        "Maren Holt - Small Hours",
        &list.replace("Other Band", "Maren Holt"),
        &[],
    );
    assert!(!said.contains("artist"), "{said}");
}

#[test]
fn numbers_alone_are_told_and_stop_where_names_or_lengths_speak_against_them() {
    let said = written("wav", &rows("Track,ISRC", "{n},{c}"), &[]);
    assert!(said.contains("track numbers alone decide"), "{said}");
    let other = rows("Album,Track,ISRC", "Big Hours,{n},{c}");
    let said = stopped("Maren Holt/Small Hours", &other, "it is for \"Big Hours\"");
    assert!(said.contains("--columns album=-,artist=-"), "{said}");
    written("Maren Holt/Small Hours", &other, &["--columns", "album=-,artist=-"]);
    written("Maren Holt/Small Hours", &other.replace("Big", "Small"), &[]);
    let above = format!("Album: Big Hours\n\n{}", rows("Track,ISRC", "{n},{c}"));
    stopped("Small Hours", &above, "it is for \"Big Hours\"");
    written("Small Hours", &above, &["--columns", "album=-"]);
}

#[test]
fn lengths_of_another_album_stop_a_list_of_numbers() {
    let lengths = |off: [f64; 6]| {
        (1..)
            .zip(off)
            .fold("Track,Length,ISRC\n".to_owned(), |text, (track, off)| {
                format!(
                    "{text}{track},0:{:02},{}\n",
                    (seconds(track) + off).round(),
                    code(track)
                )
            })
    };
    let other = lengths([6.0, 5.0, 8.0, -4.0, 0.0, -5.0]);
    let said = stopped("wav", &other, "most of its lengths are not those of the files");
    assert!(said.contains("--columns duration=-"), "{said}");
    written("wav", &other, &["--columns", "duration=-"]);
    let said = written("wav", &lengths([0.4, -0.4, 1.0, 0.0, 6.0, 0.0]), &[]);
    assert!(!said.contains("alone"), "{said}");
}

#[test]
fn beside_a_number_alone_a_version_counts_under_any_heading() {
    for (heading, version) in [
        ("Language", "Instrumental"),
        ("Subgenre", "Remix"),
        ("Vocals", "Instrumental"),
        ("Genre", "Karaoke"),
    ] {
        let list = rows(&format!("Track,{heading},ISRC"), &format!("{{n}},{version},{{c}}"));
        check(&list, "nobody can tell whether that is this version");
        let said = stopped("wav", &list, &format!("it says \"{version}\""));
        assert!(said.contains("--columns version=-"), "{said}");
        written("wav", &list, &["--columns", "version=-"]);
        // The folder says the same.
        written(version, &list, &[]);
    }
    for (heading, text) in [
        ("Language", "Spanish"),
        ("Genre", "Dance"),
        ("Explicit", "Yes"),
        ("Explicit", "No"),
    ] {
        written(
            "wav",
            &rows(&format!("Track,{heading},ISRC"), &format!("{{n}},{text},{{c}}")),
            &[],
        );
    }
}

#[test]
fn clips_and_previews_are_no_tracks() {
    for version in ["30 sec clip", "Preview", "60 seconds", "Sample Pack"] {
        check(
            &rows("Track,Title,Kind,ISRC", &format!("{{n}},{{t}},{version},{{c}}")),
            "nobody can tell whether that is this version",
        );
        check(
            &rows("Track,Product Type,ISRC", &format!("{{n}},{version},{{c}}")),
            "nobody can tell whether that is this version",
        );
    }
}

#[test]
fn a_clean_file_takes_no_code_of_an_explicit_track() {
    let sandbox = Sandbox::new();
    sandbox.file("a/01 Low Water (Clean).wav", &audio::wav(5.0, 1));
    for (text, is_right) in [("Yes", false), ("Explicit", false), ("No", true), ("Clean", true)] {
        for row in [
            format!("Track,Explicit,ISRC\n1,{text},{}\n", code(1)),
            format!("Track,Title,Explicit,ISRC\n1,Low Water,{text},{}\n", code(1)),
        ] {
            let list = list(&sandbox, "list.csv", &row);
            let run = sandbox.run(&["apply", "-n", &list, "a"]);
            assert_eq!(run.code == 0, is_right, "{row}: {}", run.stderr);
        }
    }
}

#[test]
fn ranges_of_codes_are_told_with_the_way_on() {
    for text in [
        "Release,ISRC from,ISRC to\nSmall Hours,QZTST2600001,QZTST2600006\n",
        "Release,ISRC\nSmall Hours,QZTST2600001-06\n",
        "Title,ISRC range\nSmall Hours,QZ-TST-26-00001 to QZ-TST-26-00006\n",
    ] {
        let said = stopped("wav", text, "is a range of codes");
        assert!(
            said.contains("row 2") && said.contains("write a row for each code"),
            "{said}"
        );
    }
    stopped(
        "wav",
        "Title,ISRC\nLow Water,QZTST2600001-06\n",
        "each code needs a row of its own",
    );
}

#[test]
fn a_table_on_its_side_is_read_and_told() {
    let line = |heading: &str, cell: &dyn Fn(u32) -> String| {
        let cells: Vec<String> = (1..=6).map(cell).collect();
        format!("{heading},{}\n", cells.join(","))
    };
    let titles = line("Title", &|track| TITLES[track as usize - 1].to_owned());
    let codes = line("ISRC", &code);
    let numbers = line("Track", &|track| track.to_string());
    let said = written("wav", &format!("{numbers}{titles}{codes}"), &[]);
    assert!(said.contains("its headings are in its first column"), "{said}");
    written("wav", &format!("{titles}{codes}"), &[]);
    let moved = titles.replace("Title,Low Water,", "Title,Harbour Bell,");
    stopped(
        "wav",
        &format!("{numbers}{moved}{codes}"),
        "column 2: its title is \"Harbour Bell\"",
    );
}

#[test]
fn a_comma_in_a_title_without_quotation_marks_is_told_with_its_row() {
    let list = rows("Track,Title,ISRC", "{n},{t},{c}").replace("Wintering", "Wintering, Part One");
    let said = stopped("wav", &list, "row 5 has 4 cells below 3 headings");
    assert!(said.contains("put quotation marks around such titles"), "{said}");
}

#[test]
fn titles_with_dashes_are_no_artists_where_the_list_knows_better() {
    for name in ["{n} {t}", "{n} - {t}", "{n}. {t}"] {
        let titles = ["Etude - Allegro", "Nocturne - Lento", "Waltz - Vivace"];
        let sandbox = Sandbox::new();
        let mut text = "Artist,Track,Title,ISRC\n".to_owned();
        for (track, title) in (1..).zip(titles) {
            let name = name.replace("{n}", &format!("{track:02}")).replace("{t}", title);
            sandbox.file(&format!("a/{name}.wav"), &audio::wav(seconds(track), track));
            text.push_str(&format!("Maren Holt,{track},{title},{}\n", code(track)));
        }
        let right = list(&sandbox, "list.csv", &text);
        let wrong = list(
            &sandbox,
            "wrong.csv",
            text.replace("Maren Holt,1,Etude - A", "Maren Holt,1,Elegy - A"),
        );
        refused(&sandbox, &[&wrong, "a"]);
        let run = sandbox.run(&["apply", &right, "a"]).expect(0);
        assert_eq!(run.stdout.matches(" -> ").count(), 3, "{}", run.stdout);
    }
}

#[test]
fn an_album_says_its_version_in_its_name_or_in_every_title() {
    let tagged = |album: &'static str, suffix: &str| {
        let sandbox = Sandbox::new();
        for track in 1..=6 {
            let title = format!("{}{suffix}", TITLES[track as usize - 1]);
            let tags = Tags {
                title: &title,
                album,
                ..tags(track)
            };
            sandbox.file(
                &format!("a/{track:02}.flac"),
                &audio::flac(seconds(track), track, Some(tags)),
            );
        }
        sandbox
    };
    let check = |album: &'static str, suffix: &str, list: &str, is_right: bool| {
        let sandbox = tagged(album, suffix);
        let path = self::list(&sandbox, "list.csv", list);
        let run = sandbox.run(&["apply", "-n", &path, "a"]);
        assert_eq!(run.code == 0, is_right, "{album}, {suffix}: {list}{}", run.stderr);
    };
    let in_album = rows("Album,Track,Title,ISRC", "Small Hours (Instrumental),{n},{t},{c}");
    let in_titles = rows("Album,Track,Title,ISRC", "Small Hours,{n},{t} (Instrumental),{c}");
    let nowhere = rows("Album,Track,Title,ISRC", "Small Hours,{n},{t},{c}");
    for (album, suffix) in [
        ("Small Hours (Instrumental)", " (Instrumental)"),
        ("Small Hours", " (Instrumental)"),
    ] {
        check(album, suffix, &in_album, true);
        check(album, suffix, &in_titles, true);
        check(album, suffix, &nowhere, false);
    }
    check("Small Hours (Instrumental)", "", &in_album, true);
    check("Small Hours (Instrumental)", "", &nowhere, false);
    check("Small Hours", "", &in_album, false);
    check("Small Hours", "", &in_titles, false);
}

/// An album of these titles as `01 Title.wav`, with a colon as a dash, and as tagged MP3s.
fn album_of(sandbox: &Sandbox, titles: &[&str]) {
    for (track, title) in (1..).zip(titles) {
        let name = format!("{track:02} {}", title.replace(": ", " - "));
        sandbox.file(&format!("a/wav/{name}.wav"), &audio::wav(seconds(track), track));
        let tags = Tags { title, ..tags(track) };
        sandbox.file(&format!("a/mp3/{name}.mp3"), &audio::mp3(seconds(track), tags));
    }
}

/// Every file of [`album_of`] gets its code by a list of these rows.
#[track_caller]
fn all_written(titles: &[&str], headings: &str, row: &str) {
    let sandbox = Sandbox::new();
    album_of(&sandbox, titles);
    let mut text = format!("{headings}\n");
    for (track, title) in (1..).zip(titles) {
        let row = row.replace("{n}", &track.to_string()).replace("{t}", title);
        text.push_str(&format!("{}\n", row.replace("{c}", &code(track))));
    }
    let list = list(&sandbox, "list.csv", &text);
    let run = sandbox.run(&["apply", &list, "a"]).expect(0);
    assert_eq!(
        run.stdout.matches(" -> ").count(),
        2 * titles.len(),
        "{text}{}",
        run.stderr
    );
    for (track, title) in (1..).zip(titles) {
        for kind in ["wav", "mp3"] {
            let path = format!("a/{kind}/{track:02} {}.{kind}", title.replace(": ", " - "));
            assert_eq!(sandbox.run(&["get", &path]).stdout.trim(), code(track), "{path}");
        }
    }
}

#[test]
fn works_and_movements_find_files_that_can_have_no_colon() {
    let titles = [
        "Sonata No. 1 in C: I. Allegro",
        "Sonata No. 1 in C: II. Adagio",
        "Sonata No. 2 in D: I. Allegro",
        "Sonata No. 2 in D: II. Largo",
    ];
    for (headings, row) in [
        ("Artist;Title;ISRC", "Maren Holt;{t};{c}"),
        ("Album;Track;Title;ISRC", "Small Hours;{n};{t};{c}"),
        ("Track;Title;ISRC", "{n};{t};{c}"),
    ] {
        all_written(&titles, headings, row);
    }
    let sandbox = Sandbox::new();
    album_of(&sandbox, &titles);
    let text = format!(
        "Track;Title;ISRC\n1;{};{}\n2;{};{}\n",
        titles[1],
        code(1),
        titles[0],
        code(2)
    );
    let list = list(&sandbox, "list.csv", text);
    refused(&sandbox, &[&list, "a/wav"]);
}

#[test]
fn markers_with_the_tags_of_a_disc_are_read() {
    let titles = ["Low Water", "Wintering", "Salt"];
    all_written(
        &titles,
        "#,Name,Start,End,Length",
        "M{n},#{t}|ISRC={c}|PERFORMER=Maren Holt,0:02,,",
    );
    let sandbox = Sandbox::new();
    album_of(&sandbox, &titles);
    let other = format!("#,Name,Start\nM1,#Harbour Bell|ISRC={},0:02\n", code(1));
    let list = list(&sandbox, "list.csv", other);
    refused(&sandbox, &[&list, "a/wav"]);
}

#[test]
fn a_version_above_rows_counts_beside_another_one_in_their_titles() {
    let titles = ["Salt (Live)", "Rope (Live)"];
    let sandbox = Sandbox::new();
    album_of(&sandbox, &titles);
    let text = format!(
        "Instrumentals\n\nTrack,Title,ISRC\n1,Salt (Live),{}\n2,Rope (Live),{}\n",
        code(1),
        code(2)
    );
    let list = list(&sandbox, "list.csv", text);
    for folder in ["a/wav", "a/mp3"] {
        let run = refused(&sandbox, &[&list, folder]);
        assert!(run.stderr.contains("(Instrumentals)"), "{}", run.stderr);
    }
    all_written(&titles, "Track,Title,Notes,ISRC", "{n},{t},Live at the Mill,{c}");
}
