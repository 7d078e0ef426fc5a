package import Causality

/// Where a target stands with one source region: the cursor of a link, told by the target alone.
///
/// A link hands it to the source's feed as it is; the source picks what to serve next.
package struct LinkPosition: Equatable, Sendable {
    /// Tables with equal entries for the source region's origins.
    package struct InStep: Equatable, Sendable {
        package var tables: [TableID]
        /// Entries for the incarnations of the source region, and of those that may be relayed.
        package var vector: VersionVector

        package init(tables: [TableID], vector: VersionVector) {
            self.tables = tables
            self.vector = vector
        }
    }

    /// A table that the target is copying, or waits to copy, from this source.
    package struct Join: Equatable, Sendable {
        package var table: TableID
        /// The last row key copied; nil before the first.
        package var after: [UInt8]?

        package init(table: TableID, after: [UInt8]?) {
            self.table = table
            self.after = after
        }
    }

    /// The target, in its present incarnation.
    package var target: Origin
    package var inStep: [InStep]
    package var joins: [Join]
    /// The regions whose changes reach the target by links of their own, sorted: none of theirs is
    /// to be relayed.
    ///
    /// Nil right after a start, when nobody has been heard yet and nobody missed: only the target's
    /// own earlier incarnations are relayed then.
    package var direct: [String]?

    package init(
        target: Origin,
        inStep: [InStep],
        joins: [Join],
        direct: [String]? = nil,
    ) {
        self.target = target
        self.inStep = inStep
        self.joins = joins
        self.direct = direct
    }

    /// Whether another than `region` itself may bring its changes.
    ///
    /// The target's own are those of its closed incarnations, which are relayed always.
    package func relays(_ region: String) -> Bool {
        if region == target.region { return true }
        guard let direct else { return false }
        return !direct.contains(region)
    }

    /// The same position, with nothing of these regions to be relayed.
    package func withholding(_ regions: [String]) -> LinkPosition {
        guard let direct, !regions.isEmpty else { return self }
        var position = self
        position.direct = Set(direct).union(regions).sorted()
        return position
    }

    /// The position once a batch has been applied: what a link that fetches ahead asks for next.
    package func advanced(past header: ChangeBatch.Header) -> LinkPosition {
        var vectors: [(table: TableID, vector: VersionVector)] = []
        let moved = Set(header.tables)
        for group in inStep {
            for table in group.tables {
                var vector = group.vector
                if moved.contains(table) { vector.raise(header.origin, to: header.through) }
                vectors.append((table, vector))
            }
        }
        return LinkPosition(
            target: target,
            inStep: LinkPosition.grouped(vectors),
            joins: joins,
            direct: direct,
        )
    }

    /// So many groups are compared with one by one; more of them are found by hashing.
    private static let comparedMax = 8

    /// Tables by equal vectors, in the order of the groups' first tables.
    package static func grouped(_ vectors: [(table: TableID, vector: VersionVector)]) -> [InStep] {
        var groups: [InStep] = []
        var places: [VersionVector: Int] = [:]
        for (table, vector) in vectors.sorted(by: { $0.table < $1.table }) {
            let compared = groups.prefix(comparedMax).firstIndex { $0.vector == vector }
            if let place = compared ?? (places.isEmpty ? nil : places[vector]) {
                groups[place].tables.append(table)
            } else {
                if groups.count >= comparedMax { places[vector] = groups.count }
                groups.append(InStep(tables: [table], vector: vector))
            }
        }
        return groups
    }

    package func append(to writer: inout ByteWriter) {
        writer.origin(target)
        writer.count(inStep.count)
        for group in inStep {
            writer.tables(group.tables)
            writer.vector(group.vector)
        }
        writer.count(joins.count)
        for join in joins {
            writer.table(join.table)
            writer.byte(join.after == nil ? 0 : 1)
            writer.block(join.after ?? [])
        }
        writer.byte(direct == nil ? 0 : 1)
        writer.count(direct?.count ?? 0)
        for region in direct ?? [] { writer.text(region) }
    }

    package init(_ reader: inout ByteReader) throws(MalformedBytes) {
        target = try reader.origin()
        inStep = []
        for _ in 0..<(try reader.count(bytesEach: 2)) {
            let tables = try reader.tables()
            inStep.append(InStep(tables: tables, vector: try reader.vector()))
        }
        joins = []
        for _ in 0..<(try reader.count(bytesEach: 18)) {
            let table = try reader.table()
            let hasStarted = try reader.byte() != 0
            let after = try reader.block()
            joins.append(Join(table: table, after: hasStarted ? after : nil))
        }
        let isNamed = try reader.byte() != 0
        var named: [String] = []
        for _ in 0..<(try reader.count(bytesEach: 1)) { named.append(try reader.text()) }
        direct = isNamed ? named : nil
    }
}
