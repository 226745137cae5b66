use std::io::Cursor;

use std::path::Path;

use super::told::ListError;
use super::*;
use crate::list::read::source::Source;
use crate::system::table::{self, Cell, RowMark, SheetFormat, SheetHead, SheetRow};

fn reading() -> Reading {
    Reading {
        this_year: 2026,
        ..Reading::default()
    }
}

/// As a file of that ending is read, in the likeliest encoding.
fn parse(bytes: &[u8], ending: &str, reading: &Reading) -> Result<List, ListError> {
    let source = Source {
        bytes: bytes.to_vec(),
        ending: ending.to_owned(),
        stem: String::new(),
    };
    source.read(reading)
}

/// Rows as `number code file/title`, one a line; or the error.
fn told(bytes: &[u8], ending: &str) -> String {
    match parse(bytes, ending, &reading()) {
        Ok(list) => {
            let rows = list.rows.iter().map(|row| {
                let code = match &row.code {
                    Code::None => "none".to_owned(),
                    Code::Isrc(isrc) => isrc.to_string(),
                    Code::Unusable { text, .. } => format!("unusable {text}"),
                };
                let file = row.file.as_ref().map(|file| file.to_string_lossy().into_owned());
                format!(
                    "{} {code} {}",
                    row.number,
                    file.or(row.description.title.clone()).unwrap_or_default()
                )
            });
            rows.collect::<Vec<_>>().join("\n")
        }
        Err(error) => error.to_string(),
    }
}

#[track_caller]
fn check(text: &str, ending: &str, expected: &str) {
    assert_eq!(told(text.as_bytes(), ending), expected, "{text:?}");
}

/// What is said of a line, without the way on.
#[track_caller]
fn check_line(text: &str, ending: &str, expected: &str) {
    let told = told(text.as_bytes(), ending);
    let (line, hint) = told.split_once("\nhint: ").unwrap();
    assert_eq!(line, expected, "{text:?}");
    assert!(hint.contains("below each TRACK"), "{hint}");
}

const NO_CODES: &str = "it holds no code\nhint: fill in the codes; where formulas make them, open the list in a spreadsheet \
                        program and save it again";

#[test]
fn delimiters_are_told_by_what_they_cut() {
    let expected = "2 QZTST2600001 One\n3 QZTST2600002 Two, or; three";
    check(
        "Title,ISRC\nOne,QZTST2600001\n\"Two, or; three\",QZTST2600002\n",
        "csv",
        expected,
    );
    check(
        "Title;ISRC\r\nOne;QZTST2600001\r\n\"Two, or; three\";QZTST2600002\r\n",
        "csv",
        expected,
    );
    check(
        "Title\tISRC\nOne\tQZTST2600001\nTwo, or; three\tQZTST2600002",
        "tsv",
        expected,
    );
    check(
        "Title|ISRC\nOne|QZTST2600001\nTwo, or; three|QZTST2600002",
        "txt",
        expected,
    );
    check(
        "sep=;\r\nTitle;ISRC\r\nOne;QZTST2600001\r\n\"Two, or; three\";QZTST2600002\r\n",
        "csv",
        expected,
    );
}

#[test]
fn encodings_of_spreadsheets_are_read() {
    let text = "Título;ISRC\r\nÉté;QZTST2600001\r\n";
    let expected = "2 QZTST2600001 Été";
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(told(&[b"\xff\xfe", &utf16[..]].concat(), "csv"), expected);
    assert_eq!(told(&[b"\xef\xbb\xbf", text.as_bytes()].concat(), "csv"), expected);
    assert_eq!(told(b"T\xedtulo;ISRC\r\n\xc9t\xe9;QZTST2600001\r\n", "csv"), expected);
}

#[test]
fn rows_are_numbered_as_a_spreadsheet_shows_them() {
    check(
        "Our album\n\nISRC,Title,Notes\nQZTST2600001,One,\"two\nlines\"\n\n\nQZTST2600002,Two,\n,,\nQZTST2600003,Three,\n",
        "csv",
        "4 QZTST2600001 One\n7 QZTST2600002 Two\n9 QZTST2600003 Three",
    );
    check(
        "ISRC,Title\r\n\r\nQZTST2600001,One\r\n\r\n\r\nQZTST2600002,Two\r\n",
        "csv",
        "3 QZTST2600001 One\n6 QZTST2600002 Two",
    );
}

