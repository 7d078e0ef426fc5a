/// What a setting of capacity is made for, as errors name it.
package enum CapacityTarget: Equatable, Sendable {
    case table
    /// A global index.
    case index(String)
}

extension OnDemandThroughput {
    /// Checks the maxima of a new table or index; `mode` is the table's billing mode.
    package func check(ofNew target: CapacityTarget, mode: BillingMode) throws(ServiceError) {
        guard !isEmpty else { return }
        guard mode == .payPerRequest else {
            throw .invalidParameters(
                "\(firstName) for OnDemandThroughput\(target.afterCreated) cannot be specified when "
                    + "table BillingMode is PROVISIONED."
            )
        }
        try checkRange(target) { $0 >= 1 }
    }

    /// Checks the maxima that an update gives, which may take one away; `mode` is the billing mode
    /// of the table after it.
    package func check(
        ofChanged target: CapacityTarget,
        mode: BillingMode?,
    ) throws(ServiceError) {
        guard mode != .provisioned else {
            throw .invalidParameters(
                "\(firstName) for OnDemandThroughput\(target.afterMaximum) cannot be specified when "
                    + "the table BillingMode is PROVISIONED"
            )
        }
        guard !isEmpty else {
            throw .invalidParameters(
                "At least one of MaxReadRequestUnits and MaxWriteRequestUnits must be specified "
                    + "in OnDemandThroughput"
            )
        }
        try checkRange(target) { $0 >= 1 || $0 == Self.unlimited }
    }

    /// The part that errors name: the first that is given.
    private var firstName: String { parts.first { $0.units != nil }?.name ?? Self.readName }

    private static let readName = "MaxReadRequestUnits"

    private var parts: [(name: String, units: Int64?)] {
        [(Self.readName, maxReadRequestUnits), ("MaxWriteRequestUnits", maxWriteRequestUnits)]
    }

    private func checkRange(
        _ target: CapacityTarget,
        _ isValid: (Int64) -> Bool,
    ) throws(ServiceError) {
        for (name, units) in parts {
            guard let units, !isValid(units) else { continue }
            throw .invalidParameters(
                "Requested \(name) for OnDemandThroughput\(target.ofMaximum) is outside of valid "
                    + "range"
            )
        }
    }
}

extension WarmThroughput {
    /// Refuses less than a new table or index begins with.
    package func check(
        ofNew target: CapacityTarget,
        provisioned: ProvisionedThroughput?,
    ) throws(ServiceError) {
        let least = provisioned.map { WarmThroughput($0) } ?? .baseline
        guard let part = firstBelow(least) else { return }
        let reason =
            provisioned == nil
            ? "initial throughput for OnDemand. See: \(Self.initialThroughputPage)"
            : "\(part.capacity) of ProvisionedThroughput"
        throw .warmThroughputLower(part.name, target, than: reason)
    }

    /// Refuses less than there is: warm throughput only grows.
    package func check(
        ofChanged target: CapacityTarget,
        over current: WarmThroughput,
    ) throws(ServiceError) {
        guard let part = firstBelow(current) else { return }
        throw .warmThroughputLower(
            part.name,
            target,
            than: "current WarmThroughput, decreasing WarmThroughput is not supported",
        )
    }

    /// Refuses a change of nothing.
    func checkNotEmpty() throws(ServiceError) {
        guard isEmpty else { return }
        throw .invalidParameters(
            "At least one of ReadUnitsPerSecond and WriteUnitsPerSecond must be specified in "
                + "WarmThroughput"
        )
    }

    private func firstBelow(_ least: WarmThroughput) -> (name: String, capacity: String)? {
        if let read = readUnitsPerSecond, read < least.readUnitsPerSecond ?? 0 {
            return ("ReadUnitsPerSecond", "ReadCapacityUnits")
        }
        if let write = writeUnitsPerSecond, write < least.writeUnitsPerSecond ?? 0 {
            return ("WriteUnitsPerSecond", "WriteCapacityUnits")
        }
        return nil
    }

    private static let initialThroughputPage =
        "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"
        + "on-demand-capacity-mode.html#on-demand-capacity-mode-initial"
}

/// The service writes the name of an index in several ways.
extension CapacityTarget {
    fileprivate var ofMaximum: String {
        switch self {
        case .table: " for table"
        case .index(let name): " for index : \(name)"
        }
    }

    fileprivate var afterMaximum: String {
        switch self {
        case .table: ""
        case .index(let name): " for index : \(name)"
        }
    }

    fileprivate var afterCreated: String {
        switch self {
        case .table: ""
        case .index(let name): " for index: \(name)"
        }
    }

    fileprivate var ofWarmth: String {
        switch self {
        case .table: " for table"
        case .index(let name): " for index \(name)"
        }
    }
}

extension ServiceError {
    fileprivate static func warmThroughputLower(
        _ unit: String,
        _ target: CapacityTarget,
        than reason: String,
    ) -> ServiceError {
        invalidParameters(
            "Requested \(unit) for WarmThroughput\(target.ofWarmth) is lower than \(reason)"
        )
    }
}
