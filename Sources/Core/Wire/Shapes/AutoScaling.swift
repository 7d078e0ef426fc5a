import JSON

/// How a capacity should follow its use; kept and shown, and acted on by nobody.
///
/// In a request an absent part stays as it is.
package struct AutoScalingSettings: Equatable, Sendable {
    /// A policy that keeps the use of a capacity at a part of it.
    package struct Policy: Equatable, Sendable {
        package var name: String?
        /// In percent, 20…90, with the digits of the request.
        package var target: String
        package var isScaleInDisabled: Bool?
        package var scaleInCooldownSeconds: Int64?
        package var scaleOutCooldownSeconds: Int64?

        package init(target: String) {
            self.target = target
        }
    }

    /// At least 1.
    package var minimumUnits: Int64?
    /// At least `minimumUnits`.
    package var maximumUnits: Int64?
    package var isDisabled: Bool?
    package var roleARN: String?
    package var policy: Policy?

    package init() {}

    /// What there is after a request that names `self` over what there was before.
    package func applied(
        over before: AutoScalingSettings?
    ) throws(ServiceError) -> AutoScalingSettings {
        var result = before ?? AutoScalingSettings()
        result.minimumUnits = minimumUnits ?? result.minimumUnits
        result.maximumUnits = maximumUnits ?? result.maximumUnits
        result.isDisabled = isDisabled ?? result.isDisabled ?? false
        result.roleARN = roleARN ?? result.roleARN
        result.policy = policy ?? result.policy
        if result.isDisabled == true { return result }
        guard let minimum = result.minimumUnits, let maximum = result.maximumUnits else {
            throw .invalidParameters(
                "MinimumUnits and MaximumUnits must both be specified for auto scaling"
            )
        }
        guard minimum <= maximum else {
            throw .invalidParameters(
                "MinimumUnits must not be greater than MaximumUnits: \(minimum), \(maximum)"
            )
        }
        return result
    }
}

/// Which capacity some auto scaling is of.
package enum ScalingTarget: Hashable, Sendable {
    case write
    case read(region: String)
    case indexWrite(index: String)
    case indexRead(region: String, index: String)

    /// The target's name where settings are stored; regions and indexes have no `#` in their names.
    package var text: String {
        switch self {
        case .write: "write"
        case .read(let region): "read#\(region)"
        case .indexWrite(let index): "index#\(index)"
        case .indexRead(let region, let index): "index#\(region)#\(index)"
        }
    }
}

/// A request's settings for one capacity.
package struct ScalingUpdate: Equatable, Sendable {
    package var target: ScalingTarget
    package var settings: AutoScalingSettings

    package init(_ target: ScalingTarget, _ settings: AutoScalingSettings) {
        self.target = target
        self.settings = settings
    }
}

extension AutoScalingSettings {
    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("MinimumUnits", minimumUnits)
        writer.member("MaximumUnits", maximumUnits)
        writer.member("AutoScalingDisabled", isDisabled ?? true)
        writer.member("AutoScalingRoleArn", roleARN)
        if let policy {
            writer.name("ScalingPolicies")
            writer.beginArray()
            policy.write(to: &writer)
            writer.endArray()
        }
        writer.endObject()
    }
}

extension AutoScalingSettings.Policy {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("PolicyName", name)
        writer.name("TargetTrackingScalingPolicyConfiguration")
        writer.beginObject()
        if let isScaleInDisabled { writer.member("DisableScaleIn", isScaleInDisabled) }
        writer.member("ScaleInCooldown", scaleInCooldownSeconds)
        writer.member("ScaleOutCooldown", scaleOutCooldownSeconds)
        writer.name("TargetValue")
        writer.number(text: target)
        writer.endObject()
        writer.endObject()
    }
}
