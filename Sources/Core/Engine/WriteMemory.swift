import Changes

/// The memory in which a group's rows and records are put together, which goes from group to group: to
/// grow it anew took each group, of one put or of many, seven allocations.
struct WriteMemory {
    /// The group's changes, as its history will hold them.
    var records = ByteWriter()
    /// A row's key and value, of one plain change after another; see `mergePlainly` and `writePlainly`.
    var rowKey = ByteWriter()
    var rowValue = ByteWriter()
    /// The key that is looked at; see `withPresent`.
    var spareRow = ByteWriter()

    /// Larger pieces are given back after the group that needed them.
    private static let bytesKeptMax = 256 << 10

    /// Forgets what is in it.
    mutating func clear() {
        WriteMemory.clear(&records)
        WriteMemory.clear(&rowKey)
        WriteMemory.clear(&rowValue)
        WriteMemory.clear(&spareRow)
    }

    private static func clear(_ writer: inout ByteWriter) {
        writer.bytes.removeAll(keepingCapacity: writer.bytes.capacity <= bytesKeptMax)
    }
}
