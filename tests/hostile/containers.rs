//! WMA, Matroska and CAF files that contradict themselves, on disk: either every editing command refuses them with the
//! reason and leaves them as they are, or they are read rightly, edited, and taken back to the byte.

use std::time::{Duration, SystemTime};

use super::common::Sandbox;
use super::guarded;

const CODE: &str = "us-rc1-76-07839";
const NEW: &str = "QZTST2600001";

/// Longer than what it says of itself, or shorter.
fn sized(id: &[u8], size: u64, body: &[u8]) -> Vec<u8> {
    [id, &(size | 1 << 56).to_be_bytes(), body].concat()
}

/// An element of EBML with a size of eight bytes.
fn element(id: &[u8], children: &[Vec<u8>]) -> Vec<u8> {
    let body = children.concat();
    sized(id, body.len() as u64, &body)
}

fn leaf(id: &[u8], body: &[u8]) -> Vec<u8> {
    element(id, &[body.to_vec()])
}

fn doc_type(children: &[Vec<u8>]) -> Vec<u8> {
    element(b"\x1A\x45\xDF\xA3", children)
}

fn matroska() -> Vec<u8> {
    doc_type(&[leaf(b"\x42\x82", b"matroska")])
}

fn tracks() -> Vec<u8> {
    let track = [leaf(b"\x73\xC5", &[7]), leaf(b"\x83", &[2])];
    element(b"\x16\x54\xAE\x6B", &[element(b"\xAE", &track)])
}

fn cluster() -> Vec<u8> {
    element(b"\x1F\x43\xB6\x75", &[leaf(b"\xE7", &[0]), leaf(b"\xA3", &[0x55; 300])])
}

/// A `Tag` about the track with this UID; about the whole file, if that is 0.
fn tag(uid: u8, code: &str) -> Vec<u8> {
    let simple = [leaf(b"\x45\xA3", b"ISRC"), leaf(b"\x44\x87", code.as_bytes())];
    let targets = element(b"\x63\xC0", &[leaf(b"\x63\xC5", &[uid])]);
    element(b"\x73\x73", &[targets, element(b"\x67\xC8", &simple)])
}

fn tags(children: &[Vec<u8>]) -> Vec<u8> {
    element(b"\x12\x54\xC3\x67", children)
}

fn void(body: &[u8]) -> Vec<u8> {
    leaf(b"\xEC", body)
}

fn mka(parts: &[Vec<u8>]) -> Vec<u8> {
    let segment = [&[tracks()], parts, &[cluster()]].concat();
    [matroska(), element(b"\x18\x53\x80\x67", &segment)].concat()
}

/// The same bytes with others at the first place of `old`.
fn changed(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let at = bytes.windows(old.len()).position(|window| window == old).unwrap();
    [&bytes[..at], new, &bytes[at + old.len()..]].concat()
}

#[test]
fn elements_that_contradict_themselves_are_left_alone() {
    let code = || tag(0, CODE);
    let of_size = |size: u64| {
        let whole = code();
        tags(&[code(), sized(b"\x73\x73", size, &whole[10..])])
    };
    const BEYOND: &str = "an element goes beyond the end of the one that it stands in";
    check_refused("beyond.mka", &mka(&[of_size(4000), void(&[0; 90])]), BEYOND);
    check_refused("far.mka", &mka(&[of_size((1 << 56) - 2)]), BEYOND);
    const OPEN: &str = "an element does not state its size where it has to";
    check_refused("ones.mka", &mka(&[of_size((1 << 56) - 1)]), OPEN);
    let sum = leaf(b"\xBF", &[1, 2, 3, 4]);
    let sum = [b"\xBF\x84", &sum[9..]].concat();
    check_refused(
        "sum.mka",
        &mka(&[tags(&[sum.clone(), code()])]),
        "a checksum in it is wrong",
    );
    let whole = "a checksum over all of its segment would no longer be right";
    check_refused("segment.mka", &mka(&[sum, tags(&[code()])]), whole);
    let nothing = element(
        b"\x4D\xBB",
        &[leaf(b"\x53\xAB", b"\x12\x54\xC3\x67"), leaf(b"\x53\xAC", &[1, 0])],
    );
    let listed = mka(&[element(b"\x11\x4D\x9B\x74", &[nothing]), tags(&[code()])]);
    check_refused("listed.mka", &listed, "its SeekHead lists what is not there");
    let narrow = doc_type(&[leaf(b"\x42\x82", b"matroska"), leaf(b"\x42\xF3", &[4])]);
    let narrow = [narrow, mka(&[tags(&[code()])])[matroska().len()..].to_vec()].concat();
    check_refused(
        "narrow.mka",
        &narrow,
        "its EBML header says that its numbers are of other widths than usual",
    );
    check_refused(
        "junk.mka",
        &mka(&[tags(&[code()]), vec![0; 20]]),
        "bytes that are no element",
    );
    let unknown = changed(&mka(&[tags(&[code()])]), b"matroska", b"cabinets");
    check_refused("unknown.mka", &unknown, "");
    let whole = mka(&[tags(&[code()])]);
    check_refused("cut.mka", &whole[..whole.len() - 9], "");
}

