/// Why a settings file was refused: the file, the key if one is to blame, and the reason.
package struct SettingsError: Error, Sendable, Equatable, CustomStringConvertible {
    package let file: String
    /// The path of the key, such as `history.retention`; empty when the file as a whole is bad.
    package let key: String
    package let reason: String

    package init(file: String, key: String = "", reason: String) {
        self.file = file
        self.key = key
        self.reason = reason
    }

    package var description: String {
        key.isEmpty ? "\(file): \(reason)" : "\(file): \(key): \(reason)"
    }
}
