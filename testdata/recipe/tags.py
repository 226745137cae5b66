"""Builders of tags and containers, byte by byte, for what no program in Debian writes.

Specifications: id3.org (ID3v2.2, 2.3, 2.4), APEv2, Lyrics3 v2.00, RFC 9639 (FLAC), RFC 3533 (Ogg), ISO/IEC 14496-12.
"""

import struct


# --- ID3v2 -----------------------------------------------------------------------------------------------------------

def synchsafe(number):
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def frame(identifier, body, version=3, flags=b"\0\0", size=None):
    """One frame. `size` replaces the size field, for frames whose writers got it wrong."""
    if version == 2:
        return identifier.encode() + len(body).to_bytes(3, "big") + body
    if size is None:
        size = synchsafe(len(body)) if version == 4 else len(body).to_bytes(4, "big")
    return identifier.encode() + size + flags + body


def text(identifier, value, version=3, encoding=0):
    """A text frame; encodings 0 Latin-1, 1 UTF-16 with BOM, 2 UTF-16BE, 3 UTF-8."""
    codec = {0: "latin-1", 1: "utf-16-le", 2: "utf-16-be", 3: "utf-8"}[encoding]
    mark = b"\xff\xfe" if encoding == 1 else b""
    return frame(identifier, bytes([encoding]) + mark + value.encode(codec), version)


def txxx(description, value, version=3):
    return frame("TXX" if version == 2 else "TXXX", b"\0" + description.encode() + b"\0" + value.encode(), version)


def id3v2(frames, version=3, padding=0, flags=0, extended=b"", footer=False):
    """A whole tag; `frames` is the joined bytes of all frames."""
    body = extended + frames + bytes(padding)
    head = bytes([version, 0, flags | (0x10 if footer else 0)]) + synchsafe(len(body))
    return b"ID3" + head + body + (b"3DI" + head if footer else b"")


def unsynchronise(data):
    """ID3v2.3 section 5: a zero byte behind every FF that a decoder could take for a sync, or that 00 follows."""
    out = bytearray()
    for index, byte in enumerate(data):
        out.append(byte)
        following = data[index + 1] if index + 1 < len(data) else 0xFF
        if byte == 0xFF and (following >= 0xE0 or following == 0):
            out.append(0)
    return bytes(out)


def id3v1(title, artist, album):
    fields = [value.encode("latin-1")[:30].ljust(30, b"\0") for value in (title, artist, album)]
    return b"TAG" + b"".join(fields) + b"2026" + bytes(30) + b"\xff"


# --- APEv2 and Lyrics3 -----------------------------------------------------------------------------------------------

def apev2(items, header=True, version=2000):
    """`items` is a list of (key, bytes or text, or a list of texts)."""
    body = b""
    for key, value in items:
        if isinstance(value, list):
            value = "\0".join(value)
        if isinstance(value, str):
            value = value.encode()
        body += struct.pack("<II", len(value), 0) + key.encode() + b"\0" + value
    base = 0x80000000 if header else 0

    def mark(is_header):
        return b"APETAGEX" + struct.pack("<IIII8x", version, len(body) + 32, len(items),
                                         base | (0x20000000 if is_header else 0))

    return (mark(True) if header else b"") + body + mark(False)


def lyrics3(lyrics):
    body = b"LYRICSBEGIN" + b"IND0000200" + b"LYR" + b"%05d" % len(lyrics) + lyrics
    return body + b"%06d" % len(body) + b"LYRICS200"


# --- Vorbis comments, FLAC, Ogg --------------------------------------------------------------------------------------

def comments(vendor, entries):
    entries = [entry.encode() if isinstance(entry, str) else entry for entry in entries]
    packed = b"".join(struct.pack("<I", len(entry)) + entry for entry in entries)
    return struct.pack("<I", len(vendor)) + vendor.encode() + struct.pack("<I", len(entries)) + packed


def flac_blocks(data):
    """Splits a FLAC file into its metadata blocks [(type, body)] and its frames."""
    blocks, at = [], 4
    while True:
        head, size = data[at], int.from_bytes(data[at + 1:at + 4], "big")
        blocks.append((head & 0x7F, data[at + 4:at + 4 + size]))
        at += 4 + size
        if head & 0x80:
            return blocks, data[at:]


def flac(blocks, frames):
    out = b"fLaC"
    for index, (kind, body) in enumerate(blocks):
        last = 0x80 if index == len(blocks) - 1 else 0
        out += bytes([kind | last]) + len(body).to_bytes(3, "big") + body
    return out + frames


