use super::*;

/// "disc.track title" of a name that is alone.
#[track_caller]
fn alone(name: &str, expected: &str) {
    assert_eq!(told(&read(Path::new(name))), expected, "{name:?}");
}

#[track_caller]
fn together(names: &[&str], expected: &[&str]) {
    let named = read_all(names.iter().map(Path::new));
    assert_eq!(named.iter().map(told).collect::<Vec<_>>(), expected, "{names:?}");
}

fn told(named: &Named) -> String {
    let number = |number: Option<u32>| number.map_or("-".to_owned(), |number| number.to_string());
    let mut told = format!("{}.{}", number(named.disc), number(named.track));
    for part in [&named.artist, &named.title].into_iter().flatten() {
        told.push('|');
        told.push_str(part);
    }
    told
}

#[test]
fn a_number_in_front_is_the_track() {
    alone("03 Title.flac", "-.3|Title");
    alone("03. Title.mp3", "-.3|Title");
    alone("03 - Title.wav", "-.3|Title");
    alone("03-Title.wav", "-.3|Title");
    alone("03_Title_Two.wav", "-.3|Title Two");
    alone("03_-_Title_Two.wav", "-.3|Title Two");
    alone("3. Title", "-.3|Title");
    alone("3 - Title", "-.3|Title");
    alone("3) Title", "-.3|Title");
    alone("(03) Title", "-.3|Title");
    alone("[03] Title", "-.3|Title");
    alone("#3 Title", "-.3|Title");
    alone("003 Title", "-.3|Title");
    alone("03.flac", "-.3");
    alone("12.flac", "-.12");
    alone("Track 07.wav", "-.7");
    alone("Track07.wav", "-.7");
    alone("track07.cdda.wav", "-.7");
    alone("Piste 7.wav", "-.7");
    alone("Audio Track 07.aif", "-.7");
    alone("トラック07.wav", "-.7");
    alone("07 Track 7.mp3", "-.7");
    alone("Track 07 - Title.mp3", "-.7|Title");
    alone("00 Hidden.flac", "-.-|Hidden");
}

#[test]
fn a_disc_in_front_is_the_disc() {
    alone("1-03 Title.flac", "1.3|Title");
    alone("2-11 - Title.flac", "2.11|Title");
    alone("2.11 - Title.flac", "2.11|Title");
    alone("1.03. Title.flac", "1.3|Title");
    alone("[1-03] Title.flac", "1.3|Title");
    alone("CD1-03 Title.flac", "1.3|Title");
    alone("CD 2 - 03 - Title.flac", "2.3|Title");
    alone("Disc 2 Track 3.flac", "2.3");
    alone("1-03.flac", "1.3");
}

#[test]
fn a_number_of_the_title_is_no_track() {
    for name in [
        "3 Days",
        "7th Heaven",
        "1999",
        "50 Ways",
        "99 Problems",
        "24-7",
        "9-5",
        "4-44",
        "10-15 Saturday Night",
        "1-800-273",
        "7-Eleven",
        "3.5 Days",
        "(500) Days",
        "101 Dalmatians",
        "2Pac",
        "Track 1 of my tears",
        "22 (Over)",
        "100% Pure",
        "1,000 Times",
        "Song 2",
    ] {
        alone(&format!("{name}.flac"), &format!("-.-|{name}"));
    }
    alone("01 3 Days.flac", "-.1|3 Days");
    alone("01 - 1999.flac", "-.1|1999");
    alone("Ana - 22.flac", "-.-|Ana - 22");
    alone("", "-.-");
    alone("...", "-.-|...");
    alone("   .wav", "-.-");
}

#[test]
fn the_folder_tells_a_track_from_a_number_of_the_title() {
    together(
        &["1 One.wav", "2 Two.wav", "3 Days.wav"],
        &["-.1|One", "-.2|Two", "-.3|Days"],
    );
    together(
        &["1 One.wav", "2 Two.wav", "2 Two (Live).wav"],
        &["-.1|One", "-.2|Two", "-.2|Two (Live)"],
    );
    together(&["1 Day.wav", "1 Love.wav"], &["-.-|1 Day", "-.-|1 Love"]);
    together(&["3 Days.wav", "7 Rings.wav"], &["-.-|3 Days", "-.-|7 Rings"]);
    together(
        &[
            "08 H.wav",
            "09 I.wav",
            "10 J.wav",
            "11 K.wav",
            "50 Ways.wav",
            "9 Lives.wav",
        ],
        &["-.8|H", "-.9|I", "-.10|J", "-.11|K", "-.-|50 Ways", "-.-|9 Lives"],
    );
    // Of several formats in one folder each name counts once.
    together(
        &["1 One.wav", "1 One.mp3", "2 Two.wav", "2 Two.mp3"],
        &["-.1|One", "-.1|One", "-.2|Two", "-.2|Two"],
    );
    together(&["101 A.wav", "102 B.wav", "201 C.wav"], &["1.1|A", "1.2|B", "2.1|C"]);
    together(
        &["101 Dalmatians.wav", "102 Dalmatians.wav"],
        &["1.1|Dalmatians", "1.2|Dalmatians"],
    );
    together(&["101 Dalmatians.wav", "911.wav"], &["-.-|101 Dalmatians", "-.-|911"]);
    together(
        &["1-09 I.wav", "1-10 J.wav", "4-44.wav"],
        &["1.9|I", "1.10|J", "-.-|4-44"],
    );
    together(&["1.1 A.wav", "1.2 B.wav"], &["-.-|1.1 A", "-.-|1.2 B"]);
}

