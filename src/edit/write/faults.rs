//! The seam at which tests make a commit fail or stop between any two of its steps.

use std::io;

/// Asked before every step of a commit. An error is taken as if the step had failed.
pub(crate) trait Faults: Send + Sync {
    fn step(&self, name: &'static str) -> io::Result<()>;
}

/// What runs outside tests: nothing fails but what really fails.
#[derive(Debug)]
pub(crate) struct NoFaults;

impl Faults for NoFaults {
    fn step(&self, _name: &'static str) -> io::Result<()> {
        Ok(())
    }
}
