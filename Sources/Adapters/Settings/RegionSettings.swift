import Foundation

/// The settings of one region: the file that `regiond --config` names.
///
/// `regions/us-east-1.yaml` in the source tree documents every key.
package struct RegionSettings: Sendable, Equatable {
    package struct Limits: Sendable, Equatable {
        package let bodyBytesMax: Int
        package let connectionsMax: Int
        package let pipelinedRequestsMax: Int
        package let feedBytesMax: Int
        package let writeQueueMax: Int
        package let quarantineChangesMax: Int
        package let quarantineBytesMax: Int
    }

    package let region: String
    package let api: ListenAddress
    package let peer: ListenAddress
    /// The directory of the region's data, as an absolute path.
    package let data: String
    /// Whether listeners may be reached from other machines.
    package let insecure: Bool
    package let historyRetentionMilliseconds: Int64
    package let historyBytesMax: Int
    /// How long records of conflicts stay.
    package let conflictsRetentionMilliseconds: Int64
    /// The most bytes of records of conflicts.
    package let conflictsBytesMax: Int
    package let clockDriftMaxMilliseconds: Int64
    /// After so long without word from a region, its history is taken from others.
    package let relayAfterMilliseconds: Int64
    package let streamsShardMilliseconds: Int64
    package let ttlSweepIntervalMilliseconds: Int64
    package let heartbeatIntervalMilliseconds: Int64
    /// How long a request that presents a causal token waits at most.
    package let tokensWaitMaxMilliseconds: Int64
    /// The most requests that wait so at once; further ones are refused.
    package let tokensWaitingMax: Int
    package let logLevel: LogLevel
    /// Whether rehearsals may cut this region off, stop it, kill it or set its clock.
    package let allowsDrills: Bool
    /// Whether tables are held to their capacity.
    package let enforcesCapacity: Bool
    package let limits: Limits
    package let httpThreads: Int

    private static let day: Int64 = 86_400_000

    package static func load(path: String) throws(SettingsError) -> RegionSettings {
        try RegionSettings(SettingsFile(path: path))
    }

    /// Parses `text` as if it stood in `file`.
    package static func parse(_ text: String, file: String) throws(SettingsError) -> RegionSettings
    {
        try RegionSettings(SettingsFile(text: text, file: file))
    }

    private init(_ source: SettingsFile) throws(SettingsError) {
        var file = source
        region = try file.requiredText("region")
        guard RegionName.isValid(region) else {
            throw file.refusal("region", "'\(region)' \(RegionName.rule)")
        }
        insecure = try file.flag("insecure", false)
        api = try Self.listener("api", insecure, &file)
        peer = try Self.listener("peer", insecure, &file)
        guard api.port == 0 || api != peer else {
            throw file.refusal("peer", "'\(peer)' is the address of api too")
        }
        data = Self.resolve(try file.requiredText("data"), in: file.directory)
        historyRetentionMilliseconds = try file.duration(
            "history.retention",
            SettingsDefaults.historyRetention,
            in: 1_000...3_650 * Self.day,
        )
        historyBytesMax = try file.size(
            "history.bytesMax",
            SettingsDefaults.historyBytesMax,
            in: 1 << 20...1 << 50,
        )
        conflictsRetentionMilliseconds = try file.duration(
            "conflicts.retention",
            SettingsDefaults.conflictsRetention,
            in: 1_000...3_650 * Self.day,
        )
        conflictsBytesMax = try file.size(
            "conflicts.bytesMax",
            SettingsDefaults.conflictsBytesMax,
            in: 1 << 20...1 << 50,
        )
        clockDriftMaxMilliseconds = try file.duration(
            "clock.driftMax",
            SettingsDefaults.clockDriftMax,
            in: 1...Self.day,
        )
        relayAfterMilliseconds = try file.duration(
            "relay.after",
            SettingsDefaults.relayAfter,
            in: 100...Self.day,
        )
        streamsShardMilliseconds = try file.duration(
            "streams.shardDuration",
            SettingsDefaults.streamsShardDuration,
            in: 1_000...Self.day,
        )
        ttlSweepIntervalMilliseconds = try file.duration(
            "ttl.sweepInterval",
            SettingsDefaults.ttlSweepInterval,
            in: 1_000...Self.day,
        )
        heartbeatIntervalMilliseconds = try file.duration(
            "heartbeat.interval",
            SettingsDefaults.heartbeatInterval,
            in: 50...60_000,
        )
        tokensWaitMaxMilliseconds = try file.duration(
            "tokens.waitMax",
            SettingsDefaults.tokensWaitMax,
            in: 0...60_000,
        )
        tokensWaitingMax = try file.count(
            "tokens.waitingMax",
            SettingsDefaults.tokensWaitingMax,
            in: 0...1_000_000,
        )
        logLevel = try file.logLevel()
        allowsDrills = try file.flag("drills.allow", SettingsDefaults.allowsDrills)
        enforcesCapacity = try file.flag("capacity.enforce", SettingsDefaults.enforcesCapacity)
        limits = try Self.limits(&file)
        httpThreads = try file.count("http.threads", SettingsDefaults.httpThreads, in: 1...64)
        try file.finish()
    }

    private static func listener(
        _ key: String,
        _ insecure: Bool,
        _ file: inout SettingsFile,
    ) throws(SettingsError) -> ListenAddress {
        guard let address = try file.address(key, insecure: insecure) else {
            throw file.refusal(key, "required, but missing")
        }
        return address
    }

    private static func limits(_ file: inout SettingsFile) throws(SettingsError) -> Limits {
        Limits(
            bodyBytesMax: try file.size(
                "limits.bodyBytesMax",
                SettingsDefaults.bodyBytesMax,
                in: 64 << 10...256 << 20,
            ),
            connectionsMax: try file.count(
                "limits.connectionsMax",
                SettingsDefaults.connectionsMax,
                in: 1...1_000_000,
            ),
            pipelinedRequestsMax: try file.count(
                "limits.pipelinedRequestsMax",
                SettingsDefaults.pipelinedRequestsMax,
                in: 1...1_024,
            ),
            feedBytesMax: try file.size(
                "limits.feedBytesMax",
                SettingsDefaults.feedBytesMax,
                in: 64 << 10...64 << 20,
            ),
            writeQueueMax: try file.count(
                "limits.writeQueueMax",
                SettingsDefaults.writeQueueMax,
                in: 1...1_000_000,
            ),
            quarantineChangesMax: try file.count(
                "limits.quarantineChangesMax",
                SettingsDefaults.quarantineChangesMax,
                in: 1...1_000_000,
            ),
            quarantineBytesMax: try file.size(
                "limits.quarantineBytesMax",
                SettingsDefaults.quarantineBytesMax,
                in: 1 << 20...1 << 40,
            ),
        )
    }

    /// `path` as seen from `directory`.
    private static func resolve(_ path: String, in directory: String) -> String {
        let directory = URL(fileURLWithPath: directory, isDirectory: true)
        return URL(fileURLWithPath: path, relativeTo: directory).standardizedFileURL.path
    }
}
