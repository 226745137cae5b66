//! Looking files up by what rows say.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use super::album::{is_artist_and_album, is_one_release, read_names_as_rows, release, say_parts, upc_of_folders};
use super::one::say_what_tags_say;
use super::problem::{Of, What};
use super::{By, Matcher, Target, titles};
use crate::format::tags::{Description, Medium};
use crate::isrc::Isrc;
use crate::isrc::in_name::code_in_name;
use crate::isrc::normalise::normalise;
use crate::list::Row;
use crate::list::told::quoted;
use crate::recording::fold::{fold, names_touch};
use crate::recording::side::Side;
use crate::recording::versions::fit::Fit;
use crate::recording::versions::{self, Titles};
use crate::recording::{FileInfo, names};

/// Of more files than this that a row may be for nobody can tell one, and looking at each for every row would take the
/// product of both.
pub(super) const MOST: usize = 1024;

/// A row's duration and a file's that lie further apart are of two recordings; a list tells whole seconds.
pub(super) const LENGTHS_DIFFER: Duration = Duration::from_millis(10_500);

/// Of files of one title those within this are meant.
pub(super) const LENGTHS_FIT: Duration = Duration::from_millis(2_500);

/// How far apart the lengths of a row and a file of one recording may be: ten seconds are another jingle.
pub(super) fn lengths_differ(longer: Duration) -> Duration {
    (longer / 3).clamp(Duration::from_secs(7), LENGTHS_DIFFER)
}

/// Files by what they are called.
type Index<K> = HashMap<K, Vec<usize>>;

pub(super) struct Finder<'a> {
    pub(super) matcher: Matcher<'a>,
    pub(super) files: &'a [FileInfo],
    pub(super) sides: Vec<Side<'a>>,
    /// Of each file what the album is called that it says, without its disc, folded.
    pub(super) albums: Vec<Option<String>>,
    /// Of each file the album, by its folders where it does not say one.
    pub(super) folders: Vec<Option<String>>,
    /// Whole paths, absolute.
    pub(super) paths: Index<String>,
    /// File names without case, with and without ending.
    pub(super) names: Index<String>,
    pub(super) stems: Index<String>,
    /// By what of their titles is no version, and by all of it: no file is called "Sonata: Allegro", but "Sonata_ Allegro".
    pub(super) titles: Index<String>,
    pub(super) tracks: Index<u32>,
    /// Codes in file names.
    codes: Index<Isrc>,
    pub(super) codes_in_names: Vec<Option<Isrc>>,
    /// Whether a number without a disc, or an album, may be of several.
    several_discs: bool,
    pub(super) several_albums: bool,
    /// What the folders of files are called that do not say an album themselves.
    pub(super) folder_releases: HashSet<String>,
    /// Titles that differ in a sign, an accent or capitals alone from that of another row of their album: "LOVE" beside "Love".
    pub(super) twins: HashSet<titles::OfAlbum>,
    /// Of each file the UPC that its folder is called by; empty where no row says one.
    pub(super) upcs: Vec<Option<String>>,
    /// The albums that rows name.
    pub(super) named: HashSet<String>,
    /// Files that number and length alone make those of a tagged one.
    pub(super) numbered_copies: HashSet<usize>,
    /// Discs in one piece, whose tracks rows name.
    pub(super) images: HashSet<usize>,
    /// Some files are no videos.
    pub(super) has_sound: bool,
    /// All rows are of a second disc, or a later one.
    pub(super) only_later_discs: bool,
}

/// Files of a row's title.
#[derive(Default)]
struct Titled {
    /// In their number, too.
    agreeing: Vec<usize>,
    /// One of both has none.
    unnumbered: Vec<usize>,
    /// In another number.
    others: Vec<usize>,
    /// But for a word that makes another version.
    one_sided: Vec<usize>,
}

