import Engine

/// Which faults a run has, and how often: drawn from the seed, so that some runs are calm in one way
/// and wild in another.
///
/// Chances are in thousandths.
struct FaultPlan {
    var regionCount: Int
    var daemonCount: Int
    /// How long clients, operators and faults are at work, in busy milliseconds (`Tempo`): times of
    /// faults are such, and what they last is plain virtual time.
    var durationMilliseconds: UInt64

    var dropChance: Int
    var duplicateChance: Int
    var truncateChance: Int
    /// Most messages take up to this long; `slowChance` of them up to twenty times as long.
    var delayMilliseconds: UInt64
    var slowChance: Int
    /// The mean time between two partitions; nil for none.
    var partitionEvery: UInt64?
    var partitionMilliseconds: ClosedRange<UInt64>
    /// Chance of a partition, and of a region that is down, to last for busy time instead: over the
    /// quiet, for minutes.
    var longFaultChance: Int

    /// Chance of each group of writes that the process dies at one of its steps; a tenth in quiet, where
    /// there are more heartbeats than writes.
    var crashInGroupChance: Int
    /// The mean time between two crashes outside of the writer; nil for none.
    var crashEvery: UInt64?
    var downMilliseconds: ClosedRange<UInt64>
    var daemonRestartEvery: UInt64?

    var clockOffsetMilliseconds: Int64
    var clockDriftMillionths: Int64
    var clockStepEvery: UInt64?
    var clockStepMilliseconds: Int64
    /// Chance that a clock is stepped back before its region starts again.
    var clockBackAtRestartChance: Int

    /// The region's own setting: what is further ahead is held back.
    var driftMilliseconds: UInt64
    var retentionMilliseconds: UInt64
    var heartbeatMilliseconds: UInt64
    /// How often a region says that it is there in quiet.
    var quietHeartbeatMilliseconds: UInt64
    /// How long a source may hold a link's question.
    var pollMilliseconds: UInt64
    var backoffMaxMilliseconds: UInt64
    /// Short ones make many shards of each stream.
    var streamShardMilliseconds: UInt64
    /// Chance of a group of writes that its commit takes a while, during which reads see the state
    /// before it.
    var slowCommitChance: Int

    var batchBytesMax: Int
    var chunkBytesMax: Int
    var inFlightMax: Int
    /// The mean time between two operations of a region's clients.
    var operationEvery: UInt64
    /// The mean time between two operations of anybody in quiet; nil for none.
    var trickleEvery: UInt64?
    var keyCount: Int
    var replicaChangesMax: Int
    /// How many items a round of chores takes into an index that is being built.
    var indexRowsMax: Int
    /// How long a region is silent before others relay its history; short ones make regions relay
    /// what comes by itself.
    var relayAfterMilliseconds: UInt64
    /// When one region is lost for good, with all that no other has received; nil for never.
    var lossAt: UInt64?
    /// When a copy of one region's files is made, and how long after it the region is started from
    /// that copy; nil for never, and where the others may have trimmed what it needs.
    var rollback: (copyAt: UInt64, afterMilliseconds: UInt64)?

    /// One region's program is older than the others' until it is renewed; nil for none.
    var old: (region: Int, unknown: UnknownChanges, renewedAt: UInt64)?
    var quarantineAttempts: Int
    /// The region's own setting: small ones leave regions too far behind.
    var historyBytesMax: UInt64
    /// How often operators remove a replica without its region's word; never where a region is
    /// started from older files, which may not know of it.
    var removalEvery: UInt64?

    init(_ random: inout SimulationRandom) {
        func rarely(_ chance: Int, _ value: Int) -> Int { random.chance(chance) ? value : 0 }
        regionCount = random.chance(200) ? 4 : 3
        daemonCount = random.chance(300) ? 2 : 1
        durationMilliseconds = random.milliseconds(2_500...7_000)
        dropChance = rarely(600, 5 + random.below(150))
        duplicateChance = rarely(600, 5 + random.below(150))
        truncateChance = rarely(300, 1 + random.below(40))
        delayMilliseconds = random.pick([2, 10, 40, 150])
        slowChance = rarely(500, random.below(60))
        partitionEvery = random.chance(600) ? random.milliseconds(1_000...6_000) : nil
        partitionMilliseconds = 100...random.pick([500, 3_000, 12_000])
        crashInGroupChance = rarely(600, 1 + random.below(12))
        crashEvery = random.chance(600) ? random.milliseconds(1_500...8_000) : nil
        downMilliseconds = 20...random.pick([200, 2_000, 13_000])
        daemonRestartEvery = random.chance(400) ? random.milliseconds(1_000...6_000) : nil
        clockOffsetMilliseconds = random.pick([0, 50, 1_000, 4_000])
        clockDriftMillionths = random.pick([0, 50, 2_000])
        clockStepEvery = random.chance(500) ? random.milliseconds(1_000...6_000) : nil
        clockStepMilliseconds = random.pick([20, 500, 6_000])
        clockBackAtRestartChance = rarely(500, 500)
        driftMilliseconds = random.pick([60_000, 60_000, 4_000])
        retentionMilliseconds = random.pick([86_400_000, 86_400_000, 60_000, 3_000, 300])
        heartbeatMilliseconds = random.pick([100, 300, 900])
        quietHeartbeatMilliseconds = random.pick([3_000, 10_000, 30_000])
        pollMilliseconds = random.pick([4_000, 20_000])
        backoffMaxMilliseconds = random.pick([1_000, 5_000, 5_000])
        streamShardMilliseconds = random.pick([700, 30_000])
        slowCommitChance = rarely(600, 100 + random.below(400))
        batchBytesMax = random.pick([150, 600, 4_000, 1 << 20])
        chunkBytesMax = random.pick([100, 400, 1 << 20])
        inFlightMax = random.pick([1, 2, 4])
        operationEvery = random.milliseconds(30...100)
        trickleEvery = random.chance(400) ? random.milliseconds(2_000...40_000) : nil
        keyCount = random.pick([2, 5, 12])
        replicaChangesMax = random.pick([0, 1, 3, 5])
        indexRowsMax = random.pick([1, 3, 1_000])
        relayAfterMilliseconds = random.pick([
            200, 1_500, 5_000, 3 * quietHeartbeatMilliseconds,
        ])
        rollback =
            random.chance(300) && retentionMilliseconds == 86_400_000
            ? (random.milliseconds(300...durationMilliseconds / 2), random.milliseconds(50...3_000))
            : nil
        // What a region shows that has not heard a peer for so long is not promised to be right.
        longFaultChance = rollback == nil ? rarely(500, 400) : 0
        lossAt = random.chance(200) ? random.milliseconds(500...durationMilliseconds) : nil
        old =
            random.chance(400)
            ? (
                random.below(regionCount), UnknownChanges(oneIn: random.pick([3, 20, 100])),
                random.milliseconds(500...2 * durationMilliseconds)
            ) : nil
        quarantineAttempts = random.pick([1, 3])
        removalEvery =
            random.chance(250) && rollback == nil ? random.milliseconds(800...4_000) : nil
        let isCapped = random.chance(600) && rollback == nil && removalEvery == nil
        historyBytesMax = isCapped ? random.pick([600, 2_000, 6_000]) : 64 << 30
    }
}
