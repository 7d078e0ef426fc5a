import Causality
import Changes

@testable import Replication

/// Regions that replicate one table among themselves as the real ones do, small enough to be obviously
/// right: a region shows the greatest change that its vector covers, and forgets a delete once all
/// regions have everything at or below it.
final class VerifyModel {
    struct Change {
        let stamp: Stamp
        let key: [UInt8]
        let isDelete: Bool
    }

    struct Row: Equatable {
        var stamp: Stamp
        var isTombstone: Bool
        /// What stands for the image.
        var content: UInt64
    }

    final class Region {
        let origin: Origin
        var vector = VersionVector()
        var rows: [[UInt8]: Row] = [:]
        var clock: UInt64 = 0
        /// Everything that it wrote, in order.
        var written: [Change] = []
        var quarantined: Set<[UInt8]> = []
        var derivedFindings: [DerivedReply.Finding] = []

        init(_ name: String, random: UInt32) {
            origin = Origin(region: name, startMilliseconds: 1, random: random)
        }
    }

    static let table = TableID(high: 7, low: 7)
    let regions: [Region]
    /// The most rows of one stretch, and of one answer.
    var stretchRows = 3
    var answerRows = 10

    init(_ names: [String]) {
        regions = names.enumerated().map { Region($1, random: UInt32($0) + 1) }
    }

    func region(_ name: String) -> Region? { regions.first { $0.origin.region == name } }

    // MARK: Life

    func write(_ key: [UInt8], in region: Region, isDelete: Bool = false) {
        region.clock += 1
        let stamp = Stamp(time: HybridTime(rawValue: region.clock), origin: region.origin)
        let change = Change(stamp: stamp, key: key, isDelete: isDelete)
        region.written.append(change)
        merge(change, into: region)
        region.vector.raise(region.origin, to: stamp.time)
    }

    /// Nothing was written up to now.
    func heartbeat(_ region: Region) {
        region.clock += 1
        region.vector.raise(region.origin, to: HybridTime(rawValue: region.clock))
    }

    /// Brings the next change of a source, or the word that there is none.
    func ship(from source: Region, to target: Region) {
        guard source !== target else { return }
        let after = target.vector[source.origin]
        if let next = source.written.first(where: { $0.stamp.time > after }) {
            merge(next, into: target)
            target.vector.raise(source.origin, to: next.stamp.time)
            target.clock = max(target.clock, next.stamp.time.rawValue)
        } else {
            let through = source.vector[source.origin]
            target.vector.raise(source.origin, to: through)
            target.clock = max(target.clock, through.rawValue)
        }
    }

    private func merge(_ change: Change, into region: Region) {
        if let row = region.rows[change.key], row.stamp > change.stamp { return }
        if region.rows[change.key] == nil, change.stamp.time <= horizon { return }
        region.rows[change.key] = Row(
            stamp: change.stamp,
            isTombstone: change.isDelete,
            content: change.stamp.time.rawValue,
        )
    }

    /// What all regions have of everyone.
    private var horizon: HybridTime {
        regions.flatMap { region in regions.map { region.vector[$0.origin] } }.min() ?? .zero
    }

    func forget(in region: Region) {
        let horizon = horizon
        region.rows = region.rows.filter { !$0.value.isTombstone || $0.value.stamp.time > horizon }
    }

    func settle() {
        for region in regions { heartbeat(region) }
        for source in regions {
            for target in regions where target !== source {
                while target.vector[source.origin] < source.vector[source.origin] {
                    ship(from: source, to: target)
                }
            }
        }
    }

    // MARK: Answers

    func answer(_ question: Verification.Question, in region: Region) -> Verification.Answer {
        switch question {
        case .digest(let request): .digest(digest(request, in: region))
        case .list(let request): .list(list(request, in: region))
        case .sight(let request): .sight(sight(request, in: region))
        case .derived(let request): .derived(derived(request, in: region))
        }
    }

    /// Two pieces, of which the second finds what is planted.
    private func derived(_ request: DerivedRequest, in region: Region) -> DerivedReply {
        guard request.place.part != .items else {
            return DerivedReply(rows: 5, next: DerivedRequest.Place(.counts))
        }
        return DerivedReply(findings: region.derivedFindings, rows: 2)
    }

    private func rows(_ region: Region, _ from: [UInt8], _ to: [UInt8]?) -> [([UInt8], Row)] {
        region.rows.filter { entry in
            !entry.key.lexicographicallyPrecedes(from)
                && to.map { entry.key.lexicographicallyPrecedes($0) } ?? true
        }
        .sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { ($0.key, $0.value) }
    }

    static func digest(_ key: [UInt8], _ row: Row) -> ContentDigest {
        var writer = ByteWriter()
        writer.stamp(row.stamp)
        writer.uint64(row.content)
        return key.withUnsafeBytes { key in
            writer.bytes.withUnsafeBytes { ContentDigest(of: key, $0, $0) }
        }
    }

    private func stretch(_ rows: [([UInt8], Row)], to end: [UInt8]?) -> DigestReply.Stretch {
        var digest = ContentDigest.zero
        let items = rows.filter { !$0.1.isTombstone }
        for (key, row) in items { digest.add(Self.digest(key, row)) }
        return DigestReply.Stretch(end: end, items: items.count, digest: digest)
    }

    private func digest(_ request: DigestRequest, in region: Region) -> DigestReply {
        let most = min(request.rowsMax, answerRows)
        var reply = DigestReply(from: request.from, stretches: [], rows: 0)
        switch request.cut {
        case .byRows:
            let all = rows(region, request.from, nil)
            let taken = Array(all.prefix(most))
            for start in stride(from: 0, to: taken.count, by: stretchRows) {
                let end = min(start + stretchRows, taken.count)
                let next = end < all.count ? all[end].0 : nil
                reply.stretches.append(stretch(Array(taken[start..<end]), to: next))
            }
            if taken.isEmpty { reply.stretches = [stretch([], to: nil)] }
            reply.rows = taken.count
        case .at(let keys, let isToEnd):
            var from = request.from
            for end in keys.map(Optional.some) + (isToEnd ? [nil] : []) {
                let found = rows(region, from, end)
                guard reply.rows + found.count <= most else { break }
                reply.rows += found.count
                reply.stretches.append(stretch(found, to: end))
                from = end ?? from
            }
        }
        return reply
    }

    private func list(_ request: ListRequest, in region: Region) -> ListReply {
        let all = rows(region, request.from, request.to)
        let taken = all.prefix(min(request.rowsMax, answerRows))
        let entries = taken.filter { !$0.1.isTombstone }.map {
            ListReply.Entry(key: $0.0, digest: Self.digest($0.0, $0.1))
        }
        let next = taken.count < all.count ? all[taken.count].0 : nil
        return ListReply(from: request.from, entries: entries, next: next, rows: taken.count)
    }

    private func sight(_ request: SightRequest, in region: Region) -> SightReply {
        let sightings = request.keys.map { key -> Sighting in
            var sighting = Sighting(
                content: .absent,
                isQuarantined: region.quarantined.contains(key),
            )
            if let row = region.rows[key] {
                let digest = row.isTombstone ? .zero : Self.digest(key, row)
                sighting.content = .version(
                    Sighting.Version(
                        stamp: row.stamp,
                        isTombstone: row.isTombstone,
                        digest: digest,
                    )
                )
            }
            return sighting
        }
        return SightReply(
            vector: region.vector,
            base: .zero,
            members: regions.map(\.origin.region),
            sightings: sightings,
        )
    }
}
