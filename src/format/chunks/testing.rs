//! Builders of chunked files for tests. Expected files are built by these too, never by the code under test.

pub(in crate::format) use crate::format::testing::{Container, NEW, OLD, change, sound as audio};

/// An ID3v2.3 tag with TSRC frames of these texts, a title, and padding.
pub(in crate::format) fn tag(codes: &[&str], padding: usize) -> Vec<u8> {
    let frame = |id: &[u8; 4], text: &str| {
        let size = (text.len() as u32 + 1).to_be_bytes();
        [id.as_slice(), &size, b"\0\0\0", text.as_bytes()].concat()
    };
    let mut body: Vec<u8> = codes.iter().flat_map(|code| frame(b"TSRC", code)).collect();
    body.extend(frame(b"TIT2", "title"));
    body.resize(body.len() + padding, 0);
    with_header(body)
}

/// The tag that a chunked file without one gets: of even length.
pub(in crate::format) fn new_tag(code: &str) -> Vec<u8> {
    new_tag_with(code, 1025)
}

pub(in crate::format) fn new_tag_with(code: &str, padding: usize) -> Vec<u8> {
    let mut body = [b"TSRC\0\0\0\x0D\0\0\0", code.as_bytes()].concat();
    body.resize(body.len() + padding, 0);
    with_header(body)
}

fn with_header(body: Vec<u8>) -> Vec<u8> {
    let size = [21, 14, 7, 0].map(|shift| (body.len() >> shift & 0x7F) as u8);
    [b"ID3\x03\0\0".as_slice(), &size, &body].concat()
}

/// A chunk of RIFF with its pad byte.
pub(in crate::format) fn le(id: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [
        id.as_slice(),
        &(body.len() as u32).to_le_bytes(),
        body,
        &[0][..body.len() % 2],
    ]
    .concat()
}

/// A chunk of AIFF with its pad byte.
pub(in crate::format) fn be(id: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [
        id.as_slice(),
        &(body.len() as u32).to_be_bytes(),
        body,
        &[0][..body.len() % 2],
    ]
    .concat()
}

/// A chunk of DSDIFF with its pad byte.
pub(in crate::format) fn be64(id: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [
        id.as_slice(),
        &(body.len() as u64).to_be_bytes(),
        body,
        &[0][..body.len() % 2],
    ]
    .concat()
}

/// A file around a tag.
pub(in crate::format) type Around = fn(&[u8]) -> Vec<u8>;

/// Codes as they are, and as they are after an edit: what is written, the actions for it, whether it is created.
pub(in crate::format) const EDITS: [(&[&str], &str, bool, &[&str]); 9] = [
    (&[OLD], "W", false, &[NEW]),
    (&["QZ-ES5-16-00001"], "W", false, &[NEW]),
    (&["QZES5"], "W", false, &[NEW]),
    (&[OLD], "D", false, &[]),
    (&[], "", true, &[NEW]),
    (&[OLD, "QZ-ES5-16-00002"], "KW", false, &[OLD, NEW]),
    (&[OLD, "QZES51600002"], "KD", false, &[OLD]),
    (&[OLD, "QZES51600002"], "WW", false, &[NEW, NEW]),
    (&[OLD], "D", true, &[NEW]),
];

/// Padding: plenty, just what TSRC takes, one less, one that leaves an odd size, none.
pub(in crate::format) const PADDINGS: [usize; 6] = [2000, 23, 22, 7, 3, 0];

/// The padding after an edit, by the rule: taken from and given to it, and 1 KiB where it is not enough.
pub(in crate::format) fn padding_after(before: &[&str], after: &[&str], padding: usize) -> usize {
    let length = |codes: &[&str]| codes.iter().map(|code| 11 + code.len()).sum::<usize>();
    let (old, new) = (length(before), length(after));
    (old + padding).checked_sub(new).unwrap_or(1024)
}
