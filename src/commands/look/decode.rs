//! `decode`: judges codes given as arguments or on standard input.

use std::io::{self, BufRead, IsTerminal as _};

use crate::cli::look::decode::Decode;
use crate::commands::exit::Exit;
use crate::commands::{Answers, Surroundings};
use crate::isrc::decode::{Class, decode};
use crate::report::answer::decoded::Judgement;

pub(in crate::commands) fn run(arguments: Decode, surroundings: &Surroundings) -> anyhow::Result<Exit> {
    let Decode { codes, format } = arguments;
    let mut exit = Exit::Fine;
    let mut judge = |answers: &mut Answers, input: &str| -> io::Result<()> {
        let decoded = decode(input, surroundings.this_year);
        if !matches!(decoded.class, Class::Canonical | Class::Normalised) {
            exit = Exit::Findings;
        }
        let decoded = &decoded;
        answers.give(&Judgement { input, decoded })
    };
    let mut answers = Answers::new(format, surroundings);
    if codes.is_empty() {
        let typed = io::stdin().is_terminal();
        if typed {
            surroundings.talk("One code a line; an end of input (Ctrl-D) ends it.");
        }
        for line in io::stdin().lock().split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            judge(&mut answers, line.strip_suffix('\r').unwrap_or(&line))?;
            if typed {
                answers.flush()?;
            }
        }
    } else {
        for code in &codes {
            judge(&mut answers, code)?;
        }
    }
    answers.end()?;
    Ok(exit)
}
