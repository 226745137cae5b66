"""MP4, M4A, M4B, MOV and 3GP: `----` atoms, their rarer places, `moov` before and behind the audio."""

import struct

import mutagen.mp4

from . import tags
from .entry import hyphened

ITUNES = "mp4:com.apple.iTunes:ISRC"
AAC = ["-c:a", "aac", "-b:a", "24k"]


def build(family):
    kit = family.kit
    wav = kit.wav("seed", 0.3, 16000)
    written_by_programs(family, kit, wav)
    values_and_names(family, kit, wav)
    layouts(family, kit, wav)
    quicktime(family, kit, wav)


def freeform(values, name="ISRC", mean="com.apple.iTunes", padding=None):
    def edit(path):
        audio = mutagen.mp4.MP4(path)
        audio["\xa9nam"] = "Seed"
        audio[f"----:{mean}:{name}"] = [
            mutagen.mp4.MP4FreeForm(value.encode(), dataformat=mutagen.mp4.AtomDataType.UTF8) for value in values]
        audio.save(padding=None if padding is None else lambda _: padding)
    return edit


def written_by_programs(family, kit, wav):
    add = family.add
    bare = kit.ffmpeg(wav, ".m4a", *AAC)
    add("m4a-untagged.m4a", "mp4", bare, "ffmpeg, moov behind the audio")
    add("m4a-untagged-faststart.m4a", "mp4", kit.ffmpeg(wav, ".m4a", *AAC, "-movflags", "faststart"),
        "ffmpeg, moov in front")
    add("m4a-no-code.m4a", "mp4", kit.ffmpeg(wav, ".m4a", *AAC, "-metadata", "title=Seed", "-metadata", "artist=Recipe"),
        "ffmpeg; tags without a code")
    add("m4a-mutagen.m4a", "mp4", kit.edited(bare, ".m4a", freeform([family.code])), "ffmpeg, mutagen, moov behind",
        [ITUNES])
    fast = kit.ffmpeg(wav, ".m4a", *AAC, "-movflags", "faststart", "-metadata", "title=Seed")
    add("m4a-mutagen-faststart.m4a", "mp4", kit.edited(fast, ".m4a", freeform([family.code])),
        "ffmpeg, mutagen, moov in front with a free atom", [ITUNES])
    add("m4a-mutagen-faststart-tight.m4a", "mp4", kit.edited(fast, ".m4a", freeform([family.code], padding=0)),
        "ffmpeg, mutagen, moov in front, no free atom", [ITUNES])
    add("m4a-atomicparsley.m4a", "mp4", without_times(kit.through(bare, ".m4a", lambda path: [
        ["AtomicParsley", path, "--title", "Seed", "--rDNSatom", family.code, "name=ISRC", "domain=com.apple.iTunes",
         "--overWrite"]])), "ffmpeg, AtomicParsley, times zeroed", [ITUNES])
    add("m4a-kid3.m4a", "mp4", kit.through(bare, ".m4a", lambda path: [
        ["kid3-cli", "-c", "set title Seed 2", "-c", f"set ISRC {family.code} 2", "-c", "save", path]]),
        "ffmpeg, kid3-cli", [ITUNES])
    alac = kit.ffmpeg(wav, ".m4a", "-c:a", "alac")
    add("alac-untagged.m4a", "mp4", alac, "ffmpeg")
    add("alac-mutagen.m4a", "mp4", kit.edited(alac, ".m4a", freeform([family.code])), "ffmpeg, mutagen", [ITUNES])
    add("audiobook.m4b", "mp4", kit.edited(kit.ffmpeg(wav, ".m4b", *AAC, "-f", "ipod"), ".m4b", freeform([family.code])),
        "ffmpeg, mutagen", [ITUNES])

    def cover(path):
        audio = mutagen.mp4.MP4(path)
        audio["covr"] = [mutagen.mp4.MP4Cover(kit.cover(96), imageformat=mutagen.mp4.MP4Cover.FORMAT_JPEG)]
        audio.save()

    tagged = kit.edited(kit.edited(fast, ".m4a", freeform([family.code])), ".m4a", cover)
    add("m4a-cover.m4a", "mp4", tagged, "ffmpeg, mutagen, with a cover", [ITUNES])


def without_times(data):
    """AtomicParsley writes the time of the edit into `mvhd`."""
    at = data.index(b"mvhd") + 8
    return data[:at] + bytes(8) + data[at + 8:]


