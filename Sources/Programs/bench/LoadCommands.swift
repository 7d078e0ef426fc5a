import ArgumentParser

struct Put: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Puts whole items.")

    @OptionGroup var items: ItemOptions
    @OptionGroup var load: LoadOptions

    func run() throws {
        let endpoint = try Endpoint(load.url)
        let choice = Choice(keys: items.keys, seed: load.seed)
        try report(PutWorkload(items, choice, at: endpoint), load, at: endpoint)
    }
}

struct Get: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Gets items by their keys and verifies their checksums."
    )

    @OptionGroup var items: ItemOptions
    @OptionGroup var load: LoadOptions

    func run() throws {
        let endpoint = try Endpoint(load.url)
        let choice = Choice(keys: items.keys, seed: load.seed)
        try report(GetWorkload(items, choice, at: endpoint), load, at: endpoint)
    }
}

struct Update: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Updates two attributes of an item under a condition that holds."
    )

    @OptionGroup var items: ItemOptions
    @OptionGroup var load: LoadOptions

    func run() throws {
        let endpoint = try Endpoint(load.url)
        let choice = Choice(keys: items.keys, seed: load.seed)
        try report(UpdateWorkload(items, choice, at: endpoint), load, at: endpoint)
    }
}

struct Query: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Queries partitions and verifies each item."
    )

    @OptionGroup var items: ItemOptions
    @OptionGroup var load: LoadOptions

    func validate() throws {
        guard items.keys % items.perPartition == 0 else {
            throw ValidationError("--keys must be a multiple of \(items.perPartition).")
        }
    }

    func run() throws {
        let endpoint = try Endpoint(load.url)
        let choice = Choice(keys: items.keys, seed: load.seed)
        try report(QueryWorkload(items, choice, at: endpoint), load, at: endpoint)
    }
}

struct Transact: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Puts four whole items in each transaction."
    )

    @OptionGroup var items: ItemOptions
    @OptionGroup var load: LoadOptions

    func validate() throws {
        guard items.keys >= TransactWorkload.actions else {
            throw ValidationError("--keys must be at least \(TransactWorkload.actions).")
        }
    }

    func run() throws {
        let endpoint = try Endpoint(load.url)
        let choice = Choice(keys: items.keys, seed: load.seed)
        try report(TransactWorkload(items, choice, at: endpoint), load, at: endpoint)
    }
}

/// Runs a workload and prints what it measured.
private func report<Work: Workload>(
    _ work: Work,
    _ options: LoadOptions,
    at endpoint: Endpoint,
) throws {
    let result = try Load.run(work, options.plan(), at: endpoint)
    print(result.text(options.output))
    guard result.isGood else { throw ExitCode.failure }
}
