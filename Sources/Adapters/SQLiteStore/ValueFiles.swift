import CSQLite
import Engine
import Glibc

/// The flusher's side of the files in which large values of some keyspaces lie.
///
/// Problem: history and the records of streams are most of what a write adds, come in order, are
/// never changed and go from their old end. In SQLite each page of them is written twice, to the page log
/// and to the file, copied and summed up each time, and read once more when it is freed.
///
/// Idea: their values go to files of their own, one after another, and a row says in which and where
/// (keys and values apart, as in Lu and others, *WiscKey*, FAST 2016). SQLite counts in triggers how
/// many rows refer to each file, whoever removes them, and a file without rows goes as a whole.
///
/// Invariant: whatever a row refers to is durable before the log that has it too may go, and stays while anybody may read that
/// row. So a file is made before the transaction that has the rows is committed, and its values are synced before the
/// transaction that ends the flush is; and it is taken away only after one without the rows is durable, and readers' snapshots
/// from before have ended (`ValueFile`).
///
/// What breaks if a rule is dropped: a crash between the last of the rows' commits and the values' sync leaves
/// rows that say what nobody can read, of commits whose log may be gone. Before that nobody reads the rows that
/// a crash left: the log has their keys, newer.
final class ValueFiles {
    /// Values of less are as well off in their row.
    private let valueBytesMin: Int
    /// A file that has so much takes no more after the part that is being written.
    private let fileBytesMax: Int
    private let directory: NumberedFiles
    private let left: LeftFiles
    /// All that there are.
    private(set) var all: ValueFileSet = [:]
    /// What each keyspace's values go to, by its ordinal.
    private var outlets: [Int: Outlet] = [:]
    private var numberNext: UInt64 = 1

    /// Looks at what is there: `rows` has the number of rows that refer to each file.
    init(
        directory path: String,
        bounds: StoreBounds,
        rows: [UInt64: Int],
        left: LeftFiles,
    ) throws(StoreError) {
        self.left = left
        directory = NumberedFiles(directory: path, prefix: "values-")
        valueBytesMin = bounds.valueBytesMin
        fileBytesMax = bounds.valueFileBytesMax
        let present = Set(try directory.numbers())
        for (number, count) in rows where count > 0 {
            guard present.contains(number) else {
                throw .damaged(directory.path(number), "the file is missing")
            }
            all[number] = ValueFile(number, in: directory, left: left)
        }
        // What a crash left: never referred to, or not any more.
        for number in present where all[number] == nil { unlink(directory.path(number)) }
        numberNext = (present.union(rows.keys).max() ?? 0) + 1
    }

    /// Whether a value is to lie in a file.
    func isApart(_ value: UnsafeRawBufferPointer, of keyspace: Keyspace) -> Bool {
        value.count >= valueBytesMin && Keyspaces.isApart(keyspace)
    }

    /// The file for a keyspace's next values; nil where one is to be made.
    func outlet(of keyspace: Keyspace) -> UInt64? {
        outlets[keyspace.ordinal].flatMap { $0.end < fileBytesMax ? $0.file.number : nil }
    }

    /// Makes a file for a keyspace's next values.
    func open(for keyspace: Keyspace) throws(StoreError) -> UInt64 {
        if let full = outlets[keyspace.ordinal] { try full.sync() }
        let file = ValueFile(numberNext, in: directory, left: left)
        let path = directory.path(numberNext)
        outlets[keyspace.ordinal] = Outlet(file, try Descriptor(path, O_WRONLY | O_CREAT | O_TRUNC))
        try DirectoryLock.sync(directory.directory)
        all[file.number] = file
        numberNext += 1
        return file.number
    }

    /// Adds a value to the keyspace's file.
    func append(
        _ value: UnsafeRawBufferPointer,
        of keyspace: Keyspace,
    ) throws(StoreError) -> ValuePlace {
        guard let outlet = outlets[keyspace.ordinal] else {
            preconditionFailure("A file is opened before it is written.")
        }
        return try outlet.append(value)
    }

    /// Has all that was added sent to the disk, and does not wait for it.
    func send() throws(StoreError) {
        for outlet in outlets.values { try outlet.send() }
    }

    /// Makes all that was added durable.
    func sync() throws(StoreError) {
        for outlet in outlets.values { try outlet.sync() }
    }

    /// Forgets files to which nothing refers any more.
    /// - Returns: those that are not in `all` now.
    func leave(_ numbers: [UInt64]) -> [ValueFile] {
        outlets = outlets.filter { !numbers.contains($0.value.file.number) }
        return numbers.compactMap { all.removeValue(forKey: $0) }
    }

    /// A file that values are added to.
    private final class Outlet {
        let file: ValueFile
        private let descriptor: Descriptor
        /// Where the next value goes.
        private(set) var end = 0
        private var synced = 0
        /// The last of its bytes, which are not written yet.
        private var buffer: [UInt8] = []

        private static let bufferBytesMax = 256 << 10

        init(_ file: ValueFile, _ descriptor: consuming Descriptor) {
            self.file = file
            self.descriptor = descriptor
        }

        func append(_ value: UnsafeRawBufferPointer) throws(StoreError) -> ValuePlace {
            let place = ValuePlace(of: value, at: end)
            if buffer.count + value.count > Self.bufferBytesMax { try writeBuffer() }
            if value.count > Self.bufferBytesMax {
                try descriptor.write(value, at: end)
            } else {
                buffer.append(contentsOf: value)
            }
            end += value.count
            return place
        }

        func send() throws(StoreError) {
            let count = buffer.count
            guard count > 0 else { return }
            try writeBuffer()
            descriptor.beginSync(of: count, at: end - count)
        }

        func sync() throws(StoreError) {
            guard end > synced else { return }
            try writeBuffer()
            try descriptor.sync()
            synced = end
        }

        private func writeBuffer() throws(StoreError) {
            let start = end - buffer.count
            // Errors are not thrown out of the closure with their type.
            let failure: StoreError? = buffer.withUnsafeBytes { bytes in
                do throws(StoreError) {
                    try descriptor.write(bytes, at: start)
                    return nil
                } catch {
                    return error
                }
            }
            if let failure { throw failure }
            buffer.removeAll(keepingCapacity: true)
        }
    }
}
