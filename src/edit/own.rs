//! What this run has written to files with several names: under the next name the file is not as it was looked at, and
//! yet no other program has changed it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::system::platform::{self, Identity};

use super::journal::Left;
use super::prepare::Ready;

/// When each was written last, by device and number.
#[derive(Debug, Default)]
pub(super) struct Own {
    modified: Mutex<BTreeMap<(u64, u64), i64>>,
}

impl Own {
    /// To be called while the file is locked: once it is not, its next name may be looked at.
    pub(super) fn note(&self, written: &Ready, left: Left) {
        if platform::links(written.file.metadata()) > 1 {
            let Identity { device, inode, .. } = written.identity;
            let mut modified = self.modified.lock().unwrap_or_else(PoisonError::into_inner);
            modified.insert((device, inode), left.modified);
        }
    }

    /// Whether this run was the last that wrote a file.
    pub(super) fn has_left(&self, now: &Identity) -> bool {
        let modified = self.modified.lock().unwrap_or_else(PoisonError::into_inner);
        modified.get(&(now.device, now.inode)) == Some(&now.modified)
    }
}
