//! Codes in the names of files, where studios and shops put them: told, and never written by themselves.

use std::path::Path;

use super::Isrc;
use super::normalise::normalise;

/// The one code that is in a file name.
pub fn code_in_name(path: &Path) -> Option<Isrc> {
    let stem = path.file_stem()?.to_str()?;
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    let mut found = None;
    for part in stem.split(|letter: char| !is_part(letter)) {
        let part = part.trim_matches('-');
        let bare = part.bytes().filter(|byte| *byte != b'-').count();
        if bare == 12 && (part.len() == 12 || part.len() == 15) {
            let code = normalise(part).ok().map(|normalised| normalised.isrc);
            if found.is_some() && code.is_some() && code != found {
                return None;
            }
            found = found.or(code);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_in_file_names_are_seen() {
        let check = |name: &str, expected: Option<&str>| {
            let found = code_in_name(Path::new(name)).map(|code| code.to_string());
            assert_eq!(found.as_deref(), expected, "{name}");
        };
        check("QZTST2600001.wav", Some("QZTST2600001"));
        check("QZ-TST-26-00001 Low Water.wav", Some("QZTST2600001"));
        check("Low Water_QZTST2600001_master.wav", Some("QZTST2600001"));
        check("QZTST2600001 QZTST2600002.wav", None);
        check("Low Water.wav", None);
        check("XQZTST26000011.wav", None);
    }
}
