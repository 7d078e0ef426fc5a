import NIOCore
import Synchronization

/// What the connections of one listener on one event loop share; touched on that loop only.
final class LoopContext: @unchecked Sendable {
    let eventLoop: any EventLoop
    let index: Int
    let shared: ListenerShared
    // As in `Connection`: what uses these does not come back here meanwhile.
    @exclusivity(unchecked) var encoder = ReplyEncoder()
    let knownHead = KnownHead()
    /// Counts half idle timeouts, as a clock that costs a request nothing.
    private(set) var tick: UInt64 = 0
    private(set) var isDraining = false
    private var connections: [ObjectIdentifier: Connection] = [:]
    private var drained: EventLoopPromise<Void>?
    private var sweep: RepeatedTask?
    private var compressors: [ContentCoding: BodyCompressor] = [:]
    /// Empty, with the room that an earlier reply needed.
    @exclusivity(unchecked) private var spare = ByteBuffer()

    /// A buffer with more room than this is freed when its replies are sent.
    private static let spareBytesMax = 2 << 20

    init(eventLoop: any EventLoop, index: Int, shared: ListenerShared) {
        self.eventLoop = eventLoop
        self.index = index
        self.shared = shared
    }

    /// Starts closing idle connections.
    ///
    /// Called once, before the first connection, on any thread.
    func startSweeping() {
        let period = TimeAmount.milliseconds(shared.limits.idleTimeoutMilliseconds / 2)
        eventLoop.execute { [self] in
            sweep = eventLoop.scheduleRepeatedTask(initialDelay: period, delay: period) {
                [weak self] _ in self?.closeIdle()
            }
        }
    }

    /// Takes a connection in, or tells that there is no room for it.
    func add(_ connection: Connection) -> Bool {
        guard !isDraining else { return false }
        let open = shared.openConnections.add(1, ordering: .relaxed).newValue
        guard open <= shared.limits.connectionsMax else {
            shared.openConnections.subtract(1, ordering: .relaxed)
            return false
        }
        connections[ObjectIdentifier(connection)] = connection
        return true
    }

    func remove(_ connection: Connection) {
        guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        shared.openConnections.subtract(1, ordering: .relaxed)
        finishDrainIfEmpty()
    }

    /// Lets requests in flight finish and closes the rest; the future succeeds when none is left.
    ///
    /// After `timeout` the rest is closed too.
    func drain(within timeout: TimeAmount) -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        eventLoop.execute { [self] in
            sweep?.cancel()
            sweep = nil
            isDraining = true
            guard drained == nil else {
                drained?.futureResult.cascade(to: promise)
                return
            }
            drained = promise
            for connection in connections.values {
                connection.closeIfIdle()
            }
            finishDrainIfEmpty()
            eventLoop.scheduleTask(in: timeout) { [self] in
                for connection in connections.values {
                    connection.close()
                }
            }
        }
        return promise.futureResult
    }

    /// A buffer for replies, which the connection gives back when they are sent.
    ///
    /// All connections of a loop use the same one as long as their sockets take replies at once: so
    /// it stays in the processor's cache, and a reply of many kilobytes touches no new memory.
    func takeBuffer() -> ByteBuffer {
        defer { spare = ByteBuffer() }
        return spare
    }

    /// Takes back an empty buffer.
    func giveBack(_ buffer: ByteBuffer) {
        guard buffer.capacity > spare.capacity, buffer.capacity <= Self.spareBytesMax else {
            return
        }
        spare = buffer
    }

    /// Appends `response`, with `headers` and `shared` besides its own, to `buffer` in the form that its
    /// request asks for.
    func append(
        _ response: HTTPResponse,
        with headers: HeaderLines,
        sharing shared: HeaderLines,
        _ framing: ReplyEncoder.Framing,
        to buffer: inout ByteBuffer,
    ) {
        guard response.body.count < self.shared.limits.compressedBytesMin else {
            var compressed = response
            compress(&compressed, framing)
            return encoder.append(
                compressed,
                with: headers,
                sharing: shared,
                framing,
                to: &buffer,
            )
        }
        encoder.append(response, with: headers, sharing: shared, framing, to: &buffer)
    }

    /// Compresses the body if the client accepts that; of several headers the last one counts.
    private func compress(_ response: inout HTTPResponse, _ framing: ReplyEncoder.Framing) {
        guard let header = framing.accepted?.fields["accept-encoding"].last,
            let coding = AcceptedCoding.preferred(header),
            let compressor = compressors[coding] ?? BodyCompressor(coding)
        else { return }
        compressors[coding] = compressor
        guard let body = compressor.compress(response.body) else { return }
        response.body = body
        response.headers.append(("Content-Encoding", coding.rawValue))
    }

    private func finishDrainIfEmpty() {
        guard isDraining, connections.isEmpty else { return }
        drained?.succeed(())
    }

    private func closeIdle() {
        tick += 1
        for connection in connections.values where connection.isStale(at: tick) {
            connection.close()
        }
    }
}

/// What the event loops of one listener share; safe on any thread.
final class ListenerShared: Sendable {
    let limits: HTTPLimits
    let onReply: (@Sendable (HTTPResponse, ReplyNote, Int) -> Void)?
    let handler: @Sendable (HTTPRequest, ResponseWriter) -> Void
    let openConnections = Atomic<Int>(0)
    /// Bytes of bodies that have arrived and wait, of all connections; see `Connection`.
    let bufferedBytes = Atomic<Int>(0)

    init(
        limits: HTTPLimits,
        onReply: (@Sendable (HTTPResponse, ReplyNote, Int) -> Void)?,
        handler: @escaping @Sendable (HTTPRequest, ResponseWriter) -> Void,
    ) {
        self.limits = limits
        self.onReply = onReply
        self.handler = handler
    }
}
