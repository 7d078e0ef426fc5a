import JSON

extension Checks {
    private static let policyNameLengthRange = 1...256
    private static let roleLengthRange = 1...1600
    private static let targetRange = 20.0...90.0

    /// Settings under any name, as a list of none or one update of `target`.
    mutating func scaling(
        _ fields: Fields,
        _ name: String,
        of target: ScalingTarget,
    ) throws(ServiceError) -> [ScalingUpdate] {
        guard let part = try fields.structure(name) else { return [] }
        var settings = AutoScalingSettings()
        settings.minimumUnits = try positiveUnits(part, "MinimumUnits")
        settings.maximumUnits = try positiveUnits(part, "MaximumUnits")
        settings.isDisabled = try part.bool("AutoScalingDisabled")
        settings.roleARN = try part.string("AutoScalingRoleArn")
        if let role = settings.roleARN {
            checkLength(
                role.unicodeScalars.count,
                part.location("AutoScalingRoleArn"),
                value: role,
                Self.roleLengthRange,
            )
        }
        settings.policy = try scalingPolicy(part)
        return [ScalingUpdate(target, settings)]
    }

    /// A capacity of at least 1.
    mutating func positiveUnits(_ part: Fields, _ name: String) throws(ServiceError) -> Int64? {
        guard let units = try part.long(name) else { return nil }
        checkRange(units, part.location(name), 1...Int.max)
        return Int64(units)
    }

    private mutating func scalingPolicy(
        _ fields: Fields
    ) throws(ServiceError) -> AutoScalingSettings.Policy? {
        guard let part = try fields.structure("ScalingPolicyUpdate") else { return nil }
        let name = try part.string("PolicyName")
        if let name {
            checkLength(
                name.unicodeScalars.count,
                part.location("PolicyName"),
                value: name,
                Self.policyNameLengthRange,
            )
        }
        let configurationName = "TargetTrackingScalingPolicyConfiguration"
        guard let configuration = try part.structure(configurationName) else {
            violateNotNull(part.location(configurationName))
            return nil
        }
        var policy = AutoScalingSettings.Policy(target: try scalingTarget(configuration))
        policy.name = name
        policy.isScaleInDisabled = try configuration.bool("DisableScaleIn")
        policy.scaleInCooldownSeconds =
            try configuration.integer("ScaleInCooldown").map(Int64.init)
        policy.scaleOutCooldownSeconds =
            try configuration.integer("ScaleOutCooldown").map(Int64.init)
        return policy
    }

    private mutating func scalingTarget(_ part: Fields) throws(ServiceError) -> String {
        guard let text = try part.double("TargetValue") else {
            violateNotNull(part.location("TargetValue"))
            return ""
        }
        if !Self.targetRange.contains(Double(text) ?? .infinity) {
            note(
                .invalidParameters(
                    "TargetValue must be between \(Int(Self.targetRange.lowerBound)) and "
                        + "\(Int(Self.targetRange.upperBound)): \(text)"
                )
            )
        }
        return text
    }
}

extension Fields {
    /// A number of any kind, with the digits of the request.
    func double(_ name: String) throws(ServiceError) -> String? {
        switch self[name] {
        case nil: nil
        case .number(let text): text
        case .string: throw .serialization("STRING_VALUE cannot be converted to Double")
        case .some(.bool(let value)):
            throw .serialization(
                "\(value ? "TRUE_VALUE" : "FALSE_VALUE") cannot be converted to Double"
            )
        default: throw .serialization("Unexpected field type")
        }
    }
}
