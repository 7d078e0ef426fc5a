package import Causality
import Changes
package import Items
package import Wire

/// What a region alone knows of one of its tables.
///
/// Not replicated; stored in `Keyspace.tables`.
package struct TableState: Equatable, Sendable {
    /// Where the region is in the life of its replica.
    package enum Phase: Equatable, Sendable {
        /// Copying from another member, or waiting to; takes no requests.
        case joining(Copy)
        /// All rows are here; waits until nothing shown is ahead of the applied vector.
        case catchingUp(until: VersionVector)
        case active
        /// Being removed here: takes no writes; goes when every member holds this region's writes.
        case draining(since: HybridTime)
        /// Removed by the others while this region was gone: takes no requests and gives nothing;
        /// goes when what it shipped to nobody is kept aside.
        case expelled
    }

    package struct Copy: Equatable, Sendable {
        /// The stamp of the record that invited this region.
        ///
        /// Every other member must be known to hold it before copying begins: from then on none
        /// forgets a delete this region lacks.
        package var invitation: Stamp
        /// The region copied from; nil before the first chunk.
        package var source: String?
        /// The vector of the first chunk's snapshot.
        package var vector = VersionVector()
        /// The vector of the latest chunk's snapshot: what the rows may show.
        ///
        /// Chunks come from ever later snapshots, so an old one that was delayed is told by it.
        package var shown = VersionVector()
        package var after: [UInt8]?
        package var rowsCopied: UInt64 = 0
        package var rowsExpected: UInt64 = 0
        /// When the last chunk came, by the wall clock.
        package var touchedMilliseconds: UInt64 = 0

        package init(invitation: Stamp) {
            self.invitation = invitation
        }
    }

    /// The table's latest stream in this region.
    package struct Stream: Equatable, Sendable {
        /// Its number while it is enabled; nil once it is disabled.
        package var openNumber: UInt32?
        package var label: String
        package var viewType: StreamViewType
        /// The setting of the description that it follows; see `TableParts.Stream`.
        package var sinceMilliseconds: Int64
    }

    /// How the table's items are kept in the order of their expiry.
    package struct Expiry: Equatable, Sendable {
        /// Local name, first in the keys of the entries; never used twice in one region.
        package var number: UInt32
        /// The attribute that says when an item expires.
        package var attribute: Text
        /// The key through which items that were there before have entries; nil at first.
        package var after: [UInt8]?
        /// Whether all items that have to have entries.
        package var isWhole = false
    }

    package var number: UInt32
    package var phase: Phase
    /// The floor of every absent item: no tombstone at or below it is needed any more.
    package var base: HybridTime = .zero
    /// For each origin, the time from which this region's history of the table is whole.
    package var wholeFrom = VersionVector()
    /// When this region took the table up.
    ///
    /// What its own history has lost from before is no loss to the table: every member holds what
    /// this region wrote in an earlier membership.
    package var began: HybridTime = .zero
    /// Nil if there never was a stream of the table here.
    package var stream: Stream?
    /// Nil while items do not expire.
    package var expiry: Expiry?
    /// The indexes that have rows here, and how far they are built.
    package var indexes = IndexStates()
    /// The last removal of this region's replica that this replica came after; see
    /// `TableParts.Removal`.
    package var removal: HybridTime = .zero
    /// How the table is being brought up by a copy while it stays what it is; nil for a table that
    /// is not too far behind.
    package var resync: Resync?

    package init(number: UInt32, phase: Phase) {
        self.number = number
        self.phase = phase
    }

    /// Whether batches for the table are merged here.
    package var isMerging: Bool {
        switch phase {
        case .catchingUp, .active, .draining: true
        case .joining, .expelled: false
        }
    }

    /// Whether changes of items are recorded in a stream.
    package var isStreaming: Bool { stream?.openNumber != nil }

    /// Whether the table's changes and rows are given to other regions.
    package var isFeeding: Bool {
        switch phase {
        case .active, .draining: true
        case .joining, .catchingUp, .expelled: false
        }
    }
}

