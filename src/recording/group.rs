//! The recordings of an album or an archive: which files belong together, and which pairs only a person can decide.
//!
//! Only files that something speaks for are compared: equal samples, a title, a number on one album, or an index of what
//! they sound like. Invariant: groups and questions come in an order that does not depend
//! on anything but the files.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use super::evidence::{Senses, Verdict, Weighed};
use super::fold::{fold, names_touch};
use super::part::{Parted, part_sides};
use super::side::Side;
use super::{FileInfo, Group, names};
use crate::discover::natural_order;

/// The files of an archive, as recordings.
#[derive(Debug, Clone, Default)]
pub struct Recordings {
    /// Albums as their first files come, in them by disc, track and name.
    pub groups: Vec<Group>,
    /// Pairs of groups, by their number, that may be one recording, and what is known of them.
    pub questions: Vec<Question>,
    /// Pairs of groups that were found to be two recordings, and by what.
    pub apart: Vec<Question>,
}

/// Two groups, and whether they are one recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub groups: (usize, usize),
    /// The files of theirs that were compared.
    pub files: (usize, usize),
    /// What is known, as a sentence without full stop.
    pub why: String,
}

impl Recordings {
    /// Groups files. `alike` are pairs that may be one recording by their samples or by what they sound like.
    pub fn of(files: &[FileInfo], alike: &[(usize, usize)], senses: &dyn Senses) -> Recordings {
        let sides = Side::all(files);
        let mut found: Vec<Draft> = Vec::new();
        let mut place = vec![(0, 0); files.len()];
        let joined = joined(files.len(), candidates(&sides, alike));
        for (group, members) in joined.iter().enumerate() {
            members
                .iter()
                .enumerate()
                .for_each(|(at, member)| place[*member] = (group, at));
        }
        let mut alike_in: HashMap<usize, Vec<(usize, usize)>> = HashMap::new();
        for (a, b) in alike {
            let ((group, a), (_, b)) = (place[*a], place[*b]);
            alike_in.entry(group).or_default().push((a, b));
        }
        for (group, members) in joined.iter().enumerate() {
            let members_sides: Vec<&Side> = members.iter().map(|&member| &sides[member]).collect();
            let alike = alike_in.get(&group).map_or(&[][..], Vec::as_slice);
            let Parted { parts, pairs, .. } = part_sides(&members_sides, alike, senses);
            let first = found.len();
            let of_files = |files: Vec<usize>| files.into_iter().map(|file| members[file]).collect();
            found.extend(parts.into_iter().map(|part| Draft {
                files: of_files(part.files),
                together: part.together,
                learnt: Vec::new(),
            }));
            for pair in pairs {
                if pair.judged.is_question() || pair.judged.verdict == Verdict::DifferentRecordings {
                    let of_pair = (members[pair.files.0], members[pair.files.1]);
                    let learnt = (first + pair.parts.1, of_pair, pair.judged);
                    found[first + pair.parts.0].learnt.push(learnt);
                }
            }
        }
        in_order(found, &sides, files)
    }

    /// Joins the groups of every question: a person's word that they are one recording. It does not reach groups that are
    /// two recordings and were not asked about, though each may be one with a third.
    pub fn together(self, files: &[FileInfo]) -> Recordings {
        let Recordings {
            groups,
            questions,
            apart,
        } = self;
        let sides = Side::all(files);
        let together = joined(groups.len(), questions.into_iter().map(|question| question.groups));
        let mut place = vec![0; groups.len()];
        for (at, members) in together.iter().enumerate() {
            members.iter().for_each(|&group| place[group] = at);
        }
        let mut two: HashMap<usize, String> = HashMap::new();
        for Question {
            groups: (a, b), why, ..
        } in apart
        {
            if place[a] == place[b] {
                two.entry(place[a]).or_insert(why);
            }
        }
        let groups = together.into_iter().enumerate().map(|(at, members)| {
            let mut of_files: Vec<usize> = members.iter().flat_map(|&group| groups[group].files.clone()).collect();
            of_files.sort_unstable();
            Group {
                two: two.remove(&at),
                ..Group::of(of_files, None, &sides)
            }
        });
        Recordings {
            groups: groups.collect(),
            ..Recordings::default()
        }
    }
}

