import Engine
import Foundation
import Glibc
import Testing

@testable import SQLiteStore

/// A commit that is in the log and not durable yet, beside the next transaction.
struct AppendedCommitTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test
    func `the next transaction sees it at once, and readers once it is durable`() throws {
        let store = try SQLiteStore.open(directory: directory.path)
        try store.write { transaction in
            for key in UInt8(1)...4 { try transaction.put(.items, [key], [0]) }
        }
        let reader = try store.makeReader()
        let before = try reader.read { try $0.everything() }

        let first = try store.begin()
        try first.operations.put(.items, [1], [1])
        try first.operations.delete(.items, [2])
        try first.operations.deleteRange(.items, from: [3], to: [4])
        try first.operations.put(.meta, [9], [9])
        let appended = try store.append(first)
        #expect(try reader.read { try $0.everything() } == before)
        #expect(try store.read { try $0.everything() } == before)

        let second = try store.begin()
        let seen = second.operations
        let items = [Pair(key: [1], value: [1]), Pair(key: [4], value: [0])]
        #expect(try seen.pairs(.items) == items)
        #expect(try seen.pairs(.items, reversed: true) == items.reversed())
        #expect(try seen.looked(.items, [1]) == [1])
        #expect(try seen.get(.items, [1]) == [1])
        #expect(try seen.get(.items, [2]) == nil)
        #expect(try seen.get(.meta, [9]) == [9])
        try seen.put(.items, [5], [5])
        #expect(try reader.read { try $0.everything() } == before)

        try store.sync(appended)
        #expect(try reader.read { try $0.get(.items, [1]) } == [1])
        #expect(try reader.read { try $0.get(.items, [5]) } == nil)
        try store.sync(try store.append(second))
        #expect(try reader.read { try $0.get(.items, [5]) } == [5])
    }

    @Test
    func `a flush that goes on meanwhile shows no reader what is not durable`() throws {
        let (store, gate) = try storeInFlush()
        let appended = try append(to: store, [100])
        gate.open()
        // The overlay is made anew with each part, for readers and for the writer.
        let flushed = directory.path + "/log-0000000001"
        #expect(eventually { !FileManager.default.fileExists(atPath: flushed) })
        #expect(try store.read { try $0.get(.items, [100]) } == nil)
        let next = try store.begin()
        #expect(try next.operations.get(.items, [100]) == [100])
        #expect(try next.operations.get(.items, [7]) == Self.value)
        try store.sync(appended)
        #expect(try store.read { try $0.get(.items, [100]) } == [100])
        try store.sync(try store.append(next))
        #expect(try store.read { try $0.pairs(.items).count } == 31)
    }

    @Test
    func `a transaction that is open while a flush ends goes on in its state`() throws {
        let (store, gate) = try storeInFlush()
        let transaction = try store.begin()
        let before = try transaction.operations.pairs(.items)
        let parts = store.pagesToWriteBack
        gate.open()
        // Parts are in the file, and those who read at rest were made to let go of it.
        #expect(eventually { store.pagesToWriteBack != parts })
        #expect(try store.read { try $0.pairs(.items) } == before)
        #expect(try transaction.operations.pairs(.items) == before)
        for key in UInt8(0)..<30 {
            #expect(try transaction.operations.looked(.items, [key]) == Self.value)
        }
        try transaction.operations.put(.items, [100], [100])
        try store.sync(try store.append(transaction))
        #expect(try store.read { try $0.pairs(.items).count } == before.count + 1)
    }

    @Test
    func `what goes ahead of the next one behind one that a crash lost is no damage`() throws {
        let log = directory.path + "/log-0000000001"
        let before: [[Pair]]
        var end = off_t(0)
        do {
            let store = try SQLiteStore.open(directory: directory.path)
            try store.write { try $0.put(.items, [1], Self.value) }
            before = try store.read { try $0.everything() }
            var status = stat()
            try #require(stat(log, &status) == 0)
            end = status.st_size
            _ = try append(to: store, [2])
            let next = try store.begin()
            for part in UInt8(0)..<3 {
                let value = Array(repeating: part, count: 700_000)
                try next.operations.put(.history, [part], value)
            }
            try #require(stat(log, &status) == 0)
            #expect(status.st_size > end + 1_000_000)
        }
        // The head of the record in between.
        let file = Glibc.open(log, O_RDWR)
        try #require(file >= 0)
        let nothing = [UInt8](repeating: 0, count: 24)
        #expect(pwrite(file, nothing, nothing.count, end) == nothing.count)
        close(file)
        let store = try SQLiteStore.open(directory: directory.path)
        #expect(try store.read { try $0.everything() } == before)
        try store.write { try $0.put(.items, [3], [3]) }
    }

    @Test
    func `what it makes full is flushed when it is durable`() throws {
        let store = try SQLiteStore.open(
            directory: directory.path,
            bounds: StoreBounds(overlayBytesMax: 1_000),
            beforeSync: {
                // Room for the other thread, which would end the process.
                usleep(10_000)  // No sign tells that something does not happen.
            },
        )
        for key in UInt8(0)..<5 {
            let transaction = try store.begin()
            for more in UInt8(0)..<4 {
                try transaction.operations.put(.items, [key, more], Self.value)
            }
            let appended = try store.append(transaction)
            let ended = Gate()
            Thread {
                // Waits, since the overlay is to be flushed first.
                #expect(throws: Never.self) { try store.sync(try store.append(store.begin())) }
                ended.open()
            }.start()
            try store.sync(appended)
            ended.pass()
        }
        #expect(try store.read { try $0.pairs(.items).count } == 20)
    }

    @Test
    func `one that the disk refuses is not shown, and nothing is written after it`() throws {
        let refused = StoreError(attempt: "test", code: 1, message: "refused")
        let turns = Turns(failing: 3)
        let store = try SQLiteStore.open(
            directory: directory.path,
            beforeSync: { () throws(StoreError) in if turns.isFailing() { throw refused } },
        )
        try store.write { try $0.put(.items, [1], [1]) }
        try store.write { try $0.put(.items, [2], [2]) }
        let transaction = try store.begin()
        try transaction.operations.put(.items, [3], [3])
        let appended = try store.append(transaction)
        let next = try store.begin()
        try next.operations.put(.items, [4], [4])
        #expect(throws: refused) { try store.sync(appended) }
        #expect(try store.read { try $0.pairs(.items).count } == 2)
        #expect(throws: refused) { try store.append(next) }
        #expect(throws: refused) { try store.write { try $0.put(.items, [5], [5]) } }
        #expect(throws: refused) { try store.close() }
        #expect(try store.read { try $0.pairs(.items).count } == 2)
    }

    /// A store of thirty items, some of which are on their way into the file and wait at the gate.
    private func storeInFlush() throws -> (SQLiteStore, TurnGate) {
        let gate = TurnGate(turn: 1)
        let store = try SQLiteStore.open(
            directory: directory.path,
            bounds: StoreBounds(overlayBytesMax: 10_000),
            beforePart: { () throws(StoreError) in gate.pass() },
        )
        for key in UInt8(0)..<30 { try store.write { try $0.put(.items, [key], Self.value) } }
        gate.awaitTurn()
        return (store, gate)
    }

    private func append(
        to store: SQLiteStore,
        _ key: [UInt8]
    ) throws -> SQLiteStore.AppendedCommit {
        let transaction = try store.begin()
        try transaction.operations.put(.items, key, key)
        return try store.append(transaction)
    }

    private static let value = Array(repeating: UInt8(7), count: 400)
}

/// Counts what comes.
///
/// `@unchecked Sendable`: one thread comes.
private final class Turns: @unchecked Sendable {
    private let failing: Int
    private var count = 0

    init(failing: Int) {
        self.failing = failing
    }

    func isFailing() -> Bool {
        count += 1
        return count == failing
    }
}
