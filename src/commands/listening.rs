//! The ear of the commands that compare files by their audio.

use std::sync::Arc;

use super::progress::Listening;
use super::{Surroundings, state_folder};
use crate::audio::cache::Cache;
use crate::audio::decode::Limits;
use crate::listen::Listener;
use crate::source::Links;

/// A listener with the cache in the state folder.
pub(super) fn listener(surroundings: &Surroundings, links: Links) -> anyhow::Result<Listener> {
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
