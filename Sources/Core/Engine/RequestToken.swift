import Causality
import Changes
import Wire

/// A client's name for one request, under which the request takes effect once.
///
/// The problem: an answer is lost, the client sends the request again, and what it adds would be
/// added twice. So the transaction that carries out the request also stores its token with a fingerprint
/// of what was asked; the same token with the same fingerprint is then answered without writing, and with
/// another fingerprint refused. A request that failed leaves no token: it may be tried again.
///
/// Tokens are kept in periods of `validMilliseconds`, named in their keys: looking one up takes the
/// present period and the one before it, and a chore deletes all earlier ones in one range. So no
/// token is forgotten too early, and none is kept for longer than two periods and a round of chores.
/// A token also keeps how large the items were, by which the service counts a repeated request.
/// They belong to the region that took the request, as the service's do, and do not replicate.
struct RequestToken: Equatable, Sendable {
    /// Tokens of different operations have nothing to do with each other.
    enum Operation: UInt8 {
        case transactWriteItems = 1
        case executeTransaction = 2
    }

    /// How long a token counts, from its first use.
    /// See https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
    static let validMilliseconds: UInt64 = 600_000

    let operation: Operation
    let text: String
    /// Of everything in the request that makes it the same request.
    let fingerprint: [UInt8]

    func key(in period: UInt64) -> [UInt8] {
        var writer = ByteWriter(reserving: 48)
        writer.uint64(period)
        writer.byte(operation.rawValue)
        writer.text(text)
        return writer.bytes
    }

    static func period(at milliseconds: UInt64) -> UInt64 {
        milliseconds / validMilliseconds
    }

    /// The first key that is not yet to be forgotten.
    static func keptFrom(at milliseconds: UInt64) -> [UInt8] {
        let period = period(at: milliseconds)
        var writer = ByteWriter(reserving: 8)
        writer.uint64(period > 0 ? period - 1 : 0)
        return writer.bytes
    }
}

/// The stored value of a token.
struct TokenRow: Equatable, Sendable {
    let usedMilliseconds: UInt64
    let fingerprint: [UInt8]
    /// For each action, the larger of its item's sizes before and after: what a replay costs.
    let itemBytes: [Int]

    func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 8 + fingerprint.count + 4 * itemBytes.count)
        writer.uint64(usedMilliseconds)
        writer.raw(fingerprint)
        for bytes in itemBytes { writer.uint32(UInt32(clamping: bytes)) }
        return writer.bytes
    }

    init(usedMilliseconds: UInt64, fingerprint: [UInt8], itemBytes: [Int]) {
        self.usedMilliseconds = usedMilliseconds
        self.fingerprint = fingerprint
        self.itemBytes = itemBytes
    }

    init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        self = try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            let used = try reader.uint64()
            let fingerprint = [UInt8](try reader.take(Fingerprint.byteCount))
            var itemBytes: [Int] = []
            while reader.remaining > 0 { itemBytes.append(Int(try reader.uint32())) }
            return TokenRow(usedMilliseconds: used, fingerprint: fingerprint, itemBytes: itemBytes)
        }
    }

    /// What an action costs once more; the least of rows that were stored without sizes.
    func units(ofAction index: Int) -> CapacityUnits {
        let bytes = itemBytes.indices.contains(index) ? itemBytes[index] : 0
        return .read(bytes: bytes, consistent: true)
    }
}

extension WriteGroup {
    /// What is remembered of the request if it has taken effect before.
    ///
    /// Throws `idempotentParameterMismatch` if another request has under this token.
    func row(of token: RequestToken) throws -> TokenRow? {
        let period = RequestToken.period(at: tokenMilliseconds)
        for period in [period, period - min(period, 1)] {
            guard let bytes = try store.get(.tokens, token.key(in: period)) else { continue }
            let row = try TokenRow(decoding: bytes)
            let age = tokenMilliseconds - min(tokenMilliseconds, row.usedMilliseconds)
            guard age < RequestToken.validMilliseconds else { continue }
            guard row.fingerprint == token.fingerprint else {
                throw ServiceError.idempotentParameterMismatch
            }
            return row
        }
        return nil
    }

    /// Remembers that the request took effect, in the transaction in which it does.
    func setDone(_ token: RequestToken, itemBytes: [Int]) throws {
        let row = TokenRow(
            usedMilliseconds: tokenMilliseconds,
            fingerprint: token.fingerprint,
            itemBytes: itemBytes,
        )
        let period = RequestToken.period(at: tokenMilliseconds)
        try store.put(.tokens, token.key(in: period), row.encoded())
    }

    /// Deletes the tokens that count no longer, most recent ones last.
    func forgetTokens(_ left: inout Int) throws {
        guard left > 0 else { return }
        var last: [UInt8]?
        let end = RequestToken.keptFrom(at: tokenMilliseconds)
        try store.range(.tokens, from: [], to: end, reversed: false) { key, _ in
            last = [UInt8](key)
            left -= 1
            return left > 0
        }
        if let last { try store.deleteRange(.tokens, from: [], to: last + [0]) }
    }

    /// The wall clock, except that it never goes back: a token used must not lie in the future.
    private var tokenMilliseconds: UInt64 {
        max(wallMilliseconds, engine.clock.last.milliseconds)
    }
}

extension WriteContext {
    func row(of token: RequestToken) throws -> TokenRow? {
        try group.row(of: token)
    }

    func setDone(_ token: RequestToken, itemBytes: [Int]) throws {
        try group.setDone(token, itemBytes: itemBytes)
    }
}
