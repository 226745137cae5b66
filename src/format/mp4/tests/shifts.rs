//! Offsets that follow when media moves, and what is refused then.

use super::places::bare;
use super::*;

fn meta(items: &[Vec<u8>], padding: Option<usize>) -> Vec<u8> {
    let list = boxed(b"ilst", &[&items.concat()]);
    let padding = padding.map(free).unwrap_or_default();
    boxed(
        b"udta",
        &[&boxed(b"meta", &[&[0; 4], &handler(b"mdir"), &list, &padding])],
    )
}

/// A fragmented file; `base` says whether fragments state where they count from.
fn fragmented(items: &[Vec<u8>], padding: Option<usize>, base: bool, version: u8) -> Vec<u8> {
    let mut file = boxed(b"ftyp", &[b"iso5\0\0\0\0iso5"]);
    file.extend(boxed(b"moov", &[&boxed(b"mvex", &[&[0; 4]]), &meta(items, padding)]));
    file.extend(boxed(b"sidx", &[&[5; 24]]));
    let mut starts = Vec::new();
    for number in 0..3u8 {
        let start = file.len() as u64;
        let header = if base {
            boxed(
                b"tfhd",
                &[&[0, 0, 0, 0x39], &[0, 0, 0, 1], &start.to_be_bytes(), &[0; 12]],
            )
        } else {
            boxed(b"tfhd", &[&[0, 2, 0, 0x38], &[0, 0, 0, 1], &[0; 12]])
        };
        let run = boxed(b"trun", &[&[0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 99]]);
        let auxiliary = boxed(b"saio", &[&[0; 8]]);
        file.extend(boxed(
            b"moof",
            &[
                &boxed(b"mfhd", &[&[0; 8]]),
                &boxed(b"traf", &[&header, &run, &auxiliary]),
            ],
        ));
        file.extend(boxed(b"mdat", &[&[number; 40]]));
        starts.push(start);
    }
    let entries: Vec<u8> = starts
        .iter()
        .flat_map(|start| match version {
            0 => [&[0, 0, 0, 9][..], &(*start as u32).to_be_bytes(), &[1, 1, 1]].concat(),
            _ => [&[0, 0, 0, 0, 0, 0, 0, 9][..], &start.to_be_bytes(), &[1, 1, 1]].concat(),
        })
        .collect();
    let index = boxed(
        b"tfra",
        &[&[version, 0, 0, 0], &[0, 0, 0, 1], &[0; 4], &[0, 0, 0, 3], &entries],
    );
    file.extend(boxed(b"mfra", &[&index, &boxed(b"mfro", &[&[0; 8]])]));
    file
}

#[test]
fn fragments_follow() {
    for base in [false, true] {
        for version in [0, 1] {
            let before = fragmented(&[title()], None, base, version);
            let after = fragmented(&[title(), item(&[NEW])], Some(1024), base, version);
            assert!(edited(&before, &create(&[])).unwrap() == after, "{base} {version}");
            let padded = fragmented(&[title()], Some(1100), base, version);
            let after = fragmented(&[title(), item(&[NEW])], Some(1100 - item(&[NEW]).len()), base, version);
            assert!(edited(&padded, &create(&[])).unwrap() == after, "{base} {version}");
        }
    }
}

fn track(tables: &[&[u8]], flags: u8) -> Vec<u8> {
    let references = boxed(
        b"dref",
        &[&[0; 4], &[0, 0, 0, 1], &boxed(b"url ", &[&[0, 0, 0, flags]])],
    );
    let tables = boxed(b"stbl", tables);
    boxed(
        b"trak",
        &[&boxed(
            b"mdia",
            &[&boxed(b"minf", &[&boxed(b"dinf", &[&references]), &tables])],
        )],
    )
}

fn offsets(entries: &[u32]) -> Vec<u8> {
    let bytes: Vec<u8> = entries.iter().flat_map(|entry| entry.to_be_bytes()).collect();
    boxed(b"stco", &[&[0; 4], &(entries.len() as u32).to_be_bytes(), &bytes])
}

/// Refused where media moves, done where there is padding.
#[track_caller]
fn check_only_in_place(children: &[u8], beside: &[u8], reason: &str) {
    let file = [bare(&[children, &meta(&[title()], None)]), beside.to_vec()].concat();
    check_refused(&file, &create(&[]), reason);
    let file = [bare(&[children, &meta(&[title()], Some(500))]), beside.to_vec()].concat();
    assert_eq!(texts(&edited(&file, &create(&[])).unwrap()), [NEW]);
}

