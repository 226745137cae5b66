"""testdata/seeds: one tiny file for each kind of file and each place that real programs write a code to."""

import importlib

from .entry import Codes, Entry

FAMILIES = ["seeds_mp3", "seeds_ape", "seeds_flac", "seeds_ogg", "seeds_mp4", "seeds_riff", "seeds_other"]


class Family:
    """Collects the seeds of one module. `code` is the code of the file at hand; `add` goes on to the next."""

    def __init__(self, kit, first):
        self.kit, self.entries, self.codes = kit, [], Codes("QZTSE26", first)
        self.code = self.codes()

    def add(self, name, word, data, how, places=(), findings=None, code=None):
        """`places` holds names (of the code at hand) or (name, value); by default a file with places is fine."""
        places = [(place, self.code) if isinstance(place, str) else place for place in places]
        if findings is None:
            findings = [] if places else ["missing"]
        if code is None:
            code = self.code if places and "conflicting" not in findings else ""
        self.entries.append(Entry(f"seeds/{name}", word, data, how, places, findings, code))
        self.code = self.codes()

    def another(self):
        """A second code, for files whose places disagree."""
        return self.codes()


def build(kit):
    entries = []
    for number, name in enumerate(FAMILIES):
        family = Family(kit, number * 100 + 1)
        importlib.import_module(f".{name}", __package__).build(family)
        entries += family.entries
    return entries
