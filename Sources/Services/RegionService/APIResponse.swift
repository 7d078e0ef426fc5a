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
        success(try response.body(capacity: 1024))
    }

    static func error(_ error: ServiceError) -> HTTPResponse {
        let answer = ErrorResponse(error)
        var response = response(status: answer.status, answer.body)
        response.mark = RequestOutcome(error).rawValue
        return response
    }

    static func response(status: Int, _ body: [UInt8]) -> HTTPResponse {
        HTTPResponse(
            status: status,
            headers: [("x-amzn-RequestId", RequestID.next())],
            body: body,
            bodyHeader: checksum,
        )
    }

    /// Clients check the bytes as they come, compressed if they are.
    @Sendable private static func checksum(_ body: [UInt8]) -> (String, String) {
        ("x-amz-crc32", String(BodyChecksum.crc32(body)))
    }
}

/// Names of requests as the service writes them: 52 characters of base 32 in upper case.
///
/// A counter through a mixing function (SplitMix64), from a random start: names are distinct, and
/// none costs a system call.
enum RequestID {
    private static let length = 52
    /// Each gives eight characters, the last of them four.
    private static let drawsPerName: UInt64 = 7
    private static let step: UInt64 = 0x9e37_79b9_7f4a_7c15
    private static let state = Atomic<UInt64>(UInt64.random(in: .min ... .max))

    static func next() -> String {
        var seed = state.wrappingAdd(step &* drawsPerName, ordering: .relaxed).oldValue
        return String(unsafeUninitializedCapacity: length) { buffer in
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            for offset in stride(from: 0, to: length, by: 8) {
                seed &+= step
                let characters = characters(mixed(seed)).littleEndian
                if offset + 8 <= length {
                    bytes.storeBytes(of: characters, toByteOffset: offset, as: UInt64.self)
                } else {
                    let half = UInt32(truncatingIfNeeded: characters)
                    bytes.storeBytes(of: half, toByteOffset: offset, as: UInt32.self)
                }
            }
            return length
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
