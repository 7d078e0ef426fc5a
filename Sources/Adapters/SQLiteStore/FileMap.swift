import CSQLite
import Engine
import Glibc
import Synchronization

/// SQLite's file where it lies in the kernel's memory, mapped once for all connections that read much.
///
/// Problem: mapped pages make gets 1.3–1.5 times as fast, but SQLite maps a file once for each connection,
/// and each of the maps stands in the process's resident size.
///
/// Idea: the connections take their pages from this map (`PageMethods`). Of a file that was seen to be
/// larger than `bytesMax` nothing is handed out any more: a map of which less is to be resident than is read
/// has its pages brought and taken away by the kernel for each get, which took two to three times as long as
/// reading them.
///
/// Invariant: what is handed out lies before the file's end, with `marginBytes` behind it, and the file never
/// becomes shorter, since nothing vacuums it. Where the disk cannot read a page, the process ends.
///
/// `@unchecked Sendable`: what changes is atomic.
final class FileMap: @unchecked Sendable {
    /// The largest file that is handed out.
    private let bytesMax: Int
    /// SQLite may look so far behind a page that is damaged, and says so then.
    private static let marginBytes = 256

    /// Open as long as the store: to close it gives up the process's locks on the file (fcntl), SQLite's among
    /// them.
    private let file: Descriptor
    /// Nil where the file cannot be mapped: its pages are read then.
    private let base: UnsafeMutableRawPointer?
    /// How long the file was when it was looked at last.
    private let bytesKnown = Atomic<Int>(0)

    /// Makes the file if it is missing.
    init(path: String, bytesMax: Int) throws(StoreError) {
        file = try Descriptor(path, O_RDONLY | O_CREAT)
        // Pages are asked for in the order of their keys at best, in which they do not lie. The kernel takes
        // pages that happen to be in its memory for the beginning of a walk, and reads some hundred more.
        posix_fadvise(file.number, 0, 0, POSIX_FADV_RANDOM)
        let mapped = mmap(nil, bytesMax, PROT_READ, MAP_SHARED, file.number, 0)
        base = mapped == MAP_FAILED ? nil : mapped
        self.bytesMax = bytesMax
        bytesKnown.store(bytesCount, ordering: .relaxed)
    }

    deinit {
        if let base { munmap(base, bytesMax) }
    }

    /// Reads bytes of the file.
    ///
    /// - Returns: false where there are not as many, or the disk cannot read them.
    func read(_ target: UnsafeMutableRawPointer, at offset: Int, _ count: Int) -> Bool {
        pread(file.number, target, count, off_t(offset)) == count
    }

    /// How long the file is; 0 where nobody can tell.
    var bytesCount: Int {
        var status = stat()
        return fstat(file.number, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Has the kernel begin to write bytes of the file to the disk.
    func beginWriting(_ range: Range<Int>) {
        meridian_begin_sync(file.number, Int64(range.lowerBound), Int64(range.count))
    }

    /// Waits until bytes of the file are with the disk.
    func awaitWritten(_ range: Range<Int>) {
        meridian_await_written(file.number, Int64(range.lowerBound), Int64(range.count))
    }

    /// Whether pages are handed out, as far as was seen: of a file that has become larger since nobody may have
    /// asked for pages yet.
    var isHandedOut: Bool { base != nil && bytesKnown.load(ordering: .relaxed) <= bytesMax }

    /// Bytes of the file; nil where it is not as long, or too long.
    func bytes(at offset: Int, _ count: Int) -> UnsafeMutableRawPointer? {
        let known = bytesKnown.load(ordering: .relaxed)
        guard let base, known <= bytesMax else { return nil }
        let end = offset + count + Self.marginBytes
        if end <= known { return base + offset }
        let length = bytesCount
        bytesKnown.store(length, ordering: .relaxed)
        guard length <= bytesMax else {
            // Who holds pages has them again by touching them.
            madvise(base, bytesMax, MADV_DONTNEED)
            return nil
        }
        return end <= length ? base + offset : nil
    }
}
