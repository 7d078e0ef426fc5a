import Causality
import Changes
import Engine
import Wire

/// Replaying a table's stream gives each item's state, one step a record: each begins with what the
/// one before it ended with, changes something, and the last ends with what is stored.
///
/// So no change is missing, told twice or told out of order, and nothing is told that lost.
enum StreamChecker {
    static func check(_ table: Table, _ scene: Scene) throws {
        guard let stream = table.state.stream, let number = stream.openNumber,
            stream.viewType == .newAndOldImages
        else { return }
        let arn = StreamARN(tableName: table.name, label: stream.label)
        guard let row = try scene.store.stream(arn) else {
            throw broken("is not stored", table, scene)
        }
        let entries = try entries(of: number, scene)
        try checkShards(of: number, entries.map(\.sequence), table, scene)
        // Where the stream is as old as the table, and whole, every item begins with it.
        let isWhole =
            row.trimmed == 0 && table.state.wholeFrom.entries.isEmpty
            && stream.sinceMilliseconds == table.description.definition.createdMilliseconds
        try checkSteps(entries.map(\.entry), isWhole: isWhole, table, scene)
    }

    private static func checkSteps(
        _ entries: [StreamEntry],
        isWhole: Bool,
        _ table: Table,
        _ scene: Scene,
    ) throws {
        var images: [[UInt8]: [UInt8]?] = [:]
        for entry in entries {
            let before = images[entry.key] ?? (isWhole ? .some(nil) : nil)
            if let before, before != entry.old {
                throw broken("leaves out or repeats a change of \(shown(entry.key))", table, scene)
            }
            guard entry.old != entry.new else {
                throw broken("tells of \(shown(entry.key)), which did not change", table, scene)
            }
            images[entry.key] = .some(entry.new)
        }
        for row in try scene.rows(of: table) {
            let last = images.removeValue(forKey: row.key) ?? (isWhole ? .some(nil) : nil)
            if let last, last != row.version.image {
                throw broken("ends \(shown(row.key)) with another image", table, scene)
            }
        }
        // What has no row is deleted, and the delete forgotten.
        guard images.values.allSatisfy({ $0 == nil }) else {
            throw broken("has an item that the table has not", table, scene)
        }
    }

    private static func entries(
        of stream: UInt32,
        _ scene: Scene,
    ) throws -> [(sequence: UInt64, entry: StreamEntry)] {
        var entries: [(sequence: UInt64, entry: StreamEntry)] = []
        try scene.store.range(
            .records,
            from: Table.rowPrefix(stream),
            to: Table.rowPrefix(stream + 1),
            reversed: false,
        ) { key, value in
            try StreamSegment.forEach(in: (key, value)) { sequence, entry in
                entries.append((sequence, entry))
                return true
            }
        }
        return entries
    }

    /// Shards follow one another without a gap, only the last is open, and each record is in one.
    private static func checkShards(
        of stream: UInt32,
        _ sequences: [UInt64],
        _ table: Table,
        _ scene: Scene,
    ) throws {
        var shards: [ShardRow] = []
        try scene.store.range(
            .shards,
            from: Table.rowPrefix(stream),
            to: Table.rowPrefix(stream + 1),
            reversed: false,
        ) { _, value in
            shards.append(try ShardRow(decoding: [UInt8](value)))
            return true
        }
        for (before, after) in zip(shards, shards.dropFirst()) {
            guard let end = before.end, after.first == end + 1,
                after.parentCreatedMilliseconds == before.createdMilliseconds
            else { throw broken("has a shard that does not follow its parent", table, scene) }
        }
        guard let last = shards.last, last.end == nil else {
            throw broken("has no open shard", table, scene)
        }
        let isInside = sequences.allSatisfy { sequence in
            shards.contains { $0.first < sequence && sequence <= $0.end ?? .max }
        }
        guard isInside else { throw broken("has a record in no shard", table, scene) }
    }

    private static func broken(
        _ what: String,
        _ table: Table,
        _ scene: Scene,
    ) -> BrokenInvariant {
        BrokenInvariant("Derived", "\(scene.name): the stream of \(table.name) \(what)")
    }
}
