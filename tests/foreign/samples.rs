//! Samples, frames and tags, as the tests need them.

/// An ID3v2.3 tag with padding alone.
pub const TAG: &[u8] = b"ID3\x03\0\0\0\0\0\x0A\0\0\0\0\0\0\0\0\0\0";

/// Quiet samples of 24 bits, little endian, of the same small numbers in every run.
pub fn quiet_24(count: usize) -> Vec<u8> {
    let mut state: u32 = 7;
    let sample = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let sample = (state >> 16) as i32 % 400 - 200;
        sample.to_le_bytes()[..3].to_vec()
    };
    (0..count).flat_map(sample).collect()
}

/// Frames of one header and length, of bytes that are no header.
pub fn frames(head: &[u8], length: usize, count: usize) -> Vec<u8> {
    let frame = |number: usize| {
        let mut frame = head.to_vec();
        // An empty side information.
        frame.resize(head.len() + 34, 0);
        frame.extend((frame.len()..length).map(|at| (at * 31 + number * 17) as u8 & 0x7F));
        frame
    };
    (0..count).flat_map(frame).collect()
}

/// MPEG 1, layer 3, 128 kbit/s, 44,100 Hz.
pub fn mp3(count: usize) -> Vec<u8> {
    frames(&[0xFF, 0xFB, 0x90, 0x00], 417, count)
}

/// MPEG 1, layer 2, 192 kbit/s, 48,000 Hz.
pub fn mp2(count: usize) -> Vec<u8> {
    frames(&[0xFF, 0xFD, 0xA4, 0x00], 576, count)
}

/// ADTS, 44,100 Hz, two channels.
pub fn aac(count: usize) -> Vec<u8> {
    frames(&[0xFF, 0xF1, 0x50, 0x80, 0x2E, 0x7F, 0xFC], 371, count)
}

/// An APEv2 tag with a title, and the code if there is one.
pub fn ape(code: Option<&str>) -> Vec<u8> {
    let mut items = vec![("Title", "Seed")];
    items.extend(code.map(|code| ("ISRC", code)));
    let item = |(key, value): &(&str, &str)| {
        let length = (value.len() as u32).to_le_bytes();
        [&length[..], &[0; 4], key.as_bytes(), b"\0", value.as_bytes()].concat()
    };
    let body: Vec<u8> = items.iter().flat_map(item).collect();
    let end = |flags: u32| {
        let words = [2000, body.len() as u32 + 32, items.len() as u32, flags, 0, 0];
        [&b"APETAGEX"[..], &words.map(u32::to_le_bytes).concat()].concat()
    };
    [end(0xA000_0000), body.clone(), end(0x8000_0000)].concat()
}

/// An ID3v2.3 tag with a code and padding.
pub fn id3v2(code: &str) -> Vec<u8> {
    let length = code.len() as u8 + 1;
    let frame = [&b"TSRC\0\0\0"[..], &[length, 0, 0, 0], code.as_bytes()].concat();
    let size = frame.len() as u8 + 40;
    [&b"ID3\x03\0\0\0\0\0"[..], &[size], &frame, &[0; 40]].concat()
}