#[test]
fn a_quotation_mark_that_is_not_closed_is_noticed() {
    check(
        "Title,ISRC\n\"One,QZTST2600001\nTwo,QZTST2600002\n",
        "csv",
        "row 2: the cell in column A runs over several rows\nhint: close the quotation mark before it, or write the cell in one line",
    );
}

#[test]
fn lists_without_what_is_needed_are_refused() {
    check(
        "Title,Artist\nOne,X\n",
        "csv",
        "no column is headed as one of codes; the first row says \"Title\", \"Artist\"",
    );
    check(
        "ISRC,Artist\nQZTST2600001,X\n",
        "csv",
        "no column tells which file a code is for: there is no title, number or file name",
    );
    check("Title,ISRC\nOne,\n", "csv", NO_CODES);
    check(
        "",
        "csv",
        "no column is headed as one of codes; the first row says nothing",
    );
    check(
        "x",
        "ods",
        "it is no kind of list that is read\nhint: save the table as .csv or .xlsx; cue sheets (.cue), .toc and tables as text \
         (.txt) are read too",
    );
    assert!(told(b"x", "xlsx").starts_with("it is no workbook that can be read: it is no ZIP archive"));
    let encrypted = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0, 0];
    assert!(told(&encrypted, "xlsx").starts_with("it is an encrypted workbook"));
}

#[test]
fn documents_that_are_no_workbooks_are_told_apart() {
    for (part, words) in [
        ("word/document.xml", "it is a Word document"),
        ("content.xml", "it is a LibreOffice"),
        ("Index/Document.iwa", "it is a Numbers or Pages"),
        ("list.csv", "it is an archive of files"),
    ] {
        let mut bytes = Vec::new();
        let mut archive = zip::ZipWriter::new(Cursor::new(&mut bytes));
        let options: zip::write::FileOptions<()> = zip::write::FileOptions::default();
        archive.start_file(part, options).unwrap();
        archive.finish().unwrap();
        let told = told(&bytes, "xlsx");
        assert!(told.starts_with(words) && told.contains("\nhint: "), "{told}");
    }
    let absent = Source::open(std::path::Path::new("no such list.csv")).unwrap_err();
    assert_eq!(absent.to_string(), "there is no such file");
    let reading = Reading {
        columns: "isrc=ISRC,file=Nope".parse().unwrap(),
        ..reading()
    };
    let refused = parse(b"Title,ISRC\nOne,QZTST2600001\n", "csv", &reading).unwrap_err();
    assert!(refused.to_string().contains("headed \"Nope\""), "{refused}");
}

#[test]
fn lists_without_headings_are_read_by_the_letters_of_their_columns() {
    let reading = Reading {
        columns: "isrc=B,file=A".parse().unwrap(),
        this_year: 2026,
        ..Reading::default()
    };
    let list = parse(b"1.flac,QZTST2600001\n2.flac,QZTST2600002\n", "csv", &reading).unwrap();
    assert_eq!(list.rows.len(), 2);
    let list = parse(b"Sound,Number\n1.flac,QZTST2600001\n", "csv", &reading).unwrap();
    assert_eq!(list.rows.len(), 1);
}

#[test]
fn too_much_is_refused() {
    let mut text = String::from("Title,ISRC\n");
    for _ in 0..=ROW_LIMIT {
        text.push_str("x,\n");
    }
    check(&text, "csv", "it has more than 200000 rows\nhint: split it by release");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.csv");
    let file = fs_err::File::create(&path).unwrap();
    file.set_len(200 << 20).unwrap();
    let error = Source::open(&path).unwrap_err();
    assert!(
        matches!(error, ListError::TooLarge { len } if len == 200 << 20),
        "{error}"
    );
}

