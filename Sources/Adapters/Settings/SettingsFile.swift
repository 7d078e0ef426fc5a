import Foundation
import Yams

/// One settings file as keys and values: `history: {retention: 24h}` and `history.retention: 24h`
/// are the same key.
///
/// Each key is taken once by whoever knows it; `finish` refuses what nobody took.
struct SettingsFile {
    let file: String
    private var entries: [(key: String, node: Node)] = []
    /// The keys taken so far, found or not: what the file may hold.
    private var known: [String] = []
    /// Keys whose values are structures of their own, not groups of keys.
    private let structures: Set<String>
    private var valuesSeen = 0

    /// The most bytes of a file, the deepest nesting, and the most values, those that an alias
    /// repeats counted each time: far more than any file needs.
    private static let fileBytesMax = 1 << 20
    private static let depthMax = 8
    private static let valuesMax = 10_000

    /// Reads and parses the file at `path`.
    init(path: String, structures: Set<String> = []) throws(SettingsError) {
        try self.init(text: try Self.read(path), file: path, structures: structures)
    }

    /// Parses `text`; `file` is only for messages.
    init(text: String, file: String, structures: Set<String> = []) throws(SettingsError) {
        self.file = file
        self.structures = structures
        guard text.utf8.count <= Self.fileBytesMax else {
            throw SettingsError(file: file, reason: "longer than 1 MiB")
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw SettingsError(file: file, reason: "not YAML: \(Self.explain(error))")
        }
        guard case .mapping(let mapping)? = root else {
            throw SettingsError(file: file, reason: "must hold keys and values")
        }
        try add(mapping, under: "", depth: 1)
    }

