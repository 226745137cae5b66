//! What Linux tells and can beyond other systems.

use std::fs::File;
use std::ops::Range;
use std::time::Duration;

use super::NotCarried;

/// For how long this thread has had a processor since it began, where the system says it.
pub(crate) fn run_time() -> Option<Duration> {
    use rustix::time::{ClockId, clock_gettime};
    let run = clock_gettime(ClockId::ThreadCPUTime);
    Some(Duration::new(run.tv_sec as u64, run.tv_nsec as u32))
}

/// For how long this thread has been ready to run since it began, and others had the processors: the second number of its
/// `schedstat` (Documentation/scheduler/sched-stats). To ask costs as much as to open a file.
pub(crate) fn ready_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(
        stat.split_ascii_whitespace().nth(1)?.parse().ok()?,
    ))
}

/// What tells one start of the machine from another, where the system tells: it may number its disks anew each time.
pub(crate) fn start_of_machine() -> Option<String> {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim_end().to_owned())
}

/// The number of a file system's kind (statfs(2), linux/magic.h).
fn kind_of_system(file: &File) -> Option<u32> {
    rustix::fs::fstatfs(file).ok().map(|system| system.f_type as u32)
}

const OVERLAY: u32 = 0x794c_7630;
const CIFS: u32 = 0xFF53_4D42;
const SMB2: u32 = 0xFE53_4D42;

/// Whether a file is on a file system that copies it when it is first opened to be written (overlay file systems).
pub(crate) fn is_copied_up(file: &File) -> bool {
    kind_of_system(file) == Some(OVERLAY)
}

/// A lock on a share of SMB keeps its holder's other handles from writing, too (MS-FSA, section 2.1.4.10).
pub(super) fn locks_shut_out_their_holder(file: &File) -> bool {
    kind_of_system(file).is_some_and(|kind| [CIFS, SMB2].contains(&kind))
}

/// Whether the file system of a file keeps times of change that no program can set.
/// FAT and exFAT have none, and of FUSE nobody knows.
pub(crate) fn keeps_times_of_change(file: &File) -> bool {
    const EXT: u32 = 0xEF53;
    const XFS: u32 = 0x5846_5342;
    const BTRFS: u32 = 0x9123_683E;
    const F2FS: u32 = 0xF2F5_2010;
    const BCACHEFS: u32 = 0xCA45_1A4E;
    const ZFS: u32 = 0x2FC1_2FC1;
    const JFS: u32 = 0x3153_464A;
    const TMPFS: u32 = 0x0102_1994;
    const NTFS3: u32 = 0x7366_746E;
    const NFS: u32 = 0x6969;
    const CEPH: u32 = 0x00C3_6400;
    const KEEP: [u32; 14] = [
        EXT, XFS, BTRFS, F2FS, BCACHEFS, ZFS, JFS, TMPFS, OVERLAY, NTFS3, NFS, CIFS, SMB2, CEPH,
    ];
    kind_of_system(file).is_some_and(|kind| KEEP.contains(&kind))
}

/// Lets the disk begin with a range that was written, where the system can be told; it is synced later.
/// Linux answers "not needed any more" by writing what is dirty, without waiting (mm/fadvise.c).
pub(crate) fn start_writing(file: &File, range: Range<u64>) {
    if let Some(len) = std::num::NonZeroU64::new(range.end.saturating_sub(range.start)) {
        // Only advice: the sync that follows does not depend on it.
        let _advised = rustix::fs::fadvise(file, range.start, Some(len), rustix::fs::Advice::DontNeed);
    }
}

/// Whether an empty file now shares all blocks of another one (Btrfs, XFS, bcachefs), which takes no time or room.
/// `FICLONE` (ioctl_ficlonerange(2)); other file systems refuse it and leave the file empty.
pub(crate) fn share_blocks(from: &File, to: &File) -> bool {
    rustix::fs::ioctl_ficlone(to, from).is_ok()
}

/// Gives a new file that is still empty the attributes of an old one that decide how its content is kept.
/// The flags of a file that its user gives it (ioctl_iflags(2), chattr(1)).
pub(crate) fn carry_flags(from: &File, to: &File) -> Result<(), NotCarried> {
    use rustix::fs::{IFlags, ioctl_getflags, ioctl_setflags};
    const GIVEN: IFlags = IFlags::COMPRESSED
        .union(IFlags::NOATIME)
        .union(IFlags::NOCOW)
        .union(IFlags::NODUMP)
        .union(IFlags::NOTAIL)
        .union(IFlags::SYNC);
    // Many file systems have none.
    let (Ok(old), Ok(new)) = (ioctl_getflags(from), ioctl_getflags(to)) else {
        return Ok(());
    };
    let wanted = (new - GIVEN) | (old & GIVEN);
    if wanted == new {
        return Ok(());
    }
    ioctl_setflags(to, wanted).map_err(|error| NotCarried {
        what: "a file attribute (lsattr shows it)",
        source: Some(error.into()),
    })
}
