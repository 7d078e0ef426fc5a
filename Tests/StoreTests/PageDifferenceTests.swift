import Foundation
@testable import SQLiteStore
import Testing

/// In which lines a page differs from another.
struct PageDifferenceTests {
    typealias Page = [UInt8]

    @Test(arguments: UInt64(1)...40)
    func `its lines over either page, or over any mixture of the two, give the page`(seed: UInt64) {
        var random = RandomSource(seed: seed)
        let other = page { UInt8.random(in: 0...255, using: &random) }
        var page = other
        for _ in 0..<Int.random(in: 0...12, using: &random) {
            let start = Int.random(in: 0..<page.count, using: &random)
            let end = min(page.count, start + Int.random(in: 1...900, using: &random))
            for place in start..<end { page[place] = UInt8.random(in: 0...255, using: &random) }
        }
        let difference = Self.difference(page, other)
        let lines = Self.lines(page, difference)
        for share in [0, 1, 50, 99, 100] {
            var mixed = page
            for place in page.indices where Int.random(in: 0..<100, using: &random) >= share {
                mixed[place] = other[place]
            }
            mixed.withUnsafeMutableBytes { mixed in
                lines.withUnsafeBytes { difference.put($0, over: mixed) }
            }
            #expect(mixed == page)
        }
        // Nothing is in it that is the same in both.
        for line in 0..<PageDifference.linesMax {
            let stretch = line * 64..<(line + 1) * 64
            let isIn = difference.mask >> UInt128(line) & 1 == 1
            #expect(isIn == (page[stretch] != other[stretch]))
        }
    }

    @Test
    func `lines that follow one another are one stretch, up to the page's end`() {
        #expect(Array(PageDifference(mask: 0).stretches) == [])
        #expect(Array(PageDifference.whole.stretches) == [0..<8_192])
        #expect(Array(PageDifference(mask: 0b1_0110).stretches) == [64..<192, 256..<320])
        let ends = PageDifference(mask: 1 | 1 << 127 | 1 << 126)
        #expect(Array(ends.stretches) == [0..<64, 8_064..<8_192])
        #expect(ends.bytesCount == 192)
        #expect(PageDifference.whole.isWhole && !ends.isWhole)
    }

    @Test
    func `one byte is one line, and none is none`() {
        let other = page { 7 }
        #expect(Self.difference(other, other).mask == 0)
        for place in [0, 63, 64, 4_095, 4_096, 8_191] {
            var page = other
            page[place] = 8
            #expect(Self.difference(page, other).mask == 1 << UInt128(place / 64))
        }
        #expect(Self.difference(page { 9 }, other).isWhole)
    }

    private func page(_ byte: () -> UInt8) -> Page {
        (0..<Keyspaces.pageBytes).map { _ in byte() }
    }

    private static func difference(_ page: Page, _ other: Page) -> PageDifference {
        page.withUnsafeBytes { page in
            other.withUnsafeBytes { PageDifference(of: page, from: $0) }
        }
    }

    private static func lines(_ page: Page, _ difference: PageDifference) -> [UInt8] {
        var lines = [UInt8](repeating: 0, count: difference.bytesCount)
        page.withUnsafeBytes { page in
            lines.withUnsafeMutableBytes { difference.take(from: page, to: $0) }
        }
        return lines
    }
}
