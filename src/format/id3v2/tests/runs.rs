//! Frames that are stepped over in a run, beside the same frames one by one: a status flag, which means nothing to the
//! walk, keeps a frame out of a run.

use proptest::prelude::*;

use super::*;

/// To be dropped if a program that does not know the frame alters the file (2.3) or the tag (2.4).
const STATUS: u8 = 0x40;

#[derive(Debug, Clone)]
struct Written {
    id: [u8; 4],
    body: Vec<u8>,
    /// In plain bytes where 2.4 wants seven bits each.
    plain: bool,
}

/// `lie` is what the last frame's size says beyond its body.
fn tag(version: u8, status: u8, frames: &[Written], lie: u32, padding: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    for (index, frame) in frames.iter().enumerate() {
        let is_last = index + 1 == frames.len();
        let size = frame.body.len() as u32 + if is_last { lie } else { 0 };
        body.extend_from_slice(&frame.id);
        body.extend_from_slice(&match version {
            4 if !frame.plain => synchsafe(size as usize),
            _ => size.to_be_bytes(),
        });
        body.extend_from_slice(&[status, 0]);
        body.extend_from_slice(&frame.body);
    }
    body.extend_from_slice(padding);
    [b"ID3", &[version, 0, 0][..], &synchsafe(body.len()), &body].concat()
}

/// Where a walk came to.
fn end(bytes: &[u8]) -> u64 {
    let walked = walk(&mut Source::new(&bytes.to_vec()), 0, bytes.len() as u64);
    walked.unwrap().unwrap().frames.end
}

/// All that a walk found, but for the flags themselves.
fn seen(bytes: &[u8]) -> String {
    let tag = walk(&mut Source::new(&bytes.to_vec()), 0, bytes.len() as u64)
        .unwrap()
        .unwrap();
    let mut places = Vec::new();
    tag.places(Standing::Standard, &mut places);
    let Tag {
        range,
        inflates,
        header,
        frames,
        frame_count,
        rest,
        items,
        values: _,
        picture,
        has_unnamed,
        signed,
    } = tag;
    let (odd, doubt) = (header.odd, header.doubt);
    let items: Vec<_> = items.iter().map(|item| (&item.frame.range, &item.values)).collect();
    format!(
        "{range:?} {inflates} {frames:?} {frame_count} {rest:?} {items:?} {picture:?} {has_unnamed} {signed} {odd:?} {doubt:?} {places:?}"
    )
}

fn frame() -> impl Strategy<Value = Written> {
    let id = prop_oneof![
        8 => Just(*b"TIT2"),
        8 => Just(*b"TXXX"),
        2 => Just(*b"APIC"),
        2 => Just(*b"TSRC"),
        1 => Just(*b"TRC "),
        1 => Just(*b"TRC\0"),
        1 => Just(*b"SIGN"),
        1 => Just(*b"Tit2"),
    ];
    let body = prop_oneof![
        4 => prop::collection::vec(any::<u8>(), 0..200),
        1 => Just(b"\0QZES51600001".to_vec()),
        1 => Just(b"\x03isrc\0QZES51600001".to_vec()),
        1 => Just(b"\x01\xFF\xFEI\0S\0R\0C\0\0\0\xFF\xFEQ\0".to_vec()),
        1 => Just(b"\0ISRC of the video\0x".to_vec()),
        1 => Just(b"\0WM/ISRC\0QZES51600001".to_vec()),
    ];
    let written = (id, body, prop::bool::weighted(0.2));
    written.prop_map(|(id, body, plain)| Written { id, body, plain })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_run_finds_what_single_steps_find(
        version in 3u8..=4,
        frames in prop::collection::vec(frame(), 0..60),
        lie in prop_oneof![3 => Just(0u32), 1 => 1..3000u32],
        padding in prop_oneof![Just(Vec::new()), Just(vec![0; 300]), prop::collection::vec(any::<u8>(), 0..30)],
    ) {
        let in_runs = tag(version, 0, &frames, lie, &padding);
        let one_by_one = tag(version, STATUS, &frames, lie, &padding);
        // A size with two readings can lead into the middle of a frame's header, where the flag is part of a size.
        let mut ends = vec![10];
        ends.extend(frames.iter().scan(10, |at, frame| {
            *at += 10 + frame.body.len() as u64;
            Some(*at)
        }));
        prop_assume!(ends.contains(&end(&one_by_one)));
        prop_assert_eq!(seen(&in_runs), seen(&one_by_one));
    }
}

#[test]
fn the_limit_of_frames_holds_in_runs() {
    for (count, padding) in [
        (MOST_FRAMES, 64),
        (MOST_FRAMES + 1, 0),
        (MOST_FRAMES + 1, 64),
        (MOST_FRAMES + 900, 64),
    ] {
        let empty = Written {
            id: *b"TIT2",
            body: Vec::new(),
            plain: false,
        };
        let frames = vec![empty; count as usize];
        for status in [0, STATUS] {
            let bytes = tag(3, status, &frames, 0, &vec![0; padding]);
            let walked = walk(&mut Source::new(&bytes), 0, bytes.len() as u64);
            assert_eq!(
                walked.is_ok(),
                count <= MOST_FRAMES,
                "{count} frames, {padding} bytes of padding"
            );
        }
    }
}
