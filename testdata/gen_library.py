#!/usr/bin/env python3
"""Makes a music library of any size, with the truth about every file.

  testdata/gen_library.py OUT --files 2000 --seed 1
  testdata/gen_library.py OUT --files 20000 --classes canonical:100 --covers 40-400
  testdata/gen_library.py OUT --files 500 --classes hyphenated:100 --padding always --audio-kb 20000

OUT/library holds the files, OUT/manifest.tsv the truth: the columns of testdata/manifest.tsv, then `class`. The same
arguments give the same bytes. Audio comes from testdata/seeds; tags are put together byte by byte, so nothing but Python
is needed. With --audio-kb the audio is followed by a hole of that size (it takes no room on disk): such files have real
sizes and cannot be played. Pictures are noise behind a JPEG header.
"""

import argparse
import base64
import pathlib
import random
import struct
import sys

sys.dont_write_bytecode = True

from recipe import tags  # noqa: E402
from recipe.entry import escape, hyphened  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
FORMATS = {"flac": 42, "mp3": 30, "m4a": 12, "opus": 6, "ogg": 4, "wav": 3, "aiff": 3}
CLASSES = {"canonical": 70, "missing": 10, "hyphenated": 8, "lower": 3, "malformed": 2.5, "conflicting": 2, "twice": 1.5,
           "shared": 2.7, "empty": 0.3}
WORD = {"m4a": "mp4"}
PLACE = {"flac": "vorbis:ISRC", "opus": "vorbis:ISRC", "ogg": "vorbis:ISRC", "m4a": "mp4:com.apple.iTunes:ISRC"}
FIRST = ["Pale", "Northern", "Second", "Brass", "Hollow", "Copper", "Long", "Ártico", "Größter", "Late", "Œuvre", "Nära", "青い",
         "Тихий", "Winter", "Salt", "Open", "Lower", "Zwölf", "Silent"]
SECOND = ["Harbour", "Engine", "Orchard", "Signal", "Meadow", "Atlas", "Lantern", "Fjäll", "Straße", "Añil", "海", "Берег", "Bridge",
          "Window", "Circuit", "Parade", "Valley", "Mirror", "Engel", "Kite"]


class Seeds:
    """The audio of testdata/seeds, taken apart."""

    def __init__(self, folder):
        def read(name):
            return (folder / name).read_bytes()

        blocks, self.flac = tags.flac_blocks(read("flac-untagged-tight.flac"))
        self.streaminfo = blocks[0][1]
        self.mp3 = read("mp3-untagged.mp3")
        self.m4a = {"back": tags.atoms(read("m4a-no-udta.m4a")), "front": tags.atoms(read("m4a-untagged-faststart.m4a"))}
        self.opus = tags.ogg_pages(read("opus-tight.opus"))
        self.ogg = tags.ogg_pages(read("vorbis-untagged.ogg"))
        self.wav = tags.riff_chunks(read("wav-untagged.wav"))
        self.aiff = tags.riff_chunks(read("aiff-untagged.aiff"), ">")


class Track:
    """What is to be written into one file."""

    def __init__(self, rng, options, noise, place, artist, album, number, title, values):
        self.rng, self.place, self.artist, self.album = rng, place, artist, album
        self.number, self.title, self.values = number, title, values
        self.padding = {"always": rng.choice((1024, 2048, 8192)), "never": 0,
                        "mixed": rng.choice((0, 0, 512, 1024, 4096, 8192))}[options.padding]
        low, high = options.covers
        self.cover = b""
        if high and rng.random() < 0.85:
            size = rng.randint(low, high) * 1000
            start = rng.randrange(len(noise) - size)
            self.cover = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + noise[start:start + size] + b"\xff\xd9"
        self.hole = options.audio_kb * 1000
        self.split = False  # Whether the second value goes to another tag.

    def uuid(self):
        digits = f"{self.rng.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"

    def fields(self):
        """The items that a collection tagged with MusicBrainz carries."""
        return [("TITLE", self.title), ("ARTIST", self.artist), ("ALBUM", self.album), ("ALBUMARTIST", self.artist),
                ("TRACKNUMBER", str(self.number)), ("TRACKTOTAL", "12"), ("DISCNUMBER", "1"), ("DATE", "2024-03-01"),
                ("GENRE", "Electronic"), ("LABEL", "No Such Label"), ("MUSICBRAINZ_TRACKID", self.uuid()),
                ("MUSICBRAINZ_ALBUMID", self.uuid()), ("MUSICBRAINZ_ARTISTID", self.uuid()),
                ("REPLAYGAIN_TRACK_GAIN", f"{self.rng.uniform(-11, 2):.2f} dB"),
                ("REPLAYGAIN_TRACK_PEAK", f"{self.rng.random():.6f}")]


