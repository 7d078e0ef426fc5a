package import Changes
import Items
package import Wire

/// One change of an item's state as its stream keeps it: one row of `Keyspace.records`.
///
/// It holds the images that the stream's view shows, and no others.
package struct StreamEntry: Equatable, Sendable {
    package var createdMilliseconds: UInt64
    package var event: StreamRecord.Event
    /// Whether time to live made the change, here.
    package var isExpiry: Bool
    /// The item's ordered key bytes.
    package var key: [UInt8]
    /// Items in their stored form, and their sizes by the API's rules together.
    package var old: [UInt8]?
    package var new: [UInt8]?
    var imageBytes: Int

    static func key(_ stream: UInt32, _ sequence: UInt64) -> [UInt8] {
        var writer = ByteWriter(reserving: 12)
        writer.uint32(stream)
        writer.uint64(sequence)
        return writer.bytes
    }

    package static func sequence(in key: UnsafeRawBufferPointer) throws(MalformedBytes) -> UInt64 {
        var reader = ByteReader(key)
        _ = try reader.uint32()
        return try reader.uint64()
    }

    /// When an entry was written, without decoding the rest.
    static func created(_ value: UnsafeRawBufferPointer) throws(MalformedBytes) -> UInt64 {
        var reader = ByteReader(value)
        return try reader.uint64()
    }
}

/// The stored form: `created, flags, size, key, old image, new image`.
extension StreamEntry {
    private enum Flag {
        static let eventMask: UInt8 = 0b11
        static let expiry: UInt8 = 4
        static let old: UInt8 = 8
        static let new: UInt8 = 16
    }

    private static let events: [StreamRecord.Event] = [.insert, .modify, .remove]

    func encoded() -> [UInt8] {
        let imagesCount = (old?.count ?? 0) + (new?.count ?? 0)
        var writer = ByteWriter(reserving: 32 + key.count + imagesCount)
        writer.uint64(createdMilliseconds)
        var flags = UInt8(StreamEntry.events.firstIndex(of: event) ?? 0)
        if isExpiry { flags |= Flag.expiry }
        if old != nil { flags |= Flag.old }
        if new != nil { flags |= Flag.new }
        writer.byte(flags)
        writer.count(imageBytes)
        writer.block(key)
        if let old { writer.block(old) }
        if let new { writer.block(new) }
        return writer.bytes
    }

    package init(decoding buffer: UnsafeRawBufferPointer) throws(MalformedBytes) {
        var reader = ByteReader(buffer)
        createdMilliseconds = try reader.uint64()
        let flags = try reader.byte()
        let place = Int(flags & Flag.eventMask)
        guard place < StreamEntry.events.count else {
            throw MalformedBytes("unknown event of a stream")
        }
        event = StreamEntry.events[place]
        isExpiry = flags & Flag.expiry != 0
        imageBytes = try reader.count()
        key = try reader.block()
        old = flags & Flag.old != 0 ? try reader.block() : nil
        new = flags & Flag.new != 0 ? try reader.block() : nil
        if reader.remaining > 0 { throw MalformedBytes("trailing bytes") }
    }
}

extension StreamViewType {
    var showsOld: Bool { self == .oldImage || self == .newAndOldImages }
    var showsNew: Bool { self == .newImage || self == .newAndOldImages }
}
