import Items

/// Document paths in order, so that those through one value lie side by side; takes the parts of an
/// item to which they lead.
struct PathTree: Equatable, Sendable {
    /// Sorted; no path leads through another's end.
    private let paths: [DocumentPath]

    init(_ unsorted: [DocumentPath]) {
        var paths: [DocumentPath] = []
        paths.reserveCapacity(unsorted.count)
        for path in unsorted.sorted() {
            // What lies behind the end of another path comes along with that one.
            if let last = paths.last, path.begins(with: last) { continue }
            paths.append(path)
        }
        self.paths = paths
    }

    /// The top-level attributes, each once.
    var heads: [Text] {
        var heads: [Text] = []
        for path in paths where heads.last != path.head { heads.append(path.head) }
        return heads
    }

    func project(_ item: Item) -> Item {
        var parts: [Item.Attribute] = []
        parts.reserveCapacity(paths.count)
        var start = 0
        while start < paths.count {
            let head = paths[start].head
            var end = start + 1
            while end < paths.count, paths[end].head == head { end += 1 }
            if let value = item[head], let part = part(of: value, start..<end, depth: 0) {
                parts.append(Item.Attribute(head, part))
            }
            start = end
        }
        return Item(parts)
    }

    /// The part of a value that the paths in `range` want, all of which lead through it; nil if
    /// they lead to nothing.
    ///
    /// `depth` says how many elements of `rest` have led here.
    private func part(
        of value: AttributeValue,
        _ range: Range<Int>,
        depth: Int,
    ) -> AttributeValue? {
        if paths[range.lowerBound].rest.count == depth { return value }
        var entries: [Item.Attribute] = []
        var elements: [AttributeValue] = []
        var start = range.lowerBound
        while start < range.upperBound {
            let element = paths[start].rest[depth]
            var end = start + 1
            while end < range.upperBound, paths[end].rest[depth] == element { end += 1 }
            if let child = value.child(element),
                let part = part(of: child, start..<end, depth: depth + 1)
            {
                switch element {
                case .name(let name): entries.append(Item.Attribute(name, part))
                case .index: elements.append(part)
                }
            }
            start = end
        }
        if !entries.isEmpty { return .map(Item(entries)) }
        return elements.isEmpty ? nil : .list(elements)
    }
}

extension DocumentPath: Comparable {
    /// By name, then element by element; a path before those that go on behind its end.
    package static func < (left: DocumentPath, right: DocumentPath) -> Bool {
        if left.head != right.head { return left.head < right.head }
        return left.rest.lexicographicallyPrecedes(right.rest)
    }

    func begins(with other: DocumentPath) -> Bool {
        head == other.head && rest.starts(with: other.rest)
    }
}

extension DocumentPath.Element: Comparable {
    /// Indexes before names.
    package static func < (left: DocumentPath.Element, right: DocumentPath.Element) -> Bool {
        switch (left, right) {
        case (.name(let left), .name(let right)): left < right
        case (.index(let left), .index(let right)): left < right
        case (.index, .name): true
        case (.name, .index): false
        }
    }
}
