//! Codes that files carry which no ledger was told of.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::bytes::source::{Links, Opener};
use crate::commands::{Surroundings, state_folder};
use crate::edit::journal::Journal;
use crate::isrc::Isrc;
use crate::isrc::normalise::normalise;
use crate::ledger::prefix::PrefixCode;
use crate::ledger::{Ledger, Reference};
use crate::recording::FileInfo;
use crate::scan::inspect::inspect;
use crate::system::in_flight::spread;

/// Codes of this prefix that a ledger does not have, in files that earlier runs wrote to, wherever these are: codes of a
/// list, say, which it was never told of; with what their files say of them. Files of which it knows all that was written
/// are not opened.
pub(in crate::commands) fn carried_elsewhere(
    prefix: PrefixCode,
    ledger: &Ledger,
    surroundings: &Surroundings,
) -> anyhow::Result<Vec<(Isrc, Reference)>> {
    let Some(journal) = Journal::look(&state_folder()?)? else {
        return Ok(Vec::new());
    };
    let written = journal.written_with(prefix.as_str())?;
    let unknown = not_in(ledger, written)?;
    let inspection = surroundings.inspection();
    let carried = spread(0..unknown.len(), |number| {
        let path = &unknown[number];
        let inspected = inspect(&mut Opener::new(Links::Refuse), path, &inspection);
        let file = FileInfo::of(path, &inspected);
        let codes = inspected.places.iter();
        let codes = codes.filter_map(|place| Some(normalise(&place.text).ok()?.isrc));
        let codes = codes.filter(|isrc| isrc.as_str().starts_with(prefix.as_str()));
        let of = |isrc| match file.isrc == Some(isrc) {
            true => Reference::of_file(&file, path),
            false => Reference::default(),
        };
        codes.map(|isrc| (isrc, of(isrc))).collect::<Vec<_>>()
    });
    let mut carried: Vec<(Isrc, Reference)> = carried.into_iter().flatten().collect();
    carried.sort_by_key(|(isrc, reference)| (*isrc, reference.path.is_none()));
    carried.dedup_by_key(|(isrc, _)| *isrc);
    let mut new = Vec::new();
    for (isrc, reference) in carried {
        if !ledger.has(isrc)? {
            new.push((isrc, reference));
        }
    }
    Ok(new)
}

/// The files of the codes that a ledger does not have, each once.
fn not_in(ledger: &Ledger, written: Vec<(PathBuf, Isrc)>) -> anyhow::Result<Vec<PathBuf>> {
    let mut unknown = BTreeSet::new();
    for (path, isrc) in written {
        if !unknown.contains(&path) && !ledger.has(isrc)? {
            unknown.insert(path);
        }
    }
    Ok(unknown.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Stamp;
    use crate::system::database::Missing;

    #[test]
    fn files_of_which_the_ledger_knows_all_codes_are_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&folder.path().join("ledger"), Missing::Create).unwrap();
        let [known, unknown] = ["QZTST2600001", "QZTST2600002"].map(|code| Isrc::from_stored(code).unwrap());
        let stamp = Stamp {
            at: 0,
            by: String::new(),
        };
        ledger.add(known, &Reference::default(), &stamp).unwrap();
        let written = [
            ("a", known),
            ("b", unknown),
            ("c", unknown),
            ("c", known),
            ("b", unknown),
        ];
        let written = written.map(|(path, isrc)| (PathBuf::from(path), isrc)).to_vec();
        assert_eq!(not_in(&ledger, written).unwrap(), ["b", "c"].map(PathBuf::from));
    }
}
