//! Enums whose values have a word each, declared once with it: for JSON, CSV, databases and arguments. Behind a colon,
//! where the enum has them, is a sentence for people. And numbers as people write them.

macro_rules! words {
    ($(#[$about:meta])* $vis:vis enum $name:ident {
        $($(#[$doc:meta])* $case:ident = $word:literal : $sentence:literal,)*
    }) => {
        $crate::isrc::words::words! { $(#[$about])* $vis enum $name { $($(#[$doc])* $case = $word,)* } }

        impl $name {
            /// A sentence for people, without full stop.
            pub fn explain(self) -> &'static str {
                match self { $($name::$case => $sentence,)* }
            }
        }
    };
    ($(#[$about:meta])* $vis:vis enum $name:ident { $($(#[$doc:meta])* $case:ident = $word:literal,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $name { $($(#[$doc])* $case,)* }

        #[allow(dead_code, reason = "not every one of them is listed or read back")]
        impl $name {
            pub const ALL: [$name; [$($word),*].len()] = [$($name::$case),*];

            /// The word in JSON, CSV and databases.
            pub fn word(self) -> &'static str {
                match self { $($name::$case => $word,)* }
            }

            pub fn of_word(word: &str) -> Option<$name> {
                $name::ALL.into_iter().find(|known| known.word() == word)
            }
        }
    };
}

/// A set of values of such an enum, in one byte, which is printed as their words.
macro_rules! word_set {
    ($(#[$about:meta])* $name:ident of $of:ident, between words $between:literal, without any $none:literal) => {
        $(#[$about])*
        #[derive(Clone, Copy, PartialEq, Eq, Default)]
        pub struct $name(u8);

        impl $name {
            pub const NONE: $name = $name(0);

            pub fn insert(&mut self, one: $of) {
                self.0 |= 1 << one as u8;
            }

            pub fn contains(self, one: $of) -> bool {
                self.0 & 1 << one as u8 != 0
            }

            pub fn is_empty(self) -> bool {
                self.0 == 0
            }

            pub fn iter(self) -> impl Iterator<Item = $of> {
                $of::ALL.into_iter().filter(move |one| self.contains(*one))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self.is_empty() {
                    true => f.write_str($none),
                    false => f.write_str(&self.iter().map($of::word).collect::<Vec<_>>().join($between)),
                }
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_set().entries(self.iter()).finish()
            }
        }
    };
}

pub(crate) use {word_set, words};

/// `1 file`, `3 files`, `20,000 files`.
pub fn count(number: u64, one: &str, many: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        _ => format!("{} {many}", thousands(number)),
    }
}

/// A number with commas: `20,000`.
pub fn thousands(number: u64) -> String {
    indicatif::HumanCount(number).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_get_their_plural_right() {
        assert_eq!(count(1, "file", "files"), "1 file");
        assert_eq!(count(0, "file", "files"), "0 files");
        assert_eq!(count(1234567, "file", "files"), "1,234,567 files");
    }
}
