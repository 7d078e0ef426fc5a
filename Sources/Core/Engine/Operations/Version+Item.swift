import Changes
import Expressions
import Items
import Wire

extension Version {
    /// The item, which stays in its stored form; nil for a tombstone.
    func item() throws(StoredFormError) -> Item? {
        guard let image else { return nil }
        return try Item(stored: image)
    }

    /// The item with its attributes as values, for who looks at all of them more than once; nil for a
    /// tombstone.
    func itemOfValues() throws(StoredFormError) -> Item? {
        guard let image else { return nil }
        return try Item(decoding: image)
    }
}

extension ConditionExpression {
    /// Fails the request unless the condition holds of the item, or of its absence.
    func check(
        _ item: Item?,
        returning: ReturnValuesOnConditionCheckFailure,
    ) throws(ServiceError) {
        guard !isTrue(of: item) else { return }
        throw .conditionFailed(
            item: returning == .allOld ? item : nil,
            itemBytes: item?.sizeBytes ?? 0,
        )
    }
}
