//! Parting files into recordings. Each question is asked of as few pairs as decide it, the cheapest first.
//!
//! Invariant: a part holds files of which nothing says that they are two recordings, the time is bounded however many
//! files there are, and the result does not depend on threads.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use self::open::OpenPart;
pub use self::parted::{Pair, Part, Parted};
use super::FileInfo;
use super::evidence::{Evidence, OpenReason, Say, Senses, Verdict, Weighed, weigh};
use super::side::{Names, Side};

mod open;
mod parted;

/// So many recordings of one group are compared each with each; of more, only those that are called alike or sound so.
pub const MOST_COMPARED: usize = 64;

/// The same for files.
const MOST_FILES: usize = 512;

/// So many parts are compared with a file by several threads.
const WORTH_A_THREAD: usize = 8;

/// Parts a group of files that may be one recording. `alike` are pairs of them, by their index, that sound alike: of many
/// files only these are compared.
pub fn part(files: &[FileInfo], alike: &[(usize, usize)], senses: &dyn Senses) -> Parted {
    let sides = Side::all(files);
    part_sides(&sides.iter().collect::<Vec<_>>(), alike, senses)
}

/// The same for files whose names were read among others.
pub fn part_sides(files: &[&Side], alike: &[(usize, usize)], senses: &dyn Senses) -> Parted {
    let order = those_that_say_most_first(files);
    if order.is_sorted() {
        return part_in_order(files, alike, senses);
    }
    let ordered: Vec<&Side> = order.iter().map(|&file| files[file]).collect();
    let mut place = vec![0; files.len()];
    order.iter().enumerate().for_each(|(at, &file)| place[file] = at);
    let alike: Vec<(usize, usize)> = alike.iter().map(|(a, b)| (place[*a], place[*b])).collect();
    part_in_order(&ordered, &alike, senses).renumbered(&order)
}

/// A file whose title no other has is put to those that have one: it may be like two versions, of which each tells the
/// other. Of a hundred thousand files nobody can tell.
fn those_that_say_most_first(files: &[&Side]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..files.len()).collect();
    if (3..=MOST_FILES).contains(&files.len()) {
        let mains: Vec<Option<&str>> = files.iter().map(|file| file.main_title()).collect();
        let mut count: HashMap<&str, usize> = HashMap::new();
        mains
            .iter()
            .flatten()
            .for_each(|main| *count.entry(main).or_default() += 1);
        order.sort_by_key(|file| mains[*file].is_none_or(|main| count[main] < 2));
    }
    order
}

fn part_in_order(files: &[&Side], alike: &[(usize, usize)], senses: &dyn Senses) -> Parted {
    let mut parting = Parting::default();
    let mut earlier: HashMap<usize, Vec<usize>> = HashMap::new();
    // A file has the samples of itself.
    for (a, b) in alike.iter().filter(|(a, b)| a != b) {
        earlier.entry(*a.max(b)).or_default().push(*a.min(b));
    }
    for (number, file) in files.iter().enumerate() {
        let alike = earlier.get(&number).map_or(&[][..], Vec::as_slice);
        parting.add(number, file, alike, files, senses);
    }
    with_lengths(parting.finish(), files, senses)
}

