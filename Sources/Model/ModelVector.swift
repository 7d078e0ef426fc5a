/// A time below 8 for each of the model's origins; zero for none.
///
/// Four bits an entry, so that all entries are compared and joined at once.
struct ModelVector: Equatable {
    private(set) var bits: UInt32 = 0

    /// The fourth bit of each entry, which none uses: a borrow ends there.
    private static let guards: UInt32 = 0x88_8888

    subscript(origin: Int) -> ModelTime {
        get { ModelTime(truncatingIfNeeded: bits >> UInt32(4 * origin)) & 7 }
        set {
            precondition(newValue < 8, "a time of the model fits three bits")
            let place = UInt32(4 * origin)
            bits = bits & ~(7 << place) | UInt32(newValue) << place
        }
    }

    func covers(_ other: ModelVector) -> Bool {
        ((bits | Self.guards) &- other.bits) & Self.guards == Self.guards
    }

    func joined(_ other: ModelVector) -> ModelVector {
        // A guard is lost where the entry here is the lesser one.
        let lesser = ~((bits | Self.guards) &- other.bits) & Self.guards
        let mask = (lesser >> 3) &* 7
        var joined = self
        joined.bits = bits & ~mask | other.bits & mask
        return joined
    }
}

/// A time of the model's clocks: below 8.
package typealias ModelTime = UInt8

/// Some of a state's changes, by number.
struct ModelSet: Equatable {
    var bits: UInt8 = 0

    var isEmpty: Bool { bits == 0 }

    func contains(_ change: Int) -> Bool { bits & (1 << UInt8(change)) != 0 }

    mutating func insert(_ change: Int) { bits |= 1 << UInt8(change) }

    mutating func form(unionWith other: ModelSet) { bits |= other.bits }

    func union(_ other: ModelSet) -> ModelSet { ModelSet(bits: bits | other.bits) }

    func subtracting(_ other: ModelSet) -> ModelSet { ModelSet(bits: bits & ~other.bits) }

    /// The same changes after another has got the number `place`.
    func renumbered(from place: Int) -> ModelSet {
        let below = UInt8(1) << UInt8(place) &- 1
        return ModelSet(bits: bits & below | (bits & ~below) << 1)
    }
}
