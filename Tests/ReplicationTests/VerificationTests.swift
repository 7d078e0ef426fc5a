import Causality
import Changes
import Testing

@testable import Replication

/// A comparison of regions that answer at once, and of ones that are written and late.
struct VerificationTests {
    private static let names = ["us-east-1", "eu-west-1", "ap-northeast-1"]

    private static func key(_ number: Int) -> [UInt8] {
        [UInt8(number >> 8 & 0xff), UInt8(number & 0xff), 1]
    }

    /// Three regions that hold the same items.
    private static func model(items: Int) -> VerifyModel {
        let model = VerifyModel(names)
        for number in 0..<items {
            model.write(key(number), in: model.regions[number % names.count])
        }
        model.settle()
        return model
    }

    /// Runs a comparison of regions that stand still.
    private static func run(
        _ model: VerifyModel,
        _ settings: VerifySettings = VerifySettings(patienceMilliseconds: 2_000),
        from place: Verification.Place = Verification.Place(),
    ) -> VerifyCourse {
        var course = VerifyCourse(model, settings, from: place)
        course.runStill()
        return course
    }

    @Test(arguments: [0, 1, 2, 3, 4, 9, 10, 11, 50])
    func `regions that hold the same are the same`(items: Int) {
        let course = Self.run(Self.model(items: items))
        #expect(course.findings.isEmpty)
        #expect(course.outcome?.failure == nil)
        #expect(course.outcome?.tally.items == UInt64(items))
        #expect(course.sights == 0)
    }

    @Test(arguments: 0..<12)
    func `an item that one region lacks is named`(number: Int) {
        for region in 0..<3 {
            let model = Self.model(items: 12)
            model.regions[region].rows[Self.key(number)] = nil
            let course = Self.run(model)
            #expect(course.differing == [Self.key(number)])
        }
    }

    @Test(arguments: 0..<12)
    func `an item that was altered in one region is named`(number: Int) {
        for region in 0..<3 {
            let model = Self.model(items: 12)
            model.regions[region].rows[Self.key(number)]?.content = 99
            #expect(Self.run(model).differing == [Self.key(number)])
        }
    }

    @Test func `all items are named where a region has none`() {
        for region in 0..<3 {
            let model = Self.model(items: 40)
            model.regions[region].rows = [:]
            let expected = (0..<40).map(Self.key)
            #expect(Self.run(model).differing == expected)
        }
    }

    @Test func `a region with many more rows in a stretch is compared in parts`() {
        let model = Self.model(items: 4)
        for number in 100..<160 {
            model.regions[1].rows[Self.key(number)] = VerifyModel.Row(
                stamp: Stamp(time: HybridTime(rawValue: 1), origin: model.regions[0].origin),
                isTombstone: false,
                content: 1,
            )
        }
        let course = Self.run(model)
        #expect(course.differing == (100..<160).map(Self.key))
    }

    @Test func `a key with changes in quarantine is named as that`() {
        let model = Self.model(items: 12)
        model.regions[1].quarantined = [Self.key(4)]
        model.write(Self.key(4), in: model.regions[0])
        let course = Self.run(model)
        #expect(course.findings.map(\.kind) == [.quarantined])
        #expect(course.outcome?.tally.quarantined == 1)
    }

    @Test func `what does not arrive in time is undecided and says what is missing`() {
        let model = Self.model(items: 12)
        model.write(Self.key(4), in: model.regions[0])
        let course = Self.run(model)
        #expect(course.outcome?.tally.undecided == 1)
        #expect(course.outcome?.tally.differences == 0)
        guard case .undecided(let reason)? = course.findings.first?.kind else {
            Issue.record("nothing undecided")
            return
        }
        #expect(reason.contains("has not received"))
    }

    @Test func `what a region derives wrongly is named with the region`() {
        let model = Self.model(items: 12)
        let finding = DerivedReply.Finding(subject: "counts", problem: "are wrong")
        model.regions[1].derivedFindings = [finding]
        let course = Self.run(model)
        #expect(course.derived.map(\.region) == ["eu-west-1"])
        #expect(course.derived.map(\.finding) == [finding])
        #expect(course.outcome?.tally.derived == 1)
        #expect(course.outcome?.tally.derivedRows == 21)
    }

