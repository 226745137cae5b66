//! Where the bytes come from and go to when a box changes its length: slack, nearest first.
//!
//! Pure: it knows the lengths of slack and nothing of the file.

use crate::format::edit::tree::{Fresh, Slack};

/// What happens to the slack of a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::format) enum Fill {
    /// The slack with this index gets this length, without its header.
    Resize(usize, u64),
    /// It goes, header and all.
    Remove(usize),
    /// New slack of this length, without its header.
    Fresh(u64),
}

/// What there is to fill with.
pub(in crate::format) struct Room<'r> {
    /// Nearest first.
    pub slacks: &'r [Slack],
    /// New slack can be made.
    pub fresh: Option<Fresh>,
    /// The slack that is where new slack would: nothing between the two moves.
    pub adjacent: Option<usize>,
    /// What the slack has at least, where the file changes its length.
    pub padding: u64,
}

impl Room<'_> {
    /// Makes up for `growth` bytes by which something gets longer (shorter, if negative). Where that cannot be done, the
    /// length changes, and there is padding for the next edit if there can be.
    pub(in crate::format) fn fit(&self, growth: i64) -> Vec<Fill> {
        match u64::try_from(growth) {
            Ok(0) => Vec::new(),
            Ok(needed) => self.take(needed),
            Err(_) => self.give(growth.unsigned_abs()),
        }
    }

    /// By how much the file gets longer.
    pub(in crate::format) fn difference(&self, fill: Fill) -> i64 {
        match fill {
            Fill::Resize(index, len) => len as i64 - self.slacks[index].len() as i64,
            Fill::Remove(index) => -((self.slacks[index].len() + self.slacks[index].header) as i64),
            Fill::Fresh(len) => (len + self.fresh.map_or(0, |fresh| fresh.header)) as i64,
        }
    }

    fn usable(&self, difference: u64) -> impl Iterator<Item = (usize, &Slack)> {
        let is_usable = move |(_, slack): &(usize, &Slack)| !slack.is_even || difference.is_multiple_of(2);
        self.slacks.iter().enumerate().filter(is_usable)
    }

    fn take(&self, needed: u64) -> Vec<Fill> {
        for (index, slack) in self.usable(needed) {
            if needed <= slack.len() {
                return vec![Fill::Resize(index, slack.len() - needed)];
            }
            if needed == slack.len() + slack.header {
                return vec![Fill::Remove(index)];
            }
        }
        self.take_several(needed).unwrap_or_else(|| self.pad())
    }

    /// Uses up one after the other. A remainder that is less than a header stays for the next one to give.
    fn take_several(&self, needed: u64) -> Option<Vec<Fill>> {
        let mut missing = needed;
        let mut fills = Vec::new();
        for (index, slack) in self.usable(needed) {
            if missing <= slack.len() {
                fills.push(Fill::Resize(index, slack.len() - missing));
                return Some(fills);
            }
            if missing >= slack.len() + slack.header {
                fills.push(Fill::Remove(index));
                missing -= slack.len() + slack.header;
            } else {
                fills.push(Fill::Resize(index, 0));
                missing -= slack.len();
            }
            if missing == 0 {
                return Some(fills);
            }
        }
        None
    }

    /// The length changes anyway. What is there but too small grows, rather than a second one beside it.
    fn pad(&self) -> Vec<Fill> {
        let own = self.slacks.iter().enumerate().find(|(_, slack)| self.can_grow(slack));
        match (own, self.fresh) {
            (Some((index, slack)), _) if slack.len() < self.padding => vec![Fill::Resize(index, self.padding)],
            (_, Some(_)) if self.padding > 0 => vec![Fill::Fresh(self.padding)],
            _ => Vec::new(),
        }
    }

    /// A size field of one byte states no more than 126 (EBML).
    fn can_grow(&self, slack: &Slack) -> bool {
        slack.grows && self.padding <= slack.largest
    }

    fn give(&self, surplus: u64) -> Vec<Fill> {
        let roomy = self
            .usable(surplus)
            .find(|(_, slack)| slack.len().saturating_add(surplus) <= slack.largest);
        let grown = |(index, slack): (usize, &Slack)| vec![Fill::Resize(index, slack.len() + surplus)];
        match (roomy, self.fresh) {
            (Some(roomy), Some(fresh)) if fresh.is_last_resort => grown(roomy),
            (Some(roomy), Some(_)) if self.adjacent == Some(roomy.0) => grown(roomy),
            // Slack of its own keeps what is between in its place.
            (_, Some(fresh)) if surplus >= fresh.header => vec![Fill::Fresh(surplus - fresh.header)],
            (Some(roomy), _) => grown(roomy),
            (None, Some(_)) => vec![Fill::Fresh(self.padding)],
            (None, None) => Vec::new(),
        }
    }
}