#[derive(Debug, Default)]
struct Parting<'a> {
    parts: Vec<OpenPart<'a>>,
    /// Of what was learnt of two parts, the strongest.
    pairs: BTreeMap<(usize, usize), Pair>,
    /// The part of each file so far.
    part_of: Vec<usize>,
    by_samples: HashMap<u128, usize>,
    by_title: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Parting<'a> {
    fn add(&mut self, number: usize, file: &'a Side, alike: &[usize], files: &[&'a Side], senses: &dyn Senses) {
        let md5 = file.called.flac_md5;
        if let Some(&first) = md5.and_then(|md5| self.by_samples.get(&md5)) {
            let judged = Weighed {
                verdict: Verdict::SameRecording,
                evidence: Evidence::Samples,
            };
            let at = self.part_of[first];
            // Another name of the same samples may be that of further files.
            match self.parts[at].has_twin_called_as(file, first, files) {
                true => self.parts[at].join(number, file, judged),
                false => self.parts[at].join_as_member(number, file, first, judged),
            }
            self.part_of.push(at);
            return;
        }
        let title = file.main_title().unwrap_or_default();
        let candidates = self.candidates(number, title, alike);
        let weigh = |at: usize| (at, self.parts[at].weighed(file, files, senses));
        let mut weighed: Vec<(usize, (usize, Weighed))> = match candidates.len() < WORTH_A_THREAD {
            true => candidates.into_iter().map(weigh).collect(),
            false => candidates.into_par_iter().map(weigh).collect(),
        };
        if let Some(between) = self.between(&weighed, files) {
            doubt(&mut weighed, &between);
        }
        let of = |verdict| {
            let of = weighed.iter().filter(move |(_, (_, judged))| judged.verdict == verdict);
            of.map(|(at, (member, judged))| (*at, *member, judged.clone()))
        };
        let mut same: Vec<(usize, usize, Weighed)> = of(Verdict::SameRecording).collect();
        // What has the samples of one is that one, whatever else sounds like it.
        same.sort_by_key(|(_, _, judged)| judged.evidence != Evidence::Samples);
        let mut same = same.into_iter();
        let at = match same.next().or_else(|| of(Verdict::PresumedSame).next()) {
            Some((at, member, judged)) => {
                self.parts[at].join_as_member(number, file, member, judged);
                self.part_of.push(at);
                same.fold(at, |at, (other, _, judged)| {
                    match self.are_told_apart(at, other, files) {
                        true => at,
                        false => self.merge(at, other, judged),
                    }
                })
            }
            None => {
                self.parts.push(OpenPart::new(number, file));
                self.part_of.push(self.parts.len() - 1);
                self.parts.len() - 1
            }
        };
        self.by_samples.extend(md5.map(|md5| (md5, number)));
        let called_alike = self.by_title.entry(title).or_default();
        if called_alike.len() < MOST_COMPARED && !called_alike.contains(&at) {
            called_alike.push(at);
        }
        if at < MOST_COMPARED {
            // Those that became one with it have no files of their own any more.
            weighed.retain(|(other, _)| !self.parts[*other].part.files.is_empty());
            for (other, (member, judged)) in weighed {
                self.learn(Pair {
                    parts: (other.min(at), other.max(at)),
                    files: (member, number),
                    judged,
                });
            }
        }
    }

    /// Of what is learnt of two parts, the strongest counts: what makes two recordings, then what makes a question. Two
    /// tracks of one list that are called alike are no question because other formats of them are.
    fn learn(&mut self, pair: Pair) {
        let known = self.pairs.get(&pair.parts);
        if pair.parts.0 != pair.parts.1 && known.is_none_or(|known| weight(&known.judged) < weight(&pair.judged)) {
            self.pairs.insert(pair.parts, pair);
        }
    }

    /// The parts that a file is compared with.
    fn candidates(&self, number: usize, title: &str, alike: &[usize]) -> Vec<usize> {
        let is_there = |at: &usize| !self.parts[*at].part.files.is_empty();
        if self.parts.len() <= MOST_COMPARED && number < MOST_FILES {
            return (0..self.parts.len()).filter(is_there).collect();
        }
        let called_alike = self.by_title.get(title).map_or(&[][..], Vec::as_slice);
        let sounding_alike = alike.iter().map(|file| self.part_of[*file]);
        let mut candidates: Vec<usize> = called_alike.iter().copied().chain(sounding_alike).collect();
        candidates.sort_unstable();
        candidates.dedup();
        candidates.retain(is_there);
        candidates
    }

    /// Whether something tells two parts apart, so that no third file that is like both makes them one: they were judged
    /// to be two recordings or hold other samples, or are called two versions.
    fn are_told_apart(&self, one: usize, other: usize, files: &[&Side]) -> bool {
        let parts = (one.min(other), one.max(other));
        self.pairs.get(&parts).is_some_and(|pair| pair.judged.keeps_apart())
            || self.parts[one].compared().any(|a| {
                let mut others = self.parts[other].compared();
                others.any(|b| Names::of(files[a], files[b]).version.is_some())
            })
    }

    /// Parts of which a file is either by the ear or by its name, while something tells them apart: which of them it is,
    /// nobody can say without asking.
    fn between(&self, weighed: &[(usize, (usize, Weighed))], files: &[&Side]) -> Option<Vec<usize>> {
        let of = |verdict| -> Vec<usize> {
            let of = weighed.iter().filter(|(_, (_, judged))| judged.verdict == verdict);
            of.map(|(at, _)| *at).collect()
        };
        if weighed
            .iter()
            .any(|(_, (_, judged))| judged.evidence == Evidence::Samples)
        {
            return None;
        }
        let same = of(Verdict::SameRecording);
        if same.is_empty() {
            return Some(of(Verdict::PresumedSame)).filter(|parts| parts.len() > 1);
        }
        let is_apart = |at: &&usize| {
            same.iter()
                .any(|other| other != *at && self.are_told_apart(**at, *other, files))
        };
        let apart: Vec<usize> = same.iter().filter(is_apart).copied().collect();
        (!apart.is_empty()).then_some(apart)
    }

    /// Two parts turn out to be one: some file is the same recording as both. Gives its place.
    fn merge(&mut self, one: usize, other: usize, judged: Weighed) -> usize {
        let (into, from) = (one.min(other), one.max(other));
        let absorbed = std::mem::take(&mut self.parts[from]);
        absorbed.part.files.iter().for_each(|file| self.part_of[*file] = into);
        self.parts[into].absorb(absorbed, judged);
        for (_, mut pair) in std::mem::take(&mut self.pairs) {
            let moved = |at: usize| if at == from { into } else { at };
            let (a, b) = (moved(pair.parts.0), moved(pair.parts.1));
            pair.parts = (a.min(b), a.max(b));
            self.learn(pair);
        }
        into
    }

    fn finish(self) -> Parted {
        let mut numbers = vec![0; self.parts.len()];
        let mut parts = Vec::new();
        for (at, open) in self.parts.into_iter().enumerate() {
            numbers[at] = parts.len();
            if !open.part.files.is_empty() {
                parts.push(open.part);
            }
        }
        let renumbered = |pair: Pair| Pair {
            parts: (numbers[pair.parts.0], numbers[pair.parts.1]),
            ..pair
        };
        Parted {
            parts,
            pairs: self.pairs.into_values().map(renumbered).collect(),
            told: None,
        }
    }
}

