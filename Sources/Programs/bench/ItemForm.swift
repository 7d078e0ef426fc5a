/// The items of the load: ten attributes, one of them a checksum of what was written.
///
/// With ten items to a partition, item `n` has the partition key `user-(n / 10)` and the sort key
/// `item-(n mod 10)`, so that a query finds ten items.
struct ItemForm {
    /// Sort keys have as many digits as the last one, so that they are in the order of the numbers.
    static let perPartitionMax = 100_000
    /// Eight digits for the partition.
    static let keysMax = 100_000_000
    /// What nine attributes and ten names take; the tenth, `note`, fills the rest.
    private static let bytesBesideNote = 170
    private static let partitionDigits = 8
    static let bytesMin = 200
    static let bytesMax = 400_000

    let perPartition: Int
    private let sortDigits: Int
    private let noteBytes: Int

    init(_ options: ItemOptions) {
        perPartition = options.perPartition
        sortDigits = String(options.perPartition - 1).count
        noteBytes = max(8, options.itemBytes - Self.bytesBesideNote)
    }

    /// The item's JSON, with values that follow from its number and version.
    func append(_ number: Int, version: UInt64, to bytes: inout [UInt8]) {
        bytes.append("{")
        appendKeyAttributes(number, to: &bytes)
        bytes.append(#","version":{"N":""#)
        bytes.append(decimal: version)
        bytes.append(#""},"note":{"S":""#)
        let noteStart = bytes.count
        Self.appendNote(version, count: noteBytes, to: &bytes)
        let check = bytes.withUnsafeBytes { bytes in
            Self.check(number, version, note: UnsafeRawBufferPointer(rebasing: bytes[noteStart...]))
        }
        bytes.append(#""},"name":{"S":"Name of "#)
        bytes.append(decimal: UInt64(number), digits: 8)
        bytes.append(#""},"amount":{"N":""#)
        bytes.append(decimal: version % 100_000)
        bytes.append(#".25"},"active":{"BOOL":"#)
        bytes.append(version % 2 == 0 ? "true" : "false")
        bytes.append(#"},"visits":{"N":"0"},"lastSeen":{"S":"never"},"check":{"S":""#)
        bytes.append(decimal: check, digits: 20)
        bytes.append(#""}}"#)
    }

    /// The primary key's JSON object.
    func appendKey(_ number: Int, to bytes: inout [UInt8]) {
        bytes.append("{")
        appendKeyAttributes(number, to: &bytes)
        bytes.append("}")
    }

    func appendPartitionKey(_ number: Int, to bytes: inout [UInt8]) {
        bytes.append("user-")
        bytes.append(decimal: UInt64(number / perPartition), digits: Self.partitionDigits)
    }

    private func appendKeyAttributes(_ number: Int, to bytes: inout [UInt8]) {
        bytes.append(#""pk":{"S":""#)
        appendPartitionKey(number, to: &bytes)
        bytes.append(#""},"sk":{"S":"item-"#)
        bytes.append(decimal: UInt64(number % perPartition), digits: sortDigits)
        bytes.append(#""}"#)
    }

    // MARK: Verifying

    /// True if the answer holds the whole item `number` as some run wrote it.
    func verify(_ json: UnsafeRawBufferPointer, is number: Int) -> Bool {
        let prefix: StaticString = #"{"Item":"#
        let length = prefix.utf8CodeUnitCount
        if AnswerCursor(json).starts(with: prefix),
            let item = plainItem(UnsafeRawBufferPointer(rebasing: json[length...])),
            json.count == length + item.byteCount + 1, json[json.count - 1] == UInt8(ascii: "}")
        {
            return item.number == number
        }
        return self.number(of: json) == number
    }

    /// Calls `body` with the number of each item in the array `Items` of an answer, nil for one that
    /// is not whole; false if there is no such array or it does not end.
    func forEachNumber(in json: UnsafeRawBufferPointer, _ body: (Int?) -> Void) -> Bool {
        JSONScan.objects(of: "Items", in: json) { rest in
            if let item = plainItem(rest) {
                body(item.number)
                return item.byteCount
            }
            guard let object = JSONScan.object(startOf: rest) else { return nil }
            body(number(of: object))
            return object.count
        }
    }

    /// The number of the item that this is, as some run wrote it; nil if it is not whole.
    func number(of json: UnsafeRawBufferPointer) -> Int? {
        guard let version = JSONScan.string(of: "version", in: json).flatMap(Self.decimalNumber),
            let note = JSONScan.string(of: "note", in: json),
            let check = JSONScan.string(of: "check", in: json).flatMap(Self.decimalNumber),
            let partition = JSONScan.string(of: "pk", in: json),
            let sort = JSONScan.string(of: "sk", in: json),
            partition.count == 5 + Self.partitionDigits, sort.count == 5 + sortDigits,
            let place = Self.decimalNumber(.init(rebasing: partition.dropFirst(5))),
            let rest = Self.decimalNumber(.init(rebasing: sort.dropFirst(5)))
        else { return nil }
        let number = Int(place) * perPartition + Int(rest)
        return check == Self.check(number, version, note: note) ? number : nil
    }

    /// What `number(of:)` finds in an item that these bytes begin with, and how long that is; nil
    /// for an item that is not whole, or not written as a region writes it: without spaces, by the
    /// names of the attributes.
    ///
    /// In one pass instead of a search for each attribute, a tenth of the time: the load shares the
    /// processors with what it measures, and took more than a third of what a query of 100 items costs.
    func plainItem(_ json: UnsafeRawBufferPointer) -> (number: Int, byteCount: Int)? {
        var cursor = AnswerCursor(json)
        guard cursor.take(#"{"active":{"BOOL":"#), cursor.take("true") || cursor.take("false"),
            cursor.take(#"},"amount":{"N":""#), cursor.skipString(),
            cursor.take(#"},"check":{"S":""#), let check = cursor.decimal(),
            cursor.take(#""},"lastSeen":{"S":""#), cursor.skipString(),
            cursor.take(#"},"name":{"S":""#), cursor.skipString(),
            cursor.take(#"},"note":{"S":""#), let note = cursor.take(noteBytes),
            cursor.take(#""},"pk":{"S":"user-"#),
            let place = cursor.decimal(digits: Self.partitionDigits),
            cursor.take(#""},"sk":{"S":"item-"#), let rest = cursor.decimal(digits: sortDigits),
            cursor.take(#""},"version":{"N":""#), let version = cursor.decimal(),
            cursor.take(#""},"visits":{"N":""#), cursor.skipString(), cursor.take("}}")
        else { return nil }
        let number = Int(place) * perPartition + Int(rest)
        guard check == Self.check(number, version, note: note) else { return nil }
        return (number, cursor.position)
    }

    /// FNV-1a, with eight bytes a step, over number, version and note.
    private static func check(
        _ number: Int,
        _ version: UInt64,
        note: UnsafeRawBufferPointer,
    ) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func mix(_ word: UInt64) {
            hash = (hash ^ word) &* 0x0000_0100_0000_01B3
            hash ^= hash >> 29
        }
        mix(UInt64(number))
        mix(version)
        var index = 0
        while index + 8 <= note.count {
            mix(note.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            index += 8
        }
        while index < note.count {
            mix(UInt64(note[index]))
            index += 1
        }
        return hash
    }

    /// Characters that follow from the version, ten from each random word.
    private static func appendNote(_ version: UInt64, count: Int, to bytes: inout [UInt8]) {
        var random = RandomSource(seed: version)
        var left = count
        while left > 0 {
            var word = random.next()
            for _ in 0..<min(left, 10) {
                // 64 printable characters without quote and backslash: `0` to `o`, `\` moved.
                let character = UInt8(48 + word & 63)
                bytes.append(character == UInt8(ascii: "\\") ? UInt8(ascii: "~") : character)
                word >>= 6
            }
            left -= 10
        }
    }

    private static func decimalNumber(_ digits: UnsafeRawBufferPointer) -> UInt64? {
        guard !digits.isEmpty else { return nil }
        var number: UInt64 = 0
        for digit in digits {
            guard digit >= 48, digit <= 57 else { return nil }
            number = number &* 10 &+ UInt64(digit - 48)
        }
        return number
    }
}

extension [UInt8] {
    mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { append(contentsOf: $0) }
    }

    /// The number's digits, with leading zeros up to `digits`.
    mutating func append(decimal number: UInt64, digits: Int = 1) {
        var left = number
        var needed = 1
        while left >= 10 {
            left /= 10
            needed += 1
        }
        append(contentsOf: repeatElement(48, count: Swift.max(needed, digits)))
        left = number
        var index = count
        while left > 0 {
            index -= 1
            self[index] = UInt8(truncatingIfNeeded: 48 + left % 10)
            left /= 10
        }
    }
}
