/// Two versions of one item of which neither had seen the other, and which of them stayed.
///
/// If the loser was written by a transaction, that transaction is torn: of the items it wrote
/// together some may stand and some not. The record then names all of them.
package struct ConflictRecord: Equatable, Sendable {
    package var table: TableID
    package var key: [UInt8]
    package var winner: Version
    package var loser: Version
    /// When this region noticed, in milliseconds since 1970.
    package var detectedMilliseconds: UInt64
    /// The items that the loser's transaction wrote, the lost one among them, in its order; empty if
    /// it was no transaction.
    ///
    /// Fewer than `loser.transactionItems` where this region's history does not hold the others: of
    /// tables it has no replica of, or has copied since.
    package var transaction: [Place]

    /// Where an item lies.
    package struct Place: Hashable, Sendable {
        package var table: TableID
        package var key: [UInt8]

        package init(table: TableID, key: [UInt8]) {
            self.table = table
            self.key = key
        }
    }

    package init(
        table: TableID,
        key: [UInt8],
        winner: Version,
        loser: Version,
        detectedMilliseconds: UInt64,
        transaction: [Place] = [],
    ) {
        self.table = table
        self.key = key
        self.winner = winner
        self.loser = loser
        self.detectedMilliseconds = detectedMilliseconds
        self.transaction = transaction
    }

    /// Whether a transaction was torn here.
    package var isTorn: Bool { loser.transactionItems > 0 }

    package func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 256)
        writer.table(table)
        writer.block(key)
        writer.block(winner.encoded())
        writer.block(loser.encoded())
        writer.uint64(detectedMilliseconds)
        writer.count(transaction.count)
        for place in transaction {
            writer.table(place.table)
            writer.block(place.key)
        }
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        self = try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            let table = try reader.table()
            let key = try reader.block()
            let winner = try Version(decoding: try reader.block())
            let loser = try Version(decoding: try reader.block())
            var record = ConflictRecord(
                table: table,
                key: key,
                winner: winner,
                loser: loser,
                detectedMilliseconds: try reader.uint64(),
            )
            // Records of earlier versions end here.
            guard reader.remaining > 0 else { return record }
            for _ in 0..<(try reader.count(bytesEach: 17)) {
                let table = try reader.table()
                record.transaction.append(Place(table: table, key: try reader.block()))
            }
            return record
        }
    }
}
