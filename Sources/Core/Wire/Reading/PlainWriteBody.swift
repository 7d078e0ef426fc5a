import Items
import JSON

/// The members of a write of one item in the form that most have: a table by its name, the item or key,
/// expressions, and their placeholders, all in ASCII but the item.
///
/// It makes of a body what the long way does, without the tree of its JSON and what is looked up in
/// there: 9,100 of the 83,400 instructions of a put, 21,000 of the 146,800 of a conditional update. Nil
/// for everything else, whatever may be wrong with it: then the body goes the long way.
/// `PlainWriteBodyTests` hold it to what the long way makes of the same bytes.
struct PlainWriteBody: ~Copyable {
    private var tableName = ""
    private var item = Item()
    private var update: String?
    private var condition: String?
    private var names: [(String, String)]?
    private var values: [(String, AttributeValue)]?
    private var returnValues = ReturnValues.none

    /// What has been there.
    private var seen: Members = []

    private struct Members: OptionSet {
        let rawValue: UInt8

        static let table = Members(rawValue: 1)
        static let item = Members(rawValue: 2)
        static let update = Members(rawValue: 4)
        static let condition = Members(rawValue: 8)
        static let names = Members(rawValue: 16)
        static let values = Members(rawValue: 32)
        static let returnValues = Members(rawValue: 64)
    }

    /// Placeholders of one kind that are compared with each other.
    private static let placeholdersMax = 8
    /// Longer names go the long way, and what is wrong with them.
    private static let nameBytesMax = 255

    /// `itemName` is the member that has the item or key; `isUpdate` says whether there may be an update.
    init?(_ body: [UInt8], itemName: StaticString, isUpdate: Bool) {
        let isWhole = body.withUnsafeBufferPointer { bytes in
            var cursor = PlainCursor(bytes)
            guard cursor.take(UInt8(ascii: "{")) else { return false }
            repeat {
                guard take(&cursor, itemName, isUpdate) else { return false }
            } while cursor.take(UInt8(ascii: ","))
            return cursor.take(UInt8(ascii: "}")) && cursor.isAtEnd()
        }
        guard isWhole, seen.contains([.table, .item]) else { return nil }
    }

    /// False for a member that is unknown, or there twice.
    private mutating func take(
        _ cursor: inout PlainCursor,
        _ itemName: StaticString,
        _ isUpdate: Bool,
    ) -> Bool {
        if cursor.take(name: "TableName") {
            guard isFirst(.table), let text = cursor.string(),
                TableName.isValid(UnsafeRawBufferPointer(text))
            else { return false }
            tableName = String(ascii: text)
            return true
        }
        if cursor.take(name: itemName) {
            guard isFirst(.item), let item = Item(plain: &cursor) else { return false }
            self.item = item
            return true
        }
        if cursor.take(name: "ConditionExpression") {
            condition = cursor.string().map { String(ascii: $0) }
            return isFirst(.condition) && condition != nil
        }
        if isUpdate, cursor.take(name: "UpdateExpression") {
            update = cursor.string().map { String(ascii: $0) }
            return isFirst(.update) && update != nil
        }
        if cursor.take(name: "ExpressionAttributeValues") {
            values = Self.placeholders(&cursor, AttributeValue.init(plain:))
            return isFirst(.values) && values != nil
        }
        if cursor.take(name: "ExpressionAttributeNames") {
            names = Self.placeholders(&cursor, Self.name)
            return isFirst(.names) && names != nil
        }
        guard cursor.take(name: "ReturnValues"), isFirst(.returnValues),
            let text = cursor.string(), let wish = Self.returnValues(text),
            isUpdate || wish == .none || wish == .allOld
        else { return false }
        returnValues = wish
        return true
    }

    private static func returnValues(_ text: UnsafeBufferPointer<UInt8>) -> ReturnValues? {
        if isEqual(text, "NONE") { return ReturnValues.none }
        if isEqual(text, "UPDATED_NEW") { return .updatedNew }
        if isEqual(text, "UPDATED_OLD") { return .updatedOld }
        if isEqual(text, "ALL_NEW") { return .allNew }
        return isEqual(text, "ALL_OLD") ? .allOld : nil
    }