    @Test func `one region alone is looked at and compared with nothing`() {
        let model = VerifyModel(["us-east-1"])
        model.write(Self.key(1), in: model.regions[0])
        let course = Self.run(model)
        #expect(course.outcome?.failure == nil)
        #expect(course.outcome?.tally.items == 0)
        #expect(course.outcome?.tally.derivedRows == 7)
    }

    @Test func `derived data are left alone where that is not wanted`() {
        let settings = VerifySettings(looksAtDerived: false)
        #expect(Self.run(Self.model(items: 12), settings).outcome?.tally.derivedRows == 0)
    }

    // MARK: Failures and going on

    @Test func `a region that does not answer ends it after so many attempts`() {
        let model = Self.model(items: 40)
        var course = VerifyCourse(model, VerifySettings(attemptsMax: 3))
        course.silent = ["eu-west-1"]
        course.runStill()
        #expect(course.outcome?.failure?.region == "eu-west-1")
        #expect(course.failures == 4)
        #expect(course.findings.isEmpty)
    }

    @Test func `a refusal ends it at once`() {
        var course = VerifyCourse(Self.model(items: 40), VerifySettings())
        course.refusing = ["eu-west-1"]
        course.runStill()
        #expect(course.outcome?.failure?.region == "eu-west-1")
        #expect(course.failures == 1)
    }

    @Test(arguments: 1..<30)
    func `a later run goes on where an earlier one stopped`(answers: Int) {
        let model = Self.model(items: 40)
        model.regions[2].rows[Self.key(3)] = nil
        model.regions[1].rows[Self.key(37)]?.content = 99
        var course = VerifyCourse(model, VerifySettings())
        course.runStill(answers: answers)
        let found = course.findings.filter { $0.kind == .differs }.map(\.key)
        let place = course.machine.place
        let rest = Self.run(model, from: place).differing
        #expect(Set(found + rest) == [Self.key(3), Self.key(37)])
        #expect(found.count + rest.count == 2)
    }

    @Test func `no region is asked for more than it may read`() {
        let model = Self.model(items: 400)
        let settings = VerifySettings(rowsPerSecond: 50, looksAtDerived: false)
        var course = VerifyCourse(model, settings)
        course.runStill()
        #expect(course.outcome?.failure == nil)
        // Four hundred rows at fifty a second, the first of them at once.
        #expect(course.now >= 7_000)
        #expect(course.now < 9_000)
    }

    // MARK: While they are written

    @Test(arguments: UInt64(1)...60)
    func `regions that are right are never called different`(seed: UInt64) {
        var course = VerifyCourse(Self.model(items: 30), VerifySettings())
        course.runWritten(seed: seed, keys: (0..<40).map(Self.key))
        #expect(course.outcome?.failure == nil)
        #expect(course.findings.isEmpty)
    }

    @Test(arguments: UInt64(1)...60)
    func `a difference is found whatever is written meanwhile`(seed: UInt64) {
        let model = Self.model(items: 30)
        let region = model.regions[Int(seed % 3)]
        let key = Self.key(Int(seed % 30))
        switch seed % 4 {
        case 0: region.rows[key] = nil
        case 1: region.rows[key]?.content = 99
        case 2:
            // An older version than all have had since.
            region.rows[key]?.stamp = Stamp(time: HybridTime(rawValue: 0), origin: region.origin)
        default:
            // A delete that the others have merged and forgotten.
            let before = region.rows[key]
            model.write(key, in: region, isDelete: true)
            model.settle()
            model.settle()
            for region in model.regions { model.forget(in: region) }
            region.rows[key] = before
        }
        var course = VerifyCourse(model, VerifySettings())
        let keys = (0..<40).map(Self.key).filter { $0 != key }
        course.runWritten(seed: seed, keys: keys)
        #expect(course.differing == [key])
        #expect(course.findings.count == 1)
    }
}
