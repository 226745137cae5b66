//! The encodings of texts: those of the web (WHATWG, "Encoding"), and the code pages of DOS, in which Excel still saves "CSV
//! (MS-DOS)".

use std::borrow::Cow;

use encoding_rs::Encoding;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    Web(&'static Encoding),
    Dos(&'static Dos),
}

/// A code page whose upper half are these letters.
#[derive(Debug, PartialEq, Eq)]
pub struct Dos {
    name: &'static str,
    letters: &'static str,
}

/// Of western Europe, and of the first PCs (IBM code pages 850 and 437).
pub(super) static DOS: [Dos; 2] = [
    Dos {
        name: "ibm850",
        letters: "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐\
        └┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·\
        ¹³²■\u{a0}",
    },
    Dos {
        name: "ibm437",
        letters: "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
        └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}",
    },
];

impl From<&'static Encoding> for Page {
    fn from(encoding: &'static Encoding) -> Page {
        Page::Web(encoding)
    }
}

impl Page {
    pub fn name(self) -> &'static str {
        match self {
            Page::Web(encoding) => encoding.name(),
            Page::Dos(page) => page.name,
        }
    }

    /// Whether a text in it may be one in another code page.
    pub(in crate::list) fn is_code_page(self) -> bool {
        use encoding_rs::{ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE};
        !matches!(self, Page::Web(encoding) if [ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE].contains(&encoding))
    }

    /// That it was chosen among several.
    pub(in crate::list) fn told(self) -> String {
        format!("read as {}", self.name())
    }

    /// By one of its usual names.
    pub fn for_label(label: &str) -> Option<Page> {
        let label = label.trim();
        let number = label.to_ascii_lowercase();
        let number = number.trim_start_matches(|letter: char| !letter.is_ascii_digit());
        let dos = DOS.iter().find(|page| page.name.ends_with(number) && number.len() == 3);
        match Encoding::for_label_no_replacement(label.as_bytes()) {
            Some(encoding) => Some(Page::Web(encoding)),
            None => dos.map(Page::Dos),
        }
    }

    /// The text, and whether it has broken characters.
    pub(super) fn decoded(self, bytes: &[u8]) -> (Cow<'_, str>, bool) {
        match self {
            Page::Web(encoding) => encoding.decode_without_bom_handling(bytes),
            Page::Dos(page) => {
                let letters: Vec<char> = page.letters.chars().collect();
                let letter = |byte: &u8| match byte.checked_sub(0x80) {
                    Some(upper) => letters.get(usize::from(upper)).copied().unwrap_or('\u{fffd}'),
                    None => char::from(*byte),
                };
                (Cow::Owned(bytes.iter().map(letter).collect()), false)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dos_pages_have_names_and_letters() {
        for (label, bytes, text) in [
            ("cp850", &b"Caf\x82 L\x86ngt \x9d"[..], "Café Långt Ø"),
            ("IBM437", b"Caf\x82 L\x86ngt \xe1", "Café Långt ß"),
        ] {
            let page = Page::for_label(label).unwrap();
            assert_eq!(page.decoded(bytes).0, text, "{label}");
        }
        for page in &DOS {
            assert_eq!(page.letters.chars().count(), 128, "{}", page.name);
        }
        assert_eq!(Page::for_label("latin1").map(Page::name), Some("windows-1252"));
        assert_eq!(Page::for_label("cp999"), None);
    }
}
