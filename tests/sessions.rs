//! Four jobs from first to last line, word for word, as a terminal of 60 columns shows them; and names and terminals that
//! are hard to be kind to. The pseudo terminal is that of util-linux' `script`.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and makes files"
)]

mod common;

#[path = "lists/audio.rs"]
mod audio;

use std::fmt::Write as _;
use std::process::{Command, Stdio};

use common::{Run, Sandbox};
use unicode_width::UnicodeWidthStr as _;

/// A terminal, and what it has shown.
struct Terminal<'a> {
    sandbox: &'a Sandbox,
    columns: usize,
    shown: String,
}

impl Terminal<'_> {
    fn new(sandbox: &Sandbox, columns: usize) -> Terminal<'_> {
        let shown = String::new();
        Terminal {
            sandbox,
            columns,
            shown,
        }
    }

    /// Types a command line; false where there is no `script`.
    #[track_caller]
    fn types(&mut self, line: &str, code: i32) -> bool {
        let program = env!("CARGO_BIN_EXE_isrctag");
        let words = line.strip_prefix("isrctag").unwrap();
        let command = format!("stty rows 24 cols {}; {program}{words}", self.columns);
        let mut script = Command::new("script");
        script
            .args(["-qec", &command, "/dev/null"])
            .current_dir(self.sandbox.music())
            // Lines fold by the length of names, and that of the sandbox differs.
            .env("ISRCTAG_STATE_DIR", "../state")
            .env("ISRCTAG_LEDGER", "../ledger.sqlite")
            .env("NO_COLOR", "1")
            .env("TERM", "xterm")
            .stdin(Stdio::null());
        let Ok(output) = script.output() else {
            return false;
        };
        let shown = String::from_utf8(output.stdout).unwrap().replace("\r\n", "\n");
        assert_eq!(output.status.code(), Some(code), "{line}\n{shown}");
        // What of the progress line was drawn and wiped again depends on the machine.
        let drawn = |line: &str| {
            line.rsplit(['\r', '\u{1b}'])
                .next()
                .unwrap_or_default()
                .trim_start_matches("[2K")
                .to_owned()
        };
        let shown: String = shown.lines().map(|line| drawn(line) + "\n").collect();
        self.check_folded(line, &shown);
        write!(self.shown, "$ {line}\n{shown}\n").unwrap();
        true
    }

    /// Nothing is cut in the middle of a word where there is a space: what is wider than the terminal is one word.
    #[track_caller]
    fn check_folded(&self, line: &str, shown: &str) {
        for shown in shown.lines().filter(|shown| shown.width() > self.columns) {
            let words = shown.trim().trim_end_matches(" \\");
            // A quoted word of a command may hold spaces, and a shell would not take a line end in it.
            let is_one = !words.contains(' ') || words.starts_with('\'');
            assert!(is_one, "{line}, {} columns: {shown}", self.columns);
        }
        assert!(!shown.contains('\u{1b}'), "{line}: {shown}");
    }

    /// What was shown, without what differs from run to run.
    fn transcript(self) -> String {
        with_fixed_times(&self.shown).trim_end().to_owned()
    }
}

/// Replaces times such as `2026-11-26T14:26:08Z`.
fn with_fixed_times(text: &str) -> String {
    let is_time = |word: &str| word.len() == 20 && word.ends_with('Z') && word.as_bytes()[10] == b'T';
    let words = text.split_inclusive([' ', '\n']).map(|piece| {
        let word = piece.trim_end();
        match is_time(word) {
            true => piece.replace(word, "2026-01-01T10:00:00Z"),
            false => piece.to_owned(),
        }
    });
    words.collect()
}

/// Three tracks as WAV masters, FLAC and MP3, without codes.
fn album() -> Sandbox {
    let sandbox = Sandbox::new();
    for (name, bytes) in audio::tidewater() {
        sandbox.file(&name, &bytes);
    }
    sandbox
}

/// A master with what a studio writes beside the audio.
fn master() -> Vec<u8> {
    let chunk = |name: &[u8], body: &[u8]| {
        let pad: &[u8] = if body.len() % 2 == 1 { &[0] } else { &[] };
        [name, &(body.len() as u32).to_le_bytes(), body, pad].concat()
    };
    let mut bext = b"Tidewater, reel 7".to_vec();
    bext.resize(602, 0);
    bext.extend(b"A=PCM,F=44100,W=24,M=stereo,T=desk\r\n\0\0\0\0\0\0\0\0");
    let format = [1, 0, 2, 0, 0x44, 0xac, 0, 0, 0x98, 9, 4, 0, 6, 0, 24, 0];
    let samples: Vec<u8> = (0..26_460u32)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let body = [
        chunk(b"bext", &bext),
        chunk(
            b"iXML",
            b"<?xml version=\"1.0\"?><BWFXML><PROJECT>Tidewater</PROJECT></BWFXML>",
        ),
        chunk(b"fmt ", &format),
        chunk(b"data", &samples),
    ]
    .concat();
    [
        b"RIFF".as_slice(),
        &(body.len() as u32 + 4).to_le_bytes(),
        b"WAVE",
        &body,
    ]
    .concat()
}

