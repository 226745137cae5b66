use proptest::prelude::*;

use super::*;

/// An old file and patches for it. Few different bytes, so that replacements often agree with what they replace.
fn old_and_patches() -> impl Strategy<Value = (Vec<u8>, Vec<Patch>)> {
    let old = prop::collection::vec(0..3u8, 0..60);
    let steps = prop::collection::vec((0..12u64, 0..6u64, prop::collection::vec(0..3u8, 0..6)), 0..6);
    (old, steps).prop_map(|(old, steps)| {
        let mut at = 0u64;
        let mut patches = Vec::new();
        for (gap, removed, bytes) in steps {
            let start = (at + gap).min(old.len() as u64);
            let end = (start + removed).min(old.len() as u64);
            patches.push(Patch::new(start..end, bytes));
            at = end;
        }
        (old, patches)
    })
}

/// Patches that keep the length: removals put back as insertions further on.
fn old_and_same_length() -> impl Strategy<Value = (Vec<u8>, Vec<Patch>)> {
    old_and_patches().prop_map(|(old, mut patches)| {
        let pieces = Pieces::from_patches(old.len() as u64, &patches).unwrap();
        let (was, is) = (pieces.old_len(), pieces.new_len());
        let done = patches.last().map_or(0, |patch| patch.at.end);
        if is <= was {
            patches.push(Patch::new(done..done, vec![1; (was - is) as usize]));
        } else if was - done >= is - was {
            patches.push(Patch::new(was - (is - was)..was, []));
        } else {
            patches.clear();
        }
        (old, patches)
    })
}

fn read_all(bytes: &dyn ReadAt) -> Vec<u8> {
    let mut all = vec![0; bytes.len() as usize];
    let mut done = 0;
    while done < all.len() {
        let count = bytes.read_at(&mut all[done..], done as u64).unwrap();
        assert!(count > 0, "no byte at {done}");
        done += count;
    }
    all
}

fn pieces_of(old: &[u8], patches: &[Patch]) -> Pieces {
    Pieces::from_patches(old.len() as u64, patches).unwrap()
}

