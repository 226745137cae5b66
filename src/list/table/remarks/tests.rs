use super::*;

#[test]
fn a_cell_says_a_version_or_something_else() {
    for cell in [
        "Instrumental",
        "Instrumentalversion",
        "Radioedit",
        "Live",
        "Live in Oslo",
        "Karaoke Version",
        "N. N. Remix",
        "Instrumentals",
        "LIVE VERSION:",
        "Radio Edits",
        "Remaster 2024",
        "Dolby Atmos",
        "Akustikversion",
    ] {
        assert!(version(cell).is_some(), "{cell}");
    }
    for cell in [
        "Single",
        "Album",
        "Stereo",
        "House",
        "Explicit",
        "Live Forever",
        "Live Nation",
        "Audio",
        "Albumversion",
        "Original Mix",
        "Low Water",
        "Recorded live, mixed and mastered by N. N. in the old mill house at the river",
        "",
    ] {
        assert_eq!(version(cell), None, "{cell}");
    }
}

#[test]
fn a_code_or_a_list_may_be_void() {
    for cell in [
        "void",
        "VOID",
        "Cancelled",
        "do not use",
        "storniert",
        "Annulé",
        "nicht verwendet",
        "gesperrt",
        "On hold",
        "non utilisé",
    ] {
        assert!(is_void(cell), "{cell}");
    }
    for cell in ["", "active", "assigned", "live", "void of course"] {
        assert!(!is_void(cell), "{cell}");
    }
    assert!(is_draft("Label copy - DRAFT 2") && is_draft("Do not use!") && is_draft("Entwurf"));
    assert!(!is_draft("Label copy") && !is_draft("Overdraft") && !is_draft(""));
}

#[test]
fn a_code_is_void_by_its_first_words() {
    for cell in [
        "superseded",
        "superseded by QZTST2600099",
        "Superseded (QZTST2600099)",
        "ersetzt durch QZTST2600099",
        "replaced: see below",
        "duplicate of track 4",
        "to be replaced",
        "erroné",
        "廃止",
        "취소",
        "неактивен",
        "old - do not use",
    ] {
        assert!(is_void(cell), "{cell}");
    }
    for cell in [
        "Wrong Way",
        "Old Town",
        "Test Pressing",
        "active",
        "replaces QZTST2600099",
        "",
        "by",
    ] {
        assert!(!is_void(cell), "{cell}");
    }
}

#[test]
fn names_of_lists_and_sheets_say_a_version_at_their_end() {
    for (name, version) in [
        ("Small Hours (Instrumentals)", Some("Instrumentals")),
        ("Small Hours - Karaoke ISRC", Some("Karaoke")),
        ("small_hours_instrumental_2024", Some("instrumental_2024")),
        ("Small Hours Radio Edit", Some("Radio Edit")),
        ("Instrumentals", Some("Instrumentals")),
        ("Small Hours Instrumentals track list", Some("Instrumentals")),
        ("Small Hours Karaoke - label copy", Some("Karaoke")),
        ("Small Hours (Kitchen Sessions)", Some("Sessions")),
        ("Small Hours (Reprise)", Some("Reprise")),
        ("Small Hours (Beats)", Some("Beats")),
        ("Instrumental Beats", Some("Instrumental Beats")),
        ("Peel Session", Some("Peel Session")),
        ("Lofi Beats ISRC", None),
        ("Lofi Beats 2024", None),
        ("The Reprise", None),
        ("Small Hours - isrc edit", None),
        ("Small Hours clean", None),
        ("Small Hours", None),
        ("l", None),
        ("2024-05-01 codes final v2", None),
        ("", None),
    ] {
        assert_eq!(version_of_name(name), version, "{name}");
    }
}

#[test]
fn names_of_lists_say_a_disc_at_their_end() {
    for (name, disc) in [
        ("CD2", Some(2)),
        ("Tides (Disc 2) ISRC", Some(2)),
        ("tides_cd_1_final", Some(1)),
        ("Tides 2", None),
        ("2", None),
    ] {
        assert_eq!(disc_of_name(name), disc, "{name}");
    }
}

#[test]
fn lines_above_rows_say_a_version_or_none() {
    assert_eq!(version_of_line("Small Hours (Live)"), Some(Some("Live")));
    assert_eq!(version_of_line("Instrumentals:"), Some(Some("Instrumentals")));
    assert_eq!(version_of_line("Album versions"), Some(None));
    assert_eq!(version_of_line("Side B"), None);
    assert_eq!(version_of_line("Low Water"), None);
}
