//! Lists that are not filled in: a row without a code to write asks for nothing, and its file is its own all the same.

use super::against::{check_written, files};
use super::*;

const FILES: [&str; 4] = ["01 Rope", "02 Salt", "03 Interlude", "04 Tide"];

/// The other rows are written if they are asked for; that with the code of track 5 is not.
#[track_caller]
fn check_claimed(text: &str) {
    let (sandbox, list) = files(&FILES, text);
    let run = refused(&sandbox, &[&list, "a"]);
    assert!(
        run.stderr.contains("which has no code to write"),
        "{text}: {}",
        run.stderr
    );
    let run = sandbox.run(&["apply", &list, "a", "--partial"]);
    assert!(!run.stdout.contains(&code(5)), "{text}: {}", run.stdout);
    assert!(run.stdout.contains(&code(2)), "{text}: {}", run.stdout);
}

#[test]
fn a_row_without_a_code_keeps_its_file_from_the_code_of_another() {
    let [two, four, five] = [2, 4, 5].map(code);
    let rest = format!("2,Salt,{two}\n4,Tide,{four}\n");
    for list in [
        format!("Track,Title,ISRC\n{rest}3,Interlude,\n5,Interlude,{five}\n"),
        format!("Track,Title,ISRC\n{rest}3,Interlude,TBC\n5,Interlude,{five}\n"),
        // Mistyped: what `--partial` calls certain is not.
        format!("Track,Title,ISRC\n{rest}3,Interlude,QZTST26OOOO3\n5,Interlude,{five}\n"),
        format!(
            "Track,Title,ISRC,Status\n{rest}3,Interlude,{},void\n5,Interlude,{five},active\n",
            code(3)
        ),
        format!("Disc,Track,Title,ISRC\n1,1,Rope,\n1,2,Salt,{two}\n2,1,Rope,{five}\n"),
        format!("Album,Track,Title,ISRC\nTides,1,Rope,\nTides,2,Salt,{two}\nEbb,1,Rope,{five}\n"),
        format!(
            "UPC,Track,Title,ISRC\n5060123456781,1,Rope,\n5060123456781,2,Salt,{two}\n5060123456798,1,Rope,{five}\n"
        ),
        format!("Artist,Title,ISRC\nAna,Rope,\nAna,Salt,{two}\nBob,Rope,{five}\n"),
        format!("Title,ISRC\nRope,\nSalt,{two}\nRope,{five}\n"),
    ] {
        check_claimed(&list);
    }
}

#[test]
fn a_row_without_a_code_keeps_no_file_that_is_surely_of_another() {
    let [two, three, five] = [2, 3, 5].map(code);
    for list in [
        // Its own file is not here.
        format!("Track,Title,ISRC\n3,Interlude,{three}\n5,Interlude,\n"),
        format!("Track,Title,ISRC\n3,Interlude,{three}\n5,Interlude,{five},\n").replace(&five, ""),
        // The same track again, and the code before this one.
        format!("Track,Title,ISRC\n3,Interlude,\n3,Interlude,{three}\n"),
        format!("Title,ISRC,Status\nInterlude,{two},void\nInterlude,{three},active\n"),
        // A heading above its rows.
        format!("Title,Artist,ISRC\nInterlude,,\nInterlude,Ana,{three}\n"),
        // A statement says a title for every shop.
        format!("Title,Shop,ISRC\nInterlude,A,\nInterlude,B,{three}\nInterlude,C,{three}\n"),
        // Another version is another recording.
        format!("Title,Version,ISRC\nInterlude,Video,\nInterlude,,{three}\n"),
    ] {
        check_written(&FILES, &list, &[("03 Interlude", 3)]);
    }
}

