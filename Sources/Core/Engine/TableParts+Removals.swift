package import Causality
import Changes
import Items

/// Removals of regions that are gone, as parts of a table's description.
///
/// The removal is one part; each other member adds a part of its own that says how far it holds what
/// the removed region wrote (`WriteGroup+Removal.swift`).
extension TableParts {
    package struct Removal: Equatable, Sendable {
        package var region: String
        /// When it was asked for, by the region asked: names this removal of several.
        package var time: HybridTime
        /// How far the members together hold the region's origins, once all are known to hold that;
        /// nil before.
        package var end: VersionVector?
        /// What each member held when it took no more from the region, sorted by member.
        package var acknowledgements: [Acknowledgement] = []

        package struct Acknowledgement: Equatable, Sendable {
            package var member: String
            package var held: VersionVector
        }

        func acknowledgement(of member: String) -> VersionVector? {
            acknowledgements.first { $0.member == member }?.held
        }
    }

    package func removal(of region: String) -> Removal? {
        removals.first { $0.region == region }
    }

    /// Whether nothing more is taken from a region: it was removed, and has not come back since as a
    /// replica that knows of it.
    package func isFenced(_ region: String) -> Bool {
        guard let removal = removal(of: region) else { return false }
        return replica(in: region)?.afterRemoval != removal.time
    }

    /// Whether a removed region is still a member, because not all others hold the same of it yet.
    package func isBeingRemoved(_ region: String) -> Bool {
        isFenced(region) && removal(of: region)?.end == nil && replica(in: region) != nil
    }

    func removalValues(of part: Part) -> Item? {
        switch part {
        case .removal(let region):
            guard let removal = removal(of: region) else { return nil }
            var item = Item([
                .init("region", .string(Text(region))), .init("time", .time(removal.time)),
            ])
            if let end = removal.end { item["end"] = .vector(end) }
            return item
        case .acknowledgement(let region, let member):
            guard let removal = removal(of: region),
                let held = removal.acknowledgement(of: member)
            else { return nil }
            return Item([
                .init("region", .string(Text(region))), .init("member", .string(Text(member))),
                .init("time", .time(removal.time)), .init("held", .vector(held)),
            ])
        default: return nil
        }
    }

    var removalParts: [Part] {
        removals.flatMap { removal in
            [.removal(region: removal.region)]
                + removal.acknowledgements.map {
                    .acknowledgement(region: removal.region, member: $0.member)
                }
        }
    }

    /// Gathers the parts of removals; acknowledgements of an earlier one do not count.
    struct RemovalItems {
        private var removals: [Removal] = []
        private var acknowledgements: [Named] = []

        private struct Named {
            let region: String
            let time: HybridTime
            let acknowledgement: Removal.Acknowledgement
        }

        mutating func take(_ item: Item) {
            guard let part = item.text("part"), let region = item.text("region"),
                let time = item["time"].flatMap(HybridTime.init(value:))
            else { return }
            if part.hasPrefix(Part.removalPrefix) {
                let end = item["end"].flatMap(VersionVector.init(value:))
                removals.append(Removal(region: region, time: time, end: end))
            } else if part.hasPrefix(Part.acknowledgementPrefix), let member = item.text("member"),
                let held = item["held"].flatMap(VersionVector.init(value:))
            {
                let acknowledgement = Removal.Acknowledgement(member: member, held: held)
                acknowledgements.append(
                    Named(region: region, time: time, acknowledgement: acknowledgement)
                )
            }
        }

        var folded: [Removal] {
            removals.map { removal in
                var removal = removal
                removal.acknowledgements =
                    acknowledgements.filter {
                        $0.region == removal.region && $0.time == removal.time
                    }.map(\.acknowledgement).sorted { $0.member < $1.member }
                return removal
            }.sorted { $0.region < $1.region }
        }
    }
}

extension AttributeValue {
    static func time(_ time: HybridTime) -> AttributeValue {
        var writer = ByteWriter(reserving: 8)
        writer.time(time)
        return .binary(writer.bytes)
    }

    static func vector(_ vector: VersionVector) -> AttributeValue {
        var writer = ByteWriter(reserving: 64)
        writer.vector(vector)
        return .binary(writer.bytes)
    }
}

extension HybridTime {
    init?(value: AttributeValue) {
        guard case .binary(let bytes) = value else { return nil }
        let time = try? ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            try reader.time()
        }
        guard let time else { return nil }
        self = time
    }
}

extension VersionVector {
    init?(value: AttributeValue) {
        guard case .binary(let bytes) = value else { return nil }
        let vector = try? ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            try reader.vector()
        }
        guard let vector else { return nil }
        self = vector
    }
}