#[test]
fn elements_that_are_odd_are_edited_and_taken_back() {
    let nested = void(&[void(&void(&[0; 40])), void(&[])].concat());
    check_edited("nested.mka", &mka(&[tags(&[tag(0, CODE)]), nested]));
    check_edited(
        "two.mka",
        &mka(&[tags(&[tag(0, CODE)]), tags(&[tag(0, CODE)]), void(&[0; 90])]),
    );
    check_edited(
        "absent.mka",
        &mka(&[tags(&[tag(0, CODE), tag(9, CODE)]), void(&[0; 90])]),
    );
}

const HEADER: &[u8; 16] = b"\x30\x26\xB2\x75\x8E\x66\xCF\x11\xA6\xD9\x00\xAA\x00\x62\xCE\x6C";
const DATA: &[u8; 16] = b"\x36\x26\xB2\x75\x8E\x66\xCF\x11\xA6\xD9\x00\xAA\x00\x62\xCE\x6C";
const EXTENDED: &[u8; 16] = b"\x40\xA4\xD0\xD2\x07\xE3\xD2\x11\x97\xF0\x00\xA0\xC9\x5E\xA8\x50";
const ENCRYPTION: &[u8; 16] = b"\xFB\xB3\x11\x22\x23\xBD\xD2\x11\xB4\xB7\x00\xA0\xC9\x55\xFC\x6E";
const SIGNATURE: &[u8; 16] = b"\xFC\xB3\x11\x22\x23\xBD\xD2\x11\xB4\xB7\x00\xA0\xC9\x55\xFC\x6E";
const ERROR_CORRECTION: &[u8; 16] = b"\x35\x26\xB2\x75\x8E\x66\xCF\x11\xA6\xD9\x00\xAA\x00\x62\xCE\x6C";

