import Glibc

/// The lines of a page, of 64 bytes each, in which it differs from another.
///
/// Whoever puts these lines over the other page has this one. So has whoever puts them over any mixture of
/// the two: what is not in a line is the same in both. A page that was written to the disk in part, before a crash, is
/// such a mixture.
struct PageDifference: Equatable {
    /// A cache line: an item of 500 bytes that is written over has nine or ten of them, and a mask of a page of
    /// 8 KiB two words.
    static let lineBytes = 64
    static let linesMax = Keyspaces.pageBytes / lineBytes
    /// All lines.
    static let whole = PageDifference(mask: .max)

    /// One bit a line, from the lowest on.
    let mask: UInt128

    init(mask: UInt128) {
        self.mask = mask
    }

    /// What of a page is not so in another; both have a page's bytes.
    init(of page: UnsafeRawBufferPointer, from other: UnsafeRawBufferPointer) {
        var mask: UInt128 = 0
        for line in 0..<Self.linesMax {
            let start = line * Self.lineBytes
            typealias Line = SIMD8<UInt64>
            let own = page.loadUnaligned(fromByteOffset: start, as: Line.self)
            let others = other.loadUnaligned(fromByteOffset: start, as: Line.self)
            if own != others { mask |= 1 << UInt128(line) }
        }
        self.mask = mask
    }

    var isWhole: Bool { self == .whole }

    /// How many bytes these lines have.
    var bytesCount: Int { mask.nonzeroBitCount * Self.lineBytes }

    /// Where the lines lie in a page, from the first on; those that follow one another together.
    var stretches: Stretches { Stretches(left: mask) }

    struct Stretches: Sequence, IteratorProtocol {
        fileprivate var left: UInt128

        mutating func next() -> Range<Int>? {
            guard left != 0 else { return nil }
            let first = left.trailingZeroBitCount
            // Ones come in behind: a stretch that ends with the page ends there.
            let count = (~(left >> UInt128(first))).trailingZeroBitCount
            let end = first + count
            left = end == linesMax ? 0 : (left >> UInt128(end)) << UInt128(end)
            return first * lineBytes..<end * lineBytes
        }
    }

    /// Gives each stretch of a page, and where its bytes are where all lines stand one behind another.
    func forEachStretch<Failure: Error>(
        _ body: (_ page: Range<Int>, _ lines: Range<Int>) throws(Failure) -> Void
    ) throws(Failure) {
        var place = 0
        for stretch in stretches {
            try body(stretch, place..<place + stretch.count)
            place += stretch.count
        }
    }

    /// Puts the lines of a page one behind another.
    func take(from page: UnsafeRawBufferPointer, to lines: UnsafeMutableRawBufferPointer) {
        forEachStretch { stretch, place in
            UnsafeMutableRawBufferPointer(rebasing: lines[place])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: page[stretch]))
        }
    }

    /// Puts lines where they belong in a page.
    func put(_ lines: UnsafeRawBufferPointer, over page: UnsafeMutableRawBufferPointer) {
        forEachStretch { stretch, place in
            UnsafeMutableRawBufferPointer(rebasing: page[stretch])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: lines[place]))
        }
    }
}
