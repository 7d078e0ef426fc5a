import Causality
import Changes
import Items

/// What is stored under a key, where it lies, for an operation to look at and to write over.
///
/// Nothing of it is copied that nobody asks for: a put without a condition asks for nothing. It is
/// there only during the call that it was given to (`WriteGroup.withPresent`).
struct Present {
    /// The key of the row in `Keyspace.items`.
    let row: UnsafeRawBufferPointer
    /// Nil where nothing is known of the key.
    private let bytes: UnsafeRawBufferPointer?
    /// The version, if it has an image and is as most are.
    let stored: StoredVersion?
    /// The latest time that a version can have here.
    private let latest: HybridTime

    /// The key in the table, which stands in the row's key behind the table's number.
    var key: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: row[MemoryLayout<UInt32>.size...])
    }

    /// Whatever is stored has moved the clock to `latest` or not so far: a stamp that lies beyond was damaged.
    init(row: UnsafeRawBufferPointer, _ bytes: UnsafeRawBufferPointer?, latest: HybridTime) {
        self.row = row
        self.bytes = bytes
        self.latest = latest
        stored = bytes.flatMap { StoredVersion($0) }.flatMap { $0.time <= latest ? $0 : nil }
    }

    /// Whether there is nothing, or a version that can be written over as it lies.
    var isPlain: Bool { bytes == nil || stored != nil }

    /// The item's size; 0 where there is none.
    var sizeBytes: Int {
        get throws {
            if let stored { return stored.sizeBytes }
            return try version()?.sizeBytes ?? 0
        }
    }

    /// The version: an item, a tombstone, or nil where nothing is known.
    func version() throws -> Version? {
        try bytes.map { bytes throws(MalformedBytes) in
            let version = try Version(decoding: bytes)
            guard version.stamp.time <= latest else {
                throw MalformedBytes("a version that is newer than all that was seen")
            }
            return version
        }
    }

    /// The item, which stays in its stored form; nil where there is none.
    func item() throws -> Item? {
        if let stored { return try Item(stored: [UInt8](stored.image)) }
        return try version()?.item()
    }
}
