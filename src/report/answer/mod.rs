//! Answers in lines: what `show`, `decode`, `log`, `recover` and `ledger` tell, for people and for programs.

use serde::Serialize;

use super::terminal::Colour;

pub mod decoded;
pub mod history;
pub mod ledger;
pub mod shown;

/// One thing of an answer.
pub trait Answer {
    /// Lines for people, fit for a terminal, the last one without its end.
    fn text(&self, colour: Colour) -> String;

    /// An object for programs, its keys a contract.
    fn object(&self) -> impl Serialize;
}
