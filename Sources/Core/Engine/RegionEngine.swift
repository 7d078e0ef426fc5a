package import Causality
package import Changes
import Items
import Wire

/// What the engine can be told to do differently; every default in `Settings`.
package struct EngineSettings: Sendable {
    /// A change from further ahead of the wall clock than this is not merged.
    package var driftMilliseconds: UInt64
    /// How long changes stay in the history at least, once every member has them.
    package var retentionMilliseconds: UInt64
    /// The most bytes of all history together; past it the oldest goes, whoever still needs it.
    package var historyBytesMax: UInt64
    /// About how many bytes of rows one merged chunk of a copy removes at a time.
    package var sweepBytesMax: Int
    /// How many rows a removed region looks at in one round of chores, for what it keeps aside.
    package var releasedRowsMax: Int
    /// How long records of streams can be read, and streams that were disabled.
    package var streamRetentionMilliseconds: UInt64
    /// How long a shard of a stream stays open before it has a child.
    package var streamShardMilliseconds: UInt64
    /// How long after an item's expiry a region leaves it to the one that wrote it.
    package var expiryGraceMilliseconds: UInt64
    /// The size that no item collection of a table with local indexes grows beyond.
    package var collectionBytesMax: Int64
    /// How many items one round of chores takes into the indexes that are being built, and how many
    /// entries it removes of those that are gone.
    package var indexRowsMax: Int
    /// After so long without word from a region, what others hold of its history is asked of them.
    package var relayAfterMilliseconds: UInt64
    /// How long a new incarnation waits for a peer before it shows its changes.
    package var hearingMilliseconds: UInt64
    /// How often a change that cannot be applied is asked for anew before it is set aside: what was
    /// garbled on its way comes right the next time.
    package var quarantineAttempts: Int
    /// At so many changes in quarantine, or so many bytes of them, no further one is taken.
    package var quarantineChangesMax: UInt64
    package var quarantineBytesMax: UInt64
    /// Changes that this region does not understand; nil in programs.
    package var unknownChanges: UnknownChanges?
    /// How long records of conflicts stay.
    package var conflictsRetentionMilliseconds: UInt64
    /// The most bytes of all records of conflicts together; past it the oldest go.
    package var conflictsBytesMax: UInt64
    /// Deliberate bugs, for the simulator's proof that its checkers catch them.
    ///
    /// Empty in programs.
    package var plantedBugs: Set<PlantedBug>

    package init(
        driftMilliseconds: UInt64 = 60_000,
        retentionMilliseconds: UInt64 = 86_400_000,
        historyBytesMax: UInt64 = 64 << 30,
        sweepBytesMax: Int = 8 << 20,
        releasedRowsMax: Int = 20_000,
        streamRetentionMilliseconds: UInt64 = 86_400_000,
        streamShardMilliseconds: UInt64 = 14_400_000,
        expiryGraceMilliseconds: UInt64 = 300_000,
        collectionBytesMax: Int64 = ItemCollectionMetrics.bytesMax,
        indexRowsMax: Int = WriteGroup.choreRowsMax,
        relayAfterMilliseconds: UInt64 = 5_000,
        hearingMilliseconds: UInt64 = 10_000,
        quarantineAttempts: Int = 3,
        quarantineChangesMax: UInt64 = 10_000,
        quarantineBytesMax: UInt64 = 256 << 20,
        unknownChanges: UnknownChanges? = nil,
        conflictsRetentionMilliseconds: UInt64 = 30 * 86_400_000,
        conflictsBytesMax: UInt64 = 1 << 30,
        plantedBugs: Set<PlantedBug> = [],
    ) {
        self.driftMilliseconds = driftMilliseconds
        self.retentionMilliseconds = retentionMilliseconds
        self.historyBytesMax = historyBytesMax
        self.sweepBytesMax = sweepBytesMax
        self.releasedRowsMax = releasedRowsMax
        self.streamRetentionMilliseconds = streamRetentionMilliseconds
        self.streamShardMilliseconds = streamShardMilliseconds
        self.expiryGraceMilliseconds = expiryGraceMilliseconds
        self.collectionBytesMax = collectionBytesMax
        self.indexRowsMax = indexRowsMax
        self.relayAfterMilliseconds = relayAfterMilliseconds
        self.hearingMilliseconds = hearingMilliseconds
        self.quarantineAttempts = quarantineAttempts
        self.quarantineChangesMax = quarantineChangesMax
        self.quarantineBytesMax = quarantineBytesMax
        self.unknownChanges = unknownChanges
        self.conflictsRetentionMilliseconds = conflictsRetentionMilliseconds
        self.conflictsBytesMax = conflictsBytesMax
        self.plantedBugs = plantedBugs
    }
}