/// A recording, before the recordings are put in their order.
struct Draft {
    files: Vec<usize>,
    together: Option<Weighed>,
    /// Later ones that may be the same or surely are not, which files were compared, and what is known of that.
    learnt: Vec<(usize, (usize, usize), Weighed)>,
}

/// Pairs of files that something speaks for.
fn candidates(sides: &[Side], alike: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut pairs = alike.to_vec();
    let mut by_md5: HashMap<u128, usize> = HashMap::new();
    let mut by_number: HashMap<(AlbumKey, (u32, u32)), usize> = HashMap::new();
    let mut by_title: HashMap<&str, Vec<(usize, Option<String>)>> = HashMap::new();
    let mut by_name: HashMap<PathBuf, usize> = HashMap::new();
    for (index, side) in sides.iter().enumerate() {
        let name = side.file.path.with_extension("");
        pairs.push((*by_name.entry(name).or_insert(index), index));
        if let Some(md5) = side.called.flac_md5 {
            pairs.push((*by_md5.entry(md5).or_insert(index), index));
        }
        if let Some(number) = side.number() {
            pairs.push((*by_number.entry((AlbumKey::of(side), number)).or_insert(index), index));
        }
        let Some(title) = side.main_title() else { continue };
        let artist = side.called.artist.clone();
        let known = by_title.entry(title).or_default();
        // Whoever is not named may be anybody.
        let may_be = |other: &Option<String>| match (&artist, other) {
            (Some(artist), Some(other)) => names_touch(artist, other),
            (None, _) | (_, None) => true,
        };
        pairs.extend(
            known
                .iter()
                .filter(|(_, other)| may_be(other))
                .map(|(other, _)| (*other, index)),
        );
        if known.len() < MOST_ARTISTS && !known.iter().any(|(_, other)| *other == artist) {
            known.push((index, artist));
        }
    }
    pairs.extend(numbered_alike(sides));
    pairs
}

/// Files without a title beside those of one number that belong to their album by their folders: "WAV/01.wav" and
/// "MP3/01.mp3", whose tags may name an album.
fn numbered_alike(sides: &[Side]) -> Vec<(usize, usize)> {
    let is_untitled = |side: &Side| side.main_title().is_none();
    if !sides.iter().any(is_untitled) {
        return Vec::new();
    }
    let mut homes: HashMap<&Path, &Path> = HashMap::new();
    let keys = sides.iter().map(|side| {
        let folder = side.file.path.parent()?;
        let home = *homes.entry(folder).or_insert_with(|| names::home_of_album(folder));
        Some((home, side.number()?))
    });
    let keys: Vec<Option<(&Path, (u32, u32))>> = keys.collect();
    let mut untitled = HashMap::new();
    for (index, key) in keys.iter().enumerate() {
        if let Some(key) = key.filter(|_| is_untitled(&sides[index])) {
            untitled.entry(key).or_insert(index);
        }
    }
    let untitled = |key: &Option<_>| untitled.get(key.as_ref()?).copied();
    let pairs = keys.iter().enumerate();
    pairs.filter_map(|(index, key)| Some((untitled(key)?, index))).collect()
}

/// So many artists of one title are told apart.
const MOST_ARTISTS: usize = 64;

/// What the album of a file is told by: its name, or the folder where it has none.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum AlbumKey {
    Named(String),
    Folder(PathBuf),
}

impl AlbumKey {
    fn of(side: &Side) -> AlbumKey {
        match side.called.album.as_deref().map(fold).filter(|album| !album.is_empty()) {
            Some(album) => AlbumKey::Named(album),
            None => AlbumKey::Folder(side.file.path.parent().unwrap_or(Path::new("")).to_path_buf()),
        }
    }
}

