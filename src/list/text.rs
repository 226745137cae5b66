//! CSV and TSV as spreadsheets write them: any of their encodings and delimiters.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::table::Table;
use super::{List, ListError, Reading};
use crate::table::undefused;

/// Delimiters in the order in which they are believed when several cut the table equally well.
const DELIMITERS: [u8; 4] = [b';', b'\t', b',', b'|'];

pub(super) fn read(bytes: &[u8], reading: &Reading) -> Result<List, ListError> {
    let text = decoded(bytes);
    // The first line "sep=;" tells Excel the delimiter; Excel does not show it as a row.
    if let Some(rest) = text.strip_prefix("sep=").or_else(|| text.strip_prefix("SEP="))
        && let [delimiter, b'\r' | b'\n', ..] = *rest.as_bytes()
        && let Some((_, rest)) = rest.split_once('\n')
    {
        return cut(rest, delimiter, reading, All::Rows)?.finish();
    }
    let mut best: Option<(u8, usize)> = None;
    let mut refused = None;
    for delimiter in DELIMITERS {
        match cut(&text, delimiter, reading, All::Headings) {
            Ok(table) if table.known() > best.map_or(0, |(_, known)| known) => best = Some((delimiter, table.known())),
            Ok(_) => {}
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    match (best, refused) {
        (Some((delimiter, _)), _) => cut(&text, delimiter, reading, All::Rows)?.finish(),
        (None, Some(error)) => Err(error),
        // Whatever the delimiter, there is no column of codes; say so of the cells that a person would see.
        (None, None) => {
            let first_line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
            let count = |delimiter: &u8| first_line.bytes().filter(|byte| byte == delimiter).count();
            let delimiter = DELIMITERS.into_iter().max_by_key(count).unwrap_or(b',');
            cut(&text, delimiter, reading, All::Rows)?.finish()
        }
    }
}

/// How much of a table is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum All {
    /// Only so far as the headings, to try a delimiter.
    Headings,
    Rows,
}

/// Cuts a text into cells. Rows are numbered as a spreadsheet shows them: empty ones count, and a row may run over
/// several lines.
fn cut<'r>(text: &str, delimiter: u8, reading: &'r Reading, all: All) -> Result<Table<'r>, ListError> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut table = Table::new(reading);
    let mut record = csv::StringRecord::new();
    let mut number = 0u32;
    let mut cells = Vec::new();
    loop {
        let start = reader.position().byte() as usize;
        let more = reader.read_record(&mut record);
        let more = more.map_err(|source| ListError::Csv {
            row: number.saturating_add(1),
            source,
        })?;
        if !more {
            break;
        }
        let end = (reader.position().byte() as usize).min(text.len());
        // The reader passes over empty lines, but a spreadsheet shows them.
        let empty_lines = empty_lines(&text.as_bytes()[..end], start);
        number = number.saturating_add(empty_lines).saturating_add(1);
        cells.clear();
        cells.extend(record.iter().map(|cell| undefused(cell).into_owned()));
        table.push(number, &cells)?;
        if all == All::Headings && table.has_headings() {
            break;
        }
    }
    Ok(table)
}

/// How many empty lines stand between `start`, where the last record ended, and the next character of a record.
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

/// The text of a file: by its byte order mark, as UTF-16 that its zeros give away, as UTF-8, or else in the code page
/// of Western spreadsheets.
pub(super) fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[length..]).0;
    }
    let sample = &bytes[..bytes.len().min(512)];
    let zeros = |offset: usize| sample.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let half = sample.len() / 4;
    let encoding = match std::str::from_utf8(bytes) {
        _ if odd > half && odd > even => UTF_16LE,
        _ if even > half && even > odd => UTF_16BE,
        Ok(_) => UTF_8,
        Err(_) => WINDOWS_1252,
    };
    encoding.decode_without_bom_handling(bytes).0
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
        assert_eq!(decoded(bytes), "ISRC;Título\r\n", "{bytes:?}");
    }
}
