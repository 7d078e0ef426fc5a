import Changes
package import Wire

/// What the tables of a region may still read and write now.
///
/// A table's budget is one for all its keys: a single busy key may use all of it. Global indexes
/// have budgets of their own, local ones use their table's. A value; the one who holds it says what
/// time it is.
package struct CapacityBudgets: Sendable {
    package enum Use: Hashable, Sendable {
        case read
        case write
    }

    private struct Key: Hashable {
        let table: TableID
        /// A global index; nil for the table itself.
        let index: String?
        let use: Use
    }

    /// What limits a table or a global index.
    private struct Limit {
        let unitsPerSecond: Int64
        let isProvisioned: Bool
    }

    /// Budgets that are held before those of tables long gone are thrown away.
    private static let bucketsMax = 8 * TableLimits.tablesMax

    private let region: String
    /// Capacity is saved up from here on at the earliest: when the region was started.
    private let startMilliseconds: UInt64
    private var buckets: [Key: TokenBucket] = [:]

    package init(region: String, startMilliseconds: UInt64) {
        self.region = region
        self.startMilliseconds = startMilliseconds
    }

    /// Refuses a request for which there is nothing left; nothing is taken yet.
    ///
    /// A read is of the table or, if it names one, of an index. A write is of the table and of all
    /// its global indexes, since nobody knows before which of them it touches.
    package mutating func check(
        _ use: Use,
        of table: Table,
        index: String? = nil,
        now: UInt64,
    ) throws(ServiceError) {
        let globals = table.description.globalIndexNames
        switch use {
        case .read:
            let target = index.flatMap { globals.contains($0) ? $0 : nil }
            try check(use, of: table, global: target, now: now)
        case .write:
            try check(use, of: table, global: nil, now: now)
            for name in globals { try check(use, of: table, global: name, now: now) }
        }
    }

    private mutating func check(
        _ use: Use,
        of table: Table,
        global index: String?,
        now: UInt64,
    ) throws(ServiceError) {
        guard let limit = limit(on: use, of: table, index) else { return }
        let key = Key(table: table.id, index: index, use: use)
        prepare(key, limit, of: table, now: now)
        guard buckets[key]?.hasCapacity(now: now) == false else { return }
        let resource = TableARN.text(region: region, tableName: table.name)
        throw .throttled(
            use == .read ? .read : .write,
            isProvisioned: limit.isProvisioned,
            table: resource,
            index: index,
        )
    }

    /// Takes what a request used.
    ///
    /// `consumed` is in the INDEXES shape.
    package mutating func charge(
        _ use: Use,
        _ consumed: ConsumedCapacity,
        of table: Table,
        now: UInt64,
    ) {
        charge(use, consumed.tableUnits, of: table, now: now)
        for part in consumed.globalIndexes {
            charge(use, part.units, of: table, index: part.indexName, now: now)
        }
    }

    package mutating func charge(
        _ use: Use,
        _ units: CapacityUnits,
        of table: Table,
        index: String? = nil,
        now: UInt64,
    ) {
        guard units.halves > 0, let limit = limit(on: use, of: table, index) else { return }
        let key = Key(table: table.id, index: index, use: use)
        prepare(key, limit, of: table, now: now)
        buckets[key]?.take(halfUnits: units.halves, now: now)
    }

    private mutating func prepare(_ key: Key, _ limit: Limit, of table: Table, now: UInt64) {
        if buckets[key] == nil {
            if buckets.count >= Self.bucketsMax { buckets.removeAll() }
            let created = UInt64(max(0, table.description.definition.createdMilliseconds))
            let since = min(max(created, startMilliseconds), now)
            buckets[key] = TokenBucket(unitsPerSecond: limit.unitsPerSecond, now: since)
        }
        buckets[key]?.setRate(limit.unitsPerSecond, now: now)
    }

    /// Nil where nothing limits the table or index.
    private func limit(on use: Use, of table: Table, _ index: String?) -> Limit? {
        let parts = table.description
        let provisioned =
            index.map { parts.throughput(ofIndex: $0, in: region) }
            ?? parts.throughput(in: region)
        if let provisioned {
            return Limit(
                unitsPerSecond: use == .read
                    ? provisioned.readCapacityUnits : provisioned.writeCapacityUnits,
                isProvisioned: true,
            )
        }
        let maxima =
            index.map { parts.onDemand(ofIndex: $0, in: region) } ?? parts.onDemand(in: region)
        guard let maxima,
            let most = use == .read ? maxima.maxReadRequestUnits : maxima.maxWriteRequestUnits
        else { return nil }
        return Limit(unitsPerSecond: most, isProvisioned: false)
    }
}
