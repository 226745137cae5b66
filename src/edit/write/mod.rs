//! The new bytes onto the disk, by one of two methods, so that they are there whole or not at all.

pub(in crate::edit) mod before;
pub(in crate::edit) mod commit;
pub(in crate::edit) mod faults;
pub(in crate::edit) mod in_place;
pub(in crate::edit) mod replace;
pub(in crate::edit) mod staged;
