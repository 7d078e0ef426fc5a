import Glibc

/// The sockets on which answers are awaited, for `pselect`.
///
/// `poll` counts time in milliseconds, too coarse for a rate of thousands a second; `epoll` and
/// `ppoll` are not in the Glibc module.
struct DescriptorSet {
    private var awaited = fd_set()
    private var ready = fd_set()
    private var descriptorsEnd: Int32 = 0

    mutating func insert(_ descriptor: Int32) {
        Self.withWord(of: descriptor, in: &awaited) { $0 |= $1 }
        descriptorsEnd = max(descriptorsEnd, descriptor + 1)
    }

    mutating func remove(_ descriptor: Int32) {
        Self.withWord(of: descriptor, in: &awaited) { $0 &= ~$1 }
    }

    /// Whether the last `wait` found something to read there.
    mutating func isReady(_ descriptor: Int32) -> Bool {
        Self.withWord(of: descriptor, in: &ready) { $0 & $1 != 0 }
    }

    mutating func wait(nanoseconds: UInt64) {
        var time = timespec(
            tv_sec: Int(nanoseconds / 1_000_000_000),
            tv_nsec: Int(nanoseconds % 1_000_000_000),
        )
        ready = awaited
        // Nothing ready, or interrupted: nothing to read.
        if pselect(descriptorsEnd, &ready, nil, nil, &time, nil) <= 0 { ready = fd_set() }
    }

    /// The set is an array of words with one bit per descriptor, here and in the kernel.
    private static func withWord<Result>(
        of descriptor: Int32,
        in set: inout fd_set,
        _ body: (inout UInt64, UInt64) -> Result,
    ) -> Result {
        withUnsafeMutableBytes(of: &set) { bytes in
            body(
                &bytes.bindMemory(to: UInt64.self)[Int(descriptor) / 64],
                1 << UInt64(descriptor % 64)
            )
        }
    }
}
