//! scratch
mod pieces;
mod set;

use isrctag::audio::compare::likeness;
use isrctag::audio::decode::Limits;
use isrctag::audio::fingerprint::{fingerprint, Fingerprint};
use isrctag::source::{Links, SourceFile};

fn main() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/fingerprint-set");
    let items = set::make(&folder);
    eprintln!("{} files", items.len());
    let mut total = 0.0;
    let start = std::time::Instant::now();
    let prints: Vec<Option<Fingerprint>> = items.iter().map(|item| {
        let file = SourceFile::open(&item.path, Links::Refuse).unwrap();
        let ext = item.path.extension().unwrap().to_str();
        match fingerprint(&file, ext, &Limits::default()) {
            Ok(p) => { total += p.heard().as_secs_f64(); Some(p) }
            Err(e) => { println!("{}: {e:?}", item.path.display()); None }
        }
    }).collect();
    let took = start.elapsed().as_secs_f64();
    eprintln!("{total} s in {took} s: {} x", total / took);
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
