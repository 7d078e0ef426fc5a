/// Parts of a text that go by another way than as a tree: members at one depth, under certain names.
///
/// While it parses a text, the parser offers each of them that is an object to `pack`. What is not of
/// the kind that it knows, in whatever way, it leaves, and the parser reads that as ever: so it never
/// has to say what is wrong with anything.
package struct JSONPacking: Sendable {
    /// Reads the object whose bracket is at `position`, and moves behind it.
    ///
    /// Nil where it leaves that to the parser. What it takes must be JSON as the parser has it.
    package typealias Pack =
        @Sendable (_ text: UnsafeBufferPointer<UInt8>, _ position: inout Int) -> PackedJSON?

    /// How many arrays and objects are open around the members' values.
    let depth: Int
    let names: [String]
    let pack: Pack

    package init(depth: Int, names: [String], pack: @escaping Pack) {
        self.depth = depth
        self.names = names
        self.pack = pack
    }
}

/// What became of a part of a text that a `JSONPacking` took.
package struct PackedJSON: Equatable, Sendable {
    package let bytes: [UInt8]
    package let sizeBytes: Int

    package init(bytes: [UInt8], sizeBytes: Int) {
        self.bytes = bytes
        self.sizeBytes = sizeBytes
    }
}
