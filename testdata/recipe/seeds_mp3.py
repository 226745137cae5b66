"""MP3, AAC and TTA: ID3v2 in all its versions, APEv2, tags behind the audio."""

import zlib

import mutagen.id3
import mutagen.trueaudio

from . import tags
from .entry import hyphened

TSRC, TXXX, APE = "id3v2:TSRC", "id3v2:TXXX:ISRC", "apev2:ISRC"


def build(family):
    kit, add = family.kit, family.add
    wav = kit.wav("seed", 0.3, 16000)
    bare = kit.lame(wav)

    written_by_programs(family, kit, wav, bare)
    id3v22_and_3(family, bare)
    id3v24(family, bare)
    several_values(family, bare)
    behind_the_audio(family, bare)

    aac = kit.ffmpeg(wav, ".aac", "-c:a", "aac", "-b:a", "24k")
    add("aac-untagged.aac", "aac", aac, "ffmpeg (ADTS)")
    add("aac-id3v24.aac", "aac", kit.edited(aac, ".aac", mutagen_id3(family.code)), "ffmpeg, mutagen", [TSRC])
    add("aac-id3v23-tight.aac", "aac", tags.id3v2(tags.text("TSRC", family.code)) + aac, "ffmpeg; own bytes", [TSRC])
    add("aac-apev2.aac", "aac", aac + tags.apev2([("Title", "Seed"), ("ISRC", family.code)]), "ffmpeg; own bytes",
        [APE])
    tta = kit.ffmpeg(wav, ".tta")
    add("tta-untagged.tta", "tta", tta, "ffmpeg")
    add("tta-ffmpeg-apev2.tta", "tta", kit.ffmpeg(wav, ".tta", "-metadata", "title=Seed", "-metadata",
                                                  f"ISRC={family.code}"), "ffmpeg", [APE], ["misplaced"])

    def tta_id3(path):
        audio = mutagen.trueaudio.TrueAudio(path)
        audio.add_tags()
        audio.tags.add(mutagen.id3.TSRC(encoding=0, text=[family.code]))
        audio.save()

    add("tta-id3v24.tta", "tta", kit.edited(tta, ".tta", tta_id3), "ffmpeg, mutagen", [TSRC])


def mutagen_id3(code, version=4, padding=None, encoding=0, v1=0, cover=None, extra=True):
    """A tag as mutagen lays it out: frames sorted, 1 KiB of padding unless told otherwise."""
    def edit(path):
        tag = mutagen.id3.ID3()
        tag.add(mutagen.id3.TIT2(encoding=encoding, text=["Seed"]))
        tag.add(mutagen.id3.TPE1(encoding=encoding, text=["Recipe"]))
        if code:
            tag.add(mutagen.id3.TSRC(encoding=encoding, text=[code]))
        if extra:
            tag.add(mutagen.id3.TXXX(encoding=0, desc="MusicBrainz Album Type", text=["album"]))
            tag.add(mutagen.id3.UFID(owner="http://musicbrainz.org", data=b"6a0e2b5c-0000-4000-8000-000000000001"))
        if cover:
            tag.add(mutagen.id3.APIC(encoding=0, mime="image/jpeg", type=3, desc="", data=cover))
        if version == 3:
            tag.update_to_v23()
        tag.save(path, v2_version=version, v1=v1, padding=None if padding is None else lambda _: padding)
    return edit