def values_and_names(family, kit, wav):
    add = family.add
    bare = kit.ffmpeg(wav, ".m4a", *AAC)
    value = hyphened(family.code)
    add("m4a-hyphens.m4a", "mp4", kit.edited(bare, ".m4a", freeform([value])), "ffmpeg, mutagen", [(ITUNES, value)],
        ["malformed:safe"])
    fast = kit.ffmpeg(wav, ".m4a", *AAC, "-movflags", "faststart")
    value = hyphened(family.code).lower()
    add("m4a-hyphens-faststart-tight.m4a", "mp4", kit.edited(fast, ".m4a", freeform([value], padding=0)),
        "ffmpeg, mutagen, moov in front, no free atom", [(ITUNES, value)], ["malformed:safe"])
    add("m4a-lower-name.m4a", "mp4", kit.edited(bare, ".m4a", freeform([family.code], "isrc")), "ffmpeg, mutagen",
        [ITUNES])
    add("m4a-other-mean.m4a", "mp4", kit.edited(bare, ".m4a", freeform([family.code], mean="org.example")),
        "ffmpeg, mutagen", ["mp4:org.example:ISRC"], ["misplaced"])
    one, two = family.code, family.another()
    add("m4a-two-data.m4a", "mp4", kit.edited(bare, ".m4a", freeform([one, two])), "ffmpeg, mutagen: two data atoms",
        [(ITUNES, one), (ITUNES, two)], ["conflicting"])
    one, two = family.code, family.another()
    add("m4a-two-atoms.m4a", "mp4", with_udta(bare, tags.itunes_meta(
        tags.freeform("ISRC", [one.encode()]), tags.ilst_text("\xa9nam", "Seed"), tags.freeform("ISRC", [two.encode()]),
        free=100)), "ffmpeg; own bytes: two ---- atoms", [(ITUNES, one), (ITUNES, two)], ["conflicting"])
    add("m4a-utf16.m4a", "mp4", with_udta(bare, tags.itunes_meta(
        tags.freeform("ISRC", [family.code.encode("utf-16-be")], kind=2), tags.ilst_text("\xa9nam", "Seed"))),
        "ffmpeg; own bytes: UTF-16 data", [ITUNES], ["misplaced"])
    add("m4a-implicit-type.m4a", "mp4", with_udta(bare, tags.itunes_meta(
        tags.freeform("ISRC", [family.code.encode()], kind=0), free=64)), "ffmpeg; own bytes: data of type 0", [ITUNES])
    xid = tags.ilst_text("xid ", f"Recipe:isrc:{family.code}")
    add("m4a-xid.m4a", "mp4", with_udta(bare, tags.itunes_meta(tags.ilst_text("\xa9nam", "Seed"), xid, free=64)),
        "ffmpeg; own bytes", [("mp4:xid", f"Recipe:isrc:{family.code}")], ["misplaced"])
    xid = tags.ilst_text("xid ", f"Recipe:isrc:{family.code}")
    add("m4a-xid-freeform.m4a", "mp4", with_udta(bare, tags.itunes_meta(
        xid, tags.freeform("ISRC", [family.code.encode()]), free=64)), "ffmpeg; own bytes",
        [("mp4:xid", f"Recipe:isrc:{family.code}"), ITUNES])


def with_udta(data, *children):
    """Puts a `udta` atom last into the `moov` of a file whose `moov` is last."""
    parts = tags.atoms(data)
    assert parts[-1][0] == b"moov", "moov is not last"
    moov = parts[-1][1][8:]
    inner = [body for kind, body in tags.atoms(moov) if kind != b"udta"]
    return b"".join(body for _, body in parts[:-1]) + tags.atom("moov", *inner, tags.atom("udta", *children))


