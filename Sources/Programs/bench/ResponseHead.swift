/// What the load needs of an answer's first lines.
struct ResponseHead {
    let status: Int
    /// Through the empty line.
    let bytes: Int
    let contentLength: Int

    /// Nil while the head is not whole.
    init?(_ input: UnsafeRawBufferPointer) throws {
        guard let end = Self.end(input) else { return nil }
        bytes = end
        guard end > 12, let status = Self.number(input, from: 9) else {
            throw Failure("an answer is not HTTP")
        }
        self.status = Int(status)
        guard let length = Self.header("content-length:", input, end) else {
            throw Failure("an answer has no Content-Length")
        }
        contentLength = Int(length)
    }

    /// The `x-amz-crc32` header, if there is one.
    func checksum(_ input: UnsafeRawBufferPointer) -> UInt32? {
        Self.header("x-amz-crc32:", input, bytes).flatMap { UInt32(exactly: $0) }
    }

    /// Just behind the empty line.
    private static func end(_ input: UnsafeRawBufferPointer) -> Int? {
        var index = 3
        while index < input.count {
            if input[index] == 10, input[index - 2] == 10, input[index - 1] == 13 {
                return index + 1
            }
            index += 1
        }
        return nil
    }

    private static func header(
        _ name: StaticString,
        _ input: UnsafeRawBufferPointer,
        _ end: Int,
    ) -> UInt64? {
        let length = name.utf8CodeUnitCount
        var index = 0
        while index + length < end {
            if input[index] == 10, matches(name, length, input, index + 1) {
                return number(input, from: index + 1 + length)
            }
            index += 1
        }
        return nil
    }

    private static func matches(
        _ name: StaticString,
        _ length: Int,
        _ input: UnsafeRawBufferPointer,
        _ start: Int,
    ) -> Bool {
        // `| 32` turns letters to lower case and leaves digits, `-` and `:` as they are.
        (0..<length).allSatisfy { input[start + $0] | 32 == name.utf8Start[$0] | 32 }
    }

    private static func number(_ input: UnsafeRawBufferPointer, from start: Int) -> UInt64? {
        var index = start
        while index < input.count, input[index] == 32 { index += 1 }
        var number: UInt64?
        while index < input.count, input[index] >= 48, input[index] <= 57 {
            number = (number ?? 0) &* 10 &+ UInt64(input[index] - 48)
            guard number ?? 0 < 1 << 40 else { return nil }
            index += 1
        }
        return number
    }
}
