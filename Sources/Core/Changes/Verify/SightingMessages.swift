package import Causality

/// What `globalctl verify` asks of some items: what the region shows under their keys.
package struct SightRequest: Equatable, Sendable {
    package var table: TableID
    package var keys: [[UInt8]]

    package init(table: TableID, keys: [[UInt8]]) {
        self.table = table
        self.keys = keys
    }

    package func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 4096)
        writer.table(table)
        writer.count(keys.count)
        for key in keys { writer.block(key) }
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        self = try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            let table = try reader.table()
            var keys: [[UInt8]] = []
            for _ in 0..<(try reader.count(bytesEach: 1)) { keys.append(try reader.block()) }
            return SightRequest(table: table, keys: keys)
        }
    }
}

/// What a region shows under one key in one snapshot.
package struct Sighting: Equatable, Sendable {
    /// The version stored: an item, or a tombstone.
    package struct Version: Equatable, Sendable {
        package var stamp: Stamp
        /// See `Changes.Version.expired`.
        package var expired: Stamp?
        package var isTombstone: Bool
        /// Of key, stamp and image.
        package var digest: ContentDigest

        package init(
            stamp: Stamp,
            expired: Stamp? = nil,
            isTombstone: Bool = false,
            digest: ContentDigest,
        ) {
            self.stamp = stamp
            self.expired = expired
            self.isTombstone = isTombstone
            self.digest = digest
        }

        package var rank: Rank { Rank(stamp: stamp, expired: expired) }
    }

    package enum Content: Equatable, Sendable {
        case absent
        case version(Version)
        /// What is stored cannot be read.
        case unreadable
    }

    package var content: Content
    /// Whether changes of the item are in quarantine in this region.
    package var isQuarantined: Bool
    /// The key as the API writes it, for people; empty where it cannot be read.
    package var key: String

    package init(content: Content, isQuarantined: Bool = false, key: String = "") {
        self.content = content
        self.isQuarantined = isQuarantined
        self.key = key
    }
}

/// What a region shows under some keys, in one snapshot, in the order asked.
package struct SightReply: Equatable, Sendable {
    /// The region's applied vector of the table in that snapshot.
    package var vector: VersionVector
    /// The floor of every absent item.
    package var base: HybridTime
    /// The regions that count as members here: what one of them lacks is not forgotten.
    package var members: [String]
    package var sightings: [Sighting]

    package init(
        vector: VersionVector,
        base: HybridTime,
        members: [String],
        sightings: [Sighting],
    ) {
        self.vector = vector
        self.base = base
        self.members = members
        self.sightings = sightings
    }

    package func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 256 + 256 * sightings.count)
        writer.vector(vector)
        writer.time(base)
        writer.count(members.count)
        for member in members { writer.text(member) }
        writer.count(sightings.count)
        for sighting in sightings { sighting.append(to: &writer) }
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        self = try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            let vector = try reader.vector()
            let base = try reader.time()
            var members: [String] = []
            for _ in 0..<(try reader.count(bytesEach: 1)) { members.append(try reader.text()) }
            var sightings: [Sighting] = []
            for _ in 0..<(try reader.count(bytesEach: 2)) {
                sightings.append(try Sighting(&reader))
            }
            return SightReply(
                vector: vector,
                base: base,
                members: members,
                sightings: sightings,
            )
        }
    }
}

extension Sighting {
    private static let absentCode: UInt8 = 0
    private static let unreadableCode: UInt8 = 1
    private static let versionCode: UInt8 = 2
    private static let quarantinedFlag: UInt8 = 16
    private static let tombstoneFlag: UInt8 = 32
    private static let expiryFlag: UInt8 = 64

    fileprivate func append(to writer: inout ByteWriter) {
        var head = isQuarantined ? Sighting.quarantinedFlag : 0
        switch content {
        case .absent: writer.byte(head | Sighting.absentCode)
        case .unreadable: writer.byte(head | Sighting.unreadableCode)
        case .version(let version):
            if version.isTombstone { head |= Sighting.tombstoneFlag }
            if version.expired != nil { head |= Sighting.expiryFlag }
            writer.byte(head | Sighting.versionCode)
            writer.stamp(version.stamp)
            if let expired = version.expired { writer.stamp(expired) }
            writer.digest(version.digest)
        }
        writer.text(key)
    }

    fileprivate init(_ reader: inout ByteReader) throws(MalformedBytes) {
        let head = try reader.byte()
        isQuarantined = head & Sighting.quarantinedFlag != 0
        switch head & 15 {
        case Sighting.absentCode: content = .absent
        case Sighting.unreadableCode: content = .unreadable
        case Sighting.versionCode:
            let stamp = try reader.stamp()
            let expired = head & Sighting.expiryFlag != 0 ? try reader.stamp() : nil
            content = .version(
                Version(
                    stamp: stamp,
                    expired: expired,
                    isTombstone: head & Sighting.tombstoneFlag != 0,
                    digest: try reader.digest(),
                )
            )
        default: throw MalformedBytes("unknown content of an item")
        }
        key = try reader.text()
    }
}
