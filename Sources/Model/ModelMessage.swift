/// A batch on its way: some of an origin's changes, and through which time they are all.
package struct ModelMessage: Equatable, Sendable {
    var source: UInt8 = 0
    var target: UInt8 = 0
    var origin: UInt8 = 0
    var after: ModelTime = 0
    var through: ModelTime = 0
    /// What the source claims to be stable, if it is its own present history; else zero.
    var claim: ModelTime = 0
    var changes = ModelSet()

    /// Tells messages apart, and orders those under way: which was sent first plays no part.
    var order: UInt64 {
        let ends = UInt64(source) << 8 | UInt64(target)
        let stretch = UInt64(origin) << 16 | UInt64(after) << 8 | UInt64(through)
        return ends << 40 | stretch << 16 | UInt64(changes.bits) << 8 | UInt64(claim)
    }
}

extension ModelMessage: CustomStringConvertible {
    package var description: String {
        let count = changes.bits.nonzeroBitCount
        let claims = claim > 0 ? ", claiming \(claim)" : ""
        return "\(source)→\(target): \(ModelStep.name(ofOrigin: Int(origin))) after \(after) "
            + "through \(through), \(count) changes\(claims)"
    }
}

extension ModelState {
    mutating func send(_ message: ModelMessage) {
        var place = messageCount
        while place > 0, messages[place - 1].order > message.order {
            messages[place] = messages[place - 1]
            place -= 1
        }
        messages[place] = message
        messageCount += 1
    }

    mutating func dropMessage(_ index: Int) {
        for place in index..<messageCount - 1 { messages[place] = messages[place + 1] }
        messageCount -= 1
        messages[messageCount] = ModelMessage()
    }
}
