import Changes
import JSON
import Wire

/// A place in a shard to read on from, in the form that clients carry it: the stream's ARN, then
/// base 64 of the shard's place in the stream, the next sequence, the time of issue and a checksum.
///
/// Opaque to clients. It grants nothing that its holder could not ask for, so it needs no secret;
/// the checksum tells a garbled one from a good one, and everything in it is looked up again.
struct ShardIterator: Equatable, Sendable {
    /// How long an iterator can be used.
    /// See https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetShardIterator.html
    static let validMilliseconds: UInt64 = 15 * 60_000

    let stream: StreamARN
    let shard: UInt32
    /// The first sequence to read.
    let position: UInt64
    let issuedMilliseconds: UInt64

    init(stream: StreamARN, shard: UInt32, position: UInt64, issuedMilliseconds: UInt64) {
        self.stream = stream
        self.shard = shard
        self.position = position
        self.issuedMilliseconds = issuedMilliseconds
    }

    init(_ text: String) throws(ServiceError) {
        let parts = text.split(separator: "|", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[1] == ShardIterator.version,
            let stream = StreamARN(String(parts[0])),
            let bytes = Base64.decode(String(parts[2])),
            let read = try? ShardIterator.read(bytes, arn: String(parts[0]))
        else { throw .invalidShardIterator }
        self.init(
            stream: stream,
            shard: read.shard,
            position: read.position,
            issuedMilliseconds: read.issued,
        )
    }

    func text(region: String) -> String {
        let arn = stream.text(region: region)
        var writer = ByteWriter(reserving: 24)
        writer.uint32(shard)
        writer.uint64(position)
        writer.uint64(issuedMilliseconds)
        writer.uint32(CRC32.checksum(Array(arn.utf8) + writer.bytes))
        return "\(arn)|\(ShardIterator.version)|\(Base64.encode(writer.bytes))"
    }

    func isExpired(at milliseconds: UInt64) -> Bool {
        milliseconds > issuedMilliseconds
            && milliseconds - issuedMilliseconds > ShardIterator.validMilliseconds
    }

    private static let version = "1"
    private static let checkedBytes = 20

    private static func read(
        _ bytes: [UInt8],
        arn: String,
    ) throws(MalformedBytes) -> (shard: UInt32, position: UInt64, issued: UInt64) {
        try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            let shard = try reader.uint32()
            let position = try reader.uint64()
            let issued = try reader.uint64()
            let checked = Array(arn.utf8) + bytes.prefix(checkedBytes)
            guard try reader.uint32() == CRC32.checksum(checked) else {
                throw MalformedBytes("a garbled iterator")
            }
            return (shard, position, issued)
        }
    }
}
