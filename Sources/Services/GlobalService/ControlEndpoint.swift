import HTTPServer
import JSON
import Metrics
import Replication

/// Answers `globalctl`: the links as they stand, pause and resume.
struct ControlEndpoint: Sendable {
    let runners: [LinkRunner]
    let allowsDrills: Bool

    func respond(to request: HTTPRequest) -> HTTPResponse {
        let path = request.uri.split(separator: "?", maxSplits: 1).first.map(String.init) ?? ""
        switch (request.method, path) {
        case ("GET", "/"), ("HEAD", "/"):
            return HTTPResponse(
                status: 200,
                headers: [("Content-Type", "text/plain")],
                body: Array("healthy\n".utf8),
            )
        case ("GET", Control.linksPath):
            let links = runners.map { $0.status().json() }
            return json(200, .object([.init("links", .array(links))]))
        case ("GET", Control.metricsPath):
            return HTTPResponse(
                status: 200,
                headers: [("Content-Type", MetricsPage.contentType)],
                body: LinkMetrics.page(runners.map { $0.status() }).bytes,
            )
        case ("POST", Control.pausePath):
            return change(request) { $0.pause() }
        case ("POST", Control.resumePath):
            return change(request) { $0.resume() }
        case ("POST", Control.faultsPath):
            return injectFaults(request)
        case (_, "/"), (_, Control.linksPath), (_, Control.pausePath), (_, Control.resumePath),
            (_, Control.faultsPath), (_, Control.metricsPath):
            return failure(405, "BAD_REQUEST", "\(path) does not take \(request.method)")
        default:
            return failure(404, "BAD_REQUEST", "there is nothing at this path")
        }
    }

    private func change(_ request: HTTPRequest, _ act: (LinkRunner) -> Void) -> HTTPResponse {
        guard let body = try? JSONParser.parse(request.body, depthMax: 8),
            let name = Control.LinkName(body)
        else {
            return failure(400, "BAD_REQUEST", "the body must be {\"from\": …, \"to\": …}")
        }
        guard let runner = runners.first(where: { $0.name == name }) else {
            return failure(404, "UNKNOWN_LINK", "this daemon runs no link \(name)")
        }
        act(runner)
        tellOthers(of: name.to)
        return json(200, runner.status().json())
    }

    private func injectFaults(_ request: HTTPRequest) -> HTTPResponse {
        guard allowsDrills else {
            let reason = "this daemon allows no rehearsals (drills.allow in its settings)"
            return failure(403, "DRILLS_NOT_ALLOWED", reason)
        }
        guard let body = try? JSONParser.parse(request.body, depthMax: 8),
            let order = LinkFaultsOrder(body)
        else {
            return failure(
                400,
                "BAD_REQUEST",
                "the body must be {\"from\", \"to\", \"cut\", \"lossPercent\", "
                    + "\"delayMilliseconds\", \"forMilliseconds\"} within their bounds",
            )
        }
        guard let runner = runners.first(where: { $0.name == order.link }) else {
            return failure(404, "UNKNOWN_LINK", "this daemon runs no link \(order.link)")
        }
        runner.suffer(order)
        return json(200, runner.status().json())
    }

    /// A pause holds against relays too, as far as this daemon's links carry them.
    private func tellOthers(of target: String) {
        let siblings = runners.filter { $0.name.to == target }
        let paused = siblings.filter(\.isPaused).map(\.name.from).sorted()
        for sibling in siblings { sibling.othersPaused(paused) }
    }

    private func failure(_ status: Int, _ code: String, _ message: String) -> HTTPResponse {
        json(status, Control.failure(code, message))
    }

    private func json(_ status: Int, _ value: JSONValue) -> HTTPResponse {
        HTTPResponse(
            status: status,
            headers: [("Content-Type", "application/json")],
            body: value.bytes,
        )
    }
}
