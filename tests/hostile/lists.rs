//! Lists that are made to exhaust memory, or a terminal.

use std::io::{Cursor, Write as _};

use super::common::Sandbox;
use super::guarded;

/// A workbook with one sheet of shared texts, which a short file can make long.
fn workbook(shared: &str) -> Vec<u8> {
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let relation = |id: &str, kind: &str, target: &str| {
        format!(
            "<Relationships xmlns=\"{package}\"><Relationship Id=\"{id}\" Type=\"{relations}/{kind}\" \
             Target=\"{target}\"/></Relationships>"
        )
    };
    let text = |text: &str| format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let rows = format!(
        "<row>{}{}</row><row>{}<c t=\"s\"><v>0</v></c></row>",
        text("ISRC"),
        text("Title"),
        text("USRC17607839")
    );
    let parts = [
        ("_rels/.rels", relation("a", "officeDocument", "xl/workbook.xml")),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns:r=\"{relations}\"><sheets><sheet name=\"A\" sheetId=\"1\" r:id=\"b\"/></sheets>\
                 </workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            relation("b", "worksheet", "worksheets/sheet1.xml"),
        ),
        ("xl/sharedStrings.xml", shared.to_owned()),
        (
            "xl/worksheets/sheet1.xml",
            format!("<worksheet><sheetData>{rows}</sheetData></worksheet>"),
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
fn a_small_workbook_takes_little_memory_and_prints_little() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-untagged.flac", "a.flac");
    let long = "a".repeat(50_000_000);
    let cases = [
        "<sst uniqueCount=\"1152921504606846976\"><si><t>A</t></si></sst>".to_owned(),
        "<sst uniqueCount=\"4000000000\"><si><t>A</t></si></sst>".to_owned(),
        format!("<sst><si><t>{long}</t></si></sst>"),
        format!("<sst>{}</sst>", "<si/>".repeat(13_000_000)),
        format!("<sst><si><t>{}</t></si></sst>", "a".repeat(32_767)),
    ];
    for shared in cases {
        let workbook = workbook(&shared);
        assert!(workbook.len() < 1 << 20, "{}", workbook.len());
        sandbox.file("list.xlsx", &workbook);
        for command in ["apply", "ledger"] {
            let arguments = match command {
                "ledger" => vec!["ledger", "import", "list.xlsx"],
                _ => vec!["apply", "list.xlsx", "a.flac"],
            };
            let run = guarded(&sandbox, &arguments);
            assert!([0, 2].contains(&run.code), "{}", run.stderr);
            assert!(run.stderr.len() + run.stdout.len() < 1000, "{}", run.stderr);
        }
    }
}

/// Looking for each name among all that came before would take an hour.
#[test]
fn a_table_of_contents_may_name_any_number_of_files() {
    let sandbox = Sandbox::new();
    sandbox.take("seeds/flac-untagged.flac", "a.flac");
    let files: String = (0..500_000)
        .map(|number| format!("TRACK AUDIO\nFILE \"{number}\" 0\n"))
        .collect();
    let before = std::fs::read(sandbox.path("a.flac")).unwrap();
    sandbox.file("list.toc", format!("CD_DA\n{files}ISRC \"QZTSE2600001\"\n").as_bytes());
    let run = guarded(&sandbox, &["apply", "list.toc", "."]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(std::fs::read(sandbox.path("a.flac")).unwrap() == before);
}
