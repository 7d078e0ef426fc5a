import Items

/// An expression of a statement as it was written down, before it is known what it may mean where it
/// stands.
struct StatementNode: Equatable, Sendable {
    indirect enum Kind: Equatable, Sendable {
        case string(String)
        /// With its sign, if it has one.
        case number(String)
        case bool(Bool)
        case null
        case missing
        /// `?`, counted from 0.
        case parameter(Int)
        case path(DocumentPath)
        case list([StatementNode])
        case bag([StatementNode])
        case tuple([Entry])
        /// The name is in lower case.
        case call(String, [StatementNode])
        /// A sign before anything but a number.
        case sign(String, StatementNode)
        case compare(StatementNode, ConditionComparison, StatementNode)
        case between(StatementNode, StatementNode, StatementNode)
        case isIn(StatementNode, StatementNode)
        case isType(StatementNode, StatementTypeName)
        case and([StatementNode])
        case or([StatementNode])
        case not(StatementNode)
        /// What the service reads and does not carry out, or only in updates: `+`, `like`.
        case infix(StatementNode, String, StatementNode)
    }

    struct Entry: Equatable, Sendable {
        let name: StatementNode
        let value: StatementNode
    }

    let kind: Kind
    /// Of the first token.
    let span: SourceSpan
}

/// A type after IS, in upper case.
struct StatementTypeName: Equatable, Sendable {
    let text: String

    /// Nil for a type that SQL knows and tables do not have.
    var attributeType: AttributeTypeName? {
        switch text {
        case "NULL": .null
        case "BOOL", "BOOLEAN": .bool
        case "BLOB": .binary
        case "STRING": .string
        case "NUMERIC": .number
        case "STRUCT", "TUPLE": .map
        case "LIST": .list
        default: nil
        }
    }
}

/// A statement as it was written down.
enum StatementTree: Equatable, Sendable {
    struct Source: Equatable, Sendable {
        let node: StatementNode
        let isAliased: Bool
    }

    struct Select: Equatable, Sendable {
        struct Column: Equatable, Sendable {
            let node: StatementNode
            let isAliased: Bool
        }

        struct Order: Equatable, Sendable {
            let node: StatementNode
            let isDescending: Bool
        }

        /// Nil for `*`.
        var columns: [Column]?
        var source: Source
        var condition: StatementNode?
        var order: [Order] = []
        /// The first clause that no table serves, as messages name it.
        var unsupportedClause: String?
    }

    enum Change: Equatable, Sendable {
        case set(DocumentPath, StatementNode)
        case remove(DocumentPath)
    }

    struct Update: Equatable, Sendable {
        var source: Source
        var changes: [Change]
        var condition: StatementNode?
        var returning: StatementReturning?
    }

    struct Delete: Equatable, Sendable {
        var source: Source
        var condition: StatementNode?
        var returning: StatementReturning?
    }

    struct Insert: Equatable, Sendable {
        var source: Source
        var value: StatementNode
        /// What followed the item and may not.
        var unsupported: String?
    }

    case select(Select)
    case insert(Insert)
    case update(Update)
    case delete(Delete)
    case exists(Select)
    /// An expression alone.
    case expression(StatementNode)
}

/// `RETURNING ALL NEW *` and its like.
package struct StatementReturning: Equatable, Sendable, CustomStringConvertible {
    /// Only what the statement changed.
    package let isModified: Bool
    package let isNew: Bool

    package var description: String {
        "RETURNING \(isModified ? "MODIFIED" : "ALL") \(isNew ? "NEW" : "OLD") *"
    }
}