/// The album "Low Water" with its title track, tagged, of these titles.
fn title_track(titles: &[&'static str]) -> Sandbox {
    let sandbox = Sandbox::new();
    for (track, title) in (1..).zip(titles) {
        let tags = Tags {
            title,
            album: "Low Water",
            ..tags(track)
        };
        let path = format!("a/{track:02}.flac");
        sandbox.file(&path, &audio::flac(seconds(track), track, Some(tags)));
    }
    sandbox
}

#[test]
fn a_row_of_the_album_sold_as_a_whole_keeps_no_file_from_its_title_track() {
    let [one, two] = [1, 2].map(code);
    let songs = format!("Low Water,{one},\nHarbour Lights,{two},\n");
    for text in [
        // A statement: the UPC stands beside the album.
        format!("Title,ISRC,UPC\n{songs}Low Water,,4006381333931\n"),
        format!(
            "Title,ISRC,UPC\n{}Low Water,,4006381333948\n",
            songs.replace(",\n", ",4006381333931\n")
        ),
        // The type says it, wherever the row stands.
        format!("Type,Title,ISRC\nalbum,Low Water,\ntrack,Low Water,{one}\nTrack,Harbour Lights,{two}\n"),
    ] {
        let sandbox = title_track(&["Low Water", "Harbour Lights"]);
        let list = list(&sandbox, "list.csv", &text);
        let run = sandbox.run(&["apply", &list, "a"]);
        assert_eq!(run.code, 0, "{text}{}", run.stderr);
        for (file, code) in [("a/01.flac", &one), ("a/02.flac", &two)] {
            assert_eq!(sandbox.run(&["get", file]).stdout.trim(), code, "{text}");
        }
    }
}

#[test]
fn a_title_track_without_a_code_keeps_its_file_from_a_reprise() {
    let [two, five] = [2, 5].map(code);
    let rest = format!("Harbour Lights,{two}");
    for text in [
        // The UPC of every track, and one that is said once for all rows of its block.
        format!("Title,ISRC,UPC\n{rest},4006381333931\nLow Water,{five},4006381333931\nLow Water,,4006381333931\n"),
        format!("Title,ISRC,UPC\nLow Water,,4006381333931\n{rest},\nLow Water,{five},\n"),
        // Every track with a UPC of its own, as singles have them.
        format!("Title,ISRC,UPC\n{rest},4006381333931\nLow Water,{five},4006381333948\nLow Water,,4006381333955\n"),
        // A track of the album, which has a number or a length.
        format!("Title,ISRC,UPC,Duration\n{rest},,0:06\nLow Water,{five},,0:05\nLow Water,,4006381333931,0:05\n"),
        // Types of releases, not of what is sold.
        format!("Type,Title,ISRC\nAlbum,Harbour Lights,{two}\nSingle,Low Water,{five}\nAlbum,Low Water,\n"),
    ] {
        let sandbox = title_track(&["Low Water", "Harbour Lights"]);
        let list = list(&sandbox, "list.csv", &text);
        let run = sandbox.run(&["apply", &list, "a", "-n"]);
        assert_eq!(run.code, 2, "{text}{}{}", run.stdout, run.stderr);
        let run = sandbox.run(&["apply", &list, "a", "--partial"]);
        assert!(!run.stdout.contains(&five), "{text}{}", run.stdout);
        assert_eq!(sandbox.run(&["get", "a/01.flac"]).stdout.trim(), "", "{text}");
    }
    // A single called like the album.
    let text = format!("Title,ISRC,UPC\nLow Water,{five},4006381333931\nLow Water,,4006381333948\n");
    let sandbox = title_track(&["Low Water"]);
    let list = list(&sandbox, "list.csv", &text);
    refused(&sandbox, &[&list, "a"]);
}

#[test]
fn a_title_that_decides_against_the_number_of_its_row_is_told() {
    let (sandbox, list) = files(
        &FILES,
        &format!("Track,Title,ISRC\n2,Salt,{}\n5,Interlude,{}\n", code(2), code(5)),
    );
    let run = sandbox.run(&["apply", &list, "a", "-n"]).expect(0);
    let told = "a/03 Interlude.wav is not number 5 as in its row, so its title decides";
    assert!(run.stderr.contains(told), "{}", run.stderr);
}

#[test]
fn what_only_the_first_row_of_a_block_says_holds_for_the_rows_below() {
    let of_albums = |between: &str| {
        let row = |at: u32, album: &str, track: u32, title: &str| format!("{album},{track},{title},{}\n", code(at));
        [
            "Album,No.,Title,ISRC\n",
            &row(1, "Tides", 1, "Rope"),
            &row(2, "", 2, "Salt"),
            between,
            &row(3, "Ebb", 1, "Rope"),
            &row(4, "", 2, "Salt"),
        ]
        .concat()
    };
    let names = ["Tides/01 Rope", "Tides/02 Salt", "Ebb/01 Rope", "Ebb/02 Salt"];
    let expected: Vec<(&str, u32)> = names.into_iter().zip(1..).collect();
    check_written(&names, &of_albums(""), &expected);
    check_written(&names, &of_albums(",,,\n"), &expected);
    let (sandbox, path) = files(&names, &of_albums(""));
    let run = sandbox.run(&["apply", &path, "a", "-n"]).expect(0);
    assert!(
        run.stderr
            .contains("cells of column A (\"Album\") hold for the rows below them"),
        "{}",
        run.stderr
    );
    let discs = ["CD 1/01 Rope", "CD 1/02 Salt", "CD 2/01 Rope", "CD 2/02 Salt"];
    let of_discs = [("Album", "Disc"), ("Tides", "1"), ("Ebb", "2")];
    let of_discs = of_discs
        .iter()
        .fold(of_albums(""), |list, (from, to)| list.replace(from, to));
    let expected: Vec<(&str, u32)> = discs.into_iter().zip(1..).collect();
    check_written(&discs, &of_discs, &expected);
    // Numbers that do not run on: nobody knows of which album the row is.
    let (sandbox, list) = files(&names, &of_albums(&format!(",2,Salt,{}\n", code(5))));
    let run = refused(&sandbox, &[&list, "a"]);
    assert!(!run.stderr.contains("hold for the rows below"), "{}", run.stderr);
}

#[test]
fn the_artist_of_the_first_song_is_not_that_of_all() {
    let text = format!("Artist,No.,Title,ISRC\nAna,1,Rope,{}\n,2,Salt,{}\n", code(1), code(2));
    let names = ["01 Ana - Rope", "02 Bob - Salt"];
    check_written(&names, &text, &[(names[0], 1), (names[1], 2)]);
}
