/// What a visit of all states begins with and may contain.
package struct ModelScenario: Sendable {
    package var name: String
    /// Otherwise the last region joins.
    var beginsWithThree = true
    var items = 1
    /// Regions that write.
    var writers = [0, 1, 2]
    var budget = ModelBudget()
    var relays = true
    /// Whether the entries of idle regions move with what they merge, and writes carry stable times.
    var hasStableTimes = false
    /// Whether tombstones go; without, what members claim plays no part.
    var forgets = false
    /// How many batches may be under way; 0 for each arriving at once.
    var underWayMax = 0
    package var bug: ModelBug?

    init(_ name: String, writes: UInt8, _ set: (inout ModelScenario) -> Void) {
        self.name = name
        budget.writes = writes
        set(&self)
        if forgets { hasStableTimes = true }
    }

    package static func named(_ name: String) -> ModelScenario? { all.first { $0.name == name } }

    /// Between them they have every kind of step.
    package static let all: [ModelScenario] = [
        ModelScenario("late, double and out of order", writes: 3) {
            $0.writers = [0, 1]
            $0.underWayMax = 2
        },
        ModelScenario("ship and relay", writes: 3) { _ in },
        ModelScenario("stable times", writes: 3) {
            $0.hasStableTimes = true
        },
        ModelScenario("forget", writes: 2) {
            $0.budget.deletes = 1
            $0.forgets = true
        },
        ModelScenario("forget, three writes", writes: 3) {
            $0.writers = [0, 1]
            $0.budget.deletes = 1
            $0.relays = false
            $0.forgets = true
        },
        ModelScenario("two items", writes: 3) {
            $0.items = 2
        },
        ModelScenario("new incarnations", writes: 3) {
            $0.writers = [0, 1]
            $0.budget.restarts = 1
            $0.hasStableTimes = true
        },
        ModelScenario("older files", writes: 3) {
            $0.writers = [0, 1]
            $0.budget.rollbacks = 1
            $0.hasStableTimes = true
        },
        ModelScenario("join", writes: 2) {
            $0.writers = [1, 2]
            $0.budget.deletes = 1
            $0.beginsWithThree = false
            $0.budget.joins = 1
            $0.forgets = true
        },
        ModelScenario("join, two items", writes: 3) {
            $0.items = 2
            $0.writers = [0, 1]
            $0.beginsWithThree = false
            $0.budget.joins = 1
        },
        ModelScenario("too far behind", writes: 3) {
            $0.budget.trims = 1
        },
        ModelScenario("too far behind, two items", writes: 2) {
            $0.items = 2
            $0.budget.trims = 1
        },
        ModelScenario("too far behind, forget", writes: 2) {
            $0.writers = [0]
            $0.budget.deletes = 1
            $0.budget.trims = 1
            $0.relays = false
            $0.forgets = true
        },
        ModelScenario("older files, too far behind", writes: 2) {
            $0.writers = [0, 1]
            $0.beginsWithThree = false
            $0.budget.deletes = 1
            $0.budget.trims = 1
            $0.budget.rollbacks = 1
            $0.forgets = true
        },
        ModelScenario("leave", writes: 3) {
            $0.budget.leaves = 1
            $0.hasStableTimes = true
        },
    ]
}