def written_by_programs(family, kit, wav, bare):
    add = family.add
    add("mp3-untagged.mp3", "mp3", bare, "lame")
    add("mp3-lame-id3v23.mp3", "mp3", kit.lame(wav, "--id3v2-only", "--tt", "Seed", "--tv", f"TSRC={family.code}"),
        "lame", [TSRC])
    add("mp3-lame-id3v1v2.mp3", "mp3", kit.lame(wav, "--add-id3v2", "--tt", "Seed", "--ta", "Recipe", "--tv",
                                                f"TSRC={family.code}"), "lame, ID3v1 and ID3v2.3", [TSRC])
    for version in (3, 4):
        add(f"mp3-ffmpeg-id3v2{version}.mp3", "mp3",
            kit.ffmpeg(wav, ".mp3", "-b:a", "32k", "-id3v2_version", str(version), "-metadata", "title=Seed", "-metadata",
                       f"TSRC={family.code}"), "ffmpeg -metadata TSRC=", [TSRC])
    add("mp3-ffmpeg-isrc.mp3", "mp3", kit.ffmpeg(wav, ".mp3", "-b:a", "32k", "-metadata", f"ISRC={family.code}"),
        "ffmpeg -metadata ISRC=, which it puts in a TXXX frame", [TXXX], ["misplaced"])
    add("mp3-ffmpeg-untagged-id3.mp3", "mp3", kit.ffmpeg(wav, ".mp3", "-b:a", "32k", "-metadata", "title=Seed"),
        "ffmpeg; a tag without a code")
    add("mp3-id3v2-tool.mp3", "mp3", kit.through(bare, ".mp3", lambda path: [
        ["id3v2", "-2", "--song", "Seed", "--TSRC", family.code, path]]), "lame, id3v2", [TSRC])
    add("mp3-kid3.mp3", "mp3", kit.through(bare, ".mp3", lambda path: [
        ["kid3-cli", "-c", "set title Seed 2", "-c", f"set ISRC {family.code} 2", "-c", "save", path]]),
        "lame, kid3-cli", [TSRC])
    add("mp3-mutagen-id3v24.mp3", "mp3", kit.edited(bare, ".mp3", mutagen_id3(family.code)), "lame, mutagen", [TSRC])
    add("mp3-mutagen-id3v23-utf16.mp3", "mp3", kit.edited(bare, ".mp3", mutagen_id3(family.code, 3, encoding=1)),
        "lame, mutagen, UTF-16", [TSRC])
    add("mp3-mutagen-utf16be.mp3", "mp3", kit.edited(bare, ".mp3", mutagen_id3(family.code, 4, encoding=2)),
        "lame, mutagen, UTF-16BE", [TSRC])
    add("mp3-mutagen-utf8.mp3", "mp3", kit.edited(bare, ".mp3", mutagen_id3(family.code, 4, encoding=3)),
        "lame, mutagen, UTF-8", [TSRC])
    add("mp3-mutagen-tight.mp3", "mp3", kit.edited(bare, ".mp3", mutagen_id3(family.code, padding=0)),
        "lame, mutagen, no padding", [TSRC])
    add("mp3-mutagen-picture.mp3", "mp3", kit.edited(bare, ".mp3", mutagen_id3(family.code, 3, cover=kit.cover(96))),
        "lame, mutagen, with a cover", [TSRC])
    add("mp3-mutagen-id3v1.mp3", "mp3", kit.edited(bare, ".mp3", mutagen_id3(family.code, v1=2)),
        "lame, mutagen, with ID3v1", [TSRC])
    add("mp3-mutagen-no-code.mp3", "mp3", kit.edited(bare, ".mp3", mutagen_id3(None, cover=kit.cover(96))),
        "lame, mutagen; a tag with a cover, without a code")
    for name, padding in (("padded", 256), ("tight", 0)):
        value = hyphened(family.code)
        add(f"mp3-hyphens-{name}.mp3", "mp3", kit.edited(bare, ".mp3", mutagen_id3(value, padding=padding)),
            f"lame, mutagen, {padding} bytes of padding", [(TSRC, value)], ["malformed:safe"])
    value = hyphened(family.code).lower()
    add("mp3-hyphens-utf16.mp3", "mp3", kit.edited(bare, ".mp3", mutagen_id3(value, 3, padding=64, encoding=1)),
        "lame, mutagen, UTF-16", [(TSRC, value)], ["malformed:safe"])


