package import Causality

import JSON

/// What a client has seen of a global table's regions, to be presented to any of them: a region that
/// has not come so far waits, or says so.
///
/// It names, for each region, the latest incarnation and the time of it through which the region that
/// made the token held everything. Earlier incarnations need no entry: nobody holds a later one of a
/// region without the earlier ones through their ends (`ChangeBatch.predecessor`). Of tables that are
/// not in step it takes the greatest entry, so one token fits all tables: at worst it asks for a little
/// more than was seen.
///
/// To clients it is opaque text: base 64 of a version, the entries and a checksum, some 40 bytes and
/// 40 more for each region. What a client made up is found out by its form, or makes nothing but its
/// own requests wait.
package struct CausalToken: Equatable, Sendable {
    /// The most regions in one token.
    package static let entriesMax = 128
    /// More text than any token has, and any header with a few of them.
    package static let textBytesMax = 16_384

    private static let version: UInt8 = 1

    /// Sorted by region, one for each; no zero times.
    package private(set) var entries: [VersionVector.Entry] = []

    package init() {}

    package init(_ unsorted: some Sequence<VersionVector.Entry>) {
        for entry in unsorted { include(entry) }
    }

    /// Takes an entry over, if it is beyond the one for its region: of a later incarnation, or a later
    /// time of the same.
    package mutating func include(_ entry: VersionVector.Entry) {
        guard entry.time > .zero else { return }
        let region = entry.origin.region
        guard let place = entries.firstIndex(where: { $0.origin.region >= region }),
            entries[place].origin.region == region
        else {
            let place = entries.firstIndex { $0.origin.region > region } ?? entries.count
            entries.insert(entry, at: place)
            return
        }
        let known = entries[place]
        if known.origin == entry.origin {
            entries[place].time = max(known.time, entry.time)
        } else if known.origin < entry.origin {
            entries[place] = entry
        }
    }

    /// Takes over what another token asks for beyond this one.
    package mutating func join(_ other: CausalToken) {
        for entry in other.entries { include(entry) }
    }

    // MARK: As text

    /// Nil for more regions than a token can have.
    package var text: String? {
        guard entries.count <= CausalToken.entriesMax else { return nil }
        var writer = ByteWriter(reserving: 8 + 48 * entries.count)
        writer.byte(CausalToken.version)
        writer.count(entries.count)
        for entry in entries {
            writer.origin(entry.origin)
            writer.time(entry.time)
        }
        writer.uint32(CRC32.checksum(writer.bytes))
        return Base64.encode(writer.bytes)
    }

    /// Reads one token, or several separated by commas: what any of them asks for.
    package init(text: String) throws(MalformedBytes) {
        guard text.utf8.count <= CausalToken.textBytesMax else {
            throw MalformedBytes("longer than \(CausalToken.textBytesMax) bytes")
        }
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let word = part.drop { $0 == " " }
            guard let bytes = Base64.decode(String(word)), !bytes.isEmpty else {
                throw MalformedBytes("not base 64")
            }
            join(try CausalToken(decoding: bytes))
        }
    }

    private init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        let content = bytes.dropLast(4)
        entries = try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            let version = try reader.byte()
            guard version == CausalToken.version else {
                throw MalformedBytes("of version \(version), which is not known here")
            }
            let count = try reader.count(bytesEach: 19)
            guard count <= CausalToken.entriesMax else {
                throw MalformedBytes("of more than \(CausalToken.entriesMax) regions")
            }
            var token = CausalToken()
            for _ in 0..<count {
                let origin = try reader.origin()
                token.include(VersionVector.Entry(origin: origin, time: try reader.time()))
            }
            guard token.entries.count == count else { throw MalformedBytes("a region twice") }
            guard try reader.uint32() == CRC32.checksum(Array(content)) else {
                throw MalformedBytes("its checksum is another")
            }
            return token.entries
        }
    }
}