def layouts(family, kit, wav):
    add = family.add
    bare = kit.ffmpeg(wav, ".m4a", *AAC)
    meta = tags.itunes_meta(tags.freeform("ISRC", [family.code.encode()]), tags.ilst_text("\xa9nam", "Seed"), free=200)
    add("m4a-free-behind-ilst.m4a", "mp4", with_udta(bare, meta), "ffmpeg; own bytes: free atom behind ilst", [ITUNES])
    meta = tags.itunes_meta(tags.freeform("ISRC", [family.code.encode()]))
    add("m4a-free-behind-meta.m4a", "mp4", with_udta(bare, meta, tags.atom("free", bytes(120))),
        "ffmpeg; own bytes: free atom behind meta", [ITUNES])
    add("m4a-no-udta.m4a", "mp4", without_udta(bare), "ffmpeg; own bytes: moov without udta")
    add("m4a-empty-udta.m4a", "mp4", with_udta(bare), "ffmpeg; own bytes: an empty udta")
    add("m4a-empty-ilst.m4a", "mp4", with_udta(bare, tags.itunes_meta()), "ffmpeg; own bytes: an empty ilst")
    meta = tags.itunes_meta(tags.freeform("ISRC", [family.code.encode()]), free=32)
    tagged = with_udta(bare, meta)
    # ffmpeg leaves a `free` atom of 8 bytes for this very purpose: a header of 64 bits, and no offset moves.
    at = tagged.index(b"\0\0\0\x08free")
    size = struct.unpack_from(">I", tagged, at + 8)[0]
    wide = tagged[:at] + struct.pack(">I4sQ", 1, b"mdat", size + 8) + tagged[at + 16:]
    add("m4a-mdat-64.m4a", "mp4", wide, "ffmpeg; own bytes: mdat with a size of 64 bits", [ITUNES])
    fast = kit.edited(kit.ffmpeg(wav, ".m4a", *AAC, "-movflags", "faststart"), ".m4a", freeform([family.code]))
    at = fast.index(b"mdat") - 4
    add("m4a-mdat-to-the-end.m4a", "mp4", fast[:at] + bytes(4) + fast[at + 4:],
        "ffmpeg, mutagen; own bytes: mdat of size 0, to the end of the file", [ITUNES])
    add("m4a-free-behind-moov.m4a", "mp4", between(kit, wav, family.code),
        "ffmpeg, mutagen; own bytes: free atom between moov and mdat", [ITUNES])
    moov_first = ["-movflags", "frag_keyframe+empty_moov"]
    add("m4a-fragmented.m4a", "mp4", kit.ffmpeg(wav, ".m4a", *AAC, *moov_first), "ffmpeg, fragmented")
    flags = "frag_keyframe+empty_moov+default_base_moof+skip_trailer"
    pieces = tags.atoms(kit.ffmpeg(wav, ".m4a", *AAC, "-movflags", flags))
    meta = tags.itunes_meta(tags.freeform("ISRC", [family.code.encode()]), free=64)
    data = b""
    for kind, body in pieces:
        if kind == b"moov":
            inner = [child for name, child in tags.atoms(body[8:]) if name != b"udta"]
            body = tags.atom("moov", *inner, tags.atom("udta", meta))
        data += body
    add("m4a-fragmented-tagged.m4a", "mp4", data, "ffmpeg, fragmented; own bytes: tags in moov", [ITUNES])


def without_udta(data):
    parts = tags.atoms(data)
    inner = [body for kind, body in tags.atoms(parts[-1][1][8:]) if kind != b"udta"]
    return b"".join(body for _, body in parts[:-1]) + tags.atom("moov", *inner)


def between(kit, wav, code):
    fast = kit.edited(kit.ffmpeg(wav, ".m4a", *AAC, "-movflags", "faststart"), ".m4a", freeform([code], padding=0))
    out = b""
    for kind, body in tags.atoms(fast):
        out += tags.shift_chunk_offsets(body, 600) + tags.atom("free", bytes(592)) if kind == b"moov" else body
    return out


def quicktime(family, kit, wav):
    add = family.add
    mov = kit.ffmpeg(wav, ".mov", *AAC)
    add("mov-untagged.mov", "mp4", mov, "ffmpeg")
    add("mov-mutagen.mov", "mp4", kit.edited(mov, ".mov", freeform([family.code])), "ffmpeg, mutagen", [ITUNES])
    add("mov-mdta.mov", "mp4", kit.ffmpeg(wav, ".mov", *AAC, "-movflags", "use_metadata_tags", "-metadata",
                                          f"com.apple.quicktime.isrc={family.code}"), "ffmpeg: mdta keys",
        ["mp4:mdta:com.apple.quicktime.isrc"], ["misplaced"])
    text = tags.atom("\xa9isr", struct.pack(">HH", 12, 0x55C4), family.code.encode())
    add("mov-isr.mov", "mp4", with_udta(mov, tags.atom("\xa9nam", struct.pack(">HH", 4, 0x55C4), b"Seed"), text),
        "ffmpeg; own bytes: QuickTime user data", ["mp4:udta/\xa9isr"], ["misplaced"])
    add("phone.3gp", "mp4", kit.ffmpeg(wav, ".3gp", *AAC), "ffmpeg")
    add("phone-tagged.3gp", "mp4", kit.edited(kit.ffmpeg(wav, ".3gp", *AAC), ".3gp", freeform([family.code])),
        "ffmpeg, mutagen", [ITUNES])
