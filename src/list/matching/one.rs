//! The one recording among files that fit, in all its formats.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::against::releases::TO_THE_SECOND;
use super::find::{Finder, LENGTHS_DIFFER, LENGTHS_FIT, MOST, number_agrees};
use super::problem::What;
use super::{By, Target};
use crate::isrc::Isrc;
use crate::list::Row;
use crate::plan::Replace;
use crate::recording::FileInfo;
use crate::recording::evidence::{Belied, Headers, Senses};
use crate::recording::fold::fold;
use crate::recording::group::Recordings;
use crate::recording::part::{MOST_COMPARED, Pair, Parted, part_sides};
use crate::recording::side::{Side, are_near};
use crate::recording::versions::{self, Titles};

/// So many files that may be formats of one recording are compared.
const MOST_FORMATS: usize = 256;

/// Files without tags are called as those of their recording that have some, and as the one beside them that lasts as long
/// and has their title: what their names leave out, the number, the album or a colon, is what a list says of all formats.
/// Gives those that only number and length tell.
pub(super) fn say_what_tags_say(sides: &mut [Side], files: &[FileInfo]) -> HashSet<usize> {
    let is_tagged = |file: &usize| files[*file].description.title.is_some();
    let all = 0..files.len();
    if all.clone().all(|file| is_tagged(&file)) || !all.clone().any(|file| is_tagged(&file)) {
        return HashSet::new();
    }
    // By names alone: a thousand files of equal samples, and what each is called, would be held against each other.
    let without_samples = |file: &FileInfo| {
        let mut file = file.clone();
        file.description.flac_md5 = None;
        file
    };
    let named: Vec<FileInfo> = files.iter().map(without_samples).collect();
    let Recordings { groups, questions, .. } = Recordings::of(&named, &[], &Headers);
    let said = |file: &usize| {
        let tags = &files[*file].description;
        let [title, album] = [&tags.title, &tags.album].map(|text| text.as_deref().map(fold));
        (title, album, tags.disc, tags.track)
    };
    // Of each group the file for which its tags speak.
    let speakers = groups.iter().map(|group| {
        let mut tagged = group.files.iter().copied().filter(is_tagged);
        let first = tagged.next()?;
        tagged.all(|other| said(&other) == said(&first)).then_some(first)
    });
    let speakers: Vec<Option<usize>> = speakers.collect();
    let (mut beside, mut numbered) = (vec![Vec::new(); groups.len()], HashMap::new());
    for (a, b) in questions.iter().map(|question| question.groups) {
        for (bare, tagged) in [(a, b), (b, a)] {
            let file = groups[bare].files[0];
            let has_none = !groups[bare].files.iter().any(is_tagged);
            let is_format = |speaker: &usize| is_other_format(&sides[file], &sides[*speaker]);
            beside[bare].extend(speakers[tagged].filter(|_| has_none).filter(is_format));
            let is_copy = |speaker: &usize| is_numbered_copy(&sides[file], &sides[*speaker]);
            if let Some(speaker) = speakers[tagged].filter(|_| has_none).filter(is_copy) {
                let copy = numbered.entry(file).or_insert(Some(speaker));
                *copy = copy.filter(|known| *known == speaker);
            }
        }
    }
    let numbered = proven(&numbered, sides);
    for (at, group) in groups.iter().enumerate() {
        let speaker = speakers[at].or(match beside[at][..] {
            [speaker] => Some(speaker),
            _ => numbered.get(&group.files[0]).copied(),
        });
        let Some(speaker) = speaker else { continue };
        let called = sides[speaker].called.clone();
        // A master that is on two albums has a place on each.
        let is_beside = |file: &&usize| !is_tagged(file) && are_near(&files[**file], &files[speaker]);
        for file in group.files.iter().filter(is_beside) {
            sides[*file] = sides[*file].called_as(&called);
        }
    }
    numbered.into_keys().collect()
}

/// Whether a file without a number is rather another format of a tagged one beside it than anything else.
fn is_other_format(bare: &Side, tagged: &Side) -> bool {
    let (a, b) = (bare.file, tagged.file);
    let lengths = a.description.duration.zip(b.description.duration);
    let titles = bare.title().zip(tagged.title());
    bare.called.track.is_none()
        && a.format != b.format
        && are_near(a, b)
        && lengths.is_some_and(|(a, b)| a.abs_diff(b) <= LENGTHS_FIT)
        && titles.is_some_and(|(a, b)| versions::compare(&a, &b) == Titles::Same)
}

