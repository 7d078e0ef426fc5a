import Changes

/// Records of a stream that follow one another and were written together: one row of
/// `Keyspace.records`.
///
/// One row for many records, as with the history: a row of its own costs a record a place in the
/// tree, which splits and moves what lies beside it, and more than its own bytes. The key names the
/// last sequence, so what follows a position is one range.
///
/// The stored form: `form, created, count, records`; a record is `flags, size, key, old image, new
/// image`. A row of an earlier version is one record, `created` and the same: it begins with a byte
/// 0, since no time takes all of its eight bytes.
package struct StreamSegment {
    /// About as many bytes has a row, which a reader takes as a whole.
    private static let bytesMax = 64 << 10
    private static let form: UInt8 = 1
    private static let countOffset = 9

    private var first: UInt64
    private var count: UInt32 = 0
    private var writer: ByteWriter

    /// An empty one, whose first record has a sequence and a time.
    init(first: UInt64, createdMilliseconds: UInt64) {
        self.first = first
        writer = ByteWriter(reserving: 2_048)
        writer.byte(StreamSegment.form)
        writer.uint64(createdMilliseconds)
        writer.uint32(0)
    }

    /// Appends a record; what it does not follow, or has no room beside, is put first.
    mutating func append(
        _ record: StreamEntry.Parts,
        at sequence: UInt64,
        of stream: UInt32,
        in store: any StoreTransaction,
    ) throws {
        let isFull = writer.bytes.count >= StreamSegment.bytesMax
        if isFull || sequence != first + UInt64(count) {
            try put(of: stream, in: store)
            first = sequence
        }
        record.append(to: &writer)
        count += 1
    }

    /// Puts what was appended, and is empty then.
    mutating func put(of stream: UInt32, in store: any StoreTransaction) throws {
        guard count > 0 else { return }
        withUnsafeBytes(of: count.bigEndian) { bytes in
            for index in 0..<4 {
                writer.bytes[StreamSegment.countOffset + index] = bytes[index]
            }
        }
        let key = StreamEntry.key(stream, first + UInt64(count) - 1)
        try store.put(.records, key, writer.bytes)
        first += UInt64(count)
        count = 0
        writer.bytes.removeSubrange((StreamSegment.countOffset + 4)...)
    }
}

extension StreamSegment {
    /// What stands before a row's records.
    package struct Head {
        package let createdMilliseconds: UInt64
        package let first: UInt64
        package let last: UInt64

        /// Of a row's key and the reader of its value, which then stands at the first record.
        init(
            _ key: UnsafeRawBufferPointer,
            _ reader: inout ByteReader
        ) throws(MalformedBytes) {
            last = try StreamEntry.sequence(in: key)
            var count: UInt64 = 1
            var time = reader
            let isRow = try reader.byte() == StreamSegment.form
            if isRow { time = reader }
            createdMilliseconds = try time.uint64()
            if isRow { count = UInt64(try time.uint32()) }
            reader = time
            guard count > 0, count <= last else { throw MalformedBytes("records before the first") }
            first = last - count + 1
        }
    }

    static func head(
        _ key: UnsafeRawBufferPointer,
        _ value: UnsafeRawBufferPointer,
    ) throws(MalformedBytes) -> Head {
        var reader = ByteReader(value)
        return try Head(key, &reader)
    }

    /// Calls `body` with each record of a row from a sequence on, until it returns false.
    /// - Returns: whether it never did.
    package static func forEach(
        in row: (key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer),
        from start: UInt64 = 0,
        _ body: (_ sequence: UInt64, StreamEntry) throws -> Bool,
    ) throws -> Bool {
        var reader = ByteReader(row.value)
        let head = try Head(row.key, &reader)
        for sequence in head.first...head.last {
            let parts = try StreamEntry.Parts(&reader)
            guard sequence >= start else { continue }
            let entry = StreamEntry(parts, createdMilliseconds: head.createdMilliseconds)
            guard try body(sequence, entry) else { return false }
        }
        if reader.remaining > 0 { throw MalformedBytes("trailing bytes") }
        return true
    }
}

extension StoreReader {
    /// The first sequence in a range whose record was made at a time or later, or the range's end.
    ///
    /// It is searched for by halving the range: records follow one another in time. Where the
    /// region's clock was set back meanwhile, it is one of the places where the time was passed.
    func sequence(
        since milliseconds: UInt64,
        in range: Range<UInt64>,
        of stream: UInt32,
    ) throws -> UInt64 {
        var (low, high) = (range.lowerBound, range.upperBound)
        while low < high {
            let middle = low + (high - low) / 2
            // The row that holds the middle, or the one after it.
            var head: StreamSegment.Head?
            try self.range(
                .records,
                from: StreamEntry.key(stream, middle),
                to: Table.rowPrefix(stream + 1),
                reversed: false,
            ) { key, value in
                head = try StreamSegment.head(key, value)
                return false
            }
            if let head, head.createdMilliseconds < milliseconds {
                low = head.last + 1
            } else {
                high = max(low, min(middle, head?.first ?? middle))
            }
        }
        return min(low, range.upperBound)
    }
}

extension WriteGroup {
    /// Appends a record to an open stream; what was appended is put when the group finishes.
    func append(_ record: StreamEntry.Parts, to stream: UInt32) throws {
        guard let sequence = engine.streams[stream]?.takeSequence() else { return }
        try segments[
            stream,
            default: StreamSegment(first: sequence, createdMilliseconds: wallMilliseconds)
        ].append(record, at: sequence, of: stream, in: store)
    }

    /// Puts the records that were appended.
    func putRecords() throws {
        for stream in segments.keys.sorted() {
            try segments[stream]?.put(of: stream, in: store)
        }
        segments = [:]
    }
}
