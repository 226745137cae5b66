//! A checksum over the parts of a file that tell whether an edit's file is still the one that was left.
//!
//! It guards against accidents (another program wrote the file since), not against forgery, so CRC-64 will do.

use std::io;

use crc::{CRC_64_XZ, Crc, Table};

use crate::bytes::pieces::Pieces;
use crate::bytes::pieces::compare::read_exact_at;
use crate::bytes::source::ReadAt;

/// By the table of 16 rows: a window with a picture in it is summed up twice.
static CRC: Crc<u64, Table<16>> = Crc::<u64, Table<16>>::new(&CRC_64_XZ);

/// How many bytes are taken in at once.
const STEP: usize = 16 * 1024;

/// The checksum of a file over the ranges that `pieces`, made for it, would change, and their surroundings.
pub(crate) fn check(file: &dyn ReadAt, pieces: &Pieces) -> io::Result<u64> {
    let mut digest = CRC.digest();
    digest.update(&file.len().to_le_bytes());
    let mut buffer = vec![0; STEP];
    for range in pieces.witnesses() {
        let mut at = range.start;
        while at < range.end {
            let count = (range.end - at).min(STEP as u64) as usize;
            read_exact_at(file, &mut buffer[..count], at)?;
            digest.update(&buffer[..count]);
            at += count as u64;
        }
    }
    Ok(digest.finalize())
}
