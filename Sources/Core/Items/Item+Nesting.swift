extension Item {
    /// Whether some value lies more than `levels` levels deep, a top-level attribute's at one.
    package func isNested(deeperThan levels: Int) -> Bool {
        switch form {
        case .values(let attributes):
            attributes.contains { $0.value.isNested(deeperThan: levels) }
        case .packed(let packed): packed.isNested(deeperThan: levels)
        }
    }
}

extension AttributeValue {
    /// The same of a value that lies at one of the levels itself.
    func isNested(deeperThan levels: Int) -> Bool {
        if levels == 0 { return true }
        return switch self {
        case .list(let elements): elements.contains { $0.isNested(deeperThan: levels - 1) }
        case .map(let item): item.isNested(deeperThan: levels - 1)
        default: false
        }
    }
}
