//! The ear of the commands that compare files by their audio.

use std::cell::OnceCell;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use crate::audio::cache::Cache;
use crate::audio::decode::Limits;
use crate::bytes::source::Links;
use crate::commands::progress::Listening;
use crate::commands::{Surroundings, state_folder};
use crate::recording::FileInfo;
use crate::recording::evidence::{Heard, Senses};
use crate::recording::part::Parted;
use crate::scan::listen::samples::{ComparedPairs, Samples};
use crate::scan::listen::{Hearing, Listener};

/// A listener with the cache in the state folder.
pub(in crate::commands) fn listener(surroundings: &Surroundings, links: Links) -> anyhow::Result<Listener> {
    let cache = match Cache::open(&state_folder()?) {
        Ok(cache) => cache,
        Err(error) => {
            surroundings.talk(&format!(
                "isrctag: {:#}",
                anyhow::Error::from(error).context("listening without memory")
            ));
            Cache::none()
        }
    };
    Ok(Listener {
        cache,
        limits: Limits::default(),
        links,
        observer: Box::new(Listening::new(surroundings)),
        stop: Arc::clone(&surroundings.stop),
    })
}

/// Parts files that may be one recording by all that can be heard of them; where nothing can be, into none. What was heard
/// before is opened when something is asked, and once.
pub(in crate::commands) fn ear(links: Links, surroundings: &Surroundings) -> impl Fn(&[FileInfo]) -> Parted {
    let opened = OnceCell::new();
    move |files| match opened.get_or_init(|| listener(surroundings, links).ok()) {
        Some(listener) => Hearing::part(listener, files),
        None => Parted::default(),
    }
}

/// The samples of files, looked at when they are asked for.
pub(in crate::commands) struct AskedSamples<'a> {
    surroundings: &'a Surroundings,
    links: Links,
    /// None where there is no place for its memory.
    listener: OnceLock<Option<Listener>>,
    compared: ComparedPairs,
}

impl<'a> AskedSamples<'a> {
    pub(in crate::commands) fn new(surroundings: &'a Surroundings, links: Links) -> AskedSamples<'a> {
        AskedSamples {
            surroundings,
            links,
            listener: OnceLock::new(),
            compared: ComparedPairs::default(),
        }
    }

    fn listener(&self) -> Option<&Listener> {
        let listener = || listener(self.surroundings, self.links).ok();
        self.listener.get_or_init(listener).as_ref()
    }

    fn of(&self, paths: &[&Path]) -> Option<Samples> {
        Some(Samples::of(self.listener()?, paths))
    }
}

impl Senses for AskedSamples<'_> {
    fn samples_equal(&self, a: &Path, b: &Path) -> Option<bool> {
        self.of(&[a, b])?.samples_equal(a, b)
    }

    fn equal(&self, paths: &[&Path]) -> Vec<(usize, usize)> {
        self.of(paths).map(|samples| samples.equal(paths)).unwrap_or_default()
    }

    fn other_samples(&self, a: &Path, b: &Path) -> Option<bool> {
        self.compared.other_samples(self.listener()?, a, b)
    }

    fn hear(&self, _a: &Path, _b: &Path) -> Option<Heard> {
        None
    }
}
