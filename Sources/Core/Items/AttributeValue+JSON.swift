package import JSON

/// Attribute values from the API's typed JSON, `{"S": "text"}`.
extension AttributeValue {
    /// How deep values may lie: an attribute's own value is at level 1, an element of a list there
    /// at level 2.
    ///
    /// The service takes a scalar inside 31 lists and maps and refuses it inside 32.
    package static let nestingLevelsMax = 32

    package init(json: JSONValue) throws(AttributeValueError) {
        try self.init(json: json, level: 1)
    }

    /// The value lies at `level`, from 1.
    init(json: JSONValue, level: Int) throws(AttributeValueError) {
        guard level <= Self.nestingLevelsMax else { throw .isTooDeep }
        guard case .object(let members) = json else {
            throw JSONShape.structure.error(for: json)
        }
        var result: AttributeValue?
        var hasMany = false
        for member in members {
            // The service takes a member that is null as one that is missing, and ignores types
            // that it does not know.
            if case .null = member.value { continue }
            guard let type = TypeName(member.name) else { continue }
            // The service says what is wrong with one of the values before it says that there are
            // many.
            let value = try Self.value(type, member.value, level)
            hasMany = hasMany || result != nil
            result = value
        }
        if hasMany { throw .hasManyTypes }
        guard let result else { throw .isEmpty }
        self = result
    }

    private static func value(
        _ type: TypeName,
        _ json: JSONValue,
        _ level: Int,
    ) throws(AttributeValueError) -> AttributeValue {
        switch type {
        case .string: return .string(Text(try string(json)))
        case .number: return .number(try number(json))
        case .binary: return .binary(try binary(json))
        case .map: return .map(try Item(json: json, level: level + 1))
        case .list:
            let array = try array(json)
            var elements: [AttributeValue] = []
            elements.reserveCapacity(array.count)
            for element in array {
                elements.append(try AttributeValue(json: element, level: level + 1))
            }
            return .list(elements)
        case .bool:
            guard case .bool(let value) = json else { throw JSONShape.boolean.error(for: json) }
            return .bool(value)
        case .null:
            guard case .bool(let value) = json else { throw JSONShape.boolean.error(for: json) }
            guard value else {
                throw .invalidParameter("Null attribute value types must have the value of true")
            }
            return .null
        case .stringSet: return try stringSet(array(json))
        case .numberSet: return try numberSet(array(json))
        case .binarySet: return try binarySet(array(json))
        }
    }

    // MARK: Scalars

    private static func string(_ json: JSONValue) throws(AttributeValueError) -> String {
        guard case .string(let value) = json else { throw JSONShape.string.error(for: json) }
        return value
    }

    private static func number(_ json: JSONValue) throws(AttributeValueError) -> DecimalNumber {
        let text = try string(json)
        do throws(DecimalError) {
            return try DecimalNumber(parsing: text)
        } catch {
            let newer = error.message(for: text) + (text.isEmpty ? ": " : "")
            let older = (DecimalError.withShortExponents(in: text) ?? error).message(for: text)
            throw newer == older ? .validation(newer) : .worded(newer: newer, older: older)
        }
    }

    private static func binary(_ json: JSONValue) throws(AttributeValueError) -> [UInt8] {
        guard case .string(let text) = json else { throw JSONShape.binary.error(for: json) }
        if let bytes = Base64.decode(text) { return bytes }
        let count = text.utf8.count
        throw count % 4 == 0
            ? .serialization("Invalid Base64 content")
            : .serialization(
                "Base64 encoded length is expected a multiple of 4 bytes but found: \(count)"
            )
    }

    private static func array(_ json: JSONValue) throws(AttributeValueError) -> [JSONValue] {
        guard case .array(let elements) = json else { throw JSONShape.list.error(for: json) }
        return elements
    }

    // MARK: Sets

    private static func stringSet(
        _ elements: [JSONValue]
    ) throws(AttributeValueError) -> AttributeValue {
        guard !elements.isEmpty else {
            throw .invalidParameter("An string set  may not be empty")
        }
        guard !elements.contains(.null) else {
            throw .invalidParameter("An string set may not have a null string as a member")
        }
        var given: [Text] = []
        for element in elements { given.append(Text(try string(element))) }
        let set = sortedStringSet(given)
        guard case .stringSet(let sorted) = set, sorted.count == given.count else {
            let members = given.map { SetMember(bytes: Array($0.string.utf8), shown: $0.string) }
            throw .duplicates(members, ofBytes: false)
        }
        return set
    }

    private static func numberSet(
        _ elements: [JSONValue]
    ) throws(AttributeValueError) -> AttributeValue {
        guard !elements.isEmpty else {
            throw .invalidParameter("An number set  may not be empty")
        }
        guard !elements.contains(.null) else { throw .isEmpty }
        var given: [DecimalNumber] = []
        for element in elements { given.append(try number(element)) }
        let set = sortedNumberSet(given)
        guard case .numberSet(let sorted) = set, sorted.count == given.count else {
            throw .duplicateNumbers
        }
        return set
    }

    private static func binarySet(
        _ elements: [JSONValue]
    ) throws(AttributeValueError) -> AttributeValue {
        guard !elements.isEmpty else {
            throw .invalidParameter("Binary sets should not be empty")
        }
        guard !elements.contains(.null) else { throw .isEmpty }
        var given: [[UInt8]] = []
        for element in elements { given.append(try binary(element)) }
        let set = sortedBinarySet(given)
        guard case .binarySet(let sorted) = set, sorted.count == given.count else {
            let members = given.map { SetMember(bytes: $0, shown: Base64.encode($0)) }
            throw .duplicates(members, ofBytes: true)
        }
        return set
    }
}

extension Item {
    /// Attributes by name, each a typed value: an `Item`, a `Key` or the inside of an `M`; or what
    /// `ItemPacking` made of them.
    package init(json: JSONValue) throws(AttributeValueError) {
        try self.init(json: json, level: 1)
    }

    /// The attributes' values lie at `level`, from 1.
    init(json: JSONValue, level: Int) throws(AttributeValueError) {
        if case .packed(let packed) = json {
            self.init(PackedItem(known: packed.bytes, sizeBytes: packed.sizeBytes))
            return
        }
        guard case .object(let members) = json else { throw JSONShape.map.error(for: json) }
        var attributes: [Attribute] = []
        attributes.reserveCapacity(members.count)
        // In the order of the request: of several faults the service tells the first one.
        for member in members {
            guard member.name.utf8.count <= ItemLimits.nameBytesMax else { throw .nameIsTooLong }
            let value = try AttributeValue(json: member.value, level: level)
            attributes.append(Attribute(Text(member.name), value))
        }
        self.init(attributes)
    }
}

/// The API's names of types, told apart by their bytes rather than by comparing strings.
private enum TypeName {
    case string, number, binary, bool, null, stringSet, numberSet, binarySet, list, map

    init?(_ name: String) {
        let utf8 = name.utf8
        guard utf8.count <= 4 else { return nil }
        var letters: UInt32 = 0
        for byte in utf8 { letters = letters << 8 | UInt32(byte) }
        switch letters {
        case 0x53: self = .string
        case 0x4e: self = .number
        case 0x42: self = .binary
        case 0x4c: self = .list
        case 0x4d: self = .map
        case 0x5353: self = .stringSet
        case 0x4e53: self = .numberSet
        case 0x4253: self = .binarySet
        case 0x424f_4f4c: self = .bool
        case 0x4e55_4c4c: self = .null
        default: return nil
        }
    }
}
