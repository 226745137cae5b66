#!/usr/bin/env python3
"""Scans an archive with many machines, by Dask (https://distributed.dask.org).

  dask scheduler                                     on one machine, which says its ADDRESS
  dask worker ADDRESS --nthreads 1                   on each machine that helps
  dask_scan.py --scheduler ADDRESS --shared FOLDER -o report.html ARCHIVE...

ARCHIVE and FOLDER stand under the same path on every machine. FOLDER keeps the parts, so that the next scan opens only files
that changed. What a worker had that died goes to another one. Needs: pip install 'dask[distributed]', and isrctag everywhere.
"""
import argparse
import json
import socket
import subprocess
import sys
from pathlib import Path

import dask.bag
from distributed import Client, as_completed

DONE = {0: "fine", 1: "with findings", 3: "some files could not be read"}


def scan_part(program, archive, index, part):
    """Runs on a worker. A part is written beside its place and renamed, so that it is whole or as before."""
    command = [program, "--quiet", "scan", "--summary", "--part", part, "--index", index, *archive]
    run = subprocess.run(command, capture_output=True, text=True, errors="replace")
    if run.returncode not in DONE:
        raise RuntimeError(f"part {part} on {socket.gethostname()}: {run.stderr.strip()}")
    return index, part, socket.gethostname(), run.returncode


def codes_of(index):
    """Every code of a part, with its file."""
    with open(index, encoding="utf-8") as lines:
        for line in map(json.loads, lines):
            if line["type"] == "file":
                for code in line["more"].get("codes") or filter(None, [line["isrc"]]):
                    yield code, line["path"]


def shared_codes(indexes):
    """The codes that several files carry: each worker reads parts, and the codes are shuffled among them."""
    parts = dask.bag.from_sequence(indexes, npartitions=len(indexes))
    by_code = parts.map(codes_of).flatten().groupby(lambda pair: pair[0], shuffle="tasks")
    return by_code.filter(lambda group: len(group[1]) > 1).map(lambda group: [group[0], sorted(p for _, p in group[1])])


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--scheduler", metavar="ADDRESS", required=True, help="as dask scheduler says it")
    arguments.add_argument("--shared", metavar="FOLDER", type=Path, required=True, help="where the parts are kept")
    arguments.add_argument("--parts", metavar="N", type=int, default=64, help="several for each worker; always the same number")
    arguments.add_argument("--program", metavar="PATH", default="isrctag", help="isrctag on the workers and here")
    arguments.add_argument("-o", "--output", metavar="FILE", action="append", default=[], help="a report, as isrctag scan -o")
    arguments.add_argument("archive", metavar="ARCHIVE", nargs="+")
    asked = arguments.parse_args()
    asked.shared.mkdir(parents=True, exist_ok=True)
    folder = asked.shared.resolve()
    indexes = [str(folder / f"{number}-of-{asked.parts}.jsonl") for number in range(1, asked.parts + 1)]
    with Client(asked.scheduler) as client:
        waiting = [
            client.submit(scan_part, asked.program, asked.archive, index, f"{number}/{asked.parts}", pure=False, retries=3)
            for number, index in enumerate(indexes, 1)
        ]
        for done, future in enumerate(as_completed(waiting), 1):
            _, part, host, status = future.result()
            print(f"{done} of {asked.parts}: part {part} by {host}, {DONE[status]}", file=sys.stderr)
        shared = client.compute(shared_codes(indexes), retries=3).result()
    (folder / "shared-codes.json").write_text(json.dumps(sorted(shared), indent=1, ensure_ascii=False))
    print(f"{len(shared)} codes stand in several files: {folder}/shared-codes.json", file=sys.stderr)
    outputs = [argument for output in asked.output for argument in ("-o", output)]
    return subprocess.run([asked.program, "report", *outputs, *indexes]).returncode


if __name__ == "__main__":
    sys.exit(main())
