import Glibc

/// What the load needs of an answer's first lines.
struct ResponseHead {
    let status: Int
    /// Through the empty line.
    let bytes: Int
    let contentLength: Int
    /// The `x-amz-crc32` header, if there is one.
    let checksum: UInt32?

    /// Nil while the head is not whole.
    ///
    /// Goes by lines, and looks at those alone whose colon is where it has to be.
    init?(_ input: UnsafeRawBufferPointer) throws {
        guard let base = input.baseAddress else { return nil }
        var (length, checksum): (UInt64?, UInt64?) = (nil, nil)
        var start = 0
        while start < input.count,
            let feed = memchr(base + start, Int32(UInt8(ascii: "\n")), input.count - start)
        {
            let next = UnsafeRawPointer(feed) - base + 1
            guard start == 0 || next - start != 2 || input[start] != UInt8(ascii: "\r") else {
                guard next > 12, let status = Self.number(input, from: 9) else {
                    throw Failure("an answer is not HTTP")
                }
                guard let length else { throw Failure("an answer has no Content-Length") }
                self.status = Int(status)
                bytes = next
                contentLength = Int(length)
                self.checksum = checksum.flatMap { UInt32(exactly: $0) }
                return
            }
            let line = UnsafeRawBufferPointer(rebasing: input[start..<next])
            length = length ?? Self.header("content-length:", line)
            checksum = checksum ?? Self.header("x-amz-crc32:", line)
            start = next
        }
        return nil
    }

    private static func header(
        _ name: StaticString,
        _ line: UnsafeRawBufferPointer,
    ) -> UInt64? {
        let length = name.utf8CodeUnitCount
        guard line.count > length, line[length - 1] == UInt8(ascii: ":") else { return nil }
        // `| 32` turns letters to lower case and leaves digits, `-` and `:` as they are.
        for index in 0..<length where line[index] | 32 != name.utf8Start[index] | 32 {
            return nil
        }
        return number(line, from: length)
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
