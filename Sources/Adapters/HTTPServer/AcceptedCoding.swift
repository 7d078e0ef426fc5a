/// What a client says in `Accept-Encoding`, read as DynamoDB reads it.
///
/// The coding with the greatest weight is chosen; of equal ones the one named first, and one that is
/// named before one that only `*` stands for. That a client would rather have no coding at all
/// (`identity`) is not looked at.
struct AcceptedCoding {
    /// The codings by name, each once, and what they weigh; 0 refuses one.
    private var named: [(coding: ContentCoding, weight: Double)] = []
    /// What those weigh that are not named.
    private var anyWeight = 0.0

    /// The coding for a reply to a client that sent `header`; nil for none.
    static func preferred(_ header: String) -> ContentCoding? {
        AcceptedCoding(header).preferred
    }

    private init(_ header: String) {
        for entry in Substring(header).utf8.split(separator: UInt8(ascii: ",")) {
            let parts = entry.split(
                separator: UInt8(ascii: ";"),
                omittingEmptySubsequences: false,
            )
            let name = parts[0].trimmed
            let weight = Self.weight(parts.dropFirst())
            if name.elementsEqual("*".utf8) {
                anyWeight = max(anyWeight, weight)
            } else if let coding = ContentCoding(name: name) {
                add(coding, weight)
            }
        }
    }

    /// A coding that is named twice counts with the greater weight, in its first place.
    private mutating func add(_ coding: ContentCoding, _ weight: Double) {
        if let index = named.firstIndex(where: { $0.coding == coding }) {
            named[index].weight = max(named[index].weight, weight)
        } else {
            named.append((coding, weight))
        }
    }

    private var preferred: ContentCoding? {
        let others = [ContentCoding.gzip, .deflate].filter { coding in
            !named.contains { $0.coding == coding }
        }
        var best: (coding: ContentCoding?, weight: Double) = (nil, 0)
        for (coding, weight) in named + others.map({ ($0, anyWeight) }) where weight > best.weight {
            best = (coding, weight)
        }
        return best.coding
    }

    /// The first `q` among an entry's parameters, between 0 and 1; what is no number counts as 1.
    private static func weight(_ parameters: ArraySlice<Substring.UTF8View>) -> Double {
        for parameter in parameters {
            let pair = parameter.split(
                separator: UInt8(ascii: "="),
                maxSplits: 1,
                omittingEmptySubsequences: false,
            )
            guard pair.count == 2, pair[0].trimmed.isEqual(ignoringCaseOf: "q") else { continue }
            return number(pair[1].trimmed).map { min(1, max(0, $0)) } ?? 1
        }
        return 1
    }

    /// A decimal number with at most `digitsMax` digits, perhaps with a sign.
    private static func number(_ text: Substring.UTF8View) -> Double? {
        var digits = text
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits = digits.dropFirst() }
        guard digits.count <= digitsMax else { return nil }
        var value = 0.0
        var scale: Double?
        var count = 0
        for byte in digits {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                count += 1
                value = value * 10 + Double(byte - UInt8(ascii: "0"))
                scale = scale.map { $0 * 10 }
            case UInt8(ascii: ".") where scale == nil:
                scale = 1
            default:
                return nil
            }
        }
        guard count > 0 else { return nil }
        return (isNegative ? -value : value) / (scale ?? 1)
    }

    private static let digitsMax = 20
}
