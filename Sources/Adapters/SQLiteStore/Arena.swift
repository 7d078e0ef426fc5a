import CSQLite
import Engine
import Glibc

/// The bytes of one generation of the overlay: filled by the writer, gone as a whole.
///
/// A generation is what a file of the log holds, and large values are left there (`LoggedValue`): that file
/// lives as long as the arena.
///
/// `@unchecked Sendable`: the writer alone calls `keep`; others read, through entries published
/// after it, bytes that nothing changes any more.
final class Arena: @unchecked Sendable {
    private let pool: SlabPool
    /// More than one only after a start that found more.
    // Nothing that is called while one of these is changed comes back here.
    @exclusivity(unchecked) private(set) var logs: [LogFile] = []
    @exclusivity(unchecked) private var slabs: [UnsafeMutableRawBufferPointer] = []
    @exclusivity(unchecked) private var used = 0

    init(_ pool: SlabPool) {
        self.pool = pool
    }

    deinit {
        pool.giveBack(slabs)
    }

    /// Keeps a file of the log from being used again.
    func hold(_ log: LogFile) {
        if logs.last !== log { logs.append(log) }
    }

    /// Copies a key, and where its value is.
    func keep(
        _ key: UnsafeRawBufferPointer,
        _ value: LoggedValue
    ) throws(StoreError) -> UnsafeRawPointer {
        let place = try room(key.count + MemoryLayout<LoggedValue>.size)
        if let source = key.baseAddress { memcpy(place, source, key.count) }
        place.storeBytes(of: value, toByteOffset: key.count, as: LoggedValue.self)
        return UnsafeRawPointer(place)
    }

    /// Copies bytes to where they stay while the arena lives.
    func keep(_ bytes: UnsafeRawBufferPointer) throws(StoreError) -> UnsafeRawPointer {
        let place = try room(bytes.count)
        if let source = bytes.baseAddress { memcpy(place, source, bytes.count) }
        return UnsafeRawPointer(place)
    }

    private func room(_ count: Int) throws(StoreError) -> UnsafeMutableRawPointer {
        let room = slabs.last.map { $0.count - used } ?? 0
        if slabs.isEmpty || room < count {
            slabs.append(try pool.take(atLeast: count))
            used = 0
        }
        guard let base = slabs.last?.baseAddress else { throw SlabPool.noMemory }
        let place = base + used
        used += count
        return place
    }
}

/// Memory for arenas, used again: the first touch of a page costs several times what copying to it
/// does, and a virtual machine may have to ask its host for it.
///
/// Slabs come from the kernel and go back to it: overlays come and go by the ten megabytes, on two
/// threads, and a heap would keep the holes.
///
/// `@unchecked Sendable`: `idle` is touched under `monitor`.
final class SlabPool: @unchecked Sendable {
    /// Room for many of the largest items; larger slabs are multiples of it.
    private static let slabBytes = 8 << 20
    /// Most bytes of idle slabs that are kept: those of one overlay at its bound, with some room in
    /// them unused.
    ///
    /// The next overlay takes them, so the most that is in use at a time does not grow.
    private static let idleBytesMax = 80 << 20

    private let monitor = Monitor()
    /// The smallest first.
    private var idle: [UnsafeMutableRawBufferPointer] = []

    deinit {
        drain()
    }

    func take(atLeast count: Int) throws(StoreError) -> UnsafeMutableRawBufferPointer {
        let slab: UnsafeMutableRawBufferPointer? = monitor.locked {
            idle.firstIndex { $0.count >= count }.map { idle.remove(at: $0) }
        }
        if let slab { return slab }
        let bytes = (max(1, count) + Self.slabBytes - 1) / Self.slabBytes * Self.slabBytes
        let access = PROT_READ | PROT_WRITE
        let mapped = mmap(nil, bytes, access, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let mapped, mapped != MAP_FAILED else { throw Self.noMemory }
        return UnsafeMutableRawBufferPointer(start: mapped, count: bytes)
    }

    func giveBack(_ slabs: [UnsafeMutableRawBufferPointer]) {
        monitor.locked {
            var bytes = idle.reduce(0) { $0 + $1.count }
            for slab in slabs {
                if bytes + slab.count <= Self.idleBytesMax {
                    bytes += slab.count
                    let place = idle.firstIndex { $0.count >= slab.count } ?? idle.count
                    idle.insert(slab, at: place)
                } else {
                    munmap(slab.baseAddress, slab.count)
                }
            }
        }
    }

    /// Gives all idle memory back to the kernel.
    func drain() {
        monitor.locked {
            for slab in idle { munmap(slab.baseAddress, slab.count) }
            idle = []
        }
    }

    static var noMemory: StoreError {
        StoreError(attempt: "keep a commit", code: Int(SQLITE_NOMEM), message: "no memory")
    }
}
