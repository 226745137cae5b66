//! Looking files up by what rows say.

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use unicode_normalization::UnicodeNormalization as _;

use super::problem::What;
use super::titles::{Fit, fit};
use super::{By, Distrust, Matcher, Target, is_loose};
use crate::isrc::Isrc;
use crate::isrc::in_name::code_in_name;
use crate::isrc::normalise::normalise;
use crate::list::cell::names_audio;
use crate::list::duration::DurationCell;
use crate::list::{Code, Row};
use crate::plan::Replace;
use crate::recording::fold::{fold, names_touch, whole_title};
use crate::recording::part::part_sides;
use crate::recording::side::Side;
use crate::recording::versions::{self, Titles};
use crate::recording::{FileInfo, names};

/// Of more files than this that a row may be for nobody can tell one, and looking at each for every row would take the
/// product of both.
const MOST: usize = 1024;

/// So many files that may be formats of one recording are compared.
const MOST_FORMATS: usize = 256;

/// A row's duration and a file's that lie further apart are of two recordings; a list tells whole seconds.
const LENGTHS_DIFFER: Duration = Duration::from_millis(10_500);

/// Of files of one title those within this are meant.
const LENGTHS_FIT: Duration = Duration::from_millis(2_500);

type Index<K> = HashMap<K, Vec<u32>>;

pub(super) struct Finder<'a> {
    matcher: Matcher<'a>,
    files: &'a [FileInfo],
    sides: Vec<Side<'a>>,
    /// Whole paths, absolute.
    paths: Index<String>,
    /// File names without case, with and without ending.
    names: Index<String>,
    stems: Index<String>,
    /// By what of their titles is no version.
    titles: Index<String>,
    tracks: Index<u32>,
    /// Codes in file names.
    codes: Index<Isrc>,
    codes_in_names: Vec<Option<Isrc>>,
    /// Whether a number without a disc, or an album, may be of several.
    several_discs: bool,
    several_albums: bool,
}

