//! Lists the files to look at, in one fixed order: a folder's own files first, then its subfolders, both in natural
//! order of names (`2` before `10`). Nothing is opened here. Invariant: the order depends on names alone.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use globset::{Glob, GlobSet};
use walkdir::{DirEntry, WalkDir};

use crate::format::Format;
use crate::source::Links;

/// Which files a walk takes.
#[derive(Debug, Clone)]
pub struct Walk {
    /// Files or folders, in the order they are walked. [`Walk::of`] sees to it that none is seen twice.
    pub roots: Vec<PathBuf>,
    pub links: Links,
    pub hidden: Hidden,
    /// Paths (as printed, or below their root) and file names that are left out; see [`exclusion`].
    pub exclude: GlobSet,
}

/// Whether files and folders whose name begins with a dot are walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hidden {
    Skip,
    Take,
}

/// One thing a walk came upon.
#[derive(Debug)]
pub enum Found {
    /// A file that claims to be audio by its name, or was named by the user.
    Audio(PathBuf),
    /// A file whose name claims nothing: it is audio if its content says so, and otherwise passed over.
    Unclaimed(PathBuf),
    /// A path that could not be walked: an unreadable folder, a vanished root, a loop of links.
    Unwalkable { path: PathBuf, error: io::Error },
}

impl Found {
    pub fn path(&self) -> &Path {
        match self {
            Found::Audio(path) | Found::Unclaimed(path) | Found::Unwalkable { path, .. } => path,
        }
    }
}

impl Walk {
    /// A walk of these paths that sees each of them once, though one may lie below another.
    pub fn of(paths: Vec<PathBuf>, links: Links, hidden: Hidden, exclude: GlobSet) -> Walk {
        let mut walk = Walk {
            roots: Vec::new(),
            links,
            hidden,
            exclude,
        };
        let canonical: Vec<Option<PathBuf>> = paths.iter().map(|path| path.canonicalize().ok()).collect();
        // From above to below: what is left out here is not walked, so nothing is reached from there.
        let mut order: Vec<usize> = (0..paths.len()).collect();
        order.sort_by_key(|&index| canonical[index].as_ref().map_or(0, |path| path.components().count()));
        let mut kept: HashMap<&Path, usize> = HashMap::new();
        let mut keep = vec![true; paths.len()];
        for index in order {
            // What does not exist is reported later.
            let Some(path) = &canonical[index] else { continue };
            let is_reached = |above| {
                kept.get(above)
                    .is_some_and(|&root| walk.reaches(&paths[root], above, path))
            };
            keep[index] = !kept.contains_key(path.as_path()) && !path.ancestors().skip(1).any(is_reached);
            if keep[index] {
                kept.insert(path, index);
            }
        }
        let kept = paths.into_iter().zip(keep).filter(|(_, keep)| *keep);
        walk.roots = kept.map(|(path, _)| path).collect();
        walk
    }

