"""testdata/library: a small music library with every kind of finding in it.

Artists, titles and codes are invented. `QZTST` stands for the library's own label, `QZTSU` for another one.
"""

import mutagen.aiff
import mutagen.apev2
import mutagen.flac
import mutagen.id3
import mutagen.mp4
import mutagen.oggopus
import mutagen.oggvorbis
import mutagen.wave

from . import tags
from .entry import Entry, hyphened

LONG = 11025  # The sampling rate of the pieces that are long enough for a fingerprint.


def code(designation, stem="QZTST24"):
    return f"{stem}{designation:05d}"


class Track:
    """What a release says about one track."""

    def __init__(self, artist, album, number, title, year="2024", disc=1, total=None):
        self.artist, self.album, self.number, self.title = artist, album, number, title
        self.year, self.disc, self.total = year, disc, total

    def vorbis(self):
        entries = {"TITLE": self.title, "ARTIST": self.artist, "ALBUM": self.album, "ALBUMARTIST": self.artist,
                   "TRACKNUMBER": str(self.number), "DISCNUMBER": str(self.disc), "DATE": self.year}
        if self.total:
            entries["TRACKTOTAL"] = str(self.total)
        return entries

    def frames(self):
        position = f"{self.number}/{self.total}" if self.total else str(self.number)
        ids = [("TIT2", self.title), ("TPE1", self.artist), ("TPE2", self.artist), ("TALB", self.album),
               ("TRCK", position), ("TPOS", str(self.disc)), ("TDRC", self.year)]
        return [getattr(mutagen.id3, name)(encoding=encoding(value), text=[value]) for name, value in ids]


def encoding(value):
    return 0 if all(ord(character) < 256 for character in value) else 1


def comment_tags(kind, track, isrc=(), key="ISRC", cover=None):
    """Tags a FLAC, Ogg or Opus file with mutagen. `isrc` is a list of values."""
    def edit(path):
        audio = kind(path)
        if audio.tags is None:
            audio.add_tags()
        vendor = audio.tags.vendor
        audio.tags.clear()
        for name, value in track.vorbis().items():
            audio[name] = value
        if isrc:
            audio[key] = list(isrc)
        audio.tags.vendor = vendor
        if cover:
            picture = mutagen.flac.Picture()
            picture.type, picture.mime, picture.data = 3, "image/jpeg", cover
            picture.width = picture.height = 160
            picture.depth = 24
            audio.add_picture(picture)
        audio.save()
    return edit


def id3_tags(track, frames=(), version=3, cover=None):
    """Tags a file with an ID3v2 tag in front (mutagen)."""
    def edit(path):
        tag = mutagen.id3.ID3()
        for frame in [*track.frames(), *frames]:
            tag.add(frame)
        if cover:
            tag.add(mutagen.id3.APIC(encoding=0, mime="image/jpeg", type=3, desc="", data=cover))
        if version == 3:
            tag.update_to_v23()
        tag.save(path, v2_version=version, v1=0)
    return edit


def tsrc(*values):
    return mutagen.id3.TSRC(encoding=0, text=list(values))


def mp4_tags(track, isrc=None, key="----:com.apple.iTunes:ISRC", cover=None):
    def edit(path):
        audio = mutagen.mp4.MP4(path)
        audio["\xa9nam"], audio["\xa9ART"], audio["\xa9alb"] = track.title, track.artist, track.album
        audio["aART"], audio["\xa9day"] = track.artist, track.year
        audio["trkn"], audio["disk"] = [(track.number, track.total or 0)], [(track.disc, 0)]
        if isrc:
            audio[key] = [mutagen.mp4.MP4FreeForm(isrc.encode(), dataformat=mutagen.mp4.AtomDataType.UTF8)]
        if cover:
            audio["covr"] = [mutagen.mp4.MP4Cover(cover, imageformat=mutagen.mp4.MP4Cover.FORMAT_JPEG)]
        audio.save()
    return edit


def chunk_tags(kind, track, frames=()):
    """Tags a WAV or AIFF file with an ID3v2.3 chunk (mutagen)."""
    def edit(path):
        audio = kind(path)
        audio.add_tags()
        for frame in [*track.frames(), *frames]:
            audio.tags.add(frame)
        audio.tags.update_to_v23()
        audio.save(v2_version=3)
    return edit


def build(kit):
    """All files: entries with ground truth, and (path, bytes) of what lies beside them."""
    cover = kit.cover()
    entries, beside = [], []
    for part in (tidewater, small_hours, harbour_sessions, tidewater_mp3, anthology, five_rooms, shiosai, inbox):
        part(kit, cover, entries, beside)
    return entries, beside


