import ArgumentParser

/// Which items there are and where they are.
struct ItemOptions: ParsableArguments {
    @Option(help: "The table's name.")
    var table = "bench"

    @Option(help: "How many items the table holds.")
    var keys = 100_000

    @Option(help: "The size of an item, as the API counts it.")
    var itemBytes = 500

    @Option(help: "How many items a partition has, and a query finds.")
    var perPartition = 10

    func validate() throws {
        guard perPartition >= 1, perPartition <= ItemForm.perPartitionMax else {
            throw ValidationError(
                "--per-partition must be from 1 to \(ItemForm.perPartitionMax)."
            )
        }
        guard keys >= perPartition, keys <= ItemForm.keysMax else {
            throw ValidationError("--keys must be from \(perPartition) to \(ItemForm.keysMax).")
        }
        guard itemBytes >= ItemForm.bytesMin, itemBytes <= ItemForm.bytesMax else {
            throw ValidationError(
                "--item-bytes must be from \(ItemForm.bytesMin) to \(ItemForm.bytesMax)."
            )
        }
    }
}

/// How hard and how long to ask.
struct LoadOptions: ParsableArguments {
    /// `select` watches descriptors below 1,024.
    private static let connectionsMax = 900

    @Option(help: "The region's API endpoint.")
    var url = "http://127.0.0.1:8001"

    @Option(help: "How many connections to keep busy.")
    var connections = 32

    @Option(help: "How long to measure.")
    var seconds = 10.0

    @Option(help: "How long to run before measuring starts.")
    var warmup = 1.0

    @Option(help: "Requests a second, due at fixed times; without it, as fast as answers come.")
    var rate: Double?

    @Option(help: "Where the random choice of keys starts.")
    var seed: UInt64 = 1

    @Option(help: "How to print the result.")
    var output = OutputFormat.text

    func validate() throws {
        guard connections >= 1, connections <= Self.connectionsMax else {
            throw ValidationError("--connections must be from 1 to \(Self.connectionsMax).")
        }
        guard seconds > 0, warmup >= 0, rate ?? 1 > 0 else {
            throw ValidationError("--seconds and --rate must be above 0, --warmup not below.")
        }
    }

    func plan() -> LoadPlan {
        LoadPlan(
            connections: connections,
            warmupNanoseconds: nanoseconds(warmup),
            nanoseconds: nanoseconds(seconds),
            rate: rate,
        )
    }
}

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
}
