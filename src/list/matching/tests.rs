use std::time::Duration;

use super::problem::Of;
use super::*;
use crate::format::Format;
use crate::format::tags::Description;
use crate::list::Reading;
use crate::list::read::source::parse;
use crate::recording::evidence::Headers;
use crate::recording::side::Side;
use crate::report::edits::lists::describe;

const A: &str = "QZTST2600001";
const B: &str = "QZTST2600002";
const C: &str = "QZTST2600003";

fn isrc(text: &str) -> Isrc {
    Isrc::from_stored(text).unwrap()
}

fn file(path: &str) -> FileInfo {
    FileInfo {
        path: PathBuf::from(path),
        format: Some(Format::Flac),
        ..FileInfo::default()
    }
}

fn tagged(path: &str, disc: u32, track: u32, title: &str) -> FileInfo {
    FileInfo {
        description: Description {
            disc: Some(disc),
            track: Some(track),
            title: Some(title.to_owned()),
            artist: Some("Artist".to_owned()),
            album: Some("Album".to_owned()),
            duration: Some(Duration::from_secs(180)),
            ..Description::default()
        },
        ..file(path)
    }
}

fn album() -> Vec<FileInfo> {
    vec![
        tagged("al/1.flac", 1, 1, "Café del Mar"),
        tagged("al/2.flac", 1, 2, "Don't Stop"),
        tagged("al/3.flac", 1, 3, "Song (Live)"),
    ]
}

fn read(list: &str, ending: &str) -> List {
    let reading = Reading {
        this_year: 2026,
        ..Reading::default()
    };
    parse(list.as_bytes(), ending, &reading, encoding_rs::UTF_8).unwrap()
}

fn matching(list: &str, ending: &str, files: &[FileInfo], replace: Replace) -> (List, Matching) {
    let list = read(list, ending);
    let matching = run(&list, files, replace);
    (list, matching)
}

fn run(list: &List, files: &[FileInfo], replace: Replace) -> Matching {
    let folders = Folders {
        current: PathBuf::from("/music"),
        list: PathBuf::from("/lists"),
    };
    let matcher = Matcher {
        reaches_equal: true,
        folders: &folders,
        replace,
        in_order: false,
        samples: &Headers,
    };
    matcher.run(list, files)
}

/// What came of a list, a line a match and a line a problem.
fn told(list: &str, ending: &str, files: &[FileInfo], replace: Replace) -> String {
    let mut list = read(list, ending);
    add_others(&mut list.rows, files);
    let matching = run(&list, files, replace);
    let matched = matching.matched.iter().map(|each| {
        let track = each.cuesheet_track.map(|track| format!("#{track}")).unwrap_or_default();
        let path = files[each.file].path.display();
        format!("{} -> {path}{track} by {}", list.rows[each.row].number, each.by.word())
    });
    let problems = matching.problems.iter().map(|problem| describe(problem, &list, files));
    let distrust = matching.distrust.map(|distrust| format!("{distrust:?}"));
    matched.chain(problems).chain(distrust).collect::<Vec<_>>().join("\n")
}

/// Numbers alone are believed only where all tracks have a row: those of the others say no code.
fn add_others(rows: &mut Vec<Row>, files: &[FileInfo]) {
    for side in Side::all(files) {
        let Some((disc, track)) = side.number() else { continue };
        let mut other = Row::default();
        (other.description.disc, other.description.track) = (Some(disc).filter(|disc| *disc > 1), Some(track));
        if !rows.iter().any(|row| row.description.track == Some(track)) {
            rows.push(other);
        }
    }
}

#[track_caller]
fn check(list: &str, files: &[FileInfo], expected: &str) {
    assert_eq!(told(list, "csv", files, Replace::Refuse), expected, "{list}");
}

#[test]
fn the_disc_in_the_name_of_an_album_makes_it_no_other_in_any_case() {
    let files = album();
    for (album, expected) in [
        ("ALBUM CD 1", "2 -> al/2.flac by disc and track"),
        ("Album (Disc 1)", "2 -> al/2.flac by disc and track"),
        ("Other CD 1", "row 2: no file here is \"Don't Stop\" on \"Other CD 1\""),
    ] {
        check(
            &format!("album,track,title,isrc\n{album},2,Don't Stop,{A}"),
            &files,
            expected,
        );
    }
}

#[test]
fn titles_that_differ_in_capitals_alone_are_told_with_the_other_row() {
    check(
        &format!("Track,Title,ISRC\n1,3 days,{A}\n2,Rope,{B}\n3,3 Days,{C}"),
        &[file("al/01 3 Days.flac"), file("al/02 Rope.flac")],
        "3 -> al/02 Rope.flac by disc and track\n4 -> al/01 3 Days.flac by title\nrow 2: its title is \"3 days\", and \"3 \
         Days\", that of al/01 3 Days.flac, is the title of another row",
    );
}

#[test]
fn rows_find_their_files_by_path() {
    let files = [file("al/1.flac"), file("bl/1.flac"), file("1.flac")];
    check(&format!("path,isrc\nbl/1.flac,{A}"), &files, "2 -> bl/1.flac by path");
    check(&format!("path,isrc\n./bl/1.flac,{A}"), &files, "2 -> bl/1.flac by path");
    check(
        &format!("path,isrc\n/music/bl/1.flac,{A}"),
        &files,
        "2 -> bl/1.flac by path",
    );
    check(&format!("path,isrc\nbl\\1.flac,{A}"), &files, "2 -> bl/1.flac by path");
    check(&format!("path,isrc\n1.flac,{A}"), &files, "2 -> 1.flac by path");
    let deeper = [file("x/al/1.flac"), file("x/bl/1.flac")];
    check(
        &format!("path,isrc\nbl/1.flac,{A}"),
        &deeper,
        "2 -> x/bl/1.flac by path",
    );
}