    /// Walks lazily, so that a chunk can be read while the next one is listed.
    pub fn found(&self) -> impl Iterator<Item = Found> + Send + '_ {
        let named = self.named_without_claim();
        let is_named = move |found: &Found| match found {
            Found::Unclaimed(path) if !named.is_empty() => path.canonicalize().is_ok_and(|path| named.contains(&path)),
            Found::Unclaimed(_) | Found::Audio(_) | Found::Unwalkable { .. } => false,
        };
        let found = self.roots.iter().flat_map(move |root| self.below(root));
        found.filter(move |found| !is_named(found))
    }

    /// How the files of the walk are opened. Links inside a folder are passed over before, if they are not followed;
    /// one that the user named is followed like a file.
    pub fn opening(&self) -> Links {
        match self.roots.iter().any(|root| root.is_symlink()) {
            true => Links::Follow,
            false => self.links,
        }
    }

    /// Files among several roots whose names claim nothing. The user says that they are audio, so the walk of another
    /// root leaves them.
    fn named_without_claim(&self) -> HashSet<PathBuf> {
        if self.roots.len() < 2 {
            return HashSet::new();
        }
        let claims_nothing = |root: &&PathBuf| claim(Extension::of(root.as_os_str()).as_ref()) == Claim::None;
        let canonical = self.roots.iter().filter(claims_nothing);
        let canonical = canonical.filter_map(|root| root.canonicalize().ok());
        canonical.filter(|path| path.is_file()).collect()
    }

    /// Whether a walk of `root`, which is the folder `above`, takes `path`, a file or folder somewhere below. All but
    /// `root` are canonical.
    fn reaches(&self, root: &Path, above: &Path, path: &Path) -> bool {
        let Ok(below) = path.strip_prefix(above) else {
            return false;
        };
        let mut walked = root.to_path_buf();
        let is_left_out = below.components().any(|name| {
            walked.push(name);
            self.leaves_out(root, &walked)
        });
        let is_audio = || matches!(claim(Extension::of(path.as_os_str()).as_ref()), Claim::Audio(_));
        !is_left_out && (path.is_dir() || is_audio())
    }

    fn below<'a>(&'a self, root: &'a Path) -> impl Iterator<Item = Found> + Send + 'a {
        WalkDir::new(root)
            .follow_links(self.links == Links::Follow)
            .follow_root_links(true)
            .sort_by(files_first_in_natural_order)
            .into_iter()
            .filter_entry(move |entry| entry.depth() == 0 || !self.leaves_out(root, entry.path()))
            .filter_map(move |entry| match entry {
                Ok(entry) => found(entry),
                Err(error) => Some(unwalkable(root, error)),
            })
    }

    /// Whether a path that the walk of `root` comes upon is passed over, with all below it.
    fn leaves_out(&self, root: &Path, path: &Path) -> bool {
        let name = last_name(path.as_os_str());
        if self.hidden == Hidden::Skip && name.first() == Some(&b'.') {
            return true;
        }
        if self.exclude.is_empty() {
            return false;
        }
        let below = path.strip_prefix(root).unwrap_or(path);
        let printed = path.strip_prefix(".").unwrap_or(path);
        [printed, below].into_iter().any(|path| self.exclude.is_match(path))
            || path.file_name().is_some_and(|name| self.exclude.is_match(name))
    }
}

/// A pattern as it is matched: without the `./` before it and the separator behind it that people type.
pub fn exclusion(glob: &Glob) -> Result<Glob, globset::Error> {
    let pattern = glob.glob();
    let bare = pattern.strip_prefix("./").unwrap_or(pattern);
    Glob::new(bare.strip_suffix('/').unwrap_or(bare))
}

/// The paths without those that name a file or folder once more.
pub fn distinct(paths: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut taken = HashSet::new();
    let is_first = |path: &PathBuf| match path.canonicalize() {
        Ok(path) => taken.insert(path),
        // What does not exist is reported later.
        Err(_) => true,
    };
    paths.into_iter().filter(is_first).collect()
}

fn found(entry: DirEntry) -> Option<Found> {
    let named_by_user = entry.depth() == 0;
    let kind = entry.file_type();
    // A folder behind a link that the user named is walked, but the entry is still that of the link.
    let is_folder = kind.is_dir() || (kind.is_symlink() && named_by_user && entry.path().is_dir());
    if is_folder || (kind.is_symlink() && !named_by_user) {
        return None;
    }
    match claim(Extension::of(entry.path().as_os_str()).as_ref()) {
        Claim::Audio(_) => Some(Found::Audio(entry.into_path())),
        Claim::Other | Claim::None if named_by_user => Some(Found::Audio(entry.into_path())),
        Claim::Other => None,
        Claim::None => kind.is_file().then(|| Found::Unclaimed(entry.into_path())),
    }
}

fn unwalkable(root: &Path, error: walkdir::Error) -> Found {
    let path = error.path().unwrap_or(root).to_path_buf();
    let error = match error.loop_ancestor() {
        Some(_) => io::Error::other("a link leads back to a folder above it"),
        None => error
            .into_io_error()
            .unwrap_or_else(|| io::Error::other("cannot be walked")),
    };
    Found::Unwalkable { path, error }
}

/// What a file name's extension claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// Audio, of one of these kinds.
    Audio(&'static [Format]),
    /// Something else that lies in music folders: covers, logs, playlists, cue sheets, documents.
    Other,
    /// No extension, or one that says nothing here.
    None,
}

impl Claim {
    /// Whether a file with this claim may hold `format` without its name telling a lie.
    pub fn allows(self, format: Format) -> bool {
        match self {
            Claim::Audio(formats) => formats.contains(&format),
            Claim::Other => false,
            Claim::None => true,
        }
    }
}

