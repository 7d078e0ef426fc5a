/// An amount of read or write capacity, exact in half units.
package struct CapacityUnits: Equatable, Sendable {
    /// Twice the number of units.
    package var halves: Int

    /// One read unit reads this many bytes, strongly consistent.
    package static let readUnitBytes = 4096
    /// One write unit writes this many bytes.
    package static let writeUnitBytes = 1024

    package static let zero = CapacityUnits(halves: 0)

    package init(halves: Int) {
        self.halves = halves
    }

    /// Reading `bytes`, rounded up to 4 KB and at least one unit; half of it if eventual.
    package static func read(bytes: Int, consistent: Bool) -> CapacityUnits {
        let units = blocks(of: bytes, readUnitBytes)
        return CapacityUnits(halves: consistent ? units * 2 : units)
    }

    /// Writing `bytes` (the larger of the item before and after), rounded up to 1 KB and at least
    /// one unit.
    package static func write(bytes: Int) -> CapacityUnits {
        CapacityUnits(halves: blocks(of: bytes, writeUnitBytes) * 2)
    }

    /// What it takes as part of a transaction: each item is read or written twice, once to prepare
    /// and once to commit.
    package var transactional: CapacityUnits { CapacityUnits(halves: halves * 2) }

    package static func + (left: CapacityUnits, right: CapacityUnits) -> CapacityUnits {
        CapacityUnits(halves: left.halves + right.halves)
    }

    package static func += (left: inout CapacityUnits, right: CapacityUnits) {
        left = left + right
    }

    private static func blocks(of bytes: Int, _ block: Int) -> Int {
        bytes <= block ? 1 : (bytes - 1) / block + 1
    }
}
