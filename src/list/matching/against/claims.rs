//! Files that belong to other rows: half-filled lists, and those with a second release in them.
//!
//! A row without a code to write asks for nothing, but its file is not free for the code of another row, which may be of
//! another disc, another release or a second track of that title. And a row of a release that is not here may have the
//! title or the number of a file that another row names by both.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, HashSet};

use crate::list::matching::against::releases::TO_THE_SECOND;
use crate::list::matching::album::release;
use crate::list::matching::find::{LENGTHS_FIT, MOST, number_agrees};
use crate::list::matching::problem::{Of, Problem, What};
use crate::list::matching::settle::{Place, Settling};
use crate::list::matching::{By, Target};
use crate::list::table::duration::DurationCell;
use crate::list::{Code, Row};
use crate::recording::fold::{fold, names_touch};

/// What something in a row says of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Says {
    No,
    Nothing,
    Yes,
}

impl Settling<'_> {
    /// Refuses rows whose file is rather, or as likely, that of a row without a code to write.
    pub(in crate::list::matching) fn drop_claimed(&mut self) {
        let of_albums = self.of_albums();
        self.claims.retain(|(row, _)| !of_albums.contains(row));
        let mut claims: HashMap<Place, Vec<&(usize, Target)>> = HashMap::new();
        for claim in &self.claims {
            let places = claim
                .1
                .files
                .iter()
                .map(|file| (*file, self.rows[claim.0].cuesheet_track));
            places.for_each(|place| claims.entry(place).or_default().push(claim));
        }
        if claims.is_empty() {
            return;
        }
        // A statement has a row for each song, shop and month, and a code here and there is missing.
        let mut codes = HashSet::new();
        let is_repeating = self
            .rows
            .iter()
            .filter_map(|row| row.code.isrc())
            .any(|isrc| !codes.insert(isrc));
        let refused = self.found().filter_map(|(row, target, _)| {
            let claim = |file: &usize| {
                let place = (*file, self.rows[row].cuesheet_track);
                let mut claims = claims.get(&place).into_iter().flatten().take(MOST);
                let (row, _) = claims.find(|claim| self.is_rather_of(claim, (row, target), *file, is_repeating))?;
                Some(What::Claimed { file: *file, row: *row })
            };
            Some((row, target.files.iter().find_map(claim)?))
        });
        let refused = refused.collect();
        self.refuse(refused);
    }

    /// The rows without a code that are of an album sold as a whole, which is called like its title track, as statements have
    /// them: beside songs they say that it is an album; or it has what no song has, a UPC, and nothing that songs have.
    /// Another row gives the title track its code, and others are of the same album.
    fn of_albums(&self) -> HashSet<usize> {
        let claims = || self.claims.iter().filter(|(row, _)| self.may_be_of_album(*row));
        if claims().next().is_none() {
            return HashSet::new();
        }
        let album = |file: &usize| self.finder.sides[*file].called.album.as_deref().map(release);
        let (mut of_file, mut of_album) = (HashMap::<usize, Vec<&Row>>::new(), HashMap::<String, Vec<&Row>>::new());
        for (row, target, _) in self.found() {
            let row = &self.rows[row];
            target
                .files
                .iter()
                .for_each(|file| of_file.entry(*file).or_default().push(row));
            let albums: HashSet<String> = target.files.iter().filter_map(album).collect();
            albums
                .into_iter()
                .for_each(|album| of_album.entry(album).or_default().push(row));
        }
        let coded = || (0..self.rows.len()).filter(|row| self.rows[*row].code != Code::None);
        let upcs: HashSet<Option<&str>> = coded().map(|row| self.rows[row].upc.as_deref()).collect();
        let last_coded = coded().next_back();
        let is = |(at, target): &&(usize, Target)| {
            let row = &self.rows[*at];
            let titled = |other: &&Row| {
                other.whole_title().map(|title| fold(&title)) == row.whole_title().map(|title| fold(&title))
            };
            let mut of_track = target
                .files
                .iter()
                .flat_map(|file| of_file.get(file).into_iter().flatten())
                .take(MOST);
            if is_typed(row, ["album", "release"]) {
                return of_track.all(|row| is_typed(row, ["track", "song"]));
            }
            let called = row.whole_title().map(|title| release(&title));
            let mut on_album = called
                .as_ref()
                .and_then(|called| of_album.get(called))
                .into_iter()
                .flatten();
            // In the first row of a block a UPC may be that of all rows below.
            let is_of_row_alone = !upcs.contains(&None) || last_coded.is_none_or(|last| last < *at);
            row.upc.is_some()
                && upcs.len() == 1
                && !upcs.contains(&row.upc.as_deref())
                && is_of_row_alone
                && target.files.iter().any(|file| album(file) == called)
                && of_track.all(&titled)
                && on_album.any(|row| !titled(row))
        };
        claims().filter(is).map(|(row, _)| *row).collect()
    }

    /// Whether a row without a code says no more than an album can.
    fn may_be_of_album(&self, row: usize) -> bool {
        let row = &self.rows[row];
        let said = &row.description;
        let says_track = said.track.is_some() || said.disc.is_some() || row.side.is_some() || row.file.is_some();
        let says_length = row.duration != DurationCell::None;
        row.code == Code::None && !row.is_void() && !says_track && !says_length && said.title.is_some()
    }

    /// Whether a file may be that of a row without a code to write, and not of one with a code.
    fn is_rather_of(
        &self,
        (claiming, claim): &(usize, Target),
        (row, target): (usize, &Target),
        file: usize,
        is_repeating: bool,
    ) -> bool {
        let (claiming, row) = (&self.rows[*claiming], &self.rows[row]);
        match self
            .strength(claiming, claim, file)
            .cmp(&self.strength(row, target, file))
        {
            Ordering::Greater => true,
            Ordering::Less => false,
            Ordering::Equal if are_of_two(claiming, row) => true,
            Ordering::Equal => match claiming.code {
                // The code before and the one after it, for one recording.
                Code::None if claiming.is_void() => false,
                // One title twice may be two recordings; one number is not.
                Code::None => !is_repeating && is_numberless(claiming, row) && says_as_much(claiming, row),
                Code::Isrc(_) | Code::Unusable { .. } => true,
            },
        }
    }

    /// Leaves files to the rows that name them by number and title. Rows that touch them by one of both, against the other,
    /// are of another release and say nothing against these.
    pub(in crate::list::matching) fn leave_to_owners(&mut self) {
        let owners = self.owners();
        let told = self.problems.iter().map(|problem| self.without_own(problem, &owners));
        let told: Vec<Option<What>> = told.collect();
        for (problem, what) in self.problems.iter_mut().zip(told) {
            if let Some(what) = what {
                problem.what = what;
            }
        }
        self.refuse(self.outdone());
    }

    /// Of each file the row that names it by number and title.
    fn owners(&self) -> HashMap<usize, usize> {
        let claims = self.claims.iter().map(|(row, target)| (*row, target));
        let found = self.found().map(|(row, target, _)| (row, target)).chain(claims);
        let exact = found.filter(|(row, target)| self.is_exact(*row, target));
        exact
            .flat_map(|(row, target)| target.files.iter().map(move |file| (*file, row)))
            .collect()
    }

    fn is_exact(&self, row: usize, target: &Target) -> bool {
        let row = &self.rows[row];
        target.by == By::DiscAndTrack && row.description.title.is_some() && self.finder.is_called(row, target)
    }

    /// What to say of a row that contradicts a file of another row, where the file of its title is that of another row, too.
    fn without_own(&self, problem: &Problem, owners: &HashMap<usize, usize>) -> Option<What> {
        let What::Contradicts { file, of, .. } = &problem.what else {
            return None;
        };
        let row = &self.rows[problem.rows[0]];
        let wanted = row.whole_title()?;
        if !matches!(of, Of::Title { .. } | Of::Version | Of::Duration) || !owners.contains_key(file) {
            return None;
        }
        let titled: Vec<usize> = self.finder.called_so(row, &wanted, *file).collect();
        let Some(first) = titled.first() else {
            let wanted = self.finder.told(row, &wanted);
            return Some(What::Unmatched { wanted });
        };
        let is_owned = titled.iter().all(|file| owners.contains_key(file));
        let claimed = What::Claimed {
            file: *first,
            row: *owners.get(first)?,
        };
        is_owned.then_some(claimed)
    }

    /// Of rows that give a file different codes those that its number or its length contradicts, where both are those of
    /// another row.
    fn outdone(&self) -> Vec<(usize, What)> {
        let mut rows_of: HashMap<Place, Vec<usize>> = HashMap::new();
        for (row, ..) in self.found() {
            self.places(row)
                .for_each(|place| rows_of.entry(place).or_default().push(row));
        }
        rows_of.retain(|_, rows| rows.iter().any(|row| self.isrc(*row) != self.isrc(rows[0])));
        let mut outdone = BTreeMap::new();
        for ((file, _), rows) in rows_of {
            let Some(best) = rows.iter().copied().max_by_key(|row| self.agreement(*row, file)) else {
                continue;
            };
            let for_best = self.agreement(best, file);
            let is_outdone = |row: &&usize| {
                let own = self.agreement(**row, file);
                let pairs = || own.iter().zip(&for_best);
                self.isrc(**row) != self.isrc(best)
                    && pairs().all(|(own, best)| own <= best)
                    && pairs().any(|pair| pair == (&Says::No, &Says::Yes))
            };
            let what = || What::Claimed { file, row: best };
            outdone.extend(rows.iter().filter(is_outdone).map(|row| (*row, what())));
        }
        outdone.into_iter().collect()
    }

    /// What the number of a row, beside its title, and its length say of a file that it has found.
    fn agreement(&self, at: usize, file: usize) -> [Says; 2] {
        let (row, side) = (&self.rows[at], &self.finder.sides[file]);
        let is_named = |target: &Target| matches!(target.by, By::Path | By::FileName | By::CodeInName);
        let target = self.targets[at].as_ref();
        let number = match number_agrees(row, side) {
            _ if target.is_some_and(is_named) => Says::Yes,
            Some(false) => Says::No,
            Some(true) if target.is_some_and(|target| self.is_exact(at, target)) => Says::Yes,
            Some(true) | None => Says::Nothing,
        };
        let length = match row.duration.distance(self.finder.files[file].description.duration) {
            Some(distance) if distance <= TO_THE_SECOND => Says::Yes,
            Some(distance) if distance > LENGTHS_FIT => Says::No,
            Some(_) | None => Says::Nothing,
        };
        [number, length]
    }

    /// How surely a row is for a file that it has found; and whether it lasts as the row says.
    fn strength(&self, row: &Row, target: &Target, file: usize) -> (u8, bool) {
        let is_number_alone = row.description.title.is_none();
        let rank = match target.by {
            By::Path | By::FileName | By::CodeInName => 5,
            By::DiscAndTrack | By::Order if is_number_alone => 0,
            By::DiscAndTrack | By::Order => 4,
            By::Title if number_agrees(row, &self.finder.sides[file]) == Some(false) => 1,
            By::Title if target.confirmed => 3,
            By::Title => 2,
        };
        (rank, self.finder.is_as_long(row, file))
    }
}