def picture(jpeg, side):
    mime = b"image/jpeg"
    return (struct.pack(">II", 3, len(mime)) + mime + struct.pack(">IIIIII", 0, side, side, 24, 0, len(jpeg)) + jpeg)


def _crc_table():
    table = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value & 0x80000000 else 0)) & 0xFFFFFFFF
        table.append(value)
    return table


CRC = _crc_table()


def ogg_crc(data):
    value = 0
    for byte in data:
        value = (value << 8 & 0xFFFFFFFF) ^ CRC[value >> 24 ^ byte]
    return value


def ogg_pages(data):
    """The pages of an Ogg stream, as bytes."""
    pages, at = [], 0
    while at < len(data):
        assert data[at:at + 4] == b"OggS", "not a page"
        lacing = data[at + 27:at + 27 + data[at + 26]]
        end = at + 27 + len(lacing) + sum(lacing)
        pages.append(data[at:end])
        at = end
    return pages


def ogg_renumber(data, serial, first=0):
    """Gives every page of a single stream this serial and counts the pages from `first`."""
    out = b""
    for number, page in enumerate(ogg_pages(data)):
        page = bytearray(page)
        page[14:22] = struct.pack("<II", serial, first + number)
        page[22:26] = bytes(4)
        page[22:26] = struct.pack("<I", ogg_crc(page))
        out += page
    return out


def ogg_page(serial, number, packets, flags=0, granule=0):
    """One page of whole packets."""
    lacing = b"".join(b"\xff" * (len(packet) // 255) + bytes([len(packet) % 255]) for packet in packets)
    page = bytearray(b"OggS\0" + bytes([flags]) + struct.pack("<qIII", granule, serial, number, 0) + bytes([len(lacing)])
                     + lacing + b"".join(packets))
    page[22:26] = struct.pack("<I", ogg_crc(page))
    return bytes(page)


# --- MP4 -------------------------------------------------------------------------------------------------------------

def atom(kind, *bodies):
    body = b"".join(bodies)
    return struct.pack(">I", len(body) + 8) + (kind.encode("latin-1") if isinstance(kind, str) else kind) + body


def freeform(name, values, mean="com.apple.iTunes", kind=1):
    """A `----` atom; `values` are bytes, one data atom each."""
    full = bytes(4)
    return atom("----", atom("mean", full, mean.encode()), atom("name", full, name.encode()),
                *[atom("data", struct.pack(">II", kind, 0), value) for value in values])


def ilst_text(kind, value):
    return atom(kind, atom("data", struct.pack(">II", 1, 0), value.encode()))


def itunes_meta(*items, free=0):
    """The `meta` atom as iTunes lays it out: full atom, hdlr mdir/appl, ilst, and a `free` atom of `free` bytes in all."""
    handler = atom("hdlr", bytes(8), b"mdirappl", bytes(9))
    room = [atom("free", bytes(free - 8))] if free else []
    return atom("meta", bytes(4), handler, atom("ilst", *items), *room)


def atoms(data):
    """The top-level atoms [(kind, whole bytes)]."""
    out, at = [], 0
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        size = struct.unpack_from(">Q", data, at + 8)[0] if size == 1 else size or len(data) - at
        out.append((kind, data[at:at + size]))
        at += size
    return out


def shift_chunk_offsets(moov, distance):
    """Adds to every entry of every `stco` in a `moov` atom (as our encoders write them: one table, 32 bits)."""
    out = bytearray(moov)
    at = out.find(b"stco")
    while at != -1:
        for entry in range(int.from_bytes(out[at + 8:at + 12], "big")):
            place = at + 12 + 4 * entry
            out[place:place + 4] = (int.from_bytes(out[place:place + 4], "big") + distance).to_bytes(4, "big")
        at = out.find(b"stco", at + 4)
    return bytes(out)


# --- RIFF and IFF ----------------------------------------------------------------------------------------------------

def chunk(kind, body, order="<"):
    return kind.encode() + struct.pack(order + "I", len(body)) + body + bytes(len(body) % 2)


def riff(*chunks, kind="WAVE", form="RIFF", order="<"):
    body = kind.encode() + b"".join(chunks)
    return form.encode() + struct.pack(order + "I", len(body)) + body


def riff_chunks(data, order="<"):
    """The chunks [(kind, body)] of a RIFF or FORM file."""
    out, at = [], 12
    while at + 8 <= len(data):
        kind, size = data[at:at + 4].decode("latin-1"), struct.unpack_from(order + "I", data, at + 4)[0]
        out.append((kind, data[at + 8:at + 8 + size]))
        at += 8 + size + size % 2
    return out
