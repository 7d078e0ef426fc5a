import CCurl
import Synchronization

/// Sends one request at a time on the calling thread; connections are kept and used again.
///
/// Safe to share: calls from several threads each use a connection of their own.
package final class HTTPClient: Sendable {
    private let idle = Mutex<[EasyTransfer]>([])

    /// The most idle handles, each with its connections, kept for the next call.
    private static let idleHandlesMax = 16

    package init() {}

    /// Sends `request` and waits for the whole reply.
    package func perform(_ request: TransferRequest) throws(TransferError) -> TransferResponse {
        guard let transfer = idle.withLock({ $0.popLast() }) ?? EasyTransfer() else {
            throw TransferError(.invalid, request, reason: "libcurl cannot start")
        }
        try transfer.prepare(request)
        let result = transfer.result(curl_easy_perform(transfer.handle))
        transfer.clear()
        idle.withLock { idle in
            if idle.count < Self.idleHandlesMax { idle.append(transfer) }
        }
        return try result.get()
    }
}
