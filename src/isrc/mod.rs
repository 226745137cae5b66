//! The code itself: the [`Isrc`] type, safe normalisation, and the judgement of any text that is put in its place.
//!
//! Nothing here knows files. Invariant: an [`Isrc`] is always the twelve characters of ISO 3901, stored form.

use std::fmt;

/// An International Standard Recording Code in its stored form: `[A-Z]{2}[A-Z0-9]{3}[0-9]{2}[0-9]{5}`.
// Invariant: twelve ASCII characters of that pattern. Private, so only `from_stored` can make one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Isrc([u8; 12]);

impl Isrc {
    /// Takes exactly the stored form and nothing else: no label, hyphens, lower case or white space.
    pub fn from_stored(text: &str) -> Option<Isrc> {
        let code: [u8; 12] = text.as_bytes().try_into().ok()?;
        let well_formed = code[..2].iter().all(u8::is_ascii_uppercase)
            && code[2..5]
                .iter()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
            && code[5..].iter().all(u8::is_ascii_digit);
        well_formed.then_some(Isrc(code))
    }

    /// The stored form, twelve characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("the invariant says ASCII")
    }

    pub fn as_bytes(&self) -> &[u8; 12] {
        &self.0
    }
}

impl fmt::Display for Isrc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Isrc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Isrc({})", self.as_str())
    }
}
