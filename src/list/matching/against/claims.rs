//! Files that belong to rows without a code to write: half-filled lists. Such a row asks for nothing, but its file is not
//! free for the code of another row, which may be of another disc, another release or a second track of that title.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use crate::list::matching::find::{MOST, number_agrees};
use crate::list::matching::problem::What;
use crate::list::matching::settle::{Place, Settling};
use crate::list::matching::{By, Target};
use crate::list::{Code, Row};
use crate::recording::fold::{fold, names_touch};

impl Settling<'_> {
    /// Refuses rows whose file is rather, or as likely, that of a row without a code to write.
    pub(in crate::list::matching) fn drop_claimed(&mut self) {
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
                Code::Isrc { .. } | Code::Unusable { .. } => true,
            },
        }
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
