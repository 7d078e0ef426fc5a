import CSQLite
import Engine
import Glibc

/// The bytes of one generation of the overlay: filled by the writer, gone as a whole.
///
/// It takes its memory from the kernel in slabs and gives it back the same way: overlays come and
/// go by the ten megabytes, on two threads, and a heap would keep the holes.
///
/// `@unchecked Sendable`: the writer alone calls `keep`; others read, through entries published
/// after it, bytes that nothing changes any more.
final class Arena: @unchecked Sendable {
    private static let slabBytes = 1 << 20

    private var slabs: [UnsafeMutableRawBufferPointer] = []
    private var used = 0

    deinit {
        for slab in slabs { munmap(slab.baseAddress, slab.count) }
    }

    /// Copies bytes to where they stay while the arena lives.
    func keep(_ bytes: UnsafeRawBufferPointer) throws(StoreError) -> UnsafeRawPointer {
        let room = slabs.last.map { $0.count - used } ?? 0
        if room < bytes.count { try addSlab(atLeast: bytes.count) }
        guard let base = slabs.last?.baseAddress else { throw Self.noMemory }
        let place = base + used
        if let source = bytes.baseAddress { memcpy(place, source, bytes.count) }
        used += bytes.count
        return UnsafeRawPointer(place)
    }

    private func addSlab(atLeast count: Int) throws(StoreError) {
        let pages = (count + Self.slabBytes - 1) / Self.slabBytes
        let bytes = max(1, pages) * Self.slabBytes
        let mapped = mmap(
            nil,
            bytes,
            PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS,
            -1,
            0
        )
        guard let mapped, mapped != MAP_FAILED else { throw Self.noMemory }
        slabs.append(UnsafeMutableRawBufferPointer(start: mapped, count: bytes))
        used = 0
    }

    private static var noMemory: StoreError {
        StoreError(attempt: "keep a commit", code: Int(SQLITE_NOMEM), message: "no memory")
    }
}