impl<'a> Finder<'a> {
    pub(super) fn new(rows: &[Row], files: &'a [FileInfo], matcher: &Matcher<'a>) -> Finder<'a> {
        let mut sides = Side::all(files);
        for side in &mut sides {
            // What a folder is called is no album that a list knows.
            side.called.album.clone_from(&side.file.description.album);
            if side.file.description.title.is_none() && code_in_name(&side.file.path).is_some() {
                side.called.title = side.called.title.take().and_then(|title| without_codes(&title));
            }
        }
        let mut finder = Finder {
            matcher: *matcher,
            files,
            sides,
            paths: Index::new(),
            names: Index::new(),
            stems: Index::new(),
            titles: Index::new(),
            tracks: Index::new(),
            codes: Index::new(),
            codes_in_names: files.iter().map(|file| code_in_name(&file.path)).collect(),
            several_discs: false,
            several_albums: false,
        };
        let discs: HashSet<u32> = finder.sides.iter().filter_map(|side| side.called.disc).collect();
        let albums = finder.sides.iter().filter_map(|side| side.called.album.as_deref());
        let albums: HashSet<String> = albums.map(|album| fold(&names::album_and_disc(album).0)).collect();
        finder.several_discs = discs.len() > 1;
        finder.several_albums = albums.len() > 1 || !is_one_release(rows);
        if rows.iter().any(|row| row.file.is_some()) {
            finder.index_names();
        }
        for (at, side) in (0..).zip(&finder.sides) {
            if let Some(title) = side.title() {
                finder.titles.entry(versions::main_title(&title)).or_default().push(at);
            }
            if let Some(track) = side.called.track {
                finder.tracks.entry(track).or_default().push(at);
            }
            if let Some(code) = finder.codes_in_names[at as usize] {
                finder.codes.entry(code).or_default().push(at);
            }
        }
        finder
    }

    fn index_names(&mut self) {
        for (at, file) in (0..).zip(self.files) {
            let path = absolute(&self.matcher.folders.current, &file.path);
            self.paths.entry(key(path.as_os_str())).or_default().push(at);
            if let Some(name) = file.path.file_name() {
                self.names.entry(key(name).to_lowercase()).or_default().push(at);
            }
            if let Some(stem) = file.path.file_stem() {
                self.stems.entry(key(stem).to_lowercase()).or_default().push(at);
            }
        }
    }

    /// Whether rows name files, and none of these is here.
    pub(super) fn has_no_file_of(&self, rows: &[Row]) -> bool {
        let mut named = rows
            .iter()
            .filter(|row| row.code != Code::None && row.file.is_some())
            .peekable();
        named.peek().is_some() && named.all(|row| matches!(self.by_file(row), Err(What::Unmatched { .. })))
    }

    pub(super) fn find(&self, row: &Row) -> Result<Target, What> {
        let by_code = row.code.isrc().and_then(|isrc| self.codes.get(&isrc));
        if let Some(found) = by_code {
            return self.one(row, widened(found), By::CodeInName, true);
        }
        if row.file.is_some() {
            let (found, by) = self.by_file(row)?;
            return self.one(row, found, by, true);
        }
        match &row.description.title {
            Some(title) => {
                let wanted = whole_title(title, row.description.version.as_deref());
                self.by_title_and_number(row, &wanted)
            }
            None => match row.description.track {
                Some(track) => self.by_number(row, track),
                None => Err(What::NamesNothing),
            },
        }
    }

    /// A row that names a file is for that file or for none.
    fn by_file(&self, row: &Row) -> Result<(Vec<usize>, By), What> {
        let file = row.file.as_deref().unwrap_or(Path::new(""));
        let wanted = key(file.as_os_str());
        // Lists made on Windows separate folders with a backslash.
        let slashed = wanted.replace('\\', "/");
        for spelling in [wanted.as_str(), slashed.as_str(), slashed.trim()] {
            let found = self.by_place(Path::new(spelling));
            if !found.is_empty() {
                return Ok((exact(self.files, file, found), By::Path));
            }
        }
        for spelling in [wanted.as_str(), slashed.as_str(), slashed.trim()] {
            if let Some(found) = self.by_tail(row, spelling) {
                return Ok(found);
            }
        }
        Err(What::Unmatched {
            wanted: super::problem::quoted_path(&file.to_string_lossy()),
        })
    }

    /// Files at exactly this place, seen from either folder.
    fn by_place(&self, path: &Path) -> Vec<usize> {
        let bases = [&self.matcher.folders.current, &self.matcher.folders.list];
        let mut found: Vec<usize> = bases
            .iter()
            .filter_map(|base| self.paths.get(&key(absolute(base, path).as_os_str())))
            .flatten()
            .map(|at| *at as usize)
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The files whose paths share the longest end with one of another machine.
    fn by_tail(&self, row: &Row, path: &str) -> Option<(Vec<usize>, By)> {
        let parts: Vec<&str> = path
            .split('/')
            .filter(|part| !part.is_empty() && !matches!(*part, "." | ".."))
            .collect();
        let (name, folders) = parts.split_last()?;
        let named = self.by_name(name, is_loose(row))?;
        if named.len() > MOST {
            return None;
        }
        if folders.is_empty() {
            return Some((widened(named), By::FileName));
        }
        let shared = |at: &u32| {
            let folder = absolute(&self.matcher.folders.current, &self.files[*at as usize].path);
            let here = folder.parent().into_iter().flat_map(Path::components).rev();
            let here = here.map(|part| key(part.as_os_str()).to_lowercase());
            folders
                .iter()
                .rev()
                .zip(here)
                .take_while(|(there, here)| there.to_lowercase() == *here)
                .count()
        };
        let longest = named.iter().map(shared).max()?;
        let found: Vec<usize> = named
            .iter()
            .filter(|at| shared(at) == longest)
            .map(|at| *at as usize)
            .collect();
        if longest > 0 {
            return Some((found, By::Path));
        }
        // "01.wav" in another folder may be any file; "01 Low Water.wav" is named well enough.
        let says_enough = names::read(Path::new(name)).title.is_some();
        let agrees = |at: &usize| {
            let side = &self.sides[*at];
            let title = row.description.title.as_deref().zip(side.title());
            let title = title.map(|(wanted, title)| versions::compare(wanted, &title) == Titles::Same);
            title.unwrap_or(false)
                || (title.is_none() && row.description.track.is_some() && number_agrees(row, side) == Some(true))
        };
        (says_enough || found.iter().all(agrees)).then_some((found, By::FileName))
    }

    fn by_name(&self, name: &str, is_loose: bool) -> Option<&Vec<u32>> {
        let path = Path::new(name);
        let has_ending = names_audio(path);
        let stem = match (is_loose, has_ending) {
            // Whoever says .wav does not mean the FLAC beside it.
            (false, true) => None,
            (true, true) => path.file_stem().map(key),
            (_, false) => Some(name.to_owned()),
        };
        let by_stem = || self.stems.get(&stem?.to_lowercase());
        self.names.get(&name.to_lowercase()).or_else(by_stem)
    }

    /// Files of a number where a row has no title.
    fn by_number(&self, row: &Row, track: u32) -> Result<Target, What> {
        let wanted = match row.description.disc {
            Some(disc) => format!("disc {disc}, track {track}"),
            None => format!("track {track}"),
        };
        let all = self.tracks.get(&track).map_or(&[][..], Vec::as_slice);
        if all.len() > MOST {
            return Err(What::SeveralAlbums { wanted });
        }
        let fits = |at: &&u32| {
            let side = &self.sides[**at as usize];
            number_agrees(row, side) == Some(true) && belongs(row, side)
        };
        let found: Vec<usize> = all.iter().filter(fits).map(|at| *at as usize).collect();
        let is_open = (self.several_albums && row.description.album.is_none())
            || (self.several_discs && row.description.disc.is_none());
        match found.is_empty() {
            true => Err(What::Unmatched { wanted }),
            false if is_open => Err(What::SeveralAlbums { wanted }),
            false => self
                .one(row, found, By::DiscAndTrack, false)
                .map_err(|what| match what {
                    What::Ambiguous { .. } => What::SeveralAlbums { wanted },
                    other => other,
                }),
        }
    }

    fn by_title_and_number(&self, row: &Row, wanted: &str) -> Result<Target, What> {
        let unmatched = || What::Unmatched {
            wanted: told(row, wanted),
        };
        let titled = self.titled(row, wanted);
        let of_number: &[u32] = row
            .description
            .track
            .and_then(|track| self.tracks.get(&track))
            .map_or(&[], Vec::as_slice);
        if titled.len() > MOST && (row.description.track.is_none() || of_number.len() > MOST) {
            return Err(What::Ambiguous {
                by: By::Title,
                count: titled.len(),
                candidates: widened(&titled[..10]),
            });
        }
        // The shorter of both lists is looked through.
        let looked_at: &[u32] = if titled.len() > MOST { of_number } else { &titled };
        let (mut agreeing, mut unnumbered, mut others, mut one_sided) = (vec![], vec![], vec![], vec![]);
        for at in looked_at {
            let side = &self.sides[*at as usize];
            let Some(title) = side.title().filter(|_| belongs(row, side)) else {
                continue;
            };
            match (self.compare(row, wanted, &title), number_agrees(row, side)) {
                (Titles::Same, Some(true)) => agreeing.push(*at as usize),
                (Titles::Same, None) => unnumbered.push(*at as usize),
                (Titles::Same, Some(false)) => others.push(*at as usize),
                (Titles::OneSided(_), _) => one_sided.push(*at as usize),
                (Titles::Different, _) => {}
            }
        }
        if !agreeing.is_empty() {
            return self.with_formats(row, agreeing, &unnumbered, By::DiscAndTrack);
        }
        if !unnumbered.is_empty() {
            let confirmed = self.speaks_for(row, unnumbered[0]);
            return self.one(row, unnumbered, By::Title, confirmed);
        }
        // The files that have this number, on the album of the files with this title.
        let at_number: Vec<usize> = of_number
            .iter()
            .take(MOST)
            .map(|at| *at as usize)
            .filter(|at| number_agrees(row, &self.sides[*at]) == Some(true) && belongs(row, &self.sides[*at]))
            .collect();
        if let Some(&of_title) = others.first() {
            let moved = at_number
                .iter()
                .find(|at| others.iter().any(|other| self.on_one_release(**at, *other)));
            return match moved {
                Some(&file) => Err(self.other_title(row, By::DiscAndTrack, file, wanted, true)),
                None => self.one(row, others, By::Title, self.speaks_for(row, of_title)),
            };
        }
        let mut found = Vec::new();
        for &file in &at_number {
            let Some(title) = self.sides[file].title() else {
                found.push(file);
                continue;
            };
            match self.fit(row, wanted, &title, file) {
                Fit::Same | Fit::Alike => found.push(file),
                Fit::OneSided if !self.is_of_another(row, wanted, file) => one_sided.insert(0, file),
                Fit::OneSided | Fit::OtherScript | Fit::SharesWords | Fit::Different => {}
            }
        }
        if !found.is_empty() {
            return self.one(row, found, By::DiscAndTrack, false);
        }
        if let Some(&file) = one_sided
            .first()
            .filter(|file| number_agrees(row, &self.sides[**file]) != Some(false))
        {
            return Err(What::OtherVersion {
                file,
                wanted: wanted.to_owned(),
                title: self.sides[file].title().unwrap_or_default(),
            });
        }
        match at_number[..] {
            // Of one album: elsewhere a number says nothing against a title.
            [file, ..] if self.is_one_release(&at_number) => {
                Err(self.other_title(row, By::DiscAndTrack, file, wanted, false))
            }
            _ => Err(unmatched()),
        }
    }

    /// The files that may have this title, by what of it is no version.
    fn titled(&self, row: &Row, wanted: &str) -> Vec<u32> {
        let of = |title: &str| self.titles.get(&versions::main_title(title));
        let found = of(wanted).or_else(|| {
            // "Artist - Title", where there is no column of artists.
            let (artist, title) = wanted.split_once(" - ")?;
            let found = of(title)?;
            let is_artist = |at: &u32| {
                let artists = [&row.description.artist, &self.sides[*at as usize].called.artist];
                artists.into_iter().flatten().any(|known| names_touch(known, artist))
            };
            found.iter().any(is_artist).then_some(found)
        });
        found.cloned().unwrap_or_default()
    }

    fn compare(&self, row: &Row, wanted: &str, title: &str) -> Titles {
        // Comparing takes a title apart, and many are written the same.
        if wanted == title {
            return Titles::Same;
        }
        let compared = versions::compare(wanted, title);
        if compared == Titles::Different
            && let Some((artist, rest)) = wanted.split_once(" - ")
            && row
                .description
                .artist
                .as_deref()
                .is_none_or(|known| names_touch(known, artist))
        {
            return versions::compare(rest, title);
        }
        compared
    }

    fn fit(&self, row: &Row, wanted: &str, title: &str, file: usize) -> Fit {
        let artists = [&row.description.artist, &self.sides[file].called.artist];
        let artists: Vec<&str> = artists.into_iter().flatten().map(String::as_str).collect();
        fit(wanted, title, &artists)
    }

    fn other_title(&self, row: &Row, by: By, file: usize, wanted: &str, moved: bool) -> What {
        let title = self.sides[file].title().unwrap_or_default();
        What::OtherTitle {
            by,
            moved: moved || self.is_of_another(row, wanted, file),
            file,
            wanted: wanted.to_owned(),
            title,
        }
    }

    /// Whether a title is exactly that of another file on the album of `file`.
    fn is_of_another(&self, row: &Row, wanted: &str, file: usize) -> bool {
        let same = |at: &u32| {
            let other = *at as usize;
            let title = || self.sides[other].title().unwrap_or_default();
            other != file && self.on_one_release(file, other) && self.compare(row, wanted, &title()) == Titles::Same
        };
        self.titled(row, wanted).iter().take(MOST).any(same)
    }

    fn on_one_release(&self, a: usize, b: usize) -> bool {
        let album = |at: usize| {
            self.sides[at]
                .called
                .album
                .as_deref()
                .map(|album| fold(&names::album_and_disc(album).0))
        };
        match (album(a), album(b)) {
            (Some(a), Some(b)) => a == b,
            _ => release_folder(&self.files[a].path) == release_folder(&self.files[b].path),
        }
    }

    fn is_one_release(&self, files: &[usize]) -> bool {
        files
            .windows(2)
            .all(|pair| self.on_one_release(pair[0], pair[1]) || self.is_one(pair))
    }

    /// Whether a row names the album of a file, or its length, beside its title.
    fn speaks_for(&self, row: &Row, file: usize) -> bool {
        let album = row.description.album.is_some() && self.sides[file].called.album.is_some();
        let length = match (&row.duration, self.files[file].description.duration) {
            (DurationCell::Readings(readings), Some(length)) => readings.distance(length) <= LENGTHS_FIT,
            _ => false,
        };
        album || length
    }

    /// Files that agree in number and title, with those of the title alone that are their other formats.
    fn with_formats(&self, row: &Row, agreeing: Vec<usize>, unnumbered: &[usize], by: By) -> Result<Target, What> {
        let mut target = self.one(row, agreeing, by, true)?;
        let first = target.files[0];
        let more = unnumbered
            .iter()
            .take(MOST_FORMATS)
            .filter(|file| self.is_one(&[first, **file]));
        target.files.extend(more);
        target.files.sort_unstable();
        Ok(target)
    }

    fn is_one(&self, files: &[usize]) -> bool {
        let sides: Vec<&Side> = files.iter().take(MOST_FORMATS).map(|at| &self.sides[*at]).collect();
        part_sides(&sides, self.matcher.senses).parts.len() == 1
    }

    /// Whether files are one recording.
    pub(super) fn are_one(&self, files: &[usize]) -> bool {
        files.len() < 2 || (files.len() <= MOST_FORMATS && self.is_one(files))
    }

    /// The one recording among files that fit.
    fn one(&self, row: &Row, mut found: Vec<usize>, by: By, confirmed: bool) -> Result<Target, What> {
        if found.len() > 1 && !self.are_one(&found) {
            self.narrow(row, &mut found);
        }
        match self.are_one(&found) {
            true => Ok(Target {
                files: found,
                by,
                confirmed,
            }),
            false => Err(What::Ambiguous {
                by,
                count: found.len(),
                candidates: found.into_iter().take(10).collect(),
            }),
        }
    }

    /// Leaves those that agree with more of what the row says.
    fn narrow(&self, row: &Row, found: &mut Vec<usize>) {
        let mut keep = |fits: &dyn Fn(&usize) -> bool| {
            if found.iter().any(fits) {
                found.retain(fits);
            }
        };
        if let Some(title) = &row.description.title {
            let wanted = whole_title(title, row.description.version.as_deref());
            keep(&|at| {
                self.sides[*at]
                    .title()
                    .is_some_and(|title| versions::compare(&wanted, &title) == Titles::Same)
            });
        }
        keep(&|at| number_agrees(row, &self.sides[*at]) == Some(true));
        if let Some(album) = &row.description.album {
            let wanted = fold(album);
            keep(&|at| self.sides[*at].called.album.as_deref().map(fold).as_ref() == Some(&wanted));
        }
        if let DurationCell::Readings(readings) = &row.duration {
            for limit in [LENGTHS_DIFFER, LENGTHS_FIT] {
                keep(&|at| {
                    self.files[*at]
                        .description
                        .duration
                        .is_some_and(|length| readings.distance(length) <= limit)
                });
            }
        }
    }

    /// Asks everything that a row says of the files that it found, and adds their other formats.
    pub(super) fn confirm(&self, row: &Row, target: &mut Target) -> Result<(), What> {
        for &file in &target.files {
            self.title_agrees(row, target.by, file)?;
            self.owner_agrees(row, target.by, file)?;
            self.length_agrees(row, file)?;
            if let (Some(isrc), Some(named)) = (row.code.isrc(), self.codes_in_names[file])
                && isrc != named
            {
                return Err(What::OtherCodeInName { file, named, isrc });
            }
        }
        match row.cuesheet_track {
            Some(track) => {
                let has_track = |file: &&usize| self.files[**file].cuesheet.iter().any(|known| known.number == track);
                match target.files.iter().find(|file| !has_track(file)) {
                    Some(&file) => Err(What::NoCuesheetTrack { file, track }),
                    None => Ok(()),
                }
            }
            None => {
                self.add_formats(target);
                Ok(())
            }
        }
    }

    /// A path is surer than a number, and its row may spell the title in any way. But a wholly different one, or that of
    /// another file, tells of a column that was moved.
    fn title_agrees(&self, row: &Row, by: By, file: usize) -> Result<(), What> {
        let (Some(wanted), Some(title)) = (&row.description.title, self.sides[file].title()) else {
            return Ok(());
        };
        if let By::Title | By::DiscAndTrack = by {
            return Ok(());
        }
        let wanted = whole_title(wanted, row.description.version.as_deref());
        let of_name = names::read(&self.files[file].path).title;
        let best = |title: &str| self.fit(row, &wanted, title, file);
        let fit = match (best(&title), of_name.as_deref().map(best)) {
            (fit @ (Fit::Same | Fit::Alike), _) | (_, Some(fit @ (Fit::Same | Fit::Alike))) => fit,
            (fit, _) => fit,
        };
        let moved = || self.is_of_another(row, &wanted, file);
        let says_more = || versions::has_version(&wanted) && !versions::has_version(&title);
        let contradicts = match (by, fit) {
            (_, Fit::Same | Fit::Alike) => false,
            (By::Path | By::FileName, Fit::OneSided) => says_more() && moved(),
            (By::Path | By::FileName, Fit::OtherScript | Fit::SharesWords) => moved(),
            (_, Fit::OneSided | Fit::OtherScript | Fit::SharesWords | Fit::Different) => true,
        };
        match contradicts {
            true => Err(self.other_title(row, by, file, &wanted, false)),
            false => Ok(()),
        }
    }

    /// A name such as "01 Low Water.flac", and the end of a path of another machine, fit files of other albums too: what
    /// the tags say of artist and album contradicts them.
    fn owner_agrees(&self, row: &Row, by: By, file: usize) -> Result<(), What> {
        if !matches!(by, By::Path | By::FileName) {
            return Ok(());
        }
        let (own, tags) = (&row.description, &self.files[file].description);
        for (what, wanted, found) in [
            ("artist", &own.artist, &tags.artist),
            ("album", &own.album, &tags.album),
        ] {
            if let (Some(wanted), Some(found)) = (wanted, found)
                && (versions::has_version(wanted) != versions::has_version(found)
                    || !names_touch(wanted, found) && versions::compare(wanted, found) != Titles::Same)
            {
                return Err(What::OtherOwner {
                    file,
                    what,
                    wanted: wanted.clone(),
                    found: found.clone(),
                });
            }
        }
        Ok(())
    }

    fn length_agrees(&self, row: &Row, file: usize) -> Result<(), What> {
        let readings = match &row.duration {
            DurationCell::None => return Ok(()),
            DurationCell::Unreadable => return Err(What::UnreadableDuration),
            DurationCell::Readings(readings) => readings,
        };
        match self.files[file].description.duration {
            Some(duration) if readings.distance(duration) > LENGTHS_DIFFER => Err(What::OtherDuration {
                file,
                wanted: readings.likeliest,
                duration,
            }),
            Some(_) | None => Ok(()),
        }
    }

    /// A row goes to all files of its recording.
    fn add_formats(&self, target: &mut Target) {
        let side = &self.sides[target.files[0]];
        let Some(found) = side
            .title()
            .and_then(|title| self.titles.get(&versions::main_title(&title)))
        else {
            return;
        };
        if found.len() == 1 || found.len() > MOST {
            return;
        }
        let same_number = |at: &&u32| {
            let other = &self.sides[**at as usize];
            let numbers = side.number().zip(other.number());
            numbers.is_none_or(|(a, b)| a == b)
        };
        // What carries another code is left as it is, unless replacing is asked for.
        let may_take = |at: &usize| self.matcher.replace == Replace::Allow || self.files[*at].isrc.is_none();
        let others = found.iter().filter(same_number).map(|at| *at as usize);
        let others: Vec<usize> = others
            .filter(may_take)
            .filter(|at| !target.files.contains(at))
            .take(MOST_FORMATS)
            .collect();
        if others.is_empty() {
            return;
        }
        let all: Vec<usize> = target.files.iter().copied().chain(others).collect();
        let sides: Vec<&Side> = all.iter().map(|at| &self.sides[*at]).collect();
        let parted = part_sides(&sides, self.matcher.senses);
        let own = parted
            .parts
            .into_iter()
            .filter(|part| part.files.iter().any(|at| *at < target.files.len()));
        let mut files: Vec<usize> = own.flat_map(|part| part.files).map(|at| all[at]).collect();
        files.sort_unstable();
        target.files = files;
    }

    /// Every code to the recording at its place, in track order.
    pub(super) fn in_order(&self, rows: &[Row]) -> Result<Vec<Result<Target, What>>, Distrust> {
        let recordings = self.recordings()?;
        let codes = rows.iter().filter(|row| row.code != Code::None).count();
        if codes != recordings.len() {
            return Err(Distrust::Count {
                codes,
                recordings: recordings.len(),
            });
        }
        let mut recordings = recordings.into_iter();
        let target = |row: &Row| match row.code {
            Code::None => Err(What::NamesNothing),
            _ => Ok(Target {
                files: recordings.next().unwrap_or_default(),
                by: By::Order,
                confirmed: true,
            }),
        };
        Ok(rows.iter().map(target).collect())
    }

    /// The recordings of one album in the order of its tracks.
    pub(super) fn recordings(&self) -> Result<Vec<Vec<usize>>, Distrust> {
        let numbered = self.sides.iter().filter(|side| side.called.track.is_some()).count();
        if numbered == 0 {
            // In the order of the walk, of one folder.
            let is_one = self
                .files
                .windows(2)
                .all(|pair| pair[0].path.parent() == pair[1].path.parent());
            let all = (0..self.files.len()).map(|at| vec![at]);
            return if is_one {
                Ok(all.collect())
            } else {
                Err(Distrust::Albums)
            };
        }
        if numbered < self.sides.len() {
            return Err(Distrust::Albums);
        }
        let mut by_number: std::collections::BTreeMap<(u32, u32), Vec<usize>> = std::collections::BTreeMap::new();
        for (at, side) in self.sides.iter().enumerate() {
            by_number.entry(side.number().unwrap_or_default()).or_default().push(at);
        }
        let recordings: Vec<Vec<usize>> = by_number.into_values().collect();
        match recordings.iter().all(|files| self.are_one(files)) {
            true => Ok(recordings),
            false => Err(Distrust::Albums),
        }
    }

    /// How many tracks there are where rows say numbers alone.
    pub(super) fn tracks(&self) -> usize {
        self.tracks.len()
    }
}

