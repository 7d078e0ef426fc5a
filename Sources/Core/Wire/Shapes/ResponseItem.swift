package import Items
import JSON

/// An item on its way into a response.
package enum ResponseItem: Equatable, Sendable {
    case item(Item)
    /// The item in Items' stored form, written to JSON without building a tree: the hot path of
    /// reads that return whole items. Those of a page are slices of one array.
    case stored(ArraySlice<UInt8>)
}

extension ResponseItem {
    /// What is to be reserved for items, beside what else a body holds.
    ///
    /// A little more than what usual items take as JSON, and never wrong: others make the body grow.
    static func bodyBytes(of items: [ResponseItem]) -> Int {
        items.reduce(0) { $0 + $1.bodyBytes }
    }

    var bodyBytes: Int {
        guard case .stored(let stored) = self else { return 0 }
        return stored.count * 8 / 5
    }

    func write(to writer: inout JSONWriter) throws(StoredFormError) {
        switch self {
        case .item(let item): item.write(to: &writer)
        case .stored(let bytes):
            try bytes.withUnsafeBufferPointer { (bytes) throws(StoredFormError) in
                try Item.write(stored: UnsafeRawBufferPointer(bytes), to: &writer)
            }
        }
    }
}
