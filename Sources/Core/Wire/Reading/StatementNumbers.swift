import Items
import JSON

/// Numbers among the parameters of statements, of which the service reads the exponents otherwise than
/// elsewhere: it takes exponent and scale for 32-bit integers, and computes with them as such.
///
/// So `1e99999999999` is no number to it, not one too large, and `1e2147483647` is too small.
enum StatementNumbers {
    /// What the service says of the first such number in a value, in the order of the text; nil if
    /// there is none.
    static func fault(in value: JSONValue) -> AttributeValueError? {
        guard case .object(let members) = value else { return nil }
        for member in members {
            if let fault = fault(member.name, member.value) { return fault }
        }
        return nil
    }

    private static func fault(_ type: String, _ json: JSONValue) -> AttributeValueError? {
        switch (type, json) {
        case ("N", .string(let text)):
            return error(text).map { .validation($0.message(for: text)) }
        case ("NS", .array(let elements)):
            return first(elements) { fault("N", $0) }
        case ("L", .array(let elements)):
            return first(elements) { fault(in: $0) }
        case ("M", .object(let members)):
            return first(members.map(\.value)) { fault(in: $0) }
        default:
            return nil
        }
    }

    private static func first(
        _ values: [JSONValue],
        _ fault: (JSONValue) -> AttributeValueError?,
    ) -> AttributeValueError? {
        for value in values {
            if let found = fault(value) { return found }
        }
        return nil
    }

    /// Nil for a number that is read as elsewhere, and for what is no number anyway.
    private static func error(_ text: String) -> DecimalError? {
        let parts = text.split(omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
        guard parts.count == 2, isInteger(parts[1]) else { return nil }
        let digits = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let fractionDigits = digits.count > 1 ? digits[1].utf8.count : 0
        guard let exponent = Int32(parts[1]),
            let scale = Int32(exactly: fractionDigits - Int(exponent))
        else { return .notANumber }
        let precision = parts[0].utf8.drop { $0 == 0x2B || $0 == 0x2D || $0 == 0x30 }.count
        return Int32(exactly: precision - Int(scale)) == nil ? .underflow : nil
    }

    private static func isInteger(_ text: Substring) -> Bool {
        let digits = text.utf8.first == 0x2B || text.utf8.first == 0x2D ? text.dropFirst() : text
        return !digits.isEmpty && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}