proptest! {
    #[test]
    fn reading_through_pieces_equals_applying_them((old, patches) in old_and_patches()) {
        let pieces = pieces_of(&old, &patches);
        let new = applied(&old, &patches);
        let view = PiecesView { old: &old, pieces: &pieces };
        prop_assert_eq!(&read_all(&view), &new);
        prop_assert_eq!(view.len(), new.len() as u64);
        for offset in 0..=new.len() {
            for count in [1, 3, 100] {
                let mut buffer = vec![0xFF; count];
                let read = view.read_at(&mut buffer, offset as u64).unwrap();
                prop_assert_eq!(&buffer[..read], &new[offset..new.len().min(offset + count)]);
            }
        }
    }

    #[test]
    fn inverting_gives_the_old_file_and_inverting_twice_the_same_pieces((old, patches) in old_and_patches()) {
        let pieces = pieces_of(&old, &patches);
        let new = applied(&old, &patches);
        let inverse = pieces.invert(&old).unwrap();
        prop_assert_eq!(read_all(&PiecesView { old: &new, pieces: &inverse }), old);
        prop_assert_eq!(inverse.invert(&new).unwrap(), pieces);
    }

    #[test]
    fn pieces_listed_make_the_new_file((old, patches) in old_and_patches()) {
        let pieces = pieces_of(&old, &patches);
        let mut new = Vec::new();
        for piece in pieces.pieces() {
            match piece {
                Piece::Keep(range) => new.extend_from_slice(&old[range.start as usize..range.end as usize]),
                Piece::Put(bytes) => new.extend_from_slice(bytes),
            }
        }
        prop_assert_eq!(new, applied(&old, &patches));
    }

    #[test]
    fn trimming_keeps_the_new_file_and_leaves_only_ends_that_differ((old, patches) in old_and_patches()) {
        let pieces = pieces_of(&old, &patches);
        let trimmed = pieces.trimmed(&old).unwrap();
        prop_assert_eq!(read_all(&PiecesView { old: &old, pieces: &trimmed }), applied(&old, &patches));
        for patch in trimmed.patches() {
            let replaced = &old[patch.at.start as usize..patch.at.end as usize];
            if let (Some(was), Some(is)) = (replaced.first(), patch.bytes.first()) {
                prop_assert_ne!(was, is);
            }
            if let (Some(was), Some(is)) = (replaced.last(), patch.bytes.last()) {
                prop_assert_ne!(was, is);
            }
        }
    }

    #[test]
    fn the_changed_ranges_begin_and_end_with_a_difference_and_hold_all((old, patches) in old_and_same_length()) {
        let pieces = pieces_of(&old, &patches);
        let new = applied(&old, &patches);
        prop_assert_eq!(new.len(), old.len());
        let changed = pieces.changed(&old).unwrap().unwrap();
        let mut rebuilt = old.clone();
        for range in &changed {
            let range = range.start as usize..range.end as usize;
            prop_assert_ne!(old[range.start], new[range.start]);
            prop_assert_ne!(old[range.end - 1], new[range.end - 1]);
            rebuilt[range.clone()].copy_from_slice(&new[range]);
        }
        prop_assert_eq!(rebuilt, new);
    }

    #[test]
    fn windows_hold_every_difference_and_stand_apart((old, patches) in old_and_same_length()) {
        let pieces = pieces_of(&old, &patches);
        let windows = pieces.windows(&old, 1000).unwrap().unwrap();
        let new = applied(&old, &patches);
        let mut rebuilt = old.clone();
        for window in &windows {
            let window = window.start as usize..window.end as usize;
            rebuilt[window.clone()].copy_from_slice(&new[window]);
        }
        prop_assert_eq!(rebuilt, new);
        for pair in windows.windows(2) {
            prop_assert!(pair[1].start - pair[0].end >= APART);
        }
    }

    #[test]
    fn ranges_are_cut_at_multiples(start in 0..3000u64, len in 0..3000u64, step in 1..700u64) {
        let parts: Vec<_> = cut(&(start..start + len), step).collect();
        let ends = parts.iter().map(|part| part.end);
        let starts = parts.iter().map(|part| part.start);
        prop_assert!(std::iter::once(start).chain(ends).eq(starts.chain([start + len])) || len == 0 && parts.is_empty());
        prop_assert!(parts.iter().all(|part| part.start < part.end && part.end - part.start <= step));
        prop_assert!(parts.iter().skip(1).all(|part| part.start % step == 0));
    }

    #[test]
    fn kept_means_one_run_of_the_same_bytes((old, patches) in old_and_patches(), start in 0..60u64, len in 0..20u64) {
        let pieces = pieces_of(&old, &patches);
        let range = start..start + len;
        let in_one_piece = pieces.pieces().any(|piece| {
            matches!(piece, Piece::Keep(keep) if keep.start <= range.start && range.end <= keep.end)
        });
        prop_assert_eq!(pieces.kept(&range), range.is_empty() || in_one_piece);
    }

    #[test]
    fn decoding_what_was_encoded_gives_the_same((old, patches) in old_and_patches()) {
        let pieces = pieces_of(&old, &patches);
        prop_assert_eq!(Pieces::decode(&pieces.encode()), Ok(pieces));
    }

    #[test]
    fn decoding_any_bytes_ends(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        // Whatever decodes must also survive being used.
        if let Ok(pieces) = Pieces::decode(&[&[1], bytes.as_slice()].concat()) {
            let _lines = pieces.to_string();
            prop_assert_eq!(Pieces::decode(&pieces.encode()), Ok(pieces));
        }
    }
}

#[test]
fn patches_that_overlap_or_reach_out_are_refused() {
    let refused = |patches: &[Patch]| Pieces::from_patches(10, patches).unwrap_err();
    assert_eq!(
        refused(&[Patch::new(2..5, []), Patch::new(4..6, [])]),
        PiecesError::OutOfOrder
    );
    assert_eq!(
        refused(&[Patch::new(5..6, []), Patch::new(2..3, [])]),
        PiecesError::OutOfOrder
    );
    #[expect(clippy::reversed_empty_ranges, reason = "that is the case")]
    let reversed = Patch::new(5..4, []);
    assert_eq!(refused(&[reversed]), PiecesError::OutOfOrder);
    assert_eq!(refused(&[Patch::new(9..11, [])]), PiecesError::OutOfRange);
    assert_eq!(refused(&[Patch::new(11..11, [1])]), PiecesError::OutOfRange);
}

