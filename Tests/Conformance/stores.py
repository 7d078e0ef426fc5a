"""The items and index entries in a stopped region's SQLite file, edited behind its back.

They lie in blocks of many pairs (Sources/Adapters/SQLiteStore/Block.swift says how), each with its number in a
directory of the keys from which on a block has them.
"""

import sqlite3
import struct
from contextlib import contextmanager
from pathlib import Path

# What a block without large pairs is filled up to.
BLOCK_BYTES = 8152


class Rows:
    """The pairs of one keyspace: `items` or `indexes`."""

    def __init__(self, connection, name):
        self.connection = connection
        self.name = name

    def keys(self, part):
        """The keys with these bytes in them, in order."""
        blocks = self.connection.execute(f"SELECT block FROM {self.name}_blocks")
        return sorted(key for (block,) in blocks for key in decoded(block) if part in key)

    def __getitem__(self, key):
        return self._block(key)[1][key]

    def __setitem__(self, key, value):
        number, pairs = self._block(key)
        self._write(number, pairs | {key: value})

    def __delitem__(self, key):
        number, pairs = self._block(key)
        del pairs[key]
        self._write(number, pairs)

    def _block(self, key):
        number, block = self.connection.execute(
            f"SELECT number, block FROM {self.name}_blocks WHERE number = (SELECT number FROM"
            f" {self.name}_directory WHERE key <= ? ORDER BY key DESC LIMIT 1)",
            (key,),
        ).fetchone()
        return number, decoded(block)

    def _write(self, number, pairs):
        block = encoded(pairs)
        assert len(block) == BLOCK_BYTES, "the block overflows"
        self.connection.execute(
            f"UPDATE {self.name}_blocks SET block = ? WHERE number = ?", (block, number)
        )


@contextmanager
def opened(cluster, region):
    """The items and the index entries of a region that is stopped."""
    file = Path(cluster.directory.name) / "data" / region / "store.sqlite"
    connection = sqlite3.connect(file)
    try:
        yield Rows(connection, "items"), Rows(connection, "indexes")
        connection.commit()
    finally:
        connection.close()


def decoded(block):
    """The pairs of a block, as a dictionary."""
    (count,) = struct.unpack_from("<H", block)
    pairs = {}
    for place in struct.unpack_from(f"<{count}H", block, 2):
        key_bytes, value_bytes = struct.unpack_from("<HI", block, place)
        start = place + 6
        middle = start + key_bytes
        pairs[block[start:middle]] = block[middle : middle + value_bytes]
    return pairs


def encoded(pairs):
    """The block that has these pairs."""
    places, body = [], b""
    start = 2 + 2 * len(pairs)
    for key, value in sorted(pairs.items()):
        places.append(start + len(body))
        body += struct.pack("<HI", len(key), len(value)) + key + value
    block = struct.pack(f"<H{len(places)}H", len(places), *places) + body
    return block.ljust(BLOCK_BYTES, b"\0")
