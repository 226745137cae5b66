//! A share of a walk, for many machines that scan one archive without asking each other.

use std::path::Path;
use std::str::FromStr;

use crate::system::paths::split;

/// The K-th of N shares of the folders. Which share a folder is in depends on its path below the root alone, so that it
/// stays in it, whatever comes and goes beside it, and wherever the archive is mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// From 1.
    number: u32,
    of: u32,
}

impl Share {
    /// Whether a file is in this share. `below` is its path below the root of the walk.
    pub fn takes(self, below: &Path) -> bool {
        let (folder, _) = split(below.as_os_str());
        let hash = blake3::hash(folder);
        let (first, _) = hash.as_bytes().split_at(8);
        let number = u64::from_le_bytes(first.try_into().expect("eight of 32 bytes"));
        number % u64::from(self.of) == u64::from(self.number - 1)
    }
}

impl FromStr for Share {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Share, &'static str> {
        const HOW: &str = "a part is K/N, as 2/8: the second of eight";
        let (number, of) = text.split_once('/').ok_or(HOW)?;
        let share = Share {
            number: number.parse().map_err(|_| HOW)?,
            of: of.parse().map_err(|_| HOW)?,
        };
        match (1..=share.of).contains(&share.number) {
            true => Ok(share),
            false => Err(HOW),
        }
    }
}

impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_folder_is_in_exactly_one_share() {
        for of in [1, 2, 7] {
            let shares: Vec<Share> = (1..=of)
                .map(|number| format!("{number}/{of}").parse().unwrap())
                .collect();
            for folder in 0..100 {
                let files = [format!("Artist {folder}/1.flac"), format!("Artist {folder}/2.mp3")];
                let taking = |file: &String| shares.iter().position(|share| share.takes(Path::new(file)));
                assert_eq!(taking(&files[0]), taking(&files[1]), "one folder, one share");
                let takers = shares.iter().filter(|share| share.takes(Path::new(&files[0])));
                assert_eq!(takers.count(), 1);
            }
        }
    }

    #[test]
    fn shares_are_written_as_k_of_n() {
        assert_eq!("2/8".parse::<Share>().unwrap().to_string(), "2/8");
        for wrong in ["", "1", "0/8", "9/8", "1/0", "a/b", "1/2/3", "-1/2"] {
            assert!(wrong.parse::<Share>().is_err(), "{wrong}");
        }
    }
}
