//! The files against the ledger.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::compare::{Contradiction, contradiction, title_of};
use super::{CodeFilter, CodeState, Ledger, LedgerEntry, LedgerError, Reference};
use crate::isrc::Isrc;
use crate::recording::FileInfo;
use crate::recording::evidence::LENGTHS_FIT;
use crate::recording::fold::fold;
use crate::recording::part::Parted;
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

impl Difference {
    /// The code that no file carries.
    pub fn without_file(&self) -> Option<&LedgerEntry> {
        match self {
            Difference::WithoutFile { entry } | Difference::NotWritten { entry } => Some(entry),
            _ => None,
        }
    }

    /// Whether another says the same of the next code.
    pub fn is_told_with(&self, next: &Difference) -> bool {
        let codes = self.without_file().zip(next.without_file());
        codes.is_some_and(|(one, other)| one.state == other.state && other.isrc.follows(one.isrc))
    }
}

/// The files and folders that are compared with the ledger.
#[derive(Debug, Clone, Default)]
pub struct Asked(Vec<PathBuf>);

impl Asked {
    pub fn of(paths: impl IntoIterator<Item = PathBuf>) -> Asked {
        let resolved = |path: PathBuf| {
            path.canonicalize()
                .or_else(|_| std::path::absolute(&path))
                .unwrap_or(path)
        };
        Asked(paths.into_iter().map(resolved).collect())
    }

    /// Whether the file is one of them or below one, if it is still there. `folders` keeps what folders are resolved to:
    /// a ledger has many files of each.
    fn covers(&self, file: &Path, folders: &mut HashMap<PathBuf, PathBuf>) -> bool {
        let is_below = |path: &Path| self.0.iter().any(|root| path.starts_with(root));
        if is_below(file) {
            return true;
        }
        let (Some(folder), Some(name)) = (file.parent(), file.file_name()) else {
            return false;
        };
        if !folders.contains_key(folder) {
            // Of what is gone the part that is still there.
            let there = folder
                .ancestors()
                .find_map(|part| Some((part, part.canonicalize().ok()?)));
            let resolved = there.and_then(|(part, whole)| Some(whole.join(folder.strip_prefix(part).ok()?)));
            folders.insert(folder.to_owned(), resolved.unwrap_or_else(|| folder.to_owned()));
        }
        is_below(&folders[folder].join(name))
    }
}

impl Ledger {
    /// Compares files, which are all that `asked` covers, with the ledger: first the files in their order, then the
    /// codes of the ledger that none carries. Those of files elsewhere are no matter of these.
    pub fn check(&self, files: &[FileInfo], asked: &Asked, ear: Ear) -> Result<Vec<Difference>, LedgerError> {
        let (mut differences, carried) = self.check_files(files, ear)?;
        let mut folders = HashMap::new();
        self.each(CodeFilter::All, |entry| {
            let is_elsewhere = |path: &PathBuf| !asked.covers(path, &mut folders);
            if carried.contains(&entry.isrc) || entry.reference.path.as_ref().is_some_and(is_elsewhere) {
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
    pub fn check_files(&self, files: &[FileInfo], ear: Ear) -> Result<(Vec<Difference>, HashSet<Isrc>), LedgerError> {
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
        let other = |difference: &Difference| match difference {
            Difference::OtherRecording { file, .. } => Some(*file),
            _ => None,
        };
        let others: Vec<usize> = differences.iter().filter_map(other).collect();
        let same = one_after_all(files, &others, ear);
        differences.retain(|difference| other(difference).is_none_or(|file| !same.contains(&file)));
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

/// Parts files into recordings by all that can be known of them.
pub type Ear<'a> = &'a dyn Fn(&[FileInfo]) -> Parted;

/// Those of `others`, which are called another recording than their code is for, that are one recording with a file that
/// carries it rightly: a title in another language, say.
pub fn one_after_all(files: &[FileInfo], others: &[usize], ear: Ear) -> HashSet<usize> {
    let others: HashSet<usize> = others.iter().copied().collect();
    let codes = others.iter().filter_map(|&file| files[file].isrc);
    let mut carriers: BTreeMap<Isrc, Vec<usize>> = codes.map(|isrc| (isrc, Vec::new())).collect();
    for (number, file) in files.iter().enumerate().filter(|_| !others.is_empty()) {
        let carriers = file.isrc.and_then(|isrc| carriers.get_mut(&isrc));
        carriers.into_iter().for_each(|carriers| carriers.push(number));
    }
    let is_right = |file: &&usize| !others.contains(file);
    let mut same = HashSet::new();
    for carriers in carriers
        .into_values()
        .filter(|carriers| carriers.iter().any(|file| is_right(&file)))
    {
        let infos: Vec<FileInfo> = carriers.iter().map(|&file| files[file].clone()).collect();
        for part in ear(&infos).parts {
            let members = || part.files.iter().map(|&file| &carriers[file]);
            if members().any(|file| is_right(&file)) {
                same.extend(members().filter(|file| !is_right(file)));
            }
        }
    }
    same
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
