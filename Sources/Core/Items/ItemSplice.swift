/// An item's bytes while they are put together from those of another, which were checked before.
///
/// Takes less than 128 attributes: their number is one byte, which is filled in afterwards.
struct ItemSplice {
    private let old: UnsafeRawBufferPointer
    private var bytes: [UInt8] = []
    private var sizeBytes: Int
    private var count: Int
    /// What of the other item has been copied or dropped.
    private var passed = headBytes

    /// The format and the number of attributes.
    private static let headBytes = 2
    /// What is made room for with each attribute that is put there.
    static let usualBytes = 64

    /// `sizeBytes` is the other item's size, `count` how many of its attributes stay without a call of `keep`.
    init(from old: UnsafeRawBufferPointer, sizeBytes: Int, spareBytes: Int, count: Int = 0) {
        self.old = old
        self.sizeBytes = sizeBytes
        self.count = count
        bytes.reserveCapacity(old.count + spareBytes)
        bytes.append(StoredForm.format)
        bytes.append(0)
    }

    /// Counts an attribute that is copied later, with its neighbours.
    mutating func keep() {
        count += 1
    }

    /// Copies what of the other item has not been passed before `end`.
    mutating func copy(to end: Int) {
        guard end > passed else { return }
        bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: old[passed..<end]))
        passed = end
    }

    /// Leaves an attribute of this size out, which ends at `end`.
    mutating func drop(_ attributeBytes: Int, to end: Int) {
        sizeBytes -= attributeBytes
        passed = end
    }

    /// Puts a found attribute's new value in its place; for nil nothing.
    mutating func replace(_ name: Text, at place: UsualScan.Place, by value: AttributeValue?) {
        copy(to: place.start)
        if place.isThere {
            drop(place.sizeBytes, to: place.end)
            count -= 1
        }
        add(name, value)
    }

    mutating func add(_ name: Text, _ value: AttributeValue?) {
        guard let value else { return }
        StoredEncoder.append(name, to: &bytes)
        StoredEncoder.append(value, to: &bytes)
        sizeBytes += name.utf8Count + value.sizeBytes
        count += 1
    }

    /// The item, of which what is left of the other one has been copied.
    mutating func finish() -> PackedItem {
        precondition(count < 0x80, "an item that is spliced has a count of one byte")
        bytes[1] = UInt8(count)
        return PackedItem(known: bytes, sizeBytes: sizeBytes)
    }
}
