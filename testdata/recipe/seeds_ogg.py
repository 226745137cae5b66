"""Ogg: Vorbis, Opus, Speex and FLAC, chained and multiplexed, with and without room in the comment packet."""

import base64
import struct

import mutagen.oggflac
import mutagen.oggopus
import mutagen.oggvorbis

from . import tags
from .entry import hyphened

ISRC = "vorbis:ISRC"


def build(family):
    kit = family.kit
    wav = kit.wav("seed", 0.3, 16000)
    vorbis(family, kit, wav)
    opus(family, kit, wav)
    add = family.add
    add("speex-untagged.spx", "speex", kit.speexenc(wav, serial=31), "speexenc, serial number replaced")
    add("speex-tagged.spx", "speex", kit.speexenc(wav, "--title", "Seed", "--comment", f"ISRC={family.code}", serial=32),
        "speexenc, serial number replaced", [ISRC])
    add("oggflac-untagged.oga", "oggflac", kit.flac(wav, "--ogg", "--serial-number=41", padding=0), "flac --ogg")
    add("oggflac-tagged.oga", "oggflac", kit.flac(wav, "--ogg", "--serial-number=42", "-T", f"ISRC={family.code}"),
        "flac --ogg, padding block", [ISRC])
    add("oggflac-ffmpeg.oga", "oggflac", kit.ffmpeg(wav, ".oga", "-c:a", "flac", "-metadata", f"ISRC={family.code}"),
        "ffmpeg", [ISRC])
    add("oggflac-mutagen.oga", "oggflac", kit.edited(kit.flac(wav, "--ogg", "--serial-number=43", padding=0), ".oga",
                                                     mutagen_tags(mutagen.oggflac.OggFLAC, family.code)),
        "flac --ogg, mutagen", [ISRC])


def mutagen_tags(kind, code, picture=None, padding=None):
    def edit(path):
        audio = kind(path)
        if audio.tags is None:
            audio.add_tags()
        audio["title"], audio["isrc"] = "Seed", code
        if picture:
            audio["metadata_block_picture"] = base64.b64encode(tags.picture(picture, 96)).decode()
        audio.save(padding=None if padding is None else lambda _: padding)
    return edit


def vorbis(family, kit, wav):
    add = family.add
    bare = kit.oggenc(wav, serial=11)
    add("vorbis-untagged.ogg", "ogg", bare, "oggenc")
    add("vorbis-oggenc.ogg", "ogg", kit.oggenc(wav, "-t", "Seed", "-c", f"ISRC={family.code}", serial=12), "oggenc",
        [ISRC])
    add("vorbis-vorbiscomment.ogg", "ogg", kit.through(bare, ".ogg", lambda path: [
        ["vorbiscomment", "-w", path, "-t", "TITLE=Seed", "-t", f"ISRC={family.code}"]]), "oggenc, vorbiscomment", [ISRC])
    add("vorbis-ffmpeg.ogg", "ogg", kit.ffmpeg(wav, ".ogg", "-c:a", "libvorbis", "-metadata", "title=Seed", "-metadata",
                                               f"ISRC={family.code}"), "ffmpeg", [ISRC])
    kind = mutagen.oggvorbis.OggVorbis
    add("vorbis-mutagen-padded.ogg", "ogg", kit.edited(bare, ".ogg", mutagen_tags(kind, family.code)),
        "oggenc, mutagen: padding behind the comments", [ISRC])
    value = hyphened(family.code)
    add("vorbis-hyphens-padded.ogg", "ogg", kit.edited(bare, ".ogg", mutagen_tags(kind, value)), "oggenc, mutagen",
        [(ISRC, value)], ["malformed:safe"])
    value = hyphened(family.code)
    add("vorbis-hyphens-tight.ogg", "ogg", kit.edited(bare, ".ogg", mutagen_tags(kind, value, padding=0)),
        "oggenc, mutagen, no padding", [(ISRC, value)], ["malformed:safe"])
    add("vorbis-picture.ogg", "ogg", kit.edited(bare, ".ogg", mutagen_tags(kind, family.code, kit.cover(160))),
        "oggenc, mutagen: a cover among the comments", [ISRC])
    picture = base64.b64encode(tags.picture(kit.cover(160), 160)).decode()
    comments = kit.temp(".txt")
    comments.write_text(f"TITLE=Seed\nMETADATA_BLOCK_PICTURE={picture}\nISRC={family.code}\n")
    add("vorbis-several-pages.ogg", "ogg", kit.through(bare, ".ogg", lambda path: [
        ["vorbiscomment", "-w", "-c", comments, path]]), "oggenc, vorbiscomment: comments over several pages", [ISRC])
    one, two = family.code, family.another()
    add("vorbis-two-comments.ogg", "ogg", kit.oggenc(wav, "-c", f"ISRC={one}", "-c", f"ISRC={two}", serial=13), "oggenc",
        [(ISRC, one), (ISRC, two)], ["conflicting"])
    second = kit.oggenc(kit.wav("seed 2", 0.2, 16000), "-t", "Second link", serial=15)
    add("vorbis-chained.ogg", "ogg", kit.oggenc(wav, "-c", f"ISRC={family.code}", serial=14) + second,
        "oggenc: two streams, one behind the other; the code in the first", [ISRC])
    add("vorbis-with-theora.ogv", "ogg", kit.ffmpeg(
        wav, ".ogv", "-c:a", "libvorbis", "-c:v", "libtheora", "-shortest", "-metadata:s:a", f"ISRC={family.code}",
        before=("-f", "lavfi", "-i", "color=c=blue:s=32x32:r=5:d=0.3")), "ffmpeg: multiplexed with a picture stream",
        [ISRC])


