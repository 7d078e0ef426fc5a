import Changes
package import Wire

/// What the tables of a region may still read and write now.
///
/// A table's budget is one for all its keys: a single busy key may use all of it. Local indexes use
/// their table's. A value; the one who holds it says what time it is.
package struct CapacityBudgets: Sendable {
    package enum Use: Hashable, Sendable {
        case read
        case write
    }

    private struct Key: Hashable {
        let table: TableID
        let use: Use
    }

    /// What limits a table.
    private struct Limit {
        let unitsPerSecond: Int64
        let isProvisioned: Bool
    }

    /// Budgets that are held before those of tables long gone are thrown away.
    private static let bucketsMax = 4 * TableLimits.tablesMax

    private let region: String
    /// Capacity is saved up from here on at the earliest: when the region was started.
    private let startMilliseconds: UInt64
    private var buckets: [Key: TokenBucket] = [:]

    package init(region: String, startMilliseconds: UInt64) {
        self.region = region
        self.startMilliseconds = startMilliseconds
    }

    /// Refuses a request of a table that has nothing left; nothing is taken yet.
    package mutating func check(
        _ use: Use,
        of table: Table,
        now: UInt64,
    ) throws(ServiceError) {
        guard let limit = limit(on: use, of: table) else { return }
        let key = Key(table: table.id, use: use)
        prepare(key, limit, of: table, now: now)
        guard buckets[key]?.hasCapacity(now: now) == false else { return }
        throw .throttled(
            use == .read ? .read : .write,
            isProvisioned: limit.isProvisioned,
            resource: TableARN.text(region: region, tableName: table.name),
        )
    }

    /// Takes what a request used.
    package mutating func charge(
        _ use: Use,
        _ units: CapacityUnits,
        of table: Table,
        now: UInt64,
    ) {
        guard let limit = limit(on: use, of: table) else { return }
        let key = Key(table: table.id, use: use)
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

    /// Nil where nothing limits the table.
    private func limit(on use: Use, of table: Table) -> Limit? {
        let description = table.description
        if let throughput = description.throughput(in: region) {
            return Limit(
                unitsPerSecond: use == .read
                    ? throughput.readCapacityUnits : throughput.writeCapacityUnits,
                isProvisioned: true,
            )
        }
        guard let maxima = description.onDemand(in: region),
            let most = use == .read ? maxima.maxReadRequestUnits : maxima.maxWriteRequestUnits
        else { return nil }
        return Limit(unitsPerSecond: most, isProvisioned: false)
    }
}
