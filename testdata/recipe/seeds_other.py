"""DSF and DSDIFF, crafted from their specifications with silence as audio; WMA, Matroska, WebM and CAF."""

import struct

import mutagen.asf
import mutagen.dsdiff
import mutagen.dsf

from . import tags
from .seeds_riff import chunk_id3, id3

TSRC = "id3v2:TSRC"
SILENCE = 0x69  # The usual idle pattern of one-bit audio.


def build(family):
    kit, add = family.kit, family.add
    add("dsf-untagged.dsf", "dsf", dsf(), "own bytes, silence")
    add("dsf-id3v23.dsf", "dsf", dsf(id3(family.code)), "own bytes, silence", [TSRC])
    add("dsf-id3v24-tight.dsf", "dsf", dsf(id3(family.code, 4, 0)), "own bytes, silence", [TSRC])
    add("dsf-mutagen.dsf", "dsf", kit.edited(dsf(), ".dsf", chunk_id3(mutagen.dsf.DSF, family.code)),
        "own bytes, mutagen", [TSRC])
    add("dsdiff-untagged.dff", "dsdiff", dsdiff(), "own bytes, silence")
    add("dsdiff-id3.dff", "dsdiff", dsdiff(id3(family.code, padding=101)), "own bytes, silence, odd length", [TSRC])
    add("dsdiff-id3-tight.dff", "dsdiff", dsdiff(id3(family.code, padding=0)), "own bytes, silence", [TSRC])
    add("dsdiff-mutagen.dff", "dsdiff", kit.edited(dsdiff(), ".dff", chunk_id3(mutagen.dsdiff.DSDIFF, family.code)),
        "own bytes, mutagen", [TSRC])

    wav = kit.wav("seed", 0.2, 8000)
    wma = kit.ffmpeg(wav, ".wma", "-c:a", "wmav2", "-b:a", "24k", "-metadata", "title=Seed")

    def asf(path):
        audio = mutagen.asf.ASF(path)
        audio["WM/ISRC"] = family.code
        audio.save()

    add("wma-mutagen.wma", "wma", kit.edited(wma, ".wma", asf), "ffmpeg, mutagen (WM/ISRC)", ["asf:WM/ISRC"])
    for name, word, place, options in (("matroska-ffmpeg.mka", "matroska", "matroska:ISRC", ["-c:a", "flac"]),
                                       ("webm-ffmpeg.webm", "webm", "matroska:ISRC", ["-c:a", "libopus", "-b:a", "16k"]),
                                       ("caf-ffmpeg.caf", "caf", "caf:ISRC", [])):
        ending = name[name.index("."):]
        add(name, word, kit.ffmpeg(wav, ending, *options, "-metadata", f"ISRC={family.code}"), "ffmpeg (ISRC)", [place])
    add("wma-untagged.wma", "wma", kit.ffmpeg(wav, ".wma", "-c:a", "wmav2", "-b:a", "24k"), "ffmpeg")

    def library(path):
        audio = mutagen.asf.ASF(path)
        # A value that says its language does not fit the Extended Content Description Object.
        audio["WM/ISRC"] = [mutagen.asf.ASFUnicodeAttribute(family.code, language=0)]
        audio["Title"] = "Seed"
        audio.save()

    add("wma-library.wma", "wma", kit.edited(wma, ".wma", library), "ffmpeg, mutagen (Metadata Library Object)",
        ["asf:MetadataLibrary/WM/ISRC"])
    plain = kit.ffmpeg(wav, ".mka", "-c:a", "flac")
    add("matroska-untagged.mka", "matroska", plain, "ffmpeg")
    add("matroska-mkvmerge-untagged.mka", "matroska", kit.mkvmerge(plain), "ffmpeg, mkvmerge")
    coded = kit.ffmpeg(wav, ".mka", "-c:a", "flac", "-metadata", f"ISRC={hyphens(family.code)}", "-metadata", "title=Seed")
    add("matroska-mkvmerge.mka", "matroska", kit.mkvmerge(coded), "ffmpeg, mkvmerge; hyphens are right there",
        [("matroska:ISRC", hyphens(family.code))])
    coded = kit.ffmpeg(wav, ".mka", "-c:a", "flac", "-metadata:s:a:0", f"ISRC={family.code.lower()}")
    add("matroska-track-lower.mka", "matroska", coded, "ffmpeg; tag of the track",
        [("matroska:track/ISRC", family.code.lower())], ["malformed:safe"])
    add("caf-untagged.caf", "caf", kit.ffmpeg(wav, ".caf"), "ffmpeg")
    add("caf-alac-hyphens.caf", "caf",
        kit.ffmpeg(wav, ".caf", "-c:a", "alac", "-metadata", f"isrc={hyphens(family.code)}", "-metadata", "title=Seed"),
        "ffmpeg", [("caf:ISRC", hyphens(family.code))], ["malformed:safe"])


def hyphens(code):
    return f"{code[:2]}-{code[2:5]}-{code[5:7]}-{code[7:]}"


def dsf(tag=b""):
    """DSF file format specification 1.01: DSD, fmt and data chunks, little-endian; the tag last."""
    block = bytes([SILENCE]) * 4096
    data = struct.pack("<4sQ", b"data", 12 + len(block)) + block
    form = struct.pack("<4sQIIIIIIQII", b"fmt ", 52, 1, 0, 1, 1, 2822400, 1, 32768, 4096, 0)
    length = 28 + len(form) + len(data)
    head = struct.pack("<4sQQQ", b"DSD ", 28, length + len(tag), length if tag else 0)
    return head + form + data + tag


def dsdiff(tag=None):
    """DSDIFF 1.5: chunks with sizes of 64 bits, big-endian."""
    def chunk(kind, body):
        return kind + struct.pack(">Q", len(body)) + body + bytes(len(body) % 2)

    text = b"not compressed"
    properties = chunk(b"PROP", b"SND " + chunk(b"FS  ", struct.pack(">I", 2822400))
                       + chunk(b"CHNL", struct.pack(">H", 1) + b"C   ")
                       + chunk(b"CMPR", b"DSD " + bytes([len(text)]) + text))
    body = chunk(b"FVER", b"\x01\x05\0\0") + properties + chunk(b"DSD ", bytes([SILENCE]) * 4096)
    if tag is not None:
        body += chunk(b"ID3 ", tag)
    return b"FRM8" + struct.pack(">Q", len(body) + 4) + b"DSD " + body
