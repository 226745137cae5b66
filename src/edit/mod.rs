//! The one way to write a user's file: prove, commit, journal, recover, undo.