pub(super) fn indexed<K: Eq + std::hash::Hash>(keys: impl IntoIterator<Item = Option<K>>) -> Index<K> {
    let mut index = Index::new();
    for (at, key) in keys.into_iter().enumerate() {
        if let Some(key) = key {
            index.entry(key).or_insert_with(Vec::new).push(at);
        }
    }
    index
}

fn by_titles(sides: &[Side]) -> Index<String> {
    let mut index = Index::new();
    for (at, side) in sides.iter().enumerate() {
        let Some(title) = side.title() else { continue };
        let (main, all) = (versions::main_title(&title), fold(&title));
        if all != main {
            index.entry(all).or_insert_with(Vec::new).push(at);
        }
        index.entry(main).or_insert_with(Vec::new).push(at);
    }
    index
}

impl<'a> Finder<'a> {
    pub(super) fn new(rows: &[Row], files: &'a [FileInfo], matcher: &Matcher<'a>) -> Finder<'a> {
        let mut sides = Side::all(files);
        read_names_as_rows(&mut sides, rows);
        let discs = rows.iter().map(|row| row.description.disc);
        // A column that says 1 throughout says nothing of the parts of an album whose numbers run on.
        let is_of_one = discs.clone().all(|disc| disc == Some(1)) && names_each_once(&sides);
        if discs.clone().all(|disc| disc.is_some()) && !is_of_one {
            say_parts(&mut sides);
        }
        let codes_in_names: Vec<Option<Isrc>> = files.iter().map(|file| code_in_name(&file.path)).collect();
        let mut folders = Vec::with_capacity(sides.len());
        for (side, code) in sides.iter_mut().zip(&codes_in_names) {
            // What a folder is called is no album that a list knows, unless it names the artist too.
            let is_named = |album: &String| is_artist_and_album(&side.file.path, album);
            let tags = &side.file.description;
            let album = tags.album.clone().or(side.called.album.clone().filter(is_named));
            folders.push(std::mem::replace(&mut side.called.album, album));
            if tags.title.is_none() && code.is_some() {
                side.called.title = side.called.title.take().and_then(|title| without_codes(&title));
            }
            titles::say_guests(&mut side.called.title, side.called.artist.as_deref());
        }
        let numbered_copies = say_what_tags_say(&mut sides, files);
        let album = |side: &Side| side.called.album.as_deref().map(release);
        let albums: Vec<Option<String>> = sides.iter().map(album).collect();
        let several_albums = albums.iter().flatten().collect::<HashSet<_>>().len() > 1;
        let discs: HashSet<u32> = sides.iter().filter_map(|side| side.called.disc).collect();
        let untagged = folders.iter().zip(&albums).filter(|(_, album)| album.is_none());
        let of_folders = untagged.filter_map(|(folder, _)| Some(release(folder.as_deref()?)));
        let say_upcs = rows.iter().any(|row| row.upc.is_some());
        let upcs = files.iter().filter(|_| say_upcs).map(|file| upc_of_folders(&file.path));
        let mut finder = Finder {
            matcher: *matcher,
            files,
            paths: Index::new(),
            names: Index::new(),
            stems: Index::new(),
            titles: by_titles(&sides),
            tracks: indexed(sides.iter().map(|side| side.called.track)),
            codes: indexed(codes_in_names.iter().copied()),
            codes_in_names,
            several_discs: discs.len() > 1,
            has_sound: files
                .iter()
                .any(|file| file.description.medium.is_some_and(|medium| medium < Medium::Video)),
            folder_releases: of_folders.collect(),
            twins: titles::twins(rows),
            upcs: upcs.collect(),
            images: HashSet::new(),
            numbered_copies,
            named: rows
                .iter()
                .filter_map(|row| Some(release(row.description.album.as_deref()?)))
                .collect(),
            several_albums: several_albums || !is_one_release(rows),
            albums,
            only_later_discs: rows.iter().all(|row| row.description.disc.is_some_and(|disc| disc > 1)),
            folders,
            sides,
        };
        if rows.iter().any(|row| row.file.is_some()) {
            finder.index_names();
        }
        finder
    }

    pub(super) fn find(&self, row: &Row) -> Result<Target, What> {
        if let Some(found) = row.code.isrc().and_then(|isrc| self.codes.get(&isrc)) {
            return self.one(row, found.clone(), By::CodeInName, true);
        }
        if row.file.is_some() {
            let (found, by) = self.by_file(row)?;
            return self.one(row, found, by, true);
        }
        match (row.whole_title(), row.description.track) {
            (Some(wanted), _) => self.by_title_and_number(row, &wanted),
            (None, Some(track)) => self.by_number(row, track),
            (None, None) => Err(What::NamesNothing),
        }
    }

    /// Of files those that have the number of a row, and may be on its album.
    fn of_number(&self, row: &Row, files: &[usize]) -> Vec<usize> {
        let has_number = |at: &usize| number_agrees(row, &self.sides[*at]) == Some(true) && self.belongs(row, *at);
        files.iter().copied().filter(has_number).collect()
    }

    /// Files of a number where a row has no title.
    fn by_number(&self, row: &Row, track: u32) -> Result<Target, What> {
        let wanted = told_number(row, track);
        let all = self.tracks.get(&track).map_or(&[][..], Vec::as_slice);
        if all.len() > MOST {
            return Err(What::SeveralAlbums { wanted });
        }
        let found = self.of_number(row, all);
        let is_on_side = |at: &usize| row.side.is_some() && side_of_record(&self.sides[*at]).is_some();
        let is_open = (self.several_albums && row.description.album.is_none())
            || (self.several_discs && row.description.disc.is_none() && !found.iter().all(is_on_side));
        match found.is_empty() {
            true => Err(What::Unmatched { wanted }),
            false if is_open => Err(What::SeveralAlbums { wanted }),
            false => self
                .one(row, found, By::DiscAndTrack, false)
                .map_err(|_| What::SeveralAlbums { wanted }),
        }
    }

    fn by_title_and_number(&self, row: &Row, wanted: &str) -> Result<Target, What> {
        let titled = self.titled(row, wanted);
        let of_number = row.description.track.and_then(|track| self.tracks.get(&track));
        let of_number = of_number.map_or(&[][..], Vec::as_slice);
        // The shorter of both lists is looked through.
        let looked_at = match row.description.track {
            _ if titled.len() <= MOST => titled,
            Some(_) if of_number.len() <= MOST => of_number,
            Some(_) | None => return Err(What::ambiguous(By::Title, titled)),
        };
        let found = self.sorted(row, wanted, looked_at);
        if !found.agreeing.is_empty() {
            return self.with_formats(row, found.agreeing, &found.unnumbered, By::DiscAndTrack);
        }
        if let Some(&first) = found.unnumbered.first() {
            return self.one(row, found.unnumbered, By::Title, self.speaks_for(row, first));
        }
        // The files that have this number, on the album of the files with this title.
        let at_number = self.of_number(row, &of_number[..of_number.len().min(MOST)]);
        let Some(&first) = found.others.first() else {
            return self.by_number_and_title(row, wanted, &at_number, found.one_sided);
        };
        let is_beside = |at: &&usize| found.others.iter().any(|other| self.on_one_release(**at, *other));
        match at_number.iter().find(is_beside) {
            Some(&file) => Err(self.other_title(row, file, wanted, true)),
            None => self.one(row, found.others, By::Title, self.speaks_for(row, first)),
        }
    }

    /// Files of this title by what they say of the number.
    fn sorted(&self, row: &Row, wanted: &str, files: &[usize]) -> Titled {
        let mut titled = Titled::default();
        for &at in files {
            if !self.belongs(row, at) {
                continue;
            }
            match (self.titles(row, wanted, at), number_agrees(row, &self.sides[at])) {
                (Some(Titles::Same), Some(true)) => titled.agreeing.push(at),
                (Some(Titles::Same), None) => titled.unnumbered.push(at),
                (Some(Titles::Same), Some(false)) => titled.others.push(at),
                (Some(Titles::OneSided(_)), _) => titled.one_sided.push(at),
                (Some(Titles::Different) | None, _) => {}
            }
        }
        titled
    }

    /// Of the files of a number those whose title is alike, or unknown.
    fn by_number_and_title(
        &self,
        row: &Row,
        wanted: &str,
        at_number: &[usize],
        mut one_sided: Vec<usize>,
    ) -> Result<Target, What> {
        let mut found = Vec::new();
        for &file in at_number {
            match self.fit(row, wanted, file) {
                None | Some(Fit::Same | Fit::Alike) => found.push(file),
                Some(Fit::OneSided) if !self.is_of_another(row, wanted, file) => one_sided.insert(0, file),
                Some(Fit::OneSided | Fit::OtherScript | Fit::SharesWords | Fit::Different) => {}
            }
        }
        let are_untitled = found.iter().all(|file| self.sides[*file].title().is_none());
        if !found.is_empty() && are_untitled && !self.is_one_release(at_number) {
            // The title is not that of the album whose files say theirs; the other's say nothing.
            return Err(What::SeveralAlbums {
                wanted: self.told(row, wanted),
            });
        }
        if !found.is_empty() {
            return self.one(row, found, By::DiscAndTrack, false);
        }
        Err(match (one_sided[..].first(), at_number) {
            (Some(&file), _) if number_agrees(row, &self.sides[file]) != Some(false) => {
                let title = self.title(file).unwrap_or_default();
                What::contradicts(file, Of::Version, wanted, title)
            }
            // Of one album: elsewhere a number says nothing against a title.
            (_, &[file, ..]) if self.is_one_release(at_number) => self.other_title(row, file, wanted, false),
            _ => What::Unmatched {
                wanted: self.told(row, wanted),
            },
        })
    }

    /// The files that may have this title, by what of it is no version.
    pub(super) fn titled(&self, row: &Row, wanted: &str) -> &[usize] {
        let of = |title: &str| {
            let by_all = || {
                self.titles
                    .get(&fold(title))
                    .filter(|_| title.contains([':', '-', '–', '—']))
            };
            self.titles
                .get(&versions::main_title(title))
                .or_else(by_all)
                .map(Vec::as_slice)
        };
        let found = of(wanted).or_else(|| {
            // "Artist - Title", where there is no column of artists.
            let (artist, title) = wanted.split_once(" - ")?;
            let is_artist = |at: &usize| {
                let artists = [&row.description.artist, &self.sides[*at].called.artist];
                artists.into_iter().flatten().any(|known| names_touch(known, artist))
            };
            of(title).filter(|found| found.iter().any(is_artist))
        });
        let with_artist = || of(&format!("{} {wanted}", row.description.artist.as_deref()?));
        found.or_else(with_artist).unwrap_or_default()
    }

    /// How many tracks there are on the discs that rows name, or on all.
    pub(super) fn tracks<'r>(&self, rows: impl Iterator<Item = &'r Row>) -> usize {
        let discs: HashSet<u32> = rows.filter_map(|row| row.description.disc).collect();
        let numbers = self.sides.iter().filter_map(Side::number);
        let numbers = numbers.filter(|(disc, _)| discs.is_empty() || discs.contains(disc));
        numbers.collect::<HashSet<_>>().len()
    }

    /// Whether neither title nor length is said of both a row and its files: a number alone has found them.
    pub(super) fn say_nothing_of(&self, row: &Row, files: &[usize]) -> bool {
        !self.have_titles(row, files) && !files.iter().any(|file| self.is_as_long(row, *file))
    }

    /// Whether titles are said of both a row and one of its files.
    pub(super) fn have_titles(&self, row: &Row, files: &[usize]) -> bool {
        row.description.title.is_some() && files.iter().any(|file| self.sides[*file].title().is_some())
    }

    /// Whether a row names the album of a file, or its length, beside its title.
    fn speaks_for(&self, row: &Row, file: usize) -> bool {
        let album = row.description.album.is_some() && self.sides[file].called.album.is_some();
        album || self.is_as_long(row, file)
    }

    /// A row's title for people, with its artist, album and disc where these matter, or its UPC where a folder is called by
    /// one.
    pub(super) fn told(&self, row: &Row, wanted: &str) -> String {
        let artist = row
            .description
            .artist
            .as_deref()
            .filter(|_| !self.titled(row, wanted).is_empty());
        let artist = artist.map(|artist| format!(" by {}", quoted(artist)));
        let title = quoted(wanted) + &artist.unwrap_or_default();
        let upc = row.upc.as_deref().filter(|_| self.upcs.iter().any(Option::is_some));
        let upc = upc.map(|upc| format!("UPC {}", quoted(upc)));
        let album = row.description.album.as_deref().map(quoted).or(upc);
        match (row.description.disc.filter(|disc| *disc > 1), album) {
            (Some(disc), Some(album)) => format!("{title} on disc {disc} of {album}"),
            (Some(disc), None) => format!("{title} on disc {disc}"),
            (None, Some(album)) => format!("{title} on {album}"),
            (None, None) => title,
        }
    }

    pub(super) fn is_as_long(&self, row: &Row, file: usize) -> bool {
        let distance = row.duration.distance(self.files[file].description.duration);
        distance.is_some_and(|distance| distance <= LENGTHS_FIT)
    }
}

