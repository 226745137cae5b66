use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use fs_err as fs;
use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::*;

static PRIVATE: Declaration = Declaration {
    name: "journal",
    if_damaged: "move it away",
    application: 0x1234_5678,
    layout: 2,
    schema: "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT, more TEXT)",
    bring_up: |transaction, from| match from {
        1 => transaction.execute_batch("ALTER TABLE notes ADD COLUMN more TEXT"),
        _ => Ok(()),
    },
    keeping: Keeping::Private,
    patience: Patience::Moment,
    page_size: None,
    synchronous: "FULL",
};

static SHARED: Declaration = Declaration {
    name: "ledger",
    if_damaged: "it was left as it is",
    application: 0x1234_5679,
    layout: 1,
    schema: "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT);
        CREATE TRIGGER notes_stay BEFORE DELETE ON notes BEGIN SELECT RAISE(ABORT, 'a note stays'); END",
    bring_up: |_, _| Ok(()),
    keeping: Keeping::Shared,
    patience: Patience::Moment,
    page_size: None,
    synchronous: "EXTRA",
};

const MUSIC: &[u8] = b"fLaC, somebody's music";

/// A folder with a database in a folder of its own.
struct Lab(tempfile::TempDir);

impl Lab {
    fn new() -> Lab {
        Lab(tempfile::tempdir().unwrap())
    }

    fn with(declaration: &'static Declaration) -> Lab {
        let lab = Lab::new();
        let mut database = lab.open(declaration).unwrap();
        write(&mut database, "first").unwrap();
        lab
    }

    fn folder(&self) -> PathBuf {
        self.0.path().join("state")
    }

    fn path(&self) -> PathBuf {
        self.folder().join("db")
    }

    fn beside(&self, ending: &str) -> PathBuf {
        files::beside(&self.path(), ending)
    }

    fn open(&self, declaration: &'static Declaration) -> Result<Database, DatabaseError> {
        Database::open(declaration, &self.path(), Missing::Create)
    }

    /// As another program would.
    fn plant(&self, sql: &str) {
        Connection::open(self.path()).unwrap().execute_batch(sql).unwrap();
    }

    /// All files of the folder with their contents.
    fn contents(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let names = fs::read_dir(self.folder()).unwrap();
        let mut paths: Vec<PathBuf> = names.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        let content = |path: PathBuf| {
            let is_file = fs::symlink_metadata(&path).unwrap().is_file();
            let bytes = if is_file { fs::read(&path).unwrap() } else { Vec::new() };
            (path, bytes)
        };
        paths.into_iter().map(content).collect()
    }

    #[track_caller]
    fn check_refused(&self, declaration: &'static Declaration, expected: &str) {
        let before = self.contents();
        let error = self.open(declaration).unwrap_err().to_string();
        let folder = self.0.path().canonicalize().unwrap();
        let text = error.replace(&folder.display().to_string(), "");
        assert!(text.contains(expected), "{text}");
        assert!(self.contents() == before, "something in the folder has changed");
    }
}

