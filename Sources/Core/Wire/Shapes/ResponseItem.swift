package import Items

/// An item on its way into a response.
package enum ResponseItem: Equatable, Sendable {
    case item(Item)
    /// The item in Items' stored form, written to JSON without building a tree: the hot path of
    /// reads that return whole items.
    case stored([UInt8])
}
