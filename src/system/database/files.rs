//! The files of a database before SQLite opens them: whose they are, and what their first and last bytes say.
//!
//! SQLite believes what is beside a database: it writes the pages of a `-journal` into the database, and deletes
//! the file that the end of it names (a super-journal, sqlite.org/fileformat2.html, section 3). So nothing that another
//! user may have put there is let in.

use std::ffi::OsString;
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

use crate::bytes::pieces::compare::read_exact_at;
use crate::bytes::source::{Links, ReadAt as _, ReadError, SourceFile};
use crate::system::database::{DatabaseError, DatabasePlace, Declaration, Fault, Keeping, Missing};
use crate::system::platform::{self, Owner, Rights};

/// What SQLite calls the files beside a database.
const BESIDE: [&str; 3] = ["-journal", "-wal", "-shm"];

/// The last bytes of a journal that names a super-journal.
const SUPER_JOURNAL: [u8; 8] = [0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7];

/// A disk with less than this is nearly full. There the index of a write-ahead log is not shared between processes:
/// SQLite maps it into memory, and writing to a mapped page that gets no room on the disk ends the process (SIGBUS).
const NEARLY_FULL: u64 = 64 << 20;

pub(super) fn is_nearly_full(file: &Path) -> bool {
    platform::free_space(file).is_some_and(|free| free < NEARLY_FULL)
}

/// A file's address for SQLite (sqlite.org/uri.html).
pub(super) fn uri(path: &Path, how: &str) -> String {
    let mut uri = String::from("file:");
    for &byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' => uri.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri + "?" + how
}

pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

/// A file that SQLite may open.
pub(super) struct Admitted {
    /// Without links.
    pub path: PathBuf,
    pub log: WriteAhead,
    /// What is in the write-ahead log that a process that died has left.
    pub unfinished: bool,
}

/// Whether the file says that it is kept with a write-ahead log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WriteAhead {
    None,
    WriteAhead,
}

/// Where there is no file yet and one is wanted, an empty one is made.
pub(super) fn admit(
    declaration: &Declaration,
    place: &DatabasePlace,
    missing: Missing,
) -> Result<Admitted, DatabaseError> {
    let path = resolve(declaration, place, missing)?;
    let cannot_open = |error| place.fault(Fault::Open(error));
    let folder = path.parent().unwrap_or(Path::new("/"));
    let rights = Rights::of(&std::fs::metadata(folder).map_err(cannot_open)?);
    refuse(place, folder, why_not_folder(declaration.keeping, rights))?;
    let mut metadata = look(&path).map_err(cannot_open)?;
    if metadata.is_none() {
        let orphan = BESIDE.map(|ending| beside(&path, ending)).into_iter().find(|beside| {
            // Not if another run has just made the database.
            matches!(look(beside), Ok(Some(_))) && matches!(look(&path), Ok(None))
        });
        if let Some(orphan) = orphan {
            let why = "is left of a database that is gone".to_owned();
            return Err(untrusted(place, &orphan, (why, Some("move it away too".to_owned()))));
        }
        match platform::create_new(&path) {
            Ok(file) => platform::make_private(&file).map_err(cannot_open)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) if declaration.keeping == Keeping::Private => {
                return Err(place.fault(Fault::Folder(folder.to_path_buf(), error)));
            }
            Err(error) => return Err(cannot_open(error)),
        }
        metadata = look(&path).map_err(cannot_open)?;
    }
    let Some(metadata) = metadata else {
        return Err(cannot_open(io::ErrorKind::NotFound.into()));
    };
    refuse(place, &path, why_not_file(declaration.keeping, &metadata, None))?;
    for ending in BESIDE {
        let beside = beside(&path, ending);
        if let Some(found) = look(&beside).map_err(cannot_open)? {
            refuse(
                place,
                &beside,
                why_not_file(declaration.keeping, &found, Some(&metadata)),
            )?;
        }
    }
    if names_super_journal(&beside(&path, "-journal")).map_err(cannot_open)? {
        let why = "was not written by this program: it has another file deleted".to_owned();
        let hint = Some("move it away".to_owned());
        return Err(untrusted(place, &beside(&path, "-journal"), (why, hint)));
    }
    let log = check_header(declaration, place, &path)?;
    let unfinished = matches!(look(&beside(&path, "-wal")), Ok(Some(log)) if log.len() > 0);
    Ok(Admitted { path, log, unfinished })
}

