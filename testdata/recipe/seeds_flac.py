"""FLAC: Vorbis comments, CUESHEET blocks, padding of every size, tags of other kinds around it."""

import mutagen.flac

from . import tags
from .entry import hyphened

ISRC = "vorbis:ISRC"
STREAMINFO, PADDING, APPLICATION, SEEKTABLE, COMMENT, CUESHEET, PICTURE = range(7)
SEED = ["TITLE=Seed", "ARTIST=Recipe", "MUSICBRAINZ_TRACKID=6a0e2b5c-0000-4000-8000-000000000001"]
VENDOR = "reference libFLAC 1.4.2 20221022"


def build(family):
    kit, add = family.kit, family.add
    wav = kit.wav("seed", 0.3, 16000)
    written_by_programs(family, kit, wav)
    blocks, frames = tags.flac_blocks(kit.flac(wav, padding=0))
    info = (STREAMINFO, blocks[0][1])

    def own(*rest):
        return tags.flac([info, *rest], frames)

    def comment(*entries):
        return (COMMENT, tags.comments(VENDOR, [*SEED[:1], *entries, *SEED[1:]]))

    add("flac-no-comment-block.flac", "flac", own(), "flac; own bytes: STREAMINFO alone")
    add("flac-no-comment-padding.flac", "flac", own((PADDING, bytes(300))), "flac; own bytes: padding, no comments")
    for name, padding in (("large", [(PADDING, bytes(400))]), ("empty", [(PADDING, b"")]), ("none", [])):
        value = hyphened(family.code)
        add(f"flac-hyphens-padding-{name}.flac", "flac", own(comment(f"ISRC={value}"), *padding), "flac; own bytes",
            [(ISRC, value)], ["malformed:safe"])
    add("flac-padding-in-front.flac", "flac", own((PADDING, bytes(200)), comment(f"ISRC={family.code}")),
        "flac; own bytes: padding before the comments", [ISRC])
    add("flac-two-paddings.flac", "flac", own(comment(), (PADDING, bytes(10)), (APPLICATION, b"testabc"),
                                              (PADDING, bytes(200))), "flac; own bytes: padding in two places")
    jpeg = kit.cover(96)
    add("flac-picture-between.flac", "flac", own(comment(f"ISRC={family.code}"), (PICTURE, tags.picture(jpeg, 96)),
                                                 (PADDING, bytes(300))),
        "flac; own bytes: a cover between comments and padding", [ISRC])
    add("flac-application-seektable.flac", "flac", own(
        (SEEKTABLE, bytes(16) + (4096).to_bytes(2, "big")), (APPLICATION, b"testabc"), comment(f"ISRC={family.code}"),
        (PADDING, bytes(60))), "flac; own bytes", [ISRC])
    add("flac-odd-comments.flac", "flac", own(comment("=", "no equals sign", "LYRICS=" + "la " * 500,
                                                      f"ISRC={family.code}", "ISRC="), (PADDING, bytes(60))),
        "flac; own bytes: comments without a key, without '=', a long one, an empty ISRC", [ISRC])
    add("flac-alias-tsrc.flac", "flac", own(comment(f"TSRC={family.code}"), (PADDING, bytes(60))), "flac; own bytes",
        ["vorbis:TSRC"], ["misplaced"])
    add("flac-alias-wm.flac", "flac", own(comment(f"WM/ISRC={family.code}"), (PADDING, bytes(60))), "flac; own bytes",
        ["vorbis:WM/ISRC"], ["misplaced"])
    sheet = (f'FILE "seed.flac" WAVE\r\n  TRACK 01 AUDIO\r\n    ISRC {family.code}\r\n    INDEX 01 00:00:00\r\n')
    add("flac-cuesheet-comment.flac", "flac", own(comment(f"CUESHEET={sheet}"), (PADDING, bytes(60))),
        "flac; own bytes: a cue sheet as a comment", ["vorbis:CUESHEET"], ["misplaced"])
    front = tags.id3v2(tags.text("TSRC", family.code, 4), 4, padding=50)
    add("flac-id3-in-front.flac", "flac", front + own(comment(), (PADDING, bytes(60))),
        "flac; own bytes: an ID3v2 tag in front", ["id3v2:TSRC"], ["misplaced"])
    front = tags.id3v2(tags.text("TIT2", "Seed"), padding=50)
    add("flac-id3-around.flac", "flac", front + own(comment(f"ISRC={family.code}"), (PADDING, bytes(60)))
        + tags.id3v1("Seed", "Recipe", "Seeds"), "flac; own bytes: ID3v2 in front, ID3v1 behind", [ISRC])