#[test]
fn paths_of_another_machine_match_by_their_longest_end() {
    let files = [file("al/1.flac"), file("bl/01 Song.flac")];
    check(
        &format!("path,isrc\n/other/al/1.flac,{A}"),
        &files,
        "2 -> al/1.flac by path",
    );
    check(
        &format!("path,isrc\nC:\\al\\1.flac,{A}"),
        &files,
        "2 -> al/1.flac by path",
    );
    check(
        &format!("path,isrc\n\\\\NAS\\Masters\\01 Song.flac,{A}"),
        &files,
        "2 -> bl/01 Song.flac by file name",
    );
    let two = [file("x/al/1.flac"), file("y/al/1.flac")];
    check(
        &format!("path,isrc\nD:\\y\\al\\1.flac,{A}"),
        &two,
        "2 -> y/al/1.flac by path",
    );
    check(
        &format!("path,isrc\nD:\\al\\1.flac,{A}"),
        &two,
        "row 2: the path fits several files: x/al/1.flac, y/al/1.flac",
    );
}

#[test]
fn a_bare_number_in_another_folder_may_be_any_file() {
    let files = [file("al/1.flac"), file("al/2.flac")];
    check(
        &format!("path,isrc\nbl/1.flac,{A}\nal/2.flac,{B}"),
        &files,
        "3 -> al/2.flac by path\nrow 2: no file here is \"bl/1.flac\"",
    );
    // A row that names a file is not looked for by anything else.
    check(
        &format!("file,title,track,isrc\n9.flac,Don't Stop,2,{A}\nal/1.flac,,,{B}"),
        &album(),
        "3 -> al/1.flac by path\nrow 2: no file here is \"9.flac\"",
    );
}

#[test]
fn rows_find_their_files_by_name() {
    let files = [file("al/01 A.flac"), file("al/02 Be\u{301}.flac"), file("al/03 C.wav")];
    check(
        &format!("Filename,ISRC\n01 A.flac,{A}"),
        &files,
        "2 -> al/01 A.flac by file name",
    );
    check(
        &format!("Filename,ISRC\n01 a.FLAC,{A}"),
        &files,
        "2 -> al/01 A.flac by file name",
    );
    check(
        &format!("Filename,ISRC\n02 Bé.flac,{A}"),
        &files,
        "2 -> al/02 Be\u{301}.flac by file name",
    );
    check(
        &format!("Filename,ISRC\n03 C,{A}"),
        &files,
        "2 -> al/03 C.wav by file name",
    );
    check(
        &format!("Filename,ISRC\n01 A.wav,{A}\n03 C.wav,{B}"),
        &files,
        "3 -> al/03 C.wav by file name\nrow 2: no file here is \"01 A.wav\"",
    );
}

#[test]
fn several_files_of_one_name_are_told() {
    let files = [file("al/1.flac"), file("bl/1.flac")];
    check(
        &format!("Filename,ISRC\n1.flac,{A}"),
        &files,
        "row 2: the file name fits several files: al/1.flac, bl/1.flac",
    );
}

#[test]
fn rows_find_their_files_by_disc_and_track() {
    let files = album();
    check(
        &format!("Track #,ISRC\n2,{A}"),
        &files,
        "2 -> al/2.flac by disc and track",
    );
    check(
        &format!("Disc,Track,ISRC\n1,02,{A}"),
        &files,
        "2 -> al/2.flac by disc and track",
    );
    check(
        &format!("Track,ISRC\n1-02,{A}"),
        &files,
        "2 -> al/2.flac by disc and track",
    );
    check(
        &format!("Disc,Track,ISRC\n2,2,{A}"),
        &files,
        "row 2: no file here is disc 2, track 2",
    );
    check(&format!("Track,ISRC\n4,{A}"), &files, "row 2: no file here is track 4");
}

#[test]
fn track_numbers_count_within_one_album_and_disc_only() {
    let mut files = album();
    files.push(tagged("al/4.flac", 2, 4, "Four"));
    check(
        &format!("Track,ISRC\n4,{A}"),
        &files,
        "row 2: track 4 does not tell one file: the files are of several albums or discs",
    );
    files[3].description.disc = Some(1);
    files[3].description.album = Some("Zebra".to_owned());
    check(
        &format!("Track,ISRC\n2,{A}"),
        &files,
        "row 2: track 2 does not tell one file: the files are of several albums or discs",
    );
    check(
        &format!("Album,Track,ISRC\nZEBRA,4,{A}"),
        &files,
        "2 -> al/4.flac by disc and track",
    );
    // A list of several releases, and files of one of them.
    check(
        &format!("UPC,Track,ISRC\n1,1,{A}\n2,2,{B}"),
        &album(),
        "row 2: track 1 does not tell one file: the files are of several albums or discs\n\
         row 3: track 2 does not tell one file: the files are of several albums or discs",
    );
}

#[test]
fn a_list_of_another_album_is_noticed_by_its_titles() {
    check(
        &format!("Track,Title,ISRC\n1,Another Song,{A}"),
        &album(),
        "row 2: its title is \"Another Song\", but that of al/1.flac is \"Café del Mar\"\nOtherAlbum",
    );
}

#[test]
fn untagged_files_are_known_by_the_numbers_in_their_names() {
    let files = [file("al/01 One.wav"), file("al/02 - Two.wav")];
    check(
        &format!("Track,ISRC\n2,{A}"),
        &files,
        "2 -> al/02 - Two.wav by disc and track",
    );
    check(&format!("Title,ISRC\nTwo,{A}"), &files, "2 -> al/02 - Two.wav by title");
}