#[test]
fn what_may_hold_an_offset_unseen_is_refused_where_media_moves() {
    check_only_in_place(
        &track(&[&boxed(b"saio", &[&[0; 12]])], 1),
        b"",
        "encryption data is located by offsets, and the media would move",
    );
    check_only_in_place(
        &track(&[&boxed(b"abcd", &[&[0; 12]])], 1),
        b"",
        "an unknown sample table may point at the media, which would move",
    );
    check_only_in_place(&track(&[], 0), b"", "a track takes its media from another file");
    check_only_in_place(
        &track(&[&offsets(&[5000])], 1),
        b"",
        "an offset points behind the end of the file",
    );
    check_only_in_place(
        &track(&[&boxed(b"stco", &[&[0; 4], &[255; 4], &[0; 8]])], 1),
        b"",
        "a table of offsets contradicts its own size",
    );
    let locations = boxed(b"meta", &[&[0; 4], &handler(b"null"), &boxed(b"iloc", &[&[0; 12]])]);
    let items = "items are located by offsets in the file, and the media would move";
    check_only_in_place(&locations, b"", items);
    check_only_in_place(b"", &locations, items);
    check_only_in_place(&boxed(b"trak", &[&locations]), b"", items);
    check_only_in_place(
        b"",
        &boxed(b"abcd", &[&[0; 12]]),
        "an unknown atom stands beside the media, and the media would move",
    );
}

#[test]
fn a_segment_index_before_the_movie_is_refused_where_media_moves() {
    let index = boxed(b"sidx", &[&[0; 24]]);
    let file = [index.clone(), bare(&[&meta(&[title()], None)])].concat();
    let reason = "a segment index stands before the movie, and the media would move";
    check_refused(&file, &create(&[]), reason);
    let file = [index, bare(&[&meta(&[title()], Some(500))])].concat();
    assert_eq!(texts(&edited(&file, &create(&[])).unwrap()), [NEW]);
}

#[test]
fn an_offset_into_changed_bytes_is_refused() {
    let build = |entry: u32| bare(&[&track(&[&offsets(&[entry])], 1), &meta(&[item(&["x"])], None)]);
    let at = located(&build(0)).unwrap()[0].span.start as u32;
    check_refused(
        &build(at),
        &change(&[write(NEW)]),
        "an offset points into bytes that change",
    );
}

#[test]
fn an_offset_beyond_32_bits_is_refused() {
    // The media is a hole that is never read.
    struct Sparse(Vec<u8>);
    const LEN: u64 = 0xFFFF_FFF0;
    impl crate::bytes::source::ReadAt for Sparse {
        fn read_at(&self, buffer: &mut [u8], offset: u64) -> std::io::Result<usize> {
            let count = buffer
                .len()
                .min((crate::bytes::source::ReadAt::len(self) - offset) as usize);
            buffer[..count].fill(0);
            if offset < self.0.len() as u64 {
                self.0.read_at(&mut buffer[..count], offset)?;
            }
            Ok(count)
        }
        fn len(&self) -> u64 {
            LEN
        }
    }
    let build = |entry: u32| {
        let moov = boxed(b"moov", &[&track(&[&offsets(&[entry])], 1), &meta(&[title()], None)]);
        let start = moov.len() as u64;
        let header = [&1u32.to_be_bytes()[..], b"mdat", &(LEN - start).to_be_bytes()].concat();
        Sparse([moov, header].concat())
    };
    let splice_of = |file: &Sparse| crate::format::splice_by(walk, &mut Source::new(file), &front(), &create(&[]));
    assert!(
        matches!(splice_of(&build(0xFFFF_FF00)), Err(SpliceError::Refused(refusal)) if refusal.to_string() == "an offset would outgrow its 32 bits")
    );
    assert!(splice_of(&build(0xFFFF_0000)).is_ok());
}

#[test]
fn an_index_of_chunks_behind_the_movie_alone_stays_as_it_is() {
    // The movie is last, so nothing moves and nothing is refused.
    let build = |items: &[Vec<u8>], padding| {
        let tables = [offsets(&[24]), boxed(b"saio", &[&[0; 12]])].concat();
        let moov = boxed(b"moov", &[&track(&[&tables], 1), &meta(items, padding)]);
        [
            boxed(b"ftyp", &[&[0; 8]]),
            boxed(b"mdat", &[&[1; 50]]),
            moov,
            boxed(b"uuid", &[&[8; 40]]),
        ]
        .concat()
    };
    let new = edited(&build(&[title()], None), &create(&[])).unwrap();
    assert!(new == build(&[title(), item(&[NEW])], Some(1024)));
}
