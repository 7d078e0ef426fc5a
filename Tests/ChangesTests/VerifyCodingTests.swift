import Causality
import Changes
import Testing

/// What regions say for a comparison is read back as it was written, and arbitrary bytes are refused.
struct VerifyCodingTests {
    private static let origin = Origin(region: "us-east-1", startMilliseconds: 1, random: 2)
    private static let stamp = Stamp(time: HybridTime(milliseconds: 7), origin: origin)
    private static let table = TableID(high: 1, low: 2)
    private static let vector = VersionVector([.init(origin: origin, time: stamp.time)])
    private static let digest = ContentDigest(high: 3, low: 4)

    private static let sightings = SightReply(
        vector: vector,
        base: HybridTime(milliseconds: 5),
        members: ["us-east-1", "eu-west-1"],
        sightings: [
            Sighting(content: .absent, isQuarantined: true),
            Sighting(content: .unreadable, key: "{}"),
            Sighting(
                content: .version(
                    Sighting.Version(stamp: stamp, expired: stamp, isTombstone: true, digest: .zero)
                )
            ),
            Sighting(content: .version(Sighting.Version(stamp: stamp, digest: digest))),
        ],
    )
    private static let derived = DerivedReply(
        findings: [DerivedReply.Finding(subject: "a", problem: "b", key: [1], keyText: "c")],
        unchecked: ["d"],
        rows: 9,
        next: DerivedRequest.Place(.counts, from: [4]),
    )

    @Test func `requests and replies of the scan`() throws {
        for cut in [
            DigestRequest.Cut.byRows, .at([[1], [2, 3]], isToEnd: true), .at([[9]], isToEnd: false),
        ] {
            let request = DigestRequest(table: Self.table, from: [1], cut: cut, rowsMax: 10)
            #expect(try DigestRequest(decoding: request.encoded()) == request)
        }
        let reply = DigestReply(
            from: [7],
            stretches: [
                DigestReply.Stretch(end: [8], items: 3, digest: Self.digest),
                DigestReply.Stretch(end: nil, items: 0, digest: .zero),
            ],
            rows: 4,
        )
        #expect(try DigestReply(decoding: reply.encoded()) == reply)
        for to: [UInt8]? in [nil, [], [5]] {
            let request = ListRequest(table: Self.table, from: [1], to: to, rowsMax: 10)
            #expect(try ListRequest(decoding: request.encoded()) == request)
            let entry = ListReply.Entry(key: [2], digest: Self.digest)
            let reply = ListReply(from: [1], entries: [entry], next: to, rows: 1)
            #expect(try ListReply(decoding: reply.encoded()) == reply)
        }
    }

    @Test func `requests and replies of looks, of what is derived, and of repairs`() throws {
        let sight = SightRequest(table: Self.table, keys: [[1], []])
        #expect(try SightRequest(decoding: sight.encoded()) == sight)
        #expect(try SightReply(decoding: Self.sightings.encoded()) == Self.sightings)
        let request = DerivedRequest(table: Self.table, place: .init(.expiries, from: [1]))
        #expect(try DerivedRequest(decoding: request.encoded()) == request)
        #expect(try DerivedReply(decoding: Self.derived.encoded()) == Self.derived)
        let trace = TraceRequest(table: Self.table, keys: [[1]], since: Self.stamp.time)
        #expect(try TraceRequest(decoding: trace.encoded()) == trace)
        let traced = TraceReply(
            vector: Self.sightings.vector,
            base: Self.stamp.time,
            wholeFrom: .zero,
            items: [
                .init(stored: nil, isQuarantined: true, greatest: [3]),
                .init(stored: [], isQuarantined: false, greatest: nil),
            ],
        )
        #expect(try TraceReply(decoding: traced.encoded()) == traced)
        for manner in [RepairRequest.Manner.merge, .restore(over: nil), .restore(over: [4])] {
            let repair = RepairRequest(table: Self.table, key: [1], version: [2], manner: manner)
            #expect(try RepairRequest(decoding: repair.encoded()) == repair)
        }
    }

    @Test func `what is cut short is refused`() {
        for bytes in [Self.sightings.encoded(), Self.derived.encoded()] {
            for count in bytes.indices {
                let start = Array(bytes.prefix(count))
                #expect(throws: MalformedBytes.self) { try SightReply(decoding: start) }
            }
        }
        for count in Self.derived.encoded().indices {
            let start = Array(Self.derived.encoded().prefix(count))
            #expect(throws: MalformedBytes.self) { try DerivedReply(decoding: start) }
        }
    }

    // MARK: Digests

    private func digest(_ first: [UInt8], _ second: [UInt8], _ third: [UInt8]) -> ContentDigest {
        first.withUnsafeBytes { first in
            second.withUnsafeBytes { second in
                third.withUnsafeBytes { ContentDigest(of: first, second, $0) }
            }
        }
    }

    @Test func `a digest depends on every bit and on where the parts end`() {
        let bytes = (0..<67).map { UInt8($0) }
        let whole = digest([], bytes, [])
        var seen: Set<ContentDigest> = [whole]
        for place in bytes.indices {
            for bit in 0..<8 {
                var other = bytes
                other[place] ^= 1 << bit
                seen.insert(digest([], other, []))
            }
            let parts = digest(Array(bytes[..<place]), Array(bytes[place...]), [])
            seen.insert(parts)
        }
        // The cut before the first byte is the whole itself.
        #expect(seen.count == 67 * 8 + 67)
    }

    @Test func `zeros count`() {
        let digests = Set((0..<100).map { digest([UInt8](repeating: 0, count: $0), [], []) })
        #expect(digests.count == 100)
    }

    @Test func `a sum does not depend on the order`() {
        let items = (0..<5).map { digest([$0], [1], [2]) }
        var forward = ContentDigest.zero
        var backward = ContentDigest.zero
        for item in items { forward.add(item) }
        for item in items.reversed() { backward.add(item) }
        #expect(forward == backward)
    }

    @Test func `a digest is the same on every machine and for ever`() {
        #expect(
            digest([1, 2, 3], [4], [UInt8](repeating: 7, count: 40)).description
                == "c10c98b07f6c126fe03bde0d2acdd02c"
        )
    }
}
