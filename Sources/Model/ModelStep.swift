/// One step of the protocol.
package enum ModelStep: Equatable, Sendable {
    case write(region: Int, item: Int, isDelete: Bool)
    /// A batch leaves its source, and is under way.
    case ship(ModelMessage)
    /// A batch that is under way is lost.
    case lose(Int, ModelMessage)
    /// The target merges a batch. It may come again if it was under way.
    case apply(ModelMessage)
    case hear(region: Int, peer: Int)
    /// A crash, and the start of a new incarnation.
    case restart(region: Int)
    case keepFiles
    /// A crash, and the start of a new incarnation from older files.
    case rollBack
    case forget(region: Int, item: Int)
    case trim(region: Int, origin: Int)
    case fallBehind(region: Int, origin: Int, needed: ModelTime)
    case copy(source: Int, target: Int)
    case copyAnew(region: Int)
    case invite
    case learnInvitation(region: Int)
    case leave
    case goes
    case learnLeaving(region: Int)

    /// The kinds, by the names that docs/PROTOCOL.md uses.
    package enum Kind: String, CaseIterable, Sendable {
        case write, delete, ship, lose, apply, relay, hear, restart, keepFiles, rollBack, forget
        case trim, fallBehind, copy, copyAnew, invite, learnInvitation, leave, goes, learnLeaving
    }

    package var kind: Kind {
        switch self {
        case .write(_, _, let isDelete): isDelete ? .delete : .write
        case .ship: .ship
        case .lose: .lose
        case .apply(let batch):
            Int(batch.origin) / ModelState.incarnations == Int(batch.source) ? .apply : .relay
        case .hear: .hear
        case .restart: .restart
        case .keepFiles: .keepFiles
        case .rollBack: .rollBack
        case .forget: .forget
        case .trim: .trim
        case .fallBehind: .fallBehind
        case .copy: .copy
        case .copyAnew: .copyAnew
        case .invite: .invite
        case .learnInvitation: .learnInvitation
        case .leave: .leave
        case .goes: .goes
        case .learnLeaving: .learnLeaving
        }
    }

    /// The region whose own state the step changes; nil for what is between regions.
    var mover: Int? {
        switch self {
        case .write(let region, _, _), .restart(let region), .forget(let region, _): region
        case .trim(let region, _), .fallBehind(let region, _, _), .hear(let region, _): region
        case .copyAnew(let region), .learnInvitation(let region): region
        case .learnLeaving(let region), .copy(_, let region): region
        case .apply(let batch): Int(batch.target)
        case .rollBack, .invite: 0
        case .leave, .goes: 2
        case .ship, .lose, .keepFiles: nil
        }
    }

    /// Region and incarnation: `1b` is the second of region 1.
    static func name(ofOrigin origin: Int) -> String {
        let incarnation = origin % ModelState.incarnations == 0 ? "a" : "b"
        return "\(origin / ModelState.incarnations)\(incarnation)"
    }
}

extension ModelStep: CustomStringConvertible {
    package var description: String {
        switch self {
        case .write(let region, let item, false): "region \(region) puts item \(item)"
        case .write(let region, let item, true): "region \(region) deletes item \(item)"
        case .ship(let batch): "under way \(batch)"
        case .lose(_, let batch): "lost \(batch)"
        case .apply(let batch): "applied \(batch)"
        case .hear(let region, let peer): "region \(region) hears region \(peer)"
        case .restart(let region): "region \(region) starts again"
        case .keepFiles: "region 0's files are copied"
        case .rollBack: "region 0 starts from its older files"
        case .forget(let region, let item): "region \(region) forgets the delete of item \(item)"
        case .trim(let region, let origin):
            "region \(region) lets go of the history of \(Self.name(ofOrigin: origin))"
        case .fallBehind(let region, let origin, let needed):
            "region \(region) finds \(Self.name(ofOrigin: origin)) gone through \(needed)"
        case .copy(let source, let target): "region \(target) copies an item of region \(source)"
        case .copyAnew(let region): "region \(region) begins its copy anew"
        case .invite: "region 0 invites region 2"
        case .learnInvitation(let region): "region \(region) learns of the invitation"
        case .leave: "region 2 is to leave"
        case .goes: "region 2 goes"
        case .learnLeaving(let region): "region \(region) learns that region 2 has gone"
        }
    }
}
