//! What stands for [`super::linux`] on other systems: nothing is known, and nothing can be asked for.

use std::fs::File;
use std::ops::Range;
use std::time::Duration;

use super::NotCarried;

pub(crate) fn run_time() -> Option<Duration> {
    None
}

pub(crate) fn ready_time() -> Option<Duration> {
    None
}

pub(crate) fn start_of_machine() -> Option<String> {
    None
}

pub(crate) fn is_copied_up(_file: &File) -> bool {
    false
}

pub(super) fn locks_shut_out_their_holder(_file: &File) -> bool {
    false
}

/// Other Unixes keep them on their own file systems; elsewhere [`super::Identity`] has the time of creation in their place.
pub(crate) fn keeps_times_of_change(_file: &File) -> bool {
    cfg!(all(unix, not(isrctag_portable)))
}

pub(crate) fn start_writing(_file: &File, _range: Range<u64>) {}

pub(crate) fn share_blocks(_from: &File, _to: &File) -> bool {
    false
}

pub(crate) fn carry_flags(_from: &File, _to: &File) -> Result<(), NotCarried> {
    Ok(())
}