#[test]
fn sides_of_a_record_are_counted_on() {
    alone("A1 Title.flac", "-.1|Title");
    alone("B2. Title.flac", "-.-|Title");
    together(
        &["A1 One.wav", "A2. Two.wav", "B1 - Three.wav"],
        &["-.1|One", "-.2|Two", "-.3|Three"],
    );
    for name in ["A-01 {}.wav", "A_1 {}.wav", "A_1_{}.wav", "[A1] {}.wav"] {
        let names = [
            name.replace("{}", "One"),
            name.replace("{}", "Two").replace('1', "2"),
            name.replace("{}", "Three").replace('A', "B"),
        ];
        together(
            &names.each_ref().map(String::as_str),
            &["-.1|One", "-.2|Two", "-.3|Three"],
        );
    }
    for name in ["Ana - Album - {}.wav", "Ana - {}.wav"] {
        let names = ["A1 One", "A2 - Two", "B1 Three"].map(|number| name.replace("{}", number));
        together(
            &names.each_ref().map(String::as_str),
            &["-.1|Ana|One", "-.2|Ana|Two", "-.3|Ana|Three"],
        );
    }
    alone("A-10 Warthog.wav", "-.-|A-10 Warthog");
    together(
        &["Ana - C4 Song.wav", "Ana - Two.wav"],
        &["-.-|Ana|C4 Song", "-.-|Ana|Two"],
    );
    alone("Ana - C4 - 01 - Song.wav", "-.1|Ana|Song");
    // Whether C1 is track 1 of the second record or goes on from the first nobody can tell.
    together(
        &["A1 One.wav", "B1 Two.wav", "C1 Three.wav"],
        &["-.-|One", "-.-|Two", "-.-|Three"],
    );
    together(&["B2 Bombers.wav", "Other.wav"], &["-.-|B2 Bombers", "-.-|Other"]);
}

#[test]
fn artists_are_told_by_number_folder_and_neighbours() {
    alone("Ana - Album - 01 Title.flac", "-.1|Ana|Title");
    alone("Ana - Album - 01 - Title.flac", "-.1|Ana|Title");
    alone("Ana - 01 - Title.flac", "-.1|Ana|Title");
    alone("Ana - 01.flac", "-.1|Ana");
    together(
        &["Ana - Album - 09 I.flac", "Ana - Album - 10 J.flac"],
        &["-.9|Ana|I", "-.10|Ana|J"],
    );
    together(
        &["01. Ana - One.flac", "02. Bob - Two.flac"],
        &["-.1|Ana|One", "-.2|Bob|Two"],
    );
    together(&["Ana - One.mp3", "Ana - Two.mp3"], &["-.-|Ana|One", "-.-|Ana|Two"]);
    together(
        &["01-ana_x-one_more.mp3", "02-ana_x-two.mp3"],
        &["-.1|ana x|one more", "-.2|ana x|two"],
    );
    // Not everything before a dash is an artist.
    alone("01 Song - Live.flac", "-.1|Song - Live");
    together(
        &["01 One - Live.flac", "02 Two - Live.flac"],
        &["-.1|One - Live", "-.2|Two - Live"],
    );
    together(
        &["01 One - Live in Paris.flac", "02 Two - Live at Home.flac"],
        &["-.1|One - Live in Paris", "-.2|Two - Live at Home"],
    );
    together(
        &[
            "01 Ana - Seven.flac",
            "02 Bob - Outro.flac",
            "03 Cy - Live Forever.flac",
        ],
        &["-.1|Ana|Seven", "-.2|Bob|Outro", "-.3|Cy|Live Forever"],
    );
    alone("Ana/Album/01 - Ana - Song.flac", "-.1|Ana|Song");
    alone("Ana - Album/Ana - Album - Song.flac", "-.-|Ana|Song");
}

