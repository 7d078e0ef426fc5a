/// The state of one place of `InnerPages`, in one word, so that it changes at once.
struct InnerPageSlot: Equatable {
    /// What a place is worth at most: so many times a page that was asked for often is passed over when one
    /// has to go.
    static let worthMax: UInt64 = 7
    private static let holdersMax: UInt64 = 0xFFFF
    private static let worthUnit: UInt64 = 1 << 32
    private static let filling: UInt64 = 1 << 40
    /// What one more holder adds.
    static let holder: UInt64 = 1 << 48

    /// From below: 32 bits of the page's number, 8 of its worth, whether it is being filled, and 16 of how
    /// many read from it.
    private(set) var bits: UInt64

    /// A free place; nobody reads from it.
    static let free = InnerPageSlot(bits: 0)

    init(bits: UInt64) {
        self.bits = bits
    }

    /// A place that is being filled with a page.
    init(filling page: UInt32) {
        bits = UInt64(page) | Self.filling
    }

    /// A place that has a page which nobody reads from yet.
    init(page: UInt32, worth: UInt64) {
        bits = UInt64(page) | worth * Self.worthUnit
    }

    /// 0 where there is none: pages are counted from 1.
    var page: UInt32 { UInt32(truncatingIfNeeded: bits) }
    var worth: UInt64 { bits >> 32 & 0xFF }
    var isFilling: Bool { bits & Self.filling != 0 }
    var holders: UInt64 { bits >> 48 }

    /// Whether one more may read from it.
    func offers(_ page: UInt32) -> Bool {
        self.page == page && !isFilling && holders < Self.holdersMax
    }

    /// Whether its page may go for another.
    var isIdle: Bool { holders == 0 && !isFilling }

    /// With one more holder, and worth more for it.
    var held: InnerPageSlot {
        InnerPageSlot(bits: bits + Self.holder + (worth < Self.worthMax ? Self.worthUnit : 0))
    }

    /// Passed over once.
    var lessWorth: InnerPageSlot {
        InnerPageSlot(bits: worth > 0 ? bits - Self.worthUnit : bits)
    }

    /// Without its page: who reads from it or fills it goes on to the end.
    var dropped: InnerPageSlot {
        InnerPageSlot(bits: bits & ~(Self.worthUnit * 0x100 - 1))
    }
}
