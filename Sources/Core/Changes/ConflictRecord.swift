/// Two versions of one item of which neither had seen the other, and which of them stayed.
package struct ConflictRecord: Equatable, Sendable {
    package var table: TableID
    package var key: [UInt8]
    package var winner: Version
    package var loser: Version
    /// When this region noticed, in milliseconds since 1970.
    package var detectedMilliseconds: UInt64

    package init(
        table: TableID,
        key: [UInt8],
        winner: Version,
        loser: Version,
        detectedMilliseconds: UInt64,
    ) {
        self.table = table
        self.key = key
        self.winner = winner
        self.loser = loser
        self.detectedMilliseconds = detectedMilliseconds
    }

    package func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 256)
        writer.table(table)
        writer.block(key)
        writer.block(winner.encoded())
        writer.block(loser.encoded())
        writer.uint64(detectedMilliseconds)
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        self = try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            let table = try reader.table()
            let key = try reader.block()
            let winner = try Version(decoding: try reader.block())
            let loser = try Version(decoding: try reader.block())
            return ConflictRecord(
                table: table,
                key: key,
                winner: winner,
                loser: loser,
                detectedMilliseconds: try reader.uint64(),
            )
        }
    }
}
