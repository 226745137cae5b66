//! Tests on files built page by page: the expected file is built the same way.

use super::super::place::Action;
use super::super::vorbis::testing::*;
use super::testing::*;
use super::*;
use crate::format::testing::Container;

const KINDS: [Format; 4] = [Format::OggVorbis, Format::OggOpus, Format::OggSpeex, Format::OggFlac];
const PADDED: [Format; 3] = [Format::OggVorbis, Format::OggOpus, Format::OggSpeex];
const SET: &str = "ISRC=USRC17607839";
const HYPHENS: &str = "ISRC=US-RC1-76-07839";

#[track_caller]
fn check(old: &Recipe, actions: &[Action], create: Option<&str>, expected: &Recipe) {
    let new = Container(old.format)
        .change(&old.build(), &change(actions, create))
        .unwrap();
    assert!(new == expected.build(), "not the expected file: {:?}", old.format);
}

#[test]
fn the_checksum_is_that_of_the_standard() {
    /// RFC 3533, section 6, bit by bit.
    fn bit_by_bit(bytes: &[u8]) -> u32 {
        bytes.iter().fold(0u32, |sum, byte| {
            (0..8).fold(sum ^ (u32::from(*byte) << 24), |sum, _| {
                if sum & 0x8000_0000 != 0 {
                    (sum << 1) ^ 0x04c1_1db7
                } else {
                    sum << 1
                }
            })
        })
    }
    for bytes in [
        &b""[..],
        b"\0",
        b"123456789",
        b"OggS and more than one table of sixteen bytes",
    ] {
        assert_eq!(testing::checksum(bytes), bit_by_bit(bytes));
    }
}

#[test]
fn codes_are_found_in_every_codec() {
    for format in KINDS {
        let old = recipe(format, &["A=1", "isrc=X", "WM/ISRC=Y"]);
        for is_multiplexed in [false, true] {
            let file = old.clone().with(|old| old.is_multiplexed = is_multiplexed).build();
            assert_eq!(Container(format).named(&file), ["vorbis:ISRC=X", "vorbis:WM/ISRC=Y"]);
        }
    }
}

#[test]
fn a_list_that_ends_with_a_page_needs_no_further_page() {
    // The list fills its page, and the page behind it, with the rest of the packet, is missing.
    const PAGE: usize = 255 * 255;
    let head = recipe(Format::OggVorbis, &[]).head();
    for last in ["a=b", "=", "nine=fits"] {
        for first in [SET, "A=1"] {
            let fixed = b"\x03vorbis".len() + list(&[first, "", last]).len();
            let filling = "x".repeat(PAGE - fixed);
            let packet = [b"\x03vorbis", &list(&[first, &filling, last])[..]].concat();
            let mut stream = Stream { serial: 7, sequence: 0 };
            let file = [
                stream.page(2, 0, &[head.len() as u8], &head),
                stream.page(0, -1, &[255; 255], &packet),
            ]
            .concat();
            let expected: &[&str] = if first == SET {
                &["vorbis:ISRC=USRC17607839"]
            } else {
                &[]
            };
            assert_eq!(Container(Format::OggVorbis).named(&file), expected, "{last}");
        }
    }
}

#[test]
fn a_code_of_the_same_length_changes_its_bytes_and_the_checksum() {
    for format in KINDS {
        let old = recipe(format, &["A=1", SET]);
        check(
            &old,
            &[write(NEW)],
            None,
            &old.comments(&["A=1", "ISRC=QZES52600001"], Vec::new()),
        );
        let file = old.build();
        let splice = Container(format).spliced(&file, &change(&[write(NEW)], None)).unwrap();
        let written: usize = splice.patches.iter().map(|patch| patch.bytes.len()).sum();
        assert!(written <= 16, "{written}");
    }
}

#[test]
fn what_gets_shorter_becomes_padding_in_the_packet() {
    for format in PADDED {
        for padding in [0, 1, 50, 300] {
            let old = recipe(format, &["A=1", HYPHENS, "B=2"]).with(|old| old.tail = zeros(padding));
            check(
                &old,
                &[write(OLD)],
                None,
                &old.comments(&["A=1", SET, "B=2"], zeros(padding + 3)),
            );
            check(
                &old,
                &[Action::Drop],
                None,
                &old.comments(&["A=1", "B=2"], zeros(padding + 24)),
            );
        }
    }
}

