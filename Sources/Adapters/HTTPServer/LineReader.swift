import Glibc

/// Finds the lines in bytes that arrive in pieces, and looks at each byte once.
///
/// Positions count from the front of what its owner has not yet taken.
struct LineReader {
    /// Where the next line begins.
    private(set) var start = 0
    /// Up to here there is no end of that line.
    private var searched = 0

    /// The next line without its CR and LF; nil until all of it is here.
    ///
    /// Of a line that is not yet here, what is may have no control characters, so that bytes that
    /// are no text are refused before they have an end.
    mutating func next(
        in bytes: UnsafeRawBufferPointer,
        bytesMax: Int,
    ) throws(RequestFault) -> Range<Int>? {
        guard let end = lineFeed(in: bytes) else {
            searched = try checkUnfinished(bytes)
            guard bytes.count <= bytesMax else { throw .headTooLong }
            return nil
        }
        guard end < bytesMax else { throw .headTooLong }
        guard end > start, bytes[end - 1] == RequestBytes.carriageReturn else { throw .lineEnd }
        let line = start..<end - 1
        start = end + 1
        searched = start
        return line
    }

    /// Says that the owner knows a line that ends, with its CR and LF, at `end`.
    mutating func pass(to end: Int) {
        start = end
        searched = end
    }

    /// Says that the owner has taken everything up to `start`.
    mutating func restart() {
        start = 0
        searched = 0
    }

    private func lineFeed(in bytes: UnsafeRawBufferPointer) -> Int? {
        guard let base = bytes.baseAddress, searched < bytes.count else { return nil }
        let rest = base + searched
        guard let found = memchr(rest, Int32(RequestBytes.lineFeed), bytes.count - searched)
        else { return nil }
        return searched + (UnsafeRawPointer(found) - rest)
    }

    /// - Returns: up to where there is nothing more to be looked at.
    private func checkUnfinished(_ bytes: UnsafeRawBufferPointer) throws(RequestFault) -> Int {
        guard searched < bytes.count else { return searched }
        // A CR at the end may be the first half of the line's end: what comes next tells.
        let isHalf = bytes[bytes.count - 1] == RequestBytes.carriageReturn
        let end = isHalf ? bytes.count - 1 : bytes.count
        guard !bytes.part(searched..<end).hasControl else { throw .control }
        return end
    }
}

/// A line `name: value` of a head or a trailer.
struct FieldLine {
    let name: Range<Int>
    /// Without the white space around it.
    let value: Range<Int>

    init(name: Range<Int>, value: Range<Int>) {
        self.name = name
        self.value = value
    }

    init(_ line: Range<Int>, in bytes: UnsafeRawBufferPointer) throws(RequestFault) {
        let colon = bytes.tokenEnd(line)
        name = line.lowerBound..<colon
        guard !name.isEmpty, colon < line.upperBound, bytes[colon] == UInt8(ascii: ":") else {
            throw .fieldName
        }
        value = bytes.trimmed(colon + 1..<line.upperBound)
        guard !bytes.part(value).hasControl else { throw .control }
    }
}
