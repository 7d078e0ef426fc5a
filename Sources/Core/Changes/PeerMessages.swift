/// What a link asks a source: the changes after a position.
package struct FeedRequest: Equatable, Sendable {
    package var position: LinkPosition
    package var bytesMax: Int
    /// How long the source may hold the request while it has nothing to send.
    package var waitMilliseconds: Int

    package init(position: LinkPosition, bytesMax: Int, waitMilliseconds: Int) {
        self.position = position
        self.bytesMax = bytesMax
        self.waitMilliseconds = waitMilliseconds
    }

    package func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 256)
        position.append(to: &writer)
        writer.count(bytesMax)
        writer.count(waitMilliseconds)
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        self = try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            let position = try LinkPosition(&reader)
            let bytesMax = try reader.count()
            return FeedRequest(
                position: position,
                bytesMax: bytesMax,
                waitMilliseconds: try reader.count(),
            )
        }
    }
}

/// What a link asks a source: the next rows of a table that its target copies.
package struct SnapshotRequest: Equatable, Sendable {
    /// The region that joins.
    package var target: String
    package var join: LinkPosition.Join
    package var bytesMax: Int

    package init(target: String, join: LinkPosition.Join, bytesMax: Int) {
        self.target = target
        self.join = join
        self.bytesMax = bytesMax
    }

    package func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 128)
        writer.text(target)
        writer.table(join.table)
        writer.byte(join.after == nil ? 0 : 1)
        writer.block(join.after ?? [])
        writer.count(bytesMax)
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        self = try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            let target = try reader.text()
            let table = try reader.table()
            let hasStarted = try reader.byte() != 0
            let after = try reader.block()
            return SnapshotRequest(
                target: target,
                join: LinkPosition.Join(table: table, after: hasStarted ? after : nil),
                bytesMax: try reader.count(),
            )
        }
    }
}

/// What a target answers to a batch, a chunk, or the question where it stands.
package struct ApplyReply: Equatable, Sendable {
    package enum Outcome: UInt8, Sendable {
        /// Merged, or nothing was asked.
        case applied = 0
        /// The batch does not follow the target's position; start again from the one in the reply.
        case outOfStep = 1
        /// Cut before a change from too far ahead; what came before it is merged.
        case skewed = 2
    }

    package var outcome: Outcome
    package var position: LinkPosition
    /// Merged in this apply; counted in its transaction.
    package var tally: Tally
    /// How far ahead of the target's clock the change is that the batch was cut before; 0 for none.
    package var aheadMilliseconds: UInt64 = 0

    package init(outcome: Outcome, position: LinkPosition, tally: Tally = Tally()) {
        self.outcome = outcome
        self.position = position
        self.tally = tally
    }

    package func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 256)
        writer.byte(outcome.rawValue)
        position.append(to: &writer)
        tally.append(to: &writer)
        writer.uint64(aheadMilliseconds)
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        self = try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            guard let outcome = Outcome(rawValue: try reader.byte()) else {
                throw MalformedBytes("unknown outcome")
            }
            let position = try LinkPosition(&reader)
            var reply = ApplyReply(
                outcome: outcome,
                position: position,
                tally: try Tally(&reader),
            )
            reply.aheadMilliseconds = try reader.uint64()
            return reply
        }
    }
}

/// What became of the changes that a link brought.
///
/// Invariant: `received` is the sum of the others.
package struct Tally: Hashable, Sendable {
    package var received: UInt64 = 0
    package var newer: UInt64 = 0
    package var stale: UInt64 = 0
    package var conflicts: UInt64 = 0
    package var quarantined: UInt64 = 0

    package init() {}

    package mutating func add(_ other: Tally) {
        received += other.received
        newer += other.newer
        stale += other.stale
        conflicts += other.conflicts
        quarantined += other.quarantined
    }

    package func append(to writer: inout ByteWriter) {
        for value in [received, newer, stale, conflicts, quarantined] { writer.uint64(value) }
    }

    package init(_ reader: inout ByteReader) throws(MalformedBytes) {
        received = try reader.uint64()
        newer = try reader.uint64()
        stale = try reader.uint64()
        conflicts = try reader.uint64()
        quarantined = try reader.uint64()
    }
}
