import JSON

/// The most a PAY_PER_REQUEST table or a global index of one may use each second.
///
/// In a request an absent part stays as it is; in a table it says that there is no maximum.
package struct OnDemandThroughput: Equatable, Sendable {
    /// At least 1; in a request also -1, which takes the maximum away.
    package var maxReadRequestUnits: Int64?
    package var maxWriteRequestUnits: Int64?

    package init(maxReadRequestUnits: Int64? = nil, maxWriteRequestUnits: Int64? = nil) {
        self.maxReadRequestUnits = maxReadRequestUnits
        self.maxWriteRequestUnits = maxWriteRequestUnits
    }

    /// How a request says that there is no maximum.
    package static let unlimited: Int64 = -1

    /// What a table has after a request over what it had before; nil for no maximum.
    package func applied(over before: OnDemandThroughput?) -> OnDemandThroughput? {
        func merged(_ new: Int64?, _ old: Int64?) -> Int64? {
            let value = new ?? old
            return value == Self.unlimited ? nil : value
        }
        let result = OnDemandThroughput(
            maxReadRequestUnits: merged(maxReadRequestUnits, before?.maxReadRequestUnits),
            maxWriteRequestUnits: merged(maxWriteRequestUnits, before?.maxWriteRequestUnits),
        )
        return result.isEmpty ? nil : result
    }

    /// What the answer to a request shows where `after` came of it: a maximum that was taken away is
    /// still named, as the request names it.
    package func answered(with after: OnDemandThroughput?) -> OnDemandThroughput {
        OnDemandThroughput(
            maxReadRequestUnits: maxReadRequestUnits ?? after?.maxReadRequestUnits,
            maxWriteRequestUnits: maxWriteRequestUnits ?? after?.maxWriteRequestUnits,
        )
    }
}

/// What a table or a global index can take at once without warming up, each second.
package struct WarmThroughput: Equatable, Sendable {
    package var readUnitsPerSecond: Int64?
    package var writeUnitsPerSecond: Int64?

    package init(readUnitsPerSecond: Int64? = nil, writeUnitsPerSecond: Int64? = nil) {
        self.readUnitsPerSecond = readUnitsPerSecond
        self.writeUnitsPerSecond = writeUnitsPerSecond
    }

    package init(_ throughput: ProvisionedThroughput) {
        readUnitsPerSecond = throughput.readCapacityUnits
        writeUnitsPerSecond = throughput.writeCapacityUnits
    }

    /// What every table that is or ever was PAY_PER_REQUEST has.
    package static let baseline = WarmThroughput(
        readUnitsPerSecond: 12_000,
        writeUnitsPerSecond: 4_000,
    )

    /// The greater of both in each part.
    package func joined(_ other: WarmThroughput?) -> WarmThroughput {
        func greater(_ left: Int64?, _ right: Int64?) -> Int64? {
            guard let left, let right else { return left ?? right }
            return max(left, right)
        }
        return WarmThroughput(
            readUnitsPerSecond: greater(readUnitsPerSecond, other?.readUnitsPerSecond),
            writeUnitsPerSecond: greater(writeUnitsPerSecond, other?.writeUnitsPerSecond),
        )
    }

    /// The throughput of what was given `given` and has `provisioned` capacity: at least that, and
    /// at least the baseline of what was PAY_PER_REQUEST once.
    package static func effective(
        _ given: WarmThroughput?,
        provisioned: ProvisionedThroughput?,
        wasPayPerRequest: Bool,
    ) -> WarmThroughput {
        let least =
            wasPayPerRequest
            ? baseline : WarmThroughput(readUnitsPerSecond: 0, writeUnitsPerSecond: 0)
        return least.joined(given).joined(provisioned.map { WarmThroughput($0) })
    }
}

extension OnDemandThroughput {
    var isEmpty: Bool { maxReadRequestUnits == nil && maxWriteRequestUnits == nil }

    /// Nothing is shown of a part that has no maximum.
    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("MaxReadRequestUnits", maxReadRequestUnits)
        writer.member("MaxWriteRequestUnits", maxWriteRequestUnits)
        writer.endObject()
    }
}

extension WarmThroughput {
    package var isEmpty: Bool { readUnitsPerSecond == nil && writeUnitsPerSecond == nil }

    /// Warming takes no time here; only the answer to the request for it says that it goes on.
    func write(to writer: inout JSONWriter, isWarming: Bool = false) {
        writer.beginObject()
        writer.member("ReadUnitsPerSecond", readUnitsPerSecond)
        writer.member("WriteUnitsPerSecond", writeUnitsPerSecond)
        let status = isWarming ? TableStatus.updating : .active
        writer.member("Status", status.rawValue)
        writer.endObject()
    }
}
