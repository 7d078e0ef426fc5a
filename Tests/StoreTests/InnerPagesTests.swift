import Glibc
import Synchronization
import Testing

@testable import SQLiteStore

/// What is kept of pages, without a file.
struct InnerPagesTests {
    private static let pageBytes = InnerPages.pageBytes

    @Test
    func `a page is offered from when it is kept until it is dropped`() {
        let pages = InnerPages(bytesMax: 8 * Self.pageBytes)
        #expect(pages.filling(of: 7) == nil)
        pages.keep(7, filledWith: 1)
        #expect(pages.filling(of: 7) == 1)
        #expect(pages.filling(of: 8) == nil)
        // What is kept already stays.
        pages.keep(7, filledWith: 2)
        #expect(pages.filling(of: 7) == 1)
        #expect(pages.drop(7) != nil)
        #expect(pages.drop(7) == nil)
        #expect(pages.filling(of: 7) == nil)
        pages.keep(7, filledWith: 3)
        #expect(pages.filling(of: 7) == 3)
        pages.keep(8, filledWith: 4)
        pages.drop(after: 7)
        #expect(pages.filling(of: 7) == 3)
        #expect(pages.filling(of: 8) == nil)
        pages.keep(8, filledWith: 4)
        pages.drop(after: 0)
        #expect(pages.filling(of: 7) == nil)
        #expect(pages.filling(of: 8) == nil)
    }

    @Test
    func `pages that lead to others are told by their first byte`() {
        var page = Array(repeating: UInt8(0), count: 16)
        // Inner pages of indexes and tables, leaves of these, a page of an overflow or the freelist.
        for (kind, leads) in [(2, true), (5, true), (10, true), (13, false), (0, false)] {
            page[0] = UInt8(kind)
            #expect(page.withUnsafeBytes { InnerPages.leads($0.baseAddress!) } == leads)
        }
    }

    @Test
    func `what was read before a page was dropped does not come in after it`() {
        let pages = InnerPages(bytesMax: 8 * Self.pageBytes)
        let generation = pages.generation(of: 7)
        pages.drop(7)
        pages.keep(7, filledWith: 1, since: generation)
        #expect(pages.filling(of: 7) == nil)
        let beforeAll = pages.generation(of: 7)
        pages.drop(after: 0)
        pages.keep(7, filledWith: 1, since: beforeAll)
        #expect(pages.filling(of: 7) == nil)
        pages.keep(7, filledWith: 2)
        #expect(pages.filling(of: 7) == 2)
    }

    @Test
    func `who holds a page sees it unchanged when it is dropped and others come`() throws {
        let pages = InnerPages(bytesMax: Self.pageBytes)
        pages.keep(2, filledWith: 1)
        let held = try #require(pages.hold(2))
        pages.drop(2)
        for page in UInt32(3)..<200 { pages.keep(page, filledWith: 9, worth: 1) }
        #expect(pages.filling(of: 2) == nil)
        #expect(Self.filling(held) == 1)
        #expect((UInt32(3)..<200).allSatisfy { pages.filling(of: $0) == nil })
        #expect(pages.letGo(held))
        pages.keep(3, filledWith: 5)
        #expect(pages.filling(of: 3) == 5)
    }

