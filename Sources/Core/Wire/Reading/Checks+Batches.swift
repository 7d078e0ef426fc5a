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
        for operation: OperationName,
    ) throws(ServiceError) -> [BatchEntry] {
        let location = fields.location("RequestItems")
        guard let members = try fields.map("RequestItems", of: type) else {
            violateNotNull(location)
            return []
        }
        if members.isEmpty { refuseEmpty(operation) }
        var entries: [BatchEntry] = []
        var places: [String: Int] = [:]
        for member in members {
            let name = TableName.name(in: member.name)
            if !TableName.isValid(name) {
                try refuseMapKey(name, member.value, among: members, at: location, operation)
            }
            let entry = BatchEntry(
                tableName: member.name,
                value: member.value,
                location: "\(location).\(member.name).member",
            )
            guard let place = places[name] else {
                places[name] = entries.count
                entries.append(entry)
                continue
            }
            // Of two ways to call a table the last is read; no write is lost so.
            entries[place] = entry
            if operation == .batchWriteItem {
                note(.invalidParameters("Table \(name) is named more than once in RequestItems"))
            }
        }
        return entries
    }

    /// Of an empty batch the service's newer operations tell in other words than its older ones.
    private mutating func refuseEmpty(_ operation: OperationName) {
        guard operation == .batchWriteItem else {
            let constraint = "Member must have length greater than or equal to 1"
            return violateNewly("RequestItems", constraint)
        }
        note(.validation("The requestItems parameter is required for BatchWriteItem"))
    }

    /// Reads and writes show the request each in a way of their own, and writes last of all.
    private mutating func refuseMapKey(
        _ name: String,
        _ value: JSONValue,
        among members: [JSONValue.Member],
        at location: String,
        _ operation: OperationName,
    ) throws(ServiceError) {
        let range = TableName.lengthRange
        let constraint =
            "Map keys must satisfy constraint: "
            + "[Member must have length less than or equal to \(range.upperBound), "
            + "Member must have length greater than or equal to \(range.lowerBound), "
            + "Member must satisfy regular expression pattern: \(TableName.pattern)]"
        guard operation == .batchWriteItem else {
            violate(location, value: BatchEcho.json(members), constraint)
            return
        }
        let writes = BatchEcho.writes(try Fields.list(value), of: name)
        try afterConstraints { later throws(ServiceError) in
            later.violate(location, value: writes, constraint)
        }
    }
}
