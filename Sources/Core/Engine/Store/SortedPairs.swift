/// Key–value pairs in key order: two arrays side by side.
///
/// Finding is O(log n), changing the end O(1), changing the middle a `memmove` of 16 bytes per later
/// pair. A copy is free until one of the two is changed, which is what snapshots live on.
package struct SortedPairs: Sendable {
    /// Strictly increasing by `bytes(_:precede:)`.
    package private(set) var keys: [[UInt8]] = []
    /// `values[i]` belongs to `keys[i]`.
    package private(set) var values: [[UInt8]] = []

    package init() {}

    package var count: Int { keys.count }

    /// The number of keys below `key`: where `key` is, or would go.
    package func lowerBound(_ key: [UInt8]) -> Int {
        guard let last = keys.last, !Self.bytes(last, precede: key) else { return keys.count }
        var low = 0
        var high = keys.count - 1
        while low < high {
            let middle = (low + high) / 2
            if Self.bytes(keys[middle], precede: key) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    /// The positions of the keys with `from` ≤ key < `to`; empty where `to` is not above `from`.
    package func positions(from: [UInt8], to: [UInt8]?) -> Range<Int> {
        let lower = lowerBound(from)
        guard let to else { return lower..<count }
        return lower..<max(lower, lowerBound(to))
    }

    package subscript(key: [UInt8]) -> [UInt8]? {
        let position = lowerBound(key)
        guard position < count, keys[position] == key else { return nil }
        return values[position]
    }

    /// Sets a value, or removes the pair where `value` is nil; answers what was there.
    @discardableResult
    package mutating func set(_ key: [UInt8], _ value: [UInt8]?) -> [UInt8]? {
        let position = lowerBound(key)
        guard position < count, keys[position] == key else {
            if let value {
                keys.insert(key, at: position)
                values.insert(value, at: position)
            }
            return nil
        }
        let old = values[position]
        if let value {
            values[position] = value
        } else {
            keys.remove(at: position)
            values.remove(at: position)
        }
        return old
    }

    /// Takes out the pairs at these positions.
    package mutating func remove(
        _ positions: Range<Int>,
    ) -> (keys: [[UInt8]], values: [[UInt8]]) {
        let removed = (Array(keys[positions]), Array(values[positions]))
        keys.removeSubrange(positions)
        values.removeSubrange(positions)
        return removed
    }

    /// Puts back what `remove` took from `position`, with nothing changed there meanwhile.
    package mutating func restore(
        _ removed: (keys: [[UInt8]], values: [[UInt8]]),
        at position: Int,
    ) {
        keys.insert(contentsOf: removed.keys, at: position)
        values.insert(contentsOf: removed.values, at: position)
    }

    /// Walks over a range as `StoreReader.range` says.
    package func forEach(
        from: [UInt8],
        to: [UInt8]?,
        reversed: Bool,
        _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) throws -> Bool,
    ) rethrows {
        let positions = positions(from: from, to: to)
        for step in 0..<positions.count {
            let position = reversed ? positions.upperBound - 1 - step : positions.lowerBound + step
            let goOn = try keys[position].withUnsafeBytes { key in
                try values[position].withUnsafeBytes { value in try body(key, value) }
            }
            guard goOn else { return }
        }
    }

    /// Unsigned bytes in order, a prefix before what it prefixes.
    private static func bytes(_ left: [UInt8], precede right: [UInt8]) -> Bool {
        left.withUnsafeBufferPointer { left in
            right.withUnsafeBufferPointer { right in
                let shared = min(left.count, right.count)
                for index in 0..<shared where left[index] != right[index] {
                    return left[index] < right[index]
                }
                return left.count < right.count
            }
        }
    }
}
