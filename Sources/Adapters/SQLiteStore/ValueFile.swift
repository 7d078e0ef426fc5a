import Engine
import Glibc
import Synchronization

/// A file of values that rows of SQLite's file refer to.
///
/// Whoever may come upon such a row holds its file: an overlay has all that there are, and views hold
/// their overlay. A file to which no row refers any more goes when the last of them lets go of it.
final class ValueFile: Sendable {
    let number: UInt64
    private let path: String
    private let left: LeftFiles
    private let isDropped = Atomic<Bool>(false)

    init(_ number: UInt64, in files: NumberedFiles, left: LeftFiles) {
        self.number = number
        self.left = left
        path = files.path(number)
    }

    deinit {
        // If it stays by a crash before this, the next start takes it away.
        if isDropped.load(ordering: .acquiring) { left.leave { [path] in unlink(path) } }
    }

    /// No row refers to it.
    func drop() {
        isDropped.store(true, ordering: .releasing)
    }

    /// Reads a value; its bytes hold until the buffer is used again.
    ///
    /// Opened anew each time, which costs a thousandth of what reading one of them does: there may be
    /// more files than a process may hold open.
    func read(
        _ place: ValuePlace,
        into buffer: ValueBuffer
    ) throws(StoreError) -> UnsafeRawBufferPointer {
        let room = buffer.room(Int(place.count))
        try Descriptor(path, O_RDONLY).read(room, at: Int(truncatingIfNeeded: place.offset))
        let value = UnsafeRawBufferPointer(room)
        guard place.isPlace(of: value) else {
            throw .damaged(path, "the value at \(place.offset) is not what was written")
        }
        return value
    }
}

/// The files of values that there are, by number.
typealias ValueFileSet = [UInt64: ValueFile]
