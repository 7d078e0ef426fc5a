import Foundation
import Settings
import Testing

private let minimal = """
    region: us-east-1
    api: 127.0.0.1:8001
    peer: 127.0.0.1:9001
    data: ../.data/us-east-1

    """

private func parse(_ text: String) throws(SettingsError) -> RegionSettings {
    try RegionSettings.parse(text, file: "/etc/meridian/region.yaml")
}

private func refusal(_ text: String) -> String {
    do {
        _ = try parse(text)
        return "accepted"
    } catch {
        return error.description.replacingOccurrences(of: "/etc/meridian/region.yaml: ", with: "")
    }
}

@Test func `the four required keys suffice and the rest has its default`() throws {
    let settings = try parse(minimal)
    #expect(settings.region == "us-east-1")
    #expect(settings.api == ListenAddress(host: "127.0.0.1", port: 8001))
    #expect(settings.peer == ListenAddress(host: "127.0.0.1", port: 9001))
    #expect(settings.data == "/etc/.data/us-east-1")
    #expect(settings.insecure == false)
    #expect(settings.historyRetentionMilliseconds == 24 * 3_600_000)
    #expect(settings.historyBytesMax == 64 << 30)
    #expect(settings.clockDriftMaxMilliseconds == 60_000)
    #expect(settings.relayAfterMilliseconds == 5_000)
    #expect(settings.conflictsRetentionMilliseconds == 30 * 86_400_000)
    #expect(settings.conflictsBytesMax == 1 << 30)
    #expect(settings.streamsShardMilliseconds == 4 * 3_600_000)
    #expect(settings.ttlSweepIntervalMilliseconds == 60_000)
    #expect(settings.heartbeatIntervalMilliseconds == 1_000)
    #expect(settings.logLevel == .info)
    #expect(settings.enforcesCapacity == false)
    #expect(settings.allowsDrills == false)
    #expect(settings.limits.bodyBytesMax == 16 << 20)
    #expect(settings.limits.connectionsMax == 10_000)
    #expect(settings.limits.feedBytesMax == 4 << 20)
    #expect(settings.limits.writeQueueMax == 10_000)
    #expect(settings.limits.quarantineChangesMax == 10_000)
    #expect(settings.limits.quarantineBytesMax == 256 << 20)
    #expect(settings.httpThreads == 2)
}

@Test func `nested and dotted keys mean the same`() throws {
    let nested = minimal + "history: {retention: 90s, bytesMax: 10MB}\nlog:\n  level: debug\n"
    let dotted = minimal + "history.retention: 90s\nhistory.bytesMax: 10MB\n\"log.level\": debug\n"
    #expect(try parse(nested) == parse(dotted))
    #expect(try parse(nested).historyRetentionMilliseconds == 90_000)
    #expect(try parse(nested).historyBytesMax == 10_000_000)
}

@Test(arguments: [
    ("7d", 7 * 86_400_000), ("24h", 86_400_000), ("30m", 1_800_000), ("90s", 90_000),
    ("1500ms", 1_500),
])
func `durations have units`(text: String, milliseconds: Int64) throws {
    let settings = try parse(minimal + "history.retention: \(text)")
    #expect(settings.historyRetentionMilliseconds == milliseconds)
}

@Test(arguments: [
    ("64GiB", 64 << 30), ("10MB", 10_000_000), ("2000KB", 2_000_000), ("1048576", 1 << 20),
    ("1TiB", 1 << 40), ("2097152B", 2 << 20),
])
func `sizes have units or none`(text: String, bytes: Int) throws {
    #expect(try parse(minimal + "history.bytesMax: \(text)").historyBytesMax == bytes)
}

@Test(arguments: [
    (
        "history.retention: 24x",
        "history.retention: '24x' is not a duration (examples: 24h, 30m, 90s)"
    ),
    (
        "history.retention: 99999999999999999h",
        "history.retention: '99999999999999999h' is not a duration (examples: 24h, 30m, 90s)"
    ),
    ("history.retention: 10ms", "history.retention: '10ms' is not between 1s and 3650d"),
    ("conflicts.retention: 10ms", "conflicts.retention: '10ms' is not between 1s and 3650d"),
    ("history.retention: [1h]", "history.retention: must be a single value"),
    ("history.retention: ", "history.retention: must not be empty"),
    ("heartbeat.interval: 49ms", "heartbeat.interval: '49ms' is not between 50ms and 1m"),
    ("ttl: {sweepInterval: 500ms}", "ttl.sweepInterval: '500ms' is not between 1s and 1d"),
    (
        "history.bytesMax: 9999999999TiB",
        "history.bytesMax: '9999999999TiB' is not a size (examples: 64GiB, 10MB, 65536)"
    ),
    ("limits.bodyBytesMax: 1KB", "limits.bodyBytesMax: '1KB' is not between 64KiB and 256MiB"),
    (
        "limits.connectionsMax: -1",
        "limits.connectionsMax: '-1' is not a whole number from 1 to 1000000"
    ),
    ("insecure: yes", "insecure: 'yes' is neither true nor false"),
    (
        "log.level: loud",
        "log.level: 'loud' is not one of trace, debug, info, notice, warning, error, critical"
    ),
    ("log.level: info\nlog: {level: info}", "log.level: given twice"),
    ("region: eu-west-1", "not YAML: given twice: region"),
])
func `bad values are refused with key and reason`(lines: String, message: String) {
    #expect(refusal(minimal + lines) == message)
}