#[test]
fn an_album_owner_gives_codes_to_an_album() {
    let sandbox = album();
    let mut terminal = Terminal::new(&sandbox, 60);
    if !terminal.types("isrctag", 2) {
        return;
    }
    terminal.types("isrctag scan", 1);
    terminal.types("isrctag export --recordings Album -o codes.csv", 0);
    let table = std::fs::read_to_string(sandbox.path("codes.csv")).unwrap();
    let mut rows = csv::Reader::from_reader(table.trim_start_matches('\u{feff}').as_bytes());
    let heads = rows.headers().unwrap().clone();
    let isrc = heads.iter().position(|head| head == "isrc").unwrap();
    let mut filled = csv::Writer::from_path(sandbox.path("codes.csv")).unwrap();
    filled.write_record(&heads).unwrap();
    for (number, row) in (1..).zip(rows.records()) {
        let row = row.unwrap();
        let code = format!("QZTST26{number:05}");
        let cells = row
            .iter()
            .enumerate()
            .map(|(column, cell)| if column == isrc { &code } else { cell });
        filled.write_record(cells).unwrap();
    }
    filled.flush().unwrap();
    terminal.types("isrctag apply -n codes.csv Album", 0);
    terminal.types("isrctag apply codes.csv Album", 0);
    terminal.types("isrctag scan --all Album", 0);
    terminal.types("isrctag get Album/*/02*", 0);
    insta::assert_snapshot!(terminal.transcript());
}

#[test]
fn an_archivist_repairs_and_takes_back() {
    let sandbox = Sandbox::with("library");
    let mut terminal = Terminal::new(&sandbox, 60);
    if !terminal.types("isrctag scan --summary", 3) {
        return;
    }
    terminal.types("isrctag scan --only malformed:guess", 3);
    terminal.types("isrctag scan --index ../index.jsonl 'Lantern Street'", 1);
    terminal.types("isrctag fix -n 'Lantern Street'", 0);
    terminal.types("isrctag fix 'Lantern Street'", 0);
    terminal.types("isrctag scan --new --index ../index.jsonl 'Lantern Street'", 0);
    terminal.types("isrctag log", 0);
    terminal.types("isrctag undo", 0);
    terminal.types("isrctag scan nope", 2);
    insta::assert_snapshot!(terminal.transcript());
}

#[test]
fn a_mastering_engineer_writes_one_code_and_proves_it() {
    let sandbox = Sandbox::new();
    sandbox.file("master.wav", &master());
    let mut terminal = Terminal::new(&sandbox, 60);
    if !terminal.types("isrctag show master.wav", 1) {
        return;
    }
    terminal.types("isrctag set QZ-TST-26-0001 master.wav", 2);
    terminal.types("isrctag set -n -v QZ-TST-26-00001 master.wav", 0);
    terminal.types("isrctag set -v QZ-TST-26-00001 master.wav", 0);
    terminal.types("isrctag set QZTST2600002 master.wav", 3);
    terminal.types("isrctag log", 0);
    terminal.types("isrctag undo -n 1", 0);
    // It names the whole path.
    let mut of_log = Terminal::new(&sandbox, 60);
    of_log.types("isrctag log 1", 0);
    assert!(
        of_log
            .shown
            .contains("\n      kept: bext 646, iXML 66, fmt 16, data 26,460 bytes,\n"),
        "{}",
        of_log.shown
    );
    insta::assert_snapshot!(terminal.transcript());
}