/// The folder of a file's release: that of its discs, where it lies in "CD1" or "Album CD 2".
fn release_folder(path: &Path) -> PathBuf {
    let folder = path.parent().unwrap_or(Path::new(""));
    let name = folder.file_name().map(key).unwrap_or_default();
    match names::album_and_disc(&name) {
        (rest, Some(_)) => folder.parent().unwrap_or(Path::new("")).join(rest),
        (_, None) => folder.to_path_buf(),
    }
}

/// Whether the rows are of one release as far as they tell.
fn is_one_release(rows: &[Row]) -> bool {
    let upcs: HashSet<&str> = rows.iter().filter_map(|row| row.upc.as_deref()).collect();
    let albums: HashSet<String> = rows
        .iter()
        .filter_map(|row| row.description.album.as_deref())
        .map(fold)
        .collect();
    upcs.len() <= 1 && albums.len() <= 1
}

/// Rows without the files that they name, which say number and title where the row does not.
pub(super) fn without_files(rows: &[Row]) -> Vec<Row> {
    let paths: Vec<PathBuf> = rows
        .iter()
        .map(|row| {
            let file = row.file.as_ref().map(|file| file.to_string_lossy().replace('\\', "/"));
            PathBuf::from(file.unwrap_or_default())
        })
        .collect();
    let named = names::read_all(paths.iter().map(PathBuf::as_path));
    let mut rows = rows.to_vec();
    for (row, named) in rows.iter_mut().zip(named) {
        let is_part = row.cuesheet_track.take().is_some();
        if row.file.take().is_none() || is_part {
            continue;
        }
        let description = &mut row.description;
        if description.track.is_none() {
            description.track = named.track;
            description.disc = description.disc.or(named.disc);
        }
        description.title = description.title.take().or(named.title);
    }
    rows
}