#[test]
fn rows_find_their_files_by_title() {
    let files = album();
    check(
        &format!("Title,ISRC\nCAFE DEL MAR,{A}"),
        &files,
        "2 -> al/1.flac by title",
    );
    check(
        &format!("Title,ISRC\nCafe\u{301} del Mar (Album Version),{A}"),
        &files,
        "2 -> al/1.flac by title",
    );
    check(
        &format!("Title,ISRC\nDont stop - Bonus Track,{A}"),
        &files,
        "2 -> al/2.flac by title",
    );
    check(
        &format!("Title,Version,ISRC\nSong,Live,{A}"),
        &files,
        "2 -> al/3.flac by title",
    );
    check(
        &format!("Title,ISRC\nSong,{A}"),
        &files,
        "row 2: its title is \"Song\", and al/3.flac is \"Song (Live)\": nobody can tell whether that is this version",
    );
    check(
        &format!("Title,Artist,ISRC\nDon't Stop,Somebody Else,{A}"),
        &files,
        "row 2: no file here is \"Don't Stop\" by \"Somebody Else\"",
    );
    check(
        &format!("Title,Artist,ISRC\nDon't Stop,Artist feat. X,{A}"),
        &files,
        "2 -> al/2.flac by title",
    );
}

#[test]
fn a_name_that_ends_in_the_title_of_the_tags_says_no_version_of_its_own() {
    for title in ["Live Forever", "Radio Ga Ga", "The Long Run"] {
        let files = [tagged(&format!("al/01 Artist - {title}.flac"), 1, 1, title)];
        let path = files[0].path.display();
        let expected = format!("2 -> {path} by title");
        check(&format!("Title,ISRC\n{title},{A}"), &files, &expected);
    }
    let files = [tagged("al/01 Artist - Home (Live).flac", 1, 1, "Home")];
    let told = told(&format!("Title,ISRC\nHome,{A}"), "csv", &files, Replace::Refuse);
    assert!(!told.contains("->"), "{told}");
}

#[test]
fn the_title_as_it_stands_comes_before_the_bare_one() {
    let files = [
        tagged("1.flac", 1, 1, "Song"),
        tagged("2.flac", 1, 2, "Song (Remastered)"),
    ];
    check(
        &format!("Title,ISRC\nSong,{A}\nSong (Remastered),{B}"),
        &files,
        "2 -> 1.flac by title\n3 -> 2.flac by title",
    );
    check(
        &format!("Title,ISRC\nSong,{A}\nSong (Remastered),{B}"),
        &files[..1],
        "2 -> 1.flac by title\nrow 3: its title is \"Song (Remastered)\", and 1.flac is \"Song\": nobody can tell whether that is this version",
    );
    // Whether a remaster is another recording is not decided here.
    check(
        &format!("Title,ISRC\nSong (2011 Remaster),{A}"),
        &files,
        "row 2: its title is \"Song (2011 Remaster)\", and 1.flac is \"Song\": nobody can tell whether that is this version",
    );
}

#[test]
fn durations_must_agree_within_ten_seconds() {
    let files = album();
    check(
        &format!("Track,Duration,ISRC\n1,3:10,{A}"),
        &files,
        "2 -> al/1.flac by disc and track",
    );
    check(
        &format!("Track,Duration,ISRC\n1,3:11,{A}"),
        &files,
        "row 2: its duration is 3:11, but al/1.flac lasts 3:00",
    );
    check(
        &format!("Track,Duration,ISRC\n1,03:00:00,{A}"),
        &files,
        "2 -> al/1.flac by disc and track",
    );
    check(
        &format!("Track,Duration,ISRC\n1,soon,{A}"),
        &files,
        "2 -> al/1.flac by disc and track",
    );
    // Of two files with one title, the one of this length.
    let mut files = [tagged("1.flac", 1, 1, "Song"), tagged("2.flac", 1, 2, "Song")];
    files[1].description.duration = Some(Duration::from_secs(200));
    check(
        &format!("Title,Duration,ISRC\nSong,3:20,{A}"),
        &files,
        "2 -> 2.flac by title",
    );
}

#[test]
fn codes_that_cannot_be_written_are_told() {
    check(
        "Track,ISRC\n1,QZTST260001\n2,000000000000\n3,\n",
        &album(),
        "row 2: \"QZTST260001\" is no code to write: it has fewer than the twelve characters of a code\n\
         row 3: \"000000000000\" is no code to write: it is one character repeated",
    );
}

#[test]
fn spellings_that_lose_nothing_are_codes() {
    let rest = "2,\n3,\n";
    let list = format!("Track,ISRC\n1, qz-tst-26-00001 \n{rest}");
    let (_, matching) = matching(&list, "csv", &album(), Replace::Refuse);
    assert_eq!(matching.matched[0].isrc, isrc(A));
}

#[test]
fn one_code_is_for_one_recording() {
    check(
        &format!("Track,ISRC\n1,{A}\n2,{B}\n3,{A}\n"),
        &album(),
        &format!("3 -> al/2.flac by disc and track\nrows 2 and 4: {A} is given to several recordings"),
    );
    let mut files = album();
    files.push(FileInfo {
        format: Some(Format::Mp3),
        ..tagged("mp3/1.mp3", 1, 1, "Café del Mar")
    });
    check(
        &format!("path,isrc\nal/1.flac,{A}\nmp3/1.mp3,{A}\n"),
        &files,
        "2 -> al/1.flac by path\n2 -> mp3/1.mp3 by path",
    );
}

