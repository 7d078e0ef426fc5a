package import Items

/// What a request to update an item says in its expressions, and the names and values for their
/// placeholders, in the order of the request.
package struct UpdateTexts {
    package let update: String
    package let condition: String?
    package let names: [(String, String)]
    package let values: [(String, AttributeValue)]

    package init(
        update: String,
        condition: String?,
        names: [(String, String)]?,
        values: [(String, AttributeValue)]?,
    ) {
        self.update = update
        self.condition = condition
        self.names = names ?? []
        self.values = values ?? []
    }
}