def id3v22_and_3(family, bare):
    add = family.add
    add("mp3-id3v22.mp3", "mp3", tags.id3v2(
        tags.text("TT2", "Seed", 2) + tags.text("TRC", family.code, 2), 2, padding=100) + bare, "lame; own bytes",
        ["id3v2:TRC"])
    add("mp3-id3v22-utf16-tight.mp3", "mp3", tags.id3v2(tags.text("TRC", family.code, 2, 1), 2) + bare,
        "lame; own bytes", ["id3v2:TRC"])
    add("mp3-id3v22-no-code.mp3", "mp3", tags.id3v2(tags.text("TT2", "Seed", 2), 2, padding=100) + bare,
        "lame; own bytes")
    add("mp3-id3v23-trc.mp3", "mp3", tags.id3v2(tags.text("TRC ", family.code), padding=50) + bare,
        "lame; own bytes: the ID3v2.2 name in an ID3v2.3 tag", ["id3v2:TRC"], ["misplaced"])
    add("mp3-id3v23-txxx-lower.mp3", "mp3", tags.id3v2(tags.txxx("isrc", family.code), padding=50) + bare,
        "lame; own bytes", [TXXX], ["misplaced"])
    add("mp3-id3v23-txxx-wm.mp3", "mp3", tags.id3v2(tags.txxx("WM/ISRC", family.code), padding=50) + bare,
        "lame; own bytes", ["id3v2:TXXX:WM/ISRC"], ["misplaced"])
    add("mp3-id3v23-tsrc-txxx.mp3", "mp3",
        tags.id3v2(tags.text("TSRC", family.code) + tags.txxx("ISRC", family.code), padding=50) + bare,
        "lame; own bytes", [TSRC, TXXX])
    private = tags.frame("PRIV", b"owner\0" + bytes([0xFF, 0xE0, 0xFF, 0x00, 0xFF, 0xFF, 1]))
    body = tags.unsynchronise(private + tags.text("TSRC", family.code) + tags.text("TIT2", "Seed"))
    add("mp3-id3v23-unsync.mp3", "mp3", tags.id3v2(body, padding=40, flags=0x80) + bare,
        "lame; own bytes: the whole tag unsynchronised, a frame before the code has FF bytes", [TSRC])
    frames, padding = tags.text("TIT2", "Seed") + tags.text("TSRC", family.code), 60
    add("mp3-id3v23-extended.mp3", "mp3", tags.id3v2(
        frames, padding=padding, flags=0x40, extended=(6).to_bytes(4, "big") + bytes(2) + padding.to_bytes(4, "big"))
        + bare, "lame; own bytes: extended header", [TSRC])
    frames = tags.text("TIT2", "Seed") + tags.text("TSRC", family.code)
    # ID3v2.3 section 3.2: the checksum is over the frames, without the padding.
    extended = (10).to_bytes(4, "big") + b"\x80\0" + padding.to_bytes(4, "big") + zlib.crc32(frames).to_bytes(4, "big")
    add("mp3-id3v23-crc.mp3", "mp3", tags.id3v2(frames, padding=padding, flags=0x40, extended=extended) + bare,
        "lame; own bytes: extended header with a CRC", [TSRC])
    front = tags.id3v2(tags.text("TIT2", "Seed"), padding=20)
    add("mp3-id3v2-stacked.mp3", "mp3", front + tags.id3v2(tags.text("TSRC", family.code), 4, padding=30) + bare,
        "lame; own bytes: two ID3v2 tags in front, the code in the second", [TSRC], ["misplaced"])
    add("mp3-zeros-behind-tag.mp3", "mp3", tags.id3v2(tags.text("TSRC", family.code), padding=30) + bytes(500) + bare,
        "lame; own bytes: 500 zero bytes between tag and audio", [TSRC])


def id3v24(family, bare):
    add = family.add
    frames = tags.text("TIT2", "Seed", 4, 3) + tags.text("TSRC", family.code, 4)
    add("mp3-id3v24-footer.mp3", "mp3", tags.id3v2(frames, 4, footer=True) + bare, "lame; own bytes: a footer", [TSRC])
    frames = tags.text("TSRC", family.code, 4)
    # ID3v2.4 section 3.2: synchsafe size that counts itself, one flag byte.
    add("mp3-id3v24-extended.mp3", "mp3", tags.id3v2(frames, 4, 50, 0x40, tags.synchsafe(6) + b"\x01\0") + bare,
        "lame; own bytes: extended header", [TSRC])
    frames, padding = tags.text("TIT2", "Seed", 4) + tags.text("TSRC", family.code, 4), 50
    # ID3v2.4 section 3.2: here the checksum covers the padding too, as 35 synchsafe bits.
    crc = zlib.crc32(frames + bytes(padding))
    packed = bytes([crc >> 28 & 0x7F]) + tags.synchsafe(crc & 0xFFFFFFF)
    add("mp3-id3v24-crc.mp3", "mp3", tags.id3v2(
        frames, 4, padding, 0x40, tags.synchsafe(12) + b"\x01\x20\x05" + packed) + bare,
        "lame; own bytes: extended header with a CRC", [TSRC])
    unsync = tags.unsynchronise(b"owner\0" + bytes([0xFF, 0xE0, 0xFF, 0x00]))
    private = tags.frame("PRIV", tags.synchsafe(10) + unsync, 4, b"\0\x03")
    add("mp3-id3v24-frame-unsync.mp3", "mp3",
        tags.id3v2(private + tags.text("TSRC", family.code, 4), 4, 40, 0x80) + bare,
        "lame; own bytes: one frame unsynchronised, with a data length indicator", [TSRC])
    plain = b"\0" + family.code.encode()
    packed = zlib.compress(plain)
    add("mp3-id3v24-compressed.mp3", "mp3", tags.id3v2(
        tags.frame("TSRC", tags.synchsafe(len(plain)) + packed, 4, b"\0\x09"), 4, 40) + bare,
        "lame; own bytes: the code's frame is compressed", [TSRC])
    add("mp3-id3v24-grouped.mp3", "mp3", tags.id3v2(
        tags.frame("TSRC", b"\x81\0" + family.code.encode(), 4, b"\0\x40"), 4, 40) + bare,
        "lame; own bytes: the frame belongs to a group", [TSRC])
    comment = b"\x03eng\0" + b"A comment long enough that a plain size differs from a synchsafe one. " * 3
    long = tags.frame("COMM", comment, 4, size=len(comment).to_bytes(4, "big"))
    add("mp3-id3v24-plain-sizes.mp3", "mp3", tags.id3v2(long + tags.text("TSRC", family.code, 4), 4, 40) + bare,
        "lame; own bytes: frame sizes not synchsafe, as old versions of iTunes wrote them", [TSRC])