/// Follows the links that the user made to the folder, or to the database; in a private folder there are none.
fn resolve(declaration: &Declaration, place: &DatabasePlace, missing: Missing) -> Result<PathBuf, DatabaseError> {
    let given = &place.path;
    let cannot_open = |error| place.fault(Fault::Open(error));
    let folder = match given.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let name = given
        .file_name()
        .ok_or_else(|| cannot_open(io::ErrorKind::IsADirectory.into()))?;
    if missing == Missing::Refuse && !given.try_exists().map_err(cannot_open)? {
        return Err(place.fault(Fault::Missing));
    }
    if let Some((found, why)) = why_not_way(declaration.keeping, given) {
        return Err(untrusted(place, &found, why));
    }
    let real = match declaration.keeping {
        Keeping::Private => {
            let in_folder = |error| place.fault(Fault::Folder(folder.to_path_buf(), error));
            platform::create_private_folder(folder).map_err(in_folder)?;
            std::fs::canonicalize(folder).map_err(in_folder)?
        }
        Keeping::Shared => {
            if std::fs::symlink_metadata(given).is_ok_and(|metadata| metadata.is_symlink()) {
                return std::fs::canonicalize(given).map_err(cannot_open);
            }
            platform::create_private_folder(folder).map_err(cannot_open)?;
            std::fs::canonicalize(folder).map_err(cannot_open)?
        }
    };
    Ok(real.join(name))
}

/// What is another user's on the way to a database: a link, which leads wherever that user likes, or the folder in which the
/// rest of the way would be made, or the database, as in a home that sudo keeps. A ledger may be begun in what a group
/// shares.
fn why_not_way(keeping: Keeping, database: &Path) -> Option<(PathBuf, Why)> {
    let database = std::path::absolute(database).ok()?;
    let mut way: Vec<&Path> = database.ancestors().collect();
    way.reverse();
    let mut last = None;
    for part in way {
        let Ok(Some(metadata)) = look(part) else {
            let (part, rights): (&Path, Rights) = last?;
            let Owner::Another(user) = rights.owner else {
                return None;
            };
            let is_shared = keeping == Keeping::Shared && rights.group_writes && rights.is_our_group;
            return (!is_shared).then(|| (part.to_path_buf(), another_users(user)));
        };
        if let (Keeping::Private, true, Owner::Another(user)) =
            (keeping, metadata.is_symlink(), Rights::of(&metadata).owner)
        {
            return Some((part.to_path_buf(), another_users(user)));
        }
        last = std::fs::metadata(part)
            .ok()
            .map(|metadata| (part, Rights::of(&metadata)));
    }
    None
}