/// Of paths that look alike the one with exactly these bytes.
fn exact(files: &[FileInfo], file: &Path, found: Vec<usize>) -> Vec<usize> {
    match found.iter().copied().find(|at| files[*at].path == file) {
        Some(exact) if found.len() > 1 => vec![exact],
        _ => found,
    }
}

fn widened(found: &[u32]) -> Vec<usize> {
    found.iter().map(|at| *at as usize).collect()
}

/// A row's title for people, with its album where that matters.
fn told(row: &Row, wanted: &str) -> String {
    let title = super::problem::quoted(wanted);
    match &row.description.album {
        Some(album) => format!("{title} on {}", super::problem::quoted(album)),
        None => title,
    }
}

/// Whether disc and track of a row and a file are the same; `None` where one has none.
fn number_agrees(row: &Row, side: &Side) -> Option<bool> {
    let (wanted, track) = row.description.track.zip(side.called.track)?;
    let disc = row
        .description
        .disc
        .is_none_or(|disc| side.called.disc.unwrap_or(1) == disc);
    Some(wanted == track && disc)
}

/// Whether album, artist and disc of a row and a file do not contradict each other.
fn belongs(row: &Row, side: &Side) -> bool {
    let artists = row.description.artist.as_deref().zip(side.called.artist.as_deref());
    let albums = row.description.album.as_deref().zip(side.called.album.as_deref());
    let is_one_album = |(a, b): (&str, &str)| {
        let touch = names_touch(a, b) || names::album_and_disc(a).0 == names::album_and_disc(b).0;
        // The live album is not the studio one.
        touch && (versions::has_version(a) == versions::has_version(b))
    };
    let discs = row.description.disc.zip(side.called.disc);
    artists.is_none_or(|(a, b)| names_touch(a, b))
        && albums.is_none_or(is_one_album)
        && discs.is_none_or(|(a, b)| a == b)
}