/// The layout that journals on users' disks hold. It must stay readable for ever.
#[test]
fn the_first_layout_stays_readable() {
    let recorded = [1, 0xE8, 0x07, 2, 5, 3, 2, b'a', b'b', 0x80, 0x01, 0, 1, b'c'];
    let pieces = pieces_of(&[0; 1000], &[Patch::new(5..8, *b"ab"), Patch::new(136..136, *b"c")]);
    assert_eq!(Pieces::decode(&recorded), Ok(pieces.clone()));
    assert_eq!(pieces.encode(), recorded);
}

#[test]
fn damaged_and_newer_records_are_told_apart() {
    assert_eq!(Pieces::decode(&[]), Err(PiecesError::Damaged));
    assert_eq!(Pieces::decode(&[2, 0, 0]), Err(PiecesError::Newer(2)));
    assert_eq!(Pieces::decode(&[1, 10, 1, 0, 3, 9, b'a']), Err(PiecesError::Damaged));
    assert_eq!(Pieces::decode(&[1, 10, 1, 8, 3, 0]), Err(PiecesError::OutOfRange));
    assert_eq!(Pieces::decode(&[1, 10, 0, 7]), Err(PiecesError::Damaged));
}

#[test]
fn printing_shows_pieces_one_a_line_without_control_characters() {
    let pieces = pieces_of(
        &[0; 100],
        &[Patch::new(10..13, *b"\x1b[1mA"), Patch::new(100..100, [0; 60])],
    );
    let zeros = "\\x00".repeat(48);
    let expected = format!("keep 0..10\nput 5 bytes \"\\x1b[1mA\"\nkeep 13..100\nput 60 bytes \"{zeros}\"…");
    assert_eq!(pieces.to_string(), expected);
}

#[test]
fn an_inverse_too_large_for_memory_is_an_error() {
    struct Endless;
    impl ReadAt for Endless {
        fn read_at(&self, buffer: &mut [u8], _: u64) -> io::Result<usize> {
            buffer.fill(7);
            Ok(buffer.len())
        }
        fn len(&self) -> u64 {
            u64::MAX
        }
    }
    let pieces = Pieces::from_patches(u64::MAX, &[Patch::new(0..INVERSE_LIMIT + 1, [])]).unwrap();
    assert_eq!(pieces.invert(&Endless).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
}

#[test]
fn offsets_beyond_4_gib_and_overflow_are_handled() {
    let pieces = Pieces::from_patches(u64::MAX, &[Patch::new(1 << 40..(1 << 40) + 1, [1, 2])]);
    assert_eq!(pieces, Err(PiecesError::OutOfRange));
    let pieces = Pieces::from_patches(1 << 41, &[Patch::new(1 << 40..(1 << 40) + 1, [1, 2])]).unwrap();
    assert_eq!(pieces.new_len(), (1 << 41) + 1);
    assert!(pieces.kept(&((1 << 40) + 1..1 << 41)));
    assert!(!pieces.kept(&((1 << 40)..1 << 41)));
}

#[test]
fn witnesses_are_the_ends_and_the_surroundings_of_what_is_replaced() {
    let witnesses = |len: u64, patches: &[Patch]| Pieces::from_patches(len, patches).unwrap().witnesses();
    assert_eq!(witnesses(100, &[]), vec![Range { start: 0, end: 100 }]);
    assert_eq!(witnesses(10_000, &[]), [0..512, 9488..10_000]);
    assert_eq!(
        witnesses(10_000, &[Patch::new(5000..5003, [])]),
        [0..512, 4488..5515, 9488..10_000]
    );
    let moving = [Patch::new(2000..2001, []), Patch::new(6000..6000, [0])];
    assert_eq!(witnesses(10_000, &moving), [0..512, 1488..6512, 9488..10_000]);
}

#[test]
fn changes_far_apart_stay_apart_and_the_limit_counts_what_is_written() {
    let old = vec![0; 9000];
    let pieces = pieces_of(
        &old,
        &[
            Patch::new(0..1, [1]),
            Patch::new(500..501, [1]),
            Patch::new(8000..8001, [1]),
        ],
    );
    let windows = pieces.windows(&old, 502).unwrap().unwrap();
    assert_eq!(windows, [0..501, 8000..8001]);
    assert_eq!(pieces.windows(&old, 501).unwrap(), None);
    let longer = pieces_of(&old, &[Patch::new(0..0, [1])]);
    assert_eq!(longer.windows(&old, 502).unwrap(), None);
}