TIDEWATER = ["Low Water", "Salt Line", "Harbour Lights", "The Ferryman", "Undertow", "Breakwater", "Slack Tide",
             "Pilot Boat", "Estuary", "Spring Tide"]


def tidewater_wav(kit, number):
    seconds, rate = (12, LONG) if number in (1, 9) else (1.0 + number / 10, 22050)
    return kit.wav(f"tidewater {number}", seconds, rate)


def tidewater(kit, cover, entries, beside):
    folder = "library/Lantern Street/Tidewater (2024)"
    kind = mutagen.flac.FLAC
    special = {
        3: ([hyphened(code(3))], ["malformed:safe"]),
        5: ([], ["missing"]),
        6: ([code(6), code(16)], ["conflicting"]),
        1: ([code(1)], ["shared:presumed-same"]),
        2: ([code(2)], ["shared:presumed-same"]),
        4: ([code(4)], ["shared:same-recording"]),
        10: ([" ".join(code(10))], ["malformed:safe"]),
    }
    for number, title in enumerate(TIDEWATER, 1):
        track = Track("Lantern Street", "Tidewater", number, title, total=len(TIDEWATER))
        path = f"{folder}/{number:02d} {title}.flac"
        data = kit.flac(tidewater_wav(kit, number), padding=1024)
        values, findings = special.get(number, ([code(number)], []))
        if number == 7:
            data = kit.edited(data, ".flac", comment_tags(kind, track))
            front = tags.id3v2(tags.text("TIT2", title) + tags.text("TSRC", code(7)), padding=128)
            entries.append(Entry(path, "flac", front + data, "flac, mutagen; ID3v2.3 tag in front",
                                 [("id3v2:TSRC", code(7))], ["misplaced"], code(7)))
            continue
        data = kit.edited(data, ".flac", comment_tags(kind, track, values, cover=cover if number == 1 else None))
        one = code(number) if len(values) == 1 else ""
        entries.append(Entry(path, "flac", data, "flac, mutagen", [("vorbis:ISRC", value) for value in values],
                             findings, one))
    names = [f"{number:02d} {title}" for number, title in enumerate(TIDEWATER, 1)]
    beside.append((f"{folder}/cover.jpg", cover))
    beside.append((f"{folder}/Tidewater.m3u8", ("#EXTM3U\n" + "".join(f"{name}.flac\n" for name in names)).encode()))
    cue = ['PERFORMER "Lantern Street"', 'TITLE "Tidewater"']
    for number, (name, title) in enumerate(zip(names, TIDEWATER), 1):
        cue += [f'FILE "{name}.flac" WAVE', f"  TRACK {number:02d} AUDIO", f'    TITLE "{title}"',
                f"    ISRC {code(number)}", "    INDEX 01 00:00:00"]
    beside.append((f"{folder}/Tidewater.cue", ("\r\n".join(cue) + "\r\n").encode()))
    log = ["Disc reader report, 4 May 2024", "Lantern Street / Tidewater", ""]
    log += [f"Track {number:2d}  read twice, equal" for number in range(1, len(names) + 1)]
    beside.append((f"{folder}/Tidewater.log", ("\r\n".join(log) + "\r\n").encode("utf-16")))


