import HTTPServer
import Items
import Synchronization
import Wire

/// Bodies of the API as HTTP responses, with the headers that every answer carries.
///
/// Those that depend on the request (`APIRequest.replyHeaders`) are added on the way out.
enum APIResponse {
    static func success(_ body: [UInt8]) -> HTTPResponse {
        response(status: 200, body)
    }

    static func encoding(_ response: some OperationResponse) throws -> HTTPResponse {
        success(try response.body(reserving: usualBytes))
    }

    /// The same in the memory of `space`, which it takes.
    static func encoding(
        _ response: some OperationResponse,
        taking space: inout [UInt8],
    ) throws -> HTTPResponse {
        success(try response.body(taking: &space, reserving: usualBytes))
    }

    /// With what an array has besides, this is within the pieces that malloc keeps at hand, which have up
    /// to 1,032 bytes: larger ones cost it ten times as much.
    private static let usualBytes = 960

    static func error(_ error: ServiceError) -> HTTPResponse {
        let answer = ErrorResponse(error)
        var response = response(status: answer.status, answer.body)
        response.mark = RequestOutcome(error).rawValue
        return response
    }

    static func response(status: Int, _ body: [UInt8]) -> HTTPResponse {
        HTTPResponse(status: status, body: body, stamp: stamp)
    }

    /// The request's name, and a checksum: clients check the bytes as they come, compressed if they are.
    @Sendable private static func stamp(_ body: [UInt8], _ head: inout HeadWriter) {
        head.header("x-amzn-RequestId", bytes: RequestID.length, RequestID.write)
        head.header("x-amz-crc32", decimal: Int(BodyChecksum.crc32(body)))
    }
}

/// Names of requests as the service writes them: 52 characters of base 32 in upper case.
///
/// A counter through a mixing function (SplitMix64), from a random start: names are distinct, and
/// none costs a system call.
enum RequestID {
    static let length = 52
    /// Each gives eight characters, the last of them four.
    private static let drawsPerName: UInt64 = 7
    private static let step: UInt64 = 0x9e37_79b9_7f4a_7c15
    private static let state = Atomic<UInt64>(UInt64.random(in: .min ... .max))

    static func next() -> String {
        String(unsafeUninitializedCapacity: length) { buffer in
            write(to: UnsafeMutableRawBufferPointer(buffer))
            return length
        }
    }

    /// Writes a new name to the first `length` bytes.
    static func write(to bytes: UnsafeMutableRawBufferPointer) {
        var seed = state.wrappingAdd(step &* drawsPerName, ordering: .relaxed).oldValue
        var offset = 0
        while offset < length {
            seed &+= step
            let characters = characters(mixed(seed)).littleEndian
            if offset + 8 <= length {
                bytes.storeBytes(of: characters, toByteOffset: offset, as: UInt64.self)
            } else {
                let half = UInt32(truncatingIfNeeded: characters)
                bytes.storeBytes(of: half, toByteOffset: offset, as: UInt32.self)
            }
            offset += 8
        }
    }

    private static func mixed(_ seed: UInt64) -> UInt64 {
        var bits = seed
        bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
        return bits ^ (bits >> 31)
    }

    /// The lowest forty bits as eight digits of base 32, `0` to `9` and `A` to `V`: all at once, a
    /// byte for each.
    static func characters(_ bits: UInt64) -> UInt64 {
        var digits = bits & 0xf_ffff | (bits & 0xff_fff0_0000) << 12
        digits = digits & 0x3ff_0000_03ff | (digits & 0xf_fc00_000f_fc00) << 6
        digits = digits & 0x1f_001f_001f_001f | (digits & 0x3e0_03e0_03e0_03e0) << 3
        let letters = (digits &+ 0x7676_7676_7676_7676) >> 7 & 0x0101_0101_0101_0101
        return digits &+ 0x3030_3030_3030_3030 &+ letters &* 7
    }
}
