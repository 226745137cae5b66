//! One file from its path to an edit that is proved and ready to be committed. Nothing is written here.

use std::path::Path;

use crate::bytes::pieces::Pieces;
use crate::bytes::source::{ReadAt, ReadError, Source, SourceFile, with_causes};
use crate::discover::{Extension, Misnamed};
use crate::format::tags::quietly;
use crate::format::{self, Located, SpliceError, Walked};
use crate::plan::{Plan, Step};
use crate::system::in_flight::spread;
use crate::system::platform::{self, Identity, Lock};

use super::cache::Cached;
use super::entry::{Entry, RecentFolders};
use super::journal::EditId;
use super::own::Own;
use super::{
    Account, EditError, Edited, InPlace, LOCKED, Method, Naming, NotWritten, Outcome, Planner, Request, refused,
};
use crate::prove::kept::{Kept, kept};
use crate::prove::{Proved, prove};

/// The most bytes that are written into a file where it is. They are saved in the journal; no real picture is as
/// large.
const WINDOW_LIMIT: u64 = 64 * 1024 * 1024;

/// The farthest that a byte may move towards the end of a file that is written where it is: as much is held in
/// memory. It is the length of what is put in front of it.
const REACH_LIMIT: u64 = 256 * 1024;

/// A proved edit of a file that is open, and locked unless this is a dry run.
#[derive(Debug)]
pub(super) struct Ready {
    pub entry: Entry,
    /// Holds the lock until it is dropped.
    pub file: SourceFile,
    pub lock: Lock,
    pub identity: Identity,
    pub proved: Proved,
    pub method: Method,
    /// The edit that this one takes back.
    pub undoes: Option<EditId>,
    /// The modification time that the file is to have; none where it is that of the edit.
    pub modified_wanted: Option<i64>,
    /// For the log; none of an undo.
    pub steps: Option<Vec<Step>>,
    /// For the log, where it was asked for.
    pub kept: Option<Kept>,
}

impl Ready {
    /// About how many bytes of memory wait with it.
    pub(super) fn weight(&self) -> usize {
        let patches = self.proved.pieces().patches();
        let pieces: usize = patches.iter().map(|patch| patch.bytes.len() + 64).sum();
        1024 + pieces
    }

    /// How many bytes of its file the journal has to save.
    pub(super) fn saved(&self) -> u64 {
        match &self.method {
            Method::InPlace { .. } => self.method.bytes(),
            Method::NewFile { .. } => 0,
        }
    }
}

/// Whether other runs are to be kept off the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    Lock,
    Look,
}

/// What came of preparing one file.
#[derive(Debug)]
pub(super) enum Prepared {
    /// With what is told of it, as planned.
    Ready(Box<(Ready, Edited)>),
    /// There is nothing to do, or nothing can be done.
    Settled(Box<Edited>),
    /// Another run, or this one under another name of the file, holds it or has just written it.
    Busy,
}

/// What a real run would do to each file, proved as for a real run. Nothing is written, locked or journaled.
pub fn preview(requests: &[Request], planner: Planner, in_place: InPlace) -> Vec<Edited> {
    let (folders, own) = (RecentFolders::default(), Own::default());
    spread(0..requests.len(), |index| {
        let plan = |located: &Located| planner(index, located);
        match prepare(&requests[index], &plan, in_place, Hold::Look, &folders, &own) {
            Prepared::Settled(edited) => *edited,
            Prepared::Busy => busy(),
            Prepared::Ready(ready) => ready.1,
        }
    })
}

pub(super) fn busy() -> Edited {
    Edited::ended(refused(LOCKED).into(), None)
}

/// Opens, walks, plans, splices and proves. A parser's panic costs this one file.
pub(super) fn prepare(
    request: &Request,
    plan: &dyn Fn(&Located) -> Plan,
    in_place: InPlace,
    hold: Hold,
    folders: &RecentFolders,
    own: &Own,
) -> Prepared {
    let prepared = quietly(|| try_prepare(request, plan, in_place, hold, folders, own));
    match prepared.unwrap_or(Err(EditError::Read(ReadError::ParserPanicked).into())) {
        Ok(prepared) => prepared,
        Err(NotWritten::Failed(EditError::Read(error))) if request.naming.passes_over(&error) => {
            Prepared::Settled(Box::new(Edited::ended(Outcome::PassedOver, None)))
        }
        Err(not_written) => Prepared::Settled(Box::new(Edited::ended(not_written.into(), None))),
    }
}