def small_hours(kit, cover, entries, beside):
    folder = "library/Maren Holt/Small Hours (2023)"
    other = "QZTSU23"
    titles = ["Paper Lantern", "Wintering", "Blue Hour", "Letters Home", "Kingfisher", "Little Ghost", "Ash and Elm",
              "Long Way Round", "Long Way Round (Extended)", "Attic Window", "First Train", "Night Bus"]
    letter_o = code(6, other)[:7] + "O0006"
    rows = {
        2: ([tsrc(code(2, other).lower())], [("id3v2:TSRC", code(2, other).lower())], ["malformed:safe"]),
        3: ([], [], ["missing"]),
        4: ([mutagen.id3.TXXX(encoding=0, desc="ISRC", text=[code(4, other)])],
            [("id3v2:TXXX:ISRC", code(4, other))], ["misplaced"]),
        6: ([tsrc(letter_o)], [("id3v2:TSRC", letter_o)], ["malformed:guess"]),
        7: ([tsrc("ISRC " + hyphened(code(7, other)))], [("id3v2:TSRC", "ISRC " + hyphened(code(7, other)))],
            ["malformed:safe"]),
        8: ([tsrc(code(8, other))], [("id3v2:TSRC", code(8, other))], ["shared:different-recordings"]),
        9: ([tsrc(code(8, other))], [("id3v2:TSRC", code(8, other))], ["shared:different-recordings"]),
        10: ([tsrc("5901234123457")], [("id3v2:TSRC", "5901234123457")], ["malformed:none"]),
        11: ([tsrc(code(11, other), code(11, other))], [("id3v2:TSRC", code(11, other))] * 2, []),
    }
    for number, title in enumerate(titles, 1):
        track = Track("Maren Holt", "Small Hours", number, title, "2023", total=len(titles))
        path = f"{folder}/{number:02d} - {title}.mp3"
        good = code(number, other)
        frames, places, findings = rows.get(number, ([tsrc(good)], [("id3v2:TSRC", good)], []))
        if number == 9:
            data = kit.lame(kit.wav("long way", 14, LONG), bitrate=16)
        else:
            data = kit.lame(kit.wav(f"small hours {number}", 1.2 + number / 10))
        version = 4 if number in (4, 8, 9, 11) else 3
        data = kit.edited(data, ".mp3", id3_tags(track, frames, version, cover if number in (1, 4) else None))
        how = f"lame, mutagen (ID3v2.{version})"
        if number == 5:
            data += tags.apev2([("Title", title), ("ISRC", code(55, other))])
            places, findings, how = [*places, ("apev2:ISRC", code(55, other))], ["conflicting"], how + ", APEv2 tag"
        if number == 12:
            data += tags.apev2([("Title", title), ("ISRC", good)]) + tags.id3v1(title, "Maren Holt", "Small Hours")
            places, how = [*places, ("apev2:ISRC", good)], how + ", APEv2 and ID3v1 tags"
        plain = "" if set(findings) & {"missing", "conflicting", "malformed:guess", "malformed:none"} else good
        entries.append(Entry(path, "mp3", data, how, places, findings, code(8, other) if number == 9 else plain))
    beside.append((f"{folder}/folder.jpg", cover))
    beside.append((f"{folder}/Small Hours.m3u", b"".join(
        f"{number:02d} - {title}.mp3\r\n".encode() for number, title in enumerate(titles, 1))))


def harbour_sessions(kit, cover, entries, beside):
    album, folder = "Harbour Sessions", "library/Various Artists/Harbour Sessions (2025)"

    def put(disc, number, artist, title, suffix, word, data, how, places, findings):
        one = "" if "missing" in findings else code(number + 100 * disc, "QZTST25")
        entries.append(Entry(f"{folder}/CD {disc}/{number} {artist} - {title}{suffix}", word, data, how, places,
                             findings, one))

    def of(disc, number):
        return code(number + 100 * disc, "QZTST25")

    def m4a(disc, number, artist, title, isrc, places, findings, key="----:com.apple.iTunes:ISRC", codec="aac"):
        options = ["-c:a", codec] + (["-b:a", "32k"] if codec == "aac" else [])
        data = kit.ffmpeg(kit.wav(f"harbour {disc} {number}", 1.0 + number / 10), ".m4a", *options)
        track = Track(artist, album, number, title, "2025", disc)
        data = kit.edited(data, ".m4a", mp4_tags(track, isrc, key, cover if number == 1 else None))
        put(disc, number, artist, title, ".m4a", "mp4", data, f"ffmpeg ({codec}), mutagen", places, findings)

    def ogg(disc, number, artist, title, values, findings, key="ISRC", suffix=".ogg"):
        wav = kit.wav(f"harbour {disc} {number}", 1.0 + number / 10)
        serial = 1000 * disc + number
        data = kit.oggenc(wav, serial=serial) if suffix == ".ogg" else kit.opusenc(wav, serial=serial)
        kind = mutagen.oggvorbis.OggVorbis if suffix == ".ogg" else mutagen.oggopus.OggOpus
        track = Track(artist, album, number, title, "2025", disc)
        data = kit.edited(data, suffix, comment_tags(kind, track, values, key))
        how = "oggenc, mutagen" if suffix == ".ogg" else "opusenc, mutagen"
        put(disc, number, artist, title, suffix, suffix[1:], data, how, [("vorbis:ISRC", value) for value in values],
            findings)

    itunes = "mp4:com.apple.iTunes:ISRC"
    m4a(1, 1, "Lantern Street", "Undertow (Live)", of(1, 1), [(itunes, of(1, 1))], [])
    m4a(1, 2, "Maren Holt", "Blue Hour (Live)", of(1, 2), [(itunes, of(1, 2))], [], "----:com.apple.iTunes:isrc")
    m4a(1, 3, "The Cold Frames", "Seedlings", None, [], ["missing"])
    m4a(1, 4, "Iva Renn", "Ferry Song", of(1, 4), [("mp4:org.example.catalogue:ISRC", of(1, 4))], ["misplaced"],
        "----:org.example.catalogue:ISRC")
    m4a(1, 10, "Trio Ångström", "Kleine Nachtfähre", of(1, 10), [(itunes, of(1, 10))], [], codec="alac")
    ogg(2, 1, "Lantern Street", "Slack Tide (Live)", [of(2, 1)], [])
    ogg(2, 2, "Jun Aoki", "夜の港", [hyphened(of(2, 2))], ["malformed:safe"])
    ogg(2, 3, "The Cold Frames", "Greenhouse", [of(2, 3)], [], key="isrc")
    ogg(2, 4, "Iva Renn", "Gull", [of(2, 4)], [], suffix=".opus")
    ogg(2, 5, "Maren Holt", "Kingfisher (Live)", [], ["missing"], suffix=".opus")
    ogg(2, 10, "Jun Aoki", "灯台", [f"ISRC:{of(2, 10).lower()}"], ["malformed:safe"], suffix=".opus")
    beside.append((f"{folder}/cover.jpg", cover))


