package import NIOCore

/// Reads requests of HTTP/1.1 (RFC 9112) off a connection's bytes, in whatever pieces they come.
///
/// A value without a channel, clock or callback: `next` takes bytes off the front of a buffer and says
/// what they were, one thing at a time. Bytes it leaves there are the beginning of something; the
/// caller keeps them, appends what arrives, and asks again. After a fault it must not be asked again.
///
/// The usual request costs two allocations here: its head is kept as it came, with the places of the
/// fields, and its body is a part of the caller's buffer. What it is strict about, and where another
/// parser is not, is listed in `RequestFault`.
package struct RequestParser {
    package enum Event: Sendable {
        case head(RequestHead)
        /// The next bytes of the body, at least one.
        case body(ByteBuffer)
        case end
    }

    private enum State {
        /// The head, or empty lines before it.
        case head
        /// A body with so many bytes to come.
        case body(Int)
        case chunkSize
        /// A chunk with so many bytes to come, at least one.
        case chunk(Int)
        case chunkEnd
        case trailer
        /// The connection ends with the reply: what comes now is nobody's.
        case over
    }

    private let headBytesMax: Int
    private let fieldsMax: Int
    private let known: KnownHead?
    private var state = State.head
    private var lines = LineReader()
    private var draft = HeadDraft()
    private var closes = false
    /// Where the head begins in the buffer, behind empty lines.
    private var headStart = 0
    /// What has been taken of `headBytesMax`: the head, and chunk extensions and trailer so far.
    private var spentBytes = 0

    /// The longest line of a chunk's size without extension: sixteen digits, CR and LF.
    private static let chunkSizeBytesMax = 18

    /// `known` is what it has in common with the other parsers of its event loop; without it, each line is
    /// looked at anew.
    package init(headBytesMax: Int, fieldsMax: Int, known: KnownHead? = nil) {
        self.headBytesMax = headBytesMax
        self.fieldsMax = fieldsMax
        self.known = known
    }

    /// The next thing at the front of `buffer`; nil until more of it is there.
    package mutating func next(_ buffer: inout ByteBuffer) throws(RequestFault) -> Event? {
        while true {
            switch state {
            case .head:
                guard buffer.readableBytes > 0 else { return nil }
                return try readHead(&buffer).map { .head($0) }
            case .body(0):
                return finish()
            case .body(let count):
                guard let part = Self.take(count, from: &buffer) else { return nil }
                state = .body(count - part.readableBytes)
                return .body(part)
            case .chunkSize:
                guard try readChunkSize(&buffer) else { return nil }
            case .chunk(let count):
                guard let part = Self.take(count, from: &buffer) else { return nil }
                let left = count - part.readableBytes
                state = left == 0 ? .chunkEnd : .chunk(left)
                return .body(part)
            case .chunkEnd:
                guard try readChunkEnd(&buffer) else { return nil }
            case .trailer:
                guard let isLast = try readTrailer(&buffer) else { return nil }
                if isLast { return finish() }
            case .over:
                buffer.moveReaderIndex(to: buffer.writerIndex)
                return nil
            }
        }
    }

    private mutating func finish() -> Event {
        state = closes ? .over : .head
        draft = HeadDraft()
        spentBytes = 0
        return .end
    }

    private static func take(_ count: Int, from buffer: inout ByteBuffer) -> ByteBuffer? {
        guard buffer.readableBytes > 0 else { return nil }
        return buffer.readSlice(length: min(count, buffer.readableBytes))
    }

    // MARK: The head

    private mutating func readHead(
        _ buffer: inout ByteBuffer
    ) throws(RequestFault) -> RequestHead? {
        let outcome = buffer.withUnsafeReadableBytes { bytes in
            Result { () throws(RequestFault) in try readHead(bytes) }
        }
        guard let head = try outcome.get() else { return nil }
        buffer.moveReaderIndex(forwardBy: lines.start)
        spentBytes = lines.start
        lines.restart()
        headStart = 0
        closes = head.closes
        switch head.length {
        case .bytes(let count): state = .body(count)
        case .chunked: state = .chunkSize
        }
        return head
    }

    private mutating func readHead(
        _ bytes: UnsafeRawBufferPointer
    ) throws(RequestFault) -> RequestHead? {
        if !draft.hasRequestLine { try checkFirst(bytes) }
        while true {
            try takeKnownFields(bytes)
            guard let line = try lines.next(in: bytes, bytesMax: headBytesMax) else { return nil }
            if line.isEmpty {
                guard !draft.hasRequestLine else {
                    let head = try draft.finish(bytes.part(headStart..<lines.start))
                    known?.keep(head.fields)
                    return head
                }
                // Some clients send an empty line behind a body (RFC 9112 section 2.2).
                headStart = lines.start
                try checkFirst(bytes)
            } else if draft.hasRequestLine {
                guard draft.fieldCount < fieldsMax else { throw .tooManyFields }
                try draft.take(FieldLine(line, in: bytes), in: bytes, from: headStart)
            } else {
                try draft.take(requestLine: bytes.part(line))
            }
        }
    }

    /// Takes the lines that come next as long as each is what it was in the last head.
    private mutating func takeKnownFields(
        _ bytes: UnsafeRawBufferPointer
    ) throws(RequestFault) {
        guard draft.hasRequestLine else { return }
        while let (field, end) = known?.field(draft.fieldCount, at: lines.start, in: bytes) {
            guard end <= headBytesMax else { throw .headTooLong }
            guard draft.fieldCount < fieldsMax else { throw .tooManyFields }
            lines.pass(to: end)
            try draft.take(field, in: bytes, from: headStart)
        }
    }

    /// Refuses bytes of another protocol by the first of them: they need not have an end of line.
    private func checkFirst(_ bytes: UnsafeRawBufferPointer) throws(RequestFault) {
        guard lines.start < bytes.count else { return }
        let first = bytes[lines.start]
        if first == RequestBytes.carriageReturn {
            guard lines.start + 1 < bytes.count else { return }
            guard bytes[lines.start + 1] == RequestBytes.lineFeed else { throw .method }
        } else {
            guard (UInt8(ascii: "A")...UInt8(ascii: "Z")) ~= first else { throw .method }
        }
    }

    // MARK: Chunks

    /// Whether it was there.
    private mutating func readChunkSize(_ buffer: inout ByteBuffer) throws(RequestFault) -> Bool {
        let bytesMax = headBytesMax - spentBytes + Self.chunkSizeBytesMax
        guard let (size, extensionBytes) = try readLine(&buffer, bytesMax, Self.chunkSize) else {
            return false
        }
        spentBytes += extensionBytes
        guard spentBytes <= headBytesMax else { throw .headTooLong }
        state = size == 0 ? .trailer : .chunk(size)
        return true
    }

    private static func chunkSize(
        _ line: UnsafeRawBufferPointer
    ) throws(RequestFault) -> (size: Int, extensionBytes: Int) {
        guard !line.hasControl else { throw .control }
        var size = 0
        var count = 0
        while count < line.count, let digit = RequestBytes.hexadecimal(line[count]) {
            guard count < 16, size <= Int.max >> 4 else { throw .hugeChunk }
            size = size << 4 | digit
            count += 1
        }
        guard count > 0 else { throw .chunkSize }
        let rest = count..<line.count
        guard rest.isEmpty || line[count] == UInt8(ascii: ";") else { throw .chunkSize }
        try ChunkExtensions.check(line.part(rest))
        return (size, rest.count)
    }

    private mutating func readChunkEnd(_ buffer: inout ByteBuffer) throws(RequestFault) -> Bool {
        let end = buffer.readableBytesView.prefix(2)
        guard end.elementsEqual("\r\n".utf8.prefix(end.count)) else { throw .chunkEnd }
        guard end.count == 2 else { return false }
        buffer.moveReaderIndex(forwardBy: 2)
        state = .chunkSize
        return true
    }

    /// Whether this was the line that ends the request; nil while there is no whole line.
    private mutating func readTrailer(_ buffer: inout ByteBuffer) throws(RequestFault) -> Bool? {
        let hasRoom = draft.fieldCount < fieldsMax
        // The line that ends the trailer always has room.
        let bytesMax = headBytesMax - spentBytes + 2
        let count = try readLine(&buffer, bytesMax) { line throws(RequestFault) in
            guard !line.isEmpty else { return 0 }
            guard hasRoom else { throw .tooManyFields }
            try HeadDraft.check(trailer: FieldLine(0..<line.count, in: line), in: line)
            return line.count
        }
        guard let count else { return nil }
        guard count > 0 else { return true }
        draft.countTrailer()
        spentBytes += count + 2
        guard spentBytes <= headBytesMax else { throw .headTooLong }
        return false
    }

    /// Takes a line off the buffer, and gives what `body` makes of it; nil until all of it is there.
    private mutating func readLine<Value>(
        _ buffer: inout ByteBuffer,
        _ bytesMax: Int,
        _ body: (UnsafeRawBufferPointer) throws(RequestFault) -> Value,
    ) throws(RequestFault) -> Value? {
        let outcome = buffer.withUnsafeReadableBytes { bytes in
            Result { () throws(RequestFault) -> Value? in
                guard let line = try lines.next(in: bytes, bytesMax: bytesMax) else { return nil }
                return try body(bytes.part(line))
            }
        }
        guard let value = try outcome.get() else { return nil }
        buffer.moveReaderIndex(forwardBy: lines.start)
        lines.restart()
        return value
    }
}
