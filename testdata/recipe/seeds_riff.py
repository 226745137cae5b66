"""WAV, RF64, AIFF and AIFC: `id3 ` chunks, and the places where broadcasters put codes."""

import struct

import mutagen.aiff
import mutagen.id3
import mutagen.wave

from . import tags
from .entry import hyphened

TSRC = "id3v2:TSRC"


def chunk_id3(kind, code, version=4, padding=None):
    def edit(path):
        audio = kind(path)
        audio.add_tags()
        audio.tags.add(mutagen.id3.TIT2(encoding=0, text=["Seed"]))
        audio.tags.add(mutagen.id3.TSRC(encoding=0, text=[code]))
        audio.save(v2_version=version, padding=None if padding is None else lambda _: padding)
    return edit


def id3(code, version=3, padding=100):
    return tags.id3v2(tags.text("TIT2", "Seed", version) + tags.text("TSRC", code, version), version, padding)


def build(family):
    kit = family.kit
    wav = kit.wav("seed", 0.2, 8000)
    wave_id3(family, kit, wav)
    wave_other_places(family, wav.read_bytes())
    aiff(family, kit, wav)


def wave_id3(family, kit, wav):
    add = family.add
    bare = wav.read_bytes()
    parts = [tags.chunk(kind, body) for kind, body in tags.riff_chunks(bare)]
    add("wav-untagged.wav", "wav", bare, "synthesised")
    add("wav-mutagen.wav", "wav", kit.edited(bare, ".wav", chunk_id3(mutagen.wave.WAVE, family.code)), "mutagen", [TSRC])
    add("wav-mutagen-id3v23-tight.wav", "wav",
        kit.edited(bare, ".wav", chunk_id3(mutagen.wave.WAVE, family.code, 3, 0)), "mutagen, no padding", [TSRC])
    value = hyphened(family.code)
    add("wav-hyphens.wav", "wav", kit.edited(bare, ".wav", chunk_id3(mutagen.wave.WAVE, value, 3)), "mutagen",
        [(TSRC, value)], ["malformed:safe"])
    add("wav-kid3.wav", "wav", kit.through(bare, ".wav", lambda path: [
        ["kid3-cli", "-c", "set title Seed 2", "-c", f"set ISRC {family.code} 2", "-c", "save", path]]), "kid3-cli", [TSRC])
    add("wav-id3-upper.wav", "wav", tags.riff(*parts, tags.chunk("ID3 ", id3(family.code))), "own bytes", [TSRC])
    add("wav-id3-in-the-middle.wav", "wav", tags.riff(
        parts[0], tags.chunk("id3 ", id3(family.code, padding=0)), parts[1]), "own bytes: chunk before the audio", [TSRC])
    add("wav-id3-junk-behind.wav", "wav", tags.riff(
        *parts, tags.chunk("id3 ", id3(family.code, padding=0)), tags.chunk("JUNK", bytes(64)),
        tags.chunk("LIST", b"INFO" + tags.chunk("INAM", b"Seed\0"))), "own bytes: a JUNK chunk behind", [TSRC])
    add("wav-id3-in-front.wav", "wav", tags.id3v2(tags.text("TSRC", family.code), padding=50) + bare,
        "own bytes: an ID3v2 tag in front of the file", [TSRC], ["misplaced"])
    (_, form), (_, samples) = tags.riff_chunks(kit.ffmpeg(wav, ".wav", "-c:a", "pcm_u8"))[:2]
    form, odd = tags.chunk("fmt ", form), tags.chunk("data", samples[:-1] if len(samples) % 2 == 0 else samples)
    add("wav-odd-data.wav", "wav", tags.riff(form, odd, tags.chunk("id3 ", id3(family.code))),
        "ffmpeg (8 bits); own bytes: an odd number of audio bytes", [TSRC])
    add("wav-odd-no-pad-byte.wav", "wav", tags.riff(form, odd[:-1]),
        "ffmpeg (8 bits); own bytes: an odd number of audio bytes, the pad byte missing")
    streamed = bytearray(bare)
    streamed[4:8] = streamed[40:44] = b"\xff\xff\xff\xff"
    add("wav-streamed.wav", "wav", bytes(streamed), "own bytes: sizes FFFFFFFF, as programs write to a pipe")
    add("wav-bext.wav", "wav", kit.ffmpeg(wav, ".wav", "-write_bext", "1", "-metadata", "description=Seed"), "ffmpeg")
    rf64 = kit.ffmpeg(wav, ".wav", "-rf64", "always")
    add("rf64-untagged.wav", "rf64", rf64, "ffmpeg -rf64 always")
    extra = tags.chunk("id3 ", id3(family.code))
    # EBU Tech 3306: ds64 holds the sizes of the RIFF chunk and of the audio, 64 bits each.
    size = struct.unpack_from("<Q", rf64, 20)[0] + len(extra)
    add("rf64-id3.wav", "rf64", rf64[:20] + struct.pack("<Q", size) + rf64[28:] + extra, "ffmpeg; own bytes", [TSRC])