    private static func isEqual(_ bytes: UnsafeBufferPointer<UInt8>, _ text: StaticString) -> Bool {
        let text = UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        return ByteOrder.compare(UnsafeRawBufferPointer(bytes), text) == 0
    }

    private mutating func isFirst(_ member: Members) -> Bool {
        seen.insert(member).inserted
    }

    private static func name(_ cursor: inout PlainCursor) -> String? {
        guard let text = cursor.string(), (1...nameBytesMax).contains(text.count) else {
            return nil
        }
        return String(ascii: text)
    }

    /// A map with at least one entry, each key once.
    private static func placeholders<Meaning>(
        _ cursor: inout PlainCursor,
        _ meaning: (inout PlainCursor) -> Meaning?,
    ) -> [(String, Meaning)]? {
        guard cursor.take(UInt8(ascii: "{")) else { return nil }
        var entries: [(String, Meaning)] = []
        entries.reserveCapacity(4)
        while entries.count < placeholdersMax {
            guard let key = cursor.string(), cursor.take(UInt8(ascii: ":")),
                let meaning = meaning(&cursor)
            else { return nil }
            let name = String(ascii: key)
            guard !entries.contains(where: { $0.0 == name }) else { return nil }
            entries.append((name, meaning))
            guard let isLast = cursor.takeEnd(UInt8(ascii: "}")) else { return nil }
            if isLast { return entries }
        }
        return nil
    }
}

extension AttributeValue {
    /// `{"S": "text"}`, or a number; nil for anything else.
    fileprivate init?(plain cursor: inout PlainCursor) {
        guard cursor.take(UInt8(ascii: "{")), let type = cursor.oneByteName(),
            let text = cursor.string(), cursor.take(UInt8(ascii: "}"))
        else { return nil }
        switch type {
        case UInt8(ascii: "S"): self = .string(Text(String(ascii: text)))
        case UInt8(ascii: "N"):
            guard let number = try? DecimalNumber(parsing: text) else { return nil }
            self = .number(number)
        default: return nil
        }
    }
}

extension PutItemRequest {
    /// What `init(reading:)` makes of a body in the usual form; see `PlainWriteBody`.
    package init?(plain body: [UInt8]) {
        guard var plain = PlainWriteBody(body, itemName: "Item", isUpdate: false) else {
            return nil
        }
        self = plain.put()
    }
}

extension UpdateItemRequest {
    /// What `init(reading:)` makes of a body in the usual form; see `PlainWriteBody`.
    package init?(plain body: [UInt8]) {
        guard var plain = PlainWriteBody(body, itemName: "Key", isUpdate: true) else {
            return nil
        }
        self = plain.updating()
    }
}

extension PlainWriteBody {
    // What was read is taken out, and not copied: to copy it, and to let go of it here, took a put 500
    // instructions.

    fileprivate mutating func put() -> PutItemRequest {
        PutItemRequest(
            tableName: exchange(&tableName, with: ""),
            item: exchange(&item, with: Item()),
            condition: condition.take(),
            names: names.take(),
            values: values.take(),
            returnValues: returnValues,
        )
    }

    fileprivate mutating func updating() -> UpdateItemRequest {
        UpdateItemRequest(
            tableName: exchange(&tableName, with: ""),
            key: exchange(&item, with: Item()),
            update: update.take(),
            condition: condition.take(),
            names: names.take(),
            values: values.take(),
            returnValues: returnValues,
        )
    }
}

extension AnyRequest {
    /// The request for an operation in the form that nearly all have, made without a tree of its JSON; nil
    /// where the body has to go the long way, whatever may be wrong with it.
    package init?(plain body: [UInt8], for operation: OperationName?) {
        let request: AnyRequest? =
            switch operation {
            case .getItem: GetItemRequest(plain: body).map { .getItem($0) }
            case .putItem: PutItemRequest(plain: body).map { .putItem($0) }
            case .updateItem: UpdateItemRequest(plain: body).map { .updateItem($0) }
            default: nil
            }
        guard let request else { return nil }
        self = request
    }
}
