/// Names of attributes that are looked for together: sorted, each once.
package struct WantedAttributes: Sendable {
    /// More than a usual update names.
    package static let countMax = FoundAttributes.Places.count

    package let names: [Text]
    /// The names' bytes one after the other, and where each ends.
    private let bytes: [UInt8]
    private let ends: [Int]

    /// Nil for too many.
    package init?(_ unsorted: [Text]) {
        var names: [Text] = []
        for name in unsorted.sorted() where names.last != name { names.append(name) }
        guard names.count <= Self.countMax else { return nil }
        self.names = names
        var (bytes, ends): ([UInt8], [Int]) = ([], [])
        for name in names {
            bytes.append(contentsOf: name.string.utf8)
            ends.append(bytes.count)
        }
        (self.bytes, self.ends) = (bytes, ends)
    }

    /// The place of a name that is one of these.
    package func index(of name: Text) -> Int? { names.firstIndex(of: name) }

    /// Calls `body` with what gives the bytes of each name.
    @inline(__always)
    fileprivate func withBytes<Result>(
        _ body: ((Int) -> UnsafeRawBufferPointer) -> Result
    ) -> Result {
        bytes.withUnsafeBytes { bytes in
            ends.withUnsafeBufferPointer { ends in
                body { index in
                    let start = index == 0 ? 0 : ends[index - 1]
                    return UnsafeRawBufferPointer(rebasing: bytes[start..<ends[index]])
                }
            }
        }
    }
}

/// Where the wanted attributes of a stored item of the usual kind lie, found in the pass that checks it
/// as a whole (`UsualScan`).
///
/// An update that looks at three attributes, and changes two, passed over the item five times.
package struct FoundAttributes {
    private let image: UnsafeRawBufferPointer
    private let names: [Text]
    fileprivate typealias Places = InlineArray<8, UsualScan.Place>
    private var places = Places(repeating: .init())
    private var sizeBytes = 0

    /// Nil for an item that is not usual, and for bytes that are none.
    ///
    /// `image` has to stay while this is used.
    package init?(_ wanted: WantedAttributes, in image: UnsafeRawBufferPointer) {
        self.image = image
        names = wanted.names
        guard let size = find(wanted) else { return nil }
        sizeBytes = size
    }

    private mutating func find(_ wanted: WantedAttributes) -> Int? {
        wanted.withBytes { nameBytes in
            var next = 0
            let size = UsualScan.scan(image) { name, place in
                while next < names.count {
                    let order = ByteOrder.compareNames(name, nameBytes(next))
                    guard order >= 0 else { return }
                    places[next] = order == 0 ? place : .empty(at: place.start)
                    next += 1
                    if order == 0 { return }
                }
            }
            for index in next..<names.count { places[index] = .empty(at: image.count) }
            return size
        }
    }

    /// Whether the item has the attribute of this number among the wanted.
    package func contains(_ index: Int) -> Bool { places[index].isThere }

    /// Its value, if the item has it.
    package func value(_ index: Int) -> AttributeValue? {
        guard places[index].isThere else { return nil }
        return KnownReader(image, atValue: places[index].value).value()
    }

    /// The item with some of the wanted attributes, in their order, given values or (with nil) removed; nil where
    /// it may get too many.
    package func changing(_ changes: [(index: Int, value: AttributeValue?)]) -> Item? {
        let count = Int(image[1])
        guard count + changes.count < 0x80 else { return nil }
        var splice = ItemSplice(
            from: image,
            sizeBytes: sizeBytes,
            spareBytes: ItemSplice.usualBytes * changes.count,
            count: count,
        )
        for (index, value) in changes {
            splice.replace(names[index], at: places[index], by: value)
        }
        splice.copy(to: image.count)
        return Item(splice.finish())
    }
}

extension UsualScan.Place {
    /// Where an attribute would begin.
    fileprivate static func empty(at start: Int) -> UsualScan.Place {
        UsualScan.Place(start: start, value: start, end: start)
    }

    var isThere: Bool { end > start }
}
