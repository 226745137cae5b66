//! What manual pages tell beside the declarations of the command line.

/// When the pages last changed, as man-pages(7) wants it.
pub const CHANGED: &str = "2026-11-25";

/// The variables by which a user steers the program.
pub const ENVIRONMENT: &[(&str, &str)] = &[
    (
        "ISRCTAG_STATE_DIR",
        "The folder of the undo journal and of what was heard of files, instead of the platform's",
    ),
    ("ISRCTAG_LEDGER", "The ledger's file, if --ledger does not name one"),
    ("NO_COLOR", "If it is set and not empty, --color auto means never"),
];

/// What the program keeps, on Linux.
pub const FILES: &[(&str, &str)] = &[
    (
        "$XDG_STATE_HOME/isrctag/ (~/.local/state/isrctag/)",
        "The undo journal, and what was heard of files. A damaged journal, or one of a newer version, is never deleted",
    ),
    (
        "$XDG_DATA_HOME/isrctag/ (~/.local/share/isrctag/)",
        "The ledger of codes",
    ),
];
