//! Tables as text: any of the encodings and delimiters of spreadsheets, or columns under each other.

use std::borrow::Cow;

use encoding_rs::Encoding;

use super::grid::Grid;
use crate::list::read::fixed;
use crate::list::read::page::{DOS, Page};
use crate::list::table::columns::Columns;
use crate::list::told::ListError;
use crate::list::{Reading, Sheet, table};
use crate::system::table::csv::undefused;

/// Delimiters in the order in which they are believed when several cut the table equally well.
const DELIMITERS: [u8; 4] = [b';', b'\t', b',', b'|'];

pub(super) fn sheets(text: &str, reading: &Reading) -> Result<Vec<Sheet>, ListError> {
    // The first line "sep=;" tells Excel the delimiter; Excel does not show it as a row.
    if let Some(rest) = text.strip_prefix("sep=").or_else(|| text.strip_prefix("SEP="))
        && let [delimiter, b'\r' | b'\n', ..] = *rest.as_bytes()
        && let Some((_, rest)) = rest.split_once('\n')
    {
        return one(cut(rest, delimiter)?);
    }
    const HEAD: usize = 128 << 10;
    let (known, delimiter) = most_known(&text[..head(text.as_bytes(), HEAD)], reading);
    if known > 0 {
        return one(cut(text, delimiter)?);
    }
    if let Some(grid) = fixed::cut(text, reading)? {
        return one(grid);
    }
    // Whatever the delimiter, there is no column of codes; it is said of the cells that a person would see.
    let first_line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
    let count = |delimiter: &u8| first_line.bytes().filter(|byte| byte == delimiter).count();
    let delimiter = DELIMITERS.into_iter().rev().max_by_key(count).unwrap_or(b',');
    one(cut(text, delimiter)?)
}

/// How many columns are known by the delimiter by which most are.
fn most_known(text: &str, reading: &Reading) -> (usize, u8) {
    let known = |delimiter| cut(text, delimiter).map_or(0, |grid| known(&grid, reading));
    let known = DELIMITERS.map(|delimiter| (known(delimiter), delimiter));
    let best = known.into_iter().rev().max_by_key(|(known, _)| *known);
    best.unwrap_or((0, DELIMITERS[0]))
}

/// Where the last line of a text ends that ends within so many bytes: the headings are in front of it.
fn head(text: &[u8], most: usize) -> usize {
    let end = text.get(..most).and_then(|head| memchr::memrchr(b'\n', head));
    end.map_or(text.len(), |end| end + 1)
}

fn one(grid: Grid) -> Result<Vec<Sheet>, ListError> {
    Ok(vec![Sheet {
        grid,
        ..Sheet::default()
    }])
}

/// How many columns are known when a text is cut so.
pub(super) fn known(grid: &Grid, reading: &Reading) -> usize {
    // A heading that the user gave may be cut in two by a wrong delimiter; that is no reason to refuse the right one.
    let known = |reading: &Reading| Some(table::headings(grid, reading).ok()??.layout.known());
    let others = || known(&reading.with(Columns::default()));
    known(reading).or_else(others).unwrap_or(0)
}

/// Cuts a text into cells. Rows are numbered as a spreadsheet shows them: empty ones count, and a row may run over
/// several lines.
fn cut(text: &str, delimiter: u8) -> Result<Grid, ListError> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut grid = Grid::default();
    let mut record = csv::StringRecord::new();
    let mut number = 0u32;
    loop {
        let start = reader.position().byte() as usize;
        let more = reader.read_record(&mut record);
        let more = more.map_err(|source| ListError::Csv {
            row: number.saturating_add(1),
            source,
        })?;
        if !more {
            return Ok(grid);
        }
        let end = (reader.position().byte() as usize).min(text.len());
        // The reader passes over empty lines, but a spreadsheet shows them.
        let empty_lines = empty_lines(&text.as_bytes()[..end], start);
        number = number.saturating_add(empty_lines).saturating_add(1);
        let cells: Vec<Cow<'_, str>> = record.iter().map(undefused).collect();
        grid.push(number, cells.iter().map(|cell| &**cell))?;
    }
}

