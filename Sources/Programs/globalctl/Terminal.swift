import Glibc

/// Lines to the terminal, each at once: a pipe's reader sees them as they come.
enum Terminal {
    static func show(_ text: String) {
        write(text + "\n", to: STDOUT_FILENO)
    }

    /// Beside the answer: progress and complaints.
    static func note(_ text: String) {
        write(text + "\n", to: STDERR_FILENO)
    }

    static func clear() {
        write("\u{1b}[H\u{1b}[2J", to: STDOUT_FILENO)
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if written < 0, errno == EINTR { continue }
            // Whoever read is gone; the exit code says the rest.
            guard written > 0 else { return }
            bytes = bytes.dropFirst(written)
        }
    }
}
