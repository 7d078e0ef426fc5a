package import Items

/// The API's words for keys and items that have no place in their table, and for a batch that names
/// one place twice.
package enum KeyValidation {
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

    /// The keys of one table in a batch of bounded size: none twice.
    package static func checkDistinct(_ keys: [Item]) throws(ServiceError) {
        for (index, key) in keys.enumerated() where keys[..<index].contains(key) {
            throw .duplicateKeys
        }
    }
}

extension TableSchema {
    /// The partition key and, if there is one, the sort key.
    package var keyAttributes: [KeyAttribute] {
        if let sort { [partition, sort] } else { [partition] }
    }
}
