package import Items

/// What an update writes, in bytes, as the service measures an `UpdateExpression`.
///
/// UpdateItem bounds two things by the size of an item: the item that comes of it, and what its
/// expression says. The second leaves the key and all untouched attributes out, and counts a cost for
/// each action, function and path; no documentation has it, but the service's answers do (measured
/// in most of its regions in October 2026). Costs are in bytes.
enum UpdateCost {
    static let update = 3
    /// SET and ADD, beside the path and the value.
    static let set = 19
    /// REMOVE and DELETE, beside the path.
    static let remove = 1
    static let sum = 34
    static let difference = 37
    static let ifNotExists = 39
    static let listAppend = 37
    /// A path that is read, beside its elements.
    static let readPath = 1
    /// An element of a path that is read, beside its name or the digits of its index.
    static let readElement = 14
    /// The same of a path that is written, from the second element on.
    static let writtenElement = 4
}

extension Update {
    /// The bytes that this update of `item`, as it was before, is measured with.
    package func chargedBytes(on item: Item?) -> Int {
        actions.reduce(UpdateCost.update) { $0 + $1.chargedBytes(on: item) }
    }
}

extension Update.Action {
    fileprivate func chargedBytes(on item: Item?) -> Int {
        switch self {
        case .set(let path, let operand):
            UpdateCost.set + path.writtenBytes + operand.chargedBytes
        case .remove(let path), .delete(let path, _):
            UpdateCost.remove + path.writtenBytes
        case .add(let path, let value):
            UpdateCost.set + path.writtenBytes
                + value.addedBytes(to: item.flatMap { path.value(in: $0) })
        }
    }
}

extension UpdateOperand {
    /// A value counts at every use; what a path leads to, and what comes of a sum, does not.
    fileprivate var chargedBytes: Int {
        switch self {
        case .value(let value): value.sizeBytes
        case .path(let path): path.readBytes
        case .sum(let left, let right):
            UpdateCost.sum + left.chargedBytes + right.chargedBytes
        case .difference(let left, let right):
            UpdateCost.difference + left.chargedBytes + right.chargedBytes
        case .ifNotExists(let path, let operand):
            UpdateCost.ifNotExists + path.readBytes + operand.chargedBytes
        case .listAppend(let left, let right):
            UpdateCost.listAppend + left.chargedBytes + right.chargedBytes
        }
    }
}

extension AttributeValue {
    /// Of a set, only the members count that the set before does not have.
    fileprivate func addedBytes(to before: AttributeValue?) -> Int {
        let added: AttributeValue =
            switch (before, self) {
            case (.stringSet(let old), .stringSet(let new)):
                .stringSet(SortedSet.difference(new, old, by: <))
            case (.numberSet(let old), .numberSet(let new)):
                .numberSet(SortedSet.difference(new, old, by: <))
            case (.binarySet(let old), .binarySet(let new)):
                .binarySet(SortedSet.difference(new, old) { $0.lexicographicallyPrecedes($1) })
            default: self
            }
        return added.sizeBytes
    }
}

extension DocumentPath {
    fileprivate var writtenBytes: Int {
        rest.reduce(head.utf8Count) { $0 + UpdateCost.writtenElement + $1.bytes }
    }

    fileprivate var readBytes: Int {
        rest.reduce(UpdateCost.readPath + UpdateCost.readElement + head.utf8Count) {
            $0 + UpdateCost.readElement + $1.bytes
        }
    }
}

extension DocumentPath.Element {
    fileprivate var bytes: Int {
        switch self {
        case .name(let name): name.utf8Count
        case .index(let index): String(index).utf8.count
        }
    }
}