#[test]
fn json_lines_are_read_by_their_keys() {
    check(
        "{\"title\":\"One\",\"isrc\":[\"QZTST2600001\"],\"tags\":[\"a\",\"b\"]}\n\
         {\"title\":\"Two\",\"isrc\":[\"QZTST2600002\",\"QZTST2600003\"]}\n",
        "jsonl",
        "1 QZTST2600001 One\n2 unusable QZTST2600002 QZTST2600003 Two",
    );
    check(
        "{\"path\":\"a/1.flac\",\"isrc\":\"QZTST2600001\",\"track\":1}\n\n\
         {\"type\":\"file\",\"path\":\"a/2.flac\",\"isrc\":null}\n{\"type\":\"summary\",\"files\":2}\n",
        "jsonl",
        "1 QZTST2600001 a/1.flac\n3 none a/2.flac",
    );
    check(
        "{\"path\":\"a\",\"isrc\":\"QZTST2600001\"}\nnonsense\n",
        "jsonl",
        "line 2 is no JSON object\nhint: one object stands on each line; else save the list as .csv or .xlsx",
    );
    check(
        "[1]\n",
        "jsonl",
        "line 1 is no JSON object\nhint: one object stands on each line; else save the list as .csv or .xlsx",
    );
    check(
        &"[".repeat(100_000),
        "jsonl",
        "line 1 is no JSON object\nhint: one object stands on each line; else save the list as .csv or .xlsx",
    );
}

#[test]
fn a_key_that_stands_twice_in_a_line_of_json_has_one_value_or_is_asked_about() {
    let line = |more: &str| format!("{{\"title\":\"Rope\",\"isrc\":\"QZTST2600001\"{more}}}\n");
    check(&line(",\"title\":\"Rope\""), "jsonl", "1 QZTST2600001 Rope");
    for more in [
        ",\"isrc\":\"QZTST2600002\"",
        ",\"isrc\":null",
        ",\"isrc\":\"QZTST2600002\",\"isrc\":\"QZTST2600001\"",
    ] {
        check(
            &(line("") + &line(more)),
            "jsonl",
            "line 2: \"isrc\" stands there twice, with two values\nhint: leave the one that is meant",
        );
    }
    check(
        &line(",\"title\":\"Salt\""),
        "jsonl",
        "line 1: \"title\" stands there twice, with two values\nhint: leave the one that is meant",
    );
    let other_case = line(",\"ISRC\":\"QZTST2600002\"");
    assert!(told(other_case.as_bytes(), "jsonl").contains("hold different codes"));
}

#[cfg_attr(isrctag_portable, ignore = "needs numbers of files, locks, owners or links")]
#[cfg(unix)]
#[test]
fn json_lines_carry_any_path() {
    use std::os::unix::ffi::OsStrExt;
    let row = inventory_row("placeholder", "QZTST2600001");
    let path = PathBuf::from(std::ffi::OsStr::from_bytes(b"a/\xff\n.flac"));
    let mut cells = row.cells;
    cells[0] = Cell::Path(path.clone());
    let mut out = Vec::new();
    let row = SheetRow {
        cells,
        mark: RowMark::Fine,
    };
    table::write(&mut out, SheetFormat::Jsonl, &inventory_sheet(), &mut [row].into_iter()).unwrap();
    let list = parse(&out, "jsonl", &reading()).unwrap();
    assert_eq!(list.rows[0].file.as_deref(), Some(path.as_path()));
}

#[test]
fn cue_sheets_are_checked_line_by_line() {
    check_line("ISRC QZTST2600001\n", "cue", "line 1: ISRC stands outside a TRACK");
    check(
        "TRACK 01 AUDIO\nTITLE One\nISRC QZTST2600001\nISRC QZTST2600001\n",
        "cue",
        "3 QZTST2600001 One",
    );
    check_line(
        "FILE \"a.wav\" WAVE\nTRACK x AUDIO\n",
        "cue",
        "line 2: TRACK has no number",
    );
    check_line(
        "FILE \"a.wav\" WAVE\nTRACK 01 AUDIO\nISRC QZTST2600001\nISRC QZTST2600002\n",
        "cue",
        "line 4: a second, different ISRC for one TRACK",
    );
    check_line("FILE\n", "cue", "line 1: FILE names no file");
    check("FILE \"a.wav\" WAVE\nTRACK 01 AUDIO\n", "cue", NO_CODES);
    check(
        "FILE a b.wav WAVE\nTRACK 01 AUDIO\nISRC QZTST2600001",
        "cue",
        "3 QZTST2600001 a b.wav",
    );
}

