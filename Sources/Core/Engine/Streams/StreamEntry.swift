import Changes
import Items
package import Wire

/// One change of an item's state as its stream keeps it, in a `StreamSegment`.
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

    /// The key of the row that ends with a sequence.
    static func key(_ stream: UInt32, _ sequence: UInt64) -> [UInt8] {
        var writer = ByteWriter(reserving: 12)
        writer.uint32(stream)
        writer.uint64(sequence)
        return writer.bytes
    }

    static func sequence(in key: UnsafeRawBufferPointer) throws(MalformedBytes) -> UInt64 {
        var reader = ByteReader(key)
        _ = try reader.uint32()
        return try reader.uint64()
    }
}

extension StreamEntry {
    fileprivate enum Flag {
        static let eventMask: UInt8 = 0b11
        static let expiry: UInt8 = 4
        static let old: UInt8 = 8
        static let new: UInt8 = 16
    }

    fileprivate static let events: [StreamRecord.Event] = [.insert, .modify, .remove]

    /// An entry's parts where they lie, without the time.
    struct Parts {
        var event: StreamRecord.Event
        var isExpiry: Bool
        var imageBytes: Int
        var key: UnsafeRawBufferPointer
        var old: UnsafeRawBufferPointer?
        var new: UnsafeRawBufferPointer?
    }

    init(_ parts: Parts, createdMilliseconds: UInt64) {
        self.createdMilliseconds = createdMilliseconds
        event = parts.event
        isExpiry = parts.isExpiry
        key = Array(parts.key)
        old = parts.old.map { Array($0) }
        new = parts.new.map { Array($0) }
        imageBytes = parts.imageBytes
    }
}

extension StreamEntry.Parts {
    /// Of an image over an image, or over nothing; nil where the item stays what it was.
    init?(
        of image: UnsafeRawBufferPointer,
        sizeBytes: Int,
        at key: UnsafeRawBufferPointer,
        over old: StoredVersion?,
        shownAs view: StreamViewType,
    ) {
        if let old, old.image.count == image.count, ByteOrder.compare(old.image, image) == 0 {
            return nil
        }
        let shownOld = view.showsOld ? old : nil
        self.init(
            event: old == nil ? .insert : .modify,
            isExpiry: false,
            imageBytes: (shownOld?.sizeBytes ?? 0) + (view.showsNew ? sizeBytes : 0),
            key: key,
            old: shownOld?.image,
            new: view.showsNew ? image : nil,
        )
    }

    func append(to writer: inout ByteWriter) {
        var flags: UInt8 =
            switch event {
            case .insert: 0
            case .modify: 1
            case .remove: 2
            }
        if isExpiry { flags |= StreamEntry.Flag.expiry }
        if old != nil { flags |= StreamEntry.Flag.old }
        if new != nil { flags |= StreamEntry.Flag.new }
        writer.byte(flags)
        writer.count(imageBytes)
        writer.block(key)
        if let old { writer.block(old) }
        if let new { writer.block(new) }
    }

    init(_ reader: inout ByteReader) throws(MalformedBytes) {
        let flags = try reader.byte()
        let place = Int(flags & StreamEntry.Flag.eventMask)
        guard place < StreamEntry.events.count else {
            throw MalformedBytes("unknown event of a stream")
        }
        event = StreamEntry.events[place]
        isExpiry = flags & StreamEntry.Flag.expiry != 0
        imageBytes = try reader.count()
        key = try reader.take(reader.count())
        old = flags & StreamEntry.Flag.old != 0 ? try reader.take(reader.count()) : nil
        new = flags & StreamEntry.Flag.new != 0 ? try reader.take(reader.count()) : nil
    }
}

extension StreamViewType {
    var showsOld: Bool { self == .oldImage || self == .newAndOldImages }
    var showsNew: Bool { self == .newImage || self == .newAndOldImages }
}