def tidewater_mp3(kit, _cover, entries, _beside):
    """The MP3 edition of three tracks: one with the code of its FLAC, one that spells it otherwise, one without."""
    folder = "library/Lantern Street/Tidewater (2024) [MP3]"
    rows = {1: ([code(1)], ["shared:presumed-same"]), 2: ([hyphened(code(2)).lower()], ["malformed:safe", "shared:presumed-same"]),
            9: ([], ["missing"])}
    for number, (values, findings) in rows.items():
        track = Track("Lantern Street", "Tidewater", number, TIDEWATER[number - 1], total=len(TIDEWATER))
        data = kit.lame(tidewater_wav(kit, number), bitrate=32)
        data = kit.edited(data, ".mp3", id3_tags(track, [tsrc(value) for value in values]))
        entries.append(Entry(f"{folder}/{number:02d} {TIDEWATER[number - 1]}.mp3", "mp3", data, "lame, mutagen (ID3v2.3)",
                             [("id3v2:TSRC", value) for value in values], findings, code(number) if values else ""))


def anthology(kit, _cover, entries, _beside):
    """One track of the album again, the very same recording."""
    track = Track("Lantern Street", "Ten Years of Tides", 4, "The Ferryman", "2026")
    data = kit.edited(kit.flac(tidewater_wav(kit, 4), padding=512), ".flac",
                      comment_tags(mutagen.flac.FLAC, track, [code(4)]))
    entries.append(Entry("library/Lantern Street/Ten Years of Tides (2026)/04 The Ferryman.flac", "flac", data,
                         "flac, mutagen", [("vorbis:ISRC", code(4))], ["shared:same-recording"], code(4)))


def five_rooms(kit, _cover, entries, beside):
    """Masters: what comes out of a studio."""
    album, folder = "Fünf Räume", "library/Masters/Trio Ångström - Fünf Räume"
    stem = "QZTST26"

    def track(number, title):
        return Track("Trio Ångström", album, number, title, "2026", total=8)

    def wav(number):
        return kit.wav(f"five rooms {number}", 0.8 + number / 20)

    def put(number, title, suffix, word, data, how, places, findings, one):
        entries.append(Entry(f"{folder}/{number:02d} {title}{suffix}", word, data, how, places, findings, one))

    id3 = "id3v2:TSRC"
    for number, title, value, findings, one in [
            (1, "Flur", code(1, stem), [], code(1, stem)),
            (2, "Küche", "QZTST3900002", ["suspicious:future_year"], "QZTST3900002"),
            (3, "Kammer", None, ["missing"], "")]:
        data = kit.edited(wav(number).read_bytes(), ".wav",
                          chunk_tags(mutagen.wave.WAVE, track(number, title), [tsrc(value)] if value else []))
        put(number, title, ".wav", "wav", data, "synthesised, mutagen", [(id3, value)] if value else [], findings, one)
    axml = ('<?xml version="1.0" encoding="UTF-8"?><ebuCoreMain xmlns="urn:ebu:metadata-schema:ebuCore" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/"><coreMetadata><identifier typeLabel="ISRC">'
            f'<dc:identifier>ISRC:{code(4, stem)}</dc:identifier></identifier></coreMetadata></ebuCoreMain>').encode()
    data = kit.ffmpeg(wav(4), ".wav", "-write_bext", "1", "-metadata", "description=Saal")
    data = tags.riff(*[tags.chunk(kind, body) for kind, body in tags.riff_chunks(data)], tags.chunk("axml", axml))
    put(4, "Saal", ".wav", "wav", data, "ffmpeg (bext); axml chunk", [("bwf:axml", code(4, stem))], ["misplaced"],
        code(4, stem))
    for number, title, value, findings, one in [
            (5, "Treppe", code(5, stem), [], code(5, stem)),
            (6, "Dachboden", code(0, stem), ["suspicious:designation_00000"], code(0, stem))]:
        data = kit.ffmpeg(wav(number), ".aiff")
        data = kit.edited(data, ".aiff", chunk_tags(mutagen.aiff.AIFF, track(number, title), [tsrc(value)]))
        put(number, title, ".aiff", "aiff", data, "ffmpeg, mutagen", [(id3, value)], findings, one)
    for number, title, value, findings, one in [
            (7, "Garten", "XXTST2600007", ["suspicious:unlisted-user-assigned"], "XXTST2600007"),
            (8, "Garten (Reprise)", "QZXXX9999999", ["suspicious:template"], "")]:
        words = [("Title", title), ("Artist", "Trio Ångström"), ("Album", album), ("Track", f"{number}/8"), ("ISRC", value)]
        data = kit.wavpack(wav(number), *[word for key, text in words for word in ("-w", f"{key}={text}")])
        put(number, title, ".wv", "wavpack", data, "wavpack", [("apev2:ISRC", value)], findings, one)
    beside.append((f"{folder}/notes.txt", "Takes 3 and 5 of every room. Nothing below 30 Hz.\n".encode()))


