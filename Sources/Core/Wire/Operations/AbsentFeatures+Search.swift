import JSON

extension AbsentFeatureRequest {
    /// The numbers that a vector may have.
    private static let vectorLengthRange = 1...4096

    /// A search in a vector index, of which no table has any.
    init(search fields: Fields, _ checks: inout Checks) throws(ServiceError) {
        let table = try checks.tableName(fields)
        let index = try checks.required(fields, "IndexName")
        if fields["IndexName"] != nil {
            checks.checkName(index, at: fields.location("IndexName"))
        }
        if let vector = try fields.list("SearchVector") {
            checks.checkLength(
                vector.count,
                fields.location("SearchVector"),
                value: vector.isEmpty ? "[]" : "[...]",
                Self.vectorLengthRange,
            )
            for number in vector { _ = try checks.value(number) }
        } else {
            checks.violateNotNull(fields.location("SearchVector"))
        }
        if try checks.integer(fields, "TopK", in: 1...Int(Int32.max)) == nil {
            checks.violateNotNull(fields.location("TopK"))
        }
        _ = try checks.names(fields)
        _ = try checks.values(fields)
        _ = try fields.string("ProjectionExpression")
        _ = try fields.string("SearchConditionExpression")
        let _: ReturnConsumedCapacity? = try checks.choice(fields, "ReturnConsumedCapacity")
        present = [Table(name: table, error: .tableNotFound)]
        answer = .failure(.indexNotFound(index))
    }
}
