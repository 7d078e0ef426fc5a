import HTTPComparison
import HTTPServer
import Testing

/// Both parsers read requests made from seeds: good ones and spoilt ones, cut anywhere.
///
/// Seed by seed, so that one that fails can be run alone.
@Test(arguments: 0..<100)
func `what NIOHTTP1 takes and refuses is taken and refused here`(seed: Int) {
    var maker = ArrivalMaker(seed: UInt64(seed))
    for _ in 0..<100 {
        let arrival = maker.next()
        if let difference = Comparison.difference(arrival) {
            let text = String(decoding: arrival.bytes, as: UTF8.self).debugDescription
            Issue.record("\(difference): \(text) in \(arrival.pieces.count) pieces")
        }
    }
}

/// With limits as small as the requests, so that these matter too.
@Test(arguments: 0..<20)
func `limits hold where those of NIOHTTP1 do`(seed: Int) {
    let limits = HTTPLimits(headerBytesMax: 100, headerFieldsMax: 3)
    var maker = ArrivalMaker(seed: UInt64(1_000 + seed))
    for _ in 0..<100 {
        let arrival = maker.next()
        if let difference = Comparison.difference(arrival, limits: limits) {
            let text = String(decoding: arrival.bytes, as: UTF8.self).debugDescription
            Issue.record("\(difference): \(text) in \(arrival.pieces.count) pieces")
        }
    }
}

/// Each arrival is read twice, so that it meets its own head too, and once more with a byte changed.
@Test(arguments: 0..<60)
func `what was read before makes no difference`(seed: Int) {
    let known = KnownHead()
    let limits = seed < 40 ? HTTPLimits() : HTTPLimits(headerBytesMax: 100, headerFieldsMax: 3)
    var maker = ArrivalMaker(seed: UInt64(2_000 + seed))
    for number in 0..<60 {
        let arrival = maker.next()
        var bytes = arrival.bytes
        let place = bytes.isEmpty ? 0 : (seed * 31 + number * 7) % bytes.count
        if !bytes.isEmpty { bytes[place] ^= 1 }
        let changed = Arrival(bytes, cuts: [place])
        for arrival in [arrival, arrival, changed, arrival] {
            if let difference = Comparison.difference(arrival, limits: limits, known: known) {
                let text = String(decoding: arrival.bytes, as: UTF8.self).debugDescription
                Issue.record("\(difference): \(text) in \(arrival.pieces.count) pieces")
            }
        }
    }
}

/// Most of what is made must be good enough to be seen by both, or the comparison says little.
@Test func `many of the requests made from seeds are whole`() {
    var whole = 0
    var refused = 0
    for seed in 0..<20 {
        var maker = ArrivalMaker(seed: UInt64(seed))
        for _ in 0..<50 {
            let (requests, isRefused) = Comparison.seen(maker.next())
            whole += requests
            refused += isRefused ? 1 : 0
        }
    }
    #expect(whole > 300)
    #expect(refused > 200)
}
