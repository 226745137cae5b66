//! Vorbis comments: the list of keys and values that FLAC and every Ogg codec carry.
