//! `fill`: codes from files that are the same recording.

use std::path::PathBuf;

use crate::bytes::source::Links;
use crate::cli::fill::Fill;
use crate::cli::{LineFormat, WalkArgs};
use crate::commands::edit::run::{Decision, Run, Target};
use crate::commands::exit::Exit;
use crate::commands::look::recall::indexes_among;
use crate::commands::look::{Looked, look, nothing_done};
use crate::commands::scan::listening::listener;
use crate::commands::walk::{check_named, walk_of};
use crate::commands::{Surroundings, say};
use crate::discover::Walk;
use crate::isrc::Isrc;
use crate::judge::Kind;
use crate::plan::{Replace, Wish};
use crate::recording::FileInfo;
use crate::recording::evidence::{Judged, Verdict, weigh};
use crate::recording::group::{Question, Recordings};
use crate::recording::side::Side;
use crate::report::edits::{Ending, Unchanged};
use crate::report::terminal::{count, thousands};
use crate::scan::inspect::{Describe, Inspected};
use crate::scan::listen::Hearing;

pub(in crate::commands) fn run(arguments: Fill, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let Fill {
        paths,
        from,
        presumed,
        edit,
        walk,
    } = arguments;
    check_named(&from)?;
    let own_donors = from.is_empty();
    let (to_fill, donors, links) = look_at(paths, from, &walk, surroundings)?;
    let exit_of_look = to_fill.exit.max(donors.exit);
    let (to_fill, donors) = (to_fill.files, donors.files);
    if surroundings.interrupted() {
        return Ok(nothing_done(surroundings));
    }
    let filled = to_fill.len();
    let mut files: Vec<FileInfo> = Vec::with_capacity(filled + donors.len());
    let mut lacks = Vec::with_capacity(filled);
    for (path, file) in to_fill.iter().chain(&donors) {
        let mut info = FileInfo::of(path, file);
        if files.len() < filled {
            lacks.push(lacks_code(file));
            // Files that only get codes give none.
            info.isrc = info.isrc.filter(|_| own_donors);
        }
        files.push(info);
    }
    drop((to_fill, donors));
    let listener = listener(surroundings, links)?;
    let mut lacking: Vec<(Target, Decision)> = Vec::new();
    if lacks.contains(&true) {
        let hearing = Hearing::of(&listener, &files);
        let filling = Filling::new(&files, &hearing, presumed);
        for file in (0..filled).filter(|file| lacks[*file] && !surroundings.interrupted()) {
            let decision = filling.decision(file);
            lacking.push((Target::named(files[file].path.clone()), decision));
        }
    }
    drop(listener);
    if surroundings.interrupted() {
        return Ok(nothing_done(surroundings));
    }
    let without = lacking.len() as u64;
    let dry_run = edit.how.dry_run;
    let text = edit.how.format == LineFormat::Text;
    if text && without == 0 && filled > 0 {
        say("Nothing to do: every file that can be read has a code.", surroundings)?;
        return Ok(exit_of_look);
    }
    let run = Run::writing(&edit, surroundings, Unchanged::List)?;
    let mut got = 0;
    let exit = run.carry_out(lacking, &mut |_, ending| {
        got += u64::from(matches!(ending, Ending::Written | Ending::Planned));
    })?;
    if text && without > 0 {
        let get = if dry_run { "would get one" } else { "got one" };
        let files = count(without, "file", "files");
        say(
            &format!("{} of {files} without a code {get}", thousands(got)),
            surroundings,
        )?;
    }
    let remain = if got < without { Exit::Findings } else { Exit::Fine };
    Ok(exit.max(exit_of_look).max(remain))
}

/// Looks at the files of `paths`, which may get codes, and at those of `from`, which only give some: folders, or indexes of
/// what was scanned. Whether links are followed in one of them.
fn look_at(
    paths: Vec<PathBuf>,
    from: Vec<PathBuf>,
    walk: &WalkArgs,
    surroundings: &Surroundings,
) -> anyhow::Result<(Looked, Looked, Links)> {
    let mut links = Links::Refuse;
    let mut look = |walk: &Walk| {
        if walk.opening() == Links::Follow {
            links = Links::Follow;
        }
        let mut looked = look(walk, surroundings, Describe::TagsAndAudio);
        looked.tell_unsupported(surroundings);
        looked
    };
    let to_fill = look(&walk_of(paths, walk)?);
    let (indexes, from) = indexes_among(from)?;
    let mut donors = match from.is_empty() {
        true => Looked::told(Vec::new(), surroundings),
        false => {
            let without_list = WalkArgs {
                files_from: None,
                ..walk.clone()
            };
            look(&walk_of(from, &without_list)?)
        }
    };
    for index in indexes {
        donors = donors.and(index.coded_now(surroundings)?);
    }
    Ok((to_fill, donors, links))
}

/// Which code a file gets from the others of its recording.
struct Filling<'a> {
    files: &'a [FileInfo],
    sides: Vec<Side<'a>>,
    recordings: Recordings,
    /// The recording of each file.
    group_of: Vec<usize>,
    hearing: &'a Hearing<'a>,
    presumed: bool,
}

/// So many files of a recording that have a code are asked.
const MOST_DONORS: usize = 16;

