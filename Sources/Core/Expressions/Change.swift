import Items

/// One value inside an item that is to be replaced, added or (with nil) removed.
///
/// Changes are carried out together, container by container, so that every list index means the
/// element that had it before: elements are replaced first, elements beyond the end are appended
/// in the order of their indexes, and the removed ones go last.
struct Change: Equatable {
    let path: DocumentPath
    let value: AttributeValue?

    /// Carries out changes whose paths neither overlap nor conflict.
    static func apply(_ unsorted: [Change], to item: inout Item) throws(ExpressionError) {
        let changes = unsorted.sorted { $0.path < $1.path }
        var start = 0
        while start < changes.count {
            let head = changes[start].path.head
            let end = changes[start...].firstIndex { $0.path.head != head } ?? changes.count
            guard let value = item[head] else { throw .invalidPath }
            item[head] = try changed(value, changes[start..<end], depth: 0)
            start = end
        }
    }

    /// The value after changes that all lead through it.
    ///
    /// `depth` says how many elements of the paths' `rest` have led here.
    private static func changed(
        _ value: AttributeValue,
        _ changes: ArraySlice<Change>,
        depth: Int,
    ) throws(ExpressionError) -> AttributeValue {
        switch value {
        case .map(let entries): .map(try changed(entries, changes, depth: depth))
        case .list(let elements): .list(try changed(elements, changes, depth: depth))
        default: throw .invalidPath
        }
    }

    private static func changed(
        _ entries: Item,
        _ changes: ArraySlice<Change>,
        depth: Int,
    ) throws(ExpressionError) -> Item {
        var result = entries
        for (element, group) in groups(of: changes, depth: depth) {
            guard case .name(let name) = element else { throw .invalidPath }
            if let leaf = leaf(of: group, depth: depth) {
                result[name] = leaf.value
            } else if let entry = entries[name] {
                result[name] = try changed(entry, group, depth: depth + 1)
            } else {
                throw .invalidPath
            }
        }
        return result
    }

    private static func changed(
        _ elements: [AttributeValue],
        _ changes: ArraySlice<Change>,
        depth: Int,
    ) throws(ExpressionError) -> [AttributeValue] {
        var result = elements
        var removed: [Int] = []
        for (element, group) in groups(of: changes, depth: depth) {
            guard case .index(let index) = element else { throw .invalidPath }
            if let leaf = leaf(of: group, depth: depth) {
                switch (leaf.value, index < elements.count) {
                case (.some(let value), true): result[index] = value
                case (.some(let value), false): result.append(value)
                case (.none, true): removed.append(index)
                case (.none, false): break
                }
            } else if index < elements.count {
                result[index] = try changed(elements[index], group, depth: depth + 1)
            } else {
                throw .invalidPath
            }
        }
        return without(removed, result)
    }

    /// The elements but for those at these indexes, which are in order.
    private static func without(
        _ removed: [Int],
        _ elements: [AttributeValue],
    ) -> [AttributeValue] {
        guard let first = removed.first else { return elements }
        var result = Array(elements[..<first])
        result.reserveCapacity(elements.count - removed.count)
        var next = 0
        for index in first..<elements.count {
            if next < removed.count, removed[next] == index {
                next += 1
            } else {
                result.append(elements[index])
            }
        }
        return result
    }

    /// The change that ends at this element, if it is that and not one that goes on.
    private static func leaf(of group: ArraySlice<Change>, depth: Int) -> Change? {
        guard let last = group.last, last.path.rest.count == depth + 1 else { return nil }
        return last
    }

    /// The changes by the element of their paths at `depth`; both are in order.
    private static func groups(
        of changes: ArraySlice<Change>,
        depth: Int,
    ) -> [(element: DocumentPath.Element, changes: ArraySlice<Change>)] {
        var groups: [(element: DocumentPath.Element, changes: ArraySlice<Change>)] = []
        var rest = changes
        while let first = rest.first, depth < first.path.rest.count {
            let element = first.path.rest[depth]
            let end =
                rest.firstIndex { depth >= $0.path.rest.count || $0.path.rest[depth] != element }
                ?? rest.endIndex
            groups.append((element, rest[..<end]))
            rest = rest[end...]
        }
        return groups
    }
}
