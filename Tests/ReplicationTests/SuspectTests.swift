import Causality
import Changes
import Testing

@testable import Replication

/// What can be concluded of one key from looking at it in all regions.
struct SuspectTests {
    private static let east = Origin(region: "us-east-1", startMilliseconds: 1_000, random: 1)
    private static let west = Origin(region: "eu-west-1", startMilliseconds: 1_000, random: 2)
    private static let names = ["us-east-1", "eu-west-1"]

    private var suspect = Suspect()

    private static func stamp(_ time: UInt64, _ origin: Origin = east) -> Stamp {
        Stamp(time: HybridTime(milliseconds: time), origin: origin)
    }

    private static func item(
        _ time: UInt64,
        _ origin: Origin = east,
        content: UInt64? = nil,
    ) -> Sighting.Content {
        let digest = ContentDigest(high: content ?? time, low: 1)
        return .version(Sighting.Version(stamp: stamp(time, origin), digest: digest))
    }

    private static func tombstone(
        _ time: UInt64,
        _ origin: Origin = east,
        expired: Stamp? = nil,
    ) -> Sighting.Content {
        .version(
            Sighting.Version(
                stamp: stamp(time, origin),
                expired: expired,
                isTombstone: true,
                digest: .zero,
            )
        )
    }

    /// What a region shows, with what it has of the east and of the west.
    private static func look(
        _ content: Sighting.Content,
        _ eastTime: UInt64,
        _ westTime: UInt64 = 0,
        isQuarantined: Bool = false,
        members: [String] = names,
    ) -> Suspect.Look {
        Suspect.Look(
            sighting: Sighting(content: content, isQuarantined: isQuarantined),
            vector: VersionVector([
                .init(origin: east, time: HybridTime(milliseconds: eastTime)),
                .init(origin: west, time: HybridTime(milliseconds: westTime)),
            ]),
            members: members,
        )
    }

    private mutating func look(_ looks: Suspect.Look...) -> Suspect.Verdict {
        suspect.look(looks, regions: Self.names)
    }

    private static func isLater(_ verdict: Suspect.Verdict) -> Bool {
        if case .open(_, isLater: true) = verdict { return true }
        return false
    }

    private static func isToConfirm(_ verdict: Suspect.Verdict) -> Bool {
        if case .open(_, isLater: false) = verdict { return true }
        return false
    }

    @Test mutating func `what has arrived meanwhile is the same`() {
        let verdict = look(Self.look(Self.item(5), 9), Self.look(Self.item(5), 7))
        #expect(verdict == .same)
    }

    @Test mutating func `a delete is the same as nothing`() {
        let verdict = look(Self.look(Self.tombstone(5), 9), Self.look(.absent, 7))
        #expect(verdict == .same)
    }

    @Test mutating func `what is on its way is waited for`() {
        #expect(Self.isLater(look(Self.look(Self.item(5), 9), Self.look(Self.item(3), 4))))
        #expect(Self.isLater(look(Self.look(Self.item(5), 20), Self.look(.absent, 4))))
        #expect(look(Self.look(Self.item(5), 30), Self.look(Self.item(5), 30)) == .same)
    }

    @Test mutating func `an older version under a vector that covers the newer is wrong`() {
        #expect(look(Self.look(Self.item(5), 9), Self.look(Self.item(3), 5)) == .differs)
    }

    @Test mutating func `a missed delete is told while its tombstone stands`() {
        #expect(look(Self.look(Self.item(3), 9), Self.look(Self.tombstone(5), 9)) == .differs)
    }

    @Test mutating func `nothing in the place of an item is told by a second look`() {
        let looks = (Self.look(Self.item(5), 9), Self.look(.absent, 9))
        #expect(Self.isToConfirm(look(looks.0, looks.1)))
        #expect(look(looks.0, looks.1) == .differs)
    }

    @Test mutating func `a region that another counts as no member is not waited for`() {
        let absent = Self.look(.absent, 9, members: ["eu-west-1"])
        #expect(Self.isLater(look(Self.look(Self.item(5), 9), absent)))
        #expect(Self.isLater(look(Self.look(Self.item(5), 9), absent)))
    }

    @Test mutating func `a delete that one region has forgotten already is no difference`() {
        // The west forgot it between its own look and the east's: the east cannot show the item now.
        #expect(Self.isToConfirm(look(Self.look(Self.item(5), 5), Self.look(.absent, 9))))
        #expect(look(Self.look(.absent, 9), Self.look(.absent, 9)) == .same)
    }

    @Test mutating func `an item written again after a forgotten delete is no difference`() {
        #expect(Self.isToConfirm(look(Self.look(Self.item(5), 5), Self.look(.absent, 9))))
        // The west lacked this version when it showed nothing.
        #expect(Self.isToConfirm(look(Self.look(Self.item(12), 12), Self.look(.absent, 12))))
        #expect(look(Self.look(Self.item(12), 13), Self.look(Self.item(12), 13)) == .same)
    }

    @Test mutating func `nothing that was seen before the version could be there tells nothing`() {
        #expect(Self.isLater(look(Self.look(Self.item(12), 12), Self.look(.absent, 9))))
        #expect(Self.isToConfirm(look(Self.look(Self.item(12), 13), Self.look(.absent, 13))))
        #expect(look(Self.look(Self.item(12), 13), Self.look(.absent, 14)) == .differs)
    }

    @Test mutating func `one stamp with two images is wrong whatever the vectors say`() {
        let verdict = look(
            Self.look(Self.item(5, content: 1), 9),
            Self.look(Self.item(5, content: 2), 2),
        )
        #expect(verdict == .differs)
    }

    @Test mutating func `one stamp as item and as delete is wrong`() {
        #expect(look(Self.look(Self.item(5), 9), Self.look(Self.tombstone(5), 9)) == .differs)
    }

    @Test mutating func `a version that its own region's vector does not cover is wrong`() {
        #expect(look(Self.look(Self.item(50), 9), Self.look(Self.item(3), 9)) == .differs)
    }

    @Test mutating func `a row that cannot be read is wrong`() {
        #expect(look(Self.look(Self.item(5), 9), Self.look(.unreadable, 9)) == .differs)
    }

    @Test mutating func `nothing is concluded about a key with changes in quarantine`() {
        let verdict = look(
            Self.look(Self.item(5), 9),
            Self.look(Self.item(3), 9, isQuarantined: true),
        )
        #expect(verdict == .quarantined)
    }

    @Test mutating func `an expiry that a later write outranks is overwritten`() {
        // Made last, but ranked just above the version that it expired.
        let expiry = Self.tombstone(20, Self.west, expired: Self.stamp(3))
        let verdict = look(Self.look(Self.item(5), 30, 30), Self.look(expiry, 4, 30))
        #expect(Self.isLater(verdict))
        #expect(look(Self.look(Self.item(5), 30, 30), Self.look(expiry, 5, 30)) == .differs)
    }

    @Test mutating func `an item that both write all the time is let go once each has the other's`()
    {
        #expect(
            Self.isLater(
                look(
                    Self.look(Self.item(10), 10, 8),
                    Self.look(Self.item(11, Self.west), 9, 11),
                )
            )
        )
        #expect(
            look(
                Self.look(Self.item(20), 20, 12),
                Self.look(Self.item(21, Self.west), 15, 21),
            ) == .same
        )
    }

    @Test mutating func `a region that takes nothing of an item written all the time is told`() {
        #expect(Self.isLater(look(Self.look(Self.item(10), 10), Self.look(Self.item(3), 9))))
        #expect(look(Self.look(Self.item(20), 20), Self.look(Self.item(3), 19)) == .differs)
    }
}
