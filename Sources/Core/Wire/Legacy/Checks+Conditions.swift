import Items
import JSON

/// Conditions as they stood in requests before there were expressions.
extension Checks {
    /// `KeyConditions`, `QueryFilter` or `ScanFilter`.
    mutating func conditions(
        _ fields: Fields,
        _ name: String,
    ) throws(ServiceError) -> [LegacyCondition]? {
        try entries(fields, name, of: "Condition") { entry, checks throws(ServiceError) in
            try checks.condition(entry)
        }
    }

    /// `Expected`, in the terms of the other conditions.
    mutating func expected(_ fields: Fields) throws(ServiceError) -> [LegacyCondition]? {
        try entries(fields, "Expected", of: "ExpectedAttributeValue") {
            entry,
            checks throws(ServiceError) in
            try checks.expectation(entry)
        }
    }

    /// One named entry of a map: a structure about an attribute.
    private struct Entry {
        let attribute: Text
        let fields: Fields
    }

    private mutating func entries(
        _ fields: Fields,
        _ name: String,
        of type: String,
        _ read: (Entry, inout Checks) throws(ServiceError) -> LegacyCondition?,
    ) throws(ServiceError) -> [LegacyCondition]? {
        guard let members = try fields.map(name, of: type) else { return nil }
        var conditions: [LegacyCondition] = []
        var comparisonCount = members.count
        for member in members {
            let location = "\(fields.location(name)).\(member.name).member"
            if member.value == .null {
                violateNotNull(location)
                continue
            }
            let structure = try Fields(member.value, type: type, path: location + ".")
            checkAttributeName(member.name, at: fields.location(name))
            let entry = Entry(attribute: Text(member.name), fields: structure)
            guard let condition = try read(entry, &self) else { continue }
            comparisonCount += condition.values.count
            conditions.append(condition)
        }
        if comparisonCount > LegacyCondition.comparisonsMax {
            note(
                .invalidParameters(
                    "\(name) has more than \(LegacyCondition.comparisonsMax) conditions and values"
                )
            )
        }
        return conditions
    }

    /// The name of an attribute as a key of the map at `location`.
    mutating func checkAttributeName(_ name: String, at location: String) {
        if name.isEmpty {
            note(.emptyAttributeName)
        }
        if name.utf8.count > ItemLimits.nameBytesMax {
            violateNameLength(location, value: "{...}", "Map keys must")
        }
    }

    private mutating func condition(_ entry: Entry) throws(ServiceError) -> LegacyCondition? {
        let values = try list(entry.fields)
        if entry.fields["ComparisonOperator"] == nil {
            violateNotNull(entry.fields.location("ComparisonOperator"))
        }
        let comparison: ComparisonOperator? = try choice(entry.fields, "ComparisonOperator")
        guard let comparison else { return nil }
        return checked(LegacyCondition(entry.attribute, comparison, values ?? []))
    }

    private mutating func expectation(_ entry: Entry) throws(ServiceError) -> LegacyCondition? {
        let fields = entry.fields
        let values = try list(fields)
        let value = try value(fields, "Value")
        let exists = try fields.bool("Exists")
        let hasOperator = fields["ComparisonOperator"] != nil
        let comparison: ComparisonOperator? = try choice(fields, "ComparisonOperator")
        let given = Expectation(
            attribute: entry.attribute,
            value: value,
            values: values,
            exists: exists,
            comparison: comparison,
        )
        guard comparison != nil || !hasOperator else { return nil }
        do throws(ServiceError) {
            return checked(try given.condition())
        } catch {
            note(error)
            return nil
        }
    }

    /// `AttributeValueList`; without the values that are wrong, which are then noted.
    private mutating func list(_ fields: Fields) throws(ServiceError) -> [AttributeValue]? {
        guard let elements = try fields.list("AttributeValueList") else { return nil }
        var values: [AttributeValue] = []
        values.reserveCapacity(elements.count)
        for element in elements {
            if let value = try value(element) { values.append(value) }
        }
        return values
    }

    private mutating func checked(_ condition: LegacyCondition) -> LegacyCondition {
        do throws(ServiceError) {
            try condition.check()
        } catch {
            note(error)
        }
        return condition
    }
}

/// An entry of `Expected`, which says what it wants in one of two ways.
private struct Expectation {
    let attribute: Text
    let value: AttributeValue?
    let values: [AttributeValue]?
    let exists: Bool?
    let comparison: ComparisonOperator?

    func condition() throws(ServiceError) -> LegacyCondition {
        guard value == nil || values == nil else {
            throw .invalidParameters(
                "Value and AttributeValueList cannot be used together for Attribute: \(attribute)"
            )
        }
        if let comparison { return try condition(comparison) }
        guard values == nil else {
            throw .invalidParameters(
                "AttributeValueList can only be used with a ComparisonOperator for Attribute: "
                    + "\(attribute)"
            )
        }
        switch (exists, value) {
        case (false, nil): return LegacyCondition(attribute, .null)
        case (false, _?):
            throw .invalidParameters(
                "Value cannot be used when Exists is false for Attribute: \(attribute)"
            )
        case (_, let value?): return LegacyCondition(attribute, .equal, [value])
        case (_, nil):
            throw .invalidParameters(
                "Value must be provided when Exists is \(exists == nil ? "null" : "true") "
                    + "for Attribute: \(attribute)"
            )
        }
    }

    private func condition(
        _ comparison: ComparisonOperator
    ) throws(ServiceError) -> LegacyCondition {
        guard exists == nil else {
            throw .invalidParameters(
                "Exists and ComparisonOperator cannot be used together for Attribute: "
                    + "\(attribute)"
            )
        }
        guard value != nil || values != nil || comparison.argumentCounts.contains(0) else {
            throw .invalidParameters(
                "Value or AttributeValueList must be used with ComparisonOperator: "
                    + "\(comparison.rawValue) for Attribute: \(attribute)"
            )
        }
        return LegacyCondition(attribute, comparison, values ?? (value.map { [$0] } ?? []))
    }
}