#[test]
fn a_label_assistant_works_with_lists_and_a_ledger() {
    let sandbox = album();
    sandbox.file(
        "release.csv",
        b"Track,Title,ISRC\n1,Low Water,QZ-TST-26-00011\n2,Pilot Boat,QZTST260001\n3,Estuary,QZTST2600013\n",
    );
    sandbox.file(
        "release2.csv",
        b"Track,Title,ISRC\n1,Low Water,QZ-TST-26-00011\n2,Pilot Boat,\n3,Estuary,QZTST2600013\n",
    );
    let mut terminal = Terminal::new(&sandbox, 60);
    if !terminal.types("isrctag decode qz-tst-26-00011 QZTST260001", 1) {
        return;
    }
    terminal.types("isrctag apply release.csv Album", 2);
    terminal.types("isrctag apply release2.csv Album", 0);
    terminal.types("isrctag apply --check release2.csv Album", 0);
    terminal.types("isrctag assign Album", 2);
    terminal.types("isrctag ledger prefix add QZTST", 0);
    terminal.types("isrctag assign --year 2026 Album", 0);
    terminal.types("isrctag ledger list", 0);
    terminal.types("isrctag ledger check Album", 0);
    terminal.types("isrctag ledger export -o codes.xlsx", 0);
    insta::assert_snapshot!(terminal.transcript());
}

/// Names that are hard to show: as long as a file system lets them be, from right to left, with marks that combine.
fn hard_names() -> Sandbox {
    let sandbox = Sandbox::new();
    let long = "long ".repeat(50);
    let names = [
        format!("{}.flac", &long[..250]),
        format!("{}.flac", "x".repeat(250)),
        "שלום עולם שיר ראשון.flac".to_owned(),
        "e\u{301}tude a\u{300}\u{323} la\u{302}\u{303} mer o\u{308}.flac".to_owned(),
        "夜明け前 防波堤 かもめ 霧笛 帰り道.flac".to_owned(),
    ];
    for name in names {
        sandbox.take(
            "seeds/flac-hyphens-padding-large.flac",
            &format!("An Album Of Hard Names/{name}"),
        );
    }
    sandbox
}

/// The commands, by the arguments after which they have something to say about these names.
const SAYING: &[(&str, i32)] = &[
    ("scan", 1),
    ("scan --all", 1),
    ("show An*/*", 1),
    ("fix -n -v .", 0),
    ("set QZTST2600001 An*/*", 3),
    ("remove -n An*/*", 0),
    ("fill -n .", 0),
    ("export -o ../x.csv --force .", 0),
    ("ledger list", 0),
    ("log", 0),
    ("recover", 0),
    ("--help", 0),
    ("decode qz-es5-16-00001", 0),
];

#[test]
fn hard_names_on_narrow_terminals_are_cut_at_spaces_only() {
    let sandbox = hard_names();
    for columns in [20, 60] {
        for (arguments, code) in SAYING {
            let mut terminal = Terminal::new(&sandbox, columns);
            if !terminal.types(&format!("isrctag {arguments}"), *code) {
                return;
            }
            assert!(!terminal.shown.contains("panicked"), "{}", terminal.shown);
        }
    }
}

#[test]
fn without_a_terminal_in_any_locale_the_lines_are_the_same() {
    let sandbox = hard_names();
    for (arguments, code) in SAYING {
        let line = format!("{} {arguments}", env!("CARGO_BIN_EXE_isrctag"));
        let run = |variables: &[(&str, &str)]| {
            let mut shell = Command::new("sh");
            let ledger = sandbox.state().with_file_name("ledger.sqlite");
            shell.args(["-c", &line]).current_dir(sandbox.music());
            shell
                .env("ISRCTAG_STATE_DIR", sandbox.state())
                .env("ISRCTAG_LEDGER", ledger);
            Run::of(shell.envs(variables.iter().copied())).expect(*code)
        };
        let plain = run(&[("LANG", "C.UTF-8"), ("TERM", "xterm")]);
        for variables in [
            &[("LANG", "C"), ("LC_ALL", "C")][..],
            &[("TERM", "dumb")],
            &[("TERM", "")],
        ] {
            let other = run(variables);
            assert_eq!(
                (&other.stdout, &other.stderr),
                (&plain.stdout, &plain.stderr),
                "{arguments}"
            );
        }
        for line in plain.stdout.lines().filter(|_| !arguments.contains("help")) {
            assert!(line.chars().count() <= 400, "{arguments}: {line}");
        }
    }
}

