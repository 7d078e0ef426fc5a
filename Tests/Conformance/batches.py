"""Batches of changes on the wire, for tests that carry them by hand and change them on the way."""

import struct

from wire import Raw

# A bit of a change's flags that no version of the program knows.
UNKNOWN_FLAG = 0x80
# What stands behind the position in a reply: six numbers.
REPLY_TAIL_BYTES = 48
BATCH_BYTES_MAX = 1 << 20


def count(value):
    """A number as the messages write it: seven bits a byte, lowest first."""
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(encoded) + bytes([value])


class Reader:
    """Walks over a batch's header."""

    def __init__(self, message):
        self.message = message
        self.at = 0

    def skip(self, size):
        self.at += size

    def byte(self):
        self.at += 1
        return self.message[self.at - 1]

    def count(self):
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def origin(self):
        self.skip(self.byte() + 10)

    def tables(self):
        self.skip(16 * self.count())

    def vector(self):
        for _ in range(self.count()):
            self.origin()
            self.skip(8)


def records_offset(batch):
    """Where the changes of a batch begin."""
    reader = Reader(batch)
    reader.skip(4)
    reader.origin()
    reader.origin()
    if reader.byte():
        reader.origin()
        reader.skip(8)
    reader.tables()
    reader.skip(16)
    reader.count()
    reader.skip(1 + 16)
    for _ in range(reader.count()):
        reader.tables()
        reader.vector()
    return reader.at


def poisoned(batch, mark):
    """The batch with an unknown flag in the first change that holds the bytes *mark*, if any."""
    at = records_offset(batch)
    while at < len(batch):
        (size,) = struct.unpack_from(">I", batch, at)
        change = batch[at + 4 : at + 4 + size]
        if mark in change:
            # A change begins with its time and its ordinal.
            flags = at + 4 + 10
            return batch[:flags] + bytes([batch[flags] | UNKNOWN_FLAG]) + batch[flags + 1 :]
        at += 4 + size
    return batch


class Carrier:
    """One link, run by hand while the daemon's is paused."""

    def __init__(self, source, target):
        self.source = source
        self.peers = {"source": Raw(source.peer), "target": Raw(target.peer)}

    def next_batch(self):
        """What the source has next for the target; None for nothing."""
        asked = self.peers["target"].send("POST", f"/position?source={self.source.region}", body=b"")
        position = asked.body[1:-REPLY_TAIL_BYTES]
        feed = position + count(BATCH_BYTES_MAX) + count(0)
        answer = self.peers["source"].send("POST", "/feed", body=feed)
        return answer.body if answer.status == 200 else None

    def apply(self, batch):
        return self.peers["target"].send("POST", "/apply", body=batch)
