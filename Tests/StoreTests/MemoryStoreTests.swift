import Engine
import Testing

struct MemoryStoreTests {
    private let crash = StoreError(attempt: "test", code: 1, message: "crash")

    @Test
    func `a crash at any step leaves what was committed before`() throws {
        for crashingStep in 0... {
            let store = MemoryStore()
            try store.write { transaction in
                for number in UInt8(0)..<10 { try transaction.put(.items, [number], [number]) }
            }
            let before = try store.read { try $0.everything() }
            var step = 0
            let crash = crash
            store.beforeStep = { (_: StoreStep) throws(StoreError) in
                defer { step += 1 }
                if step == crashingStep { throw crash }
            }
            do {
                try store.write(Self.changes)
                #expect(crashingStep > 5)
                return
            } catch let error as StoreError {
                #expect(error == crash)
            }
            let after = try store.read { try $0.everything() }
            #expect(after == before)
        }
    }

    @Test
    func `a body that swallows a failed step does not get its transaction`() throws {
        let store = MemoryStore()
        let crash = crash
        store.beforeStep = { (step: StoreStep) throws(StoreError) in
            if step == .delete(.items) { throw crash }
        }
        #expect(throws: crash) {
            try store.write { transaction in
                try transaction.put(.items, [1], [1])
                try? transaction.delete(.items, [2])
            }
        }
        let stored = try store.read { try $0.get(.items, [1]) }
        #expect(stored == nil)
    }

    @Test
    func `a snapshot stays as it was while the writer goes on`() throws {
        let store = MemoryStore()
        try store.write { try $0.put(.items, [1], [1]) }
        let snapshot = store.snapshot()
        try store.write { transaction in
            try transaction.put(.items, [1], [2])
            try transaction.put(.items, [2], [2])
        }
        let held = try snapshot.pairs(.items)
        #expect(held == [Pair(key: [1], value: [1])])
    }

    @Test
    func `a keyspace can be changed while another is walked over`() throws {
        let store = MemoryStore()
        try store.write { transaction in
            for number in UInt8(0)..<3 { try transaction.put(.tombstones, [number], []) }
            try transaction.range(.tombstones, from: [], to: nil, reversed: false) { key, _ in
                try transaction.put(.items, Array(key), [7])
                return true
            }
        }
        let stored = try store.read { try $0.pairs(.items).map(\.key) }
        #expect(stored == [[0], [1], [2]])
    }

    private static func changes(_ transaction: any StoreTransaction) throws {
        try transaction.put(.items, [3], [33])
        try transaction.put(.items, [30], [30])
        try transaction.delete(.items, [4])
        try transaction.deleteRange(.items, from: [2], to: [8])
        try transaction.put(.history, [5], [55])
    }
}