#[test]
fn a_list_of_what_the_files_hold_asks_for_nothing() {
    let mut files = album();
    files[0].isrc = Some(isrc(A));
    files[2].isrc = Some(isrc(A));
    check(
        &format!("path,isrc\nal/1.flac,{A}\nal/3.flac,{A}\n"),
        &files,
        "2 -> al/1.flac by path\n3 -> al/3.flac by path",
    );
    files[2].isrc = None;
    check(
        &format!("path,isrc\nal/1.flac,{A}\nal/3.flac,{A}\n"),
        &files,
        &format!("rows 2 and 3: {A} is given to several recordings"),
    );
}

#[test]
fn one_master_on_two_albums_has_one_code() {
    let mut files = album();
    files[0].description.flac_md5 = Some(7);
    files.push(FileInfo {
        description: Description {
            album: Some("Best of".into()),
            flac_md5: Some(7),
            ..Description::default()
        },
        ..tagged("best/1.flac", 1, 1, "Café del Mar")
    });
    check(
        &format!("path,isrc\nal/1.flac,{A}\nbest/1.flac,{A}\n"),
        &files,
        "2 -> al/1.flac by path\n3 -> best/1.flac by path",
    );
}

#[test]
fn a_row_goes_to_all_formats_of_its_recording() {
    let mut files = album();
    let mp3 = FileInfo {
        format: Some(Format::Mp3),
        ..tagged("mp3/1.mp3", 1, 1, "Café del Mar")
    };
    files.push(mp3);
    let list = format!("Title,ISRC\nCafé del Mar,{A}\n");
    check(&list, &files, "2 -> al/1.flac by title\n2 -> mp3/1.mp3 by title");
    check(
        &format!("path,isrc\nal/1.flac,{A}"),
        &files,
        "2 -> al/1.flac by path\n2 -> mp3/1.mp3 by path",
    );
}

#[test]
fn a_track_number_does_not_win_over_the_title_of_another_file() {
    let mut files = album();
    files.push(tagged("al/4.flac", 1, 4, "Don't Stop (Live)"));
    check(
        &format!("Track,Title,ISRC\n2,Don't Stop (Live),{A}\n4,Don't Stop,{B}\n"),
        &files,
        "row 2: its title is \"Don't Stop (Live)\", but that of al/2.flac is \"Don't Stop\"\n\
         row 3: its title is \"Don't Stop\", but that of al/4.flac is \"Don't Stop (Live)\"\nMoved",
    );
    check(
        &format!("Track,Title,ISRC\n2,Don't Stop (2019 Remaster),{A}\n"),
        &files,
        "row 2: its title is \"Don't Stop (2019 Remaster)\", and al/2.flac is \"Don't Stop\": nobody can tell whether that \
         is this version",
    );
    check(
        &format!("Track,Title,Version,ISRC\n2,Don't Stop,Live,{A}\n"),
        &files,
        "row 2: its title is \"Don't Stop (Live)\", but that of al/2.flac is \"Don't Stop\"\nMoved",
    );
}

#[test]
fn a_column_that_was_moved_is_seen_in_rows_that_name_files() {
    check(
        &format!("File,Title,ISRC\nal/1.flac,Don't Stop,{A}\nal/2.flac,Café del Mar,{B}\n"),
        &album(),
        "row 2: its title is \"Don't Stop\", but that of al/1.flac is \"Café del Mar\"\n\
         row 3: its title is \"Café del Mar\", but that of al/2.flac is \"Don't Stop\"\nMoved",
    );
    // A list that leaves versions out gives two files one title.
    let mut files = album();
    files.push(tagged("al/4.flac", 1, 4, "Don't Stop (Remix)"));
    check(
        &format!("File,Title,ISRC\nal/4.flac,Don't Stop,{A}\n"),
        &files,
        "2 -> al/4.flac by path",
    );
    // A title that no file has was spelt anew.
    check(
        &format!("File,Title,ISRC\nal/1.flac,Cafe of the Sea,{A}\n"),
        &album(),
        "2 -> al/1.flac by path",
    );
}

#[test]
fn titles_that_are_nearly_those_of_other_files_are_no_typing_errors() {
    let files = [
        tagged("al/a.flac", 1, 1, "Sunrise"),
        tagged("al/b.flac", 1, 2, "Sunrises"),
    ];
    let swapped = format!("file,title,isrc\na.flac,Sunrises,{A}\nb.flac,Sunrise,{B}");
    let (_, found) = matching(&swapped, "csv", &files, Replace::Refuse);
    assert_eq!((found.matched, found.distrust), (vec![], Some(Distrust::Moved)));
    // Of which only one is here.
    for (title, other) in [
        ("Variation XVII", "Variation XVI"),
        ("Piano Concerto No. 10", "Piano Concerto No. 1"),
        ("Thursday", "Tuesday"),
        ("Love", "Lose"),
    ] {
        let files = [tagged("al/1.flac", 1, 1, title), tagged("al/2.flac", 1, 2, "Other")];
        let list = format!("track,title,isrc\n1,{other},{A}\n2,Other,{B}");
        let (_, found) = matching(&list, "csv", &files, Replace::Refuse);
        let rows: Vec<usize> = found.matched.iter().map(|each| each.row).collect();
        assert_eq!((rows, found.problems.len()), (vec![1], 1), "{title}");
    }
}

