import CZlib

extension ContentCoding {
    /// What is taken out at a time: a body that swells without end is given up one of these past
    /// the bound.
    private static let stepBytes = 64 << 10

    /// The bytes that `coded` stands for.
    ///
    /// Several gzip members in a row are one body (RFC 1952 section 2.2). Other bytes behind one are
    /// not looked at, as by the service; behind the end of the zlib format none may be.
    func decoded(_ coded: [UInt8], bytesMax: Int) throws(ContentCodingError) -> [UInt8] {
        guard let stream = ZlibStream(inflating: self) else { throw .corrupt }
        defer { _ = inflateEnd(stream.state) }
        let step = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: Self.stepBytes)
        defer { step.deallocate() }
        var decoded: [UInt8] = []
        let failure = coded.withUnsafeBufferPointer { input -> ContentCodingError? in
            stream.setInput(input)
            while true {
                let (code, count) = stream.fill(step) { inflate($0, Z_NO_FLUSH) }
                guard count <= bytesMax - decoded.count else { return .tooLarge }
                decoded.append(contentsOf: step[..<count])
                switch code {
                case Z_OK: continue
                case Z_STREAM_END where stream.isAtEnd: return nil
                case Z_STREAM_END where self == .gzip:
                    guard stream.isAtGzipMember else { return nil }
                    guard inflateReset(stream.state) == Z_OK else { return .corrupt }
                default: return .corrupt
                }
            }
        }
        if let failure { throw failure }
        return decoded
    }
}

/// Compresses bodies, one after another, with the same memory.
///
/// One for each event loop and coding: making zlib's tables anew costs more than a small body.
final class BodyCompressor {
    private let stream: ZlibStream

    init?(_ coding: ContentCoding) {
        guard let stream = ZlibStream(deflating: coding) else { return nil }
        self.stream = stream
    }

    deinit {
        deflateEnd(stream.state)
    }

    /// `body` compressed; nil for one of which zlib makes nothing.
    func compress(_ body: [UInt8]) -> [UInt8]? {
        guard deflateReset(stream.state) == Z_OK, body.count < UInt32.max >> 1 else { return nil }
        let bound = Int(deflateBound(stream.state, UInt(body.count)))
        var isWhole = false
        let compressed = [UInt8](unsafeUninitializedCapacity: bound) { space, count in
            body.withUnsafeBufferPointer { input in
                stream.setInput(input)
                let (code, filled) = stream.fill(space) { deflate($0, Z_FINISH) }
                isWhole = code == Z_STREAM_END
                count = filled
            }
        }
        return isWhole ? compressed : nil
    }
}

/// One of zlib's streams, at a fixed address: zlib keeps a pointer back to it.
private final class ZlibStream {
    let state: UnsafeMutablePointer<z_stream>

    /// Replies wait for it, so the fastest level.
    private static let level: Int32 = 1

    init?(inflating coding: ContentCoding) {
        state = .allocate(capacity: 1)
        state.initialize(to: z_stream())
        guard meridian_inflate_start(state, coding.windowBits) == Z_OK else { return nil }
    }

    init?(deflating coding: ContentCoding) {
        state = .allocate(capacity: 1)
        state.initialize(to: z_stream())
        guard meridian_deflate_start(state, Self.level, coding.windowBits) == Z_OK else {
            return nil
        }
    }

    deinit {
        state.deallocate()
    }

    var isAtEnd: Bool {
        state.pointee.avail_in == 0
    }

    /// Whether what is left begins as a gzip member does.
    var isAtGzipMember: Bool {
        guard state.pointee.avail_in >= 2, let next = state.pointee.next_in else { return false }
        return next[0] == 0x1f && next[1] == 0x8b
    }

    /// `input` must live as long as it is read.
    func setInput(_ input: UnsafeBufferPointer<UInt8>) {
        state.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        state.pointee.avail_in = UInt32(input.count)
    }

    /// Runs one step of zlib into `space`; gives its answer and how much of the space it filled.
    func fill(
        _ space: UnsafeMutableBufferPointer<UInt8>,
        _ step: (UnsafeMutablePointer<z_stream>) -> Int32,
    ) -> (code: Int32, count: Int) {
        state.pointee.next_out = space.baseAddress
        state.pointee.avail_out = UInt32(space.count)
        let code = step(state)
        return (code, space.count - Int(state.pointee.avail_out))
    }
}
