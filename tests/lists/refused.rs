//! Lists that would write wrong codes: refused, and every file stays as it is.

use super::*;

/// The formats of the album, since what contradicts must not depend on tags.
type Make = fn(&Sandbox, &str);

const ALBUMS: [(&str, Make); 3] = [("wav", untagged_wavs), ("flac", flacs), ("mp3", mp3s)];

#[track_caller]
pub(crate) fn check(text: &str, words: &str) {
    for (name, make) in ALBUMS {
        let sandbox = Sandbox::new();
        make(&sandbox, name);
        let list = list(&sandbox, "list.csv", text);
        for more in [&[][..], &["--partial"]] {
            let run = refused(&sandbox, &[&[list.as_str(), name], more].concat());
            assert!(run.stderr.contains(words), "{name} {more:?}: {}", run.stderr);
        }
    }
}

#[test]
fn a_running_order_that_changed_after_the_files_were_made() {
    let (one, two, three) = (code(3), code(1), code(2));
    check(
        &format!("Track,Title,ISRC\n1,Wintering,{one}\n2,Low Water,{two}\n3,Café del Mar,{three}\n"),
        "its title is \"Wintering\"",
    );
}

#[test]
fn two_rows_that_changed_places() {
    let list = rows("Track,Title,ISRC", "{n},{t},{c}");
    let swapped = list
        .replace("1,Low Water", "2,LW")
        .replace("2,Café del Mar", "1,Café del Mar");
    check(&swapped.replace("2,LW", "2,Low Water"), "its title is \"Low Water\"");
}

#[test]
fn sorted_by_title_with_a_running_number() {
    let mut titles = TITLES;
    titles.sort_unstable();
    let mut list = "Nr;Titel;ISRC\n".to_owned();
    for (number, title) in (1..).zip(titles) {
        let track = TITLES.iter().position(|known| *known == title).unwrap() as u32 + 1;
        list.push_str(&format!("{number};{title};{}\n", code(track)));
    }
    check(&list, "its title is ");
}

#[test]
fn of_another_album() {
    let list = "Track,Title,ISRC\n1,Harbour Bell,QZTST2600091\n2,Slack Tide,QZTST2600092\n3,Lantern,QZTST2600093\n\
                4,Rope,QZTST2600094\n5,Wintering,QZTST2600095\n6,Salt,QZTST2600096\n";
    check(list, "its title is \"Harbour Bell\"");
}

#[test]
fn two_columns_of_codes_that_differ_are_asked_about() {
    let list = rows("Track,Title,ISRC,ISRC Video", "{n},{t},{c},QZTSU260000{n}");
    check(&list, "hold different codes");
}

#[test]
fn two_sheets_that_give_one_track_two_codes_are_asked_about() {
    let fine = rows("Track,Title,ISRC", "{n},{t},{c}");
    let draft = fine.replace("QZTST26", "QZTST19");
    let sandbox = Sandbox::new();
    flacs(&sandbox, "flac");
    let bytes = workbook(&[("Draft", false, cells(&draft)), ("Final", false, cells(&fine))]);
    let list = list(&sandbox, "list.xlsx", bytes);
    for more in [&[][..], &["--partial"]] {
        let run = refused(&sandbox, &[&[list.as_str(), "flac"], more].concat());
        assert!(
            run.stderr
                .contains("several sheets hold codes and are not one list: \"Draft\", \"Final\""),
            "{}",
            run.stderr
        );
    }
    sandbox.run(&["apply", &list, "flac", "--sheet", "Final"]).expect(0);
    let get = sandbox.run(&["get", "flac/01 Low Water.flac"]).expect(0);
    assert_eq!(get.stdout.trim(), code(1));
}

#[test]
fn a_sheet_that_nobody_sees_gives_no_codes() {
    let fine = rows("Track,Title,ISRC", "{n},{t},{c}");
    let old = fine.replace("QZTST26", "QZTST19");
    let sandbox = Sandbox::new();
    flacs(&sandbox, "flac");
    let bytes = workbook(&[("old", true, cells(&old)), ("Tracks", false, cells(&fine))]);
    let list = list(&sandbox, "list.xlsx", bytes);
    sandbox.run(&["apply", &list, "flac"]).expect(0);
    let get = sandbox.run(&["get", "flac/01 Low Water.flac"]).expect(0);
    assert_eq!(get.stdout.trim(), code(1));
    refused(&sandbox, &[&list, "flac", "--sheet", "old"]);
}

