//! What an earlier scan told already, whatever it was: with `--new` it is silence.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::common::{Run, Sandbox, copy_tree, testdata};
use super::{indexed_library, let_time_pass, report, scan, sealed, without_news};

const ALBUM: &str = "archive/Lantern Street/Tidewater (2024)";

/// A scan again in which only what is new is told.
fn new(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    let_time_pass(sandbox);
    sandbox.run(&[&["scan", "--index", "index.jsonl", "--new"], arguments, &["archive"]].concat())
}

#[track_caller]
fn check_silence(run: Run) {
    let run = run.expect(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
}

/// A folder in `archive/B` whose path is longer than the system opens, so that nobody can list it.
fn make_unlistable(sandbox: &Sandbox) {
    let long = |number: usize, levels: usize| vec![format!("{number}{}", "x".repeat(240)); levels].join("/");
    let (above, below) = (format!("archive/B/{}", long(2, 14)), format!("aside/{}", long(3, 6)));
    fs::create_dir_all(sandbox.path(&above)).unwrap();
    fs::create_dir_all(sandbox.path(&below)).unwrap();
    // By parts, since no call takes the whole path.
    let moved = Command::new("sh")
        .args(["-c", "cd \"$0\" && mv \"$OLDPWD/aside\" .", &above])
        .current_dir(sandbox.music())
        .status();
    assert!(moved.unwrap().success());
}

#[test]
fn a_folder_that_cannot_be_listed_stands_in_its_place_and_is_told_once() {
    let sandbox = Sandbox::new();
    indexed_library(&sandbox);
    for name in [
        "archive/B/1.mp3",
        "archive/B/9/1.mp3",
        "archive/B/1/1.mp3",
        "archive/C/1.mp3",
    ] {
        sandbox.take("seeds/mp3-hyphens-padded.mp3", name);
    }
    make_unlistable(&sandbox);
    let told = new(&sandbox, &["--format", "jsonl"]).expect(3);
    assert!(told.stdout.contains("xxx\",\"format\":null"), "{}", told.stdout);
    check_silence(new(&sandbox, &["-o", "page.html"]));
    check_silence(new(&sandbox, &[]));
    let (full, status) = scan(&sandbox, &["--all"]);
    let (indexed, _) = scan(&sandbox, &["--all", "--index", "index.jsonl"]);
    assert!(without_news(&indexed) == without_news(&full));
    // In parts, it comes where it comes in one scan.
    let parts: Vec<String> = (1..=3).map(|number| format!("{number}.jsonl")).collect();
    for (number, name) in (1..).zip(&parts) {
        scan(&sandbox, &["--part", &format!("{number}/3"), "--index", name]);
    }
    let (joined, told, joined_status) = report(&sandbox, &parts);
    assert_eq!((joined_status, told.as_str()), (status, ""));
    assert!(joined == without_news(&scan(&sandbox, &[]).0));
}

#[test]
fn what_is_below_a_folder_that_cannot_be_listed_is_not_called_gone() {
    let sandbox = Sandbox::new();
    indexed_library(&sandbox);
    sandbox.take("seeds/mp3-hyphens-padded.mp3", "archive/B/in it/1.mp3");
    sandbox.take("seeds/mp3-hyphens-padded.mp3", "archive/C/1.mp3");
    // Links that are followed lead back from where the folder was.
    let again = |arguments: &[&str]| new(&sandbox, &[&["--follow"], arguments].concat());
    again(&[]);
    fs::rename(sandbox.path("archive/B/in it"), sandbox.path("in it")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("..", sandbox.path("archive/B/in it")).unwrap();
    let told = again(&[]).expect(3);
    assert!(
        told.stdout.contains("in it") && !told.stdout.contains("gone"),
        "{}",
        told.stdout
    );
    fs::remove_file(sandbox.path("archive/B/in it")).unwrap();
    fs::remove_dir_all(sandbox.path("archive/C")).unwrap();
    let told = again(&[]).expect(0);
    assert!(
        told.stdout.contains("1 file is gone: archive/C/1.mp3\n"),
        "{}",
        told.stdout
    );
}

#[test]
fn folders_behind_links_are_walked_like_others() {
    let sandbox = Sandbox::new();
    copy_tree(&testdata().join("library/Lantern Street"), &sandbox.path("elsewhere"));
    for name in ["archive/1.mp3", "archive/z.mp3", "archive/A/1.mp3"] {
        sandbox.take("seeds/mp3-hyphens-padded.mp3", name);
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink("../elsewhere", sandbox.path("archive/link")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("nowhere", sandbox.path("archive/broken.mp3")).unwrap();
    let again = |arguments: &[&str]| new(&sandbox, &[&["--follow"], arguments].concat());
    again(&["-q"]).expect(3);
    check_silence(again(&[]));
    let (full, _) = scan(&sandbox, &["--all", "--follow"]);
    let (indexed, _) = scan(&sandbox, &["--all", "--follow", "--index", "index.jsonl"]);
    assert!(without_news(&indexed) == without_news(&full));
    let paths: Vec<Value> = without_news(&full)
        .into_iter()
        .map(|line| line["path"].clone())
        .collect();
    let at = |path: &str| paths.iter().position(|other| other == path).unwrap();
    assert!(at("archive/z.mp3") < at("archive/A/1.mp3"), "{paths:?}");
    assert!(
        at("archive/z.mp3") < at("archive/link/Tidewater (2024)/09 Estuary.flac"),
        "{paths:?}"
    );
}

#[test]
fn recordings_with_several_codes_are_told_once() {
    let sandbox = Sandbox::new();
    for (album, ending) in [("", "flac"), (" [MP3]", "mp3")] {
        let song = format!("Lantern Street/Tidewater (2024){album}/01 Low Water.{ending}");
        sandbox.take(&format!("library/{song}"), &format!("archive/{song}"));
    }
    let mp3 = "archive/Lantern Street/Tidewater (2024) [MP3]/01 Low Water.mp3";
    sandbox.run(&["set", "QZTST2499999", mp3, "--replace"]).expect(0);
    let heard = |arguments: &[&str]| new(&sandbox, &[&["--audio"], arguments].concat());
    let first = heard(&["--format", "jsonl"]);
    assert!(!first.objects("split").is_empty());
    check_silence(heard(&[]));
    // A further file of one of the recordings, and the old ones are told with it.
    let paths: Vec<String> = first.objects("split")[0]["paths"]
        .as_array()
        .unwrap()
        .iter()
        .map(|path| path.as_str().unwrap().to_owned())
        .collect();
    let extension = Path::new(&paths[0]).extension().unwrap().to_str().unwrap();
    let copy = format!("archive/Arrivals/once more.{extension}");
    sandbox.file(&copy, &fs::read(sandbox.path(&paths[0])).unwrap());
    let told = heard(&["--format", "jsonl"]).expect(1);
    let splits = told.objects("split");
    assert_eq!(splits.len(), 1, "{splits:?}");
    assert_eq!(splits[0]["new"], true);
    assert_eq!(splits[0]["paths"].as_array().unwrap().len(), paths.len() + 1);
    check_silence(heard(&[]));
}

#[test]
fn a_new_group_alone_is_told_under_its_date() {
    let sandbox = Sandbox::new();
    indexed_library(&sandbox);
    let file = format!("{ALBUM}/09 Estuary.flac");
    sandbox.file(
        "archive/Arrivals/Another Song.flac",
        &fs::read(sandbox.path(&file)).unwrap(),
    );
    let told = new(&sandbox, &[]);
    assert!(told.stdout.starts_with("New since the scan of 20"), "{}", told.stdout);
    assert!(told.stdout.contains("QZTST2400009"), "{}", told.stdout);
    check_silence(new(&sandbox, &[]));
}

#[test]
fn files_that_cannot_be_read_are_told_once() {
    let sandbox = Sandbox::new();
    indexed_library(&sandbox);
    sandbox.file("archive/B/empty.mp3", b"");
    sandbox.file("archive/B/text.flac", b"no music");
    let cut = fs::read(sandbox.path(&format!("{ALBUM}/09 Estuary.flac"))).unwrap();
    sandbox.file("archive/B/cut.flac", &cut[..60]);
    let made = Command::new("mkfifo").arg(sandbox.path("archive/B/pipe.mp3")).status();
    assert!(made.unwrap().success());
    let told = new(&sandbox, &["-q"]).expect(3);
    for name in ["empty.mp3", "text.flac", "cut.flac", "pipe.mp3"] {
        assert!(told.stderr.contains(name), "{}", told.stderr);
    }
    check_silence(new(&sandbox, &["-q"]));
    check_silence(new(&sandbox, &[]));
    let all = sandbox
        .run(&["scan", "-q", "--index", "index.jsonl", "archive"])
        .expect(3);
    let full = sandbox.run(&["scan", "-q", "archive"]).expect(3);
    assert_eq!((all.stdout.as_str(), &all.stderr), ("", &full.stderr));
    assert!(full.stderr.contains("cut.flac"), "{}", full.stderr);
}

#[test]
fn the_page_of_what_is_new_counts_what_is_known() {
    let sandbox = Sandbox::new();
    indexed_library(&sandbox);
    sandbox.take("seeds/flac-untagged.flac", &format!("{ALBUM}/99 new song.flac"));
    let_time_pass(&sandbox);
    let kept = fs::read(sandbox.path("index.jsonl")).unwrap();
    new(&sandbox, &["-q", "-o", "new.html"]).expect(1);
    fs::write(sandbox.path("index.jsonl"), kept).unwrap();
    sandbox
        .run(&["scan", "-q", "-o", "all.html", "--index", "index.jsonl", "archive"])
        .expect(3);
    // How complete each folder is does not depend on what is listed.
    let bars = |page: &str| -> Vec<String> {
        let page = fs::read_to_string(sandbox.path(page)).unwrap();
        let folders = page.split("<h2").find(|part| part.contains("id=\"folders\"")).unwrap();
        let rows = folders
            .split("<tbody class=rows>")
            .nth(1)
            .unwrap()
            .split("</table>")
            .next()
            .unwrap();
        rows.split("<tr")
            .map(|row| row.split("<td").skip(1).take(3).collect::<String>())
            .collect()
    };
    assert!(!bars("new.html").is_empty());
    assert_eq!(bars("new.html"), bars("all.html"));
}

#[test]
fn another_version_year_or_clock_reads_all_again_and_tells_nothing_twice() {
    for (key, value, says) in [
        (
            concat!("\"version\":\"", env!("CARGO_PKG_VERSION")),
            "\"version\":\"0.0.1",
            "made by isrctag 0.0.1",
        ),
        ("\"year\":20", "\"year\":19", "it was made in 19"),
        ("\"began_ns\":1", "\"began_ns\":2", "still to come by the clock of now"),
    ] {
        let sandbox = Sandbox::new();
        let full = indexed_library(&sandbox);
        let index = fs::read_to_string(sandbox.path("index.jsonl")).unwrap();
        // A line that only an index which is believed would tell.
        let other = index.replace("\"artist\":\"Iva Renn\"", "\"artist\":\"Ida Wren\"");
        assert!(other != index && other.contains(key));
        fs::write(sandbox.path("index.jsonl"), sealed(&other.replace(key, value))).unwrap();
        let quiet = new(&sandbox, &[]).expect(0);
        assert_eq!(quiet.stdout, "", "{key}");
        assert!(
            quiet.stderr.contains(says) && quiet.stderr.contains("every file is read again"),
            "{}",
            quiet.stderr
        );
        assert!(
            !fs::read_to_string(sandbox.path("index.jsonl"))
                .unwrap()
                .contains("Ida Wren"),
            "{key}"
        );
        let (lines, _) = scan(&sandbox, &["--index", "index.jsonl"]);
        assert!(without_news(&lines) == without_news(&full), "{key}");
    }
}

#[test]
fn what_another_scan_leaves_out_is_not_called_gone() {
    let sandbox = Sandbox::new();
    indexed_library(&sandbox);
    let gone = |run: &Run| run.objects("summary")[0]["gone"].clone();
    let left_out = new(&sandbox, &["--exclude", "Maren Holt", "--format", "jsonl"]).expect(0);
    assert_eq!(gone(&left_out), 0);
    assert_eq!(
        left_out.stderr,
        "index.jsonl: it is of a scan without --hidden, --follow and --exclude: files that are gone are not told\n"
    );
    // The same again is known, whatever the order.
    check_silence(new(&sandbox, &["--exclude", "Maren Holt"]));
    let more = new(&sandbox, &["--exclude", "*.wv", "--exclude", "Maren Holt", "--hidden"]);
    assert!(
        more.stderr
            .contains("of a scan with --exclude Maren Holt: files that are gone"),
        "{}",
        more.stderr
    );
    check_silence(new(
        &sandbox,
        &["--exclude", "Maren Holt", "--hidden", "--exclude", "*.wv"],
    ));
    // Parts that leave out different files are told.
    for (number, exclude) in [("1/2", "*.wv"), ("2/2", "*.opus")] {
        let name = format!("{}.jsonl", &number[..1]);
        scan(&sandbox, &["--part", number, "--index", &name, "--exclude", exclude]);
    }
    let (_, told, _) = report(&sandbox, &["1.jsonl".to_owned(), "2.jsonl".to_owned()]);
    assert_eq!(
        told,
        "1.jsonl was made with --exclude *.wv, and 2.jsonl with --exclude *.opus\n"
    );
}

#[test]
fn an_index_of_a_long_list_is_believed_and_joined() {
    let sandbox = Sandbox::new();
    copy_tree(&testdata().join("library/Lantern Street"), &sandbox.path("archive"));
    let long = "a folder with a long name/".repeat(8);
    let mut paths: Vec<String> = (0..3000).map(|number| format!("archive/{long}{number}")).collect();
    for (number, path) in paths.iter_mut().enumerate().filter(|(number, _)| number % 300 == 7) {
        *path += ".flac";
        sandbox.take(
            &format!("library/Lantern Street/Tidewater (2024)/0{} {}.flac", 9, "Estuary"),
            path,
        );
        if number > 1500 {
            // Not in the order of names.
            *path = path.replace("archive/", "archive/./");
        }
    }
    paths.reverse();
    sandbox.file("list", paths.join("\n").as_bytes());
    let scan = |arguments: &[&str]| {
        let_time_pass(&sandbox);
        let scan = ["scan", "--all", "--format", "jsonl", "--files-from", "list"];
        sandbox.run(&[&scan[..], arguments].concat())
    };
    let full = scan(&[]);
    assert!(full.stdout.len() > 64 * 1024 && full.objects("file").len() == 3000);
    scan(&["--index", "index.jsonl"]);
    let again = scan(&["--index", "index.jsonl", "--new"]).expect(0);
    assert_eq!((again.objects("file").len(), again.stderr.as_str()), (0, ""));
    for number in ["1", "2", "3"] {
        scan(&["--index", &format!("{number}.jsonl"), "--part", &format!("{number}/3")]);
    }
    let parts = sandbox.run(&["report", "--all", "--format", "jsonl", "3.jsonl", "1.jsonl", "2.jsonl"]);
    assert_eq!((parts.stderr.as_str(), parts.code), ("", full.code));
    assert!(parts.json() == full.json());
    // Another list is another archive, and is not printed whole.
    paths.pop();
    sandbox.file("list", paths.join("\n").as_bytes());
    let other = scan(&["--index", "index.jsonl"]).expect(2);
    assert!(
        other.stderr.contains("(3000 paths)") && other.stderr.contains("(2999 paths)"),
        "{}",
        other.stderr
    );
    assert!(other.stderr.len() < 2000, "{}", other.stderr);
}

#[test]
fn a_report_that_is_there_twice_counts_once() {
    let sandbox = Sandbox::new();
    copy_tree(&testdata().join("library"), &sandbox.path("archive"));
    let (lines, status) = scan(&sandbox, &[]);
    let text = lines.join("\n") + "\n";
    sandbox.file("a.jsonl", text.as_bytes());
    sandbox.file("copy.jsonl", text.as_bytes());
    // In the words of the scan itself, whatever of them the lines have no room for.
    let scanned = sandbox.run(&["scan", "archive"]);
    let told = sandbox.run(&["report", "a.jsonl"]).stdout;
    assert_eq!(told.replace(" PATH", " archive"), scanned.stdout);
    let (once, _, _) = report(&sandbox, &["a.jsonl".to_owned()]);
    for again in ["a.jsonl", "copy.jsonl"] {
        let (twice, told, twice_status) = report(&sandbox, &["a.jsonl".to_owned(), again.to_owned()]);
        assert_eq!(
            told,
            format!("{again} is the same report as a.jsonl, and counts once\n")
        );
        assert_eq!(twice_status, status);
        assert!(twice == once, "{again}");
    }
    // Of two that overlap nobody knows how many files they have in common.
    let part = sandbox.run(&["scan", "--format", "jsonl", "archive/Maren Holt"]).stdout;
    sandbox.file("part.jsonl", part.as_bytes());
    let (_, told, _) = report(&sandbox, &["a.jsonl".to_owned(), "part.jsonl".to_owned()]);
    assert!(
        told.contains("a report that does not name all its files counts them again"),
        "{told}"
    );
}

#[test]
fn reports_without_the_files_that_are_fine_say_so_and_count_each_folder() {
    let sandbox = Sandbox::new();
    let song = testdata().join("library/Lantern Street/Tidewater (2024)/01 Low Water.flac");
    for folder in ["one", "two"] {
        fs::create_dir(sandbox.path(folder)).unwrap();
        fs::copy(&song, sandbox.path(folder).join("song.flac")).unwrap();
        let lines = sandbox.run(&["scan", "--format", "jsonl", folder]).expect(0).stdout;
        assert_eq!(lines.lines().count(), 1);
        sandbox.file(&format!("{folder}.jsonl"), lines.as_bytes());
    }
    let both = sandbox.run(&["report", "one.jsonl", "two.jsonl"]);
    assert!(both.stdout.contains("2 of 2 files have a code"), "{}", both.stdout);
    for folder in ["one", "two"] {
        let told = format!("{folder}.jsonl names 0 of its 1 file: codes that the others share");
        assert!(both.stderr.contains(&told), "{}", both.stderr);
    }
    assert!(!both.stderr.contains("the same report"), "{}", both.stderr);
    let again = sandbox.run(&["report", "one.jsonl", "one.jsonl"]);
    assert!(again.stdout.contains("1 of 1 file has a code"), "{}", again.stdout);
    assert_eq!(
        again.stderr,
        "one.jsonl is the same report as one.jsonl, and counts once\n"
    );
}

#[test]
fn what_is_new_is_told_again_where_its_report_could_not_be_written() {
    let sandbox = Sandbox::new();
    indexed_library(&sandbox);
    sandbox.take("seeds/flac-untagged.flac", "archive/Arrivals/new song.flac");
    let_time_pass(&sandbox);
    let before = fs::read(sandbox.path("index.jsonl")).unwrap();
    // Another program puts a report there while the scan runs: that one stays, and the scan fails.
    let fifo = Command::new("mkfifo").arg(sandbox.path("archive/wait.mp3")).status();
    assert!(fifo.unwrap().success());
    let scan = "exec \"$0\" scan -q --new --index index.jsonl --format text archive >/dev/full";
    let full = Command::new("sh")
        .args(["-c", scan, env!("CARGO_BIN_EXE_isrctag")])
        .current_dir(sandbox.music())
        .output()
        .unwrap();
    assert_ne!(full.status.code(), Some(0));
    let told = String::from_utf8(full.stderr).unwrap();
    assert!(!told.contains("the index"), "it is not the index that failed: {told}");
    assert_eq!(fs::read(sandbox.path("index.jsonl")).unwrap(), before);
    let again = new(&sandbox, &[]);
    assert!(again.stdout.contains("new song.flac"), "{}", again.stdout);
}

#[test]
fn groups_of_unchanged_files_are_copied_where_nobody_is_told_of_them() {
    let sandbox = Sandbox::new();
    let full = indexed_library(&sandbox);
    let verdicts = || {
        let index = fs::read_to_string(sandbox.path("index.jsonl")).unwrap();
        let is_shared = |line: &&str| line.starts_with("{\"type\":\"shared\"");
        index
            .lines()
            .filter(is_shared)
            .map(|line| line.contains("\"verdict\":\"undecided\""))
            .collect::<Vec<_>>()
    };
    let plant = |is_sealed: bool| {
        let index = fs::read_to_string(sandbox.path("index.jsonl")).unwrap();
        let other = index.replace("\"verdict\":\"presumed-same\"", "\"verdict\":\"undecided\"");
        fs::write(
            sandbox.path("index.jsonl"),
            if is_sealed { sealed(&other) } else { other },
        )
        .unwrap();
    };
    let before = verdicts();
    assert!(before.len() > 3 && !before.contains(&true), "{before:?}");
    plant(true);
    let planted = verdicts();
    assert!(planted.contains(&true));
    new(&sandbox, &[]);
    assert_eq!(verdicts(), planted, "they were not judged");
    let_time_pass(&sandbox);
    sandbox.run(&["scan", "-q", "--index", "index.jsonl", "archive"]);
    assert_eq!(verdicts(), planted, "they were not judged");
    // Where they are told, they are judged.
    let (lines, _) = scan(&sandbox, &["--index", "index.jsonl"]);
    assert!(without_news(&lines) == without_news(&full));
    assert_eq!(verdicts(), before);
    // Nor is a line believed that somebody changed, nor what was heard where nobody listens.
    plant(false);
    new(&sandbox, &[]);
    assert_eq!(verdicts(), before);
    plant(true);
    let index = fs::read_to_string(sandbox.path("index.jsonl")).unwrap();
    fs::write(
        sandbox.path("index.jsonl"),
        index.replace("\"grain_ns\":", "\"audio\":true,\"grain_ns\":"),
    )
    .unwrap();
    new(&sandbox, &[]);
    assert_eq!(verdicts(), before);
}
