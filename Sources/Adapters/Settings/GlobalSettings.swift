import Yams

/// The settings shared by globald and globalctl: the file that their `--config` names.
///
/// `regions/global.yaml` in the source tree documents every key.
package struct GlobalSettings: Sendable, Equatable {
    package struct Region: Sendable, Equatable {
        package let name: String
        /// Base URLs, without a slash at the end.
        package let api: String
        package let peer: String
    }

    /// Changes travel from one region to the other.
    package struct Link: Sendable, Hashable {
        package let from: String
        package let to: String

        package init(from: String, to: String) {
            self.from = from
            self.to = to
        }
    }

    package struct LinkTuning: Sendable, Equatable {
        package let batchBytesMax: Int
        package let inFlightMax: Int
        package let pollTimeoutMilliseconds: Int64
        package let backoffMinMilliseconds: Int64
        package let backoffMaxMilliseconds: Int64
        /// After so long without a heartbeat of its source a link is stalled.
        package let stalledAfterMilliseconds: Int64
    }

    package struct Drills: Sendable, Equatable {
        /// Whether rehearsals may delay, lose and cut what links carry.
        package let isAllowed: Bool
        /// A shell command that starts a region, whose name is put behind it; nil if whatever
        /// watches over the processes does that.
        package let start: String?
        /// Where the command runs: the directory of the settings file.
        package let directory: String
    }

    /// In the order of the file.
    package let regions: [Region]
    package let control: ListenAddress
    /// Whether the control listener may be reached from other machines.
    package let insecure: Bool
    /// Every link, a mesh written out, in the order of the regions or of the file.
    package let links: [Link]
    package let logLevel: LogLevel
    package let link: LinkTuning
    package let drills: Drills

    private static let structures: Set<String> = ["regions", "links"]
    /// The most regions: a mesh has a link for each ordered pair.
    private static let regionsMax = 64

    package static func load(path: String) throws(SettingsError) -> GlobalSettings {
        try GlobalSettings(SettingsFile(path: path, structures: structures))
    }

    /// Parses `text` as if it stood in `file`.
    package static func parse(_ text: String, file: String) throws(SettingsError) -> GlobalSettings
    {
        try GlobalSettings(SettingsFile(text: text, file: file, structures: structures))
    }

    /// The settings of the region of this name.
    package func region(_ name: String) -> Region? {
        regions.first { $0.name == name }
    }

    private init(_ source: SettingsFile) throws(SettingsError) {
        var file = source
        regions = try Self.regions(&file)
        links = try Self.links(&file, regions.map(\.name))
        insecure = try file.flag("insecure", false)
        control = try file.address("control", insecure: insecure) ?? SettingsDefaults.control
        logLevel = try file.logLevel()
        link = try Self.tuning(&file)
        drills = Drills(
            isAllowed: try file.flag("drills.allow", SettingsDefaults.allowsDrills),
            start: try file.text("drills.start"),
            directory: file.directory,
        )
        try file.finish()
    }

    private static func tuning(_ file: inout SettingsFile) throws(SettingsError) -> LinkTuning {
        let tuning = LinkTuning(
            batchBytesMax: try file.size(
                "link.batchBytesMax",
                SettingsDefaults.linkBatchBytesMax,
                in: 64 << 10...64 << 20,
            ),
            inFlightMax: try file.count(
                "link.inFlightMax",
                SettingsDefaults.linkInFlightMax,
                in: 1...64,
            ),
            pollTimeoutMilliseconds: try file.duration(
                "link.pollTimeout",
                SettingsDefaults.linkPollTimeout,
                in: 100...60_000,
            ),
            backoffMinMilliseconds: try file.duration(
                "link.backoffMin",
                SettingsDefaults.linkBackoffMin,
                in: 1...60_000,
            ),
            backoffMaxMilliseconds: try file.duration(
                "link.backoffMax",
                SettingsDefaults.linkBackoffMax,
                in: 1...600_000,
            ),
            stalledAfterMilliseconds: try file.duration(
                "link.stalledAfter",
                SettingsDefaults.linkStalledAfter,
                in: 100...3_600_000,
            ),
        )
        guard tuning.backoffMinMilliseconds <= tuning.backoffMaxMilliseconds else {
            throw file.refusal("link.backoffMin", "longer than link.backoffMax")
        }
        return tuning
    }

    // MARK: Regions

    private static func regions(_ file: inout SettingsFile) throws(SettingsError) -> [Region] {
        guard let node = file.node("regions") else {
            throw file.refusal("regions", "required, but missing")
        }
        guard case .mapping(let mapping) = node, !mapping.isEmpty else {
            throw file.refusal("regions", "must name at least one region with its URLs")
        }
        guard mapping.count <= regionsMax else {
            throw file.refusal("regions", "more than \(regionsMax)")
        }
        var regions: [Region] = []
        for (nameNode, node) in mapping {
            let region = try region(nameNode, node, file)
            let key = "regions.\(region.name)"
            for other in regions {
                if region.name == other.name { throw file.refusal(key, "given twice") }
                if [other.api, other.peer].contains(region.peer) || region.api == other.peer
                    || region.api == other.api
                {
                    throw file.refusal(key, "has a URL of \(other.name) too")
                }
            }
            regions.append(region)
        }
        return regions
    }

    private static func region(
        _ nameNode: Node,
        _ node: Node,
        _ file: SettingsFile,
    ) throws(SettingsError) -> Region {
        guard case .scalar(let scalar) = nameNode, RegionName.isValid(scalar.string) else {
            let name = nameNode.scalar?.string ?? "a structure"
            throw file.refusal("regions", "'\(name)' \(RegionName.rule)")
        }
        let key = "regions.\(scalar.string)"
        guard case .mapping(let mapping) = node else {
            throw file.refusal(key, "must have the URLs api and peer")
        }
        var urls: [String: String] = [:]
        for (part, value) in mapping {
            let name = part.scalar?.string ?? "a structure"
            guard name == "api" || name == "peer" else {
                throw file.refusal("\(key).\(name)", "unknown key (known: api, peer)")
            }
            urls[name] = try url(value, "\(key).\(name)", file)
        }
        guard let api = urls["api"] else {
            throw file.refusal("\(key).api", "required, but missing")
        }
        guard let peer = urls["peer"] else {
            throw file.refusal("\(key).peer", "required, but missing")
        }
        guard api != peer else {
            throw file.refusal("\(key).peer", "'\(peer)' is the URL of api too")
        }
        return Region(name: scalar.string, api: api, peer: peer)
    }

    private static func url(
        _ node: Node,
        _ key: String,
        _ file: SettingsFile,
    ) throws(SettingsError) -> String {
        guard case .scalar(let scalar) = node else {
            throw file.refusal(key, "must be a URL")
        }
        guard let url = BaseURL.normalized(scalar.string) else {
            let rule = "is not an http or https URL of a host alone (such as http://127.0.0.1:8001)"
            throw file.refusal(key, "'\(scalar.string)' \(rule)")
        }
        return url
    }

    // MARK: Links

    private static func links(
        _ file: inout SettingsFile,
        _ names: [String],
    ) throws(SettingsError) -> [Link] {
        let mesh = names.flatMap { from in
            names.filter { $0 != from }.map { Link(from: from, to: $0) }
        }
        switch file.node("links") {
        case nil:
            return mesh
        case .scalar(let scalar)? where scalar.string == "mesh":
            return mesh
        case .sequence(let sequence)?:
            var links: [Link] = []
            for (index, node) in sequence.enumerated() {
                let key = "links[\(index)]"
                let link = try link(node, key, names, file)
                guard !links.contains(link) else {
                    throw file.refusal(key, "[\(link.from), \(link.to)] is given twice")
                }
                links.append(link)
            }
            return links
        default:
            throw file.refusal("links", "must be mesh or a list of [from, to]")
        }
    }

    private static func link(
        _ node: Node,
        _ key: String,
        _ names: [String],
        _ file: SettingsFile,
    ) throws(SettingsError) -> Link {
        guard case .sequence(let pair) = node, pair.count == 2,
            let from = pair[0].scalar?.string, let to = pair[1].scalar?.string
        else {
            throw file.refusal(key, "must be [from, to]")
        }
        for name in [from, to] where !names.contains(name) {
            throw file.refusal(key, "'\(name)' is not among the regions")
        }
        guard from != to else {
            throw file.refusal(key, "[\(from), \(to)] links a region to itself")
        }
        return Link(from: from, to: to)
    }
}