/// The state of one region in its writer's hands.
///
/// Only the writer touches it; readers get `catalog` copies and snapshots of the store. Everything
/// here is either in the store or follows from it: `init` rebuilds it in the transaction that opens
/// a new incarnation. If a transaction fails, the engine is thrown away with it, since the state in
/// memory may be ahead of the store.
package final class RegionEngine {
    package let region: String
    package let origin: Origin
    /// The same as rows and records have it.
    let ownOrigin: [UInt8]
    package let settings: EngineSettings
    // Nothing that is called while one of these is changed comes back here.
    @exclusivity(unchecked) package internal(set) var catalog: TableCatalog
    @exclusivity(unchecked) package internal(set) var clock: HybridClock
    /// Counts the catalog's versions, so that a shell knows when to publish it again.
    package internal(set) var catalogVersion: UInt64 = 1
    package internal(set) var applied: AppliedTimes
    package internal(set) var peers: PeerKnowledge
    /// For each origin, the time through which segments of its history may overlap: it has come for
    /// some tables behind what had come for others.
    ///
    /// Those beyond it follow one another.
    var overlaps: VersionVector
    /// What is in quarantine, table by table.
    package internal(set) var quarantine: QuarantineSummary
    /// How often batches were refused because of a change that cannot be applied; see
    /// `WriteGroup.retryBeforeSettingAside`.
    var refusals: [ChangeName: Int] = [:]
    /// A time from ahead that an operator accepted: what is ahead of the clock is measured from it.
    var acceptedSkew: HybridTime
    /// The present incarnation's entry; see `ClockRow.own`.
    package internal(set) var own: HybridTime
    /// What `own` was before the last group; for a planted bug.
    var ownBefore = HybridTime.zero
    /// Everything of a causal token but the own entry, and what it was made of.
    var tokenOfOthers = CausalToken()
    var tokenVersion: TokenVersion?
    /// How many changes the present incarnation has made.
    package internal(set) var changes: UInt64
    /// The bytes of all rows of the history, keys included; see `ClockRow.historyBytes`.
    package internal(set) var historyBytes: UInt64
    /// Whether history is being released that is not due: an operator hears of the first.
    var isReleasingHistory = false
    /// For each table, when a region was found to be too far behind itself to bring it up, by the
    /// wall clock.
    var unfit: [TableID: [String: UInt64]] = [:]
    /// What an operator must hear of at once; the shell logs and empties it after each group.
    package var alarms: [String] = []
    /// What an operator may want to know; treated like the alarms.
    package var notices: [String] = []
    // Nothing that is called while it is changed comes back here.
    @exclusivity(unchecked) var hearing: Hearing
    /// When this incarnation started, by the wall clock.
    let startedMilliseconds: UInt64
    /// When a batch of each region's own changes last came from itself, by the wall clock.
    var heard: [String: UInt64] = [:]
    /// Keeps the keys of segments that end at one time apart; unique within an incarnation.
    var segmentNumber: UInt64 = 0
    var identity: IdentityRow
    var random: RandomBits
    /// Read when first needed; see `TableCounts`.
    // Nothing that is called while it is changed comes back here.
    @exclusivity(unchecked) var counts: [UInt32: TableCounts] = [:]
    var indexCounts: [IndexNumber: TableCounts] = [:]
    /// Whether some index is to be built or removed: a shell that sees it need not wait for the next
    /// round of chores.
    package internal(set) var hasIndexWork = true
    /// Numbers of dropped tables whose rows are still being deleted.
    package internal(set) var purges: [UInt32] = []
    /// By number: those that can be read, disabled ones included.
    var streams: [UInt32: LocalStream] = [:]
    /// What a planted bug left for this group; empty in programs.
    var lateIndexWork: [(WriteGroup) throws -> Void] = []
    /// How far the histories of tables that this region was removed from have been looked through;
    /// from the beginning again after a start.
    var expulsionPlaces: [TableID: [Origin: [UInt8]]] = [:]
    /// And the tables themselves, by row; see `WriteGroup.keepReleased`.
    var expulsionRows: [TableID: [UInt8]] = [:]
    /// The tables into which this region's own writes of an earlier membership are being merged; see
    /// `WriteGroup+Return.swift`.
    package internal(set) var returning: [TableID: LeftRow] = [:]
    /// Memory that goes from group to group; see `WriteMemory`.
    var writeMemory = WriteMemory()
    /// Cached per group; see `stableTime(of:)`.
    // Nothing that is called while it is changed comes back here.
    @exclusivity(unchecked) var stableTimes = StableTimes()

    /// Opens a store: rebuilds the state and begins a new incarnation in `transaction`.
    ///
    /// `randomBits` name the incarnation and seed the tables' ids. Throws `StoreError`,
    /// `MalformedBytes`, or `WrongRegion` if the store is another region's.
    package init(
        opening transaction: any StoreTransaction,
        region: String,
        settings: EngineSettings,
        wallMilliseconds: UInt64,
        randomBits: UInt64,
    ) throws {
        let before = try transaction.get(.meta, MetaKey.identity).map(IdentityRow.init(decoding:))
        if let before, before.region != region {
            throw WrongRegion(found: before.region, expected: region)
        }
        var random = RandomBits(seed: randomBits)
        let applied = try AppliedTimes(reading: transaction)
        let row =
            try ClockRow.read(from: transaction) ?? ClockRow(last: .zero, own: .zero, changes: 0)
        var clock = HybridClock(after: row.last)
        if settings.plantedBugs.contains(.clockForgottenAtStart) { clock = HybridClock() }
        let start = clock.next(wallMilliseconds: wallMilliseconds)
        var closed = before?.closed ?? []
        if let before { closed.append(VersionVector.Entry(origin: before.origin, time: row.own)) }
        let newOrigin = Origin(
            region: region,
            startMilliseconds: max(
                start.milliseconds,
                (before?.origin.startMilliseconds ?? 0) &+ 1,
            ),
            random: UInt32(truncatingIfNeeded: random.next()),
        )
        let origin =
            settings.plantedBugs.contains(.incarnationContinued)
            ? before?.origin ?? newOrigin : newOrigin
        if origin == before?.origin { closed.removeLast() }

        self.region = region
        self.origin = origin
        ownOrigin = origin.withBytes { Array($0.bytes) }
        self.settings = settings
        self.clock = clock
        self.applied = applied
        self.random = random
        own = start
        startedMilliseconds = wallMilliseconds
        hearing = Hearing(sinceMilliseconds: wallMilliseconds)
        changes = origin == before?.origin ? row.changes : 0
        historyBytes = try row.historyBytes ?? RegionEngine.bytesOfHistory(in: transaction)
        peers = try PeerKnowledge(reading: transaction)
        overlaps =
            try MetaKey.readOverlaps(from: transaction)
            ?? VersionVector(
                applied.origins.map { .init(origin: $0, time: applied.greatest(of: $0)) }
            )
        quarantine = try QuarantineSummary.read(from: transaction)
        acceptedSkew = try MetaKey.readAcceptedSkew(from: transaction)
        identity = IdentityRow(
            region: region,
            origin: origin,
            closed: closed,
            nextTableNumber: before?.nextTableNumber ?? 1,
        )
        catalog = TableCatalog(region: region, origin: origin, closed: closed)
        try loadCatalog(transaction)
        try loadStreams(transaction)
        if let fence = catalog.fence {
            let since = StreamLabel.text(milliseconds: fence.sinceMilliseconds)
            notices.append("a fence stands since \(since)Z: this region takes no writes")
        }
        if before != nil {
            catalog.servesPresent = hearingPeers.isEmpty
            hearing.isStale = !hearingPeers.isEmpty
        }
        try closeIncarnation(before?.origin, at: row.own, transaction)
        try transaction.put(.meta, MetaKey.identity, identity.encoded())
        try transaction.put(
            .meta,
            MetaKey.clock,
            ClockRow(
                last: clock.last,
                own: own,
                changes: changes,
                historyBytes: historyBytes,
            ).encoded(),
        )
        try storeOverlaps(transaction)
    }

    /// The region's applied vector of a table, the present incarnation's own entry included.
    package func vector(of table: TableID) -> VersionVector {
        var vector = applied[table]
        vector.raise(origin, to: own)
        return vector
    }

    /// The time at or below which nothing can still arrive for a table: the least of its members'
    /// entries.
    ///
    /// Zero for the system table, whose members nobody knows.
    package func stableTime(of table: Table) -> HybridTime {
        stableTime(of: table.id, table.id == .system ? [] : table.description.members)
    }

    func stableTime(of target: PlainTarget) -> HybridTime {
        stableTime(of: target.id, target.members)
    }

    private func stableTime(
        of id: TableID,
        _ members: @autoclosure () -> [String],
    ) -> HybridTime {
        if hearing.isStale { return .zero }
        if let cached = stableTimes.find(id) { return cached }
        var time = RegionEngine.stableTime(of: vector(of: id), members: members())
        if !settings.plantedBugs.contains(.quarantineForgotten) {
            time = quarantine.seen(time, of: id)
        }
        stableTimes.set(id, time)
        return time
    }

    /// Whether writes go from bytes to bytes where nothing hinders: a bug is planted in the other path,
    /// which a region without this one takes too.
    var writesPlainly: Bool { settings.plantedBugs.isEmpty && settings.unknownChanges == nil }

    /// The table of this name, if applications may write to it here and nothing is derived from its items but
    /// counts, the history and a stream; nil for one that is called by its ARN too.
    func plainTable(_ name: String) -> PlainTable? {
        writesPlainly ? catalog.plainTable(name) : nil
    }

    /// The time through which all members are known to hold everything of a table: the least of
    /// their stable times.
    package func horizon(of table: Table) -> HybridTime {
        guard table.id != .system, !hearing.isStale else { return .zero }
        let members = table.description.members
        if settings.plantedBugs.contains(.tombstonesForgottenByAge) { return own }
        var horizon = stableTime(of: table)
        for member in members where member != region {
            let known = peers.vector(of: member, for: table.id)
            horizon = min(horizon, RegionEngine.stableTime(of: known, members: members))
        }
        return horizon
    }

    private static func stableTime(of vector: VersionVector, members: [String]) -> HybridTime {
        members.lazy.map { vector.time(ofRegion: $0) }.min() ?? .zero
    }

    /// Whether a replica is still to be created in a region that has never been heard of.
    ///
    /// Such a region serves nothing of the table (`allMembersKnow`), so there is nothing to wait for
    /// when the replica is taken back, as after a slip in the region's name.
    func neverBegan(_ replica: TableParts.Replica) -> Bool {
        replica.status == .creating
            && applied[.system].time(ofRegion: replica.region) == .zero
    }

    /// Runs one group of work in one transaction of the store.
    package func group(
        in transaction: any StoreTransaction,
        wallMilliseconds: UInt64,
    ) -> WriteGroup {
        stableTimes.removeAll()
        return WriteGroup(engine: self, store: transaction, wallMilliseconds: wallMilliseconds)
    }

    /// Refuses a row from elsewhere that no operation could have made: an image that is not an item
    /// of the size it claims, or a key that is not that item's, or of no item of the table.
    ///
    /// What is stored is trusted from then on, by answers that copy images and by pages that end
    /// with a key.
    static func check(_ version: Version, at key: [UInt8], of table: Table) throws {
        if let expired = version.expired {
            // What it expired was before it, and seen.
            guard expired < version.stamp, version.ancestry.covers(expired) else {
                throw PeerRefusal(.badRequest, "\(version.stamp) expired what it had not seen")
            }
        }
        let item: Item?
        if let image = version.image {
            let scan = image.withUnsafeBytes {
                try? StoredScan(stored: $0, wanted: table.schema.keyNames)
            }
            guard let scan, scan.sizeBytes == version.sizeBytes else {
                throw PeerRefusal(.badRequest, "the image under \(version.stamp) is not an item")
            }
            item = scan.item
        } else {
            item = try? ItemKey(stored: key).keyItem(schema: table.schema)
        }
        let own = try? item.map { try ItemKey(schema: table.schema, item: $0).bytes }
        guard own == key else {
            throw PeerRefusal(.badRequest, "the key under \(version.stamp) is not the item's")
        }
    }

    func storeOverlaps(_ transaction: any StoreTransaction) throws {
        var writer = ByteWriter()
        writer.vector(overlaps)
        try transaction.put(.meta, MetaKey.overlaps, writer.bytes)
    }

    func catalogChanged() {
        catalogVersion += 1
        stableTimes.removeAll()
    }

    /// The origin before becomes an ordinary, closed one, applied through its end for every table.
    private func closeIncarnation(
        _ before: Origin?,
        at end: HybridTime,
        _ transaction: any StoreTransaction,
    ) throws {
        guard let before, before != origin else { return }
        applied.raise(before, to: end, for: catalog.all.map(\.id))
        try transaction.put(.applied, AppliedTimes.key(of: before), applied.row(of: before))
    }
}

/// A store that belongs to another region than the one it was opened for.
package struct WrongRegion: Error, Equatable, CustomStringConvertible {
    package let found: String
    package let expected: String

    package var description: String {
        "the data belongs to region \(found), not to \(expected)"
    }
}

/// A stream of pseudo-random bits from a seed that the caller drew (SplitMix64, Steele et al.
///
/// 2014).
struct RandomBits: Sendable {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
        return bits ^ (bits >> 31)
    }
}
