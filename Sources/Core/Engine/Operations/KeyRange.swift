import Expressions
import Items
import Wire

/// The item keys from `from` up and below `to`, or to the table's end.
struct KeyRange: Equatable {
    var from: [UInt8]
    var to: [UInt8]?

    /// All keys of a table.
    static let all = KeyRange(from: [], to: nil)

    var isEmpty: Bool {
        guard let to else { return false }
        return !from.lexicographicallyPrecedes(to)
    }

    func contains(_ key: [UInt8]) -> Bool {
        guard !key.lexicographicallyPrecedes(from) else { return false }
        guard let to else { return true }
        return key.lexicographicallyPrecedes(to)
    }

    /// What is left after a page that ended with `key`.
    func after(_ key: [UInt8], reversed: Bool) -> KeyRange {
        reversed ? KeyRange(from: from, to: key) : KeyRange(from: Self.next(key), to: to)
    }

    /// The least bytes above `key`.
    private static func next(_ key: [UInt8]) -> [UInt8] {
        key + [0]
    }

    private static func all(withPrefix prefix: [UInt8]) -> KeyRange {
        KeyRange(from: prefix, to: ItemKey.upperBound(ofPrefix: prefix))
    }
}

extension KeyRange {
    /// The keys of a Query.
    init(_ condition: KeyCondition, schema: TableSchema) throws(ServiceError) {
        try self.init(partition: condition.partition, sort: condition.sort, schema: schema)
    }

    init(
        partition: AttributeValue,
        sort: KeyCondition.SortCondition?,
        schema: TableSchema,
    ) throws(ServiceError) {
        do throws(ItemKeyError) {
            let prefix = try ItemKey.partitionPrefix(schema: schema, value: partition)
            self = try Self.range(within: prefix, sort, schema)
        } catch {
            switch error {
            case .typeMismatch, .missing, .extraAttributes, .malformed:
                throw .validation(
                    "One or more parameter values were invalid: "
                        + "Condition parameter type does not match schema type"
                )
            case .empty, .tooLong:
                throw KeyValidation.keyError(error)
            }
        }
    }

    private static func range(
        within prefix: [UInt8],
        _ sort: KeyCondition.SortCondition?,
        _ schema: TableSchema,
    ) throws(ItemKeyError) -> KeyRange {
        func key(_ value: AttributeValue) throws(ItemKeyError) -> [UInt8] {
            prefix + (try ItemKey.encodeSort(schema: schema, value: value))
        }
        var range = all(withPrefix: prefix)
        switch sort {
        case nil: break
        case .equal(let value):
            range.from = try key(value)
            range.to = next(range.from)
        case .less(let value): range.to = try key(value)
        case .lessOrEqual(let value): range.to = next(try key(value))
        case .greater(let value): range.from = next(try key(value))
        case .greaterOrEqual(let value): range.from = try key(value)
        case .between(let lower, let upper):
            range.from = try key(lower)
            range.to = next(try key(upper))
        case .beginsWith(let value):
            range = all(
                withPrefix: prefix + (try ItemKey.sortPrefix(schema: schema, beginsWith: value))
            )
        }
        return range
    }
}
