import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// The event loops that carry connections: one thread each, shared by the listeners of a process.
package final class HTTPLoops: Sendable {
    private let group: MultiThreadedEventLoopGroup
    fileprivate let loops: [any EventLoop]

    package init(threads: Int) {
        group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, threads))
        loops = group.makeIterator().map { $0 }
    }

    /// How many event loops there are; `HTTPRequest.eventLoopIndex` is below it.
    package var count: Int {
        loops.count
    }

    /// Ends the threads.
    ///
    /// Blocks; call it after every listener was drained, never on a loop.
    package func shutDown() {
        try? group.syncShutdownGracefully()
    }

    fileprivate var eventLoopGroup: any EventLoopGroup {
        group
    }
}

/// Why a listener could not start.
package struct HTTPListenerError: Error, CustomStringConvertible {
    package let host: String
    package let port: Int
    package let reason: String

    package var description: String {
        "cannot listen on \(host):\(port): \(reason)"
    }
}

/// A listening socket that turns bytes into requests and replies into bytes; knows no operation.
package final class HTTPListener: Sendable {
    /// The port in use: the one asked for, or the one the kernel chose for port 0.
    package let port: Int
    private let channel: any Channel
    private let contexts: [LoopContext]

    private init(port: Int, channel: any Channel, contexts: [LoopContext]) {
        self.port = port
        self.channel = channel
        self.contexts = contexts
    }

    /// Binds and listens.
    ///
    /// Blocks until the socket listens; never call it on an event loop.
    ///
    /// The handler is called on the request's event loop. It must not block, and answers through
    /// the writer: at once, which is the fast way, or later from any thread. `onReply` is told of each
    /// reply with a note as it leaves, on its event loop, of which it gets the index.
    package static func start(
        host: String,
        port: Int,
        limits: HTTPLimits = HTTPLimits(),
        loops: HTTPLoops,
        onReply: (@Sendable (HTTPResponse, ReplyNote, Int) -> Void)? = nil,
        handler: @escaping @Sendable (HTTPRequest, ResponseWriter) -> Void,
    ) throws(HTTPListenerError) -> HTTPListener {
        let shared = ListenerShared(limits: limits, onReply: onReply, handler: handler)
        let contexts = loops.loops.enumerated().map { index, eventLoop in
            LoopContext(eventLoop: eventLoop, index: index, shared: shared)
        }
        let bootstrap = ServerBootstrap(group: loops.eventLoopGroup)
            .serverChannelOption(.backlog, value: HTTPLimits.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // Each connection asks for what it has room for, which is also shorter.
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try configure(channel, contexts) }
            }
        do {
            let channel = try bootstrap.bind(host: host, port: port).wait()
            for context in contexts {
                context.startSweeping()
            }
            let bound = channel.localAddress?.port ?? port
            return HTTPListener(port: bound, channel: channel, contexts: contexts)
        } catch {
            throw HTTPListenerError(host: host, port: port, reason: words(for: error))
        }
    }

    /// The system's own words where there are some, as `Address already in use`.
    private static func words(for error: any Error) -> String {
        guard let failure = error as? IOError else { return "\(error)" }
        return String(cString: strerror(failure.errnoCode))
    }

    private static func configure(_ channel: any Channel, _ contexts: [LoopContext]) throws {
        guard let context = contexts.first(where: { $0.eventLoop === channel.eventLoop }) else {
            throw ChannelError.inappropriateOperationForState
        }
        try channel.pipeline.syncOperations.addHandler(Connection(loop: context))
    }

    /// How many clients are connected.
    package var connectionCount: Int {
        contexts.first?.shared.openConnections.load(ordering: .relaxed) ?? 0
    }

    /// Bytes of requests' bodies that have arrived and wait; see `HTTPLimits.bufferedBytesMax`.
    package var bufferedBytes: Int {
        contexts.first?.shared.bufferedBytes.load(ordering: .relaxed) ?? 0
    }

    /// Stops accepting and closes every connection, whatever it is doing.
    ///
    /// Blocks like `drain`.
    package func close() {
        drain(timeoutMilliseconds: 0)
    }

    /// Stops accepting, lets requests in flight be answered for at most `timeoutMilliseconds`, then
    /// closes what is left.
    ///
    /// Blocks until no connection is left; never call it on an event loop.
    package func drain(timeoutMilliseconds: Int64) {
        try? channel.close().wait()
        let timeout = TimeAmount.milliseconds(max(0, timeoutMilliseconds))
        let drained = contexts.map { $0.drain(within: timeout) }
        for future in drained {
            try? future.wait()
        }
    }
}
