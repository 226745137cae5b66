use super::*;

fn file(path: &str, track: u32, title: &str, seconds: u64, format: Format) -> FileInfo {
    FileInfo {
        description: Description {
            track: Some(track),
            title: Some(title.to_owned()),
            album: Some("Album".to_owned()),
            duration: Some(Duration::from_secs(seconds)),
            ..Description::default()
        },
        path: PathBuf::from(path),
        format: Some(format),
        ..FileInfo::default()
    }
}

#[track_caller]
fn check(files: &[FileInfo], expected: &[&[usize]]) {
    let groups: Vec<Vec<usize>> = group_recordings(files).into_iter().map(|group| group.files).collect();
    assert_eq!(groups, expected);
}

#[test]
fn formats_of_one_recording_are_one_group() {
    let files = [
        file("flac/01.flac", 1, "One", 180, Format::Flac),
        file("flac/02.flac", 2, "Two", 200, Format::Flac),
        file("mp3/01.mp3", 1, "ONE", 181, Format::Mp3),
        file("mp3/02.mp3", 2, "Two", 202, Format::Mp3),
    ];
    check(&files, &[&[0, 2], &[1, 3]]);
    assert!(are_one_recording(&files[0], &files[2]));
    assert!(!are_one_recording(&files[0], &files[3]));
}

#[test]
fn what_is_not_sure_stays_apart() {
    let one = file("a/1.flac", 1, "One", 180, Format::Flac);
    let longer = file("a/1.mp3", 1, "One", 183, Format::Mp3);
    check(&[one.clone(), longer], &[&[0], &[1]]);
    let same_format = file("a/2.flac", 1, "One", 180, Format::Flac);
    check(&[one.clone(), same_format], &[&[0], &[1]]);
    // Two discs whose numbers nobody wrote down both begin with an introduction.
    let other_disc = file("b/1.flac", 1, "One", 180, Format::Flac);
    check(&[one.clone(), other_disc], &[&[0], &[1]]);
    let mut unnumbered = file("a/1.mp3", 1, "One", 180, Format::Mp3);
    unnumbered.description.track = None;
    check(&[one.clone(), unnumbered], &[&[0], &[1]]);
    let mut untimed = file("a/1.mp3", 1, "One", 180, Format::Mp3);
    untimed.description.duration = None;
    check(&[one.clone(), untimed], &[&[0], &[1]]);
    let mut cover = file("a/1.mp3", 1, "One", 180, Format::Mp3);
    cover.description.artist = Some("B".to_owned());
    let mut by_a = one.clone();
    by_a.description.artist = Some("A".to_owned());
    check(&[by_a, cover], &[&[0], &[1]]);
    let mut elsewhere = file("b/1.mp3", 1, "One", 180, Format::Mp3);
    elsewhere.description.album = Some("Other".to_owned());
    check(&[one, elsewhere], &[&[0], &[1]]);
}

#[test]
fn equal_audio_is_one_recording_whatever_the_tags_say() {
    let mut a = file("a/1.flac", 1, "One", 180, Format::Flac);
    let mut b = file("a/9.flac", 9, "Nine", 180, Format::Flac);
    (a.description.flac_md5, b.description.flac_md5) = (Some(7), Some(7));
    check(&[a, b], &[&[0, 1]]);
}

#[test]
fn durations_do_not_drift_from_file_to_file() {
    let files = [
        file("a/1.flac", 1, "One", 180, Format::Flac),
        file("b/1.mp3", 1, "One", 182, Format::Mp3),
        file("c/1.m4a", 1, "One", 184, Format::Mp4),
    ];
    check(&files, &[&[0, 1], &[2]]);
}

#[test]
fn recordings_come_by_album_disc_and_track() {
    let mut files = vec![
        file("z/10.flac", 10, "J", 10, Format::Flac),
        file("z/2.flac", 2, "B", 10, Format::Flac),
        file("z/d2.flac", 1, "D", 10, Format::Flac),
        file("z/untracked 10.flac", 1, "U10", 10, Format::Flac),
        file("z/untracked 9.flac", 1, "U9", 10, Format::Flac),
        file("a/1.flac", 1, "A", 10, Format::Flac),
    ];
    files[2].description.disc = Some(2);
    files[3].description.track = None;
    files[4].description.track = None;
    files[5].description.album = None;
    check(&files, &[&[1], &[0], &[4], &[3], &[2], &[5]]);
}

#[test]
fn the_codes_of_a_group_are_told_once_each() {
    let mut files = [
        file("a/1.flac", 1, "One", 180, Format::Flac),
        file("b/1.mp3", 1, "One", 180, Format::Mp3),
        file("c/1.m4a", 1, "One", 180, Format::Mp4),
    ];
    let isrc = Isrc::from_stored("QZTST2600001");
    files[0].isrc = isrc;
    files[2].isrc = isrc;
    assert_eq!(group_recordings(&files)[0].codes, [isrc.unwrap()]);
}
