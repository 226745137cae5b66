"""What other programs read in the files: measured, and written into testdata/README.md."""

import json
import re
import subprocess

import mutagen

PROGRAMS = ["mutagen", "ffprobe", "exiftool", "kid3-cli"]
START, END = "<!-- measured: start -->", "<!-- measured: end -->"


def update(readme, folder, entries):
    """Writes the table of files between the two marks of the README."""
    table = [f"| file | made by | {' | '.join(PROGRAMS)} |", "|---|---|" + "---|" * len(PROGRAMS)]
    exif = by_exiftool(folder, entries)
    for entry in sorted(entries, key=lambda entry: entry.path):
        path = folder / entry.path
        texts = [by_mutagen(path), by_ffprobe(path), exif.get(entry.path, ""), by_kid3(path)]
        table.append(f"| {entry.path} | {entry.how.replace('|', '/')} | "
                     + " | ".join(verdict(entry, text) for text in texts) + " |")
    text = readme.read_text()
    before, rest = text.split(START)
    _, after = rest.split(END)
    readme.write_text(before + START + "\n" + "\n".join(table) + "\n" + END + after)


def verdict(entry, text):
    """`yes`: every value of the file shows up in what the program prints; `part`: some do; `no`: none."""
    if text is None:
        return "error"
    values = {re.sub(r"\s+", "", value) for _, value in entry.places}
    if not values:
        return ""
    flat = re.sub(r"\s+", "", text)
    found = sum(value in flat for value in values)
    return "yes" if found == len(values) else "part" if found else "no"


def by_mutagen(path):
    """None where mutagen does not open the file."""
    try:
        audio = mutagen.File(path)
        if audio is None:
            return None
        texts = []
        for key, value in (audio.tags or {}).items() if hasattr(audio.tags, "items") else []:
            items = value if isinstance(value, list) else [value]
            for item in items:
                if isinstance(item, bytes):
                    texts += [item.decode("latin-1"), item.decode("utf-16-be", "replace")]
                else:
                    texts.append(str(item))
        return "\n".join(texts)
    except Exception:  # Whatever it trips over: it does not read this file.
        return None


def by_ffprobe(path):
    done = subprocess.run(["ffprobe", "-v", "error", "-of", "json", "-show_format", "-show_streams", str(path)],
                          capture_output=True, check=False)
    if done.returncode != 0:
        return None
    found = json.loads(done.stdout)
    tags = [found.get("format", {}).get("tags", {})] + [stream.get("tags", {}) for stream in found.get("streams", [])]
    return "\n".join(value for group in tags for value in group.values())


def by_exiftool(folder, entries):
    """All files in one run. Binary values (whole chunks) do not count."""
    paths = [entry.path for entry in entries]
    done = subprocess.run(["exiftool", "-j", "-a", "-G1", "-charset", "filename=utf8", *paths], cwd=folder,
                          capture_output=True, check=False)
    return {row["SourceFile"]: None if "ExifTool:Error" in row else
            "\n".join(str(value) for key, value in row.items() if not key.startswith(("SourceFile", "System:")))
            for row in json.loads(done.stdout)}


def by_kid3(path):
    done = subprocess.run(["kid3-cli", "-c", "get all", str(path.absolute())], capture_output=True,
                          check=False, timeout=60, env={"PATH": "/usr/bin:/bin", "QT_QPA_PLATFORM": "offscreen",
                                                        "LC_ALL": "C.UTF-8", "HOME": "/nonexistent"})
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None
