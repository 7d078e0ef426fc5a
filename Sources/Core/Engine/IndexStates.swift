import Changes
import Items
import Wire

/// What a region alone knows of a table's indexes: the numbers that their rows begin with, and how
/// far each is built.
///
/// Not replicated: a region builds every index from its own items. Numbers are never used twice for
/// one table, so rows of an index that is gone are in nobody's way while they go.
package struct IndexStates: Equatable, Sendable {
    package enum Phase: Equatable, Sendable {
        /// Holds the entries of the items up to a key, and of no others; nil before the first step.
        case building(through: [UInt8]?)
        /// Holds the entries of all items.
        case active
        /// Gone from the description; its entries go a few at a time. `part` is the description's
        /// part as it was, in stored form.
        case deleting(part: [UInt8])
    }

    package struct Entry: Equatable, Sendable {
        package let name: String
        /// `TableParts.IndexPart.id`; nil for a local index.
        package let id: Int64?
        package let number: UInt32
        package var phase: Phase
    }

    /// In the order in which they were taken up.
    package private(set) var entries: [Entry] = []
    private var lastNumber: UInt32 = 0

    package init() {}

    /// The state of a described index; nil until it is taken up.
    func entry(_ name: String, id: Int64?) -> Entry? {
        entries.first { $0.name == name && $0.id == id && !$0.isDeleting }
    }

    /// Takes up the indexes that are new in a description, in the phase given.
    mutating func follow(_ parts: TableParts, phase: Phase) {
        for (definition, id) in parts.indexes where entry(definition.name, id: id) == nil {
            lastNumber += 1
            entries.append(
                Entry(name: definition.name, id: id, number: lastNumber, phase: phase)
            )
        }
    }

    /// Begins to remove the indexes of `before` that a description has no more.
    mutating func drop(_ before: TableParts, now parts: TableParts) {
        for place in entries.indices where !entries[place].isDeleting {
            let entry = entries[place]
            guard let id = entry.id, parts.globalIndex(entry.name)?.id != id else { continue }
            let part = before.globalIndex(entry.name)?.item ?? Item()
            entries[place].phase = .deleting(part: part.encoded())
        }
    }

    mutating func set(_ phase: Phase, of number: UInt32) {
        for place in entries.indices where entries[place].number == number {
            entries[place].phase = phase
        }
    }

    mutating func remove(_ number: UInt32) {
        entries.removeAll { $0.number == number }
    }

    /// Whether the table shows that it is being changed: unlike a backfill, the beginning of a build
    /// and a removal do.
    var isAllocating: Bool {
        entries.contains { $0.phase == .building(through: nil) || $0.isDeleting }
    }

    /// Whether there is work to do for chores.
    var isChanging: Bool {
        entries.contains { $0.phase != .active }
    }
}

extension IndexStates.Entry {
    var isDeleting: Bool {
        if case .deleting = phase { return true }
        return false
    }
}

extension IndexStates {
    func append(to writer: inout ByteWriter) {
        writer.uint32(lastNumber)
        writer.count(entries.count)
        for entry in entries {
            writer.text(entry.name)
            writer.byte(entry.id == nil ? 0 : 1)
            writer.uint64(UInt64(bitPattern: entry.id ?? 0))
            writer.uint32(entry.number)
            switch entry.phase {
            case .building(nil): writer.byte(0)
            case .building(let key?):
                writer.byte(1)
                writer.block(key)
            case .active: writer.byte(2)
            case .deleting(let part):
                writer.byte(3)
                writer.block(part)
            }
        }
    }

    init(_ reader: inout ByteReader) throws(MalformedBytes) {
        lastNumber = try reader.uint32()
        for _ in 0..<(try reader.count(bytesEach: Self.entryBytesMin)) {
            let name = try reader.text()
            let isGlobal = try reader.byte() != 0
            let id = Int64(bitPattern: try reader.uint64())
            entries.append(
                Entry(
                    name: name,
                    id: isGlobal ? id : nil,
                    number: try reader.uint32(),
                    phase: try Self.phase(&reader),
                )
            )
        }
    }

    private static let entryBytesMin = 15

    private static func phase(_ reader: inout ByteReader) throws(MalformedBytes) -> Phase {
        switch try reader.byte() {
        case 0: return .building(through: nil)
        case 1: return .building(through: try reader.block())
        case 2: return .active
        case 3: return .deleting(part: try reader.block())
        default: throw MalformedBytes("unknown phase of an index")
        }
    }
}

/// The local name of an index: the first eight bytes of its rows.
package struct IndexNumber: Hashable, Comparable, Sendable {
    package let table: UInt32
    package let number: UInt32

    package init(table: UInt32, number: UInt32) {
        self.table = table
        self.number = number
    }

    package static func < (left: IndexNumber, right: IndexNumber) -> Bool {
        (left.table, left.number) < (right.table, right.number)
    }

    /// What the keys of all rows of the index begin with.
    package var rowPrefix: [UInt8] { Table.rowPrefix(table) + Table.rowPrefix(number) }

    /// The first row key after all of the index.
    package var rowEnd: [UInt8] { Table.rowPrefix(table) + Table.rowPrefix(number + 1) }

    package static let rowPrefixBytes = 8
}
