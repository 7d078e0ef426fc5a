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
            var splice = ItemSplice(
                from: bytes,
                sizeBytes: sizeBytes,
                spareBytes: ItemSplice.usualBytes * changes.count,
            )
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
                splice.drop(Self.sizeBytes(name, value), to: reader.position)
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

    /// What an attribute adds to an item's size.
    static func sizeBytes(_ name: UnsafeRawBufferPointer, _ value: StoredReader) -> Int {
        var value = value
        return name.count
            + known { () throws(StoredFormError) in try StoredScan.value(&value, level: 1) }
    }
}