#[test]
fn a_version_in_the_name_contradicts_where_the_tags_do_not() {
    let files = [
        tagged("al/5 Song (Instrumental).mp3", 1, 5, "Song"),
        tagged("al/6 Tide (Live).mp3", 1, 6, "Tide (Live)"),
    ];
    let (list, found) = matching(
        &format!("track,title,isrc\n5,Song,{A}\n6,Tide (Live),{B}"),
        "csv",
        &files,
        Replace::Refuse,
    );
    assert_eq!(found.matched.len(), 1);
    assert!(
        matches!(&found.problems[0].what, What::Contradicts { of: Of::Version, found, .. } if found == "Song (Instrumental)"),
        "{}",
        describe(&found.problems[0], &list, &files)
    );
    // Whoever names the file means it.
    let list = format!("file,title,isrc\n5 Song (Instrumental).mp3,Song,{A}");
    check(&list, &files, "2 -> al/5 Song (Instrumental).mp3 by file name");
}

#[test]
fn a_row_that_stands_twice_is_one_wish() {
    check(
        &format!("Track,ISRC\n1,{A}\n1,{A}\n"),
        &album(),
        "2 -> al/1.flac by disc and track",
    );
}

#[test]
fn no_file_that_a_row_may_be_for_is_told_as_forgotten() {
    let mut files = album();
    files[1].description.duration = Some(Duration::from_secs(100));
    let list = format!("Track,Title,Duration,ISRC\n1,Something else,,{A}\n2,,9:59,{B}\n");
    let (_, matching) = matching(&list, "csv", &files, Replace::Refuse);
    assert_eq!(matching.problems.len(), 2);
    assert_eq!(matching.unmatched_files, [2]);
}

#[test]
fn a_code_that_another_file_keeps_is_not_given_again() {
    let mut files = album();
    files[2].isrc = Some(isrc(A));
    check(
        &format!("Track,ISRC\n1,{A}\n"),
        &files,
        &format!("row 2: {A} stands in al/3.flac already"),
    );
    // The other file gets another code in the same run.
    let list = format!("Track,ISRC\n1,{A}\n3,{B}\n");
    let expected = "2 -> al/1.flac by disc and track\n3 -> al/3.flac by disc and track";
    assert_eq!(told(&list, "csv", &files, Replace::Allow), expected);
    check(
        &list,
        &files,
        &format!(
            "row 2: {A} stands in al/3.flac already\nrow 3: al/3.flac carries {A}, not {B}; --replace replaces it"
        ),
    );
}

#[test]
fn codes_move_round_only_as_a_whole() {
    let mut files = album();
    (files[0].isrc, files[1].isrc, files[2].isrc) = (Some(isrc(A)), Some(isrc(B)), Some(isrc(C)));
    let round = format!("Track,ISRC\n1,{B}\n2,{C}\n3,{A}\n");
    assert_eq!(matching(&round, "csv", &files, Replace::Allow).1.matched.len(), 3);
    // The third file is not written, so it keeps what the second wants, which then keeps what the first wants.
    let broken = format!("Track,Duration,ISRC\n1,,{B}\n2,,{C}\n3,9:00,{A}\n");
    let (_, matching) = matching(&broken, "csv", &files, Replace::Allow);
    assert_eq!(matching.matched, []);
    assert_eq!(matching.problems.len(), 3);
}

#[test]
fn rows_without_a_code_ask_for_nothing() {
    let (_, matching) = matching(
        &format!("Track,ISRC\n1,{A}\n2,\n9,\n"),
        "csv",
        &album(),
        Replace::Refuse,
    );
    assert_eq!(matching.matched.len(), 1);
    assert_eq!(matching.problems, []);
    assert_eq!(matching.rows_without_code, [3, 4]);
    assert_eq!(matching.unmatched_files, [2]);
}

#[test]
fn two_rows_for_one_file_are_both_left_out() {
    check(
        &format!("Track,ISRC\n1,{A}\n2,{B}\n2,{C}\n"),
        &album(),
        "2 -> al/1.flac by disc and track\nrows 3 and 4: they give one file different codes, al/2.flac",
    );
}

#[test]
fn a_row_that_names_nothing_is_told() {
    check(
        &format!("Title,ISRC\n,{A}\n"),
        &album(),
        "row 2: neither file, track nor title tells which file it is for",
    );
}

#[test]
fn cue_sheets_name_a_file_a_track() {
    let files = [file("/lists/01 A.flac"), file("/lists/02 B.flac")];
    let sheet = format!(
        "PERFORMER \"X\"\r\nFILE \"01 A.wav\" WAVE\r\n  TRACK 01 AUDIO\r\n    ISRC {A}\r\n    INDEX 01 00:00:00\r\n\
         FILE \"02 B.wav\" WAVE\r\n  TRACK 02 AUDIO\r\n    ISRC {B}\r\n    INDEX 01 00:00:00\r\n"
    );
    assert_eq!(
        told(&sheet, "cue", &files, Replace::Refuse),
        "4 -> /lists/01 A.flac by file name\n8 -> /lists/02 B.flac by file name"
    );
    let wrong = sheet.replace("02 B.wav", "03 B.wav");
    assert_eq!(
        told(&wrong, "cue", &files, Replace::Refuse),
        "4 -> /lists/01 A.flac by file name\nline 8: no file here is \"03 B.wav\""
    );
}

#[test]
fn a_gap_before_the_next_file_does_not_move_a_track() {
    let files = [file("/lists/1.wav"), file("/lists/2.wav")];
    let sheet = format!(
        "FILE \"1.wav\" WAVE\nTRACK 01 AUDIO\nISRC {A}\nINDEX 01 00:00:00\nTRACK 02 AUDIO\nISRC {B}\n\
         INDEX 00 03:00:00\nFILE \"2.wav\" WAVE\nINDEX 01 00:00:00\n"
    );
    assert_eq!(
        told(&sheet, "cue", &files, Replace::Refuse),
        "3 -> /lists/1.wav by path\n6 -> /lists/2.wav by path"
    );
}

