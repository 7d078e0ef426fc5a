/// The order of values, which scalars have and collections do not.
extension AttributeValue {
    /// Negative, zero or positive as `self` sorts before, with or after `other`; nil unless both
    /// are strings, numbers or binaries.
    package func order(against other: AttributeValue) -> Int? {
        switch (self, other) {
        case (.string(let left), .string(let right)):
            left < right ? -1 : left == right ? 0 : 1
        case (.number(let left), .number(let right)):
            left < right ? -1 : left == right ? 0 : 1
        case (.binary(let left), .binary(let right)):
            left.lexicographicallyPrecedes(right) ? -1 : left == right ? 0 : 1
        default:
            nil
        }
    }
}
