import Items
import JSON

/// The constraints a request violates, collected before any is reported.
///
/// The service's order: types of all members first (`Fields` throws those), then all constraints
/// together in one message, then the values of attributes, then what the operation itself checks.
/// So the readers here note what is wrong and give a stand-in value; `finish` throws.
struct Checks {
    /// In whose words values that are none are refused.
    let wording: ValueWording
    private var violations: [String] = []
    /// Table names of wrong form, which are looked at once all members have their constraints.
    private var nameViolations: [String] = []
    /// A violation that is told without the others.
    private var violationAlone: String?
    /// The first attribute value that is no value, to be reported after all violations.
    private var valueError: ServiceError?

    init(_ wording: ValueWording = .older) {
        self.wording = wording
    }

    /// The service lists no more violations than this.
    private static let violationsMax = 10

    func finish() throws(ServiceError) {
        try finishConstraints()
        try finishValues()
    }

    /// Throws for the violations alone; rules between parameters come before values.
    func finishConstraints() throws(ServiceError) {
        if let violationAlone { throw ServiceError.validation(violationAlone).counted }
        let list = violations.isEmpty ? nameViolations : violations
        guard !list.isEmpty else { return }
        let plural = list.count == 1 ? "error" : "errors"
        throw .validation(
            "\(list.count) validation \(plural) detected: " + list.joined(separator: "; ")
        )
    }

    func finishValues() throws(ServiceError) {
        if let valueError { throw valueError }
    }

    /// Notes that the value at `location` violates a constraint.
    mutating func violate(_ location: String, value: String, _ constraint: String) {
        note("Value '\(value)' at '\(location)' failed to satisfy constraint: \(constraint)")
    }

    /// The same in the words of the service's newer operations: `member` has the API's spelling, and
    /// its value is not shown.
    mutating func violateNewly(_ member: String, _ constraint: String) {
        note("Value at '\(member)' failed to satisfy constraint: \(constraint)")
    }

    /// Notes a violation in words that have no value and no place.
    mutating func violate(_ violation: String) {
        note(violation)
    }

    /// Notes a violation that is told without all others, the first of its kind.
    mutating func violateAlone(_ violation: String) {
        violationAlone = violationAlone ?? violation
    }

    mutating func violateNotNull(_ location: String) {
        note("Value null at '\(location)' failed to satisfy constraint: Member must not be null")
    }

    private mutating func note(_ violation: String) {
        if violations.count < Self.violationsMax { violations.append(violation) }
    }

    mutating func note(_ error: ServiceError) {
        valueError = valueError ?? error
    }

    /// Notes an error that comes before those noted already.
    mutating func note(first error: ServiceError) {
        valueError = error
    }

    /// What was noted of values so far, for a caller who reports it in its own turn.
    mutating func takeValueError() -> ServiceError? {
        defer { valueError = nil }
        return valueError
    }

    /// Runs `body`, whose violations are of the second rank: reported if there are no others.
    mutating func afterConstraints(
        _ body: (inout Checks) throws(ServiceError) -> Void
    ) throws(ServiceError) {
        var later = Checks(wording)
        try body(&later)
        nameViolations += later.violations
        if let error = later.valueError { note(error) }
    }
}

/// The service words what is wrong with a value in two ways, by operation.
enum ValueWording {
    /// Operations on one item, BatchGetItem and Query.
    case newer
    /// Scan, BatchWriteItem, transactions and PartiQL, which also say which placeholder has it.
    case older
}

// MARK: Scalars

extension Checks {
    mutating func required(_ fields: Fields, _ name: String) throws(ServiceError) -> String {
        if let value = try fields.string(name) { return value }
        violateNotNull(fields.location(name))
        return ""
    }

    mutating func choice<Kind: Choice>(
        _ fields: Fields,
        _ name: String,
    ) throws(ServiceError) -> Kind? {
        guard let text = try fields.string(name) else { return nil }
        if let choice = Kind(rawValue: text) { return choice }
        let set = Kind.allCases.map(\.rawValue).joined(separator: ", ")
        violate(fields.location(name), value: text, "Member must satisfy enum value set: [\(set)]")
        return nil
    }

    mutating func integer(
        _ fields: Fields,
        _ name: String,
        in range: ClosedRange<Int>,
    ) throws(ServiceError) -> Int? {
        guard let value = try fields.integer(name) else { return nil }
        checkRange(value, fields.location(name), range)
        return value
    }

    mutating func checkRange(_ value: Int, _ location: String, _ range: ClosedRange<Int>) {
        if value < range.lowerBound {
            violate(
                location,
                value: String(value),
                "Member must have value greater than or equal to \(range.lowerBound)",
            )
        } else if value > range.upperBound {
            violate(
                location,
                value: String(value),
                "Member must have value less than or equal to \(range.upperBound)",
            )
        }
    }

