#!/usr/bin/env python3
"""Makes the set that the ear is measured on, from the music of games in Debian's packages.

    benches/ear/make.py FOLDER [TRACKS]

Fetches packages (apt-get download), takes TRACKS excerpts from them, and makes of each the pairs of files listed in
KINDS: one recording in two forms, or two recordings. FOLDER/first.jsonl and FOLDER/second.jsonl list the pairs of the
two halves: the first is for choosing thresholds, the second for reporting. What is there already is not made again; what is
in no pair is not kept. Takes about 6 GB and half an hour. Needs ffmpeg, espeak-ng, numpy and dpkg-deb.
"""

import json
import shutil
import subprocess
import sys
import zlib
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

PACKAGES = """
    a7xpg-data amoebax-data ardentryst asc-music btanks-data extremetuxracer-data fillets-ng-data freedink-data
    frozen-bubble-data hedgewars-data hex-a-hop-data lincity-ng-data lugaru-data marsshooter-data mu-cade-data
    noiz2sa-data powermanga-data rrootage-data singularity-music starfighter-data supertux-data titanion-data
    tuxmath-data warmux-data warzone2100-music wesnoth-1.16-music xmoto-data zaz-data
""".split()
TRACKS = 124
MOST_OF_A_PACKAGE = 14
# A kind is made of every so many tracks of a half, a codec of more.
EVERY = 10
EVERY_CODEC = 5
RATE = 44_100
EXCERPT = 44
WHOLE = 170
# Bytes that must be free for each track.
ROOM = 60_000_000
FLAC = "-c:a flac -compression_level 2 -sample_fmt s16"

FORMS = {
    "flac": ("flac", FLAC),
    "mp3-128": ("mp3", "-c:a libmp3lame -b:a 128k"),
    "mp3-320": ("mp3", "-c:a libmp3lame -b:a 320k"),
    "mp3-64": ("mp3", "-c:a libmp3lame -b:a 64k"),
    "mp3-vbr": ("mp3", "-c:a libmp3lame -q:a 4"),
    "mp3-vbr, no header": ("mp3", "-c:a libmp3lame -q:a 4 -write_xing 0"),
    "aac-128": ("m4a", "-c:a aac -b:a 128k"),
    "vorbis": ("ogg", "-c:a libvorbis -q:a 4"),
    "opus-96": ("opus", "-c:a libopus -b:a 96k"),
    "opus-24": ("opus", "-c:a libopus -b:a 24k"),
    "8 bit": ("wav", "-c:a pcm_u8"),
}
CODECS = [form for form in FORMS if form != "flac"]
USUAL = ["flac", "mp3-128", "aac-128", "vorbis", "opus-96"]


# --- Sound as arrays: two rows at RATE. ---


def read(path, seconds=None, start=0):
    command = ["ffmpeg", "-v", "error", "-nostdin", "-ss", str(start), "-i", str(path)]
    command += ["-t", str(seconds)] if seconds else []
    command += ["-f", "f32le", "-ac", "2", "-ar", str(RATE), "-"]
    data = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    return np.frombuffer(data, np.float32).reshape(-1, 2).T.copy()


def write(sound, path, arguments, filters=None):
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "f32le", "-ac", "2", "-ar", str(RATE), "-i", "-"]
    command += ["-af", filters] if filters else []
    part = path.with_name("part-" + path.name)
    command += arguments.split() + [str(part)]
    subprocess.run(command, input=sound.T.astype(np.float32).tobytes(), check=True)
    part.rename(path)


def at(seconds):
    return int(seconds * RATE)


def level(sound):
    return float(np.sqrt(np.mean(sound**2)) + 1e-9)


def to_level(sound, reference, decibel):
    """`sound` at `decibel` against what sounds in `reference`."""
    return sound * (level(reference) / level(sound) * 10 ** (decibel / 20))


def faded(sound, seconds=0.02):
    ramp = np.minimum(1, np.arange(sound.shape[1]) / at(seconds))
    return sound * ramp * ramp[::-1]


