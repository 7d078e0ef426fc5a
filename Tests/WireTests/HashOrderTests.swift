import Testing

@testable import Wire

/// Lists in messages of the service, and in what order it was given the names.
@Test(arguments: [
    (["sk", "a", "b", "pk", "c"], 5, ["sk", "a", "b", "pk", "c"]),
    (["c", "pk", "b", "a", "sk"], 5, ["sk", "a", "b", "c", "pk"]),
    (["pk", "sk", "a"], 16, ["a", "sk", "pk"]),
    (["my-hash", "my-string", "my-int"], 3, ["my-string", "my-int", "my-hash"]),
    (["my-string", "my-hash"], 16, ["my-hash", "my-string"]),
    (["pk", "sk"], 2, ["sk", "pk"]),
    (["sk", "sk"], 16, ["sk"]),
    ([], 0, []),
])
func `names come in the order of a hash table`(names: [String], places: Int, order: [String]) {
    #expect(HashOrder.ordered(names, places: places) == order)
}
