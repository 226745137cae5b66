//! What is worth a second look in a value that is a code all the same.

use std::fmt;

/// One remark. The order is that of the words, so that lists come out sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Warning {
    /// Agencies give numbers from 00001 on.
    Designation00000,
    /// A year to come, where the prefix is the graver finding.
    FutureYear,
    /// Five groups, the display form of ISO 3901:1986.
    LegacyGrouping,
    /// Hyphens or spaces elsewhere than between the parts of a code.
    NonstandardGrouping,
    /// A year of reference before the standard existed: old practice took the year of the recording.
    Pre1986Year,
    /// The registrant is `XXX`, as in templates.
    RegistrantXxx,
    /// The prefix is no longer given out; its codes stay valid.
    RetiredPrefix,
}

impl Warning {
    pub const ALL: [Warning; 7] = [
        Warning::Designation00000,
        Warning::FutureYear,
        Warning::LegacyGrouping,
        Warning::NonstandardGrouping,
        Warning::Pre1986Year,
        Warning::RegistrantXxx,
        Warning::RetiredPrefix,
    ];

    /// The word in JSON and CSV.
    pub fn word(self) -> &'static str {
        match self {
            Warning::Designation00000 => "designation_00000",
            Warning::FutureYear => "future_year",
            Warning::LegacyGrouping => "legacy_grouping",
            Warning::NonstandardGrouping => "nonstandard_grouping",
            Warning::Pre1986Year => "pre_1986_year",
            Warning::RegistrantXxx => "registrant_xxx",
            Warning::RetiredPrefix => "retired_prefix",
        }
    }

    /// A sentence for people.
    pub fn explain(self) -> &'static str {
        match self {
            Warning::Designation00000 => "the designation code is 00000, which agencies do not give out",
            Warning::FutureYear => "the year of reference lies in the future",
            Warning::LegacyGrouping => "it is grouped in five parts, as codes were shown before 2001",
            Warning::NonstandardGrouping => "its hyphens or spaces do not stand between the parts of a code",
            Warning::Pre1986Year => "the year of reference is older than the standard (1986)",
            Warning::RegistrantXxx => "the registrant is XXX, as in templates",
            Warning::RetiredPrefix => "the prefix is retired, but its codes stay valid",
        }
    }

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A set of remarks; one byte. Printed as words with `;` between them.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Warnings(u8);

impl Warnings {
    pub const NONE: Warnings = Warnings(0);

    pub fn insert(&mut self, warning: Warning) {
        self.0 |= warning.bit();
    }

    pub fn contains(self, warning: Warning) -> bool {
        self.0 & warning.bit() != 0
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn iter(self) -> impl Iterator<Item = Warning> {
        Warning::ALL.into_iter().filter(move |warning| self.contains(*warning))
    }
}

impl fmt::Display for Warnings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, warning) in self.iter().enumerate() {
            if index > 0 {
                f.write_str(";")?;
            }
            f.write_str(warning.word())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Warnings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
