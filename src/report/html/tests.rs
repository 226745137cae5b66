use std::borrow::Cow;
use std::path::PathBuf;

use super::*;
use crate::isrc::decode::Repair;
use crate::judge::{Finding, Kind, Listed};
use crate::report::advice::Roots;

fn page(tell: impl FnOnce(&mut HtmlReport<&mut Vec<u8>>), summary: Summary) -> String {
    let mut out = Vec::new();
    let mut report = HtmlReport::new(
        &mut out,
        HtmlOptions {
            only_new: false,
            asked: Asked {
                roots: Roots {
                    named: vec![PathBuf::from("Music")],
                    ..Roots::default()
                },
                listed: Listed::all(),
                audio: false,
                table: "codes.csv",
            },
            titles: vec!["Music".to_owned()],
            this_year: 2026,
            made: "2026-11-22".to_owned(),
        },
    );
    tell(&mut report);
    report.finish(&summary).unwrap();
    String::from_utf8(out).unwrap()
}

fn found(kind: Kind, title: &str) -> Inspected {
    let mut file = Inspected::default();
    file.description.title = Some(title.to_owned());
    file.judged.findings.push(Finding {
        kind,
        place: None,
        reason: Cow::Borrowed("reason"),
        explanation: Cow::Borrowed("explanation"),
        repair: None,
        suggestions: Vec::new(),
        second_opinion: None,
        new: false,
    });
    file
}

#[test]
fn hostile_titles_and_names_are_escaped() {
    let hostile = "</b><script>alert(1)</script><!--parts-->\u{202e}\u{1b}";
    let page = page(
        |report| {
            let path = Path::new("a\"><img src=x onerror=alert(1)>/1.mp3");
            report.file(path, &found(Kind::Missing, hostile)).unwrap();
        },
        Summary::default(),
    );
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;&lt;!--parts--&gt;\\u{202e}\\u{1b}"));
    assert!(!page.contains("<img"));
    assert_eq!(page.matches("<script").count(), 1, "only the page's own script");
}

#[test]
fn the_policy_allows_the_pages_own_style_and_script_only() {
    let page = page(|_| {}, Summary::default());
    assert!(page.contains("default-src 'none'; script-src 'sha256-"));
    assert!(!page.contains("unsafe-inline"));
    assert!(!page.contains("style=\""), "the policy forbids styles in attributes");
    assert!(
        !page.contains("http://") && !page.contains("https://"),
        "nothing is loaded"
    );
}

#[test]
fn findings_stand_under_what_is_to_be_done() {
    let page = page(
        |report| {
            let mut file = found(Kind::Malformed, "Low Water");
            file.judged.findings[0].repair = Some(Repair::Safe);
            report.file(Path::new("A/1.flac"), &file).unwrap();
            report
                .file(Path::new("A/2.flac"), &found(Kind::Missing, "Salt Line"))
                .unwrap();
        },
        Summary::default(),
    );
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text}"));
    assert!(at("id=\"malformed-safe\"") < at("Low Water") && at("Low Water") < at("id=\"missing\""));
    assert!(at("id=\"missing\"") < at("Salt Line"));
    assert!(page.contains("isrctag fix Music"));
}

#[test]
fn folders_count_files_that_are_fine_too() {
    let isrc = Isrc::from_stored("QZES51600001");
    let page = page(
        |report| {
            report.passed(Path::new("A/1.flac"), isrc);
            report.passed(Path::new("A/2.flac"), isrc);
            report.file(Path::new("A/3.flac"), &found(Kind::Missing, "x")).unwrap();
            report.passed(Path::new("B/1.flac"), isrc);
        },
        Summary::default(),
    );
    assert!(page.contains("</svg>2 of 3</td>"));
    assert!(page.contains("</svg>1 of 1</td>"));
    assert!(page.contains("1 of 2 folders complete"));
}

#[test]
fn shared_codes_show_every_file_with_its_length() {
    let page = page(
        |report| {
            let shared = crate::report::tests::shared("QZES51600001", &[("A/Short.flac", 184), ("A/Long.flac", 612)]);
            report.shared(&shared).unwrap();
        },
        Summary::default(),
    );
    for text in [
        "durations 3:04 and 10:12",
        "<dd>3:04</dd>",
        "<dd>10:12</dd>",
        "Short",
        "Long",
    ] {
        assert!(page.contains(text), "{text}");
    }
}

#[test]
fn findings_past_the_limit_are_counted_not_listed() {
    let mut content = PageContent::default();
    assert!(content.has_room(LISTED));
    assert!(!content.has_room(1));
    assert_eq!(content.left_out, 1);
}