/// How many empty lines are between `start`, where the last record ended, and the next character of a record.
fn empty_lines(text: &[u8], start: usize) -> u32 {
    let mut lines = 0u32;
    // A record ends behind its CR; the LF that belongs to it comes next.
    let mut before = start.checked_sub(1).and_then(|at| text.get(at));
    for byte in text.get(start..).unwrap_or(&[]) {
        match (before, byte) {
            (Some(b'\r'), b'\n') => {}
            (_, b'\r' | b'\n') => lines = lines.saturating_add(1),
            _ => break,
        }
        before = Some(byte);
    }
    lines
}

/// The code pages of spreadsheets and rippers that are no UTF-8, the strictest first where they can tell by themselves.
const CODE_PAGES: &str = "windows-1252 shift_jis euc-jp gb18030 big5 euc-kr windows-1250 windows-1251 macintosh ibm866 \
                          koi8-r windows-1253 windows-1254 windows-1255 windows-1256 windows-1257 windows-1258 windows-874";

fn code_pages() -> impl Iterator<Item = Page> {
    let web = CODE_PAGES.split(' ').filter_map(Page::for_label);
    web.chain(DOS.iter().map(Page::Dos))
}

/// The encodings that a text may be in: by its byte order mark, as UTF-16 that its zeros give away, as UTF-8, or else
/// every code page in which it has no broken character; of these the ones in which most headings are known. In a wrong one
/// a heading that is no word any more would hide what contradicts.
pub(super) fn encodings(bytes: &[u8], reading: &Reading) -> Vec<Page> {
    const HEAD: usize = 16 << 10;
    use encoding_rs::{ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE};
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return vec![encoding.into()];
    }
    let sample = &bytes[..bytes.len().min(512)];
    let zeros = |offset: usize| sample.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let half = sample.len() / 4;
    match std::str::from_utf8(bytes) {
        _ if odd > half && odd > even => vec![UTF_16LE.into()],
        _ if even > half && even > odd => vec![UTF_16BE.into()],
        Ok(text) if text.contains("\u{1b}$") => vec![ISO_2022_JP.into()],
        Ok(_) => vec![UTF_8.into()],
        Err(_) => {
            // No list holds the control characters that a wrong code page makes of letters.
            let fits = |page: &Page| {
                let (text, is_broken) = page.decoded(bytes);
                !is_broken && !text.contains(|letter| ('\u{80}'..='\u{9f}').contains(&letter))
            };
            let head = &bytes[..head(bytes, HEAD)];
            let known = |page: Page| (most_known(&page.decoded(head).0, reading).0, page);
            let pages: Vec<(usize, Page)> = code_pages().filter(fits).map(known).collect();
            let most = pages.iter().map(|(known, _)| *known).max();
            let are_known = pages.into_iter().filter(|(known, _)| Some(*known) == most);
            are_known.map(|(_, page)| page).collect()
        }
    }
}

/// The text of a file.
pub(super) fn decoded(bytes: &[u8], page: Page) -> Cow<'_, str> {
    let mark = Encoding::for_bom(bytes).filter(|(marked, _)| Page::Web(marked) == page);
    let length = mark.map_or(0, |(_, length)| length);
    page.decoded(&bytes[length..]).0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_told_apart() {
        let text = "ISRC;Título\r\n";
        let utf16 = |swap: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(swap).collect::<Vec<u8>>();
        let (little, big) = (utf16(u16::to_le_bytes), utf16(u16::to_be_bytes));
        check(text.as_bytes());
        check(&[b"\xef\xbb\xbf", text.as_bytes()].concat());
        check(&little);
        check(&big);
        check(&[b"\xff\xfe", &little[..]].concat());
        check(&[b"\xfe\xff", &big[..]].concat());
        check(b"ISRC;T\xedtulo\r\n");
    }

    #[track_caller]
    fn check(bytes: &[u8]) {
        let encodings = encodings(bytes, &Reading::default());
        assert_eq!(decoded(bytes, encodings[0]), "ISRC;Título\r\n", "{bytes:?}");
    }

    #[test]
    fn a_text_in_shift_jis_may_be_little_else() {
        let (bytes, ..) = encoding_rs::SHIFT_JIS.encode("曲名,ISRC\n夜明け,JPTST2600001\nソロ表,JPTST2600002\n");
        let names: Vec<&str> = encodings(&bytes, &Reading::default())
            .iter()
            .map(|page| page.name())
            .collect();
        assert!(names.contains(&"Shift_JIS"), "{names:?}");
    }
}
