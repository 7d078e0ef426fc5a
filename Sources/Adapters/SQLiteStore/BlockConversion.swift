import CSQLite
import Engine
import Glibc

/// Brings what a store of format 4 or before has in rows of a pair each into blocks.
///
/// It goes by parts, each of which takes pairs out of the old table and puts them into blocks in one transaction. So a
/// crash in between loses nothing: the next start goes on where this one was. The old table goes once it is empty.
/// Nothing else may use the store meanwhile.
struct BlockConversion {
    /// What a part has, before its last pair.
    private static let partBytes = 1 << 20
    /// After so many parts it is told how far it is.
    private static let partsTold = 512

    let connection: Connection
    let blocks: BlockWriter
    /// Is told how many pairs were brought over so far.
    let progress: (_ pairs: Int) -> Void

    func run() throws(StoreError) {
        var pairs = 0
        for keyspace in Keyspace.allCases where Keyspaces.isInBlocks(keyspace) {
            let name = keyspace.rawValue
            let isThere =
                "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = '\(name)')"
            guard try connection.number(isThere) == 1 else { continue }
            var parts = 0
            while true {
                let count = try connection.inTransaction { () throws(StoreError) in
                    try moveSome(of: keyspace)
                }
                pairs += count
                if count == 0 { break }
                parts += 1
                if parts.isMultiple(of: Self.partsTold) { progress(pairs) }
            }
            try connection.execute("DROP TABLE \"\(name)\"")
        }
        if pairs > 0 { progress(pairs) }
    }

    private func moveSome(of keyspace: Keyspace) throws(StoreError) -> Int {
        let select = try Statement(
            "SELECT key, value FROM \"\(keyspace.rawValue)\" ORDER BY key",
            on: connection
        )
        var kept: [UnsafeMutableRawBufferPointer] = []
        defer { for pair in kept { pair.deallocate() } }
        var entries: [Entry] = []
        var bytes = 0
        while bytes < Self.partBytes, try select.step() {
            let (key, value) = (select.column(0), select.column(1))
            let pair = UnsafeMutableRawBufferPointer.allocate(
                byteCount: max(1, key.count + value.count),
                alignment: 8
            )
            kept.append(pair)
            pair.copyMemory(from: key)
            UnsafeMutableRawBufferPointer(rebasing: pair[key.count...]).copyMemory(from: value)
            guard let base = UnsafeRawPointer(pair.baseAddress) else { continue }
            entries.append(
                Entry(key: base, keyCount: key.count, valueCount: Int32(value.count))
            )
            bytes += pair.count
        }
        select.reset()
        guard let last = entries.last else { return 0 }
        try blocks.write(entries[...], of: keyspace)
        let delete = try Statement(
            "DELETE FROM \"\(keyspace.rawValue)\" WHERE key <= ?1",
            on: connection
        )
        try delete.run { delete.bind(1, last.keyBytes) }
        return entries.count
    }
}