#[test]
fn what_gets_longer_takes_from_the_padding_in_the_packet() {
    for format in PADDED {
        let old = |padding| recipe(format, &["A=1"]).with(|old| old.tail = zeros(padding));
        for padding in [21, 22, 300] {
            let expected = old(padding).comments(&["A=1", SET], zeros(padding - 21));
            check(&old(padding), &[], Some(OLD), &expected);
        }
        for padding in [0, 20] {
            check(
                &old(padding),
                &[],
                Some(OLD),
                &old(0).comments(&["A=1", SET], zeros(1024)),
            );
        }
    }
}

#[test]
fn a_flac_block_keeps_its_length_right_and_gets_no_padding() {
    let old = recipe(Format::OggFlac, &["A=1", HYPHENS]);
    check(&old, &[write(OLD)], None, &old.comments(&["A=1", SET], Vec::new()));
    check(&old, &[Action::Drop], None, &old.comments(&["A=1"], Vec::new()));
    check(
        &old,
        &[Action::Keep],
        Some(NEW),
        &old.comments(&["A=1", HYPHENS, "ISRC=QZES52600001"], Vec::new()),
    );
}

#[test]
fn the_codes_of_a_cue_sheet_in_ogg_are_reported_and_left_alone() {
    let mut sheet = vec![0x85, 0, 0, 0];
    sheet.resize(4 + 395, 0);
    sheet.push(2);
    sheet.extend_from_slice(b"12345678\x01USRC17607839\0");
    sheet.resize(sheet.len() + 13 + 1 + 36, 0);
    for counts in [vec![], vec![1], vec![1, 1]] {
        let old = recipe(Format::OggFlac, &["A=1", HYPHENS]).with(|old| {
            old.behind = vec![b"\x01\0\0\x02pp".to_vec(), sheet.clone()];
            old.counts = counts;
        });
        let texts = Container(Format::OggFlac).named(&old.build());
        assert_eq!(texts, ["vorbis:ISRC=US-RC1-76-07839", "flac:cuesheet/1=USRC17607839"]);
        let expected = old.comments(&["A=1", SET], Vec::new());
        check(&old, &[write(OLD), Action::Keep], None, &expected);
        let refused = Container(Format::OggFlac).refusal(&old.build(), &change(&[write(OLD), Action::Drop], None));
        assert!(refused.contains("cue sheet"), "{refused}");
    }
}

#[test]
fn bytes_behind_the_comments_that_are_not_padding_stay() {
    // RFC 7845, section 5.2: a lowest bit of 1 asks for it; other bytes are kept anyway.
    for tail in [&b"\x01binary"[..], b"\x02binary", b"\0\0\x01"] {
        for format in PADDED {
            let old = recipe(format, &["A=1", HYPHENS]).with(|old| old.tail = tail.to_vec());
            check(&old, &[write(OLD)], None, &old.comments(&["A=1", SET], tail.to_vec()));
            check(
                &old,
                &[Action::Drop],
                Some(OLD),
                &old.comments(&["A=1", SET], tail.to_vec()),
            );
        }
    }
}

/// A comment that takes `segments` whole segments of a packet in which nothing else is but `rest`.
fn filler(segments: usize, rest: usize) -> String {
    format!("FILL={}", "x".repeat((segments * 255).saturating_sub(rest + 9)))
}

#[test]
fn comments_over_several_pages_shift_only_inside_their_pages() {
    for format in PADDED {
        for is_multiplexed in [false, true] {
            let long = filler(10, 0);
            for counts in [vec![1], vec![4], vec![3, 3], vec![1, 1, 1, 1, 5]] {
                let old = |comments: &[&str], tail: usize| {
                    recipe(format, comments).with(|old| {
                        old.tail = zeros(tail);
                        old.counts = counts.clone();
                        old.is_multiplexed = is_multiplexed;
                    })
                };
                check(
                    &old(&[HYPHENS, &long], 30),
                    &[write(OLD)],
                    None,
                    &old(&[SET, &long], 33),
                );
                check(
                    &old(&["ISRC=x", &long], 30),
                    &[write(OLD)],
                    None,
                    &old(&[SET, &long], 19),
                );
                check(
                    &old(&[&long, "ISRC=x"], 3),
                    &[write(OLD)],
                    None,
                    &old(&[&long, SET], 1024),
                );
                check(
                    &old(&["ISRC=x", &long], 3),
                    &[write(OLD)],
                    None,
                    &old(&[SET, &long], 1024),
                );
            }
        }
    }
}