    mutating func checkLength(
        _ length: Int,
        _ location: String,
        value: @autoclosure () -> String,
        _ range: ClosedRange<Int>,
    ) {
        if length < range.lowerBound {
            violate(
                location,
                value: value(),
                "Member must have length greater than or equal to \(range.lowerBound)",
            )
        } else if length > range.upperBound {
            violate(
                location,
                value: value(),
                "Member must have length less than or equal to \(range.upperBound)",
            )
        }
    }
}

// MARK: Names

extension Checks {
    /// The name of the table whose items are asked for, or its ARN: answers call it what the
    /// request does.
    ///
    /// As a member it may be any text of 1 to 1,024 bytes, since ARNs are long; the form of the name
    /// is looked at later.
    mutating func itemTableName(_ fields: Fields) throws(ServiceError) -> String {
        let text = try required(fields, "TableName")
        guard fields["TableName"] != nil else { return "" }
        let location = fields.location("TableName")
        checkLength(text.utf8.count, location, value: text, TableName.textLengthRange)
        guard TableName.textLengthRange.contains(text.utf8.count) else { return text }
        try afterConstraints { later throws(ServiceError) in
            later.checkTable(text, at: location)
        }
        return text
    }

    /// The same of an action in a transaction, whose form is looked at with its other members.
    mutating func actionTableName(_ fields: Fields) throws(ServiceError) -> String {
        let name = try tableName(fields)
        return try fields.string("TableName") ?? name
    }

    /// A table's name, or the name in its ARN.
    mutating func tableName(_ fields: Fields) throws(ServiceError) -> String {
        tableName(try required(fields, "TableName"), at: fields.location("TableName"), in: fields)
    }

    /// The same where the parameter may be absent.
    mutating func optionalTableName(_ fields: Fields) throws(ServiceError) -> String? {
        guard let text = try fields.string("TableName") else { return nil }
        return tableName(text, at: fields.location("TableName"), in: fields)
    }

    private mutating func tableName(
        _ text: String,
        at location: String,
        in fields: Fields,
    ) -> String {
        // A missing name is noted already and is no violation of its length.
        guard !text.isEmpty || fields["TableName"] != nil else { return "" }
        checkTable(text, at: location)
        return TableName.name(in: text)
    }

    /// A table's name, or an ARN of one.
    private mutating func checkTable(_ text: String, at location: String) {
        guard let arn = TableARN(text) else { return checkName(text, at: location) }
        if let constraint = arn.violation { violate(location, value: text, constraint) }
    }

    /// A name of a table or index: 3 to 255 of the characters `a-zA-Z0-9_.-`.
    mutating func checkName(_ name: String, at location: String) {
        if !TableName.hasValidCharacters(name) {
            violate(
                location,
                value: name,
                "Member must satisfy regular expression pattern: \(TableName.pattern)",
            )
        }
        checkLength(name.utf8.count, location, value: name, TableName.lengthRange)
    }

    /// Notes that a name of an attribute, among others at `location`, is too long.
    mutating func violateNameLength(_ location: String, value: String, _ whoMust: String) {
        violate(
            location,
            value: value,
            "\(whoMust) satisfy constraint: "
                + "[Member must have length less than or equal to \(ItemLimits.nameBytesMax), "
                + "Member must have length greater than or equal to 0]",
        )
    }

    mutating func indexName(_ fields: Fields) throws(ServiceError) -> String? {
        guard let name = try fields.string("IndexName") else { return nil }
        checkName(name, at: fields.location("IndexName"))
        return name
    }
}

/// The form of table and index names.
package enum TableName {
    static let pattern = "[a-zA-Z0-9_.-]+"
    static let lengthRange = 3...255
    /// The bytes of a parameter that is a name or an ARN.
    static let textLengthRange = 1...1024

    package static func isValid(_ name: String) -> Bool {
        hasValidCharacters(name) && lengthRange.contains(name.utf8.count)
    }

    /// The same of a name's bytes.
    static func isValid(_ name: UnsafeRawBufferPointer) -> Bool {
        hasValidCharacters(name) && lengthRange.contains(name.count)
    }

    static func hasValidCharacters(_ name: String) -> Bool {
        var name = name
        return name.withUTF8 { hasValidCharacters(UnsafeRawBufferPointer($0)) }
    }

    private static func hasValidCharacters(_ name: UnsafeRawBufferPointer) -> Bool {
        for byte in name {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "-"):
                continue
            default: return false
            }
        }
        return !name.isEmpty
    }
}
