import Changes
import Engine
import Replication

/// A link's request on its way to a region.
struct PeerRequest {
    enum Kind {
        case position(source: String)
        case feed([UInt8])
        case snapshot([UInt8])
        case apply([UInt8])
        case copy([UInt8])
    }

    let link: Int
    /// Which life of the link asked.
    let life: Int
    let id: Link.WorkID
    /// The region asked, by index.
    let region: Int
    var kind: Kind

    /// With its last bytes cut off.
    func truncated(_ random: inout SimulationRandom) -> PeerRequest {
        func cut(_ bytes: [UInt8]) -> [UInt8] {
            bytes.isEmpty ? bytes : Array(bytes.prefix(random.below(bytes.count)))
        }
        var request = self
        switch kind {
        case .position: break
        case .feed(let bytes): request.kind = .feed(cut(bytes))
        case .snapshot(let bytes): request.kind = .snapshot(cut(bytes))
        case .apply(let bytes): request.kind = .apply(cut(bytes))
        case .copy(let bytes): request.kind = .copy(cut(bytes))
        }
        return request
    }
}

/// A region's answer on its way to a link.
enum PeerResult {
    case bytes([UInt8])
    case nothing
    case refused(code: String, message: String)
    case unreachable

    func truncated(_ random: inout SimulationRandom) -> PeerResult {
        guard case .bytes(let bytes) = self, !bytes.isEmpty else { return .unreachable }
        return .bytes(Array(bytes.prefix(random.below(bytes.count))))
    }

    /// As the link that asked is told.
    func event(for request: PeerRequest) -> Link.Event {
        let id = request.id
        switch self {
        case .unreachable: return .failed(id, .unreachable("no answer"))
        case .refused(let code, let message):
            return .failed(id, .refused(code: code, message: message))
        case .nothing: return .nothingFetched(id)
        case .bytes(let bytes):
            do throws(MalformedBytes) {
                switch request.kind {
                case .position: return .positionRead(id, try ApplyReply(decoding: bytes))
                case .feed: return .fetched(id, try ChangeBatch.header(of: bytes), bytes)
                case .snapshot: return .chunkFetched(id, bytes)
                case .apply: return .applied(id, try ApplyReply(decoding: bytes))
                case .copy: return .chunkApplied(id, try ApplyReply(decoding: bytes))
                }
            } catch {
                return .failed(id, .malformed("\(error)"))
            }
        }
    }
}

/// One link of one daemon.
final class SimulatedLink {
    let index: Int
    let source: Int
    let target: Int
    /// Where its daemon stands.
    let place: Int
    let daemon: Int
    var machine: Link
    /// Counts the daemon's starts.
    var life = 0

    init(index: Int, source: Int, target: Int, place: Int, daemon: Int, machine: Link) {
        self.index = index
        self.source = source
        self.target = target
        self.place = place
        self.daemon = daemon
        self.machine = machine
    }
}