#[test]
fn a_code_across_two_pages_is_read_and_written() {
    for offset in 0..30 {
        // The packet up to the code is that much shorter than a segment.
        let before = format!("FILL={}", "x".repeat(255 - 8 - 8 - 4 - 4 - 4 - 5 - offset));
        let old = recipe(Format::OggOpus, &[&before, HYPHENS]).with(|old| {
            old.counts = vec![1];
            old.tail = zeros(40);
        });
        check(
            &old,
            &[write(NEW)],
            None,
            &old.comments(&[&before, "ISRC=QZES52600001"], zeros(43)),
        );
    }
}

#[test]
fn full_pages_get_less_padding_rather_than_a_further_page() {
    // Room for 255 segments: a packet of 255 * 255 - 1 bytes.
    let old = recipe(Format::OggOpus, &["ISRC=x", &filler(254, 40)]);
    let len = old.packet().len() + 11;
    let left = 255 * 255 - 1 - len;
    assert!(left < 1024);
    let fill = filler(254, 40);
    check(&old, &[write(OLD)], None, &old.comments(&[SET, &fill], zeros(left)));
}

#[test]
fn segments_move_to_pages_in_front_that_have_room() {
    let fill = filler(300, 0);
    let old = recipe(Format::OggOpus, &["ISRC=x", &fill]).with(|old| old.counts = vec![50]);
    assert_eq!(old.packet().len() / 255 + 1, 301);
    // The last page has 251 segments and room for 4 more; padding takes five.
    let new = old.comments(&[SET, &fill], zeros(1024));
    let segments = new.packet().len() / 255 + 1;
    check(
        &old,
        &[write(OLD)],
        None,
        &new.with(|new| new.counts = vec![segments - 255]),
    );
}

#[test]
fn a_last_page_that_would_be_empty_takes_a_segment_from_the_one_in_front() {
    let fill = format!("FILL={}", "x".repeat(255 * 255 + 3 - 60));
    let probe = recipe(Format::OggFlac, &[&fill, SET]).packet().len();
    let fill = format!("{fill}{}", "x".repeat(255 * 255 + 3 - probe));
    let old = recipe(Format::OggFlac, &[&fill, SET]).with(|old| old.counts = vec![255]);
    let new = old.comments(&[&fill], Vec::new()).with(|new| new.counts = vec![254]);
    check(&old, &[Action::Drop], None, &new);
}

#[test]
fn a_further_page_renumbers_this_stream_of_this_link_alone() {
    for is_multiplexed in [false, true] {
        for format in PADDED {
            // 255 segments of comments, as many as a page holds.
            let probe = recipe(format, &["ISRC=x", "FILL="]).packet().len();
            let fill = format!("FILL={}", "x".repeat(255 * 255 - 1 - probe));
            let old = recipe(format, &["ISRC=x", &fill]).with(|old| {
                old.behind.clear();
                old.is_multiplexed = is_multiplexed;
                old.chained = Some(vec!["A=1".into()]);
            });
            let new = old.comments(&[SET, &fill], zeros(1024));
            let segments = new.packet().len() / 255 + 1;
            let expected = new.with(|new| {
                new.counts = vec![255];
                new.is_further_page = true;
            });
            assert_eq!(segments, 260);
            assert!(
                Container(format)
                    .change(&old.build(), &change(&[write(OLD)], None))
                    .unwrap()
                    == expected.build()
            );
        }
    }
}

fn pages(file: &[u8]) -> Vec<Page> {
    let bytes = file.to_vec();
    let mut source = Source::new(&bytes);
    let mut pages = Vec::new();
    let mut at = 0;
    while at < file.len() as u64 {
        pages.push(Page::read(&mut source, at).unwrap());
        at = pages[pages.len() - 1].end();
    }
    pages
}

fn page_ends(file: &[u8]) -> Vec<u64> {
    pages(file).iter().map(Page::end).collect()
}

#[test]
fn comments_that_share_the_first_page_are_edited() {
    let build = |entry: &str, tail: usize| {
        let mut stream = Stream { serial: 7, sequence: 0 };
        let old = recipe(Format::OggOpus, &[entry]).with(|old| old.tail = zeros(tail));
        let audio = stream.clone().with_sequence(1).pages(4, 960, &[b"audio".to_vec()], &[]);
        [stream.pages(2, 0, &[old.head(), old.packet()], &[]), audio]
            .concat()
            .concat()
    };
    let new = Container(Format::OggOpus)
        .change(&build(HYPHENS, 0), &change(&[write(OLD)], None))
        .unwrap();
    assert_eq!(new, build(SET, 3));
}

