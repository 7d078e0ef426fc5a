import ArgumentParser
import Glibc
import JSON

struct ReplicaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replica",
        abstract: "Lists, adds and removes the replicas of a table.",
        discussion: """
            All regions stay writable while a replica is added. add shows how far the copy is and \
            returns when the replica is ACTIVE in every region that can be reached. remove waits \
            until the others hold all that the replica has accepted.

            A region that is gone is removed with --force: the others bring each other to the same \
            of what it wrote, and go on without it. If it comes back, it keeps aside what it had \
            shipped to nobody (globalctl unshipped), and may be added again.

            Examples:
              globalctl replica list orders
              globalctl replica add orders eu-west-1
              globalctl replica remove orders eu-west-1 --timeout 60
              globalctl replica remove orders eu-west-1 --force
            """,
        subcommands: [List.self, Add.self, Remove.self],
    )

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The replicas of a table, as each region knows them."
        )

        @OptionGroup var options: Options

        @Argument(help: "The table's name.")
        var table: String

        func run() throws {
            let view = try ReplicaView(table, options.regions())
            options.show(view.json) { view.text }
            try view.checkKnown()
        }
    }

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a replica and wait until it is ACTIVE."
        )

        @OptionGroup var options: Options
        @OptionGroup var change: ReplicaChange

        func run() throws {
            try change.run(.create, options)
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a replica and wait until it is gone."
        )

        @OptionGroup var options: Options
        @OptionGroup var change: ReplicaChange

        @Flag(help: "Go on without its word: for a region that is gone.")
        var force = false

        func run() throws {
            try change.run(force ? .expel : .delete, options)
        }
    }
}

/// Adding or removing a replica: one call of the API, then watching the regions.
struct ReplicaChange: ParsableArguments {
    enum Kind: String {
        case create = "Create"
        case delete = "Delete"
        /// Delete without the region's word.
        case expel = "Expel"
    }

    @Argument(help: "The table's name.")
    var table: String

    @Argument(help: "The region of the replica.")
    var region: String

    @Option(help: "Seconds to wait for it at most.")
    var timeout = 600

    @Flag(help: "Ask for it and return at once.")
    var noWait = false

    /// Between two looks.
    private static let pauseMicroseconds: UInt32 = 250_000

    mutating func validate() throws {
        guard (1...86_400).contains(timeout) else {
            throw ValidationError("--timeout is 1 to 86400 seconds")
        }
    }

    func run(_ kind: Kind, _ options: Options) throws {
        let regions = try options.regions()
        try regions.check(region)
        let before = ReplicaView(table, regions)
        try before.checkKnown()
        let departure = ReplicaDeparture(table: table, region: region, regions: regions)
        if kind == .delete, !isDone(kind, before) { try departure.check(before) }
        if !isDone(kind, before) { try request(kind, before, regions) }
        if noWait { return finish(before, options) }

        var progress = ""
        for _ in 0..<(timeout * 1_000_000 / Int(Self.pauseMicroseconds)) {
            let view = ReplicaView(table, regions)
            if isDone(kind, view) { return finish(view, options) }
            let line = kind == .create ? view.progress(of: region) : departure.progress
            if line != progress, options.output == .text { Terminal.note(line) }
            progress = line
            usleep(Self.pauseMicroseconds)
        }
        throw Failure("the replica in \(region) was not ready after \(timeout) s: \(progress)")
    }

    private func isDone(_ kind: Kind, _ view: ReplicaView) -> Bool {
        switch kind {
        case .create: view.isActiveEverywhere(region)
        case .delete: view.isGoneEverywhere(region)
        case .expel: view.isGoneElsewhere(region)
        }
    }

    /// Through a region that has the table: another than the one it is about, if there is one.
    private func request(_ kind: Kind, _ view: ReplicaView, _ regions: Regions) throws {
        let members = view.members
        if kind == .create, members.contains(region) { return }
        if kind == .expel {
            return try ReplicaDeparture(table: table, region: region, regions: regions)
                .force(through: members)
        }
        let replica = JSONValue.object([.init("RegionName", .string(region))])
        let update = JSONValue.object([
            .init("TableName", .string(table)),
            .init("ReplicaUpdates", .array([.object([.init(kind.rawValue, replica)])])),
        ])
        var refusal = Failure("no region that can be reached has the table '\(table)'")
        for through in members.filter({ $0 != region }) + members.filter({ $0 == region }) {
            do {
                _ = try regions.api(through, "UpdateTable", update)
                return
            } catch let failure as Failure where failure.isOfFencedRegion {
                refusal = failure
            }
        }
        throw refusal
    }

    private func finish(_ view: ReplicaView, _ options: Options) {
        options.show(view.json) { view.text }
    }
}