/// Makes a question of what a file is by the ear or its name, of these parts.
fn doubt(weighed: &mut [(usize, (usize, Weighed))], between: &[usize]) {
    for (_, (_, judged)) in weighed.iter_mut().filter(|(at, _)| between.contains(at)) {
        *judged = Weighed::question(OpenReason::SoIsAnother(Box::new(judged.evidence.clone())));
    }
}

fn weight(judged: &Weighed) -> u8 {
    match (judged.verdict, &judged.evidence) {
        (Verdict::DifferentRecordings, _) => 4,
        (_, Evidence::Open { names, .. }) => match names {
            Say::TwoTracks => 2,
            Say::Perhaps => 1,
            Say::No | Say::Nothing => 0,
        },
        _ if judged.is_question() => 3,
        _ => 0,
    }
}

/// Where no compared pair is different, the shortest and the longest file may be.
fn with_lengths(mut parted: Parted, files: &[&Side], senses: &dyn Senses) -> Parted {
    if parted.parts.len() <= MOST_COMPARED || parted.verdict() == Verdict::DifferentRecordings {
        return parted;
    }
    let first = |at: usize| parted.parts[at].files[0];
    let numbered = || (0..parted.parts.len()).filter_map(|at| Some((files[first(at)].called.duration?, at)));
    if let (Some((_, shortest)), Some((_, longest))) = (numbered().min(), numbered().max())
        && shortest != longest
    {
        let parts = (shortest.min(longest), shortest.max(longest));
        let pair = (first(parts.0), first(parts.1));
        let judged = weigh(files[pair.0], files[pair.1], senses);
        if judged.verdict == Verdict::DifferentRecordings {
            parted.pairs.push(Pair {
                parts,
                files: pair,
                judged,
            });
        }
    }
    parted
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::*;
    use crate::format::Format;
    use crate::format::tags::{Description, FlacLayout};
    use crate::recording::evidence::{Headers, Heard};

    /// How many pairs of parts something speaks for being one, and nothing decides.
    fn questions(parted: &Parted) -> usize {
        parted.pairs.iter().filter(|pair| pair.judged.is_question()).count()
    }

    /// A file of six seconds without tags.
    fn named(path: &str) -> FileInfo {
        let mut named = file(path, 1, "", 6000);
        named.description = Description {
            duration: named.description.duration,
            ..Description::default()
        };
        named
    }

    fn file(path: &str, track: u32, title: &str, milliseconds: u64) -> FileInfo {
        let format = match path.rsplit('.').next() {
            Some("mp3") => Format::Mp3,
            Some("wav") => Format::Wav,
            Some("opus") => Format::OggOpus,
            _ => Format::Flac,
        };
        FileInfo {
            path: path.into(),
            format: Some(format),
            description: Description {
                track: Some(track),
                title: Some(title.to_owned()),
                artist: Some("Ana".to_owned()),
                album: Some("One".to_owned()),
                duration: Some(Duration::from_millis(milliseconds)),
                ..Description::default()
            },
            ..FileInfo::default()
        }
    }

    /// What is heard of two names, in either order; of others nothing can be told.
    struct Ear(Vec<(&'static str, &'static str, Heard)>);

    impl Senses for Ear {
        fn samples_equal(&self, _: &Path, _: &Path) -> Option<bool> {
            None
        }

        fn hear(&self, a: &Path, b: &Path) -> Option<Heard> {
            let is = |path: &Path, name: &str| path == Path::new(name);
            let of = self
                .0
                .iter()
                .find(|(one, other, _)| (is(a, one) && is(b, other)) || (is(a, other) && is(b, one)));
            Some(of.map_or(Heard::Unable("too short".to_owned()), |(_, _, heard)| heard.clone()))
        }
    }

    #[track_caller]
    fn check(files: &[FileInfo], senses: &dyn Senses, verdict: Verdict, parts: &[&[usize]]) -> Parted {
        let parted = part(files, &[], senses);
        let found: Vec<&[usize]> = parted.parts.iter().map(|part| &part.files[..]).collect();
        assert_eq!((parted.verdict(), &found[..]), (verdict, parts), "{parted:?}");
        parted
    }

    #[test]
    fn formats_of_one_name_and_length_are_presumed_one() {
        let files = [
            file("w/1.wav", 1, "Song", 6000),
            file("f/1.flac", 1, "Song", 6000),
            file("m/1.mp3", 1, "SONG", 6050),
        ];
        let parted = check(&files, &Headers, Verdict::PresumedSame, &[&[0, 1, 2]]);
        assert_eq!(parted.evidence(&files), "the same number, title and length");
    }

    #[test]
    fn a_version_word_on_one_side_is_never_presumed_nor_heard_away() {
        for title in [
            "Song (Live)",
            "Song (2024 Remaster)",
            "Song - Instrumental",
            "Song [Radio Edit]",
        ] {
            let files = [file("f/1.flac", 1, "Song", 6000), file("m/1.mp3", 1, title, 6000)];
            let parted = check(&files, &Headers, Verdict::Undecided, &[&[0], &[1]]);
            assert_eq!(questions(&parted), 1, "{title}");
            let same = Ear(vec![("f/1.flac", "m/1.mp3", Heard::Same("99 %".to_owned()))]);
            check(&files, &same, Verdict::Undecided, &[&[0], &[1]]);
        }
        for (one, other) in [
            ("Song (2011 Remaster)", "Song (2024 Remaster)"),
            ("Song (Clean)", "Song [Explicit]"),
            ("Song (Mono)", "Song (Stereo)"),
            ("Song (Live)", "Song (Acoustic)"),
        ] {
            let files = [file("f/1.flac", 1, one, 6000), file("m/1.mp3", 1, other, 6000)];
            check(&files, &Headers, Verdict::Undecided, &[&[0], &[1]]);
            let same = Ear(vec![("f/1.flac", "m/1.mp3", Heard::Same("99 %".to_owned()))]);
            check(&files, &same, Verdict::Undecided, &[&[0], &[1]]);
        }
        let mut files = [
            file("f/1.flac", 1, "Song", 6000),
            file("m/1.flac", 1, "Song (Live)", 6000),
        ];
        files.iter_mut().for_each(|file| file.description.flac_md5 = Some(7));
        check(&files, &Headers, Verdict::SameRecording, &[&[0, 1]]);
    }

    #[test]
    fn the_right_pair_of_three_stays_together() {
        let files = [
            file("m/1.mp3", 1, "Song", 184_000),
            file("o/1.opus", 1, "Song", 184_200),
            file("m/2.mp3", 2, "Song (Radio Edit)", 150_000),
        ];
        let parted = check(&files, &Headers, Verdict::DifferentRecordings, &[&[0, 1], &[2]]);
        assert_eq!(parted.evidence(&files), "1.mp3 and 2.mp3: durations 2:30 and 3:04");
    }

    #[test]
    fn what_names_do_not_settle_is_undecided() {
        let two = |a: FileInfo, b: FileInfo| check(&[a, b], &Headers, Verdict::Undecided, &[&[0], &[1]]);
        // Lengths too far apart, one format in one folder, other numbers, other artists.
        two(file("f/1.flac", 1, "Song", 6000), file("m/1.mp3", 1, "Song", 7100));
        two(file("f/1.flac", 1, "Song", 6000), file("f/1b.flac", 1, "Song", 6000));
        two(file("f/1.flac", 1, "Song", 6000), file("m/2.mp3", 2, "Song", 6000));
        let mut other = file("m/1.mp3", 1, "Song", 6000);
        other.description.artist = Some("Bob".to_owned());
        two(file("f/1.flac", 1, "Song", 6000), other);
    }

    #[test]
    fn a_number_in_front_of_a_name_is_one_beside_the_track_of_that_number() {
        let tagged = file("MP3/10.mp3", 10, "Low Water", 6000);
        check(
            &[named("FLAC/10 Low Water.flac"), tagged.clone()],
            &Headers,
            Verdict::PresumedSame,
            &[&[0, 1]],
        );
        check(
            &[named("FLAC/10 Low Water.flac"), named("FLAC/10 Low Water.wav")],
            &Headers,
            Verdict::PresumedSame,
            &[&[0, 1]],
        );
        check(
            &[named("FLAC/11 Low Water.flac"), tagged],
            &Headers,
            Verdict::Undecided,
            &[&[0], &[1]],
        );
    }

    #[test]
    fn what_a_folder_is_called_contradicts_no_code_that_both_carry() {
        let mut files = [
            named("Masters of May/01 - Song.wav"),
            file("One/1.mp3", 1, "Song", 6000),
        ];
        check(&files, &Headers, Verdict::Undecided, &[&[0], &[1]]);
        files
            .iter_mut()
            .for_each(|file| file.isrc = crate::isrc::Isrc::from_stored("QZTST2600001"));
        check(&files, &Headers, Verdict::PresumedSame, &[&[0, 1]]);
        files[0].path = "One Live/01 - Song.wav".into();
        check(&files, &Headers, Verdict::Undecided, &[&[0], &[1]]);
        // Both in one folder, whatever it is called.
        let near = [
            named("x/Delivery/WAV/01 - Song.wav"),
            file("x/Delivery/MP3/1.mp3", 1, "Song", 6000),
        ];
        check(&near, &Headers, Verdict::PresumedSame, &[&[0, 1]]);
        let far = [named("x/Old/01 - Song.wav"), named("x/New/01 - Song.wav")];
        check(&far, &Headers, Verdict::Undecided, &[&[0], &[1]]);
    }

    #[test]
    fn lengths_do_not_drift_from_file_to_file() {
        let files = [
            file("a/1.flac", 1, "Song", 6000),
            file("b/1.mp3", 1, "Song", 6900),
            file("c/1.wav", 1, "Song", 7800),
        ];
        check(&files, &Headers, Verdict::Undecided, &[&[0, 1], &[2]]);
    }

    /// Lossless files of other samples, as a listener knows them who hears all files as one or cannot hear.
    struct OtherSamples(Heard);

    impl Senses for OtherSamples {
        fn samples_equal(&self, _: &Path, _: &Path) -> Option<bool> {
            None
        }

        fn other_samples(&self, a: &Path, b: &Path) -> Option<bool> {
            let is_lossy = |path: &Path| path.extension().is_some_and(|ending| ending == "mp3");
            assert!(!is_lossy(a) && !is_lossy(b), "an encoder changes samples");
            Some(true)
        }

        fn hear(&self, _: &Path, _: &Path) -> Option<Heard> {
            Some(self.0.clone())
        }
    }

    #[test]
    fn lossless_files_of_other_samples_are_a_question_and_no_third_file_joins_them() {
        let same = || OtherSamples(Heard::Same("it sounds the same".to_owned()));
        let unable = || OtherSamples(Heard::Unable("too short".to_owned()));
        let lossless = [file("f/1.flac", 1, "Song", 6000), file("w/1.wav", 1, "Song", 6000)];
        for (senses, told) in [(same(), "it sounds"), (unable(), "the same number, title")] {
            let parted = check(&lossless, &senses, Verdict::Undecided, &[&[0], &[1]]);
            assert_eq!(questions(&parted), 1);
            let evidence = parted.evidence(&lossless);
            assert!(
                evidence.contains(told) && evidence.contains("samples differ"),
                "{evidence}"
            );
            let with_mp3 = |at: usize| {
                let mut files = lossless.to_vec();
                files.insert(at, file("m/1.mp3", 1, "Song", 6000));
                files
            };
            for at in 0..3 {
                let files = with_mp3(at);
                let parted = part(&files, &[], &senses);
                let masters = |files: &[usize]| files.iter().filter(|&&file| file != at).count();
                assert!(parted.parts.iter().all(|part| masters(&part.files) < 2), "{parted:?}");
                assert_eq!(parted.verdict(), Verdict::Undecided);
            }
        }
    }

    #[test]
    fn flacs_that_state_other_samples_in_one_layout_are_not_presumed_one() {
        let layout = |bits| FlacLayout {
            rate: 44_100,
            channels: 2,
            bits,
            frames: 264_600,
        };
        for (bits, verdict) in [(16, Verdict::Undecided), (24, Verdict::PresumedSame)] {
            let mut files = [file("a/1.flac", 1, "Song", 6000), file("b/1.flac", 1, "Song", 6000)];
            for (number, (file, bits)) in (7..).zip(files.iter_mut().zip([16, bits])) {
                file.description.flac_md5 = Some(number);
                file.description.flac_layout = Some(layout(bits));
            }
            assert_eq!(part(&files, &[], &Headers).verdict(), verdict, "{bits}");
            files[1].description.flac_md5 = None;
            assert_eq!(part(&files, &[], &Headers).verdict(), Verdict::PresumedSame);
        }
    }

    #[test]
    fn the_ear_comes_before_names() {
        let files = [file("f/1.flac", 1, "Song", 60_000), file("m/1.mp3", 1, "Song", 60_000)];
        let ear = |heard| Ear(vec![("f/1.flac", "m/1.mp3", heard)]);
        let words = || "heard".to_owned();
        check(
            &files,
            &ear(Heard::Different(words())),
            Verdict::DifferentRecordings,
            &[&[0], &[1]],
        );
        check(
            &files,
            &ear(Heard::Undecided(words())),
            Verdict::Undecided,
            &[&[0], &[1]],
        );
        check(&files, &ear(Heard::Same(words())), Verdict::SameRecording, &[&[0, 1]]);
        check(&files, &ear(Heard::Unable(words())), Verdict::PresumedSame, &[&[0, 1]]);
    }

    #[test]
    fn the_ear_makes_no_one_recording_of_two_tracks_of_a_list_nor_of_other_albums_by_others() {
        let one = file("m/1.mp3", 1, "Dawn", 60_000);
        let same = |other: &'static str| Ear(vec![("m/1.mp3", other, Heard::Same("92 %".to_owned()))]);
        let files = [one.clone(), file("m/2.mp3", 2, "Noon", 60_000)];
        let parted = check(&files, &same("m/2.mp3"), Verdict::Undecided, &[&[0], &[1]]);
        let told = "the titles are \"Dawn\" and \"Noon\"; 92 %";
        assert_eq!((questions(&parted), &parted.evidence(&files)[..]), (1, told));
        let mut others = file("s/1.mp3", 1, "Dawn", 60_000);
        others.description.artist = Some("Sjö".to_owned());
        others.description.album = Some("Signals".to_owned());
        let files = [one.clone(), others.clone()];
        let parted = check(&files, &same("s/1.mp3"), Verdict::Undecided, &[&[0], &[1]]);
        assert_eq!(questions(&parted), 1, "{parted:?}");
        // One recording under other names in another format, or by another artist's name on its album.
        let renamed = file("f/7.flac", 7, "Aube", 60_000);
        check(
            &[one.clone(), renamed],
            &same("f/7.flac"),
            Verdict::SameRecording,
            &[&[0, 1]],
        );
        others.description.album = one.description.album.clone();
        check(&[one, others], &same("s/1.mp3"), Verdict::SameRecording, &[&[0, 1]]);
    }

    #[test]
    fn a_file_that_is_two_others_makes_them_one() {
        let files = [
            file("a/1.flac", 1, "x", 60_000),
            file("b/2.mp3", 2, "y", 60_000),
            file("c/3.wav", 3, "z", 60_000),
        ];
        let same = || Heard::Same("alike".to_owned());
        let ear = Ear(vec![("a/1.flac", "c/3.wav", same()), ("b/2.mp3", "c/3.wav", same())]);
        check(&files, &ear, Verdict::SameRecording, &[&[0, 1, 2]]);
    }

    #[test]
    fn a_file_that_is_like_two_others_does_not_make_one_of_what_is_told_apart() {
        let alike = |one, other| (one, other, Heard::Same("alike".to_owned()));
        let both = || vec![alike("a/1.flac", "c/3.wav"), alike("b/2.mp3", "c/3.wav")];
        let mut files = [
            file("a/1.flac", 1, "Song", 60_000),
            file("b/2.mp3", 1, "Song (Live)", 60_000),
            named("c/3.wav"),
        ];
        files[2].description.duration = files[0].description.duration;
        let parted = part(&files, &[], &Ear(both()));
        assert!(parted.parts.len() > 1, "{parted:?}");
        assert_eq!(parted.verdict(), Verdict::Undecided);
        files[1].description.title = Some("Song".to_owned());
        let mut ear = both();
        ear.push(("a/1.flac", "b/2.mp3", Heard::Different("another ending".to_owned())));
        let parted = part(&files, &[], &Ear(ear));
        assert!(parted.parts.len() > 1, "{parted:?}");
        assert_eq!(parted.verdict(), Verdict::DifferentRecordings);
    }

    #[test]
    fn a_file_that_is_like_two_versions_is_neither_in_whatever_order_they_come() {
        let (song, live, untold) = ("a/song.flac", "b/live.mp3", "c/x.wav");
        let alike = |one, other| (one, other, Heard::Same("alike".to_owned()));
        let ear = Ear(vec![alike(song, untold), alike(live, untold), alike(song, live)]);
        let mut files = [
            file(song, 1, "Song", 60_000),
            file(live, 1, "Song (Live)", 60_000),
            named(untold),
        ];
        files[2].description.duration = files[0].description.duration;
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let ordered = order.map(|at: usize| files[at].clone());
            let parted = check(&ordered, &ear, Verdict::Undecided, &[&[0], &[1], &[2]]);
            assert_eq!(questions(&parted), 3, "{order:?}");
        }
        // What has the samples of one is that one.
        files[0].description.flac_md5 = Some(7);
        files[2].description.flac_md5 = Some(7);
        check(&files, &ear, Verdict::Undecided, &[&[0, 2], &[1]]);
    }

    /// Hears what [`Ear`] hears, and these two have equal samples.
    struct EqualTo(&'static str, &'static str, Ear);

    impl Senses for EqualTo {
        fn samples_equal(&self, a: &Path, b: &Path) -> Option<bool> {
            Some([(a, b), (b, a)].contains(&(Path::new(self.0), Path::new(self.1))))
        }

        fn hear(&self, a: &Path, b: &Path) -> Option<Heard> {
            self.2.hear(a, b)
        }
    }

    #[test]
    fn what_has_the_samples_of_one_version_is_not_the_other_that_sounds_so() {
        let (song, live, untold) = ("a/song.flac", "b/live.flac", "c/x.wav");
        let alike = |one, other| (one, other, Heard::Same("alike".to_owned()));
        let senses = |titles| {
            let mut files = [
                file(song, 1, "Song", 60_000),
                file(live, 1, titles, 60_000),
                named(untold),
            ];
            files[2].description.duration = files[0].description.duration;
            let ear = Ear(vec![alike(song, untold), alike(live, untold)]);
            (files, EqualTo(live, untold, ear))
        };
        let (files, equal) = senses("Song (Live)");
        check(&files, &equal, Verdict::Undecided, &[&[0], &[1, 2]]);
        // Where nothing tells them apart, all are one, by the weaker of what was learnt.
        let (files, equal) = senses("Another");
        let parted = check(&files, &equal, Verdict::SameRecording, &[&[0, 1, 2]]);
        assert_eq!(parted.evidence(&files), "alike");
    }

    #[test]
    fn a_file_that_fits_two_others_by_its_length_is_neither() {
        let files = [
            file("a/1.flac", 1, "Song", 6000),
            file("b/1.mp3", 1, "Song", 7800),
            file("c/1.wav", 1, "Song", 6900),
        ];
        check(&files, &Headers, Verdict::Undecided, &[&[0], &[1], &[2]]);
    }

    #[test]
    fn a_version_that_only_a_path_says_is_asked_about() {
        let song = |path| file(path, 1, "Song", 6000);
        for (one, other) in [
            ("One/01 Song.flac", "One/MP3/01 Song (Instrumental).mp3"),
            ("One/01 Song.flac", "One/MP3/01 Song_inst.mp3"),
            ("One/01 Song.flac", "One/MP3/Song-Live.mp3"),
            ("One/01 Song.flac", "One/MP3/01_Song_Bob_Remix.mp3"),
            ("One/01 Song.flac", "One (2011 Remaster)/01 Song.mp3"),
            ("One/FLAC/01 Song.flac", "One/Instrumentals/01 Song.wav"),
            ("One/Explicit/01 Song.flac", "One/Clean/01 Song.flac"),
            ("Tides/01 Song.flac", "Tides Live/01 Song.mp3"),
            ("Tides/01 Song.flac", "Live Tides 2019/01 Song.mp3"),
            ("Tides/01 Song.flac", "Tides TV Tracks/01 Song.mp3"),
            ("Tides/01 Song.flac", "Tides - No Vocals/01 Song.mp3"),
            ("(Live)/Tides/01 Song.flac", "(Live)/Tides (Live)/01 Song.mp3"),
            // What is above both says nothing of either.
            (
                "One (Instrumental)/A/01 Song.flac",
                "One (Instrumental)/One (Instrumental)/01 Song.mp3",
            ),
        ] {
            let parted = check(&[song(one), song(other)], &Headers, Verdict::Undecided, &[&[0], &[1]]);
            assert_eq!(questions(&parted), 1, "{one} {other}");
            let mut files = [named(one), named(other)];
            files
                .iter_mut()
                .for_each(|file| file.isrc = crate::isrc::Isrc::from_stored("QZTST2600001"));
            check(&files, &Headers, Verdict::Undecided, &[&[0], &[1]]);
        }
        let live = |path| file(path, 1, "Song (Live)", 6000);
        let said_by_both = [live("One Live/01 Song.flac"), live("MP3/01 Song (Live).mp3")];
        check(&said_by_both, &Headers, Verdict::PresumedSame, &[&[0, 1]]);
        for (one, other) in [
            ("Live/One/01 Song.flac", "Live/One/MP3/01 Song.mp3"),
            ("Session Files/01 Song.wav", "MP3/01 Song.mp3"),
            ("One/01 Song.wav", "One/01 Song_24bit_48k.mp3"),
            ("Live Forever/01 Song.wav", "MP3/01 Song.mp3"),
            ("Tides - Deluxe/01 Song.wav", "Tides - Deluxe/01 Song.mp3"),
            ("House of Cards/FLAC/01 Song.wav", "House of Cards/01 Song.mp3"),
        ] {
            check(&[song(one), song(other)], &Headers, Verdict::PresumedSame, &[&[0, 1]]);
        }
    }

    #[test]
    fn a_second_volume_is_another_album() {
        for (one, other) in [
            ("Mixtape", "Mixtape 2"),
            ("Tides", "Tides II"),
            ("Best Of", "Best Of, Vol. 2"),
        ] {
            let mut files = [file("a/1.flac", 1, "Intro", 6000), file("b/1.mp3", 1, "Intro", 6000)];
            files[0].description.album = Some(one.to_owned());
            files[1].description.album = Some(other.to_owned());
            check(&files, &Headers, Verdict::Undecided, &[&[0], &[1]]);
        }
    }

    #[test]
    fn an_artist_whose_name_goes_on_is_another() {
        let mut files = [file("a/1.flac", 1, "Intro", 6000), file("b/1.mp3", 1, "Intro", 6000)];
        for (other, verdict, parts) in [
            ("Ana Ruiz", Verdict::Undecided, &[&[0][..], &[1]][..]),
            ("Ana feat. Ruiz", Verdict::PresumedSame, &[&[0, 1]]),
        ] {
            files[1].description.artist = Some(other.to_owned());
            check(&files, &Headers, verdict, parts);
        }
    }

    /// Says the same of every pair.
    struct Always(Heard);

    impl Senses for Always {
        fn samples_equal(&self, _: &Path, _: &Path) -> Option<bool> {
            None
        }

        fn hear(&self, _: &Path, _: &Path) -> Option<Heard> {
            Some(self.0.clone())
        }
    }

    #[test]
    fn of_many_files_headers_decide_by_length_only_where_nobody_listens() {
        let files: Vec<FileInfo> = (0..600)
            .map(|n| {
                file(
                    &format!("{n}/1.mp3"),
                    n,
                    &format!("Song {n}"),
                    6000 + 100 * u64::from(n),
                )
            })
            .collect();
        let verdict = |senses: &dyn Senses| part(&files, &[], senses).verdict();
        assert_eq!(verdict(&Headers), Verdict::DifferentRecordings);
        let unsure = Heard::Undecided("nearly the same audio".to_owned());
        assert_eq!(verdict(&Always(unsure)), Verdict::Undecided);
        let unable = Heard::Unable("too short".to_owned());
        assert_eq!(verdict(&Always(unable)), Verdict::DifferentRecordings);
    }

    #[test]
    fn many_files_on_one_code_are_parted_in_bounded_time() {
        let begun = std::time::Instant::now();
        let copies: Vec<FileInfo> = (0..100_000)
            .map(|n| file(&format!("{n}/1.mp3"), 1, "Song", 6000))
            .collect();
        assert_eq!(part(&copies, &[], &Headers).parts.len(), 1);
        let others: Vec<FileInfo> = (0..100_000)
            .map(|n| {
                file(
                    &format!("{}/1.mp3", n % 7),
                    n,
                    &format!("Song {n}"),
                    6000 + u64::from(n),
                )
            })
            .collect();
        let parted = part(&others, &[], &Headers);
        assert_eq!(
            (parted.parts.len(), parted.verdict()),
            (100_000, Verdict::DifferentRecordings)
        );
        assert!(begun.elapsed().as_secs() < 300, "{:?}", begun.elapsed());
    }

    #[test]
    fn copies_under_one_other_name_take_one_place_among_the_members() {
        let copies = (1..9).map(|number| file(&format!("{number}/b.flac"), 2, "B", 6000));
        let files: Vec<FileInfo> = [file("a.flac", 1, "A", 6000)].into_iter().chain(copies).collect();
        let sides = Side::all(&files);
        let sides: Vec<&Side> = sides.iter().collect();
        let mut part = OpenPart::new(0, sides[0]);
        let equal = Weighed {
            verdict: Verdict::SameRecording,
            evidence: Evidence::Samples,
        };
        for (number, &side) in sides.iter().enumerate().skip(1) {
            match part.has_twin_called_as(side, 0, &sides) {
                true => part.join(number, side, equal.clone()),
                false => part.join_as_member(number, side, 0, equal.clone()),
            }
        }
        assert_eq!(part.compared().collect::<Vec<_>>(), [0, 1]);
    }

    #[test]
    fn of_many_files_one_that_has_the_samples_of_no_other_is_one_alone() {
        let name = |number: usize| (format!("{number}.flac"), format!("Song {number}"));
        let named: Vec<(String, String)> = (0..MOST_COMPARED + 9).map(name).collect();
        let files: Vec<FileInfo> = (1..)
            .zip(&named)
            .map(|(track, (path, title))| file(path, track, title, 6000))
            .collect();
        let last = files.len() - 1;
        let parted = part(&files, &[(0, 0), (last, last)], &Headers);
        assert_eq!(parted.parts.len(), files.len());
    }
}
