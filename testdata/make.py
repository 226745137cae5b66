#!/usr/bin/env python3
"""Makes testdata/library, testdata/seeds and testdata/manifest.tsv anew, or compares them with what is committed.

  testdata/make.py                 writes into this folder
  testdata/make.py --out FOLDER    writes elsewhere
  testdata/make.py --check         writes nothing; exit 1 where a file would come out differently

Needs, from Debian: ffmpeg flac lame vorbis-tools opus-tools speex wavpack musepack-tools atomicparsley id3v2 kid3-cli;
and mutagen for Python. The tests of isrctag need none of these: they use the committed files.
"""

import argparse
import pathlib
import shutil
import sys
import tempfile

from recipe import library, readers, seeds, tools

HERE = pathlib.Path(__file__).resolve().parent
HEADER = "path\tformat\tplaces\tfindings\tcode"


def make(out):
    kit = tools.Kit()
    entries, beside = library.build(kit)
    entries += seeds.build(kit)
    check_truth(entries)
    for folder in ("library", "seeds"):
        shutil.rmtree(out / folder, ignore_errors=True)
    for path, data in [(entry.path, entry.data) for entry in entries] + beside:
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        (out / path).write_bytes(data)
    rows = sorted(entry.row() for entry in entries)
    (out / "manifest.tsv").write_text("\n".join([HEADER, *rows]) + "\n")
    return entries


def check_truth(entries):
    """What must hold of every manifest, whoever edits the recipe."""
    paths = [entry.path for entry in entries]
    assert len(set(paths)) == len(paths), "a path twice"
    by_code = {}
    for entry in entries:
        shares = any(finding.startswith("shared") for finding in entry.findings)
        if entry.code and not shares:
            assert entry.code not in by_code, f"{entry.path}: {entry.code} is also in {by_code.get(entry.code)}"
            by_code[entry.code] = entry.path
        assert entry.path.startswith("library/") or len(entry.data) <= 25_600, f"{entry.path}: {len(entry.data)} bytes"
        for _, value in entry.places:
            encoded = (value.encode(), value.encode("utf-16-le"), value.encode("utf-16-be"))
            assert any(form in entry.data for form in encoded) or "compressed" in entry.how, f"{entry.path}: no {value}"


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--out", type=pathlib.Path, default=HERE)
    arguments.add_argument("--check", action="store_true")
    options = arguments.parse_args()
    if not options.check:
        entries = make(options.out)
        if options.out == HERE:
            readers.update(HERE / "README.md", HERE, entries)
        print(f"{len(entries)} files, {sum(len(entry.data) for entry in entries)} bytes")
        return 0
    with tempfile.TemporaryDirectory(prefix="isrctag-testdata-") as folder:
        out = pathlib.Path(folder)
        entries = make(out)
        names = ["manifest.tsv", *(entry.path for entry in entries)]
        differing = [name for name in names
                     if not (HERE / name).is_file() or (HERE / name).read_bytes() != (out / name).read_bytes()]
    for name in differing:
        print(f"differs: {name}")
    print(f"{len(names) - len(differing)} equal, {len(differing)} different")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.exit(main())