/// Whether no two files have one number.
fn names_each_once(sides: &[Side]) -> bool {
    let mut seen = HashSet::new();
    sides
        .iter()
        .filter_map(|side| side.called.track)
        .all(|track| seen.insert(track))
}

/// A row's number for people, with its artist and album.
pub(super) fn told_number(row: &Row, track: u32) -> String {
    let Description {
        artist, album, disc, ..
    } = &row.description;
    let said = |before: &str, text: &Option<String>| text.as_deref().map(|text| format!(" {before} {}", quoted(text)));
    let [artist, album] = [said("by", artist), said("of", album)].map(Option::unwrap_or_default);
    let disc = disc.map(|disc| format!("disc {disc}, ")).unwrap_or_default();
    format!("{disc}track {track}{artist}{album}")
}

/// Whether disc and track of a row and a file are the same; `None` where one has none.
pub(super) fn number_agrees(row: &Row, side: &Side) -> Option<bool> {
    if let Some((wanted, number)) = row.side
        && let Some((found, found_number)) = side_of_record(side)
    {
        let on_side = number.zip(found_number).map(|(wanted, found)| wanted == found);
        if wanted != found || on_side.is_some() {
            return Some(wanted == found && on_side == Some(true));
        }
    }
    let (wanted, track) = row.description.track.zip(side.called.track)?;
    let is_disc = |disc: u32| side.called.disc.unwrap_or(1) == disc;
    Some(wanted == track && row.description.disc.is_none_or(is_disc))
}

/// The side of a record that a file is on, and its number on it: "B1 Title.wav", `Side B/01.wav`.
pub(super) fn side_of_record(side: &Side) -> Option<(char, Option<u32>)> {
    let path = &side.file.path;
    let of_name = names::side_of_record(&path.file_stem()?.to_string_lossy());
    let of_name = of_name.map(|(letter, number)| (letter, Some(number)));
    let of_folder = || names::side_of_folder(&path.parent()?.file_name()?.to_string_lossy());
    of_name.or_else(|| Some((of_folder()?, side.called.track)))
}

/// What a name says beside the code in it.
fn without_codes(title: &str) -> Option<String> {
    let words = title.split(|letter: char| letter.is_whitespace() || letter == '_');
    let words: Vec<&str> = words.filter(|word| normalise(word).is_err()).collect();
    let rest = words.join(" ");
    let rest = rest.trim_matches(|letter: char| !letter.is_alphanumeric());
    (!rest.is_empty() && !names::is_placeholder(rest)).then(|| rest.to_owned())
}