#[test]
fn an_album_in_one_piece_takes_the_codes_in_its_cuesheet_block() {
    use crate::recording::CuesheetTrack;
    let mut files = [file("/lists/album.flac")];
    let sheet = format!(
        "FILE album.wav WAVE\nTRACK 01 AUDIO\nISRC {A}\nINDEX 01 00:00:00\nTRACK 02 AUDIO\nISRC {B}\nINDEX 01 03:00:00\n"
    );
    assert_eq!(
        told(&sheet, "cue", &files, Replace::Refuse),
        "line 3: /lists/album.flac has no track 1 in a CUESHEET block\n\
         line 6: /lists/album.flac has no track 2 in a CUESHEET block"
    );
    files[0].cuesheet = vec![
        CuesheetTrack {
            number: 1,
            isrc: Some(isrc(C)),
        },
        CuesheetTrack { number: 2, isrc: None },
    ];
    assert_eq!(
        told(&sheet, "cue", &files, Replace::Allow),
        "3 -> /lists/album.flac#1 by file name\n6 -> /lists/album.flac#2 by file name"
    );
    // Its tracks are not called like the file.
    let titled = sheet.replace("ISRC", "TITLE Rope\nISRC");
    assert_eq!(
        told(&titled, "cue", &files, Replace::Allow),
        "4 -> /lists/album.flac#1 by file name\n8 -> /lists/album.flac#2 by file name"
    );
}

#[test]
fn numbers_alone_may_be_of_several_discs() {
    let files = [(1, 1), (1, 2), (2, 1), (2, 2)].map(|(disc, track)| {
        let path = format!("al/CD{disc}/{track}.flac");
        tagged(&path, disc, track, &format!("Song {disc}{track}"))
    });
    let rows = [
        "1,1,QZTST2600101",
        "1,2,QZTST2600102",
        "2,1,QZTST2600201",
        "2,2,QZTST2600202",
    ];
    let list = |rows: &[&str]| format!("disc,track,isrc\n{}", rows.join("\n"));
    let of_first = "2 -> al/CD1/1.flac by disc and track\n3 -> al/CD1/2.flac by disc and track";
    let of_second = "4 -> al/CD2/1.flac by disc and track\n5 -> al/CD2/2.flac by disc and track";
    check(&list(&rows), &files, &format!("{of_first}\n{of_second}"));
    check(&list(&rows[..2]), &files, of_first);
    let (_, found) = matching(&list(&rows[..1]), "csv", &files, Replace::Refuse);
    assert!(matches!(
        found.problems[0].what,
        What::FewerNumbers { rows: 1, tracks: 2 }
    ));
    assert!(found.matched.is_empty(), "{found:?}");
}

#[test]
fn an_artist_in_front_of_a_title_is_that_of_the_file() {
    let by = |path: &str, track: u32, artist: &str| {
        let mut file = tagged(path, 1, track, "Sun");
        file.description.artist = Some(artist.to_owned());
        file
    };
    let files = [by("al/1.mp3", 1, "Ana"), by("al/2.mp3", 2, "Bob")];
    let ana = "2 -> al/1.mp3 by title";
    check(&format!("title,isrc\nAna - Sun,{A}"), &files, ana);
    // The number is that of another artist's.
    let (_, found) = matching(
        &format!("track,title,isrc\n2,Ana - Sun,{A}"),
        "csv",
        &files,
        Replace::Refuse,
    );
    assert!(found.matched.iter().all(|found| found.file == 0), "{found:?}");
    check(
        &format!("title,isrc\nAna - Sun,{A}\nBob - Sun,{B}"),
        &files,
        &format!("{ana}\n3 -> al/2.mp3 by title"),
    );
}

#[test]
fn names_of_files_elsewhere_may_not_be_the_titles_of_other_rows() {
    let files = [file("al/01 Rope.wav"), file("al/02 Salt.wav")];
    let list = |first: &str, second: &str| format!("file,title,isrc\n{first}.aif,Rope,{A}\n{second}.aif,Salt,{B}");
    check(
        &list("x 01 Rope", "x 02 Salt"),
        &files,
        "2 -> al/01 Rope.wav by title\n3 -> al/02 Salt.wav by title",
    );
    check(
        &list("02 Salt", "01 Rope"),
        &files,
        "row 2: no file here is \"02 Salt.aif\"\nrow 3: no file here is \"01 Rope.aif\"",
    );
}

#[test]
fn a_folder_or_an_album_of_another_version_is_not_chosen_by_a_row() {
    let (_, found) = matching(
        &format!("title,version,isrc\nRope,Live in Oslo,{A}"),
        "csv",
        &[file("Live in Paris/01 Rope.wav")],
        Replace::Refuse,
    );
    assert!(found.matched.is_empty(), "{found:?}");
    let files = ["Album/01 Rope.wav", "Album/02 Salt.wav", "Instrumentals/03 Tide.wav"].map(file);
    let (_, found) = matching(
        &format!("track,isrc\n1,{A}\n2,{B}\n3,{C}"),
        "csv",
        &[
            "Album A/01 Rope.wav",
            "Album A/02 Salt.wav",
            "Live/01 Fog.wav",
            "Live/02 Tide.wav",
        ]
        .map(file),
        Replace::Refuse,
    );
    assert!(found.matched.is_empty(), "{found:?}");
    // The album lacks the third track, and the rows say no version.
    let (_, found) = matching(
        &format!("track,title,isrc\n1,Rope,{A}\n2,Salt,{B}\n3,Tide,{C}"),
        "csv",
        &[
            &files[..],
            &["Instrumentals/01 Rope.wav", "Instrumentals/02 Salt.wav"].map(file),
        ]
        .concat(),
        Replace::Refuse,
    );
    assert!(found.matched.is_empty() || !found.is_whole(), "{found:?}");
    // A line above says a version of another place.
    let live = format!("Live in Oslo,,\nTrack,Title,ISRC\n1,Rope,{A}");
    let (_, found) = matching(&live, "csv", &[file("Live in Paris/01 Rope.wav")], Replace::Refuse);
    assert!(found.matched.is_empty(), "{found:?}");
    check(
        &live,
        &[file("Live in Oslo/01 Rope.wav")],
        "3 -> Live in Oslo/01 Rope.wav by disc and track",
    );
}

