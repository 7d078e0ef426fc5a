/// The order in which the service lists names in some messages: that of the hash tables it keeps
/// them in, where a name's place follows from its UTF-16 code units.
enum HashOrder {
    /// The places of a table of which nothing was said when it was made.
    static let usualPlaces = 16

    /// The names without repetitions, as a table made with `places` gives them back.
    static func ordered(_ names: [String], places: Int) -> [String] {
        var distinct: [String] = []
        for name in names where !distinct.contains(name) { distinct.append(name) }
        var size = 1
        while size < places { size *= 2 }
        // A table doubles when it is more than three quarters full.
        while distinct.count * 4 > size * 3 { size *= 2 }
        let mask = UInt32(size - 1)
        return distinct.enumerated()
            .map { (place: hash($0.element) & mask, turn: $0.offset, name: $0.element) }
            .sorted { ($0.place, $0.turn) < ($1.place, $1.turn) }
            .map(\.name)
    }

    private static func hash(_ name: String) -> UInt32 {
        let sum = name.utf16.reduce(UInt32(0)) { $0 &* 31 &+ UInt32($1) }
        return sum ^ (sum >> 16)
    }
}
