import JSON

/// The most a PAY_PER_REQUEST table may use each second.
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

    /// How a request says, and an answer shows, that there is no maximum.
    package static let unlimited: Int64 = -1

    /// What a table has after a request over what it had before.
    package func applied(over before: OnDemandThroughput?) -> OnDemandThroughput {
        func merged(_ new: Int64?, _ old: Int64?) -> Int64? {
            let value = new ?? old
            return value == Self.unlimited ? nil : value
        }
        return OnDemandThroughput(
            maxReadRequestUnits: merged(maxReadRequestUnits, before?.maxReadRequestUnits),
            maxWriteRequestUnits: merged(maxWriteRequestUnits, before?.maxWriteRequestUnits),
        )
    }
}

/// What a table can take at once without warming up, each second.
package struct WarmThroughput: Equatable, Sendable {
    package var readUnitsPerSecond: Int64?
    package var writeUnitsPerSecond: Int64?

    package init(readUnitsPerSecond: Int64? = nil, writeUnitsPerSecond: Int64? = nil) {
        self.readUnitsPerSecond = readUnitsPerSecond
        self.writeUnitsPerSecond = writeUnitsPerSecond
    }

    /// What every table has, and cannot go below.
    package static let baseline = WarmThroughput(
        readUnitsPerSecond: 12_000,
        writeUnitsPerSecond: 4_000,
    )

    /// The throughput of a table that was given `self` and has `provisioned` capacity: at least the
    /// baseline, and at least what is provisioned.
    package static func effective(
        _ given: WarmThroughput?,
        provisioned: ProvisionedThroughput?,
    ) -> WarmThroughput {
        WarmThroughput(
            readUnitsPerSecond: max(
                given?.readUnitsPerSecond ?? 0,
                provisioned?.readCapacityUnits ?? 0,
                baseline.readUnitsPerSecond ?? 0,
            ),
            writeUnitsPerSecond: max(
                given?.writeUnitsPerSecond ?? 0,
                provisioned?.writeCapacityUnits ?? 0,
                baseline.writeUnitsPerSecond ?? 0,
            ),
        )
    }

    /// Refuses less than there is: warm throughput only grows.
    package func check(over current: WarmThroughput) throws(ServiceError) {
        if let read = readUnitsPerSecond, read < current.readUnitsPerSecond ?? 0 {
            throw .warmThroughputLower("ReadUnitsPerSecond")
        }
        if let write = writeUnitsPerSecond, write < current.writeUnitsPerSecond ?? 0 {
            throw .warmThroughputLower("WriteUnitsPerSecond")
        }
    }
}

extension OnDemandThroughput {
    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("MaxReadRequestUnits", maxReadRequestUnits ?? Self.unlimited)
        writer.member("MaxWriteRequestUnits", maxWriteRequestUnits ?? Self.unlimited)
        writer.endObject()
    }
}

extension WarmThroughput {
    /// Warming takes no time here, so it is always done.
    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("ReadUnitsPerSecond", readUnitsPerSecond)
        writer.member("WriteUnitsPerSecond", writeUnitsPerSecond)
        writer.member("Status", TableStatus.active.rawValue)
        writer.endObject()
    }
}

extension ServiceError {
    static func warmThroughputLower(_ unit: String) -> ServiceError {
        invalidParameters(
            "Requested \(unit) for WarmThroughput for table is lower than current WarmThroughput, "
                + "decreasing WarmThroughput is not supported"
        )
    }
}
