extension AttributeValue {
    /// The set of these strings; the caller sees to it that there is at least one.
    package static func sortedStringSet(_ elements: [Text]) -> AttributeValue {
        .stringSet(sorted(elements, by: <))
    }

    package static func sortedNumberSet(_ elements: [DecimalNumber]) -> AttributeValue {
        .numberSet(sorted(elements, by: <))
    }

    package static func sortedBinarySet(_ elements: [[UInt8]]) -> AttributeValue {
        .binarySet(sorted(elements) { ByteOrder.compare($0, $1) < 0 })
    }

    /// Sorts and keeps one of each.
    private static func sorted<Element: Equatable>(
        _ elements: [Element],
        by precedes: (Element, Element) -> Bool,
    ) -> [Element] {
        var result: [Element] = []
        result.reserveCapacity(elements.count)
        for element in elements.sorted(by: precedes) where result.last != element {
            result.append(element)
        }
        return result
    }

    /// The API's name of the value's type, as in `{"S": "…"}`.
    package var typeName: String {
        switch self {
        case .string: "S"
        case .number: "N"
        case .binary: "B"
        case .bool: "BOOL"
        case .null: "NULL"
        case .stringSet: "SS"
        case .numberSet: "NS"
        case .binarySet: "BS"
        case .list: "L"
        case .map: "M"
        }
    }
}