    private static func read(_ path: String) throws(SettingsError) -> String {
        let data: Data
        do {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? handle.close() }
            data = try handle.read(upToCount: fileBytesMax + 1) ?? Data()
        } catch {
            let exists = FileManager.default.fileExists(atPath: path)
            throw SettingsError(file: path, reason: exists ? "cannot be read" : "no such file")
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw SettingsError(file: path, reason: "not UTF-8 text")
        }
        return text
    }

    private static func explain(_ error: any Error) -> String {
        switch error {
        case YamlError.scanner(_, let problem, let mark, _),
            YamlError.parser(_, let problem, let mark, _),
            YamlError.composer(_, let problem, let mark, _):
            "line \(mark.line): \(problem)"
        case YamlError.duplicatedKeysInMapping(let duplicates, _):
            "given twice: \(duplicates.sorted().joined(separator: ", "))"
        default: "\(error)"
        }
    }

    private mutating func add(
        _ mapping: Node.Mapping,
        under prefix: String,
        depth: Int,
    ) throws(SettingsError) {
        guard depth <= Self.depthMax else {
            throw SettingsError(file: file, key: prefix, reason: "nested too deeply")
        }
        for (keyNode, node) in mapping {
            valuesSeen += 1
            guard valuesSeen <= Self.valuesMax else {
                throw SettingsError(file: file, key: prefix, reason: "too many values")
            }
            guard case .scalar(let scalar) = keyNode, !scalar.string.isEmpty else {
                throw SettingsError(file: file, key: prefix, reason: "a key must be a name")
            }
            let key = prefix.isEmpty ? scalar.string : "\(prefix).\(scalar.string)"
            if case .mapping(let inner) = node, !structures.contains(key) {
                try add(inner, under: key, depth: depth + 1)
                continue
            }
            guard !entries.contains(where: { $0.key == key }) else {
                throw SettingsError(file: file, key: key, reason: "given twice")
            }
            entries.append((key, node))
        }
    }

    /// The directory that holds the file, as an absolute path.
    var directory: String {
        URL(fileURLWithPath: file).deletingLastPathComponent().standardizedFileURL.path
    }

    // MARK: Taking

    /// The value of `key` as YAML, and marks the key as known.
    mutating func node(_ key: String) -> Node? {
        known.append(key)
        guard let index = entries.firstIndex(where: { $0.key == key }) else { return nil }
        return entries.remove(at: index).node
    }

    /// The text of `key`; nil if it is absent, refused if it is empty or not a single value.
    mutating func text(_ key: String) throws(SettingsError) -> String? {
        guard let node = node(key) else { return nil }
        guard case .scalar(let scalar) = node else {
            throw refusal(key, "must be a single value")
        }
        guard !scalar.string.isEmpty else { throw refusal(key, "must not be empty") }
        return scalar.string
    }

    mutating func requiredText(_ key: String) throws(SettingsError) -> String {
        guard let text = try text(key) else { throw refusal(key, "required, but missing") }
        return text
    }

    /// A duration in milliseconds.
    mutating func duration(
        _ key: String,
        _ standard: Int64,
        in range: ClosedRange<Int64>,
    ) throws(SettingsError) -> Int64 {
        guard let text = try text(key) else { return standard }
        guard let value = Quantities.milliseconds(text) else {
            throw refusal(key, "'\(text)' is not a duration (examples: 24h, 30m, 90s)")
        }
        guard range.contains(value) else {
            let least = Quantities.show(milliseconds: range.lowerBound)
            let most = Quantities.show(milliseconds: range.upperBound)
            throw refusal(key, "'\(text)' is not between \(least) and \(most)")
        }
        return value
    }

    /// A number of bytes.
    mutating func size(
        _ key: String,
        _ standard: Int,
        in range: ClosedRange<Int>,
    ) throws(SettingsError) -> Int {
        guard let text = try text(key) else { return standard }
        guard let value = Quantities.bytes(text) else {
            throw refusal(key, "'\(text)' is not a size (examples: 64GiB, 10MB, 65536)")
        }
        guard range.contains(value) else {
            let least = Quantities.show(bytes: range.lowerBound)
            let most = Quantities.show(bytes: range.upperBound)
            throw refusal(key, "'\(text)' is not between \(least) and \(most)")
        }
        return value
    }

    /// A whole number.
    mutating func count(
        _ key: String,
        _ standard: Int,
        in range: ClosedRange<Int>,
    ) throws(SettingsError) -> Int {
        guard let text = try text(key) else { return standard }
        guard let value = Quantities.digits(text), range.contains(value) else {
            let bounds = "\(range.lowerBound) to \(range.upperBound)"
            throw refusal(key, "'\(text)' is not a whole number from \(bounds)")
        }
        return value
    }

    mutating func flag(_ key: String, _ standard: Bool) throws(SettingsError) -> Bool {
        switch try text(key) {
        case nil: return standard
        case "true"?: return true
        case "false"?: return false
        case let text?: throw refusal(key, "'\(text)' is neither true nor false")
        }
    }

    mutating func logLevel() throws(SettingsError) -> LogLevel {
        guard let text = try text("log.level") else { return SettingsDefaults.logLevel }
        guard let level = LogLevel(rawValue: text) else {
            let levels = LogLevel.allCases.map(\.rawValue).joined(separator: ", ")
            throw refusal("log.level", "'\(text)' is not one of \(levels)")
        }
        return level
    }

    /// An address to listen on, on loopback unless `insecure`.
    mutating func address(
        _ key: String,
        insecure: Bool,
    ) throws(SettingsError) -> ListenAddress? {
        guard let text = try text(key) else { return nil }
        guard let address = ListenAddress(text) else {
            throw refusal(key, "'\(text)' is not HOST:PORT (examples: 127.0.0.1:8001, [::1]:8001)")
        }
        guard address.isLoopback || insecure else {
            let why = "there is no access control yet, so anyone who reaches it may read and write"
            throw refusal(key, "'\(text)' is not on loopback; \(why) (insecure: true allows it)")
        }
        return address
    }

    /// Refuses the file if it holds keys that nobody took.
    func finish() throws(SettingsError) {
        guard let unknown = entries.first else { return }
        let keys = known.sorted().joined(separator: ", ")
        throw refusal(unknown.key, "unknown key (known: \(keys))")
    }

    func refusal(_ key: String, _ reason: String) -> SettingsError {
        SettingsError(file: file, key: key, reason: reason)
    }
}
