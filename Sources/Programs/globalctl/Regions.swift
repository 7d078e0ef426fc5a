import HTTPClient
import JSON
import Replication
import Settings

/// The regions and the daemon as this tool reaches them.
struct Regions: Sendable {
    let settings: GlobalSettings
    private let client = HTTPClient()

    /// A region that does not answer in this time is shown as unreachable.
    private static let timeoutMilliseconds = 5_000
    private static let connectTimeoutMilliseconds = 1_500
    /// The API refuses requests without a signature; it does not check it yet.
    private static let credential = "Credential=globalctl/20200101/%/dynamodb/aws4_request"

    init(_ settings: GlobalSettings) {
        self.settings = settings
    }

    var names: [String] { settings.regions.map(\.name) }

    /// All regions, or the one named.
    func names(only name: String?) throws -> [String] {
        guard let name else { return names }
        try check(name)
        return [name]
    }

    /// - Throws: if there is no region of this name.
    func check(_ name: String) throws {
        _ = try region(name)
    }

    private func region(_ name: String) throws -> GlobalSettings.Region {
        guard let region = settings.region(name) else {
            throw Failure("'\(name)' is not among the regions: \(names.joined(separator: ", "))")
        }
        return region
    }

    // MARK: Peer ports

    /// Where a region answers a path of its peer port.
    func peerURL(_ region: String, _ path: String) throws -> String {
        try self.region(region).peer + path
    }

    func peer(
        _ region: String,
        _ path: String,
        _ body: JSONValue? = nil,
        timeoutMilliseconds: Int = timeoutMilliseconds,
    ) throws -> JSONValue {
        try call(
            region,
            self.region(region).peer + path,
            body: body,
            timeoutMilliseconds: timeoutMilliseconds,
        )
    }

    /// The bytes that a region answers to bytes.
    func peerBytes(
        _ region: String,
        _ path: String,
        _ body: [UInt8],
        timeoutMilliseconds: Int = timeoutMilliseconds,
    ) throws -> [UInt8] {
        try send(
            region,
            peerURL(region, path),
            bytes: body,
            headers: [("Content-Type", "application/octet-stream")],
            timeoutMilliseconds: timeoutMilliseconds,
        ).body
    }

    /// One question to each region, in the settings' order; what failed stays beside its region.
    func peers(
        _ path: String,
        _ body: JSONValue? = nil,
    ) -> [(region: String, answer: Result<JSONValue, Failure>)] {
        names.map { region in
            let answer = Result { try peer(region, path, body) }
            return (region, answer.mapError { $0 as? Failure ?? Failure("\($0)") })
        }
    }

    // MARK: The API

    func api(
        _ region: String,
        _ operation: String,
        _ body: JSONValue,
        timeoutMilliseconds: Int = timeoutMilliseconds,
    ) throws -> JSONValue {
        let credential = Self.credential.split(separator: "%").joined(separator: region)
        let headers = [
            ("Content-Type", "application/x-amz-json-1.0"),
            ("X-Amz-Target", "DynamoDB_20120810.\(operation)"),
            ("X-Amz-Date", "20200101T000000Z"),
            (
                "Authorization",
                "AWS4-HMAC-SHA256 \(credential), SignedHeaders=host;x-amz-date;x-amz-target, "
                    + "Signature=\(String(repeating: "0", count: 64))"
            ),
        ]
        return try call(
            region,
            self.region(region).api + "/",
            body: body,
            headers: headers,
            timeoutMilliseconds: timeoutMilliseconds,
        )
    }

    // MARK: The daemon

    var controlURL: String { "http://\(settings.control)" }

    func control(_ path: String, _ body: JSONValue? = nil) throws -> JSONValue {
        try call("globald", controlURL + path, body: body)
    }

    // MARK: One call

    private func call(
        _ name: String,
        _ url: String,
        body: JSONValue?,
        headers: [(String, String)] = [("Content-Type", "application/json")],
        timeoutMilliseconds: Int = timeoutMilliseconds,
    ) throws -> JSONValue {
        let response = try send(
            name,
            url,
            bytes: body?.bytes,
            headers: headers,
            timeoutMilliseconds: timeoutMilliseconds,
        )
        guard let json = try? JSONParser.parse(response.body) else {
            throw Failure("\(name) answers something else than JSON")
        }
        return json
    }

    private func send(
        _ name: String,
        _ url: String,
        bytes: [UInt8]?,
        headers: [(String, String)],
        timeoutMilliseconds: Int = timeoutMilliseconds,
    ) throws -> TransferResponse {
        let request = TransferRequest(
            method: bytes == nil ? "GET" : "POST",
            url: url,
            headers: headers,
            body: bytes ?? [],
            timeoutMilliseconds: timeoutMilliseconds,
            connectTimeoutMilliseconds: min(timeoutMilliseconds, Self.connectTimeoutMilliseconds),
            responseBytesMax: 64 << 20,
        )
        let response: TransferResponse
        do {
            response = try client.perform(request)
        } catch {
            throw Failure(
                "\(name) is unreachable: \(error.reason)",
                mayHaveActed: error.kind != .connect && error.kind != .invalid,
            )
        }
        guard response.status == 200 else {
            throw Failure(
                "\(name): \(Self.reason(response))",
                mayHaveActed: response.status >= 500,
            )
        }
        return response
    }

    /// What a region says that refuses something.
    static func reason(_ response: TransferResponse) -> String {
        let json = try? JSONParser.parse(response.body)
        return json.flatMap(reason) ?? "status \(response.status)"
    }

    private static func reason(_ json: JSONValue) -> String? {
        let code = json["code"]?.text ?? json["__type"]?.text
        let message = json["message"]?.text ?? json["Message"]?.text
        guard let code else { return message }
        let short = code.split(separator: "#").last.map(String.init) ?? code
        return message.map { "\(short): \($0)" } ?? short
    }
}
