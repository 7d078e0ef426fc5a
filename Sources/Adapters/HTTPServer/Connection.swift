import Glibc
import NIOCore
import Synchronization

/// One client connection: puts requests together, hands them over one at a time, and writes the
/// replies in the order of the requests.
///
/// Everything but `isClosed` is touched on the connection's event loop only. Replies gather in
/// `out` and leave in one write: at the end of the read that caused them, or when another thread's
/// reply is in.
final class Connection: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let loop: LoopContext
    private let limits: HTTPLimits
    private var context: ChannelHandlerContext?
    private var channel: (any Channel)?
    /// The channel's socket, which is the channel's own again once that is not active.
    private var socket: NIOBSDSocket.Handle?
    /// How many of the writes that were left to the channel are not with the kernel yet.
    private var queuedWrites = 0
    private var remote = ""
    private let closed = Atomic<Bool>(false)

    // Nothing that is called while one of these is changed comes back here, so that looking whether
    // something did, a fiftieth of a read's instructions, is left out.
    @exclusivity(unchecked) private var parser: RequestParser
    /// The beginning of something that the parser wants to see more of; what is read in one piece
    /// never comes here.
    @exclusivity(unchecked) private var unparsed = ByteBuffer()
    /// The request that is arriving.
    @exclusivity(unchecked) private var arriving: ArrivingRequest?
    /// Whole requests that wait for their turn, and the bytes of their bodies.
    @exclusivity(unchecked) private var waiting = CircularBuffer<WholeRequest>()
    private var waitingBytes = 0
    /// What of this connection's bodies the listener's total holds.
    private var countedBytes = 0
    /// The request being answered: its number, how to frame its reply, and whether there is one.
    private var sequence: UInt64 = 0
    @exclusivity(unchecked) private var framing = ReplyEncoder.Framing()
    private var isAnswering = false
    /// The status that ends this connection once the requests before it are answered.
    private var refusal: Int?

    /// What follows once the gathered replies are with the kernel.
    private enum AfterFlush {
        case stayOpen
        case close
        case closeOutput
    }

    @exclusivity(unchecked) private var out = ByteBuffer()
    private var isReading = false
    private var isPumping = false
    private var readIsHeld = false
    /// Whether the client takes its replies; while it does not, the next request waits.
    private var isWritable = true
    private var afterFlush = AfterFlush.stayOpen
    /// Nothing further is read or answered; the rest of the input is dropped.
    private var isFinished = false
    private var lastTick: UInt64

    /// More than this is sent before the next of the requests that wait is answered.
    private static let gatheredBytesMax = 64 << 10
    /// Bodies are counted for the listener in steps of so many bytes a connection.
    private static let countedBytesStep = 64 << 10

    init(loop: LoopContext) {
        self.loop = loop
        limits = loop.shared.limits
        parser = RequestParser(
            headBytesMax: limits.headerBytesMax,
            fieldsMax: limits.headerFieldsMax,
            known: loop.knownHead,
        )
        lastTick = loop.tick
    }

    var isClosed: Bool {
        closed.load(ordering: .relaxed)
    }

    // MARK: The channel's life

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        channel = context.channel
        socket = try? context.pipeline.syncOperations
            .withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { $0 }
        remote = context.remoteAddress?.description ?? ""
        guard loop.add(self) else {
            closed.store(true, ordering: .relaxed)
            context.close(promise: nil)
            return
        }
        context.fireChannelActive()
        context.read()
    }

    func channelInactive(context: ChannelHandlerContext) {
        closed.store(true, ordering: .relaxed)
        finish()
        loop.remove(self)
        self.context = nil
        channel = nil
        socket = nil
        context.fireChannelInactive()
    }

    func close() {
        context?.close(promise: nil)
    }

    /// Closes the connection unless a request is arriving, waiting or being answered; a reply that
    /// the client has yet to take leaves first.
    func closeIfIdle() {
        guard !isAnswering, waiting.isEmpty, arriving == nil, out.readableBytes == 0, let context
        else { return }
        afterFlush = .close
        write(ByteBuffer(), context)
    }

    /// Whether nothing happened here for at least an idle timeout: two whole ticks.
    func isStale(at tick: UInt64) -> Bool {
        !isAnswering && tick - lastTick >= 3
    }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isReading = true
        guard !isFinished, refusal == nil else { return }
        var bytes = unwrapInboundIn(data)
        if unparsed.readableBytes == 0 {
            parse(&bytes)
            // Copied, so that the channel can use its buffer for the next read.
            if bytes.readableBytes > 0 { unparsed.writeBuffer(&bytes) }
        } else {
            unparsed.writeBuffer(&bytes)
            bytes = unparsed
            unparsed = ByteBuffer()
            parse(&bytes)
            guard bytes.readableBytes > 0 else { return }
            bytes.discardReadBytes()
            unparsed = bytes
        }
    }

    /// Takes whole and half requests off `bytes`, as far as they go.
    private func parse(_ bytes: inout ByteBuffer) {
        do throws(RequestFault) {
            while !isFinished, refusal == nil, let event = try parser.next(&bytes) {
                switch event {
                case .head(let head): begin(head)
                case .body(let part): extend(part)
                case .end: complete()
                }
            }
        } catch {
            refuse(error.status)
        }
        if isFinished || refusal != nil { bytes.moveReaderIndex(to: bytes.writerIndex) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        flush()
        // The channel does not read on by itself (`HTTPListener.start`).
        if mayRead {
            context.read()
        } else {
            readIsHeld = true
        }
    }

    private var mayRead: Bool {
        waiting.count < limits.pipelinedRequestsMax && waitingBytes <= limits.bodyBytesMax
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        lastTick = loop.tick
        isWritable = context.channel.isWritable
        if isWritable {
            pump()
            flushUnlessReading()
        }
        context.fireChannelWritabilityChanged()
    }

    /// A broken socket.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func begin(_ head: RequestHead) {
        lastTick = loop.tick
        let request = ArrivingRequest(head)
        if let length = request.declaredBytes, length > limits.bodyBytesMax {
            return refuse(413)
        }
        arriving = request
        switch request.expectation {
        case .nothing: break
        case .goAhead: sendGoAheadIfDue()
        case .unknown: refuse(417)
        }
    }

    private func extend(_ bytes: ByteBuffer) {
        guard let count = arriving?.body.count else { return }
        guard bytes.readableBytes <= limits.bodyBytesMax - count else { return refuse(413) }
        arriving?.append(bytes)
        if !countBodies() { refuse(503) }
    }

    /// Brings the listener's total of buffered bodies up to this connection's, in coarse steps, so
    /// that small requests cost it nothing.
    ///
    /// - Returns: false if there is too much in all; the connection that adds to it gives way.
    @discardableResult
    private func countBodies() -> Bool {
        let bytes = (arriving?.body.count ?? 0) + waitingBytes
        let change = bytes - countedBytes
        guard change.magnitude >= Self.countedBytesStep || bytes == 0 && change != 0 else {
            return true
        }
        countedBytes = bytes
        let total = loop.shared.bufferedBytes.add(change, ordering: .relaxed).newValue
        return change < 0 || total <= limits.bufferedBytesMax
    }

    private func complete() {
        guard let request = arriving.take() else { return }
        lastTick = loop.tick
        let whole = WholeRequest(request, remote: remote, eventLoopIndex: loop.index)
        defer { countBodies() }
        if !isAnswering, waiting.isEmpty, !isPumping, isWritable, out.readableBytes == 0 {
            return start(whole)
        }
        waitingBytes += whole.request.body.count
        waiting.append(whole)
        pump()
    }

    /// Tells a client that waits for leave to send its body to go on, once it is its turn.
    private func sendGoAheadIfDue() {
        guard arriving?.expectation == .goAhead, !isAnswering, waiting.isEmpty else { return }
        arriving?.expectation = .nothing
        out.writeStaticString("HTTP/1.1 100 Continue\r\n\r\n")
    }

    // MARK: Answering

    private func start(_ whole: WholeRequest) {
        sequence += 1
        framing = whole.framing
        isAnswering = true
        loop.shared.handler(whole.request, ResponseWriter(connection: self, sequence: sequence))
    }

    /// Starts the requests that wait, one after the other, as far as they are answered at once.
    private func pump() {
        guard !isPumping, !isFinished else { return }
        isPumping = true
        defer { isPumping = false }
        while !isAnswering, !isFinished, hasRoomToWrite, let next = waiting.popFirst() {
            waitingBytes -= next.request.body.count
            start(next)
        }
        countBodies()
        if !isAnswering, waiting.isEmpty, !isFinished {
            if let refusal { return writeRefusal(refusal) }
            sendGoAheadIfDue()
        }
        if readIsHeld, mayRead {
            readIsHeld = false
            context?.read()
        }
    }

    private var hasRoomToWrite: Bool {
        if out.readableBytes > Self.gatheredBytesMax { flush() }
        return isWritable
    }

    /// Appends the reply to the request of this number, with `headers` and `shared` besides its own;
    /// `flushUnlessReading` sends it.
    func reply(
        _ response: HTTPResponse,
        with headers: HeaderLines,
        sharing shared: HeaderLines,
        to sequence: UInt64,
    ) {
        guard isAnswering, sequence == self.sequence, !isFinished else { return }
        isAnswering = false
        lastTick = loop.tick
        if loop.isDraining { framing.closes = true }
        if out.capacity == 0 { out = loop.takeBuffer() }
        loop.append(response, with: headers, sharing: shared, framing, to: &out)
        framing.accepted = nil
        if framing.closes {
            finish()
            afterFlush = .close
        } else if !waiting.isEmpty || readIsHeld || refusal != nil || arriving != nil {
            pump()
        }
    }

    /// Ends the connection with `status` after the requests before it are answered.
    private func refuse(_ status: Int) {
        guard refusal == nil, !isFinished else { return }
        refusal = status
        arriving = nil
        countBodies()
        pump()
    }

    /// Writes the refusal, closes our side and drops what the client still sends, so that the reply
    /// is not lost to a reset.
    private func writeRefusal(_ status: Int) {
        finish()
        framing = ReplyEncoder.Framing(closes: true)
        loop.encoder.append(HTTPResponse(status: status), framing, to: &out)
        afterFlush = .closeOutput
        flush()
        loop.eventLoop.scheduleTask(in: .milliseconds(HTTPLimits.lingerMilliseconds)) {
            [weak self] in self?.close()
        }
    }

    private func finish() {
        isFinished = true
        isAnswering = false
        arriving = nil
        refusal = nil
        waiting.removeAll()
        waitingBytes = 0
        countBodies()
    }

    /// Sends what has gathered, unless the end of the current read will.
    func flushUnlessReading() {
        if !isReading { flush() }
    }

    /// Takes the bytes out before it writes them: a write that fills or empties the socket's queue
    /// comes back here through `channelWritabilityChanged`, and must not find them again.
    private func flush() {
        guard out.readableBytes > 0, let context else { return }
        var sent = out
        out = ByteBuffer()
        sendAtOnce(&sent)
        if sent.readableBytes > 0 { write(sent, context) }
        // Keeps the storage when the socket took all of it, and lets go of it otherwise.
        sent.clear(minimumCapacity: 0)
        loop.giveBack(sent)
    }

    /// Takes off `bytes` what the socket has room for now, which is nearly always all of it.
    ///
    /// The way through the channel costs 4,000 instructions, a tenth of a read of an item. It is for
    /// what the socket has no room for, and for what comes behind that.
    private func sendAtOnce(_ bytes: inout ByteBuffer) {
        guard queuedWrites == 0, afterFlush == .stayOpen, let socket, let channel,
            channel.isActive
        else { return }
        let count = bytes.withUnsafeReadableBytes {
            send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        // An error comes again when the channel tries, and it knows what to do.
        if count > 0 { bytes.moveReaderIndex(forwardBy: count) }
    }

    private func write(_ buffer: ByteBuffer, _ context: ChannelHandlerContext) {
        let bytes = wrapOutboundOut(buffer)
        let written = context.eventLoop.makePromise(of: Void.self)
        queuedWrites += 1
        let mode: CloseMode? =
            switch afterFlush {
            case .stayOpen: nil
            case .close: .all
            case .closeOutput: .output
            }
        afterFlush = .stayOpen
        written.futureResult.whenComplete { [self] _ in
            queuedWrites -= 1
            if let mode { self.context?.close(mode: mode, promise: nil) }
        }
        context.writeAndFlush(bytes, promise: written)
    }
}