extension TableState {
    func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 128)
        writer.uint32(number)
        writer.time(base)
        writer.vector(wholeFrom)
        writer.time(began)
        switch phase {
        case .joining(let copy):
            writer.byte(0)
            writer.stamp(copy.invitation)
            writer.text(copy.source ?? "")
            writer.vector(copy.vector)
            writer.vector(copy.shown)
            writer.byte(copy.after == nil ? 0 : 1)
            writer.block(copy.after ?? [])
            writer.uint64(copy.rowsCopied)
            writer.uint64(copy.rowsExpected)
            writer.uint64(copy.touchedMilliseconds)
        case .catchingUp(let until):
            writer.byte(1)
            writer.vector(until)
        case .active: writer.byte(2)
        case .draining(let since):
            writer.byte(3)
            writer.time(since)
        case .expelled: writer.byte(4)
        }
        append(stream, to: &writer)
        append(expiry, to: &writer)
        indexes.append(to: &writer)
        writer.time(removal)
        resync?.append(to: &writer)
        return writer.bytes
    }

    init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        self = try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            var state = TableState(number: try reader.uint32(), phase: .active)
            state.base = try reader.time()
            state.wholeFrom = try reader.vector()
            state.began = try reader.time()
            state.phase = try TableState.phase(&reader)
            // States written before there were streams end here.
            if reader.remaining > 0 { state.stream = try TableState.stream(&reader) }
            if reader.remaining > 0 { state.expiry = try TableState.expiry(&reader) }
            // What was stored before there were indexes ends here.
            if reader.remaining > 0 { state.indexes = try IndexStates(&reader) }
            if reader.remaining > 0 { state.removal = try reader.time() }
            if reader.remaining > 0 { state.resync = try Resync(&reader) }
            return state
        }
    }

    private func append(_ expiry: Expiry?, to writer: inout ByteWriter) {
        guard let expiry else { return writer.byte(0) }
        writer.byte(expiry.isWhole ? 3 : expiry.after == nil ? 1 : 2)
        writer.uint32(expiry.number)
        writer.text(expiry.attribute.string)
        writer.block(expiry.after ?? [])
    }

    private static func expiry(_ reader: inout ByteReader) throws(MalformedBytes) -> Expiry? {
        let kind = try reader.byte()
        guard kind != 0 else { return nil }
        let number = try reader.uint32()
        let attribute = Text(try reader.text())
        let after = try reader.block()
        return Expiry(
            number: number,
            attribute: attribute,
            after: kind == 2 ? after : nil,
            isWhole: kind == 3,
        )
    }

    private func append(_ stream: Stream?, to writer: inout ByteWriter) {
        guard let stream else { return writer.byte(0) }
        writer.byte(stream.openNumber == nil ? 1 : 2)
        writer.uint32(stream.openNumber ?? 0)
        writer.text(stream.label)
        writer.text(stream.viewType.rawValue)
        writer.uint64(UInt64(bitPattern: stream.sinceMilliseconds))
    }

    private static func stream(_ reader: inout ByteReader) throws(MalformedBytes) -> Stream? {
        let kind = try reader.byte()
        guard kind != 0 else { return nil }
        let number = try reader.uint32()
        let label = try reader.text()
        guard let view = StreamViewType(rawValue: try reader.text()) else {
            throw MalformedBytes("unknown view of a stream")
        }
        return Stream(
            openNumber: kind == 2 ? number : nil,
            label: label,
            viewType: view,
            sinceMilliseconds: Int64(bitPattern: try reader.uint64()),
        )
    }

    private static func phase(_ reader: inout ByteReader) throws(MalformedBytes) -> Phase {
        switch try reader.byte() {
        case 0:
            var copy = Copy(invitation: try reader.stamp())
            let source = try reader.text()
            copy.source = source.isEmpty ? nil : source
            copy.vector = try reader.vector()
            copy.shown = try reader.vector()
            let hasStarted = try reader.byte() != 0
            let after = try reader.block()
            copy.after = hasStarted ? after : nil
            copy.rowsCopied = try reader.uint64()
            copy.rowsExpected = try reader.uint64()
            copy.touchedMilliseconds = try reader.uint64()
            return .joining(copy)
        case 1: return .catchingUp(until: try reader.vector())
        case 2: return .active
        case 3: return .draining(since: try reader.time())
        case 4: return .expelled
        default: throw MalformedBytes("unknown phase of a table")
        }
    }
}

/// How many live items a table has here and their size by the API's rules, exact at every commit.
package struct TableCounts: Equatable, Sendable {
    package var items: Int64 = 0
    package var bytes: Int64 = 0

    package init() {}

    func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 16)
        writer.uint64(UInt64(bitPattern: items))
        writer.uint64(UInt64(bitPattern: bytes))
        return writer.bytes
    }

    init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        self = try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            var counts = TableCounts()
            counts.items = Int64(bitPattern: try reader.uint64())
            counts.bytes = Int64(bitPattern: try reader.uint64())
            return counts
        }
    }
}
