//! Seeded mutants of a file.

/// Seeds longer than this have fewer mutants: only their first and last part is worth it.
const LONG: usize = 256 * 1024;

/// Numbers that are the same in every run (splitmix64).
pub struct Random(u64);

impl Random {
    pub fn new(name: &str, number: u64) -> Random {
        let mut state = 0xcbf2_9ce4_8422_2325_u64;
        for byte in name.bytes().chain(number.to_le_bytes()) {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Random(state)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    /// An offset: most often near the front or the end, where tags stand.
    fn offset(&mut self, len: usize) -> usize {
        let near: usize = 16 << self.below(9);
        match self.below(5) {
            0..2 => self.below(near.min(len)),
            2 | 3 => len.saturating_sub(1 + self.below(near.min(len))),
            _ => self.below(len),
        }
    }
}

/// One to four wounds.
pub fn mutated(whole: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    if bytes.len() > LONG {
        let middle = bytes.len() - LONG / 2;
        bytes.drain(LONG / 2..middle);
    }
    for _ in 0..1 + random.below(4) {
        if bytes.is_empty() {
            break;
        }
        let at = random.offset(bytes.len());
        let longest = 2 << random.below(8);
        let run = (1 + random.below(longest)).min(bytes.len() - at);
        match random.below(8) {
            0 | 1 => bytes[at] ^= 1 << random.below(8),
            2 => bytes[at] = random.next() as u8,
            3 => bytes.truncate(at),
            4 => drop(bytes.drain(at..at + run)),
            5 => {
                let copy = bytes[at..at + run].to_vec();
                let to = random.offset(bytes.len());
                drop(bytes.splice(to..to, copy));
            }
            6 => lie(&mut bytes, at, random),
            _ => {
                let noise: Vec<u8> = (0..run).map(|_| random.next() as u8).collect();
                drop(bytes.splice(at..at, noise));
            }
        }
    }
    bytes
}

/// Four bytes become a size that is none: huge, zero, one off, or what is left of the file and a bit.
fn lie(bytes: &mut [u8], at: usize, random: &mut Random) {
    let rest = (bytes.len() - at) as u32;
    let Some(field) = bytes.get_mut(at..at + 4) else { return };
    let now = u32::from_be_bytes([field[0], field[1], field[2], field[3]]);
    let size = match random.below(8) {
        0 => u32::MAX,
        1 => 0,
        2 => now.wrapping_add(1),
        3 => now.wrapping_sub(1),
        4 => rest,
        5 => rest + random.below(16) as u32,
        6 => 0x7f7f_7f7f,
        _ => 1 << random.below(32),
    };
    field.copy_from_slice(&if random.below(2) == 0 {
        size.to_be_bytes()
    } else {
        size.to_le_bytes()
    });
}
