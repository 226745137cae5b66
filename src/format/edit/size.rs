//! The numbers that boxes state, in every way in which they are written.

use crate::bytes::source::{ReadError, Source};

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::format) enum Size {
    Be24,
    Be32,
    Be64,
    Le16,
    Le32,
    Le64,
    /// 28 bits in four bytes, of which the highest bit is 0 (ID3v2).
    Synchsafe,
    /// Nothing can state another length, so that the box must keep its own. Of a count: it is nowhere.
    Unstated,
    /// EBML's, in as many bytes as before: a leading 1 tells how many (RFC 8794, section 4).
    Vint(u8),
}

impl Size {
    /// Bytes of the field.
    pub(in crate::format) fn width(self) -> usize {
        match self {
            Size::Le16 => 2,
            Size::Be24 => 3,
            Size::Be32 | Size::Le32 | Size::Synchsafe => 4,
            Size::Be64 | Size::Le64 => 8,
            Size::Vint(width) => width.into(),
            Size::Unstated => 0,
        }
    }

    fn is_little(self) -> bool {
        matches!(self, Size::Le16 | Size::Le32 | Size::Le64)
    }

    /// How many bits of each byte count.
    fn bits(self) -> u32 {
        match self {
            Size::Synchsafe | Size::Vint(_) => 7,
            Size::Be24 | Size::Be32 | Size::Be64 | Size::Le16 | Size::Le32 | Size::Le64 | Size::Unstated => 8,
        }
    }

    /// The number at an offset.
    pub(in crate::format) fn read_at(self, source: &mut Source, at: u64) -> Result<u64, ReadError> {
        Ok(self.read(source.at(at, self.width())?))
    }

    /// The number in `bytes`, of which there are as many as [`Size::width`] says; big endian, fewer will do.
    pub(in crate::format) fn read(self, bytes: &[u8]) -> u64 {
        let fold = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        match self {
            Size::Synchsafe => bytes
                .iter()
                .fold(0, |number, byte| number << 7 | u64::from(byte & 0x7F)),
            Size::Vint(width) => bytes.iter().fold(0, fold) & !(1 << (7 * u32::from(width))),
            _ if self.is_little() => bytes.iter().rev().fold(0, fold),
            _ => bytes.iter().fold(0, fold),
        }
    }

    /// The largest number that the field can hold. All bits set is no size where that means "see elsewhere" (RF64) or
    /// "unknown" (EBML).
    pub(in crate::format) fn most(self) -> u64 {
        let all = match self.bits() * self.width() as u32 {
            64.. => u64::MAX,
            bits => (1 << bits) - 1,
        };
        let is_reserved = matches!(self, Size::Be32 | Size::Le32 | Size::Be64 | Size::Le64 | Size::Vint(_));
        all - u64::from(is_reserved)
    }

    /// `None` where the field cannot hold the number.
    pub(in crate::format) fn write(self, number: u64) -> Option<Vec<u8>> {
        if number > self.most() || self == Size::Unstated {
            return None;
        }
        let marked = match self {
            Size::Vint(width) => number | 1 << (7 * u32::from(width)),
            _ => number,
        };
        let byte = |index: usize| match self {
            Size::Synchsafe => (number >> (7 * index) & 0x7F) as u8,
            _ => (marked >> (8 * index)) as u8,
        };
        let little = (0..self.width()).map(byte);
        Some(if self.is_little() {
            little.collect()
        } else {
            little.rev().collect()
        })
    }
}

/// A new box: its name, the size of its body and of `more` than that, its body.
pub(in crate::format) fn boxed(name: &[u8], size: Size, more: u64, body: &[u8]) -> Vec<u8> {
    let size = size.write(body.len() as u64 + more);
    [name, &size.expect("no body in memory is longer"), body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written() {
        check(Size::Be24, 0x01_0203, &[1, 2, 3]);
        check(Size::Be32, 0x0102_0304, &[1, 2, 3, 4]);
        check(Size::Be64, 0x0102, &[0, 0, 0, 0, 0, 0, 1, 2]);
        check(Size::Le16, 0x0102, &[2, 1]);
        check(Size::Le32, 0x0102_0304, &[4, 3, 2, 1]);
        check(Size::Le64, 0x0102, &[2, 1, 0, 0, 0, 0, 0, 0]);
        check(Size::Synchsafe, 0x101, &[0, 0, 2, 1]);
        check(Size::Vint(1), 5, &[0x85]);
        check(Size::Vint(2), 5, &[0x40, 5]);
        check(Size::Vint(8), 5, &[1, 0, 0, 0, 0, 0, 0, 5]);
    }

    #[track_caller]
    fn check(size: Size, number: u64, bytes: &[u8]) {
        assert_eq!(size.write(number).as_deref(), Some(bytes));
        assert_eq!(size.read(bytes), number);
        assert_eq!(size.width(), bytes.len());
    }

    #[test]
    fn what_a_field_cannot_hold_is_not_written() {
        for (size, most) in [
            (Size::Be24, 0xFF_FFFF),
            (Size::Le32, 0xFFFF_FFFE),
            (Size::Synchsafe, 0xFFF_FFFF),
            (Size::Vint(1), 126),
            (Size::Vint(8), (1 << 56) - 2),
        ] {
            assert!(size.write(most).is_some(), "{size:?}");
            assert_eq!(size.write(most + 1), None, "{size:?}");
        }
    }
}
