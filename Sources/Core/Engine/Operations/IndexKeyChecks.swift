import Expressions
import Items
import Wire

/// Why a value cannot be a key attribute of an index.
///
/// An item without the attribute is let pass: it is not in the index. So is what comes from other
/// regions, and what was there before the index; only a request of an application is told.
enum IndexKeyFault {
    case typeMismatch(TableSchema.KeyAttribute, actual: String, index: String)
    case empty(Text, isBinary: Bool, index: String)
    case tooLong(isPartition: Bool)

    /// What is said of an item as a request gives it.
    var itemError: ServiceError {
        switch self {
        case .typeMismatch(let attribute, let actual, let index):
            .indexKeyTypeMismatch(
                attribute.name,
                expected: attribute.type,
                actual: actual,
                index: index,
            )
        case .empty(let name, let isBinary, let index):
            .indexKeyEmpty(name, kind: Self.kind(isBinary), index: index)
        case .tooLong(let isPartition): isPartition ? .partitionKeyTooLong : .sortKeyTooLong
        }
    }

    /// What is said of a value that an update gives as it stands.
    var literalError: ServiceError {
        if case .typeMismatch = self { return itemError }
        return resultError
    }

    /// What is said of an item that an update has made.
    var resultError: ServiceError {
        switch self {
        case .typeMismatch: .indexKeyUpdatedToType
        case .empty(_, let isBinary, _): .indexKeyUpdatedToEmpty(kind: Self.kind(isBinary))
        case .tooLong: .indexKeyUpdatedBeyondLimits
        }
    }

    var isEmpty: Bool {
        if case .empty = self { return true }
        return false
    }

    private static func kind(_ isBinary: Bool) -> String { isBinary ? "binary" : "string" }
}

extension Table {
    /// The names of the key attributes of all indexes, each once, beside the table's own.
    var indexKeyNames: [Text] {
        guard !indexes.isEmpty else { return [] }
        var names: [Text] = []
        let own = schema.keyAttributes.map(\.name)
        for name in indexes.flatMap({ $0.schema.keyAttributes.map(\.name) })
        where !names.contains(name) && !own.contains(name) {
            names.append(name)
        }
        return names
    }

    /// The first index key attribute of an item that cannot be one: types before lengths.
    func indexKeyFault(in item: Item) -> IndexKeyFault? {
        guard !indexes.isEmpty else { return nil }
        return indexKeyFault(in: item) { name in item[name].map(AttributeTypeName.init(of:)) }
    }

    /// The first fault of what an update gives to index key attributes, as far as it is known
    /// without an item.
    func indexKeyFault(in update: UpdateExpression) -> IndexKeyFault? {
        let names = indexKeyNames
        guard names.contains(where: { update.type(for: $0) != nil }) else { return nil }
        let literals = names.compactMap { name in
            update.literal(for: name).map { Item.Attribute(name, $0) }
        }
        return indexKeyFault(in: Item(literals), types: update.type(for:))
    }

    private func indexKeyFault(
        in item: Item,
        types: (Text) -> AttributeTypeName?,
    ) -> IndexKeyFault? {
        let defined = description.attributeTypes
        for index in indexes {
            for attribute in index.schema.keyAttributes {
                guard let actual = types(attribute.name) else { continue }
                let attribute = defined.first { $0.name == attribute.name } ?? attribute
                guard actual.rawValue != attribute.type.rawValue else { continue }
                return .typeMismatch(attribute, actual: actual.rawValue, index: index.name)
            }
        }
        for index in indexes {
            if let fault = Self.lengthFault(in: item, index) { return fault }
        }
        return nil
    }

    private static func lengthFault(in item: Item, _ index: TableIndex) -> IndexKeyFault? {
        for attribute in index.schema.keyAttributes {
            switch item[attribute.name] {
            case .string(let text)? where text.utf8Count == 0:
                return .empty(attribute.name, isBinary: false, index: index.name)
            case .binary(let bytes)? where bytes.isEmpty:
                return .empty(attribute.name, isBinary: true, index: index.name)
            default: continue
            }
        }
        func bytes(_ attributes: [TableSchema.KeyAttribute]) -> Int {
            attributes.reduce(0) { $0 + (item[$1.name]?.sizeBytes ?? 0) }
        }
        if bytes(index.schema.partition) > ItemLimits.partitionKeyBytesMax {
            return .tooLong(isPartition: true)
        }
        if bytes(index.schema.sort) > ItemLimits.sortKeyBytesMax {
            return .tooLong(isPartition: false)
        }
        return nil
    }
}
