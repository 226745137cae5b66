use super::*;

fn found(headings: &[&str], columns: &str) -> Result<String, String> {
    let columns: Columns = columns.parse().unwrap();
    let layout = layout(headings, &columns).map_err(str::to_owned)?;
    let known = Column::ALL.iter().filter_map(|&column| {
        let position = layout.position(column)?;
        Some(format!("{}={}", column.word(), letters(position)))
    });
    Ok(known.collect::<Vec<_>>().join(" "))
}

#[track_caller]
fn check(headings: &[&str], columns: &str, expected: &str) {
    assert_eq!(found(headings, columns), Ok(expected.to_owned()), "{headings:?}");
}

#[test]
fn usual_headings_are_known_in_any_case_and_order() {
    check(&["ISRC", "Filename"], "", "isrc=A file=B");
    check(
        &["Track #", "Track Title", "Version", "ISRC Code"],
        "",
        "isrc=D title=B version=C track=A",
    );
    check(
        &["TRACK NO.", "Disc", "track isrc", "duration (mm:ss)"],
        "",
        "isrc=C disc=B track=A duration=D",
    );
    check(
        &["UPC", "Release Title", "Artist Name", "Title", "isrc"],
        "",
        "isrc=E title=D artist=C album=B upc=A",
    );
    check(
        &["#", "Song", "Length", "ISRC (12 characters)"],
        "",
        "isrc=D title=B track=A duration=C",
    );
    check(
        &[
            "path", "disc", "track", "title", "artist", "album", "duration", "isrc", "format", "finding",
        ],
        "",
        "isrc=H folder=A title=D artist=E album=F disc=B track=C duration=G",
    );
    check(&["International Standard Recording Code (ISRC)"], "", "isrc=A");
    check(&["Directory", "Filename", "TSRC"], "", "isrc=C file=B folder=A");
}

#[test]
fn headings_of_other_languages_are_known() {
    check(
        &["Titel-Nr.", "Titel", "Künstler", "Länge", "ISRC-Code"],
        "",
        "isrc=E title=B artist=C track=A duration=D",
    );
    check(
        &["N° de piste", "Titre", "Interprète", "Durée", "Code ISRC"],
        "",
        "isrc=E title=B artist=C track=A duration=D",
    );
    check(
        &["Nº de pista", "Título", "Artista", "Duración", "Código ISRC"],
        "",
        "isrc=E title=B artist=C track=A duration=D",
    );
    check(&["Nr", "Titolo brano", "Codice ISRC"], "", "isrc=C title=B track=A");
    check(&["曲順", "曲名", "ISRCコード"], "", "isrc=C title=B track=A");
    check(
        &["N.", "Nome brano", "Esecutore", "Minutaggio", "Codice ISRC"],
        "",
        "isrc=E title=B artist=C track=A duration=D",
    );
    check(
        &[
            "№ п/п",
            "Наименование фонограммы",
            "Основной исполнитель",
            "Хронометраж",
            "ISRC",
        ],
        "",
        "isrc=E title=B artist=C track=A duration=D",
    );
    check(
        &["번호", "노래제목", "가수명", "길이", "ISRC"],
        "",
        "isrc=E title=B artist=C track=A duration=D",
    );
    check(
        &["曲目序号", "歌曲名", "演唱者", "时间", "ISRC码"],
        "",
        "isrc=E title=B artist=C track=A duration=D",
    );
    check(
        &["Spårnr", "Låtnamn", "Uitvoerende artiest", "Tid", "ISRC/ISBN"],
        "",
        "isrc=E title=B artist=C track=A duration=D",
    );
    check(
        &["Title", "Artist/Show/Developer/Author", "ISRC"],
        "",
        "isrc=C title=A artist=B",
    );
    // The title of a track is meant before the one in its own language.
    check(&["Titre original", "Titre de la track", "ISRC"], "", "isrc=C title=B");
}

#[test]
fn the_more_telling_of_two_headings_is_meant() {
    check(&["Title", "Track Title", "ISRC"], "", "isrc=C title=B");
    check(&["Track", "Track No", "ISRC", "Track ISRC"], "", "isrc=D track=B");
}

#[test]
fn what_a_bracket_makes_another_thing_is_not_known() {
    check(&["ISRC (old)", "Title"], "", "title=B");
    check(&["Old ISRC", "ISRC (new)", "ISRC [Video]"], "", "isrc=B");
    for inside in [
        "Instrumental",
        "Dolby Atmos",
        "Atmos",
        "Radio Edit",
        "Live",
        "Remix",
        "Clean",
        "instr.",
        "Sped up",
        "bisher",
        "bisherig",
        "ungültig",
        "旧",
        "replaced",
        "précédent",
    ] {
        let heading = format!("ISRC ({inside})");
        check(&[&heading, "Title"], "", "title=B");
        assert!(is_of_others(&heading), "{heading}");
    }
    check(&["ISRCコード(旧)", "Title"], "", "title=B");
}

#[test]
fn what_a_bracket_only_explains_makes_no_other_column() {
    for inside in [
        "required",
        "12 characters",
        "if available",
        "stereo",
        "new",
        "CC-XXX-YY-NNNNN",
        "no dashes",
        "main version",
        "audio",
        "track",
        "optional",
        "ohne Bindestriche",
        "neu",
        "album version",
        "SoundCloud",
        "per track",
        "final",
    ] {
        check(&[&format!("ISRC ({inside})"), "Title"], "", "isrc=A title=B");
    }
    check(
        &["Title (Version)", "Length (Radio Edit)", "ISRC"],
        "",
        "isrc=C title=A duration=B",
    );
}

#[test]
fn the_user_has_the_last_word() {
    check(
        &["Code", "Name of song"],
        "isrc=code,title=NAME OF SONG",
        "isrc=A title=B",
    );
    check(&["x", "y"], "isrc=B,file=A", "isrc=B file=A");
    check(&["Title", "ISRC", "Filename"], "file=Title", "isrc=B file=A");
    check(&["Title", "ISRC", "Filename"], "file=-", "isrc=B title=A");
    check(&["ISRC (old)", "ISRC (new)"], "isrc=ISRC (old)", "isrc=A");
    assert_eq!(found(&["ISRC", "Title"], "file=Datei"), Err("Datei".to_owned()));
}

#[test]
fn columns_that_cannot_be_understood_are_refused() {
    let parse = |text: &str| text.parse::<Columns>().unwrap_err();
    assert_eq!(parse("isrc"), ColumnsError::NoHeading("isrc".to_owned()));
    assert_eq!(parse("isrc="), ColumnsError::NoHeading("isrc=".to_owned()));
    assert_eq!(parse("colour=A"), ColumnsError::Unknown("colour".to_owned()));
    assert_eq!(parse("file=A,path=B"), ColumnsError::Twice("file"));
}

#[test]
fn columns_have_letters() {
    for (index, expected) in [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ")] {
        assert_eq!(letters(index), expected);
        assert_eq!(from_letters(expected), Some(index));
    }
    assert_eq!(from_letters("AAA"), None);
}
