import Foundation
import Simulation
import Testing

@Suite struct DeterminismTests {
    @Test func `two runs of a seed in one process have the same trace`() {
        let options = SimulationOptions(seed: 11, isTraced: true)
        let first = Simulation.run(options)
        let second = Simulation.run(options)
        #expect(first.trace.count > 500)
        #expect(first.trace == second.trace)
        #expect(first.statistics == second.statistics)
    }

    /// Each process hashes with a seed of its own, so an order that depends on hashes would show.
    @Test(arguments: [2, 5, 19])
    func `two processes give the same trace for a seed`(seed: UInt64) throws {
        let first = try trace(seed)
        let second = try trace(seed)
        #expect(first.count > 10_000)
        #expect(first == second)
    }

    private func trace(_ seed: UInt64) throws -> Data {
        let process = Process()
        let products = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent()
        process.executableURL = products.appendingPathComponent("simulate")
        process.arguments = ["--seed", "\(seed)", "--trace"]
        var environment = ProcessInfo.processInfo.environment
        environment["SWIFT_DETERMINISTIC_HASHING"] = nil
        process.environment = environment
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return data
    }
}