#[test]
fn any_layout_of_pages_holds_the_same_packets_but_for_the_code() {
    let mut random = 0x2545_f491_4f6c_dd1du64;
    let mut below = |limit: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random >> 33) as usize % limit
    };
    let (mut grown, mut refused) = (0, 0);
    for _ in 0..150 {
        let entries = ["ISRC=x", SET, HYPHENS, "isrc=US-RC1-76-07839 "];
        // Around the lengths where pages are full, and anywhere.
        let is_full = below(2) == 0;
        let fill = if is_full {
            255 * 255 * (1 + below(2)) - 85 + below(60)
        } else {
            [below(600), 255 * below(300)][below(2)]
        };
        let mut comments = vec![entries[below(4)].to_owned(), format!("FILL={}", "x".repeat(fill))];
        if below(2) == 0 {
            comments.reverse();
        }
        let mut old = recipe(KINDS[below(4)], &[]).with(|old| {
            old.comments = comments;
            old.is_multiplexed = below(2) == 0;
            old.tail = if old.format == Format::OggFlac {
                Vec::new()
            } else {
                zeros(below(2) * below(40))
            };
        });
        if is_full {
            old.behind.clear();
        } else if below(2) == 0 {
            old.behind.push(b"a further header".to_vec());
        }
        let packets_of_comments = [vec![old.packet()], old.behind.clone()].concat();
        let mut segments: usize = packets_of_comments.iter().map(|packet| packet.len() / 255 + 1).sum();
        let comment_segments = old.packet().len() / 255 + 1;
        let mut left = comment_segments;
        while segments > 255 || (!is_full && left > 1 && below(3) == 0) {
            let count = if is_full { 255 } else { 1 + below(255) }.min(left - 1);
            if count == 0 {
                break;
            }
            old.counts.push(count);
            segments -= count;
            left -= count;
        }
        if segments > 255 {
            continue;
        }
        let file = old.build();
        let before = packets(&file, 7);
        let (actions, create) = [
            ([write(NEW)], None),
            ([Action::Drop], None),
            ([Action::Keep], Some(NEW)),
        ][below(3)];
        let change = change(&actions, create);
        // Pages of one segment each cannot lose one: no multiplexer makes them.
        if old.format == Format::OggFlac && Container(old.format).spliced(&file, &change).is_err() {
            refused += 1;
            continue;
        }
        let new = Container(old.format).change(&file, &change).unwrap();
        let after = packets(&new, 7);
        assert_eq!(packets(&new, 8), packets(&file, 8));
        assert_eq!((&after[0], &after[2..]), (&before[0], &before[2..]));
        let expected: Vec<String> = old
            .comments
            .iter()
            .filter_map(|entry| match (entry.len() < 30, actions[0]) {
                (true, Action::Write(isrc)) if !entry.starts_with("FILL") => Some(format!("{}={isrc}", &entry[..4])),
                (true, Action::Drop) if !entry.starts_with("FILL") => None,
                _ => Some(entry.clone()),
            })
            .chain(create.map(|code| format!("ISRC={code}")))
            .collect();
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        let packet = old.comments(&expected, Vec::new()).packet();
        let tail = after[1]
            .strip_prefix(packet.as_slice())
            .expect("the comments and nothing else");
        assert!(tail.iter().all(|byte| *byte == 0));
        grown += usize::from(sequences(&new) != sequences(&file));
    }
    assert!(grown > 0, "no layout needed a further page");
    assert!(refused < 8, "{refused}");
}

fn sequences(file: &[u8]) -> usize {
    file.windows(4).filter(|window| window == b"OggS").count()
}

#[test]
fn a_chain_is_edited_in_its_first_link_unless_a_later_one_has_codes() {
    let old = recipe(Format::OggOpus, &[HYPHENS]);
    let without = old.clone().with(|old| old.chained = Some(vec!["A=1".into()]));
    check(&without, &[write(OLD)], None, &without.comments(&[SET], zeros(3)));
    let with = old.with(|old| old.chained = Some(vec!["isrc=anything".into()]));
    let texts = Container(Format::OggOpus).named(&with.build());
    assert_eq!(texts, ["vorbis:ISRC=US-RC1-76-07839"]);
    check_refusal(&with.build(), Format::OggOpus, "a later one has codes");
}

#[test]
fn junk_at_the_end_does_not_matter() {
    let old = recipe(Format::OggOpus, &[HYPHENS]);
    let new = old.comments(&[SET], zeros(3));
    let junk = [b"TAG".to_vec(), zeros(125)].concat();
    let edited = Container(Format::OggOpus)
        .change(&[old.build(), junk.clone()].concat(), &change(&[write(OLD)], None))
        .unwrap();
    assert_eq!(edited, [new.build(), junk].concat());
}