def wave_other_places(family, bare):
    add = family.add
    parts = [tags.chunk(kind, body) for kind, body in tags.riff_chunks(bare)]

    def with_chunk(kind, body):
        return tags.riff(*parts, tags.chunk(kind, body))

    def info(*items):
        return b"INFO" + b"".join(tags.chunk(kind, value.encode() + b"\0") for kind, value in items)

    add("wav-info-code.wav", "wav", with_chunk("LIST", info(("INAM", "Seed"), ("ISRC", family.code))), "own bytes",
        ["riff:INFO/ISRC"], ["misplaced"])
    add("wav-info-source.wav", "wav", with_chunk("LIST", info(("INAM", "Seed"), ("ISRC", "Studio B, tape 4"))),
        "own bytes: INFO/ISRC in its official meaning, the source")
    add("wav-info-comment.wav", "wav", with_chunk("LIST", info(("ICMT", family.code))), "own bytes", ["riff:INFO/ICMT"],
        ["misplaced"])
    code, other = family.code, family.another()
    add("wav-info-differs.wav", "wav", tags.riff(*parts, tags.chunk("LIST", info(("ISRC", other))),
                                                 tags.chunk("id3 ", id3(code))), "own bytes: INFO and id3 disagree",
        [("riff:INFO/ISRC", other), (TSRC, code)], ["conflicting"])
    # EBU Tech 3352 and 3293.
    axml = ('<?xml version="1.0" encoding="UTF-8"?>\n<ebuCoreMain xmlns="urn:ebu:metadata-schema:ebuCore" xmlns:dc='
            '"http://purl.org/dc/elements/1.1/">\n<coreMetadata><identifier typeLabel="ISRC">'
            f"<dc:identifier>ISRC:{family.code}</dc:identifier></identifier></coreMetadata>\n</ebuCoreMain>\n")
    add("wav-axml.wav", "wav", with_chunk("axml", axml.encode()), "own bytes", ["bwf:axml"], ["misplaced"])
    value = hyphened(family.code)
    axml = axml.replace("<dc:", "<d:").replace("</dc:", "</d:").replace("xmlns:dc", "xmlns:d")
    start = axml.index("ISRC:") + 5
    axml = axml[:start] + value + axml[start + 12:]
    add("wav-axml-hyphens.wav", "wav", with_chunk("axml", axml.encode()), "own bytes: another prefix of the name space",
        [("bwf:axml", value)], ["malformed:safe", "misplaced"])
    bext = f"ISRC:{family.code}".encode().ljust(256, b"\0") + bytes(346)
    add("wav-bext-description.wav", "wav", with_chunk("bext", bext), "own bytes", ["bwf:bext/Description"], ["misplaced"])
    bext = b"Seed".ljust(256, b"\0") + bytes(32) + family.code.encode().ljust(32, b"\0") + bytes(282)
    add("wav-bext-reference.wav", "wav", with_chunk("bext", bext), "own bytes", ["bwf:bext/OriginatorReference"],
        ["misplaced"])
    xml = f'<?xml version="1.0"?><BWFXML><PROJECT>Seed</PROJECT><ISRC>{family.code}</ISRC></BWFXML>'
    add("wav-ixml.wav", "wav", with_chunk("iXML", xml.encode()), "own bytes", ["bwf:iXML"], ["misplaced"])
    xml = ('<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
           '<rdf:Description xmlns:xmpDM="http://ns.adobe.com/xmp/1.0/DynamicMedia/">'
           f"<xmpDM:isrc>{family.code}</xmpDM:isrc></rdf:Description></rdf:RDF></x:xmpmeta>")
    add("wav-xmp.wav", "wav", with_chunk("_PMX", xml.encode()), "own bytes", ["riff:_PMX"], ["misplaced"])
    # AES46: Version, Title, Artist, then CutID of 64 bytes; 2,048 bytes in all.
    cart = (b"0101" + b"Seed".ljust(64, b"\0") + bytes(64) + family.code.encode().ljust(64, b"\0")).ljust(2048, b"\0")
    add("wav-cart.wav", "wav", with_chunk("cart", cart), "own bytes", ["riff:cart/CutID"], ["misplaced"])


def aiff(family, kit, wav):
    add = family.add
    bare = kit.ffmpeg(wav, ".aiff")
    parts = [tags.chunk(kind, body, ">") for kind, body in tags.riff_chunks(bare, ">")]

    def form(*extra):
        return tags.riff(*parts, *extra, kind="AIFF", form="FORM", order=">")

    add("aiff-untagged.aiff", "aiff", bare, "ffmpeg")
    add("aiff-mutagen.aiff", "aiff", kit.edited(bare, ".aiff", chunk_id3(mutagen.aiff.AIFF, family.code)),
        "ffmpeg, mutagen", [TSRC])
    add("aiff-ffmpeg-id3.aiff", "aiff", kit.ffmpeg(wav, ".aiff", "-write_id3v2", "1", "-id3v2_version", "3", "-metadata",
                                                   "title=Seed", "-metadata", f"TSRC={family.code}"), "ffmpeg", [TSRC])
    value = hyphened(family.code)
    add("aiff-hyphens-tight.aiff", "aiff", kit.edited(bare, ".aiff", chunk_id3(mutagen.aiff.AIFF, value, 3, 0)),
        "ffmpeg, mutagen, no padding", [(TSRC, value)], ["malformed:safe"])
    add("aiff-id3-lower.aiff", "aiff", form(tags.chunk("id3 ", id3(family.code), ">")), "ffmpeg; own bytes", [TSRC],
        ["misplaced"])
    add("aiff-id3-in-front-of-audio.aiff", "aiff", tags.riff(
        parts[0], tags.chunk("ID3 ", id3(family.code, padding=0), ">"), *parts[1:], kind="AIFF", form="FORM", order=">"),
        "ffmpeg; own bytes: chunk before the audio", [TSRC])
    add("aiff-anno.aiff", "aiff", form(tags.chunk("ANNO", family.code.encode(), ">")), "ffmpeg; own bytes", ["aiff:ANNO"],
        ["misplaced"])
    aifc = kit.ffmpeg(wav, ".aiff", "-c:a", "pcm_s16le")
    add("aifc-untagged.aifc", "aifc", aifc, "ffmpeg (sowt)")
    add("aifc-mutagen.aifc", "aifc", kit.edited(aifc, ".aifc", chunk_id3(mutagen.aiff.AIFF, family.code, 3)),
        "ffmpeg, mutagen", [TSRC])