#[test]
fn an_album_that_folders_are_called_by_is_the_one_of_its_rows() {
    let files = [
        "Small Hours/01 Rope.wav",
        "Small Hours/02 Salt.wav",
        "Big Night/03 Love.wav",
    ]
    .map(file);
    let (_, found) = matching(
        &format!("album,track,isrc\nSmall Hours,1,{A}\nSmall Hours,2,{B}\nSmall Hours,3,{C}"),
        "csv",
        &files,
        Replace::Refuse,
    );
    assert!(found.matched.iter().all(|found| found.file < 2), "{found:?}");
    let outro = ["Small Hours/01 Rope.wav", "Big Night/02 Outro.wav"].map(file);
    check(
        &format!("album,title,isrc\nSmall Hours,Outro,{A}"),
        &outro,
        "row 2: no file here is \"Outro\" on \"Small Hours\"",
    );
    check(
        &format!("album,title,isrc\nBig Night,Outro,{A}"),
        &outro,
        "2 -> Big Night/02 Outro.wav by title",
    );
}

#[test]
fn a_file_without_a_title_takes_no_title_of_another_album() {
    let files = ["Big Night/03 Fog.wav", "Small Hours/03.wav"].map(file);
    for list in [
        "track,title,isrc\n3,Fog (Demo),",
        "album,track,title,isrc\nBig Night,3,Fog (Demo),",
    ] {
        let (_, found) = matching(&format!("{list}{A}"), "csv", &files, Replace::Refuse);
        assert!(found.matched.is_empty(), "{found:?}");
    }
}

#[test]
fn titles_that_no_file_says_are_numbers_alone() {
    let files: Vec<FileInfo> = (1..=4).map(|number| file(&format!("al/track{number}.wav"))).collect();
    let list = format!("track,title,isrc\n1,Rope,{A}\n2,Salt,{B}");
    let (_, found) = matching(&list, "csv", &files, Replace::Refuse);
    assert!(
        matches!(found.problems[0].what, What::FewerNumbers { rows: 2, tracks: 4 }),
        "{found:?}"
    );
    check(
        &list,
        &files[..2],
        "2 -> al/track1.wav by disc and track\n3 -> al/track2.wav by disc and track",
    );
}

#[test]
fn numbers_alone_of_several_albums_are_no_list_of_one() {
    let lists = [
        ("disc,track,isrc", ["1,1", "1,2", "2,1"]),
        ("track,isrc", ["1", "2", "3"]),
    ];
    let layouts = [
        [
            "Small Hours/CD1/01.wav",
            "Small Hours/CD1/02.wav",
            "Big Night/CD2/01.wav",
        ],
        [
            "Small Hours/01 Rope.wav",
            "Small Hours/02 Salt.wav",
            "Big Night/03 Love.wav",
        ],
    ];
    for ((heading, rows), files) in lists.into_iter().zip(layouts) {
        let codes = [A, B, C];
        let rows: Vec<String> = rows
            .iter()
            .zip(codes)
            .map(|(row, code)| format!("{row},{code}"))
            .collect();
        let list = format!("{heading}\n{}", rows.join("\n"));
        let (_, found) = matching(&list, "csv", &files.map(file), Replace::Refuse);
        assert!(found.matched.is_empty(), "{found:?}");
    }
    // Formats of one album are in folders of their own.
    check(
        &format!("track,isrc\n1,{A}\n2,{B}"),
        &["WAV/01 Rope.wav", "FLAC/02 Salt.flac"].map(file),
        "2 -> WAV/01 Rope.wav by disc and track\n3 -> FLAC/02 Salt.flac by disc and track",
    );
}

#[test]
fn files_without_titles_are_those_of_a_list_that_has_all_their_numbers() {
    let files = [file("al/01.wav"), file("al/02 Salt.wav")];
    let both = "2 -> al/01.wav by disc and track\n3 -> al/02 Salt.wav by disc and track";
    check(&format!("track,title,isrc\n1,Rope,{A}\n2,Salt,{B}"), &files, both);
    check(
        &format!("track,title,isrc\n1,Rope,\n2,Salt,{B}"),
        &files,
        "3 -> al/02 Salt.wav by disc and track",
    );
    // A folder need not be called like the album that some of its files say.
    let mut tagged_one = tagged("x/01.flac", 1, 1, "Rope");
    tagged_one.description.album = Some("Small Hours".to_owned());
    check(
        &format!("album,track,title,isrc\nSmall Hours,1,Rope,{A}\nSmall Hours,2,Salt,{B}"),
        &[tagged_one, file("x/02 Salt.wav")],
        "2 -> x/01.flac by disc and track\n3 -> x/02 Salt.wav by disc and track",
    );
}

/// A file of a folder with an album tag of its own.
fn on(album: &str, disc: Option<u32>, track: u32, title: &str) -> FileInfo {
    let mut file = tagged(&format!("al/{album} {disc:?}/{track:02} {title}.flac"), 1, track, title);
    file.description.album = Some(album.to_owned());
    file.description.disc = disc;
    file
}

