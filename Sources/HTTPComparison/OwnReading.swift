import HTTPServer
import NIOCore

extension Reading {
    /// What this server's parser makes of a arrival, and why it refuses it if it does.
    ///
    /// `known` is what others read before it.
    static func own(
        _ arrival: Arrival,
        limits: HTTPLimits,
        known: KnownHead? = KnownHead(),
    ) -> (reading: Reading, fault: RequestFault?) {
        var parser = RequestParser(
            headBytesMax: limits.headerBytesMax,
            fieldsMax: limits.headerFieldsMax,
            known: known,
        )
        var reading = Reading()
        var buffer = ByteBuffer()
        var arriving: ObservedRequest?
        do throws(RequestFault) {
            for piece in arrival.pieces {
                buffer.writeBytes(piece)
                while let event = try parser.next(&buffer) {
                    switch event {
                    case .head(let head): arriving = ObservedRequest(head)
                    case .body(let part): arriving?.body += part.readableBytesView
                    case .end: reading.requests += [arriving.take()].compactMap(\.self)
                    }
                }
            }
        } catch {
            reading.refusal = "\(error)"
            return (reading, error)
        }
        return (reading, nil)
    }
}

extension ObservedRequest {
    fileprivate init(_ head: RequestHead) {
        self.init(
            method: head.method,
            target: head.target,
            isVersion10: head.isVersion10,
            fields: head.fields.all.map { Field(name: $0.0, value: $0.1) },
            closes: head.closes,
        )
    }
}
