import CCurl
import Glibc
import Synchronization

/// The thread behind `HTTPMultiClient`: it alone touches the libcurl handles; others leave orders
/// in `inbox` and wake it.
final class TransferLoop: @unchecked Sendable {
    typealias Completion = @Sendable (Result<TransferResponse, TransferError>) -> Void

    private struct Order {
        let id: TransferID
        let request: TransferRequest
        let whenSent: (@Sendable () -> Void)?
        let completion: Completion
    }

    private struct Inbox {
        var nextNumber: UInt64 = 1
        var starts: [Order] = []
        var cancels: [TransferID] = []
        var isShutDown = false

        var isEmpty: Bool {
            starts.isEmpty && cancels.isEmpty && !isShutDown
        }
    }

    private struct Running {
        let order: Order
        let transfer: EasyTransfer
    }

    private let inbox = Mutex(Inbox())
    private let multi: UnsafeMutableRawPointer
    private let thread = Mutex<pthread_t?>(nil)
    /// Whether the thread was joined, or left to end by itself.
    private let isEnded = Mutex(false)

    /// Touched by the thread only.
    private var running: [UnsafeMutableRawPointer: Running] = [:]
    private var handles: [TransferID: UnsafeMutableRawPointer] = [:]
    private var idle: [EasyTransfer] = []

    /// The most idle handles kept for later transfers.
    private static let idleHandlesMax = 64
    /// The most connections kept open without a transfer.
    private static let idleConnectionsMax = 64
    /// How long the thread sleeps at most when nothing happens.
    private static let pollMilliseconds: Int32 = 1_000

    init?() {
        // A first handle, so that libcurl is started before the multi handle is made.
        guard let first = EasyTransfer(), let multi = curl_multi_init() else { return nil }
        self.multi = multi
        idle.append(first)
        meridian_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, Self.idleConnectionsMax)
        guard startThread() else { return nil }
    }

    deinit {
        curl_multi_cleanup(multi)
    }

    // MARK: From any thread

    func start(
        _ request: TransferRequest,
        whenSent: (@Sendable () -> Void)?,
        _ completion: @escaping Completion,
    ) -> TransferID {
        let (id, isFirst, isShutDown) = inbox.withLock { inbox in
            let id = TransferID(number: inbox.nextNumber)
            inbox.nextNumber += 1
            let isFirst = inbox.isEmpty
            if !inbox.isShutDown {
                inbox.starts.append(
                    Order(id: id, request: request, whenSent: whenSent, completion: completion)
                )
            }
            return (id, isFirst, inbox.isShutDown)
        }
        if isShutDown {
            completion(.failure(Self.cancelled(request)))
        } else if isFirst {
            wake()
        }
        return id
    }

    func cancel(_ id: TransferID) {
        let isFirst = inbox.withLock { inbox in
            let isFirst = inbox.isEmpty
            inbox.cancels.append(id)
            return isFirst
        }
        if isFirst { wake() }
    }

    func shutDown() {
        inbox.withLock { $0.isShutDown = true }
        curl_multi_wakeup(multi)
        guard let thread = thread.withLock({ $0 }) else { return }
        let isOnThread = isOnThread
        isEnded.withLock { isEnded in
            guard !isEnded else { return }
            isEnded = true
            if isOnThread {
                pthread_detach(thread)
            } else {
                pthread_join(thread, nil)
            }
        }
    }

    private var isOnThread: Bool {
        thread.withLock { $0.map { pthread_equal($0, pthread_self()) != 0 } ?? false }
    }

    /// An order given on the thread itself is seen before it sleeps again.
    private func wake() {
        if !isOnThread { curl_multi_wakeup(multi) }
    }

    // MARK: The thread

    private func startThread() -> Bool {
        var created = pthread_t()
        let argument = Unmanaged.passRetained(self).toOpaque()
        let failed = pthread_create(&created, nil, transferThread, argument)
        guard failed == 0 else {
            Unmanaged<TransferLoop>.fromOpaque(argument).release()
            return false
        }
        thread.withLock { $0 = created }
        return true
    }

    fileprivate func run() {
        while takeOrders() {
            var count: Int32 = 0
            curl_multi_perform(multi, &count)
            finishTransfers()
            if inbox.withLock({ $0.isEmpty }) {
                curl_multi_poll(multi, nil, 0, Self.pollMilliseconds, nil)
            }
        }
        idle.removeAll()
    }

    /// Carries out what others asked for.
    ///
    /// Returns false once the client is shut down.
    private func takeOrders() -> Bool {
        let orders = inbox.withLock { inbox in
            let orders = inbox
            inbox.starts = []
            inbox.cancels = []
            return orders
        }
        for order in orders.starts {
            begin(order)
        }
        for id in orders.cancels {
            guard let handle = handles[id] else { continue }
            abandon(handle)
        }
        guard orders.isShutDown else { return true }
        for id in handles.keys.sorted(by: { $0.number < $1.number }) {
            if let handle = handles[id] { abandon(handle) }
        }
        return false
    }

    private func begin(_ order: Order) {
        guard let transfer = idle.popLast() ?? EasyTransfer() else {
            let error = TransferError(.invalid, order.request, reason: "libcurl cannot start")
            return order.completion(.failure(error))
        }
        do throws(TransferError) {
            try transfer.prepare(order.request, whenSent: order.whenSent)
        } catch {
            return order.completion(.failure(error))
        }
        guard curl_multi_add_handle(multi, transfer.handle) == CURLM_OK else {
            let error = TransferError(.invalid, order.request, reason: "libcurl takes no more")
            return order.completion(.failure(error))
        }
        running[transfer.handle] = Running(order: order, transfer: transfer)
        handles[order.id] = transfer.handle
    }

    private func finishTransfers() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE,
                let handle = message.pointee.easy_handle
            else { continue }
            // The message is gone once its handle is removed.
            let code = message.pointee.data.result
            finish(handle) { $0.transfer.result(code) }
        }
    }

    private func abandon(_ handle: UnsafeMutableRawPointer) {
        finish(handle) { .failure(Self.cancelled($0.order.request)) }
    }

    private func finish(
        _ handle: UnsafeMutableRawPointer,
        _ result: (Running) -> Result<TransferResponse, TransferError>,
    ) {
        guard let ended = running.removeValue(forKey: handle) else { return }
        handles.removeValue(forKey: ended.order.id)
        let outcome = result(ended)
        curl_multi_remove_handle(multi, handle)
        ended.transfer.clear()
        if idle.count < Self.idleHandlesMax { idle.append(ended.transfer) }
        ended.order.completion(outcome)
    }

    private static func cancelled(_ request: TransferRequest) -> TransferError {
        TransferError(.cancelled, request, reason: "cancelled")
    }
}

private func transferThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    Unmanaged<TransferLoop>.fromOpaque(argument).takeRetainedValue().run()
    return nil
}