fn write(database: &mut Database, text: &str) -> Result<(), DatabaseError> {
    database.in_transaction(|transaction| {
        transaction.execute("INSERT INTO notes (text) VALUES (?)", [text])?;
        Ok(Ok(()))
    })
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

#[cfg_attr(isrctag_portable, ignore = "needs numbers of files, locks, owners or links")]
#[test]
fn what_is_made_is_its_owners_alone() {
    for declaration in [&PRIVATE, &SHARED] {
        let lab = Lab::with(declaration);
        let database = lab.open(declaration).unwrap();
        assert_eq!((mode(&lab.folder()), mode(&lab.path())), (0o700, 0o600));
        for (path, _) in lab.contents() {
            assert_eq!(mode(&path), 0o600, "{}", path.display());
        }
        drop(database);
    }
}

#[cfg_attr(isrctag_portable, ignore = "needs numbers of files, locks, owners or links")]
#[test]
fn what_others_may_write_is_refused() {
    let lab = Lab::with(&PRIVATE);
    set_mode(&lab.folder(), 0o770);
    lab.check_refused(
        &PRIVATE,
        "/state can be written by others than its owner\nhint: chmod go-w /state",
    );
    set_mode(&lab.folder(), 0o700);
    set_mode(&lab.path(), 0o602);
    lab.check_refused(
        &PRIVATE,
        "/state/db can be written by others than its owner\nhint: chmod go-w /state/db",
    );
    set_mode(&lab.path(), 0o644);
    set_mode(&lab.folder(), 0o777);
    lab.check_refused(
        &PRIVATE,
        "\nhint: chmod go-w /state; on a drive of FAT or NTFS, mount it with umask=077, or let ISRCTAG_STATE_DIR and --ledger lead elsewhere",
    );
    set_mode(&lab.folder(), 0o700);
    lab.open(&PRIVATE).unwrap();
}

#[cfg_attr(isrctag_portable, ignore = "needs numbers of files, locks, owners or links")]
#[test]
fn a_shared_database_may_be_written_by_a_group_and_not_by_everyone() {
    let lab = Lab::with(&SHARED);
    set_mode(&lab.folder(), 0o2770);
    set_mode(&lab.path(), 0o660);
    lab.open(&SHARED).unwrap();
    set_mode(&lab.path(), 0o666);
    lab.check_refused(
        &SHARED,
        "/state/db can be written by everyone\nhint: chmod o-w /state/db",
    );
    set_mode(&lab.path(), 0o660);
    set_mode(&lab.folder(), 0o777);
    lab.check_refused(&SHARED, "/state can be written by everyone");
    // As the folder for temporary files: nobody can replace what is another's.
    set_mode(&lab.folder(), 0o1777);
    lab.open(&SHARED).unwrap();
}

#[cfg_attr(isrctag_portable, ignore = "needs numbers of files, locks, owners or links")]
#[test]
fn only_regular_files_of_one_name_are_opened() {
    for declaration in [&PRIVATE, &SHARED] {
        for ending in ["-journal", "-wal", "-shm"] {
            let lab = Lab::with(declaration);
            let beside = lab.beside(ending);
            mknodat(CWD, &beside, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
            lab.check_refused(declaration, "is not a regular file");
            fs::remove_file(&beside).unwrap();
            let music = lab.0.path().join("song.flac");
            fs::write(&music, MUSIC).unwrap();
            symlink(&music, &beside).unwrap();
            lab.check_refused(declaration, "is not a regular file");
            fs::remove_file(&beside).unwrap();
            fs::hard_link(&music, &beside).unwrap();
            lab.check_refused(declaration, "has another name elsewhere");
            assert_eq!(fs::read(&music).unwrap(), MUSIC);
            fs::remove_file(&beside).unwrap();
            lab.open(declaration).unwrap();
        }
    }
}

/// A journal as SQLite leaves it when a transaction over several databases is cut off: it ends with the name of a
/// super-journal.
fn with_super_journal(name: &Path) -> Vec<u8> {
    let name = name.to_str().unwrap().as_bytes();
    let mut journal = vec![0; 512];
    journal[..8].copy_from_slice(&[0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7]);
    journal[16..20].copy_from_slice(&2u32.to_be_bytes());
    journal[20..24].copy_from_slice(&512u32.to_be_bytes());
    journal[24..28].copy_from_slice(&4096u32.to_be_bytes());
    // The page that locks are on, the name, its length and sum, and the magic.
    journal.extend(((0x4000_0000 / 4096 + 1) as u32).to_be_bytes());
    journal.extend(name);
    journal.extend((name.len() as u32).to_be_bytes());
    let sum: u32 = name.iter().map(|byte| u32::from(*byte)).sum();
    journal.extend(sum.to_be_bytes());
    journal.extend([0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7]);
    journal
}

#[test]
fn a_planted_journal_deletes_no_file() {
    // Plain SQLite falls for it: so the journal is a real one.
    let lab = Lab::with(&SHARED);
    let music = lab.0.path().canonicalize().unwrap().join("song.flac");
    fs::write(&music, MUSIC).unwrap();
    fs::write(lab.beside("-journal"), with_super_journal(&music)).unwrap();
    let plain = Connection::open(lab.path()).unwrap();
    plain.query_row("SELECT count(*) FROM notes", [], |_| Ok(())).unwrap();
    assert!(
        !music.exists(),
        "SQLite does not obey this journal, so the test shows nothing"
    );
    drop(plain);

    for declaration in [&PRIVATE, &SHARED] {
        let lab = Lab::with(declaration);
        let music = lab.0.path().canonicalize().unwrap().join("song.flac");
        fs::write(&music, MUSIC).unwrap();
        fs::write(lab.beside("-journal"), with_super_journal(&music)).unwrap();
        lab.check_refused(
            declaration,
            "/state/db-journal was not written by this program: it has another file deleted\nhint: move it away",
        );
        assert_eq!(fs::read(&music).unwrap(), MUSIC);
    }
}

#[test]
fn what_is_left_of_a_database_that_is_gone_does_not_get_into_a_new_one() {
    for declaration in [&PRIVATE, &SHARED] {
        let lab = Lab::with(declaration);
        fs::remove_file(lab.path()).unwrap();
        fs::write(lab.beside("-wal"), b"old").unwrap();
        lab.check_refused(declaration, "/state/db-wal is left of a database that is gone");
    }
}

#[test]
fn what_others_planted_in_the_schema_is_not_carried_out() {
    let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    let planted = [
        (
            format!("CREATE TRIGGER hang AFTER INSERT ON notes BEGIN SELECT ({endless}); END"),
            "trigger hang",
        ),
        (
            format!(
                "ALTER TABLE notes RENAME TO old; CREATE VIEW notes AS SELECT id, text, ({endless}) AS more FROM old"
            ),
            "table notes",
        ),
        ("CREATE INDEX slow ON notes (abs(id))".to_owned(), "index slow"),
        ("CREATE VIEW other AS SELECT 1".to_owned(), "view other"),
    ];
    for declaration in [&PRIVATE, &SHARED] {
        for (sql, object) in &planted {
            let lab = Lab::with(declaration);
            lab.plant(sql);
            lab.check_refused(declaration, &format!("its {object} is not as this program makes it"));
        }
    }
}

#[test]
fn what_is_planted_while_the_database_is_open_is_not_carried_out_either() {
    for declaration in [&PRIVATE, &SHARED] {
        let lab = Lab::with(declaration);
        let mut database = lab.open(declaration).unwrap();
        lab.plant("CREATE TRIGGER steal AFTER INSERT ON notes BEGIN UPDATE notes SET text = 'stolen'; END");
        let error = write(&mut database, "second").unwrap_err();
        assert!(matches!(error.fault, Fault::Altered { .. }), "{error}");
        let texts = |connection: &Connection| -> Vec<String> {
            let mut statement = connection.prepare("SELECT text FROM notes").unwrap();
            let texts = statement.query_map([], |row| row.get(0)).unwrap();
            texts.collect::<rusqlite::Result<_>>().unwrap()
        };
        assert_eq!(texts(&Connection::open(lab.path()).unwrap()), ["first"]);
    }
}

#[test]
fn our_own_triggers_hold() {
    let lab = Lab::with(&SHARED);
    let database = lab.open(&SHARED).unwrap();
    assert!(database.execute("DELETE FROM notes", []).is_err());
}

#[test]
fn statistics_of_another_program_do_no_harm() {
    let lab = Lab::with(&SHARED);
    lab.plant("CREATE INDEX by_text ON notes (text); ANALYZE; DROP INDEX by_text");
    lab.open(&SHARED).unwrap();
}

#[test]
fn an_older_layout_is_brought_up_and_compared() {
    let older = "PRAGMA application_id = 0x12345678; PRAGMA user_version = 1;
        CREATE TABLE notes (id INTEGER PRIMARY KEY, -- its number
        text TEXT); INSERT INTO notes (text) VALUES ('old');";
    let lab = Lab::new();
    fs::create_dir(lab.folder()).unwrap();
    lab.plant(older);
    let mut database = lab.open(&PRIVATE).unwrap();
    write(&mut database, "new").unwrap();
    let count: i64 = database
        .query_row("SELECT count(*) FROM notes", [], |row| row.get(0))
        .unwrap();
    assert_eq!(count, 2);

    let lab = Lab::new();
    fs::create_dir(lab.folder()).unwrap();
    lab.plant(older);
    lab.plant("CREATE TRIGGER mine AFTER INSERT ON notes BEGIN SELECT 1; END");
    let error = lab.open(&PRIVATE).unwrap_err();
    assert!(matches!(error.fault, Fault::Altered { .. }), "{error}");
    let layout: i32 = Connection::open(lab.path())
        .unwrap()
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    assert_eq!(layout, 1, "the upgrade was taken back");
}

#[test]
fn a_shared_database_with_a_log_gets_a_plain_journal_again() {
    let lab = Lab::with(&SHARED);
    lab.plant("PRAGMA journal_mode = WAL; INSERT INTO notes (text) VALUES ('second')");
    let database = lab.open(&SHARED).unwrap();
    let mode: String = database
        .pragma_query_value(None, "journal_mode", |row| row.get(0))
        .unwrap();
    assert_eq!(mode, "delete");
    assert_eq!(lab.contents().len(), 1);
}

#[test]
fn an_error_takes_everything_back() {
    let lab = Lab::with(&SHARED);
    let mut database = lab.open(&SHARED).unwrap();
    let result: Result<(), DatabaseError> = database.in_transaction(|transaction| {
        transaction.execute("INSERT INTO notes (text) VALUES ('second')", [])?;
        Ok(Err(DatabasePlace::new(&SHARED, Path::new("x")).fault(Fault::Busy)))
    });
    assert!(matches!(result.unwrap_err().fault, Fault::Busy));
    let count: i64 = database
        .query_row("SELECT count(*) FROM notes", [], |row| row.get(0))
        .unwrap();
    assert_eq!(count, 1);
}

#[test]
fn who_waits_too_long_is_told_so() {
    for declaration in [&PRIVATE, &SHARED] {
        let lab = Lab::with(declaration);
        let mut database = lab.open(declaration).unwrap();
        let other = Connection::open(lab.path()).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let error = write(&mut database, "second").unwrap_err();
        assert!(matches!(error.fault, Fault::Busy), "{error}");
    }
}

#[test]
fn a_folder_that_is_a_link_is_the_users_and_a_database_that_is_one_too() {
    let lab = Lab::with(&PRIVATE);
    let link = lab.0.path().join("link");
    symlink(lab.folder(), &link).unwrap();
    Database::open(&PRIVATE, &link.join("db"), Missing::Refuse).unwrap();

    let lab = Lab::with(&SHARED);
    let link = lab.0.path().join("ledger");
    symlink(lab.path(), &link).unwrap();
    Database::open(&SHARED, &link, Missing::Refuse).unwrap();
    // What a private folder holds is made by this program, and that makes no links.
    let lab = Lab::with(&PRIVATE);
    let elsewhere = lab.0.path().join("elsewhere");
    fs::rename(lab.path(), &elsewhere).unwrap();
    symlink(&elsewhere, lab.path()).unwrap();
    lab.check_refused(&PRIVATE, "/state/db is not a regular file");
}
