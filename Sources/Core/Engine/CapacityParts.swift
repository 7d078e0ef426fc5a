import Items
package import Wire

/// The parts of a description that say how much a table may take, and how it is encrypted.
extension TableParts {
    /// What is set beside the provisioned capacity; shared by all replicas.
    package struct Capacity: Equatable, Sendable {
        /// Nil unless a request set a maximum.
        package var onDemand: OnDemandThroughput?
        /// As requests gave it; what the table has is at least the baseline.
        package var warm: WarmThroughput?

        package init() {}
    }

    /// When provisioned capacity last went up and down.
    package struct CapacityChanges: Equatable, Sendable {
        package var increasedMilliseconds: Int64?
        package var decreasedMilliseconds: Int64?
        /// How often it went down on the UTC day of `decreasedMilliseconds`.
        package var decreases: Int64 = 0

        package init() {}

        private static let dayMilliseconds: Int64 = 86_400_000

        package func decreasesToday(now: Int64) -> Int64 {
            guard let last = decreasedMilliseconds,
                last / Self.dayMilliseconds == now / Self.dayMilliseconds
            else { return 0 }
            return decreases
        }

        /// Capacity may go down so often on a UTC day, and further once in `waitMilliseconds`.
        private static let freeDecreasesMax = 4
        private static let waitMilliseconds: Int64 = 3_600_000

        /// Refuses to go down once more when it has gone down often today, and lately.
        func check(
            from old: ProvisionedThroughput,
            to new: ProvisionedThroughput,
            now: Int64,
        ) throws(ServiceError) {
            let count = decreasesToday(now: now)
            guard Self.isDecrease(from: old, to: new), count >= Self.freeDecreasesMax,
                let last = decreasedMilliseconds, now - last < Self.waitMilliseconds
            else { return }
            throw .decreasesExceeded(
                count: count,
                last: UTCTime(milliseconds: last).spokenText,
                next: UTCTime(milliseconds: last + Self.waitMilliseconds).spokenText,
            )
        }

        private static func isDecrease(
            from old: ProvisionedThroughput,
            to new: ProvisionedThroughput,
        ) -> Bool {
            new.readCapacityUnits < old.readCapacityUnits
                || new.writeCapacityUnits < old.writeCapacityUnits
        }

        /// Notes a change from one capacity to another; one may go up as the other goes down.
        package mutating func note(
            from old: ProvisionedThroughput,
            to new: ProvisionedThroughput,
            now: Int64,
        ) {
            if new.readCapacityUnits > old.readCapacityUnits
                || new.writeCapacityUnits > old.writeCapacityUnits
            {
                increasedMilliseconds = now
            }
            if Self.isDecrease(from: old, to: new) {
                decreases = decreasesToday(now: now) + 1
                decreasedMilliseconds = now
            }
        }
    }
}

extension TableParts.Capacity {
    /// Nil where nothing is set.
    var item: Item? {
        guard self != TableParts.Capacity() else { return nil }
        var item = Item()
        item["onDemand"] = onDemand?.value
        item["warm"] = warm?.value
        return item
    }

    init(_ item: Item) {
        onDemand = OnDemandThroughput(value: item["onDemand"])
        warm = WarmThroughput(value: item["warm"])
    }
}

extension OnDemandThroughput {
    var value: AttributeValue {
        .list([.units(maxReadRequestUnits), .units(maxWriteRequestUnits)])
    }

    init?(value: AttributeValue?) {
        guard case .list(let pair) = value, pair.count == 2 else { return nil }
        self.init(maxReadRequestUnits: pair[0].units, maxWriteRequestUnits: pair[1].units)
    }
}

extension WarmThroughput {
    var value: AttributeValue {
        .list([.units(readUnitsPerSecond), .units(writeUnitsPerSecond)])
    }

    init?(value: AttributeValue?) {
        guard case .list(let pair) = value, pair.count == 2 else { return nil }
        self.init(readUnitsPerSecond: pair[0].units, writeUnitsPerSecond: pair[1].units)
    }
}

extension TableParts.CapacityChanges {
    func add(to item: inout Item) {
        if let increasedMilliseconds { item["increased"] = .units(increasedMilliseconds) }
        if let decreasedMilliseconds {
            item["decreased"] = .units(decreasedMilliseconds)
            item["decreases"] = .units(decreases)
        }
    }

    init(_ item: Item) {
        increasedMilliseconds = item.integer("increased")
        decreasedMilliseconds = item.integer("decreased")
        decreases = item.integer("decreases") ?? 0
    }
}

extension ReplicaOverrides {
    /// Nil where the replica is like the others.
    var item: Item? {
        guard !isEmpty else { return nil }
        var item = Item()
        if let readCapacityUnits { item["read"] = .units(readCapacityUnits) }
        if let maxReadRequestUnits { item["maxRead"] = .units(maxReadRequestUnits) }
        if let tableClass { item["class"] = .string(Text(tableClass.rawValue)) }
        if let keyId { item["key"] = .string(Text(keyId)) }
        if !indexes.isEmpty {
            item["indexes"] = .list(
                indexes.map { index in
                    .list([
                        .string(Text(index.name)), .units(index.readCapacityUnits),
                        .units(index.maxReadRequestUnits),
                    ])
                }
            )
        }
        return item
    }

    init(_ item: Item) {
        self.init(
            readCapacityUnits: item.integer("read"),
            maxReadRequestUnits: item.integer("maxRead"),
            tableClass: item.text("class").flatMap(TableClass.init(rawValue:)),
            keyId: item.text("key"),
        )
        guard case .list(let stored) = item["indexes"] else { return }
        indexes = stored.compactMap { value in
            guard case .list(let parts) = value, parts.count == 3,
                case .string(let name) = parts[0]
            else { return nil }
            return Index(
                name: name.string,
                readCapacityUnits: parts[1].units,
                maxReadRequestUnits: parts[2].units,
            )
        }
    }
}

extension AttributeValue {
    static func units(_ units: Int64?) -> AttributeValue {
        units.map { .number(DecimalNumber(Int($0))) } ?? .null
    }

    var units: Int64? {
        guard case .number(let number) = self else { return nil }
        return number.intValue.map(Int64.init)
    }
}

/// The members of a part's item; nil for one that is absent or of another type.
extension Item {
    func text(_ name: Text) -> String? {
        guard case .string(let text) = self[name] else { return nil }
        return text.string
    }

    func integer(_ name: Text) -> Int64? {
        self[name]?.units
    }
}
