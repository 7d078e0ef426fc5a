import HTTPServer
import Wire

/// What the API heeds of a request's header fields, found by looking once at each of them.
///
/// To ask for a field goes through all of them, and every request was asked for nine: a seventh of a
/// read of an item. Of several fields of one name the first counts.
struct APIFields {
    /// The types of body that the service reads; it answers in the type it was asked in.
    enum ContentType {
        case absent
        case amazon
        case plain
        case other

        /// Whether the service reads a body of this type.
        var isTaken: Bool { self == .amazon || self == .plain }
    }

    private(set) var contentType = ContentType.absent
    /// What the target names; nil if that is nothing known, or there is none.
    private(set) var operation: OperationName?
    /// Whether there is a credential scope for sure; if not, `CredentialScope` says what is wrong, or that
    /// nothing is.
    private(set) var isSignedAsUsual = false
    private(set) var isCrossOrigin = false
    /// Whether the body may be in a coding.
    private(set) var isCoded = false
    /// Whether there is a causal token.
    private(set) var hasToken = false

    private var hasTarget = false
    private var hasAuthorization = false
    private var hasDate = false

    init(_ request: HTTPRequest) {
        let uri = request.uri
        request.forEachHeader { take($0, $1, uri: uri) }
        isSignedAsUsual = isSignedAsUsual && hasDate
    }

    private mutating func take(
        _ name: UnsafeRawBufferPointer,
        _ value: UnsafeRawBufferPointer,
        uri: String,
    ) {
        switch name.count {
        case 4 where name.isEqual(ignoringCaseOf: "date"): hasDate = true
        case 6 where name.isEqual(ignoringCaseOf: "origin"): isCrossOrigin = true
        case 10 where name.isEqual(ignoringCaseOf: "x-amz-date"): hasDate = true
        case 12 where name.isEqual(ignoringCaseOf: "content-type"):
            if contentType == .absent { contentType = ContentType(value) }
        case 12 where name.isEqual(ignoringCaseOf: "x-amz-target"):
            if !hasTarget { operation = OperationName(target: value) }
            hasTarget = true
        case 13 where name.isEqual(ignoringCaseOf: "authorization"):
            if !hasAuthorization {
                isSignedAsUsual = CredentialScope.isUsual(authorization: value, target: uri)
            }
            hasAuthorization = true
        case 16 where name.isEqual(ignoringCaseOf: "content-encoding"): isCoded = true
        case 16 where name.isEqual(ignoringCaseOf: "x-meridian-token"): hasToken = true
        default: break
        }
    }

    /// What every reply to a POST carries, whatever its outcome.
    var replyHeaders: HeaderLines {
        switch contentType {
        case .amazon: isCrossOrigin ? Self.amazonCrossOrigin : Self.amazon
        case .absent, .plain, .other: isCrossOrigin ? Self.plainCrossOrigin : Self.plain
        }
    }

    /// What every reply to anything else carries.
    var headersForOthers: HeaderLines {
        isCrossOrigin ? Self.crossOrigin : .none
    }

    private static let amazon = HeaderLines(ContentType.amazonHeaders)
    private static let plain = HeaderLines(ContentType.plainHeaders)
    private static let amazonCrossOrigin =
        HeaderLines(ContentType.amazonHeaders + CrossOrigin.headers)
    private static let plainCrossOrigin =
        HeaderLines(ContentType.plainHeaders + CrossOrigin.headers)
    private static let crossOrigin = HeaderLines(CrossOrigin.headers)
}

extension APIFields.ContentType {
    fileprivate static let amazonHeaders = [("Content-Type", "application/x-amz-json-1.0")]
    fileprivate static let plainHeaders = [("Content-Type", "application/json")]

    fileprivate init(_ value: UnsafeRawBufferPointer) {
        // What the SDKs write needs no look at its parts.
        if value.isEqual("application/x-amz-json-1.0") {
            self = .amazon
            return
        }
        let end = value.firstIndex { $0 == UInt8(ascii: ";") || $0 == UInt8(ascii: " ") }
        let name = UnsafeRawBufferPointer(rebasing: value[..<(end ?? value.endIndex)])
        if name.isEqual("application/x-amz-json-1.0") {
            self = .amazon
        } else {
            self = name.isEqual("application/json") ? .plain : .other
        }
    }
}