#[test]
fn the_lines_of_a_toc_say_nothing() {
    let says = |text: &str, expected: &str| check(text, "toc", expected);
    let one_line = "CD_TEXT { LANGUAGE 0 { TITLE \"Small Hours\" PERFORMER \"Ana\" } }\n\
                    TRACK AUDIO ISRC \"QZTST2600001\" CD_TEXT { LANGUAGE 0 { TITLE \"Rope \\\"A\\\" {1} // TITLE\" } }\n\
                    FILE \"a.wav\" 0 // TITLE \"Other\"\n";
    says(one_line, "2 QZTST2600001 a.wav");
    let list = parse(one_line.as_bytes(), "toc", &reading()).unwrap();
    let said = &list.rows[0].description;
    assert_eq!(said.title.as_deref(), Some("Rope \"A\" {1} // TITLE"));
    assert_eq!(said.artist.as_deref(), Some("Ana"));
    assert_eq!(said.album.as_deref(), Some("Small Hours"));
    says(
        "TRACK AUDIO\nTITLE\n\"Rope\"\nISRC QZTST2600001\nFILE \"a.wav\" 0",
        "4 QZTST2600001 a.wav",
    );
    // The first language counts, and a quotation mark that is not closed ends with its line.
    let two = "TRACK AUDIO\nCD_TEXT { LANGUAGE 0 { TITLE \"Rope\" } LANGUAGE 1 { TITLE \"Seil\" } }\n\
               PERFORMER \"Ana\nISRC \"QZTST2600001\"\n";
    says(two, "4 QZTST2600001 Rope");
    check_line("ISRC \"QZTST2600001\"", "toc", "line 1: ISRC stands outside a TRACK");
}

fn inventory_sheet() -> SheetHead {
    SheetHead {
        name: "Files",
        columns: crate::report::inventory::Fields::of_files().columns(),
        about: vec![("program", Cell::Text("isrctag 0.1.0".to_owned()))],
    }
}

fn inventory_row(path: &str, isrc: &str) -> SheetRow {
    SheetRow {
        cells: vec![
            Cell::Path(PathBuf::from(path)),
            Cell::Number(1),
            Cell::Number(7),
            Cell::Text("=HYPERLINK(\"x\")\nTitle".to_owned()),
            Cell::Text("-Artist".to_owned()),
            Cell::Empty,
            Cell::Text("3:04".to_owned()),
            Cell::text((!isrc.is_empty()).then_some(isrc)),
            Cell::Text("flac".to_owned()),
            Cell::Text("missing".to_owned()),
            Cell::Empty,
        ],
        mark: RowMark::Problem,
    }
}

#[test]
fn what_is_written_is_read_back() {
    let paths = [
        "a/1.flac",
        "=cmd|x.flac",
        "'=x.flac",
        "@x.flac",
        " spaces .flac",
        "quo\"te.flac",
        "two\nlines.flac",
        "tab\t.flac",
        "semi;colon,comma.flac",
        "Été.flac",
        "_x000D_.flac",
        "bell\u{7}.flac",
    ];
    for (format, ending) in [
        (SheetFormat::Csv, "csv"),
        (SheetFormat::Xlsx, "xlsx"),
        (SheetFormat::Jsonl, "jsonl"),
    ] {
        let rows = paths.iter().zip(["QZTST2600001", ""].iter().cycle());
        let mut out = Vec::new();
        let mut sheet = rows.clone().map(|(path, isrc)| inventory_row(path, isrc));
        table::write(&mut out, format, &inventory_sheet(), &mut sheet).unwrap();
        let list = parse(&out, ending, &reading()).unwrap();
        assert_eq!(list.rows.len(), paths.len(), "{ending}");
        for (row, (path, isrc)) in list.rows.iter().zip(rows) {
            assert_eq!(row.file.as_deref(), Some(Path::new(path)), "{ending}");
            assert_eq!(row.code.isrc(), Isrc::from_stored(isrc), "{ending} {path:?}");
            assert_eq!(
                (row.description.disc, row.description.track),
                (Some(1), Some(7)),
                "{ending} {path:?}"
            );
            assert_eq!(row.description.artist.as_deref(), Some("-Artist"), "{ending} {path:?}");
            assert_eq!(row.duration, super::table::duration::parse("3:04"), "{ending} {path:?}");
        }
    }
}