fn try_prepare(
    request: &Request,
    plan: &dyn Fn(&Located) -> Plan,
    in_place: InPlace,
    hold: Hold,
    folders: &RecentFolders,
    own: &Own,
) -> Result<Prepared, NotWritten> {
    let path = &request.path;
    // The name that the user gave tells the kind, not that of a link's target.
    let name = Extension::of(path.as_os_str());
    let extension = name.as_ref().and_then(Extension::as_str);
    let entry = folders.entry(path, &request.trust);
    let entry = entry.map_err(|error| EditError::Read(ReadError::Open(error)))?;
    let Some((file, lock, identity)) = open(&entry, hold)? else {
        return Ok(Prepared::Busy);
    };
    if request
        .looked
        .is_some_and(|looked| !is_as_looked(&looked, &identity, &file, own))
    {
        return Err(refused("the file has changed since it was looked at"));
    }
    let cached = Cached::new(&file);
    let mut source = Source::new(&cached);
    let walked = format::walk(&mut source, extension).map_err(EditError::Read)?;
    let plan = |located: &Located| match plan(located) {
        plan @ Plan::Change { .. } if request.naming != Naming::Alone => {
            match Misnamed::of(name.as_ref(), located.format) {
                // Somebody's mistake, and what is right for it no list and no folder can know.
                Some(misnamed) => Plan::Refuse(format!(
                    "{misnamed}: only set and remove edit it, when it is named alone"
                )),
                None => plan,
            }
        }
        plan => plan,
    };
    let edit = proved_edit(&cached, source, extension, &walked, &plan, request.account).and_then(|edit| {
        let Some((proved, told)) = edit else {
            return Ok(None);
        };
        let method = choose_method(&file, &cached, entry.path(), proved.pieces(), in_place)?;
        let told = Edited {
            method: Some(method.clone()),
            ..told
        };
        Ok(Some((proved, method, told)))
    });
    Ok(match edit {
        Ok(Some((proved, method, told))) => {
            let ready = Ready {
                entry,
                file,
                lock,
                identity,
                proved,
                method,
                undoes: None,
                modified_wanted: None,
                steps: Some(told.steps.clone()),
                kept: told.kept.clone(),
            };
            Prepared::Ready(Box::new((ready, told)))
        }
        Ok(None) => Prepared::Settled(Box::new(Edited::ended(Outcome::Unchanged, Some(walked.located)))),
        Err(not_written) => Prepared::Settled(Box::new(Edited::ended(not_written.into(), Some(walked.located)))),
    })
}

/// None where there is nothing to do.
fn proved_edit(
    file: &(dyn ReadAt + Sync),
    mut source: Source,
    extension: Option<&str>,
    walked: &Walked,
    plan: &dyn Fn(&Located) -> Plan,
    account: Account,
) -> Result<Option<(Proved, Edited)>, NotWritten> {
    let before = &walked.located;
    let (change, steps) = match plan(before) {
        Plan::Change { change, steps } => (change, steps),
        Plan::Nothing => return Ok(None),
        Plan::Refuse(reason) => return Err(refused(reason)),
    };
    let splice = format::edit(&mut source, walked, &change).map_err(|error| match error {
        SpliceError::Refused(refusal) => NotWritten::Refused(refusal),
        SpliceError::Read(error) => EditError::Read(error).into(),
    })?;
    drop(source);
    let proof = prove(file, extension, before, &change, &splice);
    let (proved, after) = proof.map_err(|unproved| refused(with_causes(&unproved)))?;
    let kept = match account {
        Account::Short => None,
        Account::Full => {
            let kept = kept(file, proved.pieces(), &splice.audio);
            Some(kept.map_err(|error| EditError::Read(ReadError::Io(error)))?)
        }
    };
    let told = Edited {
        steps,
        kept,
        ..Edited::ended(Outcome::Planned, Some(after))
    };
    Ok((!proved.pieces().is_empty()).then_some((proved, told)))
}

/// Whether a file is the one that was looked at, in the same state. Some file systems number a file anew from time to
/// time; then its time of change must do. Under several names, an edit of this very run may have changed it; none changes
/// the length of such a file.
fn is_as_looked(looked: &Identity, now: &Identity, file: &SourceFile, own: &Own) -> bool {
    let is_same = looked.inode == now.inode;
    let is_it = match platform::links(file.metadata()) {
        1 => looked.modified == now.modified && (is_same || looked.changed == now.changed),
        _ => is_same && (looked.modified == now.modified || own.has_left(now)),
    };
    is_it && (looked.device, looked.len) == (now.device, now.len)
}

/// None when another run holds the file, or has changed it since it was opened.
pub(super) fn open(entry: &Entry, hold: Hold) -> Result<Option<(SourceFile, Lock, Identity)>, NotWritten> {
    let file = entry.open_to_read().map_err(ReadError::Open).and_then(SourceFile::of);
    let file = file.map_err(EditError::Read)?;
    let identity = Identity::of(file.metadata());
    if hold == Hold::Look {
        return Ok(Some((file, Lock::Unavailable, identity)));
    }
    let unreadable = |error| EditError::Read(ReadError::Io(error));
    let lock = platform::lock(file.file()).map_err(unreadable)?;
    // Most files need no edit. Where there is no lock, a commit asks in another way, and it compares the state of the
    // file before it writes.
    if matches!(lock, Lock::HeldByAnother) {
        return Ok(None);
    }
    let is_current = Identity::at(entry.path()).map_err(unreadable)? == identity;
    Ok(is_current.then_some((file, lock, identity)))
}

/// Whether the pieces are written into the file or make a new one, and whether that may be.
pub(super) fn choose_method(
    file: &SourceFile,
    bytes: &dyn ReadAt,
    path: &Path,
    pieces: &Pieces,
    in_place: InPlace,
) -> Result<Method, NotWritten> {
    // The bits are looked at, since they do not keep a superuser from opening the file.
    if platform::is_read_only(file.metadata()) {
        return Err(refused("the file is read-only"));
    }
    if in_place == InPlace::Auto && pieces.reach() <= REACH_LIMIT {
        let unreadable = |error| EditError::Read(ReadError::Io(error));
        if let Some(windows) = pieces.windows(bytes, WINDOW_LIMIT).map_err(unreadable)? {
            return Ok(Method::InPlace { windows });
        }
    }
    if platform::links(file.metadata()) > 1 {
        return Err(refused(match in_place {
            InPlace::Never => "the file has several names (hard links), and a new file would part them",
            InPlace::Auto => {
                "the file has several names (hard links), and its length would change, which would part them"
            }
        }));
    }
    let folder = path.parent().and_then(|folder| std::fs::metadata(folder).ok());
    if folder.is_none_or(|folder| platform::is_read_only(&folder)) {
        return Err(refused("the file has to be written anew, and its folder is read-only"));
    }
    let bytes = pieces.new_len();
    Ok(Method::NewFile { bytes })
}
