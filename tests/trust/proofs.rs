//! Edits whose result would be damaged.

use crate::common::{Sandbox, testdata};

/// An APEv2 tag (version 2000) without a header, with these items.
fn ape(items: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (key, value) in items {
        bytes.extend((value.len() as u32).to_le_bytes());
        bytes.extend(0u32.to_le_bytes());
        bytes.extend(key.as_bytes());
        bytes.push(0);
        bytes.extend(value.as_bytes());
    }
    let size = bytes.len() as u32 + 32;
    bytes.extend(b"APETAGEX");
    for number in [2000, size, items.len() as u32, 0, 0, 0] {
        bytes.extend(number.to_le_bytes());
    }
    bytes
}

#[test]
fn remove_refuses_what_would_bring_a_broken_tag_to_light() {
    let sandbox = Sandbox::new();
    let mut bytes = std::fs::read(testdata().join("seeds/musepack8-apev2.mpc")).unwrap();
    // Half of an ID3v1 tag, which would be the end of the file: what stands in front of it is not seen while there is a tag
    // behind it.
    bytes.extend(b"TAG");
    bytes.extend([b'a'; 100]);
    bytes.extend(ape(&[("ISRC", "QZTSE2600001")]));
    let path = sandbox.file("stacked.mpc", &bytes);
    sandbox.run(&["scan", "--only", "unreadable"]).expect(0);
    sandbox.run(&["scan", "--only", "unreadable"]).expect(0);
    for arguments in [&["remove", "-n", "stacked.mpc"][..], &["remove", "stacked.mpc"]] {
        let run = sandbox.run(arguments).expect(3);
        assert!(
            run.stdout.contains("the edited file would be damaged"),
            "{}",
            run.stdout
        );
    }
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
}