fn look(path: &Path) -> io::Result<Option<Metadata>> {
    match std::fs::symlink_metadata(path) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Why something is not let in, and what to do.
type Why = (String, Option<String>);

fn refuse(place: &DatabasePlace, path: &Path, why: Option<Why>) -> Result<(), DatabaseError> {
    match why {
        Some(why) => Err(untrusted(place, path, why)),
        None => Ok(()),
    }
}

fn untrusted(place: &DatabasePlace, path: &Path, (why, hint): Why) -> DatabaseError {
    let path = path.display().to_string();
    let hint = hint.map(|hint| format!("\nhint: {}", hint.replace("FILE", &path)));
    place.fault(Fault::Untrusted(format!("{path} {why}{}", hint.unwrap_or_default())))
}

/// What the journal says is done: none but its user may write it, nor put something into its place.
fn why_not_folder(keeping: Keeping, rights: Rights) -> Option<Why> {
    match (keeping, rights.owner) {
        (Keeping::Private, Owner::Another(user)) => Some(another_users(user)),
        (Keeping::Private, Owner::Superuser) => Some(another_users(0)),
        (Keeping::Private, Owner::Ours) => why_not_writable(rights),
        (Keeping::Shared, _) if rights.others_write && !rights.sticky => Some((
            "can be written by everyone, so that anyone may replace the ledger".to_owned(),
            Some("chmod o-w FILE".to_owned()),
        )),
        (Keeping::Shared, _) => None,
    }
}

fn why_not_file(keeping: Keeping, metadata: &Metadata, database: Option<&Metadata>) -> Option<Why> {
    if !metadata.is_file() {
        return Some(("is not a regular file".to_owned(), None));
    }
    if platform::links(metadata) > 1 {
        return Some((
            "has another name elsewhere, and would be written there too".to_owned(),
            None,
        ));
    }
    let rights = Rights::of(metadata);
    match (keeping, rights.owner) {
        (Keeping::Private, Owner::Another(user)) => Some(another_users(user)),
        (Keeping::Private, Owner::Superuser) => Some(another_users(0)),
        (Keeping::Private, Owner::Ours) => why_not_writable(rights),
        (Keeping::Shared, _) if rights.others_write => Some((
            "can be written by everyone".to_owned(),
            Some(format!(
                "chmod o-w FILE; to share it, give it to a group (README, What is trusted); {WITHOUT_RIGHTS}"
            )),
        )),
        (Keeping::Shared, Owner::Ours | Owner::Superuser) => None,
        // Shared with a group that this user is in, on purpose.
        (Keeping::Shared, Owner::Another(user)) => {
            let database = database.map(Rights::of);
            let is_shared = match database {
                None => rights.group_writes && rights.is_our_group,
                // What another member of the group left, or the owner.
                Some(database) => {
                    database.owner == rights.owner || database.group_writes && database.group == rights.group
                }
            };
            (!is_shared).then(|| another_users(user))
        }
    }
}

/// Everyone may do everything where the file system knows no rights, and chmod changes nothing there.
const WITHOUT_RIGHTS: &str =
    "on a drive of FAT or NTFS, mount it with umask=077, or let ISRCTAG_STATE_DIR and --ledger lead elsewhere";

fn why_not_writable(rights: Rights) -> Option<Why> {
    let hint = match rights.others_write {
        true => format!("chmod go-w FILE; {WITHOUT_RIGHTS}"),
        false => "chmod go-w FILE".to_owned(),
    };
    let is_open = rights.group_writes || rights.others_write;
    is_open.then(|| ("can be written by others than its owner".to_owned(), Some(hint)))
}

fn another_users(user: u32) -> Why {
    let hint = "run isrctag as that user, or let ISRCTAG_STATE_DIR and --ledger lead to what is yours";
    (
        format!("belongs to another user (number {user})"),
        Some(hint.to_owned()),
    )
}

/// Whether the journal would have SQLite delete a file. Shorter ones are none to SQLite.
fn names_super_journal(journal: &Path) -> io::Result<bool> {
    let file = match SourceFile::open(journal, Links::Refuse) {
        Ok(file) => file,
        // Other runs make one and delete it, again and again.
        Err(ReadError::Open(error)) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(io::Error::other(error)),
    };
    let mut end = [0; 8];
    if file.len() < 16 {
        return Ok(false);
    }
    read_exact_at(&file, &mut end, file.len() - 8)?;
    Ok(end == SUPER_JOURNAL)
}

/// Looks at the first bytes of a file, which are in plain sight (sqlite.org/fileformat2.html, section 1.3). A run that
/// was killed as it wrote, or one that is writing, leaves a `-journal`: then SQLite puts the file right first.
fn check_header(declaration: &Declaration, place: &DatabasePlace, path: &Path) -> Result<WriteAhead, DatabaseError> {
    let unfinished = || matches!(look(&beside(path, "-journal")), Ok(Some(metadata)) if metadata.len() > 0);
    match header(declaration, place, path) {
        Err(_) if unfinished() => Ok(WriteAhead::None),
        // Another run may have ended between the two looks.
        Err(_) => header(declaration, place, path),
        Ok(log) => Ok(log),
    }
}

fn header(declaration: &Declaration, place: &DatabasePlace, path: &Path) -> Result<WriteAhead, DatabaseError> {
    let file =
        SourceFile::open(path, Links::Refuse).map_err(|error| place.fault(Fault::Open(io::Error::other(error))))?;
    if file.len() == 0 {
        return Ok(WriteAhead::None);
    }
    let mut header = [0; 100];
    match read_exact_at(&file, &mut header, 0) {
        Ok(()) if header.starts_with(b"SQLite format 3\0") => {}
        Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => return Err(place.fault(Fault::Open(error))),
        Ok(()) | Err(_) => {
            return Err(place.fault(match declaration.keeping {
                Keeping::Private => Fault::Damaged(None),
                Keeping::Shared => Fault::Foreign,
            }));
        }
    }
    let number = |at: usize| i32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    match (number(68), number(60)) {
        // Made by another run a moment ago: its schema still is in the write-ahead log.
        (0, 0) if declaration.keeping == Keeping::Private => {}
        (application, layout) => place.check_numbers(declaration, application, layout)?,
    }
    // The versions that write and read it.
    Ok(match header[18..20] {
        [1, 1] => WriteAhead::None,
        _ => WriteAhead::WriteAhead,
    })
}
