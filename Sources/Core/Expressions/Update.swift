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

extension Update.Action {
    /// Whether a document path in it, written or read, has the property.
    func contains(where property: (DocumentPath) -> Bool) -> Bool {
        if property(path) { return true }
        guard case .set(_, let operand) = self else { return false }
        return operand.contains(where: property)
    }
}

extension UpdateOperand {
    fileprivate func contains(where property: (DocumentPath) -> Bool) -> Bool {
        switch self {
        case .value: false
        case .path(let path): property(path)
        case .sum(let left, let right), .difference(let left, let right),
            .listAppend(let left, let right):
            left.contains(where: property) || right.contains(where: property)
        case .ifNotExists(let path, let operand):
            property(path) || operand.contains(where: property)
        }
    }
}
