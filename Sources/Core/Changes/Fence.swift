package import Causality

/// An operator's fence: from its time on a region takes no writes, until it is lifted.
///
/// It is a change in the region's own history, of an item of the system table, so it is durable,
/// reaches all regions, survives restarts, and comes back by relay to a region that is started from
/// older files. It says how far the region had come, its own writes and those of others alike: who
/// holds all of that needs nothing of the region any more (`Drain`), and can be asked for it when the
/// region itself is gone.
package struct Fence: Equatable, Sendable {
    /// A table that the region held.
    package struct Table: Equatable, Sendable {
        package var id: TableID
        package var name: String
        /// The other regions with a replica of it then, sorted; empty for the system table, which all
        /// regions have.
        package var members: [String]
        /// All that the region had of the table: its own writes through the fence, and what it had
        /// merged of every other origin.
        package var vector: VersionVector

        package init(id: TableID, name: String, members: [String], vector: VersionVector) {
            self.id = id
            self.name = name
            self.members = members
            self.vector = vector
        }
    }

    package var region: String
    /// When it was set first; names this fence of several.
    package var time: HybridTime
    /// The same by the region's wall clock, in milliseconds since 1970.
    package var sinceMilliseconds: UInt64
    /// What the tables are as of: above all the region's writes before.
    ///
    /// It is later than `time` where
    /// the fence had been lost with files and came back.
    package var through: HybridTime
    /// The last write before it that the region's history holds; zero for none.
    package var lastWrite: HybridTime
    /// Sorted by id.
    package var tables: [Table]

    package init(
        region: String,
        time: HybridTime,
        sinceMilliseconds: UInt64,
        through: HybridTime,
        lastWrite: HybridTime,
        tables: [Table],
    ) {
        self.region = region
        self.time = time
        self.sinceMilliseconds = sinceMilliseconds
        self.through = through
        self.lastWrite = lastWrite
        self.tables = tables
    }

    package func table(_ id: TableID) -> Table? {
        tables.first { $0.id == id }
    }
}

extension Fence {
    private static let version: UInt8 = 1

    /// Tables in step share a vector here as elsewhere.
    package func encoded() -> [UInt8] {
        let vectors = LinkPosition.grouped(tables.map { ($0.id, $0.vector) })
        var writer = ByteWriter(reserving: 64 + 80 * tables.count + 128 * vectors.count)
        writer.byte(Fence.version)
        writer.text(region)
        writer.time(time)
        writer.uint64(sinceMilliseconds)
        writer.time(through)
        writer.time(lastWrite)
        writer.count(vectors.count)
        for group in vectors {
            writer.vector(group.vector)
            writer.tables(group.tables)
        }
        writer.count(tables.count)
        for table in tables {
            writer.table(table.id)
            writer.text(table.name)
            writer.count(table.members.count)
            for member in table.members { writer.text(member) }
        }
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        self = try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            guard try reader.byte() == Fence.version else {
                throw MalformedBytes("a fence of a version that is not known here")
            }
            var fence = Fence(
                region: try reader.text(),
                time: try reader.time(),
                sinceMilliseconds: try reader.uint64(),
                through: try reader.time(),
                lastWrite: try reader.time(),
                tables: [],
            )
            var vectors: [TableID: VersionVector] = [:]
            for _ in 0..<(try reader.count(bytesEach: 2)) {
                let vector = try reader.vector()
                for table in try reader.tables() { vectors[table] = vector }
            }
            for _ in 0..<(try reader.count(bytesEach: 18)) {
                let id = try reader.table()
                let name = try reader.text()
                var members: [String] = []
                for _ in 0..<(try reader.count(bytesEach: 1)) { members.append(try reader.text()) }
                let vector = vectors[id] ?? VersionVector()
                fence.tables.append(Table(id: id, name: name, members: members, vector: vector))
            }
            return fence
        }
    }
}
