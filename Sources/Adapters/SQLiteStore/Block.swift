import Engine

/// Several pairs of a keyspace in the order of their keys, as one row of SQLite's file has them (`Keyspaces`).
///
/// Little-endian: how many pairs there are (2 bytes), where each begins (2 each), and the pairs: bytes of the key
/// (2), bytes of the value (4), the key, the value. What follows them has no meaning.
struct Block {
    /// A block whose pairs need no more has so many bytes: as many as a row of a page of 8 KiB may have beside
    /// its number, so that a block is a page, and one is written over the other where it lies.
    ///
    /// A row's record of 4 and `bytesCount` bytes stays in its page up to 8,157 (section 1.6 of
    /// https://www.sqlite.org/fileformat.html: the page less 35).
    static let bytesCount = 8_152
    /// What its pairs and their places may take together.
    static let room = bytesCount - headBytes
    static let headBytes = 2
    static let placeBytes = 2
    static let pairHeadBytes = 6
    /// What a pair's head can say of a key.
    ///
    /// An item's has 7 KB at most, an index entry's 40.
    static let keyBytesMax = Int(UInt16.max)

    private let bytes: UnsafeRawBufferPointer
    private let keyspace: Keyspace
    let count: Int

    /// The bytes hold as long as it and its entries are used.
    init(_ bytes: UnsafeRawBufferPointer, of keyspace: Keyspace) throws(StoreError) {
        guard bytes.count >= Self.headBytes else { throw Self.damaged(keyspace) }
        let count = Int(bytes.loadUnaligned(as: UInt16.self).littleEndian)
        guard Self.headBytes + count * Self.placeBytes <= bytes.count,
            count == 1 || bytes.count <= Self.bytesCount
        else { throw Self.damaged(keyspace) }
        self.bytes = bytes
        self.keyspace = keyspace
        self.count = count
    }

    /// What a pair takes of a block's room.
    static func roomTaken(by entry: Entry) -> Int {
        placeBytes + pairHeadBytes + entry.byteCount
    }

    /// Where the pair with this ordinal begins.
    @inline(__always)
    func start(_ ordinal: Int) throws(StoreError) -> Int {
        let start = Int(
            bytes.loadUnaligned(
                fromByteOffset: Self.headBytes + ordinal * Self.placeBytes,
                as: UInt16.self
            ).littleEndian
        )
        guard start >= Self.headBytes + count * Self.placeBytes,
            start + Self.pairHeadBytes <= bytes.count
        else { throw Self.damaged(keyspace) }
        return start
    }

    /// The pair with this ordinal, from 0 on, with its value behind its key.
    @inline(__always)
    func entry(_ ordinal: Int) throws(StoreError) -> Entry {
        let start = try start(ordinal)
        guard let base = bytes.baseAddress else { throw Self.damaged(keyspace) }
        let keyCount = Int((base + start).loadUnaligned(as: UInt16.self).littleEndian)
        let valueCount = Int((base + start + 2).loadUnaligned(as: UInt32.self).littleEndian)
        guard start + Self.pairHeadBytes + keyCount + valueCount <= bytes.count
        else { throw Self.damaged(keyspace) }
        return Entry(
            key: base + start + Self.pairHeadBytes,
            keyCount: keyCount,
            valueCount: Int32(truncatingIfNeeded: valueCount)
        )
    }

    /// How many pairs are before a key: where it is, or would be.
    func lowerBound(_ key: Entry) throws(StoreError) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if try entry(middle).order(key) < 0 {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    /// The same for a bound of a range.
    func lowerBound(_ bound: [UInt8]) throws(StoreError) -> Int {
        // Errors are not thrown out of the closure with their type.
        try bound.withUnsafeBytes { bytes in
            Swift.Result { () throws(StoreError) in try lowerBound(Entry(bytes)) }
        }.get()
    }

    /// The pair with a key.
    func find(_ key: Entry) throws(StoreError) -> Entry? {
        let place = try lowerBound(key)
        guard place < count else { return nil }
        let entry = try entry(place)
        return entry.order(key) == 0 ? entry : nil
    }

    static func damaged(_ keyspace: Keyspace) -> StoreError {
        .damaged("a block of \(keyspace.rawValue)", "its pairs are not where it should have them")
    }
}
