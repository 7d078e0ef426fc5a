import Causality
import Changes
import Testing

@testable import Engine

/// What the region has written and gives to others.
extension OperationFixture {
    /// The changes of this incarnation, in the order of the history.
    func history() throws -> [Change] {
        let origin = engine.origin
        var changes: [Change] = []
        try store.read { reader in
            try reader.range(
                .history,
                from: SegmentKey.firstAfter(.zero, of: origin),
                to: SegmentKey.end(of: origin),
                reversed: false,
            ) { _, value in
                var bytes = ByteReader(value)
                _ = try Segment.Head(&bytes)
                changes += try ChangeCoding.decodeAll([UInt8](bytes.rest()), origin: origin)
                return true
            }
        }
        return changes
    }

    /// The batches that a region would fetch of a table, one after another.
    func batches(
        of table: String,
        to region: String,
        bytesMax: Int,
    ) throws -> [[Change]] {
        let id = try #require(engine.catalog.table(named: table)).id
        var position = LinkPosition(
            target: Origin(region: region, startMilliseconds: 1, random: 1),
            inStep: [LinkPosition.InStep(tables: [id], vector: VersionVector())],
            joins: [],
        )
        var batches: [[Change]] = []
        while let batch = try next(after: position, bytesMax: bytesMax) {
            batches.append(try ChangeCoding.decodeAll(batch.records, origin: batch.header.origin))
            position = position.advanced(past: batch.header)
        }
        return batches
    }

    private func next(after position: LinkPosition, bytesMax: Int) throws -> ChangeBatch? {
        let catalog = engine.catalog
        return try store.read { reader in
            try Feed(catalog: catalog, store: reader, wallMilliseconds: 0)
                .batch(after: position, bytesMax: bytesMax)
        }
    }
}
