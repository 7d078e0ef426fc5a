/// When and where a change was accepted: totally ordered by time, ties broken by origin.
///
/// No two changes of one item share a stamp; the changes of one transaction share theirs, each to
/// an item of its own.
package struct Stamp: Hashable, Comparable, Sendable {
    package let time: HybridTime
    package let origin: Origin

    package init(time: HybridTime, origin: Origin) {
        self.time = time
        self.origin = origin
    }

    package static func < (left: Stamp, right: Stamp) -> Bool {
        left.time != right.time ? left.time < right.time : left.origin < right.origin
    }
}

extension Stamp: CustomStringConvertible {
    package var description: String { "\(time)@\(origin)" }
}
