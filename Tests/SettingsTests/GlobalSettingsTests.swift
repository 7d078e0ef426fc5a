import Foundation
import Settings
import Testing

private let minimal = """
    regions:
      us-east-1: { api: "http://127.0.0.1:8001", peer: "http://127.0.0.1:9001/" }
      eu-west-1: { api: "https://eu.example.com", peer: "http://[::1]:9002" }

    """

private func parse(_ text: String) throws(SettingsError) -> GlobalSettings {
    try GlobalSettings.parse(text, file: "global.yaml")
}

private func refusal(_ text: String) -> String {
    do {
        _ = try parse(text)
        return "accepted"
    } catch {
        return error.description
    }
}

@Test func `regions keep their order and a mesh links all of them`() throws {
    let settings = try parse(minimal)
    #expect(settings.regions.map(\.name) == ["us-east-1", "eu-west-1"])
    #expect(settings.region("us-east-1")?.peer == "http://127.0.0.1:9001")
    #expect(settings.region("nowhere-1") == nil)
    let mesh = [
        GlobalSettings.Link(from: "us-east-1", to: "eu-west-1"),
        GlobalSettings.Link(from: "eu-west-1", to: "us-east-1"),
    ]
    #expect(settings.links == mesh)
    #expect(try parse(minimal + "links: mesh").links == mesh)
    #expect(try parse(minimal + "links: [[us-east-1, eu-west-1]]").links == [mesh[0]])
    #expect(try parse(minimal + "links: []").links == [])
}

@Test func `the rest of the global settings has its default`() throws {
    let settings = try parse(minimal)
    #expect(settings.control == ListenAddress(host: "127.0.0.1", port: 9100))
    #expect(settings.logLevel == .info)
    #expect(settings.link.batchBytesMax == 4 << 20)
    #expect(settings.link.inFlightMax == 4)
    #expect(settings.link.pollTimeoutMilliseconds == 20_000)
    #expect(settings.link.backoffMinMilliseconds == 100)
    #expect(settings.link.backoffMaxMilliseconds == 5_000)
    #expect(settings.link.stalledAfterMilliseconds == 5_000)
    #expect(settings.drills.isAllowed == false)
    #expect(settings.drills.start == nil)
    let tuned = try parse(minimal + "link: {inFlightMax: 8}\nlink.pollTimeout: 5s")
    #expect(tuned.link.inFlightMax == 8)
    #expect(tuned.link.pollTimeoutMilliseconds == 5_000)
}

@Test(arguments: [
    ("links: ring", "global.yaml: links: must be mesh or a list of [from, to]"),
    ("links: [us-east-1]", "global.yaml: links[0]: must be [from, to]"),
    (
        "links: [[us-east-1, us-west-2]]",
        "global.yaml: links[0]: 'us-west-2' is not among the regions"
    ),
    (
        "links: [[us-east-1, us-east-1]]",
        "global.yaml: links[0]: [us-east-1, us-east-1] links a region to itself"
    ),
    (
        "links: [[us-east-1, eu-west-1], [us-east-1, eu-west-1]]",
        "global.yaml: links[1]: [us-east-1, eu-west-1] is given twice"
    ),
    (
        "link.inFlightMax: 0",
        "global.yaml: link.inFlightMax: '0' is not a whole number from 1 to 64"
    ),
    ("link.backoffMin: 10s", "global.yaml: link.backoffMin: longer than link.backoffMax"),
    (
        "control: 9100",
        "global.yaml: control: '9100' is not HOST:PORT (examples: 127.0.0.1:8001, [::1]:8001)"
    ),
])
func `bad values are refused with file, key and reason`(lines: String, message: String) {
    #expect(refusal(minimal + lines) == message)
}

@Test func `a control listener off loopback needs insecure`() throws {
    let text = minimal + "control: 0.0.0.0:9100\n"
    #expect(refusal(text).hasPrefix("global.yaml: control: '0.0.0.0:9100' is not on loopback"))
    #expect(try parse(text + "insecure: true").control.host == "0.0.0.0")
}

@Test(arguments: [
    "127.0.0.1:8001", "ftp://127.0.0.1", "http://", "http://a/b", "http://u:p@a", "http://a?b",
    "http://a:99999", "http://a b", "",
])
func `addresses that are no base URL are refused`(url: String) {
    let text = "regions: {us-east-1: {api: \"\(url)\", peer: \"http://a\"}}"
    #expect(refusal(text).hasPrefix("global.yaml: regions.us-east-1.api: '\(url)' is not an http"))
}

@Test(arguments: [
    ("links: mesh", "global.yaml: regions: required, but missing"),
    ("regions: {}", "global.yaml: regions: must name at least one region with its URLs"),
    ("regions: mesh", "global.yaml: regions: must name at least one region with its URLs"),
    ("regions: {us-east-1: x}", "global.yaml: regions.us-east-1: must have the URLs api and peer"),
    (
        "regions: {us-east-1: {api: \"http://a\"}}",
        "global.yaml: regions.us-east-1.peer: required, but missing"
    ),
    (
        "regions: {us-east-1: {api: \"http://a\", peer: \"http://a/\"}}",
        "global.yaml: regions.us-east-1.peer: 'http://a' is the URL of api too"
    ),
    (
        "regions: {us-east-1: {api: \"http://a\", port: 1}}",
        "global.yaml: regions.us-east-1.port: unknown key (known: api, peer)"
    ),
    (
        minimal + "  eu-west-2: {api: \"http://x\", peer: \"http://127.0.0.1:9001\"}",
        "global.yaml: regions.eu-west-2: has a URL of us-east-1 too"
    ),
])
func `regions without a name or URLs of their own are refused`(text: String, message: String) {
    #expect(refusal(text) == message)
}

@Test func `the files in the source tree are valid`() throws {
    let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("regions")
    let global = try GlobalSettings.load(path: folder.appendingPathComponent("global.yaml").path)
    #expect(global.regions.map(\.name) == ["us-east-1", "eu-west-1", "ap-northeast-1"])
    #expect(global.links.count == 6)
    for region in global.regions {
        let path = folder.appendingPathComponent("\(region.name).yaml").path
        let settings = try RegionSettings.load(path: path)
        #expect(settings.region == region.name)
        #expect("http://\(settings.api)" == region.api)
        #expect("http://\(settings.peer)" == region.peer)
        #expect(settings.data.hasSuffix("/.data/\(region.name)"))
        #expect(!settings.data.contains("regions"))
    }
}

@Test func `drills run their command in the folder of the file`() throws {
    let text = minimal + "drills: {allow: true, start: ../region.sh start}\n"
    let drills = try GlobalSettings.parse(text, file: "/etc/meridian/global.yaml").drills
    #expect(drills.isAllowed)
    #expect(drills.start == "../region.sh start")
    #expect(drills.directory == "/etc/meridian")
}