def written_by_programs(family, kit, wav):
    add = family.add
    add("flac-untagged.flac", "flac", kit.flac(wav), "flac")
    add("flac-untagged-tight.flac", "flac", kit.flac(wav, padding=0), "flac --no-padding")
    add("flac-tagged.flac", "flac", kit.flac(wav, "-T", "TITLE=Seed", "-T", f"ISRC={family.code}"), "flac -T", [ISRC])
    add("flac-metaflac.flac", "flac", kit.through(kit.flac(wav), ".flac", lambda path: [
        ["metaflac", *[f"--set-tag={entry}" for entry in SEED], f"--set-tag=ISRC={family.code}", path]]),
        "flac, metaflac", [ISRC])
    add("flac-ffmpeg.flac", "flac", kit.ffmpeg(wav, ".flac", "-metadata", "title=Seed", "-metadata",
                                               f"ISRC={family.code}"), "ffmpeg", [ISRC])
    add("flac-kid3.flac", "flac", kit.through(kit.flac(wav), ".flac", lambda path: [
        ["kid3-cli", "-c", "set title Seed 2", "-c", f"set ISRC {family.code} 2", "-c", "save", path]]),
        "flac, kid3-cli", [ISRC])

    def mutagen_picture(path):
        audio = mutagen.flac.FLAC(path)
        audio["title"], audio["isrc"] = "Seed", family.code
        picture = mutagen.flac.Picture()
        picture.type, picture.mime, picture.data = 3, "image/jpeg", kit.cover(96)
        audio.add_picture(picture)
        audio.save()

    add("flac-mutagen-lower-key.flac", "flac", kit.edited(kit.flac(wav), ".flac", mutagen_picture),
        "flac, mutagen: key in lower case, a cover", [ISRC])
    one, two = family.code, family.another()
    add("flac-two-comments.flac", "flac", kit.through(kit.flac(wav), ".flac", lambda path: [
        ["metaflac", f"--set-tag=ISRC={one}", "--set-tag=TITLE=Seed", f"--set-tag=ISRC={two}", path]]), "flac, metaflac",
        [(ISRC, one), (ISRC, two)], ["conflicting"])
    value = f"ISRC {hyphened(family.code)}"
    add("flac-label.flac", "flac", kit.flac(wav, "-T", f"ISRC={value}", "-T", "TITLE=Seed"), "flac -T",
        [(ISRC, value)], ["malformed:safe"])
    value = " " + family.code.lower() + " "
    add("flac-spaces-lower.flac", "flac", kit.flac(wav, "-T", f"ISRC={value}", "-T", "TITLE=Seed", padding=64), "flac -T",
        [(ISRC, value)], ["malformed:safe"])
    audio = kit.wav("seed", 0.2, 44100)
    sheet = kit.temp(".cue")
    sheet.write_text(f'FILE "seed.wav" WAVE\n  TRACK 01 AUDIO\n    ISRC {family.code}\n    INDEX 01 00:00:00\n')
    add("flac-cuesheet-one-track.flac", "flac", kit.flac(audio, f"--cuesheet={sheet}"), "flac --cuesheet",
        ["flac:cuesheet/1"], ["misplaced"])
    # A whole album in one file: the codes are those of its tracks, the file has none of its own.
    one, two = family.code, family.another()
    sheet.write_text(f'FILE "seed.wav" WAVE\n  TRACK 01 AUDIO\n    ISRC {one}\n    INDEX 01 00:00:00\n'
                     '  TRACK 02 AUDIO\n    INDEX 01 00:00:04\n'
                     f'  TRACK 03 AUDIO\n    ISRC {two}\n    INDEX 01 00:00:08\n')
    add("flac-cuesheet-album.flac", "flac", kit.flac(audio, f"--cuesheet={sheet}"), "flac --cuesheet, three tracks",
        [("flac:cuesheet/1", one), ("flac:cuesheet/3", two)], [], "")
