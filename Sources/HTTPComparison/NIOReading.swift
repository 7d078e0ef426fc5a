import HTTPServer
import NIOCore
import NIOEmbedded
import NIOHTTP1

extension Reading {
    /// What the decoder of NIOHTTP1 makes of a arrival.
    static func nio(_ arrival: Arrival, limits: HTTPLimits) -> Reading {
        var configuration = NIOHTTPDecoderLimitConfiguration()
        configuration.maxHeaderFieldSize = limits.headerBytesMax
        configuration.maxHeaderListSize = limits.headerBytesMax
        configuration.maxHeaderFieldCount = limits.headerFieldsMax
        let recorder = Recorder()
        let channel = EmbeddedChannel(handlers: [
            ByteToMessageHandler(
                HTTPRequestDecoder(
                    leftOverBytesStrategy: .dropBytes,
                    limitConfiguration: configuration,
                )
            ),
            recorder,
        ])
        for piece in arrival.pieces where recorder.reading.refusal == nil {
            channel.pipeline.fireChannelRead(ByteBuffer(bytes: piece))
            channel.pipeline.fireChannelReadComplete()
        }
        // What it says of a request that is cut off says nothing of the bytes before.
        let reading = recorder.reading
        _ = try? channel.finish(acceptAlreadyClosed: true)
        return reading
    }
}

/// Puts the requests together; used by one channel on one thread.
private final class Recorder: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart

    var reading = Reading()
    private var arriving: ObservedRequest?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): arriving = ObservedRequest(head)
        case .body(let part): arriving?.body += part.readableBytesView
        case .end: reading.requests += [arriving.take()].compactMap(\.self)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        reading.refusal = reading.refusal ?? "\(error)"
    }
}

extension ObservedRequest {
    fileprivate init(_ head: HTTPRequestHead) {
        self.init(
            method: head.method.rawValue,
            target: head.uri,
            isVersion10: head.version == .http1_0,
            fields: head.headers.map { Field(name: $0.name, value: $0.value) },
            closes: !head.isKeepAlive || head.headers.contains(name: "upgrade"),
        )
    }
}