def joined(*parts):
    """Parts one after the other, over 20 ms into each other."""
    whole, lap = parts[0], at(0.02)
    ramp = np.linspace(0, 1, lap)
    for part in parts[1:]:
        middle = whole[:, -lap:] * (1 - ramp) + part[:, :lap] * ramp
        whole = np.concatenate([whole[:, :-lap], middle, part[:, lap:]], axis=1)
    return whole


def mix_in(sound, addition, start):
    start = at(start)
    end = min(sound.shape[1], start + addition.shape[1])
    sound[:, start:end] += addition[:, : end - start]


def mixed(sound, addition, start):
    mix = sound.copy()
    mix_in(mix, addition, start)
    return mix


def high_passed(sound, hertz):
    spectrum = np.fft.rfft(sound)
    spectrum[:, np.fft.rfftfreq(sound.shape[1], 1 / RATE) < hertz] = 0
    return np.fft.irfft(spectrum, sound.shape[1])


def silence(seconds):
    return np.zeros((2, at(seconds)))


def notes(dice, seconds, length=0.24):
    """A tune on a pentatonic scale."""
    time = np.arange(at(length)) / RATE
    tune = []
    for _ in range(int(seconds / length)):
        hertz = 440 * 2 ** (dice.choice([0, 2, 4, 7, 9, 12, 14, 16]) / 12)
        tune.append(sum(np.sin(2 * np.pi * hertz * n * time) / n for n in (1, 2, 3, 5)) * np.exp(-4 * time))
    return np.tile(np.concatenate(tune), (2, 1))


def beats(seconds, step, burst):
    line = silence(seconds)
    for start in np.arange(0, seconds - 1, step):
        mix_in(line, burst, start)
    return line


def hats(dice, seconds):
    time = np.arange(at(0.12)) / RATE
    burst = high_passed(np.tile(dice.standard_normal(time.size) * np.exp(-30 * time), (2, 1)), 6000)
    return beats(seconds, 0.25, burst)


def drums(dice, seconds):
    time = np.arange(at(0.3)) / RATE
    kick = np.tile(np.sin(2 * np.pi * 55 * time) * np.exp(-12 * time), (2, 1))
    clap = np.tile(dice.standard_normal(time.size) * np.exp(-25 * time), (2, 1)) * 0.4
    return beats(seconds, 0.5, kick) + np.roll(beats(seconds, 1.0, clap), at(0.5), axis=1)


