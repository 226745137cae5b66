//! What makes up for a change of length: slack, padding, pad bytes.

use std::cmp::Reverse;

use super::{Edit, Work};
use crate::format::edit::slack::{Fill, Room};
use crate::format::edit::tree::{Domain, NodeId, Slack};

impl Work<'_> {
    /// Makes up for the growth of every domain, inner ones first, and sets pad bytes right.
    pub(super) fn balance(&mut self) {
        if self.edits.is_empty() {
            return;
        }
        let tree = self.tree;
        for (id, node) in tree.nodes.iter().enumerate().rev() {
            if let Some(domain) = tree.domains.iter().find(|domain| domain.node == id) {
                self.balance_domain(domain);
            }
            let Some(pad) = node.pad else { continue };
            let growth = self.growth(id);
            let wanted = (node.range.end - node.range.start).wrapping_add_signed(growth) % 2;
            if (growth != 0 || pad.is_due) && wanted != pad.len {
                let at = node.range.end..node.range.end + pad.len;
                self.push(at, vec![0; wanted as usize], node.inside, 0);
                // What is put behind the box is behind its pad byte.
                self.edits.last_mut().expect("it was just pushed").depth = Reverse(tree.outwards(Some(id)).count());
            }
        }
    }

    fn balance_domain(&mut self, domain: &Domain) {
        let growth = self.growth(domain.node);
        if growth == 0 {
            return;
        }
        // What keeps its length says nothing of where room is wanted.
        let is_of_it = |edit: &&Edit| edit.growth() != 0 && self.is_inside(edit, domain.node);
        let edits = || self.edits.iter().filter(is_of_it);
        let first = edits().map(|edit| edit.at.start).min().unwrap_or(0);
        let last = edits().map(|edit| edit.at.end).max().unwrap_or(0);
        let mut slacks = domain.slacks.clone();
        slacks.sort_by_key(|slack| match slack.range.start.checked_sub(last) {
            Some(distance) => (distance, false),
            None => (first.saturating_sub(slack.range.end), true),
        });
        let created = self
            .created
            .filter(|(_, _, edit)| self.is_inside(&self.edits[*edit], domain.node));
        let seat = self.fresh_seat(domain);
        let adjacent = seat.and_then(|(at, _)| slacks.iter().position(|slack| slack.range.start == at));
        let node = &self.tree.nodes[domain.node].range;
        let own = slacks.iter().find(|slack| slack.grows).map_or(0, Slack::len);
        let needed = (node.end - node.start)
            .saturating_sub(own)
            .saturating_add_signed(growth);
        let room = Room {
            fresh: domain.fresh.filter(|_| seat.is_some()),
            adjacent,
            padding: match domain.longest.checked_sub(needed) {
                Some(most) => domain.padding.min(most),
                None => domain.padding,
            },
            slacks: &slacks,
        };
        let fills = room.fit(growth);
        let made_up: i64 = fills.iter().map(|fill| room.difference(*fill)).sum();
        let is_padded = matches!(fills[..], [Fill::Resize(..)]);
        match created {
            Some((isrc, new, edit)) if new.padding > 0 && growth + made_up != 0 && (new.beside_slack || !is_padded) => {
                self.edits[edit].bytes = (new.make)(isrc, new.padding);
            }
            _ => fills
                .iter()
                .for_each(|fill| self.fill(domain, &slacks, *fill, seat, last)),
        }
    }

    /// Where new slack of a domain would go: behind the roomy box around the last edit, or else behind what is new.
    fn fresh_seat(&self, domain: &Domain) -> Option<(u64, Option<NodeId>)> {
        let last = self.edits.iter().rfind(|edit| self.is_inside(edit, domain.node))?;
        let nodes = &self.tree.nodes;
        let mut around = self.tree.outwards(last.inside).take_while(|node| *node != domain.node);
        let roomy = around.find(|node| nodes[*node].is_roomy);
        let new = || (last.more > 0).then_some((last.at.end, last.inside));
        roomy
            .map(|node| (nodes[node].range.end, nodes[node].inside))
            .or_else(new)
    }

    /// Slack changes on the side that faces the edits, so that the rest stays where it is; bytes come behind the header,
    /// since something new may be put right behind the slack.
    fn fill(&mut self, domain: &Domain, slacks: &[Slack], fill: Fill, seat: Option<(u64, Option<NodeId>)>, last: u64) {
        match fill {
            Fill::Fresh(len) => {
                if let (Some(fresh), Some((at, inside))) = (domain.fresh, seat) {
                    self.push(at..at, (fresh.make)(len), inside, 1);
                }
            }
            Fill::Remove(index) => self.remove(slacks[index].node),
            Fill::Resize(index, len) => {
                let slack = &slacks[index];
                let start = slack.range.start + slack.header;
                let inside = Some(slack.node);
                match len.checked_sub(slack.len()) {
                    Some(0) => {}
                    Some(more) => self.push(start..start, vec![0; more as usize], inside, 0),
                    None => {
                        let less = slack.len() - len;
                        let at = match slack.range.start >= last {
                            true => start..start + less,
                            false => slack.range.end - less..slack.range.end,
                        };
                        self.push(at, [], inside, 0);
                    }
                }
            }
        }
    }
}
