extension PackedItem {
    /// What `Item.changing` makes of the item, from bytes to bytes; nil where that is not simple.
    ///
    /// What an update leaves as it was, which is most of an item, is copied and not read. `changes`
    /// are sorted, each name once.
    func changing(_ changes: [(name: Text, value: AttributeValue?)]) -> PackedItem? {
        // A count of one byte can be filled in afterwards.
        guard count + changes.count < 0x80 else { return nil }
        return bytes.withUnsafeBytes { bytes in
            var reader = KnownReader(bytes)
            var splice = Splice(from: bytes, sizeBytes: sizeBytes, spareBytes: 64 * changes.count)
            var next = 0
            for _ in 0..<reader.count {
                let start = reader.position
                let name = reader.run()
                let value = reader.rest
                reader.passValue()
                var order = -1
                while next < changes.count {
                    order = changes[next].name.withUTF8 { ByteOrder.compare(name, $0) }
                    guard order > 0 else { break }
                    splice.copy(to: start)
                    splice.add(changes[next].name, changes[next].value)
                    next += 1
                }
                guard order == 0, next < changes.count else {
                    splice.keep()
                    continue
                }
                splice.copy(to: start)
                splice.drop(name, value, to: reader.position)
                splice.add(changes[next].name, changes[next].value)
                next += 1
            }
            splice.copy(to: reader.position)
            for index in next..<changes.count {
                splice.add(changes[index].name, changes[index].value)
            }
            return splice.finish()
        }
    }
}

/// An item's bytes while they are put together from those of another.
private struct Splice {
    private let old: UnsafeRawBufferPointer
    private var bytes: [UInt8] = []
    private var sizeBytes: Int
    private var count = 0
    /// What of the other item has been copied or dropped.
    private var passed = headBytes

    /// The format and the number of attributes.
    private static let headBytes = 2

    init(from old: UnsafeRawBufferPointer, sizeBytes: Int, spareBytes: Int) {
        self.old = old
        self.sizeBytes = sizeBytes
        bytes.reserveCapacity(old.count + spareBytes)
        bytes.append(StoredForm.format)
        bytes.append(0)
    }

    /// Counts an attribute that is copied later, with its neighbours.
    mutating func keep() {
        count += 1
    }

    mutating func copy(to end: Int) {
        guard end > passed else { return }
        bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: old[passed..<end]))
        passed = end
    }

    mutating func drop(_ name: UnsafeRawBufferPointer, _ value: StoredReader, to end: Int) {
        var value = value
        sizeBytes -=
            name.count
            + PackedItem.known { () throws(StoredFormError) in
                try StoredScan.value(&value, level: 1)
            }
        passed = end
    }

    mutating func add(_ name: Text, _ value: AttributeValue?) {
        guard let value else { return }
        StoredEncoder.append(name, to: &bytes)
        StoredEncoder.append(value, to: &bytes)
        sizeBytes += name.utf8Count + value.sizeBytes
        count += 1
    }

    mutating func finish() -> PackedItem {
        bytes[1] = UInt8(count)
        return PackedItem(known: bytes, sizeBytes: sizeBytes)
    }
}
