import Engine

struct Pair: Equatable, CustomStringConvertible {
    let key: [UInt8]
    let value: [UInt8]

    var description: String { "\(key): \(value.count) bytes" }
}

struct Aborted: Error {}

extension StoreReader {
    /// At most `limit` pairs of a range, copied.
    func pairs(
        _ keyspace: Keyspace,
        from: [UInt8] = [],
        to: [UInt8]? = nil,
        reversed: Bool = false,
        limit: Int = .max,
    ) throws -> [Pair] {
        var found: [Pair] = []
        try range(keyspace, from: from, to: to, reversed: reversed) { key, value in
            found.append(Pair(key: Array(key), value: Array(value)))
            return found.count < limit
        }
        return found
    }

    /// What `look` shows, copied.
    func looked(_ keyspace: Keyspace, _ key: [UInt8]) throws -> [UInt8]? {
        var found: [UInt8]?
        try key.withUnsafeBytes { key in
            try look(keyspace, key) { value in found = value.map { Array($0) } }
        }
        return found
    }

    func everything() throws -> [[Pair]] {
        try Keyspace.allCases.map { try pairs($0) }
    }
}

/// A question to a store.
enum Query {
    case get(Keyspace, [UInt8])
    case range(Keyspace, from: [UInt8], to: [UInt8]?, reversed: Bool, limit: Int)

    func ask(_ reader: any StoreReader) throws -> [Pair] {
        switch self {
        case .get(let keyspace, let key):
            let found = try reader.get(keyspace, key)
            let looked = try reader.looked(keyspace, key)
            // Where the two ways of asking differ, there is an answer too many.
            let answers =
                found == looked ? [found].compactMap(\.self) : [found ?? [], looked ?? []]
            return answers.map { Pair(key: key, value: $0) }
        case .range(let keyspace, let from, let to, let reversed, let limit):
            return try reader.pairs(keyspace, from: from, to: to, reversed: reversed, limit: limit)
        }
    }
}

/// A change, or a question in the midst of changes.
enum Step {
    case put(Keyspace, [UInt8], [UInt8])
    case delete(Keyspace, [UInt8])
    case deleteRange(Keyspace, from: [UInt8], to: [UInt8]?)
    case ask(Query)

    func apply(_ transaction: any StoreTransaction) throws -> [Pair] {
        switch self {
        case .put(let keyspace, let key, let value) where key.count.isMultiple(of: 2):
            return try transaction.putWhileLooking(keyspace, key, value)
        case .put(let keyspace, let key, let value): try transaction.put(keyspace, key, value)
        case .delete(let keyspace, let key): try transaction.delete(keyspace, key)
        case .deleteRange(let keyspace, let from, let to):
            try transaction.deleteRange(keyspace, from: from, to: to)
        case .ask(let query): return try query.ask(transaction)
        }
        return []
    }
}

extension StoreTransaction {
    /// Puts a value while what was under the key is looked at.
    /// - Returns: what the value before has become meanwhile, if that is something else.
    fileprivate func putWhileLooking(
        _ keyspace: Keyspace,
        _ key: [UInt8],
        _ value: [UInt8],
    ) throws -> [Pair] {
        var changed: [Pair] = []
        try key.withUnsafeBytes { bytes in
            try look(keyspace, bytes) { before in
                let copy = before.map { Array($0) }
                try value.withUnsafeBytes { value in
                    // As a whole, or in two parts.
                    guard let last = value.last, last.isMultiple(of: 2) else {
                        return try put(keyspace, bytes, value)
                    }
                    let middle = Int(last) % value.count
                    try put(
                        keyspace,
                        bytes,
                        UnsafeRawBufferPointer(rebasing: value[..<middle]),
                        UnsafeRawBufferPointer(rebasing: value[middle...]),
                    )
                }
                let after = before.map { Array($0) }
                if after != copy { changed.append(Pair(key: key, value: after ?? [])) }
            }
        }
        return changed
    }
}

/// The same, thought out as plainly as possible: one dictionary per keyspace, sorted when asked.
struct NaiveStore {
    private var values: [Keyspace: [[UInt8]: [UInt8]]] = [:]

    mutating func apply(_ step: Step) -> [Pair] {
        switch step {
        case .put(let keyspace, let key, let value): values[keyspace, default: [:]][key] = value
        case .delete(let keyspace, let key): values[keyspace, default: [:]][key] = nil
        case .deleteRange(let keyspace, let from, let to):
            for pair in sorted(keyspace, from, to) { values[keyspace]?[pair.key] = nil }
        case .ask(let query): return ask(query)
        }
        return []
    }

    func ask(_ query: Query) -> [Pair] {
        switch query {
        case .get(let keyspace, let key):
            return values[keyspace]?[key].map { [Pair(key: key, value: $0)] } ?? []
        case .range(let keyspace, let from, let to, let reversed, let limit):
            let all = sorted(keyspace, from, to)
            return Array((reversed ? all.reversed() : all).prefix(limit))
        }
    }

    func everything() -> [[Pair]] {
        Keyspace.allCases.map { sorted($0, [], nil) }
    }

    private func sorted(_ keyspace: Keyspace, _ from: [UInt8], _ to: [UInt8]?) -> [Pair] {
        (values[keyspace] ?? [:])
            .filter { !$0.key.lexicographicallyPrecedes(from) }
            .filter { pair in to.map { pair.key.lexicographicallyPrecedes($0) } ?? true }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .map { Pair(key: $0.key, value: $0.value) }
    }
}
