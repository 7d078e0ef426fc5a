package import Items

/// What an update does to one item, as data; where it was written down does not matter here.
///
/// No two paths overlap or conflict; whoever builds the value sees to it.
package struct Update: Equatable, Sendable {
    package enum Action: Equatable, Sendable {
        case set(DocumentPath, UpdateOperand)
        case remove(DocumentPath)
        /// The value is a number or a set.
        case add(DocumentPath, AttributeValue)
        /// The value is a set.
        case delete(DocumentPath, AttributeValue)

        package var path: DocumentPath {
            switch self {
            case .set(let path, _), .remove(let path), .add(let path, _), .delete(let path, _):
                path
            }
        }
    }

    package var actions: [Action]

    package init(_ actions: [Action]) {
        self.actions = actions
    }
}

package indirect enum UpdateOperand: Equatable, Sendable {
    case value(AttributeValue)
    case path(DocumentPath)
    case sum(UpdateOperand, UpdateOperand)
    case difference(UpdateOperand, UpdateOperand)
    case ifNotExists(DocumentPath, UpdateOperand)
    case listAppend(UpdateOperand, UpdateOperand)
}