def opus(family, kit, wav):
    add = family.add
    add("opus-untagged.opus", "opus", kit.opusenc(wav, serial=21), "opusenc")
    add("opus-opusenc.opus", "opus", kit.opusenc(wav, "--title", "Seed", "--comment", f"ISRC={family.code}", serial=22),
        "opusenc, 512 bytes of padding", [ISRC])
    add("opus-tight.opus", "opus", kit.opusenc(wav, "--padding", "0", "--comment", f"ISRC={family.code}", serial=23),
        "opusenc --padding 0", [ISRC])
    add("opus-ffmpeg.opus", "opus", kit.ffmpeg(wav, ".opus", "-c:a", "libopus", "-b:a", "16k", "-metadata", "title=Seed",
                                               "-metadata", f"ISRC={family.code}"), "ffmpeg", [ISRC])
    add("opus-mutagen.opus", "opus", kit.edited(kit.opusenc(wav, serial=24), ".opus",
                                                mutagen_tags(mutagen.oggopus.OggOpus, family.code)), "opusenc, mutagen",
        [ISRC])
    add("opus-picture.opus", "opus", kit.opusenc(wav, "--picture", _file(kit, kit.cover(160)), "--comment",
                                                 f"ISRC={family.code}", serial=25), "opusenc --picture", [ISRC])
    for name, padding in (("padded", "64"), ("tight", "0")):
        value = hyphened(family.code)
        add(f"opus-hyphens-{name}.opus", "opus", kit.opusenc(wav, "--padding", padding, "--comment", f"ISRC={value}",
                                                             "--title", "Seed", serial=26), f"opusenc --padding {padding}",
            [(ISRC, value)], ["malformed:safe"])
    add("opus-lower-key.opus", "opus", kit.opusenc(wav, "--comment", f"isrc={family.code}", serial=27), "opusenc", [ISRC])
    one, two = family.code, family.another()
    add("opus-two-comments.opus", "opus", kit.opusenc(wav, "--comment", f"ISRC={one}", "--comment", f"ISRC={two}",
                                                      serial=28), "opusenc", [(ISRC, one), (ISRC, two)], ["conflicting"])
    # RFC 7845 section 5.2: an odd first byte behind the comments asks that the rest be kept.
    pages = tags.ogg_pages(kit.opusenc(wav, serial=29))
    packet = b"OpusTags" + tags.comments("recipe", ["TITLE=Seed", f"ISRC={family.code}"]) + b"\x01kept by whoever edits"
    serial = struct.unpack_from("<I", pages[0], 14)[0]
    add("opus-data-behind-comments.opus", "opus",
        b"".join([pages[0], tags.ogg_page(serial, 1, [packet]), *pages[2:]]),
        "opusenc; own bytes: data to be kept behind the comments", [ISRC])


def _file(kit, data):
    path = kit.temp(".jpg")
    path.write_bytes(data)
    return path
