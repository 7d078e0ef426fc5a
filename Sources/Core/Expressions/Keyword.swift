/// The words with a meaning of their own, in any mixture of cases.
enum Keyword: Sendable {
    case and, or, not, between, `in`
    case set, remove, add, delete

    /// The keyword of these bytes, if they are one.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count >= 2, bytes.count <= 7 else { return nil }
        var word: UInt64 = 0
        // Letters only: in upper case nothing else becomes a letter of a keyword.
        for byte in bytes { word = word << 8 | UInt64(byte & 0xDF) }
        switch word {
        case 0x4F52: self = .or
        case 0x494E: self = .in
        case 0x41_4E44: self = .and
        case 0x4E_4F54: self = .not
        case 0x53_4554: self = .set
        case 0x41_4444: self = .add
        case 0x4445_4C45_5445: self = .delete
        case 0x5245_4D4F_5645: self = .remove
        case 0x42_4554_5745_454E: self = .between
        default: return nil
        }
    }

    /// Whether it is a keyword in expressions of this kind, and so no name of an attribute there.
    func isKeyword(in kind: ExpressionKind) -> Bool {
        switch self {
        case .and, .or, .not, .between, .in:
            kind == .condition || kind == .filter || kind == .keyCondition
        case .set, .remove, .add, .delete:
            kind == .update
        }
    }
}
