/// Why an item or a given key has no place in a table.
package enum ItemKeyError: Error, Equatable, Sendable {
    /// The item has no such attribute.
    case missing(name: Text)
    /// The attribute is of another type; `actual` is that type's name in the API.
    case typeMismatch(name: Text, expected: TableSchema.KeyType, actual: String)
    /// A key's string or binary must have at least one byte.
    case empty(name: Text, type: TableSchema.KeyType)
    case tooLong(name: Text, isPartition: Bool, bytes: Int, bytesMax: Int)
    /// A given key has attributes besides those of the schema.
    case extraAttributes
    /// Key bytes that this schema did not make: damaged data.
    case malformed
}