fn is_typed(row: &Row, types: [&str; 2]) -> bool {
    let word = row.content_type.as_deref().map(fold);
    word.is_some_and(|word| types.contains(&word.as_str()))
}

/// Whether two rows say that they are of two recordings, or of two releases.
fn are_of_two(a: &Row, b: &Row) -> bool {
    let differ = |of: &dyn Fn(&Row) -> Option<String>| of(a).zip(of(b)).is_some_and(|(a, b)| a != b);
    let artists = a.description.artist.as_deref().zip(b.description.artist.as_deref());
    differ(&|row| row.description.disc.map(|disc| disc.to_string()))
        || differ(&|row| row.description.track.map(|track| track.to_string()))
        || differ(&|row| row.description.album.as_deref().map(fold))
        || differ(&|row| row.upc.clone())
        || artists.is_some_and(|(a, b)| !names_touch(a, b))
}

fn is_numberless(a: &Row, b: &Row) -> bool {
    [a, b]
        .iter()
        .any(|row| row.file.is_none() && row.description.track.is_none())
}

/// Whether the first row says all that the second says; else it may be a heading above it.
fn says_as_much(a: &Row, b: &Row) -> bool {
    let said = |row: &Row| {
        let Row { description, upc, .. } = row;
        [&description.artist, &description.album, upc].map(Option::is_some)
    };
    said(a).iter().zip(said(b)).all(|(a, b)| *a || !b)
}