#[test]
fn what_one_album_adds_to_a_title_gives_no_code_to_the_other_album() {
    let list = &format!("No.,Title,ISRC\n1,Intro,{A}\n2,Harbour Lights,{B}\n3,Salt Line,{C}\n");
    let albums = |added: &str, other: &str, discs: [Option<u32>; 2]| {
        vec![
            on("Glass", discs[0], 1, &format!("Intro{added}")),
            on("Glass", discs[0], 2, "Harbour Lights"),
            on("Glass", discs[0], 3, "Salt Line"),
            on(other, discs[1], 1, "Intro"),
            on(other, discs[1], 2, "Undertow"),
        ]
    };
    for added in [
        " (feat. Ida)",
        " (Original Mix)",
        " (Album Version)",
        " (Theme)",
        " (2024)",
    ] {
        for (other, discs) in [
            ("Signals", [None, None]),
            ("Glass (Live)", [None, None]),
            ("Glass", [Some(1), Some(2)]),
        ] {
            let files = albums(added, other, discs);
            let (_, matching) = matching(list, "csv", &files, Replace::Refuse);
            let to_other = matching.matched.iter().find(|each| each.file > 2);
            assert_eq!(to_other, None, "{added} {other} {discs:?}");
            assert!(!matching.is_whole() || matching.matched.len() == 3, "{added} {other}");
        }
    }
    // Where the file of the other album is none of this list's, nothing is in doubt.
    let files = &albums("", "Signals", [None, None])[..3];
    let (_, whole) = matching(list, "csv", files, Replace::Refuse);
    assert!(whole.is_whole() && whole.matched.len() == 3);
}

/// A file without tags, in another format than [`on`].
fn untagged(path: &str, seconds: u64) -> FileInfo {
    let mut file = file(path);
    file.format = Some(Format::Wav);
    file.description.duration = Some(Duration::from_secs(seconds));
    file
}

/// Three tracks in FLAC with tags, and in Wave files that are called by these names.
fn album_and_masters(titles: [&str; 3], names: [&str; 3]) -> Vec<FileInfo> {
    let tags = (1..).zip(titles).map(|(number, title)| {
        let mut file = tagged(&format!("al/FLAC/{number:02}.flac"), 1, number, title);
        file.description.duration = Some(Duration::from_secs(60 + u64::from(number)));
        file
    });
    let masters = (61..).zip(names);
    let masters = masters.map(|(seconds, name)| untagged(&format!("al/WAV/{name}.wav"), seconds));
    tags.chain(masters).collect()
}

#[test]
fn what_the_tags_of_one_format_say_holds_for_masters_without_tags() {
    let works = ["Op. 21: I. Adagio", "Op. 21: II. Andante", "Op. 21: III. Menuetto"];
    let titles = ["Harbour Lights", "Home", "Mr. Blue"];
    let numbered = |sign: &str| {
        let name = |at: usize| format!("{:02} {}", at + 1, works[at].replace(':', sign));
        [0, 1, 2].map(name)
    };
    for (titles, names) in [
        (works, numbered("_")),
        (works, numbered("")),
        (works, numbered(" -")),
        (titles, titles.map(str::to_owned)),
    ] {
        let files = album_and_masters(titles, names.each_ref().map(String::as_str));
        for columns in ["No.,Title,ISRC", "Title,ISRC"] {
            let mut list = format!("{columns}\n");
            for (number, (title, code)) in (1..).zip(titles.into_iter().zip([A, B, C])) {
                let number = if columns.starts_with("No.") {
                    format!("{number},")
                } else {
                    String::new()
                };
                list.push_str(&format!("{number}{title},{code}\n"));
            }
            let (_, matching) = matching(&list, "csv", &files, Replace::Refuse);
            let mut found: Vec<(usize, &str)> = matching.matched.iter().map(|m| (m.file, m.isrc.as_str())).collect();
            found.sort_unstable();
            let all = [(0, A), (1, B), (2, C), (3, A), (4, B), (5, C)];
            assert_eq!(found, all, "{names:?} {columns} {:?}", matching.problems);
        }
    }
}

#[test]
fn what_the_tags_of_one_format_contradict_is_not_for_its_masters() {
    let titles = ["Harbour Lights", "Home", "Mr. Blue"];
    let files = album_and_masters(titles, titles);
    let mut other_album = files.clone();
    let tagged = other_album.iter_mut().filter(|file| file.description.title.is_some());
    tagged.for_each(|file| file.description.album = Some("Tidewater".to_owned()));
    let best_of =
        format!("Album,No.,Title,ISRC\nBest Of,3,Harbour Lights,{A}\nBest Of,1,Home,{B}\nBest Of,2,Mr. Blue,{C}\n");
    let moved = format!("No.,Title,ISRC\n3,Harbour Lights,{A}\n1,Home,{B}\n2,Mr. Blue,{C}\n");
    let twice = format!("No.,Title,ISRC\n1,Harbour Lights,{A}\n2,Home,{B}\n1,Home,{C}\n");
    for (list, files) in [(&best_of, &other_album), (&moved, &files), (&twice, &files)] {
        let (_, matching) = matching(list, "csv", files, Replace::Refuse);
        assert!(!matching.is_whole(), "{list}");
        let masters = matching.matched.iter().filter(|each| each.file > 2);
        for each in masters {
            let of_tagged = matching.matched.iter().find(|other| other.file + 3 == each.file);
            assert_eq!(of_tagged.map(|other| other.isrc), Some(each.isrc), "{list}");
        }
    }
    // Without the tagged files their names are all that is known.
    let (_, alone) = matching(&best_of, "csv", &other_album[3..], Replace::Refuse);
    assert_eq!(alone.matched.len(), 3);
}
