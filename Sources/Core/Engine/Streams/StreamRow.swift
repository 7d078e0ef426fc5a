package import Changes
import Items
import Wire

/// A stream of a table in this region, from the enabling that began it to its end: one row of
/// `Keyspace.streams`.
///
/// It says all that reading it needs, so a stream outlives its table. A stream that is enabled again
/// is another stream.
package struct StreamRow: Equatable, Sendable {
    /// Local name, first in the keys of its shards and records; never used twice in one region.
    var number: UInt32
    var table: TableID
    var viewType: StreamViewType
    var schema: TableSchema
    var createdMilliseconds: UInt64
    /// When the stream was disabled; nil while it is enabled.
    var closedMilliseconds: UInt64?
    /// The greatest sequence of a record that is gone; 0 while none is.
    package var trimmed: UInt64 = 0
    /// The place of the shard opened last.
    var lastShard: UInt32 = 0

    /// The key of a stream: ordered by table, then by label, which is by age.
    static func key(tableName: String, label: String) -> [UInt8] {
        prefix(tableName: tableName) + Array(label.utf8)
    }

    /// What the keys of a table's streams begin with, and no others: names hold no byte 0.
    static func prefix(tableName: String) -> [UInt8] {
        Array(tableName.utf8) + [0]
    }

    /// The table's name and the label in a key.
    static func names(in key: UnsafeRawBufferPointer) -> StreamARN? {
        guard let end = key.firstIndex(of: 0) else { return nil }
        return StreamARN(
            tableName: String(decoding: key[..<end], as: UTF8.self),
            label: String(decoding: key[(end + 1)...], as: UTF8.self),
        )
    }
}

extension StreamRow {
    func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 96)
        writer.uint32(number)
        writer.table(table)
        writer.text(viewType.rawValue)
        writer.count(schema.keyAttributes.count)
        for attribute in schema.keyAttributes {
            writer.text(attribute.name.string)
            writer.text(attribute.type.rawValue)
        }
        writer.uint64(createdMilliseconds)
        writer.byte(closedMilliseconds == nil ? 0 : 1)
        writer.uint64(closedMilliseconds ?? 0)
        writer.uint64(trimmed)
        writer.uint32(lastShard)
        return writer.bytes
    }

    init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        self = try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            let number = try reader.uint32()
            let table = try reader.table()
            guard let view = StreamViewType(rawValue: try reader.text()) else {
                throw MalformedBytes("unknown view of a stream")
            }
            var row = StreamRow(
                number: number,
                table: table,
                viewType: view,
                schema: try StreamRow.schema(&reader),
                createdMilliseconds: try reader.uint64(),
            )
            let isClosed = try reader.byte() != 0
            let closed = try reader.uint64()
            row.closedMilliseconds = isClosed ? closed : nil
            row.trimmed = try reader.uint64()
            row.lastShard = try reader.uint32()
            return row
        }
    }

    private static func schema(_ reader: inout ByteReader) throws(MalformedBytes) -> TableSchema {
        var attributes: [TableSchema.KeyAttribute] = []
        for _ in 0..<(try reader.count(bytesEach: 2)) {
            let name = Text(try reader.text())
            guard let type = TableSchema.KeyType(rawValue: try reader.text()) else {
                throw MalformedBytes("unknown type of a key")
            }
            attributes.append(TableSchema.KeyAttribute(name: name, type: type))
        }
        guard let partition = attributes.first, attributes.count <= 2 else {
            throw MalformedBytes("a stream without a key schema")
        }
        return TableSchema(
            partition: partition,
            sort: attributes.count == 2 ? attributes[1] : nil
        )
    }
}

/// A part of a stream: the records between two sequences; one row of `Keyspace.shards`.
///
/// One shard of a stream is open at a time. When it has been so for long enough it is closed and
/// has the next one as its child, in one transaction: a reader that has drained it finds the child.
package struct ShardRow: Equatable, Sendable {
    /// The sequence taken by the opening itself; the shard's records follow it.
    package var first: UInt64
    /// The last sequence; nil while the shard is open.
    package var end: UInt64?
    /// Strictly increasing from one shard of a stream to the next.
    package var createdMilliseconds: UInt64
    var closedMilliseconds: UInt64 = 0
    /// When the shard before it was opened; nil for the first shard.
    package var parentCreatedMilliseconds: UInt64?

    static func key(_ stream: UInt32, _ place: UInt32) -> [UInt8] {
        var writer = ByteWriter(reserving: 8)
        writer.uint32(stream)
        writer.uint32(place)
        return writer.bytes
    }

    func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 48)
        writer.uint64(first)
        writer.byte(end == nil ? 0 : 1)
        writer.uint64(end ?? 0)
        writer.uint64(createdMilliseconds)
        writer.uint64(closedMilliseconds)
        writer.byte(parentCreatedMilliseconds == nil ? 0 : 1)
        writer.uint64(parentCreatedMilliseconds ?? 0)
        return writer.bytes
    }

    init(first: UInt64, createdMilliseconds: UInt64, parentCreatedMilliseconds: UInt64? = nil) {
        self.first = first
        self.createdMilliseconds = createdMilliseconds
        self.parentCreatedMilliseconds = parentCreatedMilliseconds
    }

    package init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        self = try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            let first = try reader.uint64()
            let isClosed = try reader.byte() != 0
            let end = try reader.uint64()
            var row = ShardRow(first: first, createdMilliseconds: try reader.uint64())
            row.end = isClosed ? end : nil
            row.closedMilliseconds = try reader.uint64()
            let hasParent = try reader.byte() != 0
            let parent = try reader.uint64()
            row.parentCreatedMilliseconds = hasParent ? parent : nil
            return row
        }
    }
}

/// The name of a shard: `shardId-` with the milliseconds of its opening, and its place in the
/// stream in hexadecimal, so that names sort as the shards follow one another.
struct ShardID: Equatable, Sendable {
    let createdMilliseconds: UInt64
    let place: UInt32

    init(createdMilliseconds: UInt64, place: UInt32) {
        self.createdMilliseconds = createdMilliseconds
        self.place = place
    }

    init?(_ text: String) {
        guard text.hasPrefix("shardId-") else { return nil }
        let parts = text.utf8.dropFirst(8).split(
            separator: UInt8(ascii: "-"),
            omittingEmptySubsequences: false
        )
        guard parts.count == 2, parts[0].count == 20, parts[1].count == 8,
            let created = UInt64(String(decoding: parts[0], as: UTF8.self)),
            let place = UInt32(String(decoding: parts[1], as: UTF8.self), radix: 16)
        else { return nil }
        self.init(createdMilliseconds: created, place: place)
        guard self.text == text else { return nil }
    }

    var text: String {
        "shardId-" + padded(String(createdMilliseconds), to: 20) + "-"
            + padded(String(place, radix: 16), to: 8)
    }
}

/// A record's place in its stream as applications see it: 21 digits, whose order is that of the
/// numbers.
enum SequenceNumber {
    static func text(_ sequence: UInt64) -> String {
        "1" + padded(String(sequence), to: 20)
    }

    static func sequence(_ text: String) -> UInt64? {
        guard text.utf8.count == 21, text.utf8.first == UInt8(ascii: "1"),
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return UInt64(text.dropFirst())
    }
}

func padded(_ digits: String, to count: Int) -> String {
    String(repeating: "0", count: max(0, count - digits.utf8.count)) + digits
}
