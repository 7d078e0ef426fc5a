import Items

extension Checks {
    /// `BillingMode`, or `TableThroughputMode` where that is absent: a newer name of the same.
    mutating func billingMode(_ fields: Fields) throws(ServiceError) -> BillingMode? {
        let mode: BillingMode? = try choice(fields, "BillingMode")
        let newer: BillingMode? = try choice(fields, "TableThroughputMode")
        return mode ?? newer
    }

    /// `ProvisionedThroughput`: both capacities, each at least 1.
    ///
    /// `index` is the name of the index whose capacity it is, if it is not the table's.
    mutating func throughput(
        _ fields: Fields,
        ofIndex index: String? = nil,
    ) throws(ServiceError) -> ProvisionedThroughput? {
        guard let part = try fields.structure("ProvisionedThroughput") else { return nil }
        // The service lists the write capacity first.
        let write = try capacity(part, "WriteCapacityUnits")
        let read = try capacity(part, "ReadCapacityUnits")
        // Of two that are too large it names the read capacity.
        for (name, units) in [("ReadCapacityUnits", read), ("WriteCapacityUnits", write)]
        where units > ProvisionedThroughput.unitsMax {
            let place = index.map { " for index \($0)" } ?? ""
            note(.validation("Given value \(units) for \(name) is out of bounds\(place)"))
        }
        return ProvisionedThroughput(readCapacityUnits: read, writeCapacityUnits: write)
    }

    private mutating func capacity(_ part: Fields, _ name: String) throws(ServiceError) -> Int64 {
        guard let value = try part.long(name) else {
            violateNotNull(part.location(name))
            return 1
        }
        checkRange(value, part.location(name), 1...Int.max)
        return Int64(value)
    }

    /// `StreamSpecification`, with the view that an enabled stream must have.
    mutating func stream(_ fields: Fields) throws(ServiceError) -> StreamSpecification? {
        guard let part = try fields.structure("StreamSpecification") else { return nil }
        let isEnabled = try part.bool("StreamEnabled")
        if isEnabled == nil { violateNotNull(part.location("StreamEnabled")) }
        let view: StreamViewType? = try choice(part, "StreamViewType")
        return StreamSpecification(isEnabled: isEnabled ?? false, viewType: view)
    }

    /// A name of a key attribute: 1 to 255 bytes.
    mutating func keyAttributeName(_ part: Fields) throws(ServiceError) -> Text {
        let name = try required(part, "AttributeName")
        if part["AttributeName"] != nil {
            checkLength(
                name.utf8.count,
                part.location("AttributeName"),
                value: name,
                Self.keyAttributeNameLengthRange,
            )
        }
        return Text(name)
    }

    private static let keyAttributeNameLengthRange = 1...255

    mutating func requiredChoice<Kind: Choice>(
        _ fields: Fields,
        _ name: String,
    ) throws(ServiceError) -> Kind? {
        if fields[name] == nil { violateNotNull(fields.location(name)) }
        return try choice(fields, name)
    }
}

extension ProvisionedThroughput {
    /// The largest capacity that can be asked for.
    static let unitsMax = 1_000_000_000_000
}