    @Test
    func `bytes from elsewhere are not let go of`() {
        let pages = InnerPages(bytesMax: 4 * Self.pageBytes)
        withUnsafeTemporaryAllocation(byteCount: Self.pageBytes, alignment: 8) { page in
            if let base = page.baseAddress { #expect(!pages.letGo(base)) }
        }
    }

    @Test(arguments: [0, 1, 8_192, 5 * 8_192, 100 * 8_192])
    func `no more pages are kept than there is room for`(bytesMax: Int) {
        let pages = InnerPages(bytesMax: bytesMax)
        #expect(pages.places * Self.pageBytes <= bytesMax)
        #expect(pages.places >= bytesMax / Self.pageBytes * 15 / 16)
        for page in UInt32(2)..<5_000 { pages.keep(page, filledWith: page) }
        let kept = (UInt32(2)..<5_000).filter { page in
            guard let filling = pages.filling(of: page) else { return false }
            #expect(filling == page)
            return true
        }
        #expect(kept.count == pages.places)
    }

    /// Descents of a tree whose pages have 13 below each, with places for three of five levels and a fifth
    /// more: what is asked for most is there.
    @Test
    func `the upper levels stay though the lower ones come by more often`() {
        let levels = [1, 13, 169, 2_197, 28_561]
        let pages = InnerPages(bytesMax: 224 * Self.pageBytes)
        var random = RandomSource(seed: 1)
        var found = [Int](repeating: 0, count: levels.count)
        let (descents, counted) = (60_000, 20_000)
        for descent in 0..<descents {
            let leaf = Int.random(in: 0..<28_561, using: &random)
            var first = UInt32(2)
            for (level, count) in levels.enumerated() {
                let page = first + UInt32(leaf / (28_561 / count))
                first += UInt32(count)
                if pages.filling(of: page) != nil {
                    if descent >= descents - counted { found[level] += 1 }
                } else {
                    pages.keep(page, filledWith: page)
                }
            }
        }
        #expect(found[0] == counted)
        #expect(found[1] == counted)
        #expect(found[2] > counted * 9 / 10)
    }

    /// A file of numbers that one writes and others read by way of the pages: nobody reads what was written
    /// over before it began to read, nor half of a page.
    @Test
    func `what is offered is never older than the file`() throws {
        let pages = InnerPages(bytesMax: 6 * Self.pageBytes)
        let file = NumberFile()
        let readers = try (UInt64(3)..<6).map { seed in
            try StoreThread.start("a reader") {
                var random = RandomSource(seed: seed)
                var found = 0
                while found < 5_000 || file.writes < 5_000 {
                    let place = Int.random(in: 0..<NumberFile.count, using: &random)
                    if file.look(place, pages) { found += 1 }
                }
            }
        }
        let writer = try StoreThread.start("the writer") {
            var random = RandomSource(seed: 2)
            while !file.isDone {
                file.write(Int.random(in: 0..<NumberFile.count, using: &random), pages)
            }
        }
        for reader in readers { pthread_join(reader, nil) }
        file.end()
        pthread_join(writer, nil)
        #expect(file.misreadings == 0)
    }

    /// The number that a page is full of; nil where it is of several.
    fileprivate static func filling(_ page: UnsafeRawPointer) -> UInt32? {
        let numbers = UnsafeRawBufferPointer(start: page, count: pageBytes)
            .bindMemory(to: UInt32.self)
        return numbers.allSatisfy { $0 == numbers[0] } ? numbers[0] : nil
    }
}

/// Pages that are each one number, written as SQLite's file is.
private final class NumberFile: Sendable {
    static let count = 12
    private let numbers = Numbers()
    /// The numbers of which everybody has to know.
    private let written = Numbers()
    private let ended = Atomic<Bool>(false)
    private let wrong = Atomic<Int>(0)
    private let last = Atomic<UInt32>(0)

    var writes: UInt32 { last.load(ordering: .relaxed) }
    var isDone: Bool { ended.load(ordering: .relaxed) }
    /// How often a page was found that was older than the file, or of several numbers.
    var misreadings: Int { wrong.load(ordering: .relaxed) }

    func end() {
        ended.store(true, ordering: .relaxed)
    }

    func write(_ place: Int, _ pages: InnerPages) {
        let page = UInt32(place + 2)
        let number = last.wrappingAdd(1, ordering: .relaxed).newValue
        let worth = pages.drop(page)
        numbers[place].store(number, ordering: .sequentiallyConsistent)
        pages.drop(page)
        written[place].store(number, ordering: .sequentiallyConsistent)
        if let worth { pages.keep(page, filledWith: number, worth: worth) }
    }

    /// - Returns: whether the page was kept.
    func look(_ place: Int, _ pages: InnerPages) -> Bool {
        let page = UInt32(place + 2)
        let known = written[place].load(ordering: .sequentiallyConsistent)
        if let held = pages.hold(page) {
            defer { pages.letGo(held) }
            let isRight = InnerPagesTests.filling(held).map { $0 >= known } ?? false
            if !isRight { wrong.add(1, ordering: .relaxed) }
            return true
        }
        let generation = pages.generation(of: page)
        let number = numbers[place].load(ordering: .sequentiallyConsistent)
        pages.keep(page, filledWith: number, since: generation)
        return false
    }
}

/// `@unchecked Sendable`: atomic.
private final class Numbers: @unchecked Sendable {
    private let numbers: UnsafeMutablePointer<Atomic<UInt32>>

    init() {
        numbers = .allocate(capacity: NumberFile.count)
        for place in 0..<NumberFile.count { (numbers + place).initialize(to: Atomic(0)) }
    }

    deinit {
        numbers.deallocate()
    }

    subscript(place: Int) -> Atomic<UInt32> {
        _read { yield numbers[place] }
    }
}

extension InnerPages {
    /// The number that a kept page is full of.
    fileprivate func filling(of page: UInt32) -> UInt32? {
        guard let held = hold(page) else { return nil }
        defer { letGo(held) }
        return InnerPagesTests.filling(held)
    }

    fileprivate func keep(
        _ page: UInt32,
        filledWith number: UInt32,
        since generation: UInt64? = nil,
        worth: UInt64? = nil,
    ) {
        let generation = generation ?? self.generation(of: page)
        let bytes = [UInt32](repeating: number, count: Self.pageBytes / 4)
        bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            keep(page, base, since: generation, worth: worth)
        }
    }
}
