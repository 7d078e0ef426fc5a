import Expressions
import Items
import Wire

/// What of a request can be checked only against the table.
extension Table {
    /// The key bytes of an item to be stored, which may have any other attributes.
    func key(ofItem item: Item) throws(ServiceError) -> [UInt8] {
        do throws(ItemKeyError) {
            return try ItemKey(schema: schema, item: item).bytes
        } catch {
            throw KeyValidation.itemError(error)
        }
    }

    /// The key bytes that a key names, which has the key attributes and no others.
    func key(named key: Item) throws(ServiceError) -> [UInt8] {
        do throws(ItemKeyError) {
            return try ItemKey(schema: schema, key: key).bytes
        } catch {
            throw KeyValidation.keyError(error)
        }
    }

    /// The key bytes that an `ExclusiveStartKey` names.
    func key(ofStart key: Item) throws(ServiceError) -> [UInt8] {
        do throws(ItemKeyError) {
            return try ItemKey(schema: schema, key: key).bytes
        } catch {
            throw .invalidStartKey(KeyValidation.keyError(error).message)
        }
    }

    /// Refuses paths into key attributes.
    func check(
        condition: ConditionExpression? = nil,
        projection: ProjectionExpression? = nil,
    ) throws(ServiceError) {
        try ServiceError.from { () throws(ExpressionError) in
            try projection?.checkKeyPaths(of: schema)
            try condition?.checkKeyPaths(of: schema)
        }
    }

    /// No table has indexes yet: queries and scans of one are refused here.
    func checkIndex(_ name: String?) throws(ServiceError) {
        if let name { throw .indexNotFound(name) }
    }
}
