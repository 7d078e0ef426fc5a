package import Causality
package import Changes

/// What this region knows that other regions have applied: the greatest vectors they claimed, table
/// by table.
///
/// Forgetting rests on it: a delete may go once all members are *known* to have everything up to it.
/// A claim is taken over only with a batch that holds, of the batch's tables, everything the claimer
/// had written before it. Tables that travel apart are claimed apart: a claim for one says nothing
/// of another, the system table included (`allMembersKnow` sees to that).
package struct PeerKnowledge: Sendable {
    private var vectors: [String: [TableID: VersionVector]] = [:]

    init() {}

    package init(reading store: any StoreReader) throws {
        var vectors: [String: [TableID: VersionVector]] = [:]
        try store.range(.peers, from: [], to: nil, reversed: false) { key, value in
            let region = String(decoding: key, as: UTF8.self)
            var reader = ByteReader(value)
            for _ in 0..<(try reader.count(bytesEach: 2)) {
                let tables = try reader.tables()
                let vector = try reader.vector()
                for table in tables { vectors[region, default: [:]][table] = vector }
            }
            return true
        }
        self.vectors = vectors
    }

    package var regions: [String] { vectors.keys.sorted() }

    /// Empty where nothing is known.
    package func vector(of region: String, for table: TableID) -> VersionVector {
        vectors[region]?[table] ?? VersionVector()
    }

    mutating func learn(_ claims: [ChangeBatch.Claim], from region: String) {
        for claim in claims {
            for table in claim.tables {
                vectors[region, default: [:]][table, default: VersionVector()].join(claim.vector)
            }
        }
    }

    mutating func forget(_ table: TableID) {
        for region in vectors.keys { vectors[region]?[table] = nil }
    }

    /// Forgets what one region claimed of a table.
    /// - Returns: whether there was anything.
    mutating func forget(_ table: TableID, of region: String) -> Bool {
        vectors[region]?.removeValue(forKey: table) != nil
    }

    func row(of region: String) -> [UInt8] {
        let known = (vectors[region] ?? [:]).map { (table: $0.key, vector: $0.value) }
        let groups = LinkPosition.grouped(known)
        var writer = ByteWriter(reserving: 256)
        writer.count(groups.count)
        for group in groups {
            writer.tables(group.tables)
            writer.vector(group.vector)
        }
        return writer.bytes
    }
}