class Song:
    """An excerpt, and what the kinds make of it."""

    def __init__(self, number, path, start, folder, words):
        self.dice = np.random.default_rng(number)
        self.number, self.path, self.start, self.folder, self.pool = number, path, start, folder, words
        sound = read(path, EXCERPT, start)
        self.scale = 0.4 / max(0.05, np.abs(sound).max())
        self.plain = sound * self.scale
        self._voice = None

    @property
    def seconds(self):
        return self.plain.shape[1] / RATE

    def whole(self):
        return read(self.path, WHOLE) * self.scale

    def words(self):
        """The words of a voice over the excerpt: (start, sound)."""
        if self._voice is None:
            loudness, start, self._voice = self.dice.uniform(-7, 0), 3.0, []
            while start < self.seconds - 2:
                word = self.pool[self.dice.integers(len(self.pool))]
                self._voice.append((start, to_level(word, self.plain, loudness)))
                start += word.shape[1] / RATE + self.dice.choice([0.05, 0.1, 0.6])
        return self._voice

    def sung(self, words=None):
        sound = self.plain.copy()
        for start, word in words if words is not None else self.words():
            mix_in(sound, word, start)
        return sound

    def a_word(self):
        """A word in the middle that is as long as words are."""
        words = self.words()
        chosen = [n for n in range(len(words) // 4, len(words) - 4) if words[n][1].shape[1] > at(0.28)]
        return int(self.dice.choice(chosen))

    def loop(self, melody=None, passes=None, period=None):
        period = period or self.period()
        part = self.plain[:, at(5) : at(5 + period)]
        passes = passes or max(2, round(60 / period))
        sound = np.tile(faded(part, 0.005), (1, passes))
        if melody:
            tune = notes(np.random.default_rng(melody), sound.shape[1] / RATE)
            sound = mixed(sound, to_level(tune, part, -8), 0)
        return sound

    def period(self):
        return [0.5, 1.0, 1.7, 2.5, 4.0, 6.3, 8.0, 12.0, 15.0, 22.0, 30.0][(self.number // 2) % 11]

    def drone(self):
        """One chord held, with a pulse."""
        chord = np.fft.rfft(self.plain[:, at(10) : at(12)], at(45))
        phases = np.exp(2j * np.pi * self.dice.random(chord.shape))
        held = np.fft.irfft(chord * phases, at(45))
        time = np.arange(at(0.5)) / RATE
        pulse = np.tile(np.sin(2 * np.pi * 110 * time) * np.exp(-8 * time), (2, 1))
        return mixed(held * 0.1 / level(held), to_level(beats(45, 1.0, pulse), held * 0.1 / level(held), -3), 0)

    def another_part(self, sound, start, seconds):
        """A part that does not sound like the one at `start`."""
        here = sound[:, at(start) : at(start + seconds)]
        for _ in range(40):
            other = self.dice.uniform(0, sound.shape[1] / RATE - seconds - 0.1)
            there = sound[:, at(other) :][:, : here.shape[1]]
            if abs(other - start) > seconds and level(there) > level(here) / 3 and level(here - there) > level(here) / 2:
                return there
        return here[:, ::-1]

    def speech(self, seed):
        dice = np.random.default_rng(seed)
        return joined(*[faded(self.pool[dice.integers(len(self.pool))], 0.03) for _ in range(60)])


# --- Kinds: what makes the two sounds of a pair. A filter is ffmpeg's. ---


def plain(filters=None, form=None):
    return lambda song: ("plain", song.plain, song.plain, filters, form)


def changed(change):
    return lambda song: ("plain", song.plain, change(song, song.plain), None, None)


def of_song(change):
    return lambda song: ("sung", song.sung(), change(song, song.a_word()), None, None)


def whole(change):
    def pair(song):
        sound = song.whole()
        return ("whole", sound, change(song, sound), None, None)

    return pair


def without_word(song, n):
    return song.sung([word for m, word in enumerate(song.words()) if m != n])


def other_word(make):
    def change(song, n):
        words = list(song.words())
        start, word = words[n]
        words[n] = (start, make(song, word))
        return song.sung(words)

    return change


def bleep(song, word):
    time = np.arange(word.shape[1]) / RATE
    return to_level(np.tile(np.sin(2 * np.pi * 1000 * time), (2, 1)), word, 0)


def muted(song, sound, seconds=0.4):
    start = at(song.dice.uniform(10, song.seconds - 10))
    quiet = sound.copy()
    quiet[:, start : start + at(seconds)] = 0
    return quiet


def added(make, low, high, start=None):
    """`make`'s sound on top, from `low` to `high` dB against the music where it sounds."""

    def change(song, sound):
        begin = song.dice.uniform(6, 32) if start is None else start
        addition = make(song)
        here = sound[:, at(begin) :][:, : addition.shape[1]]
        return mixed(sound, to_level(addition, here, song.dice.uniform(low, high)), begin)

    return change


def phrase(song):
    return joined(*[faded(song.pool[song.dice.integers(len(song.pool))]) for _ in range(5)])


def live(song, sound):
    """Played a little freely, in a hall, with an audience."""
    points = np.arange(0, sound.shape[1] + RATE, RATE)
    pace = 1 + 0.012 * np.sin(points / RATE / 3) + 0.004 * song.dice.standard_normal(points.size)
    places = np.interp(np.arange(sound.shape[1]), points, np.cumsum(pace) * RATE)
    played = np.array([np.interp(places, np.arange(row.size), row) for row in sound])
    hall = song.dice.standard_normal(at(1.2)) * np.exp(-4 * np.arange(at(1.2)) / RATE)
    size = played.shape[1] + hall.size
    wet = np.fft.irfft(np.fft.rfft(played, size) * np.fft.rfft(hall, size), size)[:, : played.shape[1]]
    return played + to_level(wet, played, -4) + to_level(song.dice.standard_normal(played.shape), played, -32)


def remix(song, sound):
    return high_passed(sound, 150) + to_level(drums(song.dice, song.seconds), sound, -3)[:, : sound.shape[1]]


def karaoke(song):
    return ("sung", song.sung(), song.plain, None, None)


def other_voice(song):
    words = [(start + 0.07, song.pool[song.dice.integers(len(song.pool))]) for start, _ in song.words()]
    return ("sung", song.sung(), song.sung([(s, to_level(w, song.plain, -3)) for s, w in words]), None, None)


def loops(make):
    return lambda song: ("loop", song.loop(), make(song), None, None)


def trimmed(song, sound):
    return sound[:, at(song.dice.uniform(0.03, 0.8)) :]


def replaced(song, sound):
    seconds = sound.shape[1] / RATE
    start = song.dice.uniform(seconds * 0.55, seconds - 15)
    return joined(sound[:, : at(start)], song.another_part(sound, start, 5.02), sound[:, at(start + 5) :])


def other_ending(song, sound):
    start = sound.shape[1] / RATE - 9
    return joined(sound[:, : at(start)], song.another_part(sound, start, 9))


def ridden(song, sound):
    time = np.arange(sound.shape[1]) / RATE
    return sound * 10 ** (4 * np.sin(2 * np.pi * time / song.dice.uniform(12, 30)) / 20)


def hissing(song, sound):
    hiss = song.dice.standard_normal((2, at(song.dice.uniform(0.2, 0.95)))) * 0.004
    return np.concatenate([hiss, sound], axis=1)


def fade(in_seconds, out_seconds):
    return f"afade=t=in:d={in_seconds},areverse,afade=t=in:d={out_seconds},areverse"


def twice(first, second):
    def pair(song):
        path = song.folder / f"{song.number:03} {first}.{FORMS[first][0]}"
        if not path.exists():
            write(song.plain, path, FORMS[first][1])
        return ("plain", song.plain, read(path), None, second)

    return pair


SAME = {
    "rate 22.05 kHz": plain(form="-ar 22050"),
    "rate 48 kHz": plain(form="-ar 48000"),
    "rate 96 kHz": plain(form="-ar 96000"),
    "mono": plain("pan=mono|c0=.5*c0+.5*c1"),
    "silence, 11 s in front": changed(lambda song, sound: np.concatenate([silence(11.03), sound], axis=1)),
    "silence, 7 and 12 s": changed(lambda song, sound: np.concatenate([silence(7.1), sound, silence(12)], axis=1)),
    "start trimmed by up to 0.8 s": changed(trimmed),
    "end trimmed by 2 s": changed(lambda song, sound: sound[:, : -at(2)]),
    "hiss in front": changed(hissing),
    "-12 dB": plain("volume=-12dB"),
    "limiter": plain("volume=9dB,alimiter=level_in=1:limit=0.5:level=0"),
    "compressor": plain("acompressor=threshold=0.1:ratio=3:attack=20:release=250:makeup=1.5"),
    "loudness normalised": plain("dynaudnorm=f=500:g=15"),
    "gain ridden by 4 dB": changed(ridden),
    "speed +0.05 %": plain("asetrate=44122,aresample=44100"),
    "speed -0.1 %": plain("asetrate=44056,aresample=44100"),
    "twice: mp3-128, aac-128": twice("mp3-128", "aac-128"),
    "twice: opus-96, mp3-64": twice("opus-96", "mp3-64"),
    "faded in over 3 s, out over 5 s": plain(fade(3, 5)),
    "loop": loops(lambda song: song.loop()),
    "loop, start trimmed": loops(lambda song: trimmed(song, song.loop())),
    "drone with a pulse, start trimmed": lambda song: ("drone", *(lambda d: (d, trimmed(song, d)))(song.drone()), None, None),
    "speech": lambda song: ("speech", *(lambda s: (s, s))(song.speech(song.number)), None, None),
    "song with a voice": lambda song: ("sung", song.sung(), song.sung(), None, None),
    "whole track": whole(lambda song, sound: sound),
    "speed +0.4 %": plain("asetrate=44276,aresample=44100"),
    "speed -0.5 %": plain("asetrate=43880,aresample=44100"),
}

OTHER = {
    "cut: 4 s of the middle": changed(lambda song, s: joined(s[:, : at(20)], s[:, at(24) :])),
    "cut: 1 s of the middle": changed(lambda song, s: joined(s[:, : at(20)], s[:, at(21) :])),
    "cut: intro of 12 s": changed(lambda song, s: s[:, at(12) :]),
    "doubled: 4 s of the middle": changed(lambda song, s: joined(s[:, : at(24)], s[:, at(20) :])),
    "tempo +3 %": plain("atempo=1.03"),
    "tempo -1 %": plain("atempo=0.99"),
    "speed +2 %": plain("asetrate=44982,aresample=44100"),
    "pitch +1": plain("rubberband=pitch=1.05946"),
    "pitch -0.5": plain("rubberband=pitch=0.97153"),
    "karaoke": karaoke,
    "other voice": other_voice,
    "remix": changed(remix),
    "live": changed(live),
    "other ending": whole(other_ending),
    "5 s replaced": whole(replaced),
    "word dropped": of_song(without_word),
    "word reversed": of_song(other_word(lambda song, word: word[:, ::-1])),
    "word replaced by another": of_song(other_word(lambda song, word: to_level(phrase(song)[:, : word.shape[1]], word, 0))),
    "word bleeped": of_song(other_word(bleep)),
    "0.4 s muted": changed(muted),
    "spoken phrase on top, -9 to -3 dB": changed(added(phrase, -9, -3)),
    "solo of 6 s on top, -10 to -4 dB": changed(added(lambda song: notes(song.dice, 6), -10, -4)),
    "hi-hats on top, -13 to -8 dB": changed(added(lambda song: hats(song.dice, song.seconds), -13, -8, 0)),
    "loop with another melody": lambda song: ("tune", song.loop(7), song.loop(8), None, None),
    "loop, one pass fewer": loops(lambda song: song.loop(passes=max(2, round(60 / song.period())) - 1)),
    "another speech": lambda song: ("speech", song.speech(song.number), song.speech(song.number + 500), None, None),
}


def make_song(job):
    number, path, start, folder = job
    if shutil.disk_usage(folder).free < ROOM:
        raise OSError("the disk is full")
    words = list(np.load(folder / "words.npz").values())
    song, pairs = Song(number, path, start, folder, words), []
    turn = number // 2

    def file(name, sound, form, filters=None):
        extension, arguments = FORMS.get(form, ("flac", f"{FLAC} {form}"))
        path = folder / f"{number:03} {name.replace('%', 'pc')}.{extension}"
        if not path.exists():
            write(sound, path, arguments, filters)
        return path.name

    def add(kind, same, first, second):
        pairs.append({"track": number, "kind": kind, "same": same, "first": first, "second": second})

    for n, form in enumerate(CODECS):
        if (turn + n) % EVERY_CODEC == 0:
            first = file("plain", song.plain, "flac")
            add(f"codec {form}", True, first, file(form, song.plain, form))
    for same, kinds in ((True, SAME), (False, OTHER)):
        for n, (kind, pair) in enumerate(kinds.items()):
            if (turn + n) % EVERY:
                continue
            # Each kind has its own numbers, so that a new kind changes no other.
            song.dice = np.random.default_rng([number, zlib.crc32(kind.encode())])
            base, one, other, filters, form = pair(song)
            second = file(kind, other, form or USUAL[(turn + n) % len(USUAL)], filters)
            add(kind, same, file(base, one, "flac"), second)
    paired = {pair[side] for pair in pairs for side in ("first", "second")}
    for path in folder.glob(f"{number:03} *"):
        if path.name not in paired:
            path.unlink()
    return pairs


def made(job):
    """The pairs of a song, or why there are none."""
    number, path, _, folder = job
    listing = folder / f"{number:03}.json"
    try:
        if not listing.exists():
            listing.write_text(json.dumps(make_song(job)))
        return json.loads(listing.read_text())
    except (OSError, subprocess.CalledProcessError) as error:
        return f"track {number} of {path}: {error}"


def make_words(folder):
    """Words spoken at several pitches."""
    path = folder / "words.npz"
    if path.exists():
        return
    text = """river morning never broken window silver paper thunder summer follow hollow garden winter yellow
        ocean remember tomorrow shadow mountain forgive people running burning fallen lonely diamond heaven trouble
        highway feather whisper golden stranger letter"""
    words = []
    for number, word in enumerate(text.split()):
        spoken = folder / "word.wav"
        pitch = str(20 + number * 37 % 70)
        subprocess.run(["espeak-ng", "-w", spoken, "-v", ["en-us", "en-gb+f3"][number % 2], "-p", pitch, word], check=True)
        sound = read(spoken)
        heard = np.flatnonzero(np.abs(sound[0]) > 0.01)
        words.append(faded(sound[:, heard[0] : heard[-1]], 0.01))
        spoken.unlink()
    np.savez(path, *words)


def fetch(folder):
    """The music of PACKAGES: (file, seconds), in a fixed order."""
    listing = folder / "music.json"
    if not listing.exists():
        music = []
        for package in PACKAGES:
            target = folder / "packages" / package
            if not target.exists():
                target.mkdir(parents=True)
                subprocess.run(["apt-get", "download", "-q", package], cwd=target, check=True)
                for deb in target.glob("*.deb"):
                    subprocess.run(["dpkg-deb", "-x", deb.name, "."], cwd=target, check=True)
                    deb.unlink()
            for path in sorted(target.rglob("*")):
                if path.suffix not in (".ogg", ".mp3", ".flac", ".wav", ".opus") or path.is_symlink():
                    continue
                if path.stat().st_size < 300_000:
                    continue
                command = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(path)]
                seconds = float(subprocess.run(command, stdout=subprocess.PIPE).stdout or 0)
                if seconds > EXCERPT + 10:
                    music.append((package, str(path), seconds))
            kept = {path for _, path, _ in music}
            for path in target.rglob("*"):
                if not path.is_dir() and str(path) not in kept:
                    path.unlink()
        listing.write_text(json.dumps(music))
    return json.loads(listing.read_text())


def chosen(music):
    """TRACKS tracks spread over the packages; a package's music stands in both halves, a track in one."""
    by_package = {}
    for package, path, seconds in music:
        by_package.setdefault(package, []).append((path, seconds))
    tracks = []
    for package, all_of_it in sorted(by_package.items()):
        step = max(1, -(-len(all_of_it) // MOST_OF_A_PACKAGE))
        tracks += all_of_it[::step]
    np.random.default_rng(1).shuffle(tracks)
    return [(path, float(seconds)) for path, seconds in tracks][:TRACKS]


def main():
    folder = Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    make_words(folder)
    jobs = []
    for number, (path, seconds) in enumerate(chosen(fetch(folder))[: int(sys.argv[2]) if sys.argv[2:] else TRACKS]):
        jobs.append((number, path, min(8, seconds - EXCERPT - 2), folder))
    troubles = []
    listings = [open(folder / f"{half}.jsonl", "w") for half in ("first", "second")]
    with ProcessPoolExecutor(2) as pool:
        for number, pairs in enumerate(pool.map(made, jobs)):
            if isinstance(pairs, str):
                troubles.append(pairs)
                continue
            listing = listings[number % 2]
            listing.writelines(json.dumps(pair) + "\n" for pair in pairs)
            listing.flush()
    if troubles:
        sys.exit("\n".join(troubles))


if __name__ == "__main__":
    main()