#[test]
fn what_is_not_certain_is_refused() {
    let file = recipe(Format::OggVorbis, &["A=1", HYPHENS]).build();
    let second_page = page_ends(&file)[0] as usize;
    let mut bad = file.clone();
    bad[second_page + 22] ^= 1;
    check_refusal(&bad, Format::OggVorbis, "checksum");

    let old = recipe(Format::OggVorbis, &["A=1", HYPHENS]);
    let mut packet = old.packet();
    *packet.last_mut().unwrap() = 0;
    check_refusal(&with_packet(&old, packet), Format::OggVorbis, "framing bit");

    let old = recipe(Format::OggFlac, &["A=1", HYPHENS]);
    let mut packet = old.packet();
    packet[3] += 1;
    check_refusal(
        &with_packet(&old, packet),
        Format::OggFlac,
        "not as long as its Ogg packet",
    );

    let long = filler(3, 0);
    let old = recipe(Format::OggOpus, &[HYPHENS, &long]).with(|old| old.counts = vec![1]);
    let mut file = old.build();
    let ends = page_ends(&file);
    let page = ends[1] as usize..ends[2] as usize;
    file[page.start + 18] = 9;
    file[page.start + 22..page.start + 26].fill(0);
    let sum = checksum(&file[page.clone()]);
    file[page.start + 22..page.start + 26].copy_from_slice(&sum.to_le_bytes());
    check_refusal(&file, Format::OggOpus, "not numbered in order");
}

#[test]
fn a_skeleton_with_offsets_lets_no_length_change() {
    let skeleton = Stream { serial: 3, sequence: 0 }.page(2, 0, &[12], b"fishead\0\x04\0\0\0");
    let older = Stream { serial: 3, sequence: 0 }.page(2, 0, &[12], b"fishead\0\x03\0\0\0");
    let old = recipe(Format::OggOpus, &["A=1", "ISRC=x"]);
    let splice = |first: &[u8], old: &Recipe| {
        let file = [first.to_vec(), old.build()].concat();
        Container(Format::OggOpus)
            .spliced(&file, &change(&[write(NEW)], None))
            .map(|_| ())
    };
    assert!(splice(&older, &old).is_ok());
    assert!(splice(&skeleton, &old.clone().with(|old| old.tail = zeros(11))).is_ok());
    let refused = splice(&skeleton, &old).unwrap_err().to_string();
    assert!(refused.contains("Skeleton"), "{refused}");
}

/// The file of a recipe with another comment packet.
fn with_packet(recipe: &Recipe, packet: Vec<u8>) -> Vec<u8> {
    let mut stream = Stream { serial: 7, sequence: 0 };
    let head = stream.page(2, 0, &[recipe.head().len() as u8], &recipe.head());
    [head, stream.pages(4, 0, &[packet], &[]).concat()].concat()
}

#[track_caller]
fn check_refusal(file: &[u8], format: Format, part: &str) {
    let actions: Vec<Action> = Container(format)
        .places(file)
        .unwrap()
        .iter()
        .map(|_| write(OLD))
        .collect();
    let refusal = Container(format).refusal(file, &change(&actions, None));
    assert!(refusal.contains(part), "{refusal}");
}

#[test]
fn the_walk_ends_with_the_comments() {
    let mut file = recipe(Format::OggOpus, &[SET]).build();
    let end = page_ends(&file)[1] as usize;
    file.truncate(end);
    assert_eq!(Container(Format::OggOpus).named(&file), ["vorbis:ISRC=USRC17607839"]);
    file.truncate(end - 1);
    assert!(Container(Format::OggOpus).places(&file).is_err());
}

#[test]
fn damage_is_survived() {
    // With right checksums too, so that edits get as far as they can.
    let repaired = |file: &mut Vec<u8>| {
        let bytes = file.clone();
        let mut source = Source::new(&bytes);
        let mut at = 0;
        while let Ok(page) = Page::read(&mut source, at) {
            let range = at as usize..(page.end() as usize).min(file.len());
            file[range.start + 22..range.start + 26].fill(0);
            let mut digest = page::Checksum::new();
            digest.update(&file[range.clone()]);
            file[range.start + 22..range.start + 26].copy_from_slice(&digest.finalize().to_le_bytes());
            at = page.end();
        }
    };
    for format in KINDS {
        let old = recipe(format, &["A=1", HYPHENS, "tsrc=USRC17607839/GBAYE0000351"]).with(|old| {
            old.behind.clear();
            old.is_multiplexed = true;
            old.counts = vec![0];
            old.chained = Some(vec!["A=1".into()]);
        });
        Container(format).torment(&old.build(), &repaired);
    }
}
