import JSON

/// The settings that `CreateTable` and `UpdateTable` take alike, beside schema and capacity.
package struct TableSettings: Equatable, Sendable {
    package var isDeletionProtected: Bool?
    package var tableClass: TableClass?
    package var encryption: EncryptionSpecification?
    package var onDemand: OnDemandThroughput?
    package var warm: WarmThroughput?
    /// ENABLED_WITH_OVERRIDES if present, which is how settings replicate.
    package var replicationMode: SettingsReplicationMode?

    package init() {}

    package var isEmpty: Bool { self == TableSettings() }
}

package enum SettingsReplicationMode: String, Choice {
    case enabled = "ENABLED"
    case disabled = "DISABLED"
    case enabledWithOverrides = "ENABLED_WITH_OVERRIDES"
}

package enum EncryptionType: String, Choice {
    case aes256 = "AES256"
    case kms = "KMS"
}

extension Checks {
    /// All the settings; what only makes sense together is checked by `TableSettings.check`.
    mutating func tableSettings(_ fields: Fields) throws(ServiceError) -> TableSettings {
        var settings = TableSettings()
        settings.tableClass = try tableClass(fields, "TableClass")
        settings.isDeletionProtected = try fields.bool("DeletionProtectionEnabled")
        settings.encryption = try encryption(fields)
        settings.onDemand = try onDemandThroughput(fields)
        settings.warm = try warmThroughput(fields)
        settings.replicationMode = try choice(fields, "GlobalTableSettingsReplicationMode")
        return settings
    }

    /// A class that is none has an error of its own, not a constraint's.
    mutating func tableClass(
        _ fields: Fields,
        _ name: String,
    ) throws(ServiceError) -> TableClass? {
        guard let text = try fields.string(name) else { return nil }
        if let choice = TableClass(rawValue: text) { return choice }
        let set = TableClass.allCases.map(\.rawValue).joined(separator: ", ")
        note(
            .validation(
                "Invalid table-class parameter provided. Please try again with a valid table-class "
                    + "value: [\(set)]."
            )
        )
        return nil
    }

    private mutating func encryption(
        _ fields: Fields
    ) throws(ServiceError) -> EncryptionSpecification? {
        guard let part = try fields.structure("SSESpecification") else { return nil }
        let type: EncryptionType? = try choice(part, "SSEType")
        let keyId = try part.string("KMSMasterKeyId")
        if keyId?.isEmpty == true {
            checkLength(0, part.location("KMSMasterKeyId"), value: "", 1...Int.max)
        }
        let isEnabled = try part.bool("Enabled") ?? (type != nil)
        if let fault = Self.encryptionFault(isEnabled, type, keyId) {
            note(.invalidParameters(fault))
        }
        return EncryptionSpecification(isEnabled: isEnabled, keyId: keyId)
    }

    private static func encryptionFault(
        _ isEnabled: Bool,
        _ type: EncryptionType?,
        _ keyId: String?,
    ) -> String? {
        switch (isEnabled, type, keyId) {
        case (false, .some, _): "SSEType can not be specified if Enabled is false"
        case (false, nil, .some): "KMSMasterKeyId can not be specified if Enabled is false"
        case (true, .aes256, _): "SSEType AES256 is not supported"
        case (true, nil, .some): "SSEType KMS is required if KMSMasterKeyId is specified"
        default: nil
        }
    }

    mutating func onDemandThroughput(
        _ fields: Fields
    ) throws(ServiceError) -> OnDemandThroughput? {
        guard let part = try fields.structure("OnDemandThroughput") else { return nil }
        return OnDemandThroughput(
            maxReadRequestUnits: try part.long("MaxReadRequestUnits").map(Int64.init),
            maxWriteRequestUnits: try part.long("MaxWriteRequestUnits").map(Int64.init),
        )
    }

    /// A maximum for PAY_PER_REQUEST: at least 1, or -1 for none.
    mutating func maximumUnits(_ part: Fields, _ name: String) throws(ServiceError) -> Int64? {
        guard let value = try part.long(name) else { return nil }
        if value < 1, value != OnDemandThroughput.unlimited {
            note(
                .invalidParameters(
                    "\(name) must be greater than or equal to 1, or -1 for no maximum: \(value)"
                )
            )
        }
        return Int64(value)
    }

    mutating func warmThroughput(_ fields: Fields) throws(ServiceError) -> WarmThroughput? {
        guard let part = try fields.structure("WarmThroughput") else { return nil }
        return WarmThroughput(
            readUnitsPerSecond: try part.long("ReadUnitsPerSecond").map(Int64.init),
            writeUnitsPerSecond: try part.long("WriteUnitsPerSecond").map(Int64.init),
        )
    }
}

extension TableSettings {
    /// Checks the settings of a new table.
    func check(ofNew mode: BillingMode, _ throughput: ProvisionedThroughput?) throws(ServiceError) {
        try onDemand?.check(ofNew: .table, mode: mode)
        try checkReplicationMode()
        try warm?.check(ofNew: .table, provisioned: throughput)
    }

    /// Checks what an update says by itself: `mode` is the billing mode that it names or leaves.
    func check(ofChanged mode: BillingMode?) throws(ServiceError) {
        try onDemand?.check(ofChanged: .table, mode: mode)
        try checkReplicationMode()
        try warm?.checkNotEmpty()
    }

    private func checkReplicationMode() throws(ServiceError) {
        guard replicationMode == nil || replicationMode == .enabledWithOverrides else {
            throw Unsupported.notSupported(
                "GlobalTableSettingsReplicationMode other than ENABLED_WITH_OVERRIDES"
            )
        }
    }
}
