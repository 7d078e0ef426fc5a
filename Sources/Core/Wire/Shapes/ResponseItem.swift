package import Items
import JSON

/// An item on its way into a response.
package enum ResponseItem: Equatable, Sendable {
    case item(Item)
    /// The item in Items' stored form, written to JSON without building a tree: the hot path of
    /// reads that return whole items.
    case stored([UInt8])
}

extension ResponseItem {
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