/// Whether a file that is called by a number alone, "Track 01.flac", has that of a tagged one beside it, and lasts as long.
fn is_numbered_copy(bare: &Side, tagged: &Side) -> bool {
    bare.title().is_none()
        && bare.number().is_some_and(|number| tagged.number() == Some(number))
        && bare.file.format != tagged.file.format
        && are_near(bare.file, tagged.file)
        && last_alike(bare, tagged)
}

fn last_alike(a: &Side, b: &Side) -> bool {
    let lengths = a.file.description.duration.zip(b.file.description.duration);
    lengths.is_some_and(|(a, b)| a.abs_diff(b) <= TO_THE_SECOND)
}

/// The copies by number and length in folders all of whose files without a title are such, most of which last as no other
/// track does: numbers are in one order then.
fn proven(copies: &HashMap<usize, Option<usize>>, sides: &[Side]) -> HashMap<usize, usize> {
    let folder = |file: usize| sides[file].file.path.parent();
    let pairs = || copies.iter().filter_map(|(bare, tagged)| Some((*bare, (*tagged)?)));
    let of_copies: HashSet<_> = pairs()
        .flat_map(|(bare, tagged)| [folder(bare), folder(tagged)])
        .collect();
    let mut files: HashMap<_, Vec<usize>> = HashMap::new();
    for file in (0..sides.len()).filter(|file| of_copies.contains(&folder(*file))) {
        files.entry(folder(file)).or_default().push(file);
    }
    let is_proven = |bare: &usize| {
        let untitled = files[&folder(*bare)]
            .iter()
            .filter(|file| sides[**file].title().is_none());
        let is_alone = |(bare, tagged): (usize, usize)| {
            let tracks = files[&folder(tagged)]
                .iter()
                .filter(|file| sides[**file].title().is_some());
            let mut others = tracks.filter(|file| sides[**file].number() != sides[bare].number());
            !others.any(|other| last_alike(&sides[bare], &sides[*other]))
        };
        let copies: Option<Vec<(usize, usize)>> = untitled.map(|file| Some((*file, (*copies.get(file)?)?))).collect();
        copies.is_some_and(|copies| {
            let all = copies.len();
            all <= MOST_FORMATS && copies.into_iter().filter(|copy| is_alone(*copy)).count() * 2 > all
        })
    };
    let mut known = HashMap::new();
    pairs()
        .filter(|(bare, _)| *known.entry(folder(*bare)).or_insert_with(|| is_proven(bare)))
        .collect()
}

impl<'a> Finder<'a> {
    /// Files that agree in number and title, with those of the title alone that are their other formats.
    pub(super) fn with_formats(
        &self,
        row: &Row,
        agreeing: Vec<usize>,
        unnumbered: &[usize],
        by: By,
    ) -> Result<Target, What> {
        let mut target = self.one(row, agreeing, by, true)?;
        let first = target.files[0];
        let others = unnumbered.iter().take(MOST_FORMATS);
        target.files.extend(others.filter(|file| self.is_one(&[first, **file])));
        target.files.sort_unstable();
        Ok(target)
    }

    pub(super) fn is_one(&self, files: &[usize]) -> bool {
        let are_one =
            |senses: &dyn Senses| self.parted(&files[..files.len().min(MOST_FORMATS)], senses).parts.len() == 1;
        are_one(&Belied(self.matcher.samples)) || are_one(self.matcher.samples)
    }

    fn parted(&self, files: &[usize], senses: &dyn Senses) -> Parted {
        let sides = self.beside(files);
        let sides: Vec<&Side> = sides.iter().map(Cow::as_ref).collect();
        part_sides(&sides, &[], senses)
    }

    /// Files as they are held against each other. Where none says its album, their folders do; where some do, the folders
    /// of the others tell these from each other.
    fn beside(&self, files: &[usize]) -> Vec<Cow<'_, Side<'a>>> {
        let says = |at: &usize| self.sides[*at].called.album.is_some();
        let mut unsaid = files.iter().filter(|at| !says(at)).map(|at| &self.folders[*at]);
        let first = unsaid.next();
        let is_one_folder = unsaid.all(|folder| Some(folder) == first);
        let is_said = files.iter().any(says) && is_one_folder;
        let beside = |at: &usize| match is_said || says(at) {
            true => Cow::Borrowed(&self.sides[*at]),
            false => Cow::Owned(self.sides[*at].on_album(self.folders[*at].clone())),
        };
        files.iter().map(beside).collect()
    }

