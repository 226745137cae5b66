//! What the black-box tests share: temporary copies of `testdata/`, and the built program.

#![allow(dead_code, reason = "every test program takes what it needs")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A folder of its own for one test, with a state folder beside it.
#[derive(Debug)]
pub struct Sandbox {
    folder: TempDir,
}

impl Sandbox {
    pub fn new() -> Sandbox {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("music")).unwrap();
        Sandbox { folder }
    }

    /// A sandbox that holds a copy of a folder of `testdata/`.
    pub fn with(folder: &str) -> Sandbox {
        let sandbox = Sandbox::new();
        copy_tree(&testdata().join(folder), &sandbox.music());
        sandbox
    }

    /// Where the test's audio files are.
    pub fn music(&self) -> PathBuf {
        self.folder.path().join("music")
    }

    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.music().join(name)
    }

    /// Writes a file into the music folder.
    pub fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Copies one file of `testdata/` into the music folder.
    pub fn take(&self, file: &str, name: &str) -> PathBuf {
        self.file(name, &std::fs::read(testdata().join(file)).unwrap())
    }

    /// The program, run in the music folder with its state inside the sandbox.
    pub fn isrctag(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_isrctag"));
        command
            .current_dir(self.music())
            .env("ISRCTAG_STATE_DIR", self.state())
            .env("ISRCTAG_LEDGER", self.folder.path().join("ledger.sqlite"))
            .env_remove("NO_COLOR")
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.isrctag().args(arguments))
    }
}

/// What a run of the program left.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    pub fn of(command: &mut Command) -> Run {
        let Output { status, stdout, stderr } = command.output().unwrap();
        Run {
            code: status.code().expect("the program ended by itself"),
            stdout: String::from_utf8(stdout).unwrap(),
            stderr: String::from_utf8(stderr).unwrap(),
        }
    }

    #[track_caller]
    pub fn expect(self, code: i32) -> Run {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Standard output as JSON Lines.
    #[track_caller]
    pub fn json(&self) -> Vec<Value> {
        let parse = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        self.stdout.lines().map(parse).collect()
    }

    /// The objects of one type.
    pub fn objects(&self, r#type: &str) -> Vec<Value> {
        self.json()
            .into_iter()
            .filter(|object| object["type"] == r#type)
            .collect()
    }
}

/// The program where every user can start it. Another process copies it: while this one had it open to write, what it
/// starts in another thread would keep it from being started.
pub fn program_for_all(sandbox: &Sandbox) -> PathBuf {
    let program = sandbox.path("../isrctag");
    if !program.exists() {
        let mut copy = Command::new("cp");
        let copied = copy.arg(env!("CARGO_BIN_EXE_isrctag")).arg(&program).status();
        assert!(copied.unwrap().success());
    }
    program
}

pub fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata")
}

pub fn copy_tree(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy_tree(&entry.path(), &target),
            false => std::fs::write(target, std::fs::read(entry.path()).unwrap()).unwrap(),
        }
    }
}

/// Every file below a folder with its bytes, sorted by path.
pub fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => files.push((path.clone(), std::fs::read(path).unwrap())),
            }
        }
    }
    files.sort();
    files
}