#[test]
fn workbooks_are_read_as_people_make_them() {
    use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
    let mut workbook = Workbook::new();
    workbook.add_worksheet().write_string(0, 0, "Notes only").unwrap();
    let sheet = workbook.add_worksheet();
    sheet.write_string(1, 1, "Label Ltd").unwrap();
    for (column, heading) in ["Track No", "Title", "Duration", "ISRC Code"].into_iter().enumerate() {
        sheet.write_string(3, column as u16 + 1, heading).unwrap();
    }
    let time = Format::new().set_num_format("h:mm");
    sheet.write_number(5, 1, 3.0).unwrap();
    sheet.write_number(5, 2, 1999.0).unwrap();
    let three_hours = ExcelDateTime::from_hms(3, 4, 0).unwrap();
    sheet.write_datetime_with_format(5, 3, &three_hours, &time).unwrap();
    sheet.write_string(5, 4, " qz-tst-26-00001").unwrap();
    // A lonely cell at the far end must not lay out a million rows.
    sheet.write_string(1_048_575, 16_383, "x").unwrap();
    let bytes = workbook.save_to_buffer().unwrap();
    let list = parse(&bytes, "xlsx", &reading()).unwrap();
    let row = &list.rows[0];
    assert_eq!(list.rows.len(), 1);
    assert_eq!(
        (row.number, row.description.track, row.description.title.as_deref()),
        (6, Some(3), Some("1999"))
    );
    assert_eq!(row.code.isrc(), Isrc::from_stored("QZTST2600001"));
    assert_eq!(row.duration, super::table::duration::parse("3:04:00"));
}

#[test]
fn broken_workbooks_are_refused() {
    let mut out = Vec::new();
    let mut rows = (0..200).map(|_| inventory_row("a/1.flac", "QZTST2600001"));
    table::write(&mut out, SheetFormat::Xlsx, &inventory_sheet(), &mut rows).unwrap();
    for len in (4..out.len()).step_by(97) {
        assert!(
            matches!(
                parse(&out[..len], "xlsx", &reading()),
                Err(ListError::BrokenWorkbook(_))
            ),
            "{len}"
        );
    }
    // Whatever is overwritten, it ends with rows or a refusal.
    for at in (30..out.len()).step_by(53) {
        let mut broken = out.clone();
        broken[at] ^= 0x5a;
        if let Ok(list) = parse(&broken, "xlsx", &reading()) {
            assert!(list.rows.len() <= 200, "{at}");
        }
    }
}

#[test]
fn a_workbook_that_explodes_is_refused() {
    use std::io::Write as _;
    let mut bytes = Vec::new();
    let mut archive = zip::ZipWriter::new(Cursor::new(&mut bytes));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    archive.start_file("xl/workbook.xml", options).unwrap();
    let zeros = vec![b' '; 1 << 20];
    for _ in 0..65 {
        archive.write_all(&zeros).unwrap();
    }
    archive.finish().unwrap();
    assert!(bytes.len() < 1 << 20);
    assert!(matches!(parse(&bytes, "xlsx", &reading()), Err(ListError::Bomb)));
}

/// A workbook of one sheet with this table of shared texts; its first row is `ISRC, Title`, its second a code and the
/// first of the texts.
fn workbook_of(shared: &str, of_sheet: &str) -> Vec<u8> {
    workbook_with(
        shared,
        &format!("<sheet name=\"A\" sheetId=\"1\" {of_sheet} r:id=\"b\"/>"),
    )
}

/// The same with these entries of sheets.
fn workbook_with(shared: &str, sheets: &str) -> Vec<u8> {
    use std::io::Write as _;
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let inline = |text: &str| format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let parts = [
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{package}\"><Relationship Id=\"a\" Type=\"{relations}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!("<workbook xmlns=\"{main}\" xmlns:r=\"{relations}\"><sheets>{sheets}</sheets></workbook>"),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{package}\"><Relationship Id=\"b\" Type=\"{relations}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
        ),
        ("xl/sharedStrings.xml", shared.to_owned()),
        (
            "xl/worksheets/sheet1.xml",
            format!(
                "<worksheet xmlns=\"{main}\"><sheetData><row>{}{}</row><row>{}<c t=\"s\"><v>0</v></c></row></sheetData></worksheet>",
                inline("ISRC"),
                inline("Title"),
                inline("USRC17607839")
            ),
        ),
    ];
    let mut bytes = Vec::new();
    let mut archive = zip::ZipWriter::new(Cursor::new(&mut bytes));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for (name, content) in parts {
        archive.start_file(name, options).unwrap();
        archive.write_all(content.as_bytes()).unwrap();
    }
    archive.finish().unwrap();
    bytes
}

