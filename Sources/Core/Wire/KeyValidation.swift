package import Items

/// Finds the place of keys and items in their table, with the API's words for those that have none.
package enum KeyValidation {
    /// The place a `Key` parameter names: it has exactly the key attributes, of the right types.
    package static func place(
        key: Item,
        schema: TableSchema,
    ) throws(ServiceError) -> ItemKey {
        do throws(ItemKeyError) {
            return try ItemKey(schema: schema, key: key)
        } catch {
            throw keyError(error)
        }
    }

    /// The place an `ExclusiveStartKey` of a table names.
    package static func place(
        startKey: Item,
        schema: TableSchema,
    ) throws(ServiceError) -> ItemKey {
        do throws(ItemKeyError) {
            return try ItemKey(schema: schema, key: startKey)
        } catch {
            throw .invalidStartKey(keyError(error).message)
        }
    }

    /// The place of an item to be stored: it has the key attributes among others.
    package static func place(
        item: Item,
        schema: TableSchema,
    ) throws(ServiceError) -> ItemKey {
        do throws(ItemKeyError) {
            return try ItemKey(schema: schema, item: item)
        } catch {
            throw itemError(error)
        }
    }

    /// The keys of one table in a batch: none twice.
    package static func checkDistinct(_ keys: [Item]) throws(ServiceError) {
        for (index, key) in keys.enumerated() where keys[..<index].contains(key) {
            throw .duplicateKeys
        }
    }

    /// What the API says of a wrong `Key`: all differences of form are one error.
    package static func keyError(_ error: ItemKeyError) -> ServiceError {
        switch error {
        case .missing, .typeMismatch, .extraAttributes, .malformed: .keyMismatch
        case .empty, .tooLong: itemError(error)
        }
    }

    /// What the API says of an item whose key attributes are wrong.
    package static func itemError(_ error: ItemKeyError) -> ServiceError {
        switch error {
        case .missing(let name): .keyMissing(name)
        case .typeMismatch(let name, let expected, let actual):
            .keyTypeMismatch(name, expected: expected, actual: actual)
        case .empty(let name, let type):
            .keyEmpty(name, kind: type == .binary ? "binary" : "string")
        case .tooLong(_, let isPartition, _, _):
            isPartition ? .partitionKeyTooLong : .sortKeyTooLong
        case .extraAttributes, .malformed: .keyMismatch
        }
    }
}

extension TableSchema {
    /// The partition key and, if there is one, the sort key.
    package var keyAttributes: [KeyAttribute] {
        if let sort { [partition, sort] } else { [partition] }
    }
}
