import Expressions
import Items
import Wire

/// The keys of a table or index from `from` up and below `to`, or to its end.
struct KeyRange: Equatable {
    var from: [UInt8]
    var to: [UInt8]?

    /// All keys of a table or index.
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
    /// The keys of one partition of a table, and perhaps a range of its sort keys.
    init(
        partition: AttributeValue,
        sort: KeyCondition.SortCondition?,
        schema: TableSchema,
    ) throws(ServiceError) {
        let condition = KeyCondition(partition: partition, sort: sort)
        try self.init(condition, schema: IndexSchema(schema))
    }

    /// The keys of a Query.
    init(_ condition: KeyCondition, schema: IndexSchema) throws(ServiceError) {
        do throws(ItemKeyError) {
            var prefix = try IndexKey.partitionPrefix(condition.partition, schema)
            try IndexKey.append(condition.leading, schema, to: &prefix)
            let rest = schema.sort.dropFirst(condition.leading.count)
            self = try Self.range(within: prefix, condition.sort, rest.first)
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

    /// The keys that begin with `prefix` and go on with a value of `attribute` as `sort` says.
    ///
    /// Other bytes may follow the value, so each bound lies before or behind all that begin with it.
    private static func range(
        within prefix: [UInt8],
        _ sort: KeyCondition.SortCondition?,
        _ attribute: TableSchema.KeyAttribute?,
    ) throws(ItemKeyError) -> KeyRange {
        var range = all(withPrefix: prefix)
        guard let sort else { return range }
        guard let attribute else { throw .extraAttributes }
        func key(_ value: AttributeValue) throws(ItemKeyError) -> [UInt8] {
            var key = prefix
            try IndexKey.append(value, of: attribute, to: &key)
            return key
        }
        switch sort {
        case .equal(let value): range = all(withPrefix: try key(value))
        case .less(let value): range.to = try key(value)
        case .lessOrEqual(let value): range.to = behind(try key(value))
        case .greater(let value): range.from = behind(try key(value))
        case .greaterOrEqual(let value): range.from = try key(value)
        case .between(let lower, let upper):
            range.from = try key(lower)
            range.to = behind(try key(upper))
        case .beginsWith(let value):
            var start = prefix
            try IndexKey.append(prefix: value, of: attribute, to: &start)
            range = all(withPrefix: start)
        }
        return range
    }

    /// The least bytes above all that begin with a key; no key is all ones, since each value in it
    /// says where it ends.
    private static func behind(_ key: [UInt8]) -> [UInt8] {
        ItemKey.upperBound(ofPrefix: key) ?? next(key)
    }
}