/// What a name says beside the code in it.
fn without_codes(title: &str) -> Option<String> {
    let words = title.split(|letter: char| letter.is_whitespace() || letter == '_');
    let words: Vec<&str> = words.filter(|word| normalise(word).is_err()).collect();
    let rest = words.join(" ");
    let rest = rest.trim_matches(|letter: char| !letter.is_alphanumeric());
    (!rest.is_empty() && !names::is_placeholder(rest)).then(|| rest.to_owned())
}

/// The text of a path or name by which it is looked up: whatever bytes are not UTF-8 as the replacement character, as
/// CSV shows them, and accents composed, since macOS takes them apart.
fn key(text: &OsStr) -> String {
    text.to_string_lossy().nfc().collect()
}

/// A path from the root, without `.` and `..`. Links are not looked at.
fn absolute(base: &Path, path: &Path) -> PathBuf {
    let mut absolute = PathBuf::new();
    for component in base.join(path).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                absolute.pop();
            }
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => absolute.push(component),
        }
    }
    absolute
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_made_absolute_without_the_disk() {
        let check =
            |path: &str, expected: &str| assert_eq!(absolute(Path::new("/a/b"), Path::new(path)), Path::new(expected));
        check("./c/x.flac", "/a/b/c/x.flac");
        check("../c/x.flac", "/a/c/x.flac");
        check("/c/x.flac", "/c/x.flac");
        check("../../../../x.flac", "/x.flac");
    }
}
