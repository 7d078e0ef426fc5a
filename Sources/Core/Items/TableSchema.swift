/// The primary key of a table: its attributes' names and types.
package struct TableSchema: Equatable, Sendable {
    package enum KeyType: String, Equatable, Sendable {
        case string = "S"
        case number = "N"
        case binary = "B"
    }

    package struct KeyAttribute: Equatable, Sendable {
        package var name: Text
        package var type: KeyType

        package init(name: Text, type: KeyType) {
            self.name = name
            self.type = type
        }
    }

    package var partition: KeyAttribute
    package var sort: KeyAttribute?

    /// The key attributes' names, the partition's first.
    package var keyNames: [Text] { sort.map { [partition.name, $0.name] } ?? [partition.name] }

    package init(partition: KeyAttribute, sort: KeyAttribute? = nil) {
        self.partition = partition
        self.sort = sort
    }
}