def comments(track, picture=False):
    entries = [f"{key}={value}" for key, value in track.fields()]
    key = track.rng.choice(("ISRC", "ISRC", "ISRC", "isrc"))
    at = track.rng.randrange(len(entries))
    entries[at:at] = [f"{key}={value}" for value in track.values]
    if picture and track.cover:
        entries.append("METADATA_BLOCK_PICTURE=" + base64.b64encode(tags.picture(track.cover, 600)).decode())
    return tags.comments("gen_library", entries)


def make_flac(seeds, track):
    info = seeds.streaminfo[:18] + track.rng.randbytes(16)  # Another recording: another MD5.
    blocks = [(0, info), (3, (b"\xff" * 8 + bytes(10)) * 4), (4, comments(track))]
    if track.cover:
        blocks.insert(track.rng.choice((2, 3)), (6, tags.picture(track.cover, 600)))
    if track.padding:
        blocks.append((1, bytes(track.padding)))
    return [tags.flac(blocks, seeds.flac), track.hole]


def id3(track, version, picture=True):
    encoding = 1 if version == 3 else 3
    names = {"TITLE": "TIT2", "ARTIST": "TPE1", "ALBUM": "TALB", "ALBUMARTIST": "TPE2", "TRACKNUMBER": "TRCK",
             "DISCNUMBER": "TPOS", "GENRE": "TCON", "LABEL": "TPUB"}
    frames = []
    for key, value in track.fields():
        if key in names:
            frames.append(tags.text(names[key], value, version, encoding))
        elif not key.startswith("TRACK") and key != "DATE":
            frames.append(tags.txxx(key, value, version))
    own = track.values[:1] if track.split else track.values
    if own:
        joined = ("/" if version == 3 else "\0").join(own)
        frames.insert(track.rng.randrange(len(frames)), tags.text("TSRC", joined, version, track.rng.choice((0, encoding))))
    if picture and track.cover:
        apic = tags.frame("APIC", b"\0image/jpeg\0\x03\0" + track.cover, version)
        frames.insert(track.rng.choice((0, len(frames))), apic)
    return tags.id3v2(b"".join(frames), version, track.padding)


def make_mp3(seeds, track):
    parts = [id3(track, track.rng.choice((3, 4))), seeds.mp3, track.hole]
    if track.split or track.rng.random() < 0.06:
        items = [("Title", track.title), ("REPLAYGAIN_TRACK_GAIN", "-6.00 dB")]
        if track.split:
            items.insert(1, ("ISRC", track.values[1]))
        parts.append(tags.apev2(items))
    if track.rng.random() < 0.4:
        latin = [text.encode("latin-1", "replace").decode("latin-1") for text in (track.title, track.artist, track.album)]
        parts.append(tags.id3v1(*latin))
    return parts


def make_m4a(seeds, track):
    items = [tags.ilst_text(kind, value) for kind, value in
             (("\xa9nam", track.title), ("\xa9ART", track.artist), ("\xa9alb", track.album), ("\xa9day", "2024"))]
    items += [tags.freeform(name, [value.encode()]) for name, value in track.fields() if "_" in name]
    if track.values:
        values = [value.encode() for value in track.values]
        items.insert(track.rng.randrange(len(items)), tags.freeform("ISRC", values))
    if track.cover:
        items.append(tags.atom("covr", tags.atom("data", struct.pack(">II", 13, 0), track.cover)))
    udta = tags.atom("udta", tags.itunes_meta(*items, free=track.padding))
    layout = track.rng.choice(("front", "back"))
    old = next(body for kind, body in seeds.m4a[layout] if kind == b"moov")
    inner = [body for kind, body in tags.atoms(old[8:]) if kind != b"udta"]
    moov = tags.atom("moov", *inner, udta)
    if layout == "front":
        moov = tags.shift_chunk_offsets(moov, len(moov) - len(old))
    out = []
    for kind, body in seeds.m4a[layout]:
        if kind == b"moov":
            out.append(moov)
        elif kind == b"mdat":
            out += [struct.pack(">I", len(body) + track.hole) + body[4:], track.hole]
        else:
            out.append(body)
    return out


