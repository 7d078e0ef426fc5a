/// What a global secondary index may take, as requests say it and descriptions keep it.
package struct IndexCapacity: Equatable, Sendable {
    /// Of an index that there is: present if and only if its table is PROVISIONED.
    package var throughput: ProvisionedThroughput?
    /// Only where the table is PAY_PER_REQUEST; independent of the table's maxima.
    package var onDemand: OnDemandThroughput?
    /// As requests gave it; what the index has is at least what a new one has.
    package var warm: WarmThroughput?

    package init(
        throughput: ProvisionedThroughput? = nil,
        onDemand: OnDemandThroughput? = nil,
        warm: WarmThroughput? = nil,
    ) {
        self.throughput = throughput
        self.onDemand = onDemand
        self.warm = warm
    }

    /// Checks what a new index has beside its provisioned throughput.
    package func check(ofNew name: String, mode: BillingMode) throws(ServiceError) {
        try onDemand?.check(ofNew: .index(name), mode: mode)
        try warm?.check(ofNew: .index(name), provisioned: throughput)
    }
}
