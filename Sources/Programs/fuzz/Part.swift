import Causality
import Changes
import Engine
import Expressions
import HTTPComparison
import Items
import JSON
import Wire

/// What the fuzzer can be aimed at: each takes any bytes and comes back.
enum Part: String, CaseIterable {
    case http
    case json
    case item
    case stored
    case request
    case signature
    case expression
    case statement
    case peer

    func take(_ bytes: [UInt8]) {
        switch self {
        case .http: Self.takeHTTP(bytes)
        case .json: Self.takeJSON(bytes)
        case .item: Self.takeItem(bytes)
        case .stored: Self.takeStored(bytes)
        case .request: Self.takeRequest(bytes)
        case .signature: Self.takeSignature(bytes)
        case .expression: Sample.shared.takeExpression(String(decoding: bytes, as: UTF8.self))
        case .statement: Sample.shared.takeStatement(String(decoding: bytes, as: UTF8.self))
        case .peer: Self.takePeer(bytes)
        }
    }

    // MARK: HTTP

    /// The first byte says where the rest is cut: nowhere, or into pieces of so many bytes.
    private static func takeHTTP(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return }
        let rest = Array(bytes.dropFirst())
        let cuts = first == 0 ? [] : Array(stride(from: 0, to: rest.count, by: Int(first)))
        let difference = Comparison.difference(Arrival(rest, cuts: cuts))
        precondition(difference == nil, "two parsers disagree: \(difference ?? "")")
    }

    // MARK: JSON and items

    private static func takeJSON(_ bytes: [UInt8]) {
        guard let value = try? JSONParser.parse(bytes) else { return }
        var writer = JSONWriter()
        writer.value(value)
        let again = try? JSONParser.parse(writer.bytes)
        precondition(again == value, "what was written is not what was read")
    }

    private static func takeItem(_ bytes: [UInt8]) {
        guard let json = try? JSONParser.parse(bytes), let item = try? Item(json: json) else {
            return
        }
        expectKept(item)
    }

    private static func takeStored(_ bytes: [UInt8]) {
        let scan = bytes.withUnsafeBytes { try? StoredScan(stored: $0) }
        let item = try? Item(decoding: bytes)
        precondition(scan?.sizeBytes == item?.sizeBytes, "two readers disagree about the item")
        guard let item else { return }
        expectKept(item)
    }

    private static func expectKept(_ item: Item) {
        let again = try? Item(decoding: item.encoded())
        precondition(again == item, "what was stored is not what was read")
    }

    // MARK: Requests

    /// The first byte names the operation.
    private static func takeRequest(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return }
        let operations = OperationName.allCases
        let operation = operations[Int(first) % operations.count]
        _ = try? RequestDecoder.decode(operation, body: Array(bytes.dropFirst()))
    }

    private static func takeSignature(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        _ = try? CredentialScope(authorization: text, date: "now")
        _ = try? CredentialScope(authorization: nil, date: nil, target: text)
    }

    // MARK: Peers

    /// The first byte names the message.
    private static func takePeer(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return }
        let rest = Array(bytes.dropFirst())
        switch first % 18 {
        case 0: _ = try? FeedRequest(decoding: rest).encoded()
        case 1: _ = try? SnapshotRequest(decoding: rest).encoded()
        case 2: _ = try? ApplyReply(decoding: rest).encoded()
        case 3: takeBatch(rest)
        case 4: takeChunk(rest)
        case 5: _ = try? ConflictRecord(decoding: rest).encoded()
        case 6: takeVersion(rest)
        case 7: _ = try? DigestRequest(decoding: rest).encoded()
        case 8: _ = try? DigestReply(decoding: rest).encoded()
        case 9: _ = try? ListRequest(decoding: rest).encoded()
        case 10: _ = try? ListReply(decoding: rest).encoded()
        case 11: _ = try? SightRequest(decoding: rest).encoded()
        case 12: _ = try? SightReply(decoding: rest).encoded()
        case 13: _ = try? DerivedRequest(decoding: rest).encoded()
        case 14: _ = try? TraceRequest(decoding: rest).encoded()
        case 15: _ = try? RepairRequest(decoding: rest).encoded()
        case 16: takeFence(rest)
        default: _ = try? LinkAccount(decoding: rest)
        }
    }

    private static func takeFence(_ bytes: [UInt8]) {
        guard let fence = try? Fence(decoding: bytes) else { return }
        let again = try? Fence(decoding: fence.encoded())
        precondition(again != nil, "a fence that was read cannot be read again")
    }

    private static func takeBatch(_ bytes: [UInt8]) {
        _ = try? ChangeBatch.header(of: bytes)
        guard let batch = try? ChangeBatch(decoding: bytes) else { return }
        let again = try? ChangeBatch(decoding: batch.encoded())
        precondition(again == batch, "what was sent is not what was received")
        let origin = batch.header.origin
        guard let changes = try? ChangeCoding.decodeAll(batch.records, origin: origin) else {
            return
        }
        for change in changes {
            if let image = change.version.image { takeStored(image) }
        }
    }

    private static func takeChunk(_ bytes: [UInt8]) {
        guard let chunk = try? SnapshotChunk(decoding: bytes) else { return }
        let again = try? SnapshotChunk(decoding: chunk.encoded())
        precondition(again == chunk, "what was sent is not what was received")
        for row in chunk.rows { takeVersion(row.version) }
    }

    private static func takeVersion(_ bytes: [UInt8]) {
        guard let version = try? Version(decoding: bytes) else { return }
        let again = try? Version(decoding: version.encoded())
        precondition(again == version, "what was sent is not what was received")
    }
}