#[test]
fn what_the_studio_adds_is_left_out() {
    alone("01_Title_24-48.wav", "-.1|Title");
    alone("Title_MASTER_24bit_96k.wav", "-.-|Title");
    alone("01 Title (16bit 44.1kHz).wav", "-.1|Title");
    alone("Puppet_Master.wav", "-.-|Puppet Master");
    alone("06 4 44.wav", "-.6|4 44");
    alone("01 Summer 24.wav", "-.1|Summer 24");
    alone("01 Title (432Hz).wav", "-.1|Title (432Hz)");
    together(&["01_One_master.wav", "02_Two_master.wav"], &["-.1|One", "-.2|Two"]);
    together(
        &["01 One final mix v3.wav", "02 Two Final Mix v2.wav"],
        &["-.1|One", "-.2|Two"],
    );
    together(&["01-One-bounce-2.wav", "02-Two-bounce-2.wav"], &["-.1|One", "-.2|Two"]);
    together(
        &["One (Club Mix) final.wav", "Two final.wav"],
        &["-.-|One (Club Mix)", "-.-|Two"],
    );
    // Numbers that tell titles apart, and mixes of no stage.
    together(
        &["Blue Print 1.wav", "Blue Print 2.wav"],
        &["-.-|Blue Print 1", "-.-|Blue Print 2"],
    );
    together(&["One Mix.wav", "Two Mix.wav"], &["-.-|One Mix", "-.-|Two Mix"]);
    alone("24-48.wav", "-.-|24-48");
}

#[track_caller]
fn above(path: &str, disc: Option<u32>, artist: Option<&str>, album: Option<&str>) {
    let named = read(Path::new(path));
    assert_eq!(
        (named.disc, named.artist.as_deref(), named.album.as_deref()),
        (disc, artist, album),
        "{path:?}"
    );
}

#[test]
fn folders_tell_disc_artist_and_album() {
    above("Album/01 One.flac", None, None, Some("Album"));
    above("Various Artists - Northern/01 One.flac", None, None, Some("Northern"));
    above("V.A. - Northern/01 One.flac", None, None, Some("Northern"));
    above("/m/Album/CD1/01 One.flac", Some(1), None, Some("Album"));
    above("Album/Disc 2/01 One.flac", Some(2), None, Some("Album"));
    above("Album/disk_3/01 One.flac", Some(3), None, Some("Album"));
    above("Album/Disc 2 - Live at Home/01 One.flac", Some(2), None, Some("Album"));
    above("Album/Disc Two/01.flac", Some(2), None, Some("Album"));
    above("Album (Disc 2)/01.flac", Some(2), None, Some("Album"));
    above("Album CD2 [FLAC]/01.flac", Some(2), None, Some("Album"));
    above("Album/CD2/1-01 One.flac", Some(1), None, Some("Album"));
    above("Album/FLAC/01.flac", None, None, Some("Album"));
    above("Album/WAV 24-96/01.wav", None, None, Some("Album"));
    above("Album/MP3 320/CD1/01.mp3", Some(1), None, Some("Album"));
    above("Album [WAV]/01.wav", None, None, Some("Album"));
    above("Album_MP3/01.mp3", None, None, Some("Album"));
    above("Ana - Album (2019) [FLAC]/01.flac", None, Some("Ana"), Some("Album"));
    above("Ana - 2019 - Album/01.flac", None, Some("Ana"), Some("Album"));
    above("Ana - 1999/01.flac", None, Some("Ana"), Some("1999"));
    above("Ana/2019 - Album/01.flac", None, None, Some("Album"));
    above("Ana/(2019) Album/01.flac", None, None, Some("Album"));
    above("1999/01.flac", None, None, Some("1999"));
    above("FLAC/01.flac", None, None, None);
    above("01.flac", None, None, None);
    above("Discovery/01.flac", None, None, Some("Discovery"));
    above("CD1 Hits/01.flac", None, None, Some("CD1 Hits"));
}

#[test]
fn versions_are_told_beside_the_title() {
    let named = read(Path::new("01 Song (Live).wav"));
    assert_eq!(named.title.as_deref(), Some("Song (Live)"));
    assert_eq!(named.version.as_deref(), Some("Live"));
}

#[test]
fn an_artist_in_front_of_a_title_is_cut() {
    assert_eq!(without_artist("Ana - Song", "ANA"), "Song");
    assert_eq!(without_artist("Ana - Song", "Bob"), "Ana - Song");
    assert_eq!(without_artist(" - Song", ""), " - Song");
}

#[test]
fn placeholders_are_no_titles() {
    for title in ["Track 01", "track 1", "Piste 12", "Spur", "Audio Track 3"] {
        assert!(is_placeholder(title), "{title}");
    }
    for title in ["Track of Tears", "Track 1 (Live)", "One", ""] {
        assert!(!is_placeholder(title), "{title}");
    }
}

#[test]
fn a_folder_of_a_hundred_thousand_names_is_read_at_once() {
    let paths: Vec<std::path::PathBuf> = (1..=100_000)
        .map(|number| format!("a/{number} Title.wav").into())
        .collect();
    let started = std::time::Instant::now();
    let named = read_all(paths.iter().map(|path| path.as_path()));
    assert_eq!(named.len(), paths.len());
    assert!(started.elapsed().as_secs() < 20);
}