/// The groups that pairs make, each rising, in the order of their first member; whoever is in no pair is one alone.
pub fn joined(count: usize, pairs: impl IntoIterator<Item = (usize, usize)>) -> Vec<Vec<usize>> {
    let mut leader: Vec<usize> = (0..count).collect();
    fn find(leader: &mut [usize], mut member: usize) -> usize {
        while leader[member] != member {
            leader[member] = leader[leader[member]];
            member = leader[member];
        }
        member
    }
    for (a, b) in pairs {
        let (a, b) = (find(&mut leader, a), find(&mut leader, b));
        leader[a.max(b)] = a.min(b);
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for member in 0..count {
        let leader = find(&mut leader, member);
        groups.entry(leader).or_default().push(member);
    }
    groups.into_values().collect()
}

/// Albums as their first files come, in them by disc, track and name.
fn in_order(found: Vec<Draft>, sides: &[Side], files: &[FileInfo]) -> Recordings {
    let mut albums: HashMap<AlbumKey, usize> = HashMap::new();
    for side in sides {
        let count = albums.len();
        albums.entry(AlbumKey::of(side)).or_insert(count);
    }
    // The file that says where it is speaks for its group.
    let spokesman = |members: &Vec<usize>| {
        let numbered = members.iter().find(|&&member| sides[member].number().is_some());
        &sides[*numbered.unwrap_or(&members[0])]
    };
    let place = |members: &Vec<usize>| {
        let side = spokesman(members);
        let (disc, track) = side.number().unwrap_or((side.called.disc.unwrap_or(1), u32::MAX));
        (albums[&AlbumKey::of(side)], disc, track)
    };
    let mut order: Vec<usize> = (0..found.len()).collect();
    order.sort_by(|&a, &b| {
        let name = |group: usize| files[found[group].files[0]].path.as_os_str();
        place(&found[a].files)
            .cmp(&place(&found[b].files))
            .then_with(|| natural_order(name(a), name(b)))
    });
    let mut number = vec![0; found.len()];
    for (at, &group) in order.iter().enumerate() {
        number[group] = at;
    }
    let (mut questions, mut apart) = (Vec::new(), Vec::new());
    for (a, known) in found.iter().enumerate() {
        for (b, of_pair, judged) in &known.learnt {
            let pairs = match judged.is_question() {
                true => &mut questions,
                false => &mut apart,
            };
            pairs.push(Question {
                groups: (number[a].min(number[*b]), number[a].max(number[*b])),
                files: *of_pair,
                why: judged.evidence.to_string(),
            });
        }
    }
    questions.sort_by_key(|question| question.groups);
    Recordings {
        groups: order
            .into_iter()
            .map(|group| Group::of(found[group].files.clone(), found[group].together.clone(), sides))
            .collect(),
        questions,
        apart,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::format::Format;
    use crate::format::tags::{Description, Medium};
    use crate::isrc::Isrc;
    use crate::recording::evidence::{Headers, Heard};
    use crate::recording::part::part;

    fn file(path: &str, description: Description) -> FileInfo {
        let format = match path.rsplit('.').next() {
            Some("mp3") => Format::Mp3,
            Some("wav") => Format::Wav,
            _ => Format::Flac,
        };
        FileInfo {
            path: path.into(),
            format: Some(format),
            description,
            ..FileInfo::default()
        }
    }

    fn untagged(path: &str, seconds: u64) -> FileInfo {
        let description = Description {
            duration: Some(Duration::from_secs(seconds)),
            ..Description::default()
        };
        file(path, description)
    }

    fn tagged(path: &str, track: u32, title: &str, seconds: u64) -> FileInfo {
        let description = Description {
            track: Some(track),
            title: Some(title.to_owned()),
            artist: Some("Ana".to_owned()),
            album: Some("Tides".to_owned()),
            duration: Some(Duration::from_secs(seconds)),
            ..Description::default()
        };
        file(path, description)
    }

    #[track_caller]
    fn check(files: &[FileInfo], alike: &[(usize, usize)], groups: &[&[usize]], questions: usize) -> Recordings {
        let found = Recordings::of(files, alike, &Headers);
        let files: Vec<&[usize]> = found.groups.iter().map(|group| &group.files[..]).collect();
        assert_eq!((&files[..], found.questions.len()), (groups, questions), "{found:?}");
        found
    }

    #[test]
    fn formats_of_an_album_are_grouped_by_names_too() {
        let files = [
            tagged("Tides/FLAC/1.flac", 1, "Ebb", 5),
            tagged("Tides/FLAC/2.flac", 2, "Flow", 6),
            tagged("Tides/MP3/1.mp3", 1, "Ebb", 5),
            tagged("Tides/MP3/2.mp3", 2, "Flow", 6),
            untagged("Tides/WAV/01 - Ebb.wav", 5),
            untagged("Tides/WAV/02 - Flow.wav", 6),
        ];
        check(&files, &[], &[&[0, 2, 4], &[1, 3, 5]], 0);
    }

    #[test]
    fn a_format_of_one_of_several_tracks_of_equal_samples_is_asked_about() {
        // More tracks than members of a part are compared with each file.
        let tracks = 12;
        let of_equal_samples = |number: u32| {
            let mut flac = tagged(&format!("FLAC/{number}.flac"), number, &format!("Loop {number}"), 6);
            flac.description.flac_md5 = Some(7);
            flac
        };
        let copy = |number| tagged(&format!("MP3/{number}.mp3"), number, &format!("Loop {number}"), 6);
        let files: Vec<FileInfo> = (1..=tracks)
            .map(of_equal_samples)
            .chain((1..=tracks).map(copy))
            .collect();
        let found = Recordings::of(&files, &[], &Headers);
        assert_eq!(found.groups.len(), 13, "{found:?}");
        let tracks = tracks as usize;
        assert_eq!(found.groups[0].files, (0..tracks).collect::<Vec<usize>>());
        let mut asked: Vec<(usize, usize)> = found.questions.iter().map(|question| question.files).collect();
        asked.sort_unstable();
        assert_eq!(asked, (0..tracks).map(|at| (at, tracks + at)).collect::<Vec<_>>());
        let why = "the same number, title and length; but one has the samples of a file of another name";
        assert!(found.questions.iter().all(|question| question.why == why), "{found:?}");
        assert_eq!(found.together(&files).groups.len(), 1);
    }

    struct Alike;

    impl Senses for Alike {
        fn samples_equal(&self, _: &Path, _: &Path) -> Option<bool> {
            None
        }

        fn hear(&self, _: &Path, _: &Path) -> Option<Heard> {
            Some(Heard::Same("alike".to_owned()))
        }
    }

    #[test]
    fn a_video_is_asked_about_beside_its_song_and_not_beside_another_video() {
        let file = |path: &str, title: &str, medium| {
            let mut file = tagged(path, 1, title, 5);
            file.description.medium = medium;
            file
        };
        let (sound, video) = (Some(Medium::Sound), Some(Medium::Video));
        for (title, media, one) in [
            ("Ebb", [sound, video], false),
            ("Flow", [sound, video], false),
            ("Ebb", [video, video], true),
            ("Ebb", [None, video], true),
        ] {
            let files = [
                file("Tides/1.flac", "Ebb", media[0]),
                file("Tides/1.mp3", title, media[1]),
            ];
            for heard in [true, false].into_iter().filter(|heard| *heard || title == "Ebb") {
                let found = match heard {
                    true => Recordings::of(&files, &[(0, 1)], &Alike),
                    false => Recordings::of(&files, &[], &Headers),
                };
                assert_eq!(found.groups.len(), if one { 1 } else { 2 }, "{found:?}");
                let told = |question: &Question| question.why.starts_with("only one is a video");
                assert!(one || found.questions.iter().all(told), "{found:?}");
                assert_eq!(found.questions.len(), usize::from(!one), "{found:?}");
            }
        }
    }

    #[test]
    fn numbers_alone_are_asked_about_in_the_formats_of_one_album() {
        let files = [untagged("Tides/WAV/01.wav", 5), tagged("Tides/MP3/01.mp3", 1, "Ebb", 5)];
        check(&files, &[], &[&[1], &[0]], 1);
        let others = [untagged("Flow/WAV/01.wav", 5), tagged("Tides/MP3/01.mp3", 1, "Ebb", 5)];
        check(&others, &[], &[&[0], &[1]], 0);
    }

    #[test]
    fn two_albums_with_equal_titles_and_numbers_stay_two() {
        let files = [untagged("Old/01 - Intro.wav", 5), untagged("New/01 - Intro.wav", 5)];
        check(&files, &[], &[&[0], &[1]], 1);
        let files = [
            untagged("Tides/01 - Ebb.wav", 5),
            untagged("Tides Live/01 - Ebb.wav", 5),
        ];
        check(&files, &[], &[&[0], &[1]], 1);
        // The live album with a name of its own, and the new recording of an old album, tagged and untagged.
        for (one, other, told) in [
            ("Tides", "Tides Live at the Hall", "\"live\""),
            ("Tides (2010)", "Tides (2020)", "\"Tides (2010)\" and \"Tides (2020)\""),
            ("2010 - Tides", "2020 - Tides", "2020"),
            ("Ana/Home", "Bob/Home", "\"Bob/"),
        ] {
            let untagged = [one, other].map(|album| untagged(&format!("{album}/WAV/01 - Ebb.wav"), 5));
            let mut tagged = [one, other].map(|album| tagged(&format!("{album}/MP3/1.mp3"), 1, "Ebb", 5));
            tagged[0].description.artist = None;
            for files in [untagged, tagged] {
                let found = Recordings::of(&files, &[], &Headers);
                assert_eq!((found.groups.len(), found.questions.len()), (2, 1), "{found:?}");
                assert!(found.questions[0].why.contains(told), "{:?}", found.questions);
            }
        }
    }

    #[test]
    fn a_single_is_no_other_version_and_a_number_may_be_a_title() {
        for (one, other) in [
            ("Ebb", "Ebb - Single"),
            ("Ebb", "Ebb - EP"),
            ("Tides", "Tides (Deluxe Edition)"),
        ] {
            let mut files = [tagged("a/1.flac", 1, "Ebb", 5), tagged("b/1.mp3", 1, "Ebb", 5)];
            files[0].description.album = Some(one.to_owned());
            files[1].description.album = Some(other.to_owned());
            check(&files, &[], &[&[0, 1]], 0);
        }
        let by = |path, title| FileInfo {
            isrc: Isrc::from_stored("QZTST2600001"),
            ..tagged(path, 3, title, 5)
        };
        let named = |path: &str| FileInfo {
            isrc: Isrc::from_stored("QZTST2600001"),
            ..untagged(path, 5)
        };
        // Both carry one code, and what one does not say the other does.
        for (title, name, parts) in [
            ("5", "5.wav", 1),
            ("Ebb", "Track 03.wav", 1),
            ("Ebb", "Track 04.wav", 2),
            ("Home", "03 - Ana - Home.wav", 1),
            ("Home", "03 - Bob - Home.wav", 2),
            ("Home", "Home.wav", 1),
            ("Home", "Home (Live).wav", 2),
        ] {
            let files = [by("x/mp3/a.mp3", title), named(&format!("x/wav/{name}"))];
            assert_eq!(part(&files, &[], &Headers).parts.len(), parts, "{title} {name}");
        }
    }

    /// These two have equal samples.
    struct Equal(&'static str, &'static str);

    impl Senses for Equal {
        fn samples_equal(&self, a: &Path, b: &Path) -> Option<bool> {
            Some([(a, b), (b, a)].contains(&(Path::new(self.0), Path::new(self.1))))
        }

        fn hear(&self, _: &Path, _: &Path) -> Option<Heard> {
            None
        }
    }

    #[test]
    fn a_master_without_a_number_parts_no_formats_that_names_hold_together() {
        let (master, flac, mp3) = ("Masters/Ebb.wav", "Upload/1.flac", "Upload MP3/1.mp3");
        let files = [untagged(master, 5), tagged(flac, 1, "Ebb", 5), tagged(mp3, 1, "Ebb", 5)];
        let found = Recordings::of(&files, &[], &Equal(master, flac));
        assert_eq!(found.groups.len(), 1, "{found:?}");
        let live = [
            untagged("Masters/Ebb (Live).wav", 5),
            files[1].clone(),
            files[2].clone(),
        ];
        let found = Recordings::of(&live, &[], &Equal("Masters/Ebb (Live).wav", flac));
        assert_eq!((found.groups.len(), found.questions.len()), (2, 1), "{found:?}");
    }

    #[test]
    fn discs_are_one_list_of_tracks() {
        let intro = |path| untagged(path, 5);
        let discs = [
            intro("Tides/FLAC/CD1/01 Intro.flac"),
            intro("Tides/FLAC/CD2/01 Intro.flac"),
            intro("Tides/WAV/CD1/01 Intro.wav"),
            intro("Tides/WAV/CD2/01 Intro.wav"),
        ];
        check(&discs, &[], &[&[0, 2], &[1, 3]], 0);
    }

    #[test]
    fn versions_in_one_list_are_tracks_but_a_remaster_is_asked() {
        let files = [
            tagged("a/1.mp3", 1, "Ebb", 5),
            tagged("a/2.mp3", 2, "Ebb (Instrumental)", 5),
        ];
        check(&files, &[], &[&[0], &[1]], 0);
        let files = [
            tagged("a/1.mp3", 1, "Ebb", 5),
            tagged("a/2.mp3", 2, "Ebb (2024 Remaster)", 5),
        ];
        let found = check(&files, &[], &[&[0], &[1]], 1);
        assert!(found.questions[0].why.contains("remaster"), "{:?}", found.questions);
        assert_eq!(found.together(&files).groups.len(), 1);
    }

    #[test]
    fn other_lengths_are_other_recordings_without_a_question() {
        let files = [tagged("a/1.flac", 1, "Ebb", 180), tagged("b/1.mp3", 1, "Ebb", 200)];
        check(&files, &[], &[&[0], &[1]], 0);
        let files = [tagged("a/1.flac", 1, "Ebb", 180), tagged("b/1.mp3", 1, "Ebb", 185)];
        check(&files, &[], &[&[0], &[1]], 1);
    }

    #[test]
    fn tracks_of_one_title_in_several_formats_are_no_question() {
        let interlude = |path, track| tagged(path, track, "Interlude", 5);
        let formats = [
            interlude("Tides/FLAC/4.flac", 4),
            interlude("Tides/FLAC/5.flac", 5),
            interlude("Tides/MP3/4.mp3", 4),
            interlude("Tides/MP3/5.mp3", 5),
            untagged("Tides/WAV/04 Interlude.wav", 5),
            untagged("Tides/WAV/05 Interlude.wav", 5),
        ];
        check(&formats, &[], &[&[0, 2, 4], &[1, 3, 5]], 0);
        // In no list do they are beside each other.
        check(&[formats[0].clone(), formats[3].clone()], &[], &[&[0], &[1]], 1);
    }

    #[test]
    fn the_name_of_a_composer_in_full_is_no_question_on_one_album() {
        let by = |path, artist: &str| {
            let mut file = tagged(path, 1, "Allegro", 5);
            file.description.artist = Some(artist.to_owned());
            file
        };
        let full = by("Tides/FLAC/1.flac", "Ludwig van Beethoven");
        check(&[full.clone(), by("Tides/MP3/1.mp3", "Beethoven")], &[], &[&[0, 1]], 0);
        check(&[full.clone(), by("Tides/MP3/1.mp3", "Ludwig")], &[], &[&[0], &[1]], 1);
        // Of two albums of one name nobody knows.
        check(&[full, by("Other/Tides/1.mp3", "Beethoven")], &[], &[&[1], &[0]], 1);
    }

    #[test]
    fn a_guest_on_the_album_of_an_artist_is_no_question_where_the_folder_alone_names_that_artist() {
        let by = |path, artist: &str| {
            let mut file = tagged(path, 1, "Ebb", 5);
            file.description.artist = Some(artist.to_owned());
            file
        };
        let guest = by("Ana - Tides/FLAC/01 Ebb.flac", "Bob");
        let bare = untagged("Ana - Tides/WAV/01 Ebb.wav", 5);
        check(&[guest.clone(), bare.clone()], &[], &[&[0, 1]], 0);
        check(
            &[guest.clone(), by("Ana - Tides/WAV/01 Ebb.wav", "Ana")],
            &[],
            &[&[0], &[1]],
            0,
        );
        check(&[by("Bob - Tides/01 Ebb.flac", "Bob"), bare], &[], &[&[1], &[0]], 0);
        check(
            &[guest, untagged("Ana - Tides/WAV/01 Cy - Ebb.wav", 5)],
            &[],
            &[&[0], &[1]],
            0,
        );
    }

    #[test]
    fn two_formats_of_one_name_in_one_folder_are_one_without_a_number() {
        let found = check(
            &[untagged("Mix/Ebb.wav", 5), untagged("Mix/Ebb.mp3", 5)],
            &[],
            &[&[0, 1]],
            0,
        );
        let together = found.groups[0].together.as_ref().expect("two files");
        assert_eq!(together.evidence.to_string(), "the same file name and length");
        check(
            &[untagged("Mix/Ebb.wav", 5), untagged("Mix/Ebb.mp3", 7)],
            &[],
            &[&[1], &[0]],
            1,
        );
        check(
            &[untagged("Mix/Ebb.wav", 5), untagged("Old/Ebb.mp3", 5)],
            &[],
            &[&[0], &[1]],
            1,
        );
        // Whatever the folder is taken for.
        let dashed = |ending: &str| format!("Ana - Deluxe/01 Ebb.{ending}");
        let by_tags = tagged(&dashed("mp3"), 1, "Ebb", 5);
        check(&[untagged(&dashed("wav"), 5), by_tags], &[], &[&[0, 1]], 0);
        check(
            &[untagged("Mix/Ebb.wav", 5), untagged("Mix/Flow.mp3", 5)],
            &[],
            &[&[0], &[1]],
            0,
        );
    }

    /// Hears nothing but that one and another are two.
    struct HearsTwo(&'static str, &'static str);

    impl Senses for HearsTwo {
        fn samples_equal(&self, _: &Path, _: &Path) -> Option<bool> {
            None
        }

        fn hear(&self, a: &Path, b: &Path) -> Option<Heard> {
            let is = |one: &Path, other: &Path| one == Path::new(self.0) && other == Path::new(self.1);
            Some(match is(a, b) || is(b, a) {
                true => Heard::Different("other endings".to_owned()),
                false => Heard::Undecided("fingerprints 80 % alike".to_owned()),
            })
        }
    }

    #[test]
    fn a_word_that_files_are_one_does_not_reach_two_that_were_heard_to_be_two() {
        let files = ["a/1.flac", "b/1.mp3", "c/1.mp3"].map(|path| tagged(path, 1, "Ebb", 60));
        let found = Recordings::of(&files, &[], &HearsTwo("a/1.flac", "c/1.mp3"));
        assert_eq!((found.groups.len(), found.questions.len()), (3, 2), "{found:?}");
        let groups = found.together(&files).groups;
        let two: Vec<Option<&str>> = groups.iter().map(|group| group.two.as_deref()).collect();
        assert_eq!(two, [Some("other endings")]);
        let found = Recordings::of(&files, &[], &HearsTwo("", ""));
        assert_eq!(found.together(&files).groups[0].two, None);
    }

    #[test]
    fn guests_and_additions_are_asked_about_where_nothing_but_the_title_is_known() {
        for title in [
            "Ebb feat. Bob",
            "Ebb (feat. Bob)",
            "Ebb (Vocal)",
            "Ebb (Mastered)",
            "Ebb Instrumental",
        ] {
            let mut other = untagged("b/x.mp3", 5);
            other.description.title = Some(title.to_owned());
            let found = Recordings::of(&[tagged("a/1.flac", 1, "Ebb", 5), other], &[], &Headers);
            assert_eq!(
                (found.groups.len(), found.questions.len()),
                (2, 1),
                "{title}: {found:?}"
            );
        }
    }

    #[test]
    fn titles_of_spaces_only_say_nothing() {
        let files = [tagged("a/x.flac", 1, "  ", 5), tagged("b/y.mp3", 2, " ", 5)];
        check(&files, &[], &[&[0], &[1]], 0);
    }

    #[test]
    fn recordings_come_by_album_disc_and_track() {
        let mut files = vec![
            tagged("z/10.flac", 10, "J", 10),
            tagged("z/2.flac", 2, "B", 10),
            tagged("z/d2.flac", 1, "D", 10),
            untagged("a/1.flac", 10),
        ];
        files[2].description.disc = Some(2);
        check(&files, &[], &[&[1], &[0], &[2], &[3]], 0);
    }

    #[test]
    fn the_codes_of_a_group_are_told_once_each() {
        let mut files = [
            tagged("a/1.flac", 1, "One", 180),
            tagged("b/1.mp3", 1, "One", 180),
            tagged("c/1.wav", 1, "One", 180),
        ];
        let isrc = Isrc::from_stored("QZTST2600001");
        files[0].isrc = isrc;
        files[2].isrc = isrc;
        assert_eq!(Recordings::of(&files, &[], &Headers).groups[0].codes, [isrc.unwrap()]);
    }

    #[test]
    fn pairs_make_groups() {
        assert_eq!(
            joined(6, [(1, 4), (4, 5), (0, 2)]),
            [vec![0, 2], vec![1, 4, 5], vec![3]]
        );
    }
}
