//! Asks everything that a row says of the files that it found: what finds can contradict.

use super::find::{Finder, LENGTHS_FIT, lengths_differ};
use super::problem::{Of, What};
use super::{By, Target};
use crate::judge::shared::clock;
use crate::list::{Ending, Row};
use crate::recording::fold::names_touch;
use crate::recording::names;
use crate::recording::versions::fit::Fit;
use crate::recording::versions::{self, Titles};

impl Finder<'_> {
    /// Asks everything that a row says of the files that it found, and adds their other formats.
    pub(super) fn confirm(&self, row: &Row, target: &mut Target) -> Result<(), What> {
        for &file in &target.files {
            self.title_agrees(row, target.by, file)?;
            self.owner_agrees(row, target.by, file)?;
            self.version_agrees(row, target.by, file)?;
            self.medium_agrees(row, target.by, file)?;
            self.disc_agrees(row, target.by, file)?;
            self.length_agrees(row, file)?;
            self.code_agrees(row, file)?;
            self.part_agrees(row, file)?;
        }
        if row.cuesheet_track.is_none() && row.code.isrc().is_some() {
            self.add_formats(row, target);
        }
        Ok(())
    }

    /// A path is surer than a number, and its row may spell the title in any way. But a wholly different one, that of another
    /// file, or a version that the file is not called tells of a column that was moved or of other files.
    fn title_agrees(&self, row: &Row, by: By, file: usize) -> Result<(), What> {
        let side = &self.sides[file];
        // A track of a disc in one piece is not called like the disc.
        let wanted = self.wanted(row, file).filter(|_| row.cuesheet_track.is_none());
        let (Some(wanted), Some(title)) = (wanted, side.title()) else {
            return Ok(());
        };
        if let By::Title | By::DiscAndTrack = by {
            // What titles have found the name of the file alone can contradict.
            return match self.named_after_another(row, file) {
                Some(named) => Err(What::contradicts(file, Of::Title { moved: true }, wanted, named)),
                None => Ok(()),
            };
        }
        let fit_of = |title: &str| self.fit_of(row, &wanted, title, file);
        let agreeing = |fit: Fit| Some(fit).filter(|fit| matches!(fit, Fit::Same | Fit::Alike));
        let own = fit_of(&title);
        let fit = agreeing(own)
            .or_else(|| agreeing(fit_of(&names::read(&side.file.path).title?)))
            .or_else(|| agreeing(fit_of(&self.title(file)?)))
            .unwrap_or(own);
        let moved = || self.is_of_another(row, &wanted, file);
        let is_named = matches!(by, By::Path | By::FileName);
        let says_more = || versions::has_version(&wanted) && !versions::has_version(&title);
        match fit {
            // The tags say the title of the row of another file.
            _ if own == Fit::Different && moved() => Err(self.other_title(row, file, &wanted, true)),
            Fit::Same => Ok(()),
            Fit::OneSided if is_named && !says_more() => Ok(()),
            Fit::OneSided if is_named && !moved() => Err(What::contradicts(file, Of::Version, wanted, title)),
            Fit::OtherScript | Fit::SharesWords if is_named && !moved() => Ok(()),
            Fit::Alike if !moved() => Ok(()),
            _ => Err(self.other_title(row, file, &wanted, false)),
        }
    }

    /// A row without a title may say a version; a file that says its title says it, too.
    fn version_agrees(&self, row: &Row, by: By, file: usize) -> Result<(), What> {
        let may_say = row.description.title.is_none() && by != By::Order;
        let Some(title) = self.title(file).filter(|_| may_say) else {
            return Ok(());
        };
        let versions = [
            row.description.version.as_deref(),
            row.above.as_deref(),
            other_advisory(row, &title),
        ];
        let is_said = |version: &&str| self.is_within(file, version) || versions::says_all(&[&title], version);
        match versions.into_iter().flatten().find(|version| !is_said(version)) {
            Some(version) => Err(What::contradicts(file, Of::VersionAlone, version, title)),
            None => Ok(()),
        }
    }

    /// A video has a code of its own, and so has a mix for more than two channels. Its row says so, or names the file; a
    /// person who gives an order knows what is in it.
    fn medium_agrees(&self, row: &Row, by: By, file: usize) -> Result<(), What> {
        match self.medium_beside_others(file) {
            Some(medium) if by != By::Order && !self.may_mean(row, file) => {
                Err(What::contradicts(file, Of::Medium, "", medium.told()))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// A list of a later disc may not be of files that say nothing of a disc.
    fn disc_agrees(&self, row: &Row, by: By, file: usize) -> Result<(), What> {
        let may_be_any = matches!(by, By::Title | By::DiscAndTrack) && self.sides[file].called.disc.is_none();
        match row.description.disc.filter(|_| self.only_later_discs && may_be_any) {
            Some(disc) => Err(What::contradicts(file, Of::Disc, disc, "")),
            None => Ok(()),
        }
    }

    /// A name such as "01 Low Water.flac", and the end of a path of another machine, fit files of other albums too: what
    /// the tags say of artist and album, or a folder "Artist - Album" of the artist, contradicts them.
    fn owner_agrees(&self, row: &Row, by: By, file: usize) -> Result<(), What> {
        if !matches!(by, By::Path | By::FileName) {
            return Ok(());
        }
        let (own, tags) = (&row.description, &self.files[file].description);
        let of_folders = || names::artist_of_folders(&self.files[file].path);
        if let Some(wanted) = &own.artist
            && let Some(found) = tags.artist.clone().or_else(of_folders)
            && (versions::has_version(wanted) != versions::has_version(&found)
                || !names_touch(wanted, &found) && versions::compare(wanted, &found) != Titles::Same)
        {
            return Err(What::contradicts(file, Of::Artist, wanted, found));
        }
        match own.album.as_ref().zip(tags.album.as_ref()) {
            Some((wanted, found)) if !self.is_on_album(row, file) => {
                Err(What::contradicts(file, Of::Album, wanted, found))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn length_agrees(&self, row: &Row, file: usize) -> Result<(), What> {
        // A track in one piece with others is no whole file, and the times of a disc count where numbers alone speak.
        let is_titled = row.description.title.is_some() && self.sides[file].title().is_some();
        if row.cuesheet_track.is_some() || (row.ending == Ending::Loose && is_titled) {
            return Ok(());
        }
        let duration = self.files[file].description.duration;
        let said = row.duration.nearest(duration).zip(duration);
        let is_other = said.is_some_and(|(said, duration)| {
            let distance = said.abs_diff(duration);
            distance > lengths_differ(said.max(duration))
                || (distance > LENGTHS_FIT && self.another_is_as_long(row, file))
        });
        match (row.duration.readings(), duration) {
            ([likeliest, ..], Some(duration)) if is_other => Err(What::contradicts(
                file,
                Of::Duration,
                clock(*likeliest),
                clock(duration),
            )),
            _ => Ok(()),
        }
    }

    fn code_agrees(&self, row: &Row, file: usize) -> Result<(), What> {
        match row.code.isrc().zip(self.codes_in_names[file]) {
            Some((isrc, named)) if isrc != named => Err(What::contradicts(file, Of::CodeInName, isrc, named)),
            Some(_) | None => Ok(()),
        }
    }

    pub(super) fn part_agrees(&self, row: &Row, file: usize) -> Result<(), What> {
        let has = |track: &u8| self.files[file].cuesheet.iter().any(|known| known.number == *track);
        match row.cuesheet_track.filter(|track| !has(track)) {
            Some(track) => Err(What::contradicts(file, Of::CuesheetTrack, track, "")),
            None => Ok(()),
        }
    }
}

/// What the list warns of, where the title of a file says the other.
fn other_advisory(row: &Row, title: &str) -> Option<&'static str> {
    let other = |advisory: &&str| if *advisory == "Explicit" { "clean" } else { "explicit" };
    let said = versions::version_words(title);
    row.advisory
        .filter(|advisory| said.iter().any(|word| word == other(advisory)))
}