fn object(guid: &[u8; 16], body: &[u8]) -> Vec<u8> {
    [guid, &(24 + body.len() as u64).to_le_bytes()[..], body].concat()
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// An object that says that it holds `count` attributes; it holds one, whose texts end without a zero.
fn attributes(count: u16) -> Vec<u8> {
    let (name, value) = (utf16("WM/ISRC"), utf16(CODE));
    let length = |bytes: &[u8]| (bytes.len() as u16).to_le_bytes();
    let attribute = [&length(&name)[..], &name, &[0, 0], &length(&value), &value].concat();
    object(EXTENDED, &[&count.to_le_bytes(), &attribute[..]].concat())
}

fn wma(count: u32, objects: &[Vec<u8>]) -> Vec<u8> {
    let header = [&count.to_le_bytes(), &[1, 2][..], &objects.concat()].concat();
    [object(HEADER, &header), object(DATA, &[0x55; 400])].concat()
}

#[test]
fn objects_that_contradict_themselves_are_left_alone() {
    let code = || attributes(1);
    const WRONG: &str = "an object of its header has a size that cannot be";
    for size in [0, 23, 1 << 40, u64::MAX] {
        let bad = [&ERROR_CORRECTION[..], &u64::to_le_bytes(size), &[0; 8]].concat();
        check_refused("size.wma", &wma(2, &[code(), bad]), WRONG);
    }
    check_refused(
        "more.wma",
        &wma(1, &[code(), object(ERROR_CORRECTION, &[])]),
        "the number of the objects",
    );
    check_refused(
        "fewer.wma",
        &wma(9, &[code()]),
        "the number of the objects in its header is wrong",
    );
    for count in [2, u16::MAX] {
        const LIES: &str = "the attributes in its header are more than there is room for";
        check_refused("lies.wma", &wma(1, &[attributes(count)]), LIES);
    }
    let none = "bytes that are no attribute stand among those of its header";
    check_refused("none.wma", &wma(2, &[code(), attributes(0)]), none);
    check_refused(
        "encrypted.wma",
        &wma(2, &[code(), object(ENCRYPTION, &[0; 32])]),
        "it is encrypted",
    );
    check_refused(
        "signed.wma",
        &wma(2, &[code(), object(SIGNATURE, &[0; 32])]),
        "it is signed",
    );
    let whole = wma(1, &[code()]);
    check_refused("cut.wma", &whole[..whole.len() - 9], "");
    check_refused("header.wma", &whole[..60], "");
    // Without the zeros that end its texts it is read rightly.
    check_edited("open.wma", &whole);
}

fn chunk(id: &[u8; 4], size: i64, body: &[u8]) -> Vec<u8> {
    [id, &size.to_be_bytes()[..], body].concat()
}

fn description() -> Vec<u8> {
    let numbers = [2u32, 2, 1, 1, 16].map(u32::to_be_bytes).concat();
    chunk(
        b"desc",
        32,
        &[&8000f64.to_be_bytes(), &b"lpcm\0\0\0\x02"[..], &numbers[4..]].concat(),
    )
}

fn info(count: u32, text: &[u8]) -> Vec<u8> {
    chunk(b"info", 4 + text.len() as i64, &[&count.to_be_bytes(), text].concat())
}

fn caf(chunks: &[Vec<u8>]) -> Vec<u8> {
    [b"caff\0\x01\0\0", &chunks.concat()[..]].concat()
}

#[test]
fn chunks_that_contradict_themselves_are_left_alone() {
    let text = [b"ISRC\0", CODE.as_bytes(), b"\0"].concat();
    let audio = || chunk(b"data", 400, &[0x55; 400]);
    let whole = |count: u32, text: &[u8]| caf(&[description(), info(count, text), audio()]);
    const LIES: &str = "its info chunk holds fewer keys than it says";
    check_refused("count.caf", &whole(2, &text), LIES);
    check_refused("most.caf", &whole(u32::MAX, &text), LIES);
    let open = [&text[..], b"title\0Low Water"].concat();
    check_refused("open.caf", &whole(2, &open), LIES);
    let more = [&text[..], b"title\0Low Water\0"].concat();
    check_refused("more.caf", &whole(1, &more), "its info chunk holds more than it says");
    let two = caf(&[description(), info(1, &text), info(1, &text), audio()]);
    check_refused("two.caf", &two, "it has two info chunks");
    for size in [-1, -2, i64::MIN, i64::MAX] {
        check_refused(
            "size.caf",
            &caf(&[description(), chunk(b"info", size, &text), audio()]),
            "",
        );
    }
    check_refused(
        "none.caf",
        &caf(&[description(), info(1, &text)]),
        "there is no audio in it",
    );
    check_refused("cut.caf", &whole(1, &text)[..400], "");
    // In whatever order.
    check_edited("order.caf", &caf(&[info(1, &text), audio(), description()]));
    check_edited(
        "last.caf",
        &caf(&[description(), info(1, &text), chunk(b"data", -1, &[0x55; 400])]),
    );
}

fn dated(path: &std::path::Path) -> SystemTime {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    std::fs::File::options()
        .write(true)
        .open(path)
        .unwrap()
        .set_modified(time)
        .unwrap();
    time
}

/// `reason` is a part of what is said.
#[track_caller]
fn check_refused(name: &str, bytes: &[u8], reason: &str) {
    let sandbox = Sandbox::new();
    let path = sandbox.file(name, bytes);
    let time = dated(&path);
    guarded(&sandbox, &["ledger", "prefix", "add", "QZTST"]).expect(0);
    for arguments in [
        &["set", "--replace", NEW, name][..],
        &["fix", name],
        &["remove", name],
        &["assign", "--separate", name],
    ] {
        let run = guarded(&sandbox, arguments);
        let said = run.stdout.clone() + &run.stderr;
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        // `assign` passes over what has a code.
        let codes: &[i32] = if arguments[0] == "assign" { &[0, 1, 3] } else { &[3] };
        assert!(codes.contains(&run.code), "{name} {arguments:?}: {} {said}", run.code);
        assert!(
            arguments[0] == "assign" || said.contains(reason),
            "{name} {arguments:?}: {said}"
        );
        assert!(
            std::fs::read(&path).unwrap() == bytes,
            "{name} {arguments:?} changed it"
        );
        assert_eq!(
            path.metadata().unwrap().modified().unwrap(),
            time,
            "{name} {arguments:?}"
        );
    }
    let left: Vec<_> = std::fs::read_dir(sandbox.music()).unwrap().collect();
    assert_eq!(left.len(), 1, "{name}: something stands beside it");
}

/// Each command writes what it is asked for, and is taken back with the old time.
#[track_caller]
fn check_edited(name: &str, bytes: &[u8]) {
    let sandbox = Sandbox::new();
    let path = sandbox.file(name, bytes);
    let time = dated(&path);
    for (arguments, code) in [
        (&["set", "--replace", NEW, name][..], NEW),
        (&["fix", name], "USRC17607839"),
        (&["remove", name], ""),
    ] {
        guarded(&sandbox, arguments).expect(0);
        assert!(std::fs::read(&path).unwrap() != bytes, "{name} {arguments:?}");
        assert_eq!(
            guarded(&sandbox, &["get", name]).stdout.trim(),
            code,
            "{name} {arguments:?}"
        );
        guarded(&sandbox, &["undo"]).expect(0);
        assert!(
            std::fs::read(&path).unwrap() == bytes,
            "{name} {arguments:?} is not taken back"
        );
        assert_eq!(path.metadata().unwrap().modified().unwrap(), time);
    }
}
