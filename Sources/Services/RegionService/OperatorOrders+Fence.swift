import Changes
import Engine
import HTTPServer
import JSON

/// Fencing a region that is to be evacuated, and letting it take writes again.
extension OperatorOrders {
    /// A job in the applications' own queue, so that it comes after all that they have queued.
    func setFence(_ reply: ResponseWriter) {
        order(reply) { group in
            .object([
                .init("fence", try group.fence().json),
                .init("wallMilliseconds", .integer(group.wallMilliseconds)),
            ])
        }
    }

    /// Null for a region that was not fenced.
    func liftFence(_ reply: ResponseWriter) {
        order(reply) { group in
            .object([
                .init("fence", try group.liftFence()?.json ?? .null),
                .init("wallMilliseconds", .integer(group.wallMilliseconds)),
            ])
        }
    }

    private func order(
        _ reply: ResponseWriter,
        _ run: @escaping @Sendable (WriteGroup) throws -> JSONValue,
    ) {
        let job = RegionWriter.Job(reply: reply) { group in PeerResponse.json(try run(group)) }
        if !writer.submit(job, isOrder: true) {
            reply.respond(
                PeerResponse.failure("UNAVAILABLE", "the region is stopping", status: 503)
            )
        }
    }
}