def several_values(family, bare):
    add = family.add
    one, two = family.code, family.another()
    both = [(TSRC, one), (TSRC, two)]
    add("mp3-two-nul-id3v24.mp3", "mp3", tags.id3v2(tags.text("TSRC", f"{one}\0{two}", 4, 3), 4, 40) + bare,
        "lame; own bytes: two values in a frame", both, ["conflicting"])
    one, two = family.code, family.another()
    add("mp3-two-slash.mp3", "mp3", tags.id3v2(tags.text("TSRC", f"{one}/{two}"), 3, 40) + bare,
        "lame; own bytes: two values joined with a slash", [(TSRC, one), (TSRC, two)], ["conflicting"])
    one, two = family.code, family.another()
    add("mp3-two-semicolon.mp3", "mp3", tags.id3v2(tags.text("TSRC", f"{one}; {two}", 4, 3), 4, 40) + bare,
        "lame; own bytes: two values joined with a semicolon", [(TSRC, one), (TSRC, two)], ["conflicting"])
    one, two = family.code, family.another()
    add("mp3-two-frames.mp3", "mp3", tags.id3v2(tags.text("TSRC", one, 4) + tags.text("TSRC", two, 4), 4, 40) + bare,
        "lame; own bytes: two TSRC frames", [(TSRC, one), (TSRC, two)], ["conflicting"])
    add("mp3-twice-the-same.mp3", "mp3",
        tags.id3v2(tags.text("TSRC", f"{family.code}\0{family.code}", 4, 3), 4, 40) + bare,
        "lame; own bytes: one code as two values", [TSRC, TSRC])


def behind_the_audio(family, bare):
    add, seed = family.add, ("Title", "Seed")
    v1 = tags.id3v1("Seed", "Recipe", "Seeds")
    add("mp3-id3v1-only.mp3", "mp3", bare + v1, "lame; own bytes")
    add("mp3-apev2.mp3", "mp3", bare + tags.apev2([seed, ("ISRC", family.code)]), "lame; own bytes", [APE], ["misplaced"])
    add("mp3-apev2-id3v1.mp3", "mp3", bare + tags.apev2([("ISRC", family.code), seed]) + v1, "lame; own bytes", [APE],
        ["misplaced"])
    add("mp3-apev2-headerless.mp3", "mp3", bare + tags.apev2([seed, ("ISRC", family.code)], header=False) + v1,
        "lame; own bytes: an APEv2 tag without its header", [APE], ["misplaced"])
    add("mp3-apev2-lyrics3.mp3", "mp3",
        bare + tags.apev2([seed, ("ISRC", family.code)]) + tags.lyrics3(b"low water, high water") + v1,
        "lame; own bytes: Lyrics3 between APEv2 and ID3v1", [APE], ["misplaced"])
    add("mp3-apev2-in-front.mp3", "mp3", tags.apev2([seed, ("ISRC", family.code)]) + bare,
        "lame; own bytes: the APEv2 tag stands in front", [APE], ["misplaced"])
    front = tags.id3v2(tags.text("TSRC", family.code), padding=60)
    add("mp3-id3v23-apev2.mp3", "mp3", front + bare + tags.apev2([("ISRC", family.code)]), "lame; own bytes",
        [TSRC, APE])
    front = tags.id3v2(tags.text("TSRC", family.code), padding=60)
    other = family.another()
    add("mp3-id3v23-apev2-differ.mp3", "mp3", front + bare + tags.apev2([("ISRC", other)]) + v1, "lame; own bytes",
        [TSRC, (APE, other)], ["conflicting"])
    appended = tags.id3v2(tags.text("TSRC", family.code, 4), 4, footer=True)
    add("mp3-id3v24-appended.mp3", "mp3", bare + appended, "lame; own bytes: an ID3v2.4 tag behind the audio", [TSRC],
        ["misplaced"])
