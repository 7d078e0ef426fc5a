import Items
package import Wire

/// The part of a description that says how capacities should follow their use.
extension TableParts {
    package func scaling(_ target: ScalingTarget) -> AutoScalingSettings? {
        scalings[target.text]
    }

    /// Takes over what a request says, whose regions and indexes are the table's.
    mutating func scale(_ updates: [ScalingUpdate]) throws(ServiceError) {
        for update in updates {
            let before = scaling(update.target)
            scalings[update.target.text] = try update.settings.applied(over: before)
        }
    }

    /// Nil where nothing scales.
    var scalingItem: Item? {
        guard !scalings.isEmpty else { return nil }
        return Item([
            .init(
                "targets",
                .map(Item(scalings.map { .init(Text($0.key), .map($0.value.item)) })),
            )
        ])
    }

    static func scalings(_ item: Item) -> [String: AutoScalingSettings] {
        guard case .map(let targets) = item["targets"] else { return [:] }
        var scalings: [String: AutoScalingSettings] = [:]
        for target in targets.attributes {
            guard case .map(let settings) = target.value else { continue }
            scalings[target.name.string] = AutoScalingSettings(settings)
        }
        return scalings
    }
}

extension AutoScalingSettings {
    fileprivate var item: Item {
        var item = Item()
        if let minimumUnits { item["min"] = .units(minimumUnits) }
        if let maximumUnits { item["max"] = .units(maximumUnits) }
        if let isDisabled { item["disabled"] = .bool(isDisabled) }
        if let roleARN { item["role"] = .string(Text(roleARN)) }
        if let policy {
            item["target"] = .string(Text(policy.target))
            if let name = policy.name { item["policy"] = .string(Text(name)) }
            if let isDisabled = policy.isScaleInDisabled { item["noScaleIn"] = .bool(isDisabled) }
            if let seconds = policy.scaleInCooldownSeconds { item["in"] = .units(seconds) }
            if let seconds = policy.scaleOutCooldownSeconds { item["out"] = .units(seconds) }
        }
        return item
    }

    fileprivate init(_ item: Item) {
        self.init()
        minimumUnits = item.integer("min")
        maximumUnits = item.integer("max")
        isDisabled = item.flag("disabled")
        roleARN = item.text("role")
        guard let target = item.text("target") else { return }
        var policy = Policy(target: target)
        policy.name = item.text("policy")
        policy.isScaleInDisabled = item.flag("noScaleIn")
        policy.scaleInCooldownSeconds = item.integer("in")
        policy.scaleOutCooldownSeconds = item.integer("out")
        self.policy = policy
    }
}

extension Item {
    fileprivate func flag(_ name: Text) -> Bool? {
        guard case .bool(let flag) = self[name] else { return nil }
        return flag
    }
}
