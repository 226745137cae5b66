"""Calls of the encoders and taggers, each in the form that gives the same bytes every time."""

import os
import pathlib
import subprocess
import tempfile

from . import sound, tags

BITEXACT = ["-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"]
FIXED = {"LC_ALL": "C.UTF-8", "TZ": "UTC", "SOURCE_DATE_EPOCH": "0", "QT_QPA_PLATFORM": "offscreen"}


def run(*command):
    """Runs a program; its complaints are shown only when it fails."""
    command = [str(word) for word in command]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env=dict(os.environ, **FIXED), check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout.decode(errors='replace')}")
    return done.stdout


class Kit:
    """Encodes pieces in a folder for temporary files."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="isrctag-recipe-")
        self.folder = pathlib.Path(self._folder.name)
        self._wavs = {}
        self._count = 0

    def temp(self, suffix):
        self._count += 1
        return self.folder / f"{self._count}{suffix}"

    def wav(self, seed, seconds, rate=22050):
        """The path of a synthesised WAV file."""
        key = (seed, seconds, rate)
        if key not in self._wavs:
            path = self.temp(".wav")
            path.write_bytes(sound.wav(sound.piece(seed, seconds, rate), rate))
            self._wavs[key] = path
        return self._wavs[key]

    def through(self, data, suffix, command):
        """Lets a program edit a file in place: `command` gets the path. Returns the new bytes."""
        path = self.temp(suffix)
        path.write_bytes(data)
        for words in command(path):
            run(*words)
        return path.read_bytes()

    def edited(self, data, suffix, edit):
        """The same with a Python function (mutagen)."""
        path = self.temp(suffix)
        path.write_bytes(data)
        edit(path)
        return path.read_bytes()

    def ffmpeg(self, wav, suffix, *options, before=()):
        """Whatever ffmpeg makes of `wav`, without its version in it."""
        out = self.temp(suffix)
        run("ffmpeg", "-y", "-v", "error", *before, "-i", wav, *BITEXACT, *options, out)
        return out.read_bytes()

    def lame(self, wav, *options, bitrate=32):
        out = self.temp(".mp3")
        run("lame", "--silent", "-m", "m", "-b", bitrate, *options, wav, out)
        return out.read_bytes()

    def flac(self, wav, *options, padding=1024):
        out = self.temp(".flac")
        pad = ["--no-padding"] if padding == 0 else [f"--padding={padding}"]
        run("flac", "-s", "-8", "--no-seektable", *pad, *options, wav, "-o", out)
        return out.read_bytes()

    def oggenc(self, wav, *options, serial=1):
        out = self.temp(".ogg")
        run("oggenc", "-Q", "-q", "0", "-s", serial, *options, wav, "-o", out)
        return out.read_bytes()

    def opusenc(self, wav, *options, serial=1):
        out = self.temp(".opus")
        run("opusenc", "--quiet", "--bitrate", "16", "--serial", serial, *options, wav, out)
        return out.read_bytes()

    def speexenc(self, wav, *options, serial=1):
        """speexenc takes its serial number from the clock: it is replaced afterwards."""
        out = self.temp(".spx")
        run("speexenc", "--quiet", *options, wav, out)
        return tags.ogg_renumber(out.read_bytes(), serial)

    def wavpack(self, wav, *options):
        out = self.temp(".wv")
        run("wavpack", "-q", "-y", *options, wav, "-o", out)
        return out.read_bytes()

    def mkvmerge(self, data, *options):
        """The same file with mkvmerge's order of elements: tags behind the clusters, and much padding in front."""
        source, out = self.temp(".mka"), self.temp(".mka")
        source.write_bytes(data)
        run("mkvmerge", "-q", "--deterministic", "1", "--disable-track-statistics-tags", *options, "-o", out, source)
        return out.read_bytes()

    def mpcenc(self, wav, *options):
        out = self.temp(".mpc")
        run("mpcenc", "--silent", "--overwrite", *options, wav, out)
        return out.read_bytes()

    def cover(self, side=160):
        """A JPEG picture. Its first argument is its only one: every cover of a side is the same."""
        out = self.temp(".jpg")
        run("ffmpeg", "-y", "-v", "error", "-f", "lavfi", "-i", f"mandelbrot=s={side}x{side}:r=1", "-frames:v", "1",
            "-fflags", "+bitexact", "-flags:v", "+bitexact", "-q:v", "12", out)
        return out.read_bytes()