def shiosai(kit, cover, entries, beside):
    """An album with nothing to find."""
    folder = "library/Jun Aoki/潮騒 (2022)"
    titles = ["夜明け前", "防波堤", "潮騒", "かもめ", "霧笛", "帰り道", "Harbour Office", "凪"]
    for number, title in enumerate(titles, 1):
        track = Track("Jun Aoki", "潮騒", number, title, "2022", total=len(titles))
        one = code(number, "QZTSU22")
        data = kit.opusenc(kit.wav(f"shiosai {number}", 0.9 + number / 10), serial=5000 + number)
        data = kit.edited(data, ".opus", comment_tags(mutagen.oggopus.OggOpus, track, [one]))
        entries.append(Entry(f"{folder}/{number:02d} {title}.opus", "opus", data, "opusenc, mutagen",
                             [("vorbis:ISRC", one)], [], one))
    beside.append((f"{folder}/cover.jpg", cover))


def inbox(kit, _cover, entries, _beside):
    """Files that cannot be read, or not by this version."""
    folder = "library/Inbox"
    wav = kit.wav("inbox", 0.6)
    stem = "QZTST26"

    def put(name, word, data, how, findings, places=(), one=""):
        entries.append(Entry(f"{folder}/{name}", word, data, how, list(places), findings, one))

    put("demo.wma", "wma", kit.ffmpeg(wav, ".wma", "-c:a", "wmav2", "-b:a", "32k", "-metadata", f"WM/ISRC={code(101, stem)}"),
        "ffmpeg", [], [("asf:WM/ISRC", code(101, stem))], code(101, stem))
    put("live set.mka", "matroska", kit.ffmpeg(wav, ".mka", "-c:a", "flac", "-metadata", f"ISRC={code(102, stem)}"),
        "ffmpeg", [], [("matroska:ISRC", code(102, stem))], code(102, stem))
    put("loop.caf", "caf", kit.ffmpeg(wav, ".caf", "-metadata", f"isrc={code(103, stem)}"), "ffmpeg", [],
        [("caf:ISRC", code(103, stem))], code(103, stem))
    track = Track("Iva Renn", "Demos", 1, "Rope Walk", "2026")
    whole = kit.edited(kit.flac(wav), ".flac", comment_tags(mutagen.flac.FLAC, track, [code(104, stem)]))
    put("cut short.flac", "-", whole[:90], "flac, mutagen; the first 90 bytes", ["unreadable"])
    put("cut short.wav", "-", wav.read_bytes()[:4000], "synthesised; the first 4,000 bytes", ["unreadable"])
    put("empty.mp3", "-", b"", "no bytes", ["unreadable"])
    put("readme.mp3", "-", b"Please master these quietly. Thank you.\n" * 8, "a text", ["unreadable"])
    track = Track("Iva Renn", "Demos", 2, "Bell Buoy", "2026")
    mp3 = kit.edited(kit.lame(wav), ".mp3", id3_tags(track, [tsrc(code(105, stem))]))
    put("bell buoy.flac", "mp3", mp3, "lame, mutagen; an MP3 file under another name", ["unreadable:extension"],
        [("id3v2:TSRC", code(105, stem))], code(105, stem))
