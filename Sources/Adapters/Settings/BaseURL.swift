import Foundation

/// The address of a service: scheme, host and port, nothing further.
enum BaseURL {
    /// `text` without a slash at the end, or nil if it is not such an address.
    static func normalized(_ text: String) -> String? {
        guard let parts = URLComponents(string: text),
            parts.scheme == "http" || parts.scheme == "https",
            let host = parts.host, !host.isEmpty,
            parts.user == nil, parts.password == nil, parts.query == nil, parts.fragment == nil,
            parts.path.isEmpty || parts.path == "/",
            (parts.port ?? 1) > 0, (parts.port ?? 1) <= 65_535,
            text.utf8.allSatisfy({ $0 > 32 && $0 < 127 })
        else { return nil }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}
