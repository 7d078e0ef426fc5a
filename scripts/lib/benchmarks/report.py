"""Every round of a run, its medians as a table, and all of it as JSON."""

import json
from statistics import median

MERIDIAN = "meridian"


class Report:
    def __init__(self, **about):
        self.about = about
        self.rounds = []
        self.resident = []

    def note(self, side, workload, size, got):
        """One round: *size* is a number of items, of changes, or a rate; *got* has `perSecond`."""
        self.rounds.append({"side": side, "workload": workload, "size": size, **got})

    def memory(self, size, megabytes):
        self.resident.append({"size": size, "megabytes": megabytes})

    @property
    def faults(self):
        return sum(one.get("wrong", 0) + one.get("lost", 0) for one in self.rounds)

    def series(self):
        """The rounds by side, workload and size, in the order of their first round."""
        series = {}
        for one in self.rounds:
            series.setdefault((one["side"], one["workload"], one["size"]), []).append(one)
        return series

    def medians(self):
        return {
            key: {
                name: median(one[name] for one in rounds)
                for name in rounds[0]
                if isinstance(rounds[0][name], (int, float)) and all(name in one for one in rounds)
            }
            for key, rounds in self.series().items()
        }

    def table(self):
        medians = self.medians()
        head = f"{'':10} {'size':>9} {'':9} {'/s':>10} {'p50 ms':>8} {'p99 ms':>8} {'p99.9':>8}"
        lines = [
            f"{self.about['machine']}, {self.about['connections']} connections, "
            f"{self.about['seconds']} s a round; medians",
            f"{head} {'CPU us':>8}  ratio",
        ]
        for (side, workload, size), got in medians.items():
            def cell(name, width=8, digits=2):
                value = got.get(name)
                return f"{value:{width}.{digits}f}" if value is not None else f"{'':{width}}"

            other = next(
                (
                    theirs["perSecond"]
                    for (their_side, *rest), theirs in medians.items()
                    if their_side != side and rest == [workload, size]
                ),
                None,
            )
            ratio = f"  {got['perSecond'] / other:.2f}" if side == MERIDIAN and other else ""
            wrong = got.get("wrong", 0) + got.get("lost", 0)
            notes = f"  WRONG OR LOST: {wrong:.0f}" if wrong else ""
            if "behindMilliseconds" in got:
                notes += f"  behind at the end: {got['behindMilliseconds']:.0f} ms"
            if "perLinkMicroseconds" in got:
                notes += f"  for each link: {got['perLinkMicroseconds']:.1f} us"
            if got.get("unsent"):
                notes += f"  not sent in time: {got['unsent']:.0f}"
            lines.append(
                f"{workload:10} {size:9} {side:9} {got['perSecond']:10.0f} "
                f"{cell('p50Milliseconds')} {cell('p99Milliseconds')} {cell('p99.9Milliseconds')} "
                f"{cell('processorMicroseconds', digits=1)}{ratio}{notes}"
            )
        for one in self.resident:
            shares = ", ".join(f"{name} {value:.0f}" for name, value in one["megabytes"].items())
            lines.append(f"resident MB with {one['size']} items: {shares}")
        return "\n".join(lines)

    def json(self):
        about = {**self.about, "rounds": self.rounds, "resident": self.resident}
        return json.dumps(about, indent=1) + "\n"