#[test]
fn a_workbook_of_one_part_for_many_sheets_is_refused_at_once() {
    let begun = std::time::Instant::now();
    let sheets: String = (0..100_000)
        .map(|number| format!("<sheet name=\"{number}\" sheetId=\"{number}\" r:id=\"b\"/>"))
        .collect();
    let shared = "<sst uniqueCount=\"1\"><si><t>A Song</t></si></sst>";
    let refused = parse(&workbook_with(shared, &sheets), "xlsx", &reading());
    assert!(matches!(refused, Err(ListError::BrokenWorkbook(why)) if why.contains("one part")));
    assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());
}

#[test]
fn a_workbook_that_says_it_holds_more_than_it_does_is_refused() {
    let read = |declared: &str| {
        let shared = format!("<sst {declared}><si><t>A Song</t></si></sst>");
        parse(&workbook_of(&shared, ""), "xlsx", &reading())
    };
    let list = read("uniqueCount=\"1\"").unwrap();
    assert_eq!(list.rows[0].description.title.as_deref(), Some("A Song"));
    for declared in [
        "uniqueCount=\"9000000000000000000\"",
        "uniqueCount=\"99999999999999999999999999\"",
        "uniqueCount=\"4000000000\"",
        "uniqueCount = '1000000'",
        &format!("uniqueCount{}=\"1000000000000\"", " ".repeat(100)),
    ] {
        assert!(matches!(read(declared), Err(ListError::Bomb)), "{declared}");
    }
    // However the reads fall, the number is seen whole.
    for before in 0..200 {
        let declared = format!("{}uniqueCount=\"9000000000000000000\"", " ".repeat(before * 97));
        assert!(matches!(read(&declared), Err(ListError::Bomb)), "{before}");
    }
    let empty = format!("<sst>{}</sst>", "<si/>".repeat(4_100_000));
    assert!(matches!(
        parse(&workbook_of(&empty, ""), "xlsx", &reading()),
        Err(ListError::Bomb)
    ));
}

#[test]
fn a_cell_longer_than_a_spreadsheet_takes_is_refused() {
    for (len, refused) in [(32_767, false), (32_768, true), (50_000_000, true)] {
        let text = "é".repeat(len.min(33_000)) + &"a".repeat(len.saturating_sub(33_000));
        let workbook = workbook_of(&format!("<sst><si><r><t>{text}</t></r></si></sst>"), "");
        let tables = [
            (workbook, "xlsx"),
            (format!("ISRC;Title\nUSRC17607839;{text}\n").into_bytes(), "csv"),
        ];
        for (table, ending) in tables {
            let read = parse(&table, ending, &reading());
            assert_eq!(
                matches!(read, Err(ListError::CellTooLong { row: 2 })),
                refused,
                "{len} {ending}"
            );
            assert_eq!(read.is_ok(), !refused, "{len} {ending}");
        }
    }
}

#[test]
fn a_workbook_whose_sheets_are_all_hidden_is_told_so() {
    for state in ["hidden", "veryHidden"] {
        let shared = "<sst><si><t>A Song</t></si></sst>";
        let bytes = workbook_of(shared, &format!("state=\"{state}\""));
        let error = parse(&bytes, "xlsx", &reading()).unwrap_err();
        assert!(matches!(error, ListError::AllHidden), "{error}");
    }
}

#[test]
fn headings_may_stand_again_on_every_page() {
    check(
        "Title,ISRC\nOne,QZTST2600001\nTitle, ISRC\nTwo,QZTST2600002\n",
        "csv",
        "2 QZTST2600001 One\n4 QZTST2600002 Two",
    );
}

#[test]
fn a_code_of_nothing_is_none() {
    for text in ["", " ", "0", "TBC", "N/A", "-"] {
        assert_eq!(Code::judge(text, 2026), Code::None, "{text:?}");
    }
    assert!(matches!(Code::judge("00", 2026), Code::Unusable { .. }));
}
