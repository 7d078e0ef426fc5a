/// Stretches of keys that were deleted as a whole: in order, none touching another.
struct KeySpans {
    struct Span {
        let from: [UInt8]
        /// The first key after it; nil where it has no end.
        let to: [UInt8]?
    }

    private(set) var spans: [Span] = []

    var isEmpty: Bool { spans.isEmpty }

    /// The span with this key in it.
    func span(covering key: Entry) -> Span? {
        guard !spans.isEmpty else { return nil }
        var low = 0
        var high = spans.count
        while low < high {
            let middle = (low + high) / 2
            if Self.order(spans[middle].from, key) <= 0 {
                low = middle + 1
            } else {
                high = middle
            }
        }
        guard low > 0 else { return nil }
        let span = spans[low - 1]
        if let to = span.to, Self.order(to, key) <= 0 { return nil }
        return span
    }

    func covers(_ key: Entry) -> Bool { span(covering: key) != nil }

    /// Adds a span; what it touches becomes one with it.
    mutating func insert(from: [UInt8], to: [UInt8]?) {
        if let to, !from.lexicographicallyPrecedes(to) { return }
        var from = from
        var to = to
        var before: [Span] = []
        var after: [Span] = []
        for span in spans {
            if let end = span.to, end.lexicographicallyPrecedes(from) {
                before.append(span)
            } else if let to, to.lexicographicallyPrecedes(span.from) {
                after.append(span)
            } else {
                if span.from.lexicographicallyPrecedes(from) { from = span.from }
                to = Self.later(to, span.to)
            }
        }
        spans = before + [Span(from: from, to: to)] + after
    }

    mutating func formUnion(_ other: KeySpans) {
        if spans.isEmpty {
            spans = other.spans
        } else {
            for span in other.spans { insert(from: span.from, to: span.to) }
        }
    }

    private static func later(_ left: [UInt8]?, _ right: [UInt8]?) -> [UInt8]? {
        guard let left, let right else { return nil }
        return left.lexicographicallyPrecedes(right) ? right : left
    }

    private static func order(_ bound: [UInt8], _ key: Entry) -> Int {
        bound.withUnsafeBytes { Entry($0).order(key) }
    }
}