impl<'a> Filling<'a> {
    fn new(files: &'a [FileInfo], hearing: &'a Hearing<'a>, presumed: bool) -> Filling<'a> {
        let recordings = hearing.recordings(files);
        let mut group_of = vec![0; files.len()];
        for (number, group) in recordings.groups.iter().enumerate() {
            group.files.iter().for_each(|&file| group_of[file] = number);
        }
        Filling {
            files,
            sides: Side::all(files),
            recordings,
            group_of,
            hearing,
            presumed,
        }
    }

    fn decision(&self, file: usize) -> Decision {
        let group = &self.recordings.groups[self.group_of[file]];
        let donors = group
            .files
            .iter()
            .filter_map(|&donor| Some((donor, self.files[donor].isrc?)));
        let weighed = donors.take(MOST_DONORS).map(|(donor, isrc)| {
            let judged = weigh(&self.sides[file], &self.sides[donor], self.hearing);
            (donor, isrc, through_others(judged, group.together.as_ref()))
        });
        let is_other = |judged: &Judged| judged.verdict == Verdict::DifferentRecordings;
        let weighed: Vec<(usize, Isrc, Judged)> = weighed.filter(|(_, _, judged)| !is_other(judged)).collect();
        let is_sure = |judged: &Judged| judged.verdict == Verdict::SameRecording;
        let sure = weighed.iter().any(|(_, _, judged)| is_sure(judged));
        let mut donors = weighed.iter().filter(|(_, _, judged)| !sure || is_sure(judged));
        let Some((donor, isrc, judged)) = donors.next() else {
            return Decision::Leave(Ending::Unchanged, self.why_none(file));
        };
        let mut codes = vec![*isrc];
        for (_, other, _) in donors {
            if !codes.contains(other) {
                codes.push(*other);
            }
        }
        let from = self.files[*donor].path.to_string_lossy();
        let evidence = &judged.evidence;
        let named = self.files[file].held.named;
        match codes[..] {
            [isrc] if let Some(named) = named.filter(|named| *named != isrc) => {
                let reason = format!("it is named after {named}, and {from} carries {isrc}");
                Decision::Leave(Ending::Refused(reason), String::new())
            }
            [isrc] if sure || self.presumed => {
                Decision::Because(Wish::Set(isrc, Replace::Refuse), format!("from {from}, {evidence}"))
            }
            [isrc] => {
                let heard = self.hearing.trouble(&self.files[file].path);
                let heard = heard.map(|heard| format!("{heard}; ")).unwrap_or_default();
                let reason = format!("{heard}with --presumed {isrc} from {from}, {evidence}");
                Decision::Leave(Ending::Unchanged, reason)
            }
            _ => {
                let codes: Vec<&str> = codes.iter().map(Isrc::as_str).collect();
                let reason = format!("files of the same recording carry {}", codes.join(" and "));
                Decision::Leave(Ending::Refused(reason), String::new())
            }
        }
    }

    /// Why there is no code for a file, and which one a person may want to look at.
    fn why_none(&self, file: usize) -> String {
        let perhaps = self.beside(file, &self.recordings.questions).map(|(donor, isrc, why)| {
            let donor = self.files[donor].path.to_string_lossy();
            format!("perhaps {isrc} of {donor}: {why}")
        });
        let perhaps: Vec<String> = perhaps.take(3).collect();
        if !perhaps.is_empty() {
            return perhaps.join("; ");
        }
        if let Some(heard) = self.hearing.trouble(&self.files[file].path) {
            return heard;
        }
        match self.beside(file, &self.recordings.apart).next() {
            Some((donor, isrc, why)) => {
                let donor = self.files[donor].path.to_string_lossy();
                format!("another recording than {isrc} of {donor}: {why}")
            }
            None => "no file with a code is the same recording".to_owned(),
        }
    }

    /// What is known of the recording of a file and others that have a code: a file of theirs, the code and the evidence.
    fn beside<'q>(
        &'q self,
        file: usize,
        questions: &'q [Question],
    ) -> impl Iterator<Item = (usize, Isrc, &'q str)> + 'q {
        let own = self.group_of[file];
        questions.iter().filter_map(move |Question { groups, why }| {
            let other = match *groups {
                (a, b) if a == own => b,
                (a, b) if b == own => a,
                _ => return None,
            };
            let mut donors = self.recordings.groups[other].files.iter();
            donors.find_map(|&donor| Some((donor, self.files[donor].isrc?, why.as_str())))
        })
    }
}

/// Two files of a group that do not tell of each other are one recording by what holds the group together. Those that are
/// two stay two: of many files of a group not each is weighed against each.
fn through_others(judged: Judged, together: Option<&Judged>) -> Judged {
    match (judged.verdict, together) {
        (Verdict::Undecided, Some(together)) => together.clone(),
        _ => judged,
    }
}

fn lacks_code(file: &Inspected) -> bool {
    file.judged.findings.iter().any(|finding| finding.kind == Kind::Missing)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::recording::evidence::{Evidence, Say};

    #[test]
    fn what_holds_a_group_together_makes_nothing_one_that_is_two() {
        let judged = |verdict, evidence| Judged { verdict, evidence };
        let together = judged(Verdict::SameRecording, Evidence::Samples);
        let lengths = Evidence::Lengths(Duration::from_secs(180), Duration::from_secs(200));
        let two = judged(Verdict::DifferentRecordings, lengths);
        let (names, why) = (Say::Nothing, Vec::new());
        let untold = judged(Verdict::Undecided, Evidence::Open { names, why });
        assert_eq!(through_others(two.clone(), Some(&together)), two);
        assert_eq!(through_others(untold.clone(), Some(&together)), together);
        assert_eq!(through_others(untold.clone(), None), untold);
    }
}