    /// Whether files may be one recording as a person says by giving all of them one code: they are called alike, and
    /// nothing says that they are two.
    pub(super) fn may_be_one(&self, files: &[usize]) -> bool {
        let is_open = |pair: &Pair| pair.judged.is_question() && pair.judged.is_silent();
        files.len() <= MOST_COMPARED && self.parted(files, self.matcher.samples).pairs.iter().all(is_open)
    }

    /// Whether files are one recording.
    pub(super) fn are_one(&self, files: &[usize]) -> bool {
        files.len() < 2 || (files.len() <= MOST_FORMATS && self.is_one(files))
    }

    /// The one recording among files that fit.
    pub(super) fn one(&self, row: &Row, mut files: Vec<usize>, by: By, confirmed: bool) -> Result<Target, What> {
        let mut is_one = self.are_one(&files);
        if !is_one {
            self.narrow(row, &mut files);
            is_one = self.are_one(&files);
        }
        match is_one {
            true => Ok(Target { files, by, confirmed }),
            false => Err(What::ambiguous(by, &files)),
        }
    }

    /// Leaves those that agree with more of what the row says.
    fn narrow(&self, row: &Row, found: &mut Vec<usize>) {
        let mut keep = |fits: &dyn Fn(usize) -> bool| {
            if found.iter().any(|at| fits(*at)) {
                found.retain(|at| fits(*at));
            }
        };
        keep(&|at| self.may_mean(row, at));
        if let Some(wanted) = row.whole_title() {
            let is_same = |title: String| versions::compare(&wanted, &title) == Titles::Same;
            keep(&|at| self.title(at).is_some_and(is_same));
            keep(&|at| self.title(at).is_some_and(|title| fold(&title) == fold(&wanted)));
        }
        keep(&|at| number_agrees(row, &self.sides[at]) == Some(true));
        if let Some(album) = row.description.album.as_deref() {
            let album = fold(album);
            let dated = |at: usize| Some(fold(&self.sides[at].dated(self.folders[at].as_deref()?)));
            keep(&|at| dated(at).as_ref() == Some(&album));
            keep(&|at| self.sides[at].called.album.as_deref().map(fold).as_ref() == Some(&album));
        }
        for limit in [LENGTHS_DIFFER, LENGTHS_FIT] {
            let distance = |at: usize| row.duration.distance(self.files[at].description.duration);
            keep(&|at| distance(at).is_some_and(|distance| distance <= limit));
        }
    }

    /// A row goes to all files of its recording.
    pub(super) fn add_formats(&self, row: &Row, target: &mut Target) {
        let side = &self.sides[target.files[0]];
        let titled = side
            .title()
            .and_then(|title| self.titles.get(&versions::main_title(&title)));
        let titled = titled.map_or(&[][..], Vec::as_slice);
        if titled.len() > MOST {
            return;
        }
        let same_number = |at: usize| side.number().zip(self.sides[at].number()).is_none_or(|(a, b)| a == b);
        // What is named after another code is left as it is; so is a copy in the same format that carries another one, unless
        // replacing is asked for: it may be of another release.
        let is_wanted = |code: &Option<Isrc>| code.is_none_or(|code| row.code.isrc() == Some(code));
        let is_format = |at: usize| self.files[at].format != side.file.format;
        let may_take = |at: &usize| {
            same_number(*at)
                && (self.matcher.replace == Replace::Allow || is_wanted(&self.files[*at].isrc) || is_format(*at))
                && is_wanted(&self.codes_in_names[*at])
                && !target.files.contains(at)
        };
        let others = titled.iter().copied().filter(may_take).take(MOST_FORMATS);
        let all: Vec<usize> = target.files.iter().copied().chain(others).collect();
        if all.len() == target.files.len() {
            return;
        }
        let mut sides = self.beside(&all);
        // A file that the row surely is for has the number of the row.
        for side in &mut sides[..target.files.len()] {
            *side = Cow::Owned(side.numbered(row.description.disc, row.description.track));
        }
        let sides: Vec<&Side> = sides.iter().map(Cow::as_ref).collect();
        let mut parts = part_sides(&sides, &[], &Belied(self.matcher.samples)).parts;
        parts.retain(|part| part.files.iter().any(|at| *at < target.files.len()));
        target.files = parts
            .into_iter()
            .flat_map(|part| part.files)
            .map(|at| all[at])
            .collect();
        target.files.sort_unstable();
    }
}
