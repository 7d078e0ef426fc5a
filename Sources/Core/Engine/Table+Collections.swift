import Changes
import Items
import Wire

/// How much the item collections of tables with local indexes grow: by the items themselves, and by
/// what the local indexes hold of them.
extension Table {
    /// Refuses `image` in the place of a version where the item's collection would grow by more
    /// than the `room` it has; one that is too large already may still shrink.
    func checkCollection(
        room: Int64,
        from old: Version?,
        to image: [UInt8],
        sizeBytes: Int,
    ) throws(ServiceError) {
        // The most that an item can add is known without looking at it.
        let places = 1 + description.definition.localIndexes.count
        guard Int64(sizeBytes * places) > room else { return }
        guard let growth = try? collectionGrowth(from: old, to: image, sizeBytes: sizeBytes) else {
            throw .internalFailure("A stored item could not be read")
        }
        guard growth <= max(room, 0) else { throw .collectionTooLarge }
    }

    private func collectionGrowth(
        from old: Version?,
        to image: [UInt8],
        sizeBytes: Int,
    ) throws(StoredFormError) -> Int64 {
        let before = collectionShare(of: try old?.itemOfValues(), sizeBytes: old?.sizeBytes ?? 0)
        return collectionShare(of: try Item(decoding: image), sizeBytes: sizeBytes) - before
    }

    private func collectionShare(of item: Item?, sizeBytes: Int) -> Int64 {
        guard let item else { return 0 }
        return indexes.reduce(Int64(sizeBytes)) { sum, index in
            guard index.isLocal else { return sum }
            return sum + Int64(index.entrySizeBytes(of: item, sizeBytes: sizeBytes) ?? 0)
        }
    }
}

extension TableIndex {
    /// The size of what the index holds of an item of this size; nil where it holds nothing.
    fileprivate func entrySizeBytes(of item: Item, sizeBytes: Int) -> Int? {
        guard (try? IndexKey.bytes(of: item, schema)) != nil else { return nil }
        guard let projected else { return sizeBytes }
        return Item(item.attributes.filter { projected.contains($0.name) }).sizeBytes
    }
}
