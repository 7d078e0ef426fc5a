// swift-tools-version: 6.2
import PackageDescription

// The dependency graph, bottom-up. docs/ARCHITECTURE.md says what each part is for; TidyTests hold
// the sources to it.

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

/// Optimizes a target in a build for debugging too.
///
/// The number of threads makes one object file of each source, which is what such a build expects.
let optimized: [SwiftSetting] = [
    .unsafeFlags([
        "-O", "-whole-module-optimization", "-num-threads", "2", "-disable-batch-mode",
    ])
]

/// Whether the core and the simulator are optimized.
///
/// The tests spend most of their time there, and scripts/test asks for it. All the rest is built for
/// debugging, which is quicker.
let isCoreOptimized = Context.environment["MERIDIAN_OPTIMIZED"] != nil

func target(
    _ name: String,
    in folder: String,
    uses dependencies: [Target.Dependency] = [],
    isOptimized: Bool = false,
) -> Target {
    .target(
        name: name,
        dependencies: dependencies,
        path: folder.isEmpty ? "Sources/\(name)" : "Sources/\(folder)/\(name)",
        swiftSettings: isOptimized || isCoreOptimized && ["Core", ""].contains(folder)
            ? settings + optimized : settings,
    )
}

func program(_ name: String, uses dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name,
        dependencies: dependencies,
        path: "Sources/Programs/\(name)",
        swiftSettings: settings,
    )
}

func tests(_ name: String, uses dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: name,
        dependencies: dependencies,
        path: "Tests/\(name)",
        swiftSettings: settings,
    )
}

func nio(_ names: String...) -> [Target.Dependency] {
    names.map { .product(name: $0, package: "swift-nio") }
}
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let arguments: Target.Dependency = .product(
    name: "ArgumentParser",
    package: "swift-argument-parser",
)

let package = Package(
    name: "Meridian",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // Core: pure and synchronous. No IO, no clock, no randomness, no Foundation.
        target("JSON", in: "Core"),
        target("Causality", in: "Core"),
        target("Metrics", in: "Core"),
        target("Items", in: "Core", uses: ["JSON"]),
        target("Expressions", in: "Core", uses: ["Items"]),
        target("Wire", in: "Core", uses: ["JSON", "Items"]),
        target("Changes", in: "Core", uses: ["JSON", "Items", "Causality"]),
        target(
            "Engine",
            in: "Core",
            uses: ["JSON", "Items", "Causality", "Expressions", "Wire", "Changes"],
        ),
        target("Replication", in: "Core", uses: ["JSON", "Causality", "Changes"]),

        // Adapters: each turns one outside thing into values; none knows the others.
        .systemLibrary(
            name: "CSQLite",
            path: "Sources/Adapters/CSQLite",
            pkgConfig: "sqlite3",
            providers: [.apt(["libsqlite3-dev"])],
        ),
        .systemLibrary(
            name: "CCurl",
            path: "Sources/Adapters/CCurl",
            pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"])],
        ),
        .systemLibrary(
            name: "CZlib",
            path: "Sources/Adapters/CZlib",
            pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"])],
        ),
        .systemLibrary(name: "CChecksum", path: "Sources/Adapters/CChecksum"),
        target("SQLiteStore", in: "Adapters", uses: ["Engine", "CSQLite"]),
        target(
            "HTTPServer",
            in: "Adapters",
            uses: nio("NIOCore", "NIOPosix") + ["CChecksum", "CZlib"],
        ),
        target("HTTPClient", in: "Adapters", uses: ["CCurl"]),
        target(
            "Settings",
            in: "Adapters",
            uses: ["JSON", "Items", .product(name: "Yams", package: "Yams")],
        ),

        // Services: shells with their own tasks, sockets, connections and the real clock.
        target(
            "RegionService",
            in: "Services",
            uses: [
                "JSON", "Items", "Causality", "Metrics", "Expressions", "Wire", "Changes", "Engine",
                "SQLiteStore", "HTTPServer", "Settings", logging,
            ],
        ),
        target(
            "GlobalService",
            in: "Services",
            uses: [
                "JSON", "Causality", "Metrics", "Changes", "Replication", "HTTPClient",
                "HTTPServer", "Settings", logging,
            ],
        ),

        // Simulation: the same core in a world of simulated networks, clocks and crashes.
        target(
            "Simulation",
            in: "",
            uses: [
                "JSON", "Items", "Causality", "Expressions", "Wire", "Changes", "Engine",
                "Replication",
            ],
        ),

        // The server's parser of requests beside another one, for tests and the fuzzer.
        target(
            "HTTPComparison",
            in: "",
            uses: nio("NIOCore", "NIOEmbedded", "NIOHTTP1") + ["HTTPServer"],
        ),

        // The protocol without the code: a model, small enough to visit all of its states.
        target("Model", in: "", isOptimized: true),

        // Programs: parse arguments, start, map exit codes.
        program("regiond", uses: ["RegionService", "Settings", logging, arguments]),
        program("globald", uses: ["GlobalService", "Settings", logging, arguments]),
        program(
            "globalctl",
            uses: [
                "JSON", "Causality", "Changes", "Replication", "HTTPClient", "Settings", arguments,
            ],
        ),
        program("simulate", uses: ["Simulation", "Model", arguments]),
        .systemLibrary(name: "CEpoll", path: "Sources/Programs/CEpoll"),
        program("bench", uses: ["JSON", "CEpoll", arguments]),

        tests("JSONTests", uses: ["JSON"]),
        tests("CausalityTests", uses: ["Causality"]),
        tests("MetricsTests", uses: ["Metrics"]),
        tests("ItemsTests", uses: ["Items", "JSON"]),
        tests("ExpressionsTests", uses: ["Expressions", "Items", "JSON"]),
        tests("WireTests", uses: ["Wire", "Items", "JSON"]),
        tests("ChangesTests", uses: ["Changes", "Items", "Causality", "JSON"]),
        tests(
            "EngineTests",
            uses: ["Engine", "Wire", "Changes", "Items", "Causality", "JSON", "Expressions"],
        ),
        tests("ReplicationTests", uses: ["Replication", "Changes", "Causality", "JSON"]),
        tests("StoreTests", uses: ["Engine", "SQLiteStore"]),
        tests("HTTPTests", uses: ["HTTPServer", "HTTPClient", "HTTPComparison"] + nio("NIOCore")),
        tests("SettingsTests", uses: ["Settings"]),
        tests(
            "RegionServiceTests",
            uses: ["RegionService", "SQLiteStore", "Engine", "HTTPServer", logging],
        ),
        tests(
            "SimulationTests",
            uses: [
                "Simulation", "Model", "simulate", "Engine", "Wire", "Changes", "Items",
                "Causality",
            ],
        ),
        tests("BenchTests", uses: ["bench", "JSON", arguments]),
        tests("TidyTests", uses: []),
    ],
)

// Links against libFuzzer, which only a build with its sanitizer has: scripts/fuzz asks for it.
if Context.environment["MERIDIAN_FUZZ"] != nil {
    package.targets += [
        .systemLibrary(name: "CFuzzer", path: "Sources/Adapters/CFuzzer"),
        program(
            "fuzz",
            uses: [
                "JSON", "Items", "Causality", "Expressions", "Wire", "Changes", "Engine",
                "HTTPComparison", "CFuzzer",
            ],
        ),
    ]
}
