extension UInt8 {
    /// A letter A–Z or a–z.
    var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }

    /// A digit 0–9.
    var isDigit: Bool { self &- 0x30 < 10 }

    /// May follow the first character of a name: a letter, a digit or an underscore.
    var isIdentifierPart: Bool { isLetter || isDigit || self == 0x5F }

    /// Space, tab, line feed or carriage return.
    var isExpressionSpace: Bool { self == 0x20 || self == 0x09 || self == 0x0A || self == 0x0D }
}
