import Engine

/// How all connections of a store come by the pages of its file.
final class SharedPages: Sendable {
    /// Of a file that is small enough, all pages.
    let map: FileMap
    /// Of a larger one, those that are asked for most.
    let inner: InnerPages

    /// Makes the file if it is missing.
    init(path: String, bounds: StoreBounds) throws(StoreError) {
        map = try FileMap(path: path, bytesMax: bounds.mappedBytesMax)
        inner = InnerPages(bytesMax: bounds.innerPagesBytesMax)
    }
}