#[test]
fn a_few_titles_in_common_make_no_list_for_this_album() {
    let of_artist = "Artist,Title,ISRC\nMaren Holt,Low Water,QZTST2600091\nMaren Holt,Harbour Bell,QZTST2600092\n\
                     Maren Holt,Slack Tide,QZTST2600093\n";
    check(of_artist, "most of the list is not here");
    let numbers: String = (1..=7).map(|track| format!("{track},{}\n", code(track))).collect();
    check(
        &format!("Track,ISRC\n{numbers}"),
        "the list has 7 codes and there are 6 recordings here",
    );
    let live = rows("Album,Track,Title,ISRC", "Small Hours (Live),{n},{t},{c}");
    for name in ["flac", "mp3"] {
        let sandbox = Sandbox::new();
        if name == "mp3" {
            mp3s(&sandbox, name)
        } else {
            flacs(&sandbox, name)
        }
        let list = list(&sandbox, "live.csv", &live);
        let run = refused(&sandbox, &[&list, name, "--partial"]);
        assert!(
            run.stderr.contains("on \"Small Hours (Live)\"") && !run.stderr.contains("album=-"),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn a_title_on_another_disc_is_another_recording() {
    let sandbox = Sandbox::new();
    for (name, seed) in [
        ("CD1/01 Opening", 1),
        ("CD1/02 Dawn", 2),
        ("CD2/01 Opening", 3),
        ("CD2/02 Dawn (Live)", 4),
    ] {
        sandbox.file(&format!("Album/{name}.wav"), &audio::wav(5.0 + f64::from(seed), seed));
    }
    let text = "Disc,Track,Title,ISRC\n1,1,Opening,QZTST2600001\n2,1,Opening,QZTST2600003\n2,2,Dawn,QZTST2600004\n";
    let list = list(&sandbox, "list.csv", text);
    let run = refused(&sandbox, &[&list, "Album"]);
    assert!(
        run.stderr.contains("CD2/02 Dawn (Live).wav is \"Dawn (Live)\""),
        "{}",
        run.stderr
    );
    sandbox.run(&["apply", &list, "Album", "--partial"]).expect(1);
    assert_eq!(
        sandbox.run(&["get", "Album/CD1/02 Dawn.wav"]).expect(1).stdout.trim(),
        ""
    );
    assert_eq!(sandbox.run(&["get", "Album/CD2/01 Opening.wav"]).stdout.trim(), code(3));
}

#[test]
fn both_columns_of_codes_under_unknown_headings_are_offered() {
    let list = rows("Title,ISRC Stereo,ISRC Atmos", "{t},{c},QZTSU260000{n}");
    check(&list, "'isrc=ISRC Atmos'");
}

/// Like [`check`], for albums whose tags name artist and album.
#[track_caller]
fn check_tagged(text: &str, more: &[&str], words: &str) {
    for (name, make) in &ALBUMS[1..] {
        let sandbox = Sandbox::new();
        make(&sandbox, name);
        let list = list(&sandbox, "list.csv", text);
        let run = refused(&sandbox, &[&[list.as_str(), name], more].concat());
        assert!(run.stderr.contains(words), "{name} {more:?}: {}", run.stderr);
    }
}

#[test]
fn codes_in_order_are_alone() {
    let mut titles: Vec<(&str, u32)> = TITLES.into_iter().zip(1..).collect();
    titles.sort_unstable();
    let sorted: String = (1..)
        .zip(titles)
        .map(|(number, (title, track))| format!("{number},{title},{}\n", code(track)))
        .collect();
    for list in [
        sorted,
        rows("Track,Title,Video ISRC", "{n},{t},{c}"),
        rows("Track,Instrumental ISRC", "{n},{c}"),
    ] {
        check_tagged(&list, &["--in-order"], "");
        let sandbox = Sandbox::new();
        flacs(&sandbox, "flac");
        let path = self::list(&sandbox, "list.csv", list);
        let run = refused(&sandbox, &[&path, "flac"]);
        assert!(!run.stderr.contains("--in-order"), "{}", run.stderr);
    }
}

#[test]
fn numbers_that_begin_at_nothing_are_certain_nowhere() {
    let shifted: String = (0..6).map(|track| format!("{track},{}\n", code(track + 1))).collect();
    check(
        &format!("Track,ISRC\n{shifted}"),
        "nothing but numbers says which code is whose",
    );
}

#[test]
fn what_stands_above_a_table_is_said_of_its_rows() {
    let numbers = rows("Track,ISRC", "{n},{c}");
    for above in ["Artist:,Other Band\nAlbum:,Big Hours\n\n", "Album: Big Hours\n\n"] {
        check_tagged(&format!("{above}{numbers}"), &["--partial"], "no file here is track 1");
    }
}

#[test]
fn a_name_does_not_outweigh_another_artist_or_album() {
    let files = |heading: &str, said: &str| {
        let row = |(title, track): (&str, u32)| format!("{track:02} {title},{said},{}\n", code(track));
        let rows: String = TITLES.into_iter().zip(1..).map(row).collect();
        format!("File name,{heading},ISRC\n{rows}")
    };
    check_tagged(
        &files("Artist", "Other Band"),
        &["--partial"],
        "its artist is \"Other Band\"",
    );
    check_tagged(
        &files("Album", "Small Hours (Live)"),
        &["--partial"],
        "its album is \"Small Hours (Live)\"",
    );
    check_tagged(
        &files("Album", "Small Hours - Single (Live)"),
        &["--partial"],
        "its album is \"Small Hours - Single (Live)\"",
    );
    check_tagged(
        &files("Album", "Other - Single"),
        &["--partial"],
        "its album is \"Other - Single\"",
    );
    // A single is no version.
    let sandbox = Sandbox::new();
    flacs(&sandbox, "flac");
    let list = list(&sandbox, "list.csv", files("Album", "Small Hours - Single"));
    let run = sandbox.run(&["apply", &list, "flac"]).expect(0);
    assert_eq!(run.stdout.matches(" -> ").count(), 6, "{}", run.stdout);
}

/// A hint that reads another column for what contradicts would write the codes of another album.
#[test]
fn no_hint_leads_round_what_contradicts() {
    let sandbox = Sandbox::new();
    flacs(&sandbox, "a");
    let head = "#\tArtwork\tTrack Title\tArtist\tAlbum\tComments";
    let row =
        |track: usize, title: &str| format!("{track}\t\t{title}\tMaren Holt\tSmall Hours\t{}\n", code(track as u32));
    let of = |titles: &[&str]| {
        let rows = (1..).zip(titles).map(|(track, title)| row(track, title));
        format!("{head}\n{}", rows.collect::<String>())
    };
    let right = list(&sandbox, "right.txt", of(&TITLES));
    let told = refused(&sandbox, &[&right, "a"]).stderr;
    assert!(told.ends_with("--columns isrc=Comments\n"), "{told}");
    let live = TITLES.map(|title| format!("{title} (Live in Oslo)"));
    let live: Vec<&str> = live.iter().map(String::as_str).collect();
    for wrong in [&live[..], &["Winter Sun", "Copper", "Glass", "Ash", "Tin", "Lead"]] {
        let path = list(&sandbox, "wrong.txt", of(wrong));
        let told = refused(&sandbox, &[&path, "a"]).stderr;
        assert!(!told.contains("title=") && !told.contains("file="), "{told}");
        refused(&sandbox, &[&path, "a", "--columns", "isrc=Comments"]);
    }
}

#[test]
fn names_of_files_that_are_titles_of_other_rows_are_not_left_out_by_a_hint() {
    let sandbox = Sandbox::new();
    flacs(&sandbox, "a");
    let rows = |shift: usize, name: &dyn Fn(usize) -> String| {
        let rows = (0..6).map(|at| {
            format!(
                "{}.wav,{},{}\n",
                name(at),
                TITLES[(at + shift) % 6],
                code(at as u32 + 1)
            )
        });
        format!("File,Title,ISRC\n{}", rows.collect::<String>())
    };
    let titled = |at: usize| format!("{:02} {}", at + 1, TITLES[at]);
    let moved = list(&sandbox, "moved.csv", rows(1, &titled));
    let told = refused(&sandbox, &[&moved, "a"]).stderr;
    assert!(!told.contains("file=-"), "{told}");
    let path = list(&sandbox, "right.csv", rows(0, &titled));
    sandbox.run(&["apply", "-n", &path, "a"]).expect(0);
}
