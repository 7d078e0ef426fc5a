/// Every default of the settings files, in one place.
///
/// Durations are in milliseconds.
package enum SettingsDefaults {
    /// How long a change stays in a region's history for links and daemons that were away.
    package static let historyRetention: Int64 = 24 * 3_600_000
    /// The most bytes of history a region keeps, whatever its retention.
    package static let historyBytesMax = 64 << 30
    /// How long records of conflicts stay in a region's log.
    package static let conflictsRetention: Int64 = 30 * 24 * 3_600_000
    /// The most bytes of records of conflicts a region keeps, whatever their retention.
    package static let conflictsBytesMax = 1 << 30
    /// How far ahead of this machine's clock a time from elsewhere may be before it is refused.
    package static let clockDriftMax: Int64 = 60_000
    /// After how long without word from a region its changes are taken from others.
    package static let relayAfter: Int64 = 5_000
    /// How long a shard of a stream stays open before another follows it.
    package static let streamsShardDuration: Int64 = 4 * 3_600_000
    /// How often expired items are looked for.
    package static let ttlSweepInterval: Int64 = 60_000
    /// How often a region without writes says that it has none.
    package static let heartbeatInterval: Int64 = 1_000
    /// How long a request that presents a token waits at most for the region to have come so far.
    package static let tokensWaitMax: Int64 = 5_000
    /// The most requests that wait so at once.
    package static let tokensWaitingMax = 1_000
    /// Whether tables are held to their provisioned capacity and on-demand maxima.
    package static let enforcesCapacity = false
    /// Whether rehearsals may inject faults.
    package static let allowsDrills = false
    /// The least important messages that are logged.
    package static let logLevel = LogLevel.info

    /// The most bytes of one request's body.
    package static let bodyBytesMax = 16 << 20
    /// The most connections to one listener.
    package static let connectionsMax = 10_000
    /// How many requests of one connection may wait behind the one being answered.
    package static let pipelinedRequestsMax = 16
    /// The most bytes of changes in one answer of the feed.
    package static let feedBytesMax = 4 << 20
    /// The most writes that wait for the disk at once.
    package static let writeQueueMax = 10_000
    /// The most changes in quarantine, and the most bytes of them, at which links go on.
    package static let quarantineChangesMax = 10_000
    package static let quarantineBytesMax = 256 << 20
    /// The threads that carry connections.
    package static let httpThreads = 2

    /// Where globald answers globalctl.
    package static let control = ListenAddress(host: "127.0.0.1", port: 9_100)
    /// The most bytes of changes a link asks for at once.
    package static let linkBatchBytesMax = 4 << 20
    /// How many batches of one link are under way at once.
    package static let linkInFlightMax = 4
    /// How long a link's question for changes waits at the region when there are none.
    package static let linkPollTimeout: Int64 = 20_000
    /// How long a link waits after its first failure; each further one doubles it.
    package static let linkBackoffMin: Int64 = 100
    /// The longest a link waits after failures.
    package static let linkBackoffMax: Int64 = 5_000
    /// After how long without a heartbeat of its source a link is stalled: some of those of a region
    /// that beats as `heartbeatInterval` says.
    package static let linkStalledAfter: Int64 = 5_000
}

/// How important a logged message is, by the names that files and logs use.
package enum LogLevel: String, Sendable, CaseIterable {
    case trace, debug, info, notice, warning, error, critical
}