@Test func `unknown keys are refused and the known ones named`() {
    let message = refusal(minimal + "history: {retain: 24h}")
    #expect(
        message.hasPrefix(
            "history.retain: unknown key (known: api, capacity.enforce, clock.driftMax, "
        )
    )
    #expect(refusal(minimal + "history: 24h").hasPrefix("history: unknown key"))
}

@Test(arguments: [
    "us-east", "US-east-1", "us_east_1", "use-east-1", "us-east-", "us--1", "us-1", "us-east-1a",
    "us-a234567890123456789012345678-1", "../us-east-1",
])
func `names that are no region's are refused`(name: String) {
    let text = minimal.replacingOccurrences(of: "region: us-east-1", with: "region: \"\(name)\"")
    #expect(refusal(text).hasPrefix("region: '\(name)' is not a region's name"))
}

@Test(arguments: ["us-east-1", "us-gov-west-1", "ap-northeast-12"])
func `region names are those of AWS's form`(name: String) throws {
    let text = minimal.replacingOccurrences(of: "region: us-east-1", with: "region: \(name)")
    #expect(try parse(text).region == name)
}

@Test(arguments: ["127.0.0.1", "127.8.9.1", "localhost", "\"[::1]\""])
func `loopback listeners are accepted`(host: String) throws {
    let value = host.hasPrefix("\"") ? "\"[::1]:0\"" : "\(host):0"
    let text = minimal.replacingOccurrences(of: "api: 127.0.0.1:8001", with: "api: \(value)")
    #expect(try parse(text).api.port == 0)
}

@Test(arguments: ["0.0.0.0", "10.0.0.1", "example.com", "127.evil.com", "128.0.0.1"])
func `other listeners are refused unless insecure is said`(host: String) throws {
    let text = minimal.replacingOccurrences(of: "127.0.0.1:9001", with: "\(host):9001")
    #expect(refusal(text).hasPrefix("peer: '\(host):9001' is not on loopback"))
    #expect(try parse(text + "insecure: true").peer.host == host)
}

@Test(arguments: [
    "8001", "127.0.0.1", "127.0.0.1:", ":8001", "127.0.0.1:65536", "127.0.0.1:+1", "::1:8001",
    "127.0.0.1:80 81", "a b:1", "[::g]:1",
])
func `addresses that are not HOST colon PORT are refused`(address: String) {
    let text = minimal.replacingOccurrences(of: "127.0.0.1:8001", with: "\"\(address)\"")
    #expect(refusal(text).hasPrefix("api: '\(address)' is not HOST:PORT"))
}

@Test(arguments: ["region", "api", "peer", "data"])
func `each required key is asked for`(key: String) {
    let lines = minimal.split(separator: "\n").filter { !$0.hasPrefix("\(key):") }
    #expect(refusal(lines.joined(separator: "\n")) == "\(key): required, but missing")
}

@Test func `both listeners at one address are refused`() {
    let text = minimal.replacingOccurrences(of: "9001", with: "8001")
    #expect(refusal(text) == "peer: '127.0.0.1:8001' is the address of api too")
}

@Test func `what is not keys and values is refused`() {
    #expect(refusal("") == "must hold keys and values")
    #expect(refusal("- a\n- b") == "must hold keys and values")
    #expect(refusal("region: [").hasPrefix("not YAML: line "))
    #expect(refusal(String(repeating: "#", count: 1 << 20 + 1)) == "longer than 1 MiB")
    #expect(refusal(String(repeating: "{a: ", count: 20)).hasPrefix("not YAML"))
    let deep = String(repeating: "{a: ", count: 20) + "1" + String(repeating: "}", count: 20)
    #expect(refusal(deep).hasSuffix("nested too deeply"))
}

@Test func `aliases that multiply are refused quickly`() {
    var text = "a0: &a0 {k: 1}\n"
    for level in 1...7 {
        let keys = (0..<10).map { "k\($0): *a\(level - 1)" }.joined(separator: ", ")
        text += "a\(level): &a\(level) {\(keys)}\n"
    }
    #expect(refusal(text).hasSuffix("too many values"))
}

@Test func `a file that is not there is refused`() {
    #expect(throws: SettingsError(file: "/nowhere/x.yaml", reason: "no such file")) {
        _ = try RegionSettings.load(path: "/nowhere/x.yaml")
    }
    #expect(throws: SettingsError(file: "/tmp", reason: "cannot be read")) {
        _ = try RegionSettings.load(path: "/tmp")
    }
}
