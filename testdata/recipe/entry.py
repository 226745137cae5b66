"""One file of testdata/ with what is true of it: a row of manifest.tsv."""

import dataclasses


@dataclasses.dataclass
class Entry:
    """A file and the ground truth about it."""

    path: str
    format: str
    data: bytes
    how: str
    places: list = dataclasses.field(default_factory=list)  # (place name, value as it stands)
    findings: list = dataclasses.field(default_factory=list)  # kind, or kind:detail
    code: str = ""

    def row(self):
        places = " | ".join(f"{name}={escape(value)}" for name, value in self.places)
        return "\t".join([self.path, self.format, places or "-", " ".join(self.findings) or "-", self.code or "-"])


def escape(value):
    """Control and invisible characters as in validator_cases.tsv, so that a row stays one line."""
    out = ""
    for character in value:
        if character in "\0\t\r\n\\":
            out += {"\0": "\\0", "\t": "\\t", "\r": "\\r", "\n": "\\n", "\\": "\\\\"}[character]
        elif character.isprintable():
            out += character
        else:
            out += f"\\u{ord(character):04X}"
    return out


class Codes:
    """Hands out codes of one registrant and year, one after the other."""

    def __init__(self, stem, first):
        self.stem, self.next = stem, first

    def __call__(self):
        self.next += 1
        return f"{self.stem}{self.next - 1:05d}"


def hyphened(code):
    return f"{code[:2]}-{code[2:5]}-{code[5:7]}-{code[7:]}"
