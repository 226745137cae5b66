//! Which findings a person asks for, by the words of [`super::kinds`].

use std::str::FromStr;

use super::kinds::{Kind, Task, TaskInfo};

/// Findings that a person asks for: all of a kind, or those of one repair (`malformed:guess`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selector(&'static str);

impl Selector {
    /// Every selector that there is, kind by kind.
    pub fn all() -> impl Iterator<Item = Selector> {
        Kind::ALL.into_iter().flat_map(|kind| {
            let parts = Task::ALL
                .map(Task::info)
                .into_iter()
                .filter(move |task| task.kind == Some(kind));
            let parts = parts.map(|task| task.selector).filter(move |part| *part != kind.word());
            std::iter::once(kind.word()).chain(parts).map(Selector)
        })
    }

    pub fn word(self) -> &'static str {
        self.0
    }

    /// In few words.
    pub fn brief(self) -> &'static str {
        let task = Task::ALL
            .map(Task::info)
            .into_iter()
            .find(|task| task.selector == self.0);
        let kind = Kind::ALL.map(Kind::info).into_iter().find(|kind| kind.word == self.0);
        let of_task = task.and_then(|task| task.step).map_or("", |(one, _)| one);
        kind.map_or(of_task, |kind| kind.brief)
    }

    /// Whether a run fails by what it takes.
    pub fn fails(self) -> bool {
        Task::ALL
            .into_iter()
            .any(|task| self.takes(task) && task.info().kind.is_some_and(|kind| kind.info().fails))
    }

    fn takes(self, task: Task) -> bool {
        let TaskInfo { kind, selector, .. } = task.info();
        *selector == self.0 || kind.is_some_and(|kind| kind.word() == self.0)
    }
}

impl FromStr for Selector {
    type Err = String;

    fn from_str(text: &str) -> Result<Selector, String> {
        let known = Selector::all().find(|selector| selector.0 == text);
        known.ok_or_else(|| {
            let words: Vec<&str> = Selector::all().map(Selector::word).collect();
            format!("the kinds are {}", words.join(", "))
        })
    }
}

/// Which findings are listed, and count for the exit status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed(Vec<Task>);

impl Listed {
    pub fn all() -> Listed {
        Listed(Task::ALL.to_vec())
    }

    /// The kinds of `only`, or all where there is none, without those of `ignore`.
    pub fn of(only: &[Selector], ignore: &[Selector]) -> Listed {
        let is_listed = |task: &Task| {
            let takes = |selector: &Selector| selector.takes(*task);
            (only.is_empty() || only.iter().any(takes)) && !ignore.iter().any(takes)
        };
        Listed(Task::ALL.into_iter().filter(is_listed).collect())
    }

    pub fn has(&self, task: Task) -> bool {
        self.0.contains(&task)
    }

    pub fn has_any_of(&self, kind: Kind) -> bool {
        self.0.iter().any(|task| task.info().kind == Some(kind))
    }

    pub fn is_only(&self, task: Task) -> bool {
        self.0 == [task]
    }

    pub fn is_all(&self) -> bool {
        Task::ALL.into_iter().all(|task| task == Task::Fine || self.has(task))
    }

    /// In the fewest words: what is listed, and what is not.
    pub fn words(&self) -> (Vec<String>, Vec<String>) {
        let (mut listed, mut left) = (Vec::new(), Vec::new());
        for kind in Kind::ALL {
            let tasks = Task::ALL.into_iter().filter(|task| task.info().kind == Some(kind));
            let (has, lacks): (Vec<Task>, Vec<Task>) = tasks.partition(|task| self.has(*task));
            match (has.is_empty(), lacks.is_empty()) {
                (_, true) => listed.push(kind.word().to_owned()),
                (true, false) => left.push(kind.word().to_owned()),
                (false, false) => {
                    listed.extend(has.iter().map(|task| task.info().selector.to_owned()));
                    left.extend(lacks.iter().map(|task| task.info().selector.to_owned()));
                }
            }
        }
        (listed, left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isrc::decode::Repair;

    #[test]
    fn every_kind_has_its_tasks_and_every_task_is_that_of_its_findings() {
        for kind in Kind::ALL {
            for repair in [None, Some(Repair::Safe), Some(Repair::Guess), Some(Repair::None)] {
                let task = Task::of(kind, repair).info();
                assert_eq!(task.kind, Some(kind));
                assert_eq!(task.selector.split(':').next(), Some(kind.word()));
            }
        }
        let mut selectors: Vec<&str> = Selector::all().map(Selector::word).collect();
        assert_eq!(selectors.len(), 12);
        selectors.dedup();
        assert_eq!(selectors.len(), 12);
    }

    #[test]
    fn what_is_listed_is_said_in_few_words() {
        check(
            "",
            "",
            "missing malformed shared split conflicting misplaced suspicious unsupported unreadable | ",
        );
        check(
            "missing,malformed",
            "",
            "missing malformed | shared split conflicting misplaced suspicious unsupported unreadable",
        );
        check(
            "malformed:guess",
            "",
            "malformed:guess | missing malformed:safe malformed:none shared split conflicting misplaced suspicious \
             unsupported unreadable",
        );
        check(
            "malformed,missing",
            "malformed:safe,missing",
            "malformed:guess malformed:none | missing malformed:safe shared split conflicting misplaced suspicious \
             unsupported unreadable",
        );
        assert!("malformed:perhaps".parse::<Selector>().is_err());
        assert!("missing:safe".parse::<Selector>().is_err());
    }

    #[track_caller]
    fn check(only: &str, ignore: &str, expected: &str) {
        let selectors = |words: &str| -> Vec<Selector> {
            let words = words.split(',').filter(|word| !word.is_empty());
            words.map(|word| word.parse().unwrap()).collect()
        };
        let (listed, left) = Listed::of(&selectors(only), &selectors(ignore)).words();
        assert_eq!(format!("{} | {}", listed.join(" "), left.join(" ")), expected);
    }
}
