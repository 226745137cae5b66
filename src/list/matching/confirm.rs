//! Asks everything that a row says of the files that it found: what finds can contradict.

use super::find::{Finder, LENGTHS_DIFFER};
use super::problem::What;
use super::titles::Fit;
use super::{By, Target};
use crate::list::table::duration::DurationCell;
use crate::list::{Ending, Row};
use crate::recording::fold::names_touch;
use crate::recording::names;
use crate::recording::versions::{self, Titles};

impl Finder<'_> {
    /// Asks everything that a row says of the files that it found, and adds their other formats.
    pub(super) fn confirm(&self, row: &Row, target: &mut Target) -> Result<(), What> {
        for &file in &target.files {
            self.title_agrees(row, target.by, file)?;
            self.owner_agrees(row, target.by, file)?;
            self.version_agrees(row, target.by, file)?;
            self.disc_agrees(row, target.by, file)?;
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
                self.add_formats(row, target);
                Ok(())
            }
        }
    }

    /// A path is surer than a number, and its row may spell the title in any way. But a wholly different one, that of another
    /// file, or a version that the file is not called tells of a column that was moved or of other files.
    fn title_agrees(&self, row: &Row, by: By, file: usize) -> Result<(), What> {
        let (Some(wanted), Some(title)) = (self.wanted(row, file), self.sides[file].title()) else {
            return Ok(());
        };
        if let By::Title | By::DiscAndTrack = by {
            // The tags fit, and the name says more than they do.
            let said = [versions::version_words(&wanted), versions::version_words(&title)].concat();
            let named = self.sides[file].named_version.as_deref();
            return match named.filter(|named| !versions::version_words(named).iter().all(|word| said.contains(word))) {
                Some(named) => Err(What::OtherVersion {
                    file,
                    is_title: true,
                    wanted,
                    title: format!("{title} ({named})"),
                }),
                None => Ok(()),
            };
        }
        let of_name = names::read(&self.files[file].path).title;
        let best = |title: &str| self.fit(row, &wanted, title, file);
        let fit = match (best(&title), of_name.as_deref().map(best)) {
            (fit @ (Fit::Same | Fit::Alike), _) | (_, Some(fit @ (Fit::Same | Fit::Alike))) => fit,
            (fit, _) => fit,
        };
        let moved = || self.is_of_another(row, &wanted, file);
        let says_more = || versions::has_version(&wanted) && !versions::has_version(&title);
        match (by, fit) {
            (_, Fit::Same) => Ok(()),
            (_, Fit::Alike) if !moved() => Ok(()),
            (By::Path | By::FileName, Fit::OneSided) if says_more() && !moved() => {
                let is_title = true;
                Err(What::OtherVersion {
                    file,
                    is_title,
                    wanted,
                    title,
                })
            }
            (By::Path | By::FileName, Fit::OneSided) if !says_more() => Ok(()),
            (By::Path | By::FileName, Fit::OtherScript | Fit::SharesWords) if !moved() => Ok(()),
            (_, Fit::Alike | Fit::OneSided | Fit::OtherScript | Fit::SharesWords | Fit::Different) => {
                Err(self.other_title(row, by, file, &wanted, false))
            }
        }
    }

    /// A row without a title may say a version; a file that says its title says it, too.
    fn version_agrees(&self, row: &Row, by: By, file: usize) -> Result<(), What> {
        if row.description.title.is_some() || by == By::Order {
            return Ok(());
        }
        let Some(title) = self.sides[file].title() else {
            return Ok(());
        };
        let versions = [
            row.description.version.as_deref(),
            row.above.as_deref(),
            self.other_advisory(row, &title),
        ];
        let versions = versions
            .into_iter()
            .flatten()
            .filter(|said| !self.is_within(file, said));
        let name = self.files[file].path.file_stem().unwrap_or_default().to_string_lossy();
        let said = [versions::version_words(&title), versions::version_words(&name)].concat();
        for version in versions {
            if !versions::version_words(version).iter().all(|word| said.contains(word)) {
                let wanted = version.to_owned();
                let is_title = false;
                return Err(What::OtherVersion {
                    file,
                    is_title,
                    wanted,
                    title,
                });
            }
        }
        Ok(())
    }

    /// What the list warns of, where the title of a file says the other.
    fn other_advisory(&self, row: &Row, title: &str) -> Option<&'static str> {
        let says = |word: &str| versions::version_words(title).iter().any(|said| said == word);
        row.advisory.filter(|advisory| match *advisory {
            "Explicit" => says("clean"),
            _ => says("explicit"),
        })
    }

    /// A list of a second disc alone is no list of files that say nothing of a disc.
    fn disc_agrees(&self, row: &Row, by: By, file: usize) -> Result<(), What> {
        match row.description.disc {
            Some(disc)
                if self.only_later_discs
                    && matches!(by, By::Title | By::DiscAndTrack)
                    && self.sides[file].called.disc.is_none() =>
            {
                Err(What::UnknownDisc { file, disc })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// A name such as "01 Low Water.flac", and the end of a path of another machine, fit files of other albums too: what
    /// the tags say of artist and album, or a folder "Artist - Album" of the artist, contradicts them.
    fn owner_agrees(&self, row: &Row, by: By, file: usize) -> Result<(), What> {
        if !matches!(by, By::Path | By::FileName) {
            return Ok(());
        }
        let (own, tags) = (&row.description, &self.files[file].description);
        let artist = tags.artist.clone();
        let artist = artist.or_else(|| {
            own.artist
                .as_ref()
                .and(names::artist_of_folders(&self.files[file].path))
        });
        for (what, wanted, found) in [("artist", &own.artist, &artist), ("album", &own.album, &tags.album)] {
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
            // A track in one piece with others is no whole file, and the times of a disc count where numbers alone speak.
            _ if row.cuesheet_track.is_some() => return Ok(()),
            _ if row.ending == Ending::Loose
                && row.description.title.is_some()
                && self.sides[file].title().is_some() =>
            {
                return Ok(());
            }
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
}
