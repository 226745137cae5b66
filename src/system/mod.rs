//! What the house is built on: calls that differ by operating system, work in many threads, SQLite, tables, lists of
//! paths.

pub(crate) mod database;
pub(crate) mod in_flight;
pub(crate) mod paths;
pub(crate) mod platform;
pub(crate) mod table;