/// Whoever has seen enough closes the pipe: the program ends as if all had been read.
#[test]
fn a_closed_pipe_is_a_normal_end_of_every_command() {
    let sandbox = hard_names();
    let more = [
        ("fix .", 0),
        ("apply ../codes.csv .", 0),
        ("fill .", 0),
        ("report ../i.jsonl", 1),
        ("get An*/*", 0),
        ("scan --format jsonl", 1),
        ("scan --format csv", 1),
        ("undo -n", 2),
        ("ledger prefix list", 0),
        ("ledger prefix add QZTST", 0),
        ("ledger check .", 1),
        ("ledger add QZTST2600009", 0),
        ("assign -n .", 0),
        ("assign --together written", 0),
        ("apply ../x.csv .", 0),
        ("completions bash", 0),
        ("man", 0),
        ("ledger void QZTST2600009", 0),
        ("ledger import .", 0),
        ("ledger export", 0),
        ("ledger prefix add QZTSU", 0),
        ("ledger prefix remove QZTSU", 0),
        ("undo", 0),
    ];
    sandbox.run(&["scan", "--index", "../i.jsonl"]).expect(1);
    sandbox.take("seeds/mp3-hyphens-padded.mp3", "written/hyphens.mp3");
    sandbox.take("seeds/mp3-untagged.mp3", "written/lacking.mp3");
    sandbox.take("seeds/wav-untagged.wav", "written/without.wav");
    let tidewater = "library/Lantern Street/Tidewater (2024)";
    sandbox.take(&format!("{tidewater}/01 Low Water.flac"), "written/1.flac");
    sandbox.take(&format!("{tidewater} [MP3]/01 Low Water.mp3"), "written/1.mp3");
    sandbox.run(&["remove", "written/1.mp3"]).expect(0);
    sandbox.file("../codes.csv", b"file,isrc\nwritten/without.wav,QZTST2600042\n");
    for (arguments, _) in SAYING.iter().chain(&more) {
        let line = format!("{} {arguments}", env!("CARGO_BIN_EXE_isrctag"));
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ledger = sandbox.state().with_file_name("ledger.sqlite");
        let output = Command::new("sh")
            .args(["-c", &line])
            .current_dir(sandbox.music())
            .env("ISRCTAG_STATE_DIR", sandbox.state())
            .env("ISRCTAG_LEDGER", ledger)
            .stdin(Stdio::null())
            .stdout(writer)
            .output()
            .unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        let code = output.status.code();
        assert!(matches!(code, Some(0..=3)), "{arguments}: {code:?} {told}");
        for word in ["panicked", "ipe", "cannot write"] {
            assert!(!told.contains(word), "{arguments}: {told}");
        }
    }
    // Those that write have written all the same.
    let log = sandbox.run(&["log"]).stdout;
    for command in ["fix .", "fill .", "apply ../codes.csv .", "assign --together written"] {
        assert!(log.contains(command), "{command}: {log}");
    }
}

#[test]
fn what_was_kept_is_named_with_its_checksum_and_logged() {
    let sandbox = Sandbox::new();
    let bytes = master();
    sandbox.file("master.wav", &bytes);
    let run = sandbox
        .run(&["set", "-v", "--format", "jsonl", "QZTST2600001", "master.wav"])
        .expect(0);
    let kept = run.objects("edit")[0]["kept"].clone();
    assert_eq!(kept["audio"]["name"], "data");
    assert_eq!(kept["audio"]["bytes"], 26_460);
    // The same by another program, of the file as it is now.
    let now = std::fs::read(sandbox.path("master.wav")).unwrap();
    let at = now.windows(4).position(|name| name == b"data").unwrap() + 8;
    assert!(now[at..at + 26_460] == bytes[bytes.len() - 26_460..]);
    let data = sandbox.file("../data", &now[at..at + 26_460]);
    if let Ok(output) = Command::new("sha256sum").arg(data).output() {
        let sum = String::from_utf8(output.stdout).unwrap();
        assert_eq!(kept["audio"]["sha256"].as_str(), sum.split(' ').next());
    }
    let names: Vec<&str> = kept["parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| part["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["bext", "iXML", "fmt"]);
    assert_eq!(kept["new"][0]["name"], "id3");
    let log = sandbox.run(&["log", "1", "--format", "jsonl"]).expect(0);
    assert_eq!(log.objects("edit")[0]["kept"], kept);
    // Nobody asked, and the audio was not read for it.
    sandbox.run(&["remove", "master.wav"]).expect(0);
    let log = sandbox.run(&["log", "2", "--format", "jsonl"]).expect(0);
    assert!(log.objects("edit")[0].get("kept").is_none());
}

