"""Prometheus' text format, read strictly: what is not of it fails the test."""

import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
NUMBER = r"[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|NaN"
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? ({NUMBER})")


def read(text):
    """The page as a dictionary: (name, frozenset of labels) → number."""
    assert text.endswith("\n"), "the last line has an end"
    values, types, family, help_of = {}, {}, None, None
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            help_of = line.split(" ", 3)[2]
        elif line.startswith("# TYPE "):
            _, _, family, kind = line.split(" ")
            assert family == help_of and family not in types, line
            assert kind in ("counter", "gauge", "histogram"), line
            types[family] = kind
        else:
            match = SAMPLE.fullmatch(line)
            assert match, f"no sample: {line!r}"
            name, labels, number = match.groups()
            ends = ["_bucket", "_sum", "_count"] if types[family] == "histogram" else [""]
            assert name in [family + end for end in ends], line
            pairs = re.findall(LABEL, labels or "")
            key = name, frozenset(tuple(pair[:-1].split('="', 1)) for pair in pairs)
            assert key not in values, f"twice: {line}"
            values[key] = float(number)
    return values


def value(page, name, **labels):
    """One number of a page; None if it is not there."""
    return page.get((name, frozenset(labels.items())))