def make_ogg(seeds, track):
    pages = seeds.opus if track.place == "opus" else seeds.ogg
    serial = struct.unpack_from("<I", pages[0], 14)[0]
    if track.place == "opus":
        packets = [b"OpusTags" + comments(track, True) + bytes(track.padding)]
        rest = 2
    else:
        # The second page of oggenc holds the comments and the setup header.
        body = pages[1][27 + pages[1][26]:]
        setup = body[body.index(b"\x05vorbis"):]
        packets = [b"\x03vorbis" + comments(track, True) + b"\x01" + bytes(track.padding), setup]
        rest = 2
    headers = header_pages(serial, packets)
    audio = []
    for number, page in enumerate(pages[rest:], 1 + len(headers)):
        page = bytearray(page)
        page[18:26] = struct.pack("<II", number, 0)
        page[22:26] = struct.pack("<I", tags.ogg_crc(page))
        audio.append(bytes(page))
    return [pages[0], *headers, *audio]


def header_pages(serial, packets):
    """Header packets over as many pages as they need, from page 1 on."""
    lacing, body = [], b"".join(packets)
    for packet in packets:
        lacing += [255] * (len(packet) // 255) + [len(packet) % 255]
    pages, at = [], 0
    for first in range(0, len(lacing), 255):
        piece = lacing[first:first + 255]
        size = sum(piece)
        ends = any(value < 255 for value in piece)
        flags = 1 if first and lacing[first - 1] == 255 else 0
        page = bytearray(b"OggS\0" + bytes([flags]) + struct.pack("<qIII", 0 if ends else -1, serial, 1 + len(pages), 0)
                         + bytes([len(piece)]) + bytes(piece) + body[at:at + size])
        page[22:26] = struct.pack("<I", tags.ogg_crc(page))
        pages.append(bytes(page))
        at += size
    return pages


def make_riff(seeds, track):
    """WAV and AIFF: the chunks of the seed, then the tag."""
    is_wav = track.place == "wav"
    order, kind, form, name, audio = ("<", "WAVE", "RIFF", "id3 ", "data") if is_wav else (">", "AIFF", "FORM", "ID3 ", "SSND")
    hole = track.hole - track.hole % 2
    chunk = tags.chunk(name, id3(track, 4 if len(track.values) > 1 else 3), order)
    parts, size = [], 4 + len(chunk) + hole
    for seed_kind, body in seeds.wav if is_wav else seeds.aiff:
        head = tags.chunk(seed_kind, body, order)
        size += len(head)
        if seed_kind == audio:
            parts += [seed_kind.encode() + struct.pack(order + "I", len(body) + hole) + head[8:], hole]
        else:
            parts.append(head)
    return [form.encode() + struct.pack(order + "I", size) + kind.encode(), *parts, chunk]


MAKERS = {"flac": make_flac, "mp3": make_mp3, "m4a": make_m4a, "opus": make_ogg, "ogg": make_ogg, "wav": make_riff,
          "aiff": make_riff}


def truth(rng, what, suffix, code, other):
    """(values, findings, the file's code, whether the second value goes to another tag) of a file of this class."""
    if what in ("canonical", "shared"):
        return [code], [], code, False
    if what in ("missing", "empty"):
        return [], ["missing" if what == "missing" else "unreadable"], "", False
    if what == "hyphenated":
        return [rng.choice((hyphened(code), f"ISRC {hyphened(code)}"))], ["malformed:safe"], code, False
    if what == "lower":
        return [code.lower()], ["malformed:safe"], code, False
    if what == "malformed":
        return rng.choice((([code[:7] + "O" + code[8:]], ["malformed:guess"], "", False),
                           (["5901234123457"], ["malformed:none"], "", False)))
    split = suffix == "mp3" and rng.random() < 0.5
    if what == "twice":
        return [code, code], [], code, split
    return [code, other], ["conflicting"], "", split


def plan(rng, options):
    """The rows of the library: (path, suffix, class, code, names)."""
    shares = [max(1, round(options.files * weight / sum(options.classes.values()))) if weight else 0
              for weight in options.classes.values()]
    classes = [what for what, share in zip(options.classes, shares) for _ in range(share)][:options.files]
    classes += [next(iter(options.classes))] * (options.files - len(classes))
    rng.shuffle(classes)
    rows, number = [], 0
    while number < options.files:
        artist = f"{rng.choice(FIRST)} {rng.choice(SECOND)}"
        album = f"{rng.choice(SECOND)} {rng.randrange(100, 9999)}"
        year = rng.randrange(1990, 2026)
        suffix = rng.choices(list(FORMATS), FORMATS.values())[0]
        for track in range(1, min(rng.randint(8, 16), options.files - number) + 1):
            title = f"{rng.choice(FIRST)} {rng.choice(SECOND)}"
            path = f"{artist}/{album} ({year})/{track:02d} {title}.{suffix}"
            rows.append((path, suffix, classes[number], f"QZTSG{10 + number // 99999:02d}{number % 99999 + 1:05d}",
                         (artist, album, track, title)))
            number += 1
    return rows


def generate(options):
    rng = random.Random(f"isrctag library {options.seed}")
    seeds, noise = Seeds(HERE / "seeds"), rng.randbytes(1000 * (options.covers[1] + 500))
    rows = plan(rng, options)
    partners = share(rng, rows)
    lines = []
    for number, (path, suffix, what, code, names) in enumerate(rows):
        extra = []
        if number in partners:
            code, extra = partners[number]
        other = f"QZTSH{code[5:]}"
        values, findings, one, split = truth(rng, what, suffix, code, other)
        if what == "empty":
            parts = []
        else:
            track = Track(rng, options, noise, suffix, *names, values)
            track.split = split
            parts = MAKERS[suffix](seeds, track)
        write(options.out / "library" / path, parts)
        name = PLACE.get(suffix, "id3v2:TSRC")
        places = [(name, value) for value in values]
        if split:
            places[1] = ("apev2:ISRC", values[1])
        word = "-" if what == "empty" else WORD.get(suffix, suffix)
        lines.append("\t".join([f"library/{path}", word,
                                " | ".join(f"{place}={escape(value)}" for place, value in places) or "-",
                                " ".join(findings + extra) or "-", one or "-", what]))
        if names[2] == 1:
            beside(options.out / "library" / path, noise, names)
    header = "path\tformat\tplaces\tfindings\tcode\tclass"
    (options.out / "manifest.tsv").write_text("\n".join([header, *sorted(lines)]) + "\n", encoding="utf-8")
    return lines


def share(rng, rows):
    """Pairs of `shared` files get one code: {index: (code, findings)}. All are short and none alike: undecided."""
    chosen = [number for number, row in enumerate(rows) if row[2] == "shared"]
    rng.shuffle(chosen)
    partners = {}
    for one, two in zip(chosen[::2], chosen[1::2]):
        partners[one] = partners[two] = (rows[one][3], ["shared:undecided"])
    return partners  # One left over has a code of its own, and no finding.


def beside(path, noise, names):
    """What lies in an album's folder: a scan passes it over."""
    artist, album, _, _ = names
    (path.parent / "cover.jpg").write_bytes(b"\xff\xd8\xff\xe0" + noise[:20_000])
    (path.parent / "album.m3u8").write_text(f"#EXTM3U\n{path.name}\n", encoding="utf-8")
    (path.parent / "album.log").write_text(f"{artist} / {album}\n", encoding="utf-8")


def write(path, parts):
    """Numbers among the parts are holes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        for part in parts:
            if isinstance(part, int):
                file.seek(part, 1)
            else:
                file.write(part)
        file.truncate()


def weights(text):
    return {name: float(weight) for name, weight in (part.split(":") for part in text.split(","))}


def kilobytes(text):
    low, _, high = text.partition("-")
    return int(low), int(high or low)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("out", type=pathlib.Path, metavar="OUT")
    arguments.add_argument("--files", type=int, default=2000)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--classes", type=weights, default=CLASSES, metavar="NAME:WEIGHT,...")
    arguments.add_argument("--covers", type=kilobytes, default=(40, 400), metavar="KB-KB", help="0 is none")
    arguments.add_argument("--padding", choices=("mixed", "always", "never"), default="mixed")
    arguments.add_argument("--audio-kb", type=int, default=0, help="a hole behind the audio (not in Ogg)")
    options = arguments.parse_args()
    unknown = set(options.classes) - set(CLASSES)
    if unknown:
        arguments.error(f"unknown class: {', '.join(sorted(unknown))}")
    if (options.out / "library").exists():
        arguments.error(f"{options.out / 'library'} is there already")
    lines = generate(options)
    print(f"{len(lines)} files in {options.out / 'library'}")


if __name__ == "__main__":
    main()
