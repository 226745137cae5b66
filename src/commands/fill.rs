//! `fill`: codes from files that are the same recording, judged by ear.

use std::path::PathBuf;

use super::Surroundings;
use super::edit::{Decision, Run, Target, ignore};
use super::listening::listener;
use super::look::{Looked, look, nothing_done};
use super::walk::walk_of;
use crate::cli::fill::Fill;
use crate::discover::Walk;
use crate::exit::Exit;
use crate::inspect::{Describe, Inspected};
use crate::isrc::Isrc;
use crate::judge::Kind;
use crate::plan::{Replace, Wish};
use crate::report::edits::{Ending, Unchanged};
use crate::source::Links;

pub(super) fn run(arguments: Fill, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let Fill {
        paths,
        from,
        edit,
        walk,
    } = arguments;
    let own_donors = from.is_empty();
    let mut links = Links::Refuse;
    let mut look = |walk: &Walk| {
        if walk.opening() == Links::Follow {
            links = Links::Follow;
        }
        let mut looked = look(walk, surroundings, Describe::Nothing);
        looked.tell_unsupported(surroundings);
        looked
    };
    let Looked {
        files: mut to_fill,
        exit: exit_of_filled,
    } = look(&walk_of(paths, &walk)?);
    let Looked {
        files: donors,
        exit: exit_of_donors,
    } = match own_donors {
        true => Looked {
            files: Vec::new(),
            exit: Exit::Fine,
        },
        false => {
            let without_list = crate::cli::WalkArgs {
                files_from: None,
                ..walk.clone()
            };
            look(&walk_of(from, &without_list)?)
        }
    };
    if surroundings.interrupted() {
        return Ok(nothing_done(surroundings));
    }
    // What is compared: every file that lacks a code, and every file that may give one.
    let mut compared: Vec<PathBuf> = Vec::new();
    let mut codes: Vec<Option<Isrc>> = Vec::new();
    for (path, file) in to_fill.iter().chain(&donors) {
        let lacks = lacks_code(file);
        let gives = file
            .judged
            .isrc
            .filter(|_| own_donors || compared.len() >= to_fill.len() || !lacks);
        compared.push(path.clone());
        codes.push(gives);
    }
    let listener = listener(surroundings, links)?;
    let mut candidates: Vec<Vec<Isrc>> = vec![Vec::new(); compared.len()];
    let pairs = listener.same_pairs(&compared);
    drop(listener);
    if surroundings.interrupted() {
        return Ok(nothing_done(surroundings));
    }
    for (a, b) in pairs.iter().map(|pair| pair.files) {
        for (to, giver) in [(a, b), (b, a)] {
            let may_give = own_donors || giver >= to_fill.len();
            if let Some(isrc) = codes[giver].filter(|_| may_give)
                && !candidates[to].contains(&isrc)
            {
                candidates[to].push(isrc);
            }
        }
    }
    let mut number = 0;
    let lacking: Vec<(Target, Decision)> = to_fill
        .drain(..)
        .filter_map(|(path, file)| {
            let own = &candidates[number];
            number += 1;
            if !lacks_code(&file) {
                return None;
            }
            let decision = match own[..] {
                [] => Decision::Leave(
                    Ending::Unchanged,
                    vec!["no file with a code is the same recording".to_owned()],
                ),
                [isrc] => Decision::Wish(Wish::Set(isrc, Replace::Refuse)),
                _ => {
                    let codes: Vec<&str> = own.iter().map(Isrc::as_str).collect();
                    let reason = format!("files of the same recording carry {}", codes.join(" and "));
                    Decision::Leave(Ending::Refused(reason), Vec::new())
                }
            };
            Some((Target::named(path), decision))
        })
        .collect();
    let run = Run::open(&edit, surroundings, Unchanged::List)?;
    let exit = run.carry_out(lacking, &mut ignore)?;
    Ok(exit.max(exit_of_filled).max(exit_of_donors))
}

fn lacks_code(file: &Inspected) -> bool {
    file.judged.findings.iter().any(|finding| finding.kind == Kind::Missing)
}
