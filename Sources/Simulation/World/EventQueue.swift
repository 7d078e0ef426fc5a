/// What is to happen, ordered by virtual time and then by the order of scheduling: a binary heap.
///
/// Events are large. They stay where they are put while their places move in the heap.
struct EventQueue<Event> {
    private struct Entry {
        let time: UInt64
        let sequence: UInt64
        let place: Int

        func isBefore(_ other: Entry) -> Bool {
            time != other.time ? time < other.time : sequence < other.sequence
        }
    }

    private var heap: [Entry] = []
    private var sequence: UInt64 = 0
    /// By place; nil where it has happened.
    private var events: [Event?] = []
    private var free: [Int] = []

    mutating func schedule(_ event: Event, at time: UInt64) {
        sequence += 1
        heap.append(Entry(time: time, sequence: sequence, place: keep(event)))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].isBefore(heap[parent]) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    mutating func next() -> (time: UInt64, event: Event)? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        guard let event = events[first.place].take() else { return nil }
        free.append(first.place)
        return (first.time, event)
    }

    private mutating func keep(_ event: Event) -> Int {
        guard let place = free.popLast() else {
            events.append(event)
            return events.count - 1
        }
        events[place] = event
        return place
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in (2 * parent + 1)...(2 * parent + 2) where child < heap.count {
                if heap[child].isBefore(heap[least]) { least = child }
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