/// Created as BWF MetaEdit writes it, beside everything else in the file.
#[test]
fn with_axml_a_wave_file_gets_the_ebu_element_too() {
    let sandbox = Sandbox::new();
    let bytes = master();
    sandbox.file("master.wav", &bytes);
    let run = sandbox.run(&["set", "--axml", "QZTST2600001", "master.wav"]).expect(0);
    assert!(
        run.stdout
            .starts_with("master.wav: (none) -> QZTST2600001 (id3v2:TSRC, bwf:axml)\n"),
        "{}",
        run.stdout
    );
    let now = std::fs::read(sandbox.path("master.wav")).unwrap();
    let at = now.windows(4).position(|name| name == b"axml").unwrap();
    let size = u32::from_le_bytes(now[at + 4..at + 8].try_into().unwrap()) as usize;
    assert_eq!(at + 8 + size, now.len());
    let expected = concat!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
        "<ebucore:ebuCoreMain xmlns:dc=\"http://purl.org/dc/elements/1.1/\" ",
        "xmlns:ebucore=\"urn:ebu:metadata-schema:ebuCore_2012\">\n",
        "<ebucore:coreMetadata>\n",
        "<ebucore:identifier typeLabel=\"GUID\" typeDefinition=\"Globally Unique Identifier\" formatLabel=\"ISRC\" ",
        "formatDefinition=\"International Standard Recording Code\" ",
        "formatLink=\"http://www.ebu.ch/metadata/cs/ebu_IdentifierTypeCodeCS.xml#3.7\">\n",
        "<dc:identifier>ISRC:QZTST2600001</dc:identifier>\n",
        "</ebucore:identifier>\n",
        "</ebucore:coreMetadata>\n",
        "</ebucore:ebuCoreMain>\n",
    );
    assert_eq!(
        std::str::from_utf8(&now[at + 8..]).unwrap().trim_end(),
        expected.trim_end()
    );
    assert!(now[12..bytes.len()] == bytes[12..], "all else is as it was");
    // Another code goes to both places; the same again has nothing to do.
    sandbox
        .run(&["set", "--replace", "QZTST2600002", "master.wav"])
        .expect(0);
    let places = sandbox
        .run(&["show", "--format", "jsonl", "master.wav"])
        .objects("file")
        .remove(0);
    let codes: Vec<&str> = places["places"]
        .as_array()
        .unwrap()
        .iter()
        .map(|place| place["value"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["QZTST2600002"; 2]);
    let again = sandbox.run(&["set", "--axml", "QZTST2600002", "master.wav"]).expect(0);
    assert!(again.stdout.starts_with("master.wav: unchanged\n"), "{}", again.stdout);
    sandbox.run(&["undo"]).expect(0);
    sandbox.run(&["undo", "1"]).expect(0);
    assert!(std::fs::read(sandbox.path("master.wav")).unwrap() == bytes);
    // `fix` and `apply` take it too, and other kinds of files are not concerned.
    sandbox.run(&["set", "QZTST2600001", "master.wav"]).expect(0);
    sandbox.run(&["fix", "--axml", "."]).expect(0);
    assert!(
        std::fs::read(sandbox.path("master.wav"))
            .unwrap()
            .windows(4)
            .any(|name| name == b"axml")
    );
    sandbox.take("seeds/flac-untagged.flac", "a.flac");
    let flac = sandbox.run(&["set", "--axml", "QZTST2600001", "a.flac"]).expect(0);
    assert!(
        flac.stdout
            .starts_with("a.flac: (none) -> QZTST2600001 (vorbis:ISRC)\n"),
        "{}",
        flac.stdout
    );
}

#[test]
fn commands_that_write_no_code_do_not_take_axml() {
    let sandbox = Sandbox::new();
    let bytes = master();
    sandbox.file("master.wav", &bytes);
    for arguments in [&["undo", "--axml"][..], &["remove", "--axml", "master.wav"]] {
        let run = sandbox.run(arguments).expect(2);
        assert!(run.stderr.contains("unexpected argument '--axml'"), "{}", run.stderr);
    }
    assert!(std::fs::read(sandbox.path("master.wav")).unwrap() == bytes);
}

#[test]
fn an_axml_chunk_with_other_metadata_is_not_changed() {
    let sandbox = Sandbox::new();
    let mut bytes = master();
    bytes.extend(b"axml\x0c\0\0\0<a>other</a>");
    let size = (bytes.len() as u32 - 8).to_le_bytes();
    bytes[4..8].copy_from_slice(&size);
    sandbox.file("master.wav", &bytes);
    let run = sandbox.run(&["set", "--axml", "QZTST2600001", "master.wav"]).expect(3);
    assert!(run.stdout.contains("leave out --axml"), "{}", run.stdout);
    assert!(std::fs::read(sandbox.path("master.wav")).unwrap() == bytes);
    sandbox.run(&["set", "QZTST2600001", "master.wav"]).expect(0);
}
