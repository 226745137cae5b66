"""WavPack, Musepack, Monkey's Audio, TAK and OptimFROG: APEv2 at the tail.

Debian has no encoder of the last three: their headers are written here, field by field, with dummy frames behind them.
Programs read their tags and lengths; nothing can decode them.
"""

import struct

from . import tags
from .entry import hyphened

APE = "apev2:ISRC"


def build(family):
    kit, add = family.kit, family.add
    wav = kit.wav("seed", 0.3, 16000)
    v1 = tags.id3v1("Seed", "Recipe", "Seeds")

    bare = kit.wavpack(wav)
    add("wavpack-untagged.wv", "wavpack", bare, "wavpack")
    add("wavpack-apev2.wv", "wavpack", kit.wavpack(wav, "-w", "Title=Seed", "-w", f"ISRC={family.code}"), "wavpack", [APE])
    add("wavpack-no-code.wv", "wavpack", kit.wavpack(wav, "-w", "Title=Seed"), "wavpack; a tag without a code")
    add("wavpack-lower-key.wv", "wavpack", bare + tags.apev2([("isrc", family.code), ("Title", "Seed")]),
        "wavpack; own bytes", [APE])
    one, two = family.code, family.another()
    add("wavpack-two-values.wv", "wavpack", bare + tags.apev2([("ISRC", [one, two]), ("Title", "Seed")]),
        "wavpack; own bytes", [(APE, one), (APE, two)], ["conflicting"])
    value = hyphened(family.code)
    add("wavpack-hyphens.wv", "wavpack", kit.wavpack(wav, "-w", f"ISRC={value}", "-w", "Title=Seed"), "wavpack",
        [(APE, value)], ["malformed:safe"])
    add("wavpack-id3v1.wv", "wavpack", bare + tags.apev2([("ISRC", family.code)]) + v1, "wavpack; own bytes", [APE])
    add("wavpack-id3-in-front.wv", "wavpack", tags.id3v2(tags.text("TSRC", family.code), padding=50) + bare,
        "wavpack; own bytes: an ID3v2 tag in front", ["id3v2:TSRC"], ["misplaced"])

    bare = kit.mpcenc(kit.wav("seed", 0.15, 44100))
    add("musepack8-untagged.mpc", "musepack", bare, "mpcenc (SV8)")
    add("musepack8-apev2.mpc", "musepack", kit.mpcenc(kit.wav("seed", 0.15, 44100), "--tag", f"ISRC={family.code}"),
        "mpcenc (SV8)", [APE])
    for name, word, data, how in (
            ("musepack7", "musepack", musepack7(), "own bytes: SV7 header, dummy frames"),
            ("monkeys-audio", "ape", monkeys_audio(), "own bytes: header, dummy frames"),
            ("tak", "tak", tak(), "own bytes: header, dummy frames"),
            ("optimfrog", "optimfrog", optimfrog(), "own bytes: header, dummy frames")):
        suffix = {"musepack": "mpc", "ape": "ape", "tak": "tak", "optimfrog": "ofr"}[word]
        add(f"{name}-untagged.{suffix}", word, data, how)
        add(f"{name}-apev2.{suffix}", word, data + tags.apev2([("Title", "Seed"), ("ISRC", family.code)]), how, [APE])
    data = tags.id3v2(tags.text("TSRC", family.code, 4), 4, padding=50) + monkeys_audio()
    add("monkeys-audio-id3-in-front.ape", "ape", data, "own bytes: header, dummy frames", ["id3v2:TSRC"], ["misplaced"])
    data = monkeys_audio() + tags.apev2([("ISRC", family.code), ("Title", "Seed")]) + v1
    add("monkeys-audio-id3v1.ape", "ape", data, "own bytes: header, dummy frames", [APE])


def monkeys_audio():
    """APE_DESCRIPTOR and APE_HEADER of version 3.99: one frame of 4,410 blocks, 44.1 kHz, mono, 16 bits."""
    frames = bytes(range(1, 201))
    seek = struct.pack("<I", 52 + 24 + 4)
    descriptor = struct.pack("<4sHHIIIIIII16s", b"MAC ", 3990, 0, 52, 24, len(seek), 0, len(frames), 0, 0, b"\1" * 16)
    header = struct.pack("<HHIIIHHI", 2000, 0x20, 73728, 4410, 1, 16, 1, 44100)
    return descriptor + header + seek + frames


def crc24(data):
    """As in OpenPGP (RFC 4880 section 6.1): TAK guards its metadata with it."""
    value = 0xCE04B7
    for byte in data:
        value ^= byte << 16
        for _ in range(8):
            value <<= 1
            if value & 0x1000000:
                value ^= 0x1864CFB
    return value


def tak():
    """STREAMINFO (80 bits, least significant first) and the end of the metadata."""
    bits, at = 0, 0
    fields = [(2, 6), (0, 4), (4, 4), (4410, 35), (0, 3), (44100 - 6000, 18), (16 - 8, 5), (1 - 1, 4), (0, 1)]
    for number, width in fields:
        bits |= number << at
        at += width
    info = bits.to_bytes(10, "little")
    guarded = info + crc24(info).to_bytes(3, "little")
    return b"tBaK" + b"\x01" + len(guarded).to_bytes(3, "little") + guarded + bytes(4) + bytes(range(1, 201))


def optimfrog():
    """The OFR block of 15 bytes: 4,410 samples of 16 bits, mono, 44.1 kHz; then a COMP block."""
    block = struct.pack("<IHBBIHB", 4410, 0, 3, 0, 44100, 0x5000, 0)
    data = bytes(range(1, 201))
    return b"OFR " + struct.pack("<I", len(block)) + block + b"COMP" + struct.pack("<I", len(data)) + data


def musepack7():
    """The SV7 header of 28 bytes: four frames at 44.1 kHz."""
    header = b"MP+\x07" + struct.pack("<II", 4, 0x40000000) + struct.pack("<HHHH", 0, 0, 0, 0) + bytes(8)
    return header + bytes(range(1, 201))