/// A file name's extension, in lower case, without its dot. Longer ones than any that is known here count as none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extension {
    lower: [u8; Extension::LONGEST],
    len: u8,
}

impl Extension {
    const LONGEST: usize = 8;

    /// Of the last part of a path. By bytes, since a scan asks for a million of them.
    pub fn of(path: &OsStr) -> Option<Extension> {
        let bytes = path.as_encoded_bytes();
        // One byte of the name before the dot, at least: `.mp3` is a hidden file without extension.
        let end = &bytes[bytes.len().saturating_sub(Extension::LONGEST + 2)..];
        let dot = end.iter().rposition(|&byte| byte == b'.' || is_separator(byte))?;
        if end[dot] != b'.' || is_separator(*end[..dot].last()?) {
            return None;
        }
        let extension = &end[dot + 1..];
        let mut lower = [0; Extension::LONGEST];
        lower.get_mut(..extension.len())?.copy_from_slice(extension);
        lower.make_ascii_lowercase();
        Some(Extension {
            lower,
            len: extension.len() as u8,
        })
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.lower[..usize::from(self.len)]
    }

    /// None if it is not text.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(self.as_bytes()).ok()
    }
}

/// What a file name's extension claims.
pub fn claim(extension: Option<&Extension>) -> Claim {
    use Format::*;
    let Some(extension) = extension else {
        return Claim::None;
    };
    let formats: &'static [Format] = match extension.as_bytes() {
        b"mp3" | b"mp2" | b"mp1" | b"mpga" => &[Mp3],
        b"aac" | b"adts" => &[Aac],
        b"tta" => &[Tta],
        b"flac" | b"fla" => &[Flac],
        b"ogg" | b"oga" | b"ogx" => &[OggVorbis, OggOpus, OggSpeex, OggFlac],
        b"opus" => &[OggOpus],
        b"spx" => &[OggSpeex],
        b"m4a" | b"m4b" | b"m4p" | b"m4r" | b"m4v" | b"mp4" | b"mov" | b"qt" | b"3gp" | b"3ga" | b"3g2" | b"3gpp"
        | b"alac" => &[Mp4],
        b"wav" | b"wave" | b"bwf" | b"rf64" | b"bw64" => &[Wav, Rf64],
        b"aif" | b"aiff" | b"aifc" | b"afc" => &[Aiff, Aifc],
        b"wv" => &[WavPack],
        b"ape" | b"mac" => &[MonkeysAudio],
        b"mpc" | b"mp+" | b"mpp" => &[Musepack],
        b"tak" => &[Tak],
        b"ofr" | b"ofs" => &[OptimFrog],
        b"dsf" => &[Dsf],
        b"dff" | b"dsdiff" => &[Dsdiff],
        b"wma" | b"asf" => &[Wma],
        b"mka" | b"mkv" => &[Matroska, Webm],
        b"webm" | b"weba" => &[Webm, Matroska],
        b"caf" => &[Caf],
        b"au" | b"snd" => &[Au],
        b"ac3" | b"eac3" | b"ec3" => &[Ac3],
        b"amr" | b"awb" => &[Amr],
        b"ra" | b"ram" | b"rm" => &[RealAudio],
        b"jpg" | b"jpeg" | b"jpe" | b"png" | b"gif" | b"bmp" | b"tif" | b"tiff" | b"webp" | b"heic" | b"avif"
        | b"svg" | b"psd" | b"ico" | b"log" | b"txt" | b"md" | b"nfo" | b"rtf" | b"pdf" | b"doc" | b"docx" | b"odt"
        | b"xls" | b"xlsx" | b"ods" | b"csv" | b"tsv" | b"json" | b"jsonl" | b"xml" | b"xmp" | b"html" | b"htm"
        | b"url" | b"webloc" | b"lnk" | b"cue" | b"m3u" | b"m3u8" | b"pls" | b"xspf" | b"wpl" | b"asx" | b"accurip"
        | b"toc" | b"sfv" | b"md5" | b"ffp" | b"st5" | b"sha1" | b"sha256" | b"par2" | b"torrent" | b"lrc" | b"srt"
        | b"db" | b"sqlite" | b"ini" | b"ds_store" | b"bak" | b"tmp" | b"part" | b"zip" | b"rar" | b"7z" | b"gz"
        | b"bz2" | b"xz" | b"tar" | b"iso" | b"exe" | b"dll" | b"mid" | b"midi" | b"pk" | b"asd" | b"als"
        | b"reapeaks" | b"py" | b"rs" | b"toml" | b"yaml" | b"yml" | b"sh" => return Claim::Other,
        _ => return Claim::None,
    };
    Claim::Audio(formats)
}

