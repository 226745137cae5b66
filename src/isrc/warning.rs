//! What is worth a second look in a value that is a code all the same.

use super::words::{word_set, words};
words! {
    /// One remark. The order is that of the words, so that lists come out sorted.
    pub enum Warning {
        /// Agencies give numbers from 00001 on.
        Designation00000 = "designation_00000": "the designation code is 00000, which agencies do not give out",
        /// A year to come, where the prefix is the graver finding.
        FutureYear = "future_year": "the year of reference lies in the future",
        /// Five groups, the display form of ISO 3901:1986.
        LegacyGrouping = "legacy_grouping": "it is grouped in five parts, as codes were shown before 2001",
        /// Hyphens or spaces elsewhere than between the parts of a code.
        NonstandardGrouping = "nonstandard_grouping": "its hyphens or spaces do not stand between the parts of a code",
        /// A year of reference before the standard existed: old practice took the year of the recording.
        Pre1986Year = "pre_1986_year": "the year of reference is older than the standard (1986)",
        /// The registrant is `XXX`, as in templates.
        RegistrantXxx = "registrant_xxx": "the registrant is XXX, as in templates",
        /// The prefix is no longer given out; its codes stay valid.
        RetiredPrefix = "retired_prefix": "the prefix is retired, but its codes stay valid",
    }
}

word_set! {
    /// A set of remarks.
    Warnings of Warning, between words ";", without any ""
}
