//! The files against the ledger.

use std::collections::{HashMap, HashSet};

use super::compare::{Contradiction, contradiction, title_of};
use super::{CodeFilter, CodeState, Ledger, LedgerEntry, LedgerError, Reference};
use crate::isrc::Isrc;
use crate::recording::FileInfo;
use crate::recording::evidence::LENGTHS_FIT;
use crate::recording::fold::fold;
use crate::recording::side::Side;

/// Something in which files and ledger differ. Files are told by their indices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// A file carries a code that the ledger does not know.
    Unknown { file: usize, isrc: Isrc },
    /// A file carries a code that the ledger gives to another recording.
    OtherRecording {
        file: usize,
        isrc: Isrc,
        contradiction: Contradiction,
    },
    /// A file carries a code that is never to be used.
    Void { file: usize, isrc: Isrc },
    /// A file carries a code that the ledger only set apart: the run that wrote it did not come to its end.
    NotConfirmed { file: usize, isrc: Isrc },
    /// None of the files carries an assigned code.
    WithoutFile { entry: Box<LedgerEntry> },
    /// None of the files carries a code that was set apart.
    NotWritten { entry: Box<LedgerEntry> },
}

impl Ledger {
    /// Compares files with the ledger: first the files in their order, then the codes of the ledger that none carries.
    pub fn check(&self, files: &[FileInfo]) -> Result<Vec<Difference>, LedgerError> {
        let (mut differences, carried) = self.check_files(files)?;
        self.each(CodeFilter::All, |entry| {
            if carried.contains(&entry.isrc) {
                return;
            }
            let entry = Box::new(entry);
            match entry.state {
                CodeState::Assigned => differences.push(Difference::WithoutFile { entry }),
                CodeState::Reserved => differences.push(Difference::NotWritten { entry }),
                CodeState::Void => {}
            }
        })?;
        Ok(differences)
    }

    /// What it says of the codes of files, and those codes.
    pub fn check_files(&self, files: &[FileInfo]) -> Result<(Vec<Difference>, HashSet<Isrc>), LedgerError> {
        let mut differences = Vec::new();
        let mut carried = HashSet::new();
        for (file, side) in Side::all(files).iter().enumerate() {
            let info = side.file;
            if let Some(isrc) = info.isrc {
                carried.insert(isrc);
                differences.extend(self.check_code(file, isrc, Some(&said_by(side)))?);
            }
            for isrc in info.cuesheet.iter().filter_map(|track| track.isrc) {
                // The title of an album in one piece is not that of its tracks.
                if carried.insert(isrc) {
                    differences.extend(self.check_code(file, isrc, None)?);
                }
            }
        }
        Ok((differences, carried))
    }

    /// Given codes whose recording has the title, the artist and the duration of one in `wanted` (its index comes
    /// first): it may be the same one in another file.
    pub fn namesakes(&self, wanted: &[Reference]) -> Result<Vec<(usize, Isrc)>, LedgerError> {
        let mut by_name: HashMap<(String, String), Vec<usize>> = HashMap::new();
        for (index, reference) in wanted.iter().enumerate() {
            if let Some(name) = name(reference) {
                by_name.entry(name).or_default().push(index);
            }
        }
        let mut namesakes = Vec::new();
        self.each(CodeFilter::Only(CodeState::Assigned), |entry| {
            let same_name = name(&entry.reference).and_then(|name| by_name.get(&name));
            let lasts_as_long = |index: &&usize| match (
                entry.reference.description.duration,
                wanted[**index].description.duration,
            ) {
                (Some(known), Some(wanted)) => known.abs_diff(wanted) <= LENGTHS_FIT,
                (None, _) | (_, None) => false,
            };
            let same = same_name.into_iter().flatten().filter(lasts_as_long);
            namesakes.extend(same.map(|index| (*index, entry.isrc)));
        })?;
        namesakes.sort_unstable_by_key(|(index, _)| *index);
        Ok(namesakes)
    }

    fn check_code(
        &self,
        file: usize,
        isrc: Isrc,
        reference: Option<&Reference>,
    ) -> Result<Option<Difference>, LedgerError> {
        let Some(known) = self.find(isrc)? else {
            return Ok(Some(Difference::Unknown { file, isrc }));
        };
        if known.state == CodeState::Void {
            return Ok(Some(Difference::Void { file, isrc }));
        }
        let other = reference.and_then(|reference| contradiction(&known.reference, reference));
        if let Some(contradiction) = other {
            return Ok(Some(Difference::OtherRecording {
                file,
                isrc,
                contradiction,
            }));
        }
        Ok((known.state == CodeState::Reserved).then_some(Difference::NotConfirmed { file, isrc }))
    }
}

/// What a file says of itself, by its tags or by a name with a number in front: other names are no titles.
fn said_by(side: &Side) -> Reference {
    let mut reference = Reference::of_file(side.file, &side.file.path);
    if side.called.track.is_some() {
        reference.description.title = side.called.title.clone();
    }
    reference
}

/// Title with version, and artist, where both are known.
fn name(reference: &Reference) -> Option<(String, String)> {
    Some((
        fold(&title_of(reference)?),
        fold(reference.description.artist.as_deref()?),
    ))
}