fn files_first_in_natural_order(a: &DirEntry, b: &DirEntry) -> Ordering {
    let folders_last = a.file_type().is_dir().cmp(&b.file_type().is_dir());
    folders_last.then_with(|| {
        let (a, b) = (a.path().as_os_str(), b.path().as_os_str());
        let name = last_name(a);
        // They stand in one folder, so their names begin at one place.
        let before = a.len() - name.len();
        order_of_names(name, &b.as_encoded_bytes()[before..])
    })
}

/// The bytes of a path behind its last separator. `Path::file_name` takes a path apart component by component, which
/// shows in the time of a scan: sorting alone asks for a million names again and again.
fn last_name(path: &OsStr) -> &[u8] {
    let bytes = path.as_encoded_bytes();
    let before = memchr::memrchr2(b'/', std::path::MAIN_SEPARATOR as u8, bytes);
    before.map_or(bytes, |at| &bytes[at + 1..])
}

fn is_separator(byte: u8) -> bool {
    byte == b'/' || byte == std::path::MAIN_SEPARATOR as u8
}

/// Compares names as people count: runs of digits by their value, letters without ASCII case; names that are equal so
/// far are told apart by their bytes, so the order is total.
pub fn natural_order(a: &OsStr, b: &OsStr) -> Ordering {
    order_of_names(a.as_encoded_bytes(), b.as_encoded_bytes())
}

fn order_of_names(a: &[u8], b: &[u8]) -> Ordering {
    let (mut left, mut right) = (a, b);
    loop {
        let (Some(&x), Some(&y)) = (left.first(), right.first()) else {
            return left.len().cmp(&right.len()).then_with(|| a.cmp(b));
        };
        if x.is_ascii_digit() && y.is_ascii_digit() {
            let (x, after_x) = split_number(left);
            let (y, after_y) = split_number(right);
            // Without leading zeros the longer number is the larger one, however long both are.
            let order = x.len().cmp(&y.len()).then_with(|| x.cmp(y));
            if order != Ordering::Equal {
                return order;
            }
            (left, right) = (after_x, after_y);
        } else {
            let order = x.to_ascii_lowercase().cmp(&y.to_ascii_lowercase());
            if order != Ordering::Equal {
                return order;
            }
            (left, right) = (&left[1..], &right[1..]);
        }
    }
}

/// The run of digits that `bytes` begins with, without its leading zeros, and what follows.
fn split_number(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(bytes.len());
    let (digits, rest) = bytes.split_at(end);
    let zeros = digits.iter().position(|&digit| digit != b'0').unwrap_or(digits.len());
    (&digits[zeros..], rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_ordered_as_people_count() {
        check("2 Song", "10 Song", Ordering::Less);
        check("track 09.flac", "track 10.flac", Ordering::Less);
        check("a", "B", Ordering::Less);
        check("CD2", "CD10", Ordering::Less);
        check("01", "1", Ordering::Less);
        check("a1b", "a1", Ordering::Greater);
        check(
            "99999999999999999999999999",
            "100000000000000000000000000",
            Ordering::Less,
        );
        check("Été", "Été", Ordering::Equal);
    }

    #[track_caller]
    fn check(a: &str, b: &str, expected: Ordering) {
        assert_eq!(natural_order(a.as_ref(), b.as_ref()), expected, "{a:?} {b:?}");
        assert_eq!(natural_order(b.as_ref(), a.as_ref()), expected.reverse(), "{b:?} {a:?}");
    }

    #[test]
    fn extensions_claim_in_any_case() {
        let claim = |name: &str| claim(Extension::of(name.as_ref()).as_ref());
        assert_eq!(claim("folder.d/a.FLAC"), Claim::Audio(&[Format::Flac]));
        assert_eq!(claim("cover.Jpg"), Claim::Other);
        assert_eq!(claim("a.extraordinary"), Claim::None);
        assert_eq!(claim("folder.mp3/name"), Claim::None);
        assert_eq!(claim(".mp3"), Claim::None);
        assert_eq!(claim("a."), Claim::None);
    }
}
