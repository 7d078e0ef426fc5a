/// The capacity a table is created or updated with; both parts at least 1 in a request.
package struct ProvisionedThroughput: Equatable, Sendable {
    package var readCapacityUnits: Int64
    package var writeCapacityUnits: Int64

    package init(readCapacityUnits: Int64, writeCapacityUnits: Int64) {
        self.readCapacityUnits = readCapacityUnits
        self.writeCapacityUnits = writeCapacityUnits
    }
}
