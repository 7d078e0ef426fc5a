import Glibc
import HTTPClient
import HTTPServer
import Synchronization
import Testing

/// What transfers came to, in the order of their completion.
private final class Outcomes: Sendable {
    private let list = Mutex<[(Int, Result<TransferResponse, TransferError>)]>([])

    func add(_ number: Int, _ result: Result<TransferResponse, TransferError>) {
        list.withLock { $0.append((number, result)) }
    }

    var all: [(Int, Result<TransferResponse, TransferError>)] { list.withLock { $0 } }

    func kind(_ number: Int) -> TransferError.Kind? {
        for (other, result) in all where other == number {
            if case .failure(let error) = result { return error.kind }
        }
        return nil
    }
}

@Test func `many transfers at once each complete once with their own reply`() throws {
    let server = try TestServer { request, writer in
        if request.body.count % 3 == 0 {
            after(milliseconds: 2) { echo(request, writer) }
        } else {
            echo(request, writer)
        }
    }
    defer { server.stop() }
    let client = try HTTPMultiClient()
    let outcomes = Outcomes()
    for number in 0..<300 {
        let body = [UInt8](repeating: 65, count: number * 100)
        let url = "\(server.url)/\(number)"
        client.start(TransferRequest(method: "POST", url: url, body: body)) {
            outcomes.add(number, $0)
        }
    }
    #expect(eventually { outcomes.all.count == 300 })
    for (number, result) in outcomes.all {
        let body = String(repeating: "A", count: number * 100)
        #expect(String(decoding: try result.get().body, as: UTF8.self) == "POST /\(number) \(body)")
    }
    #expect(Set(outcomes.all.map(\.0)).count == 300)
    client.shutDown()
}

@Test func `a long poll does not hold up others and can be cancelled`() throws {
    let held = HeldReplies()
    let server = try TestServer { request, writer in
        if request.uri == "/poll" { held.hold(writer) } else { echo(request, writer) }
    }
    defer { server.stop() }
    let client = try HTTPMultiClient()
    let outcomes = Outcomes()
    let poll = TransferRequest(method: "GET", url: "\(server.url)/poll")
    let cancelled = client.start(poll) { outcomes.add(1, $0) }
    client.start(poll) { outcomes.add(2, $0) }
    #expect(eventually { held.count == 2 })
    client.start(TransferRequest(method: "GET", url: server.url)) { outcomes.add(3, $0) }
    #expect(eventually { outcomes.all.map(\.0) == [3] })
    client.cancel(cancelled)
    #expect(eventually { outcomes.all.map(\.0) == [3, 1] })
    #expect(outcomes.kind(1) == .cancelled)
    client.cancel(cancelled)
    respond(to: held.take(), with: HTTPResponse(status: 200))
    #expect(eventually { outcomes.all.map(\.0) == [3, 1, 2] })
    client.shutDown()
}

@Test func `transfers fail by themselves without harm to others`() throws {
    let held = HeldReplies()
    let server = try TestServer { request, writer in
        if request.uri == "/poll" { held.hold(writer) } else { echo(request, writer) }
    }
    defer { server.stop() }
    let client = try HTTPMultiClient()
    let outcomes = Outcomes()
    let poll = TransferRequest(method: "GET", url: "\(server.url)/poll", timeoutMilliseconds: 1_000)
    client.start(poll) { outcomes.add(1, $0) }
    client.start(TransferRequest(method: "GET", url: "http://127.0.0.1:1")) { outcomes.add(2, $0) }
    client.start(TransferRequest(method: "G T", url: server.url)) { outcomes.add(3, $0) }
    client.start(TransferRequest(method: "GET", url: server.url)) { outcomes.add(4, $0) }
    #expect(eventually { outcomes.all.count == 4 })
    #expect(outcomes.kind(1) == .timeout)
    #expect(outcomes.kind(2) == .connect)
    #expect(outcomes.kind(3) == .invalid)
    #expect(outcomes.kind(4) == nil)
    client.shutDown()
}

@Test func `a body is said to be sent before its reply is there, and once`() throws {
    let held = HeldReplies()
    let server = try TestServer { _, writer in held.hold(writer) }
    defer { server.stop() }
    let client = try HTTPMultiClient()
    let outcomes = Outcomes()
    let told = Mutex(0)
    let body = [UInt8](repeating: 65, count: 3_000_000)
    let request = TransferRequest(method: "POST", url: server.url, body: body)
    client.start(request, whenSent: { told.withLock { $0 += 1 } }) { outcomes.add(1, $0) }
    #expect(eventually { held.count == 1 && told.withLock { $0 } == 1 })
    #expect(outcomes.all.isEmpty)
    // A handle that is used again says nothing of the transfer before.
    client.start(request) { outcomes.add(2, $0) }
    #expect(eventually { held.count == 2 })
    client.shutDown()
    #expect(told.withLock { $0 } == 1)
}

@Test func `a completion may start the next transfer`() throws {
    let server = try TestServer()
    defer { server.stop() }
    let client = try HTTPMultiClient()
    let outcomes = Outcomes()
    @Sendable func next(_ number: Int) {
        client.start(TransferRequest(method: "GET", url: server.url)) { result in
            outcomes.add(number, result)
            if number < 200 { next(number + 1) }
        }
    }
    next(1)
    #expect(eventually { outcomes.all.count == 200 })
    client.shutDown()
}

@Test func `a shutdown cancels what is under way and takes nothing further`() throws {
    let held = HeldReplies()
    let server = try TestServer { _, writer in held.hold(writer) }
    defer { server.stop() }
    let client = try HTTPMultiClient()
    let outcomes = Outcomes()
    for number in 1...3 {
        client.start(TransferRequest(method: "GET", url: server.url)) { outcomes.add(number, $0) }
    }
    #expect(eventually { held.count == 3 })
    client.shutDown()
    #expect(outcomes.all.map(\.0) == [1, 2, 3])
    client.start(TransferRequest(method: "GET", url: server.url)) { outcomes.add(4, $0) }
    #expect(outcomes.kind(4) == .cancelled)
    client.shutDown()
}
