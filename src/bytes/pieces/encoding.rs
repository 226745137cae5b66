//! The compact form of pieces that the journal keeps.
//!
//! A version byte, then numbers as LEB128: the old length, the count of replacements, and for each the gap since the
//! last one, how many bytes it replaces, how many it puts, and those.

use crate::bytes::pieces::{Patch, Pieces, PiecesError, advance};

/// The first byte of [`Pieces::encode`]. A new layout gets a new number; old ones stay readable.
const ENCODING: u8 = 1;

impl Pieces {
    /// A compact form for the journal, with its own version number.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![ENCODING];
        put_number(&mut out, self.old_len);
        put_number(&mut out, self.patches.len() as u64);
        let mut old_at = 0;
        for patch in &self.patches {
            put_number(&mut out, patch.at.start - old_at);
            put_number(&mut out, patch.at.end - patch.at.start);
            put_number(&mut out, patch.bytes.len() as u64);
            out.extend_from_slice(&patch.bytes);
            old_at = patch.at.end;
        }
        out
    }

    /// Reads what [`Pieces::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Pieces, PiecesError> {
        let (&version, mut rest) = bytes.split_first().ok_or(PiecesError::Damaged)?;
        if version != ENCODING {
            return Err(PiecesError::Newer(version));
        }
        let old_len = take_number(&mut rest)?;
        let count = take_number(&mut rest)?;
        let mut patches = Vec::new();
        let mut old_at = 0;
        for _ in 0..count {
            let start = advance(old_at, take_number(&mut rest)?)?;
            let end = advance(start, take_number(&mut rest)?)?;
            let len = usize::try_from(take_number(&mut rest)?).map_err(|_| PiecesError::Damaged)?;
            let (put, tail) = rest.split_at_checked(len).ok_or(PiecesError::Damaged)?;
            patches.push(Patch::new(start..end, put));
            rest = tail;
            old_at = end;
        }
        if !rest.is_empty() {
            return Err(PiecesError::Damaged);
        }
        Pieces::from_patches(old_len, &patches)
    }
}

/// LEB128: seven bits a byte, low ones first, the top bit says that more follow.
fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn take_number(rest: &mut &[u8]) -> Result<u64, PiecesError> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, tail) = rest.split_first().ok_or(PiecesError::Damaged)?;
        *rest = tail;
        let bits = u64::from(byte & 0x7F);
        if bits << shift >> shift != bits {
            return Err(PiecesError::Damaged);
        }
        number |= bits << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err(PiecesError::Damaged)
}
