//! scratch
mod pieces;
mod set;

use isrctag::audio::compare::likeness;
use isrctag::audio::decode::Limits;
use isrctag::audio::fingerprint::Fingerprint;
use isrctag::source::{Links, SourceFile};

fn main() {
    if std::env::args().nth(1).as_deref() == Some("dump") {
        let path = std::env::args().nth(2).unwrap();
        let file = SourceFile::open(std::path::Path::new(&path), Links::Refuse).unwrap();
        let mut out = Vec::new();
        let h = isrctag::audio::decode::decode(&file, None, &Limits::default(), &mut |_, s| out.extend(s.iter().flat_map(|s| s.to_le_bytes())));
        eprintln!("{h:?}");
        std::fs::write("/tmp/wt/dump.f32", out).unwrap();
        return;
    }
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/fingerprint-set");
    let items = set::make(&folder, std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(set::PIECES));
    eprintln!("{} files", items.len());
    let cache = isrctag::audio::cache::Cache::open(&folder).unwrap();
    let mut total = 0.0;
    let start = std::time::Instant::now();
    let prints: Vec<Option<Fingerprint>> = items.iter().map(|item| {
        let file = SourceFile::open(&item.path, Links::Refuse).unwrap();
        let ext = item.path.extension().unwrap().to_str();
        match cache.fingerprint(&file, ext, &Limits::default()) {
            Ok(p) => { total += p.heard().as_secs_f64(); Some(p) }
            Err(e) => { eprintln!("{}: {e:?}", item.path.display()); None }
        }
    }).collect();
    let took = start.elapsed().as_secs_f64();
    eprintln!("{total} s in {took} s: {} x", total / took);
    let mut index = isrctag::audio::index::Index::new();
    let known: Vec<usize> = (0..items.len()).filter(|&n| prints[n].is_some()).collect();
    known.iter().for_each(|&n| index.add(prints[n].as_ref().unwrap()));
    index.finish();
    let (mut wanted, mut found, mut listed) = (0, 0, 0);
    for (file, &n) in known.iter().enumerate() {
        let candidates = index.candidates(file as u32);
        listed += candidates.len();
        for (other, &m) in known.iter().enumerate() {
            if n != m && items[n].piece == items[m].piece && items[n].version == items[m].version {
                wanted += 1;
                if candidates.contains(&(other as u32)) { found += 1 } else { eprintln!("missed {} {} / {}", items[n].piece, items[n].form, items[m].form) }
            }
        }
    }
    eprintln!("index: {found} of {wanted}, {listed} listed for {} files", known.len());
    for (i, a) in items.iter().enumerate() {
        for (j, b) in items.iter().enumerate().skip(i + 1) {
            let kind = if a.piece == b.piece {
                if a.version == b.version { "same".to_owned() }
                else if a.version == "original" && ["flac", "mp3-128"].contains(&a.form.as_str()) { b.version.clone() } else { continue }
            } else if a.form == "flac" && b.form == "flac" && a.version == "original" && b.version == "original" { "other".to_owned() } else { continue };
            let (Some(pa), Some(pb)) = (&prints[i], &prints[j]) else { continue };
            let Some(l) = likeness(pa, pb) else { println!("none"); continue };
            println!("{kind}\t{}\t{}\t{}\t{:.4}\t{:.4}\t{:.2}\t{:.2}\t{:.2}\t{:.3}\t{:.3}\t{:.2}\t{:.3}\t{}", a.piece, a.form, b.form, l.alike, l.worst_alike, l.drift, l.offset, l.overlap, l.band_mean, l.band_worst, l.tone, l.plain,
                pa.duration().unwrap_or_default().as_secs_f64() - pb.duration().unwrap_or_default().as_secs_f64());
        }
    }
}
