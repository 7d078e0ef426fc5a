import Testing

@testable import Replication

struct DrillLedgerTests {
    private func ledger(_ writes: DrillWrite...) -> DrillLedger {
        var ledger = DrillLedger()
        for write in writes { ledger.note(write) }
        return ledger
    }

    private func own(
        _ value: String?,
        at time: UInt64,
        _ outcome: DrillWrite.Outcome = .acknowledged,
        region: String = "us",
    ) -> DrillWrite {
        DrillWrite(
            item: "own",
            value: value,
            home: "us",
            region: region,
            startMilliseconds: time,
            endMilliseconds: time + 1,
            outcome: outcome,
        )
    }

    private func shared(
        _ value: String,
        over replaced: String? = nil,
        at time: UInt64,
        _ outcome: DrillWrite.Outcome = .acknowledged,
    ) -> DrillWrite {
        DrillWrite(
            item: "shared",
            value: value,
            replaced: replaced,
            isShared: true,
            home: "us",
            region: "us",
            startMilliseconds: time,
            endMilliseconds: time + 1,
            outcome: outcome,
        )
    }

    // MARK: Items of one writer

    @Test func `the last write of an item is all that must be there`() {
        let ledger = ledger(own("1", at: 1), own("2", at: 2))
        #expect(ledger.audit(items: ["own": "2"], losers: []) == .init())
    }

    @Test func `what was written after what is there is missing`() {
        let ledger = ledger(own("1", at: 1), own("2", at: 2), own("3", at: 3, .refused))
        let findings = ledger.audit(items: ["own": "1"], losers: [])
        #expect(findings.missing.map(\.value) == ["2"])
        #expect(findings.strange == [])
    }

    @Test func `an item that came back after its delete is missing the delete`() {
        let ledger = ledger(own("1", at: 1), own(nil, at: 2))
        #expect(ledger.audit(items: [:], losers: []) == .init())
        #expect(ledger.audit(items: ["own": "1"], losers: []).missing.map(\.value) == [nil])
    }

    @Test func `an item that is not there at all misses every write`() {
        let ledger = ledger(own("1", at: 1), own("2", at: 2))
        #expect(ledger.audit(items: [:], losers: []).missing.count == 2)
    }

    @Test func `a write without an answer may be there or not`() {
        let ledger = ledger(own("1", at: 1), own("2", at: 2, .unknown))
        #expect(ledger.audit(items: ["own": "1"], losers: []) == .init())
        #expect(ledger.audit(items: ["own": "2"], losers: []) == .init())
    }

    @Test func `what nobody wrote, or what was refused, is strange`() {
        let ledger = ledger(own("1", at: 1), own("2", at: 2, .refused))
        #expect(ledger.audit(items: ["own": "2"], losers: []).strange == ["own"])
        #expect(ledger.audit(items: ["own": "1", "other": "x"], losers: []).strange == ["other"])
    }

    // MARK: Shared items

    @Test func `a shared item's writes are there, replaced knowingly, or on record as losers`() {
        let ledger = ledger(shared("a", at: 1), shared("b", over: "a", at: 2), shared("c", at: 2))
        #expect(ledger.audit(items: ["shared": "c"], losers: ["b"]) == .init())
        #expect(ledger.audit(items: ["shared": "b"], losers: ["c"]) == .init())
        #expect(
            ledger.audit(items: ["shared": "a"], losers: []).missing.map(\.value) == ["b", "c"]
        )
        // What was replaced by a write that is lost is lost too.
        let findings = ledger.audit(items: ["shared": "c"], losers: [])
        #expect(findings.missing.map(\.value) == ["a", "b"])
    }

    @Test func `a write replaced by one that is lost is lost with it`() {
        let ledger = ledger(
            shared("a", at: 1),
            shared("b", over: "a", at: 2),
            shared("c", over: "b", at: 3),
        )
        #expect(ledger.audit(items: ["shared": "c"], losers: []) == .init())
        #expect(
            ledger.audit(items: ["shared": "a"], losers: []).missing.map(\.value) == ["b", "c"]
        )
    }

    @Test func `a write without an answer excuses one write that it may have replaced`() {
        let ledger = ledger(
            shared("a", at: 1),
            shared("b", at: 2),
            shared("c", at: 3, .unknown),
        )
        #expect(ledger.audit(items: ["shared": "c"], losers: []).missing.map(\.value) == ["a"])
        // One that had no effect that anybody saw excuses nothing.
        #expect(ledger.audit(items: ["shared": "b"], losers: []).missing.map(\.value) == ["a"])
        #expect(ledger.audit(items: ["shared": "a"], losers: []).missing.map(\.value) == ["b"])
    }

    @Test func `a write without an answer that ended before excuses nothing`() {
        let ledger = ledger(shared("a", at: 1, .unknown), shared("b", at: 5))
        #expect(ledger.audit(items: ["shared": "a"], losers: []).missing.map(\.value) == ["b"])
    }

    // MARK: Service

    @Test func `gaps count the ends of the span and not the writes that failed`() {
        let ledger = ledger(
            own("1", at: 99),
            own("2", at: 109, .refused),
            own("3", at: 119, .unknown),
            own("4", at: 149),
            own("5", at: 150, region: "eu"),
        )
        let service = ledger.service(of: "us", from: 50, to: 180)
        #expect(service.acknowledged == 2)
        #expect(service.refused == 1)
        #expect(service.unknown == 1)
        #expect(service.longestGapMilliseconds == 50)
        #expect(ledger.service(of: "eu", from: 0, to: 10).longestGapMilliseconds == 10)
    }

    @Test func `the first write after a moment began after it`() {
        let ledger = ledger(
            own("1", at: 1),
            own("2", at: 5, .unknown),
            own("3", at: 6, region: "eu")
        )
        #expect(ledger.firstAcknowledged(after: 2, by: ["us", "eu"])?.value == "3")
        #expect(ledger.firstAcknowledged(after: 2, by: ["us"]) == nil)
        #expect(ledger.firstAcknowledged(after: 2, by: ["eu"], home: "eu") == nil)
    }
}
