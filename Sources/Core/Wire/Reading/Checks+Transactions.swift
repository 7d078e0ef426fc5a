import JSON

/// The bounds of a transaction, of reads or of writes.
package enum TransactionLimits {
    package static let actionsMax = 100
    /// The items that a transaction reads, together.
    package static let itemsBytesMax = 4 << 20
    /// What a transaction says: its items, keys and expression values together.
    ///
    /// The items it changes may be larger, each up to `ItemLimits.itemBytesMax`.
    package static let payloadBytesMax = 4 << 20
    static let tokenLengthRange = 1...36
}

extension Checks {
    mutating func clientRequestToken(_ fields: Fields) throws(ServiceError) -> String? {
        guard let token = try fields.string("ClientRequestToken") else { return nil }
        checkLength(
            token.utf16.count,
            fields.location("ClientRequestToken"),
            value: token,
            TransactionLimits.tokenLengthRange,
        )
        return token
    }

    /// `TransactItems`: 1 to 100 structures of `type`.
    mutating func transactItems(
        _ fields: Fields,
        of type: String,
    ) throws(ServiceError) -> [Fields] {
        let location = fields.location("TransactItems")
        guard let elements = try fields.list("TransactItems") else {
            violateNotNull(location)
            return []
        }
        checkLength(
            elements.count,
            location,
            value: elements.isEmpty ? "[]" : "[...]",
            1...TransactionLimits.actionsMax,
        )
        var parts: [Fields] = []
        for (index, element) in elements.prefix(TransactionLimits.actionsMax).enumerated() {
            let path = "\(location).\(index + 1).member."
            parts.append(try Fields(element, type: type, path: path))
        }
        return parts
    }
}
