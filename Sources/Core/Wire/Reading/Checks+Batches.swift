import JSON

/// One table's part of a batch: its name and what is asked of it.
struct BatchEntry {
    let tableName: String
    let value: JSONValue
    /// Where the part stands, as messages show it: `requestItems.NAME.member`.
    let location: String
}

extension Checks {
    /// `RequestItems`: at least one table, each named once; `type` is the shape of each part.
    mutating func requestItems(
        _ fields: Fields,
        of type: String,
    ) throws(ServiceError) -> [BatchEntry] {
        let location = fields.location("RequestItems")
        guard let members = try fields.map("RequestItems", of: type) else {
            violateNotNull(location)
            return []
        }
        if members.isEmpty { checkLength(0, location, value: "{}", 1...Int.max) }
        var entries: [BatchEntry] = []
        var names: Set<String> = []
        for member in members {
            let name = TableName.name(in: member.name)
            checkMapKey(name, location)
            guard names.insert(name).inserted else {
                note(.invalidParameters("Table \(name) is named more than once in RequestItems"))
                continue
            }
            entries.append(
                BatchEntry(
                    tableName: name,
                    value: member.value,
                    location: "\(location).\(member.name).member",
                )
            )
        }
        return entries
    }

    private mutating func checkMapKey(_ name: String, _ location: String) {
        guard !TableName.isValid(name) else { return }
        let range = TableName.lengthRange
        violate(
            location,
            value: "{\(name)=...}",
            "Map keys must satisfy constraint: "
                + "[Member must have length less than or equal to \(range.upperBound), "
                + "Member must have length greater than or equal to \(range.lowerBound), "
                + "Member must satisfy regular expression pattern: \(TableName.pattern)]",
        )
    }
}
