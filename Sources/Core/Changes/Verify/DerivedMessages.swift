/// What `globalctl verify` asks a region about what it derives from a table's items: index entries,
/// the orders of expiry and of tombstones, sizes of item collections, and counts.
package struct DerivedRequest: Equatable, Sendable {
    /// What is looked through, one after another.
    package enum Part: UInt8, CaseIterable, Sendable {
        /// All that each item calls for is there.
        case items
        /// Every entry of an index is one that an item calls for; and so on.
        case indexes
        case expiries
        case tombstones
        case collections
        /// Counts and sizes are those of the rows.
        case counts
    }

    /// Where to go on: a part, and a key of its rows.
    package struct Place: Equatable, Sendable {
        package var part: Part
        package var from: [UInt8]

        package init(_ part: Part = .items, from: [UInt8] = []) {
            self.part = part
            self.from = from
        }
    }

    package var table: TableID
    package var place: Place

    package init(table: TableID, place: Place = Place()) {
        self.table = table
        self.place = place
    }

    package func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 128)
        writer.table(table)
        place.append(to: &writer)
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        self = try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            let table = try reader.table()
            return DerivedRequest(table: table, place: try Place(&reader))
        }
    }
}

extension DerivedRequest.Place {
    fileprivate func append(to writer: inout ByteWriter) {
        writer.byte(part.rawValue)
        writer.block(from)
    }

    fileprivate init(_ reader: inout ByteReader) throws(MalformedBytes) {
        guard let part = DerivedRequest.Part(rawValue: try reader.byte()) else {
            throw MalformedBytes("unknown part of what is derived")
        }
        self.init(part, from: try reader.block())
    }
}

/// What of a stretch is not what the items say.
package struct DerivedReply: Equatable, Sendable {
    package struct Finding: Equatable, Sendable {
        /// What is wrong, as `index by-day`.
        package var subject: String
        /// How, in words.
        package var problem: String
        /// The item's key as stored; empty where it is about no item.
        package var key: [UInt8]
        /// The key as the API writes it; empty where it cannot be read.
        package var keyText: String

        package init(subject: String, problem: String, key: [UInt8] = [], keyText: String = "") {
            self.subject = subject
            self.problem = problem
            self.key = key
            self.keyText = keyText
        }
    }

    package var findings: [Finding]
    /// What was too large to be looked at, in words.
    package var unchecked: [String]
    package var rows: Int
    /// Nil when all parts are done.
    package var next: DerivedRequest.Place?

    package init(
        findings: [Finding] = [],
        unchecked: [String] = [],
        rows: Int = 0,
        next: DerivedRequest.Place? = nil,
    ) {
        self.findings = findings
        self.unchecked = unchecked
        self.rows = rows
        self.next = next
    }

    package func encoded() -> [UInt8] {
        var writer = ByteWriter(reserving: 256)
        writer.count(rows)
        writer.byte(next == nil ? 0 : 1)
        next?.append(to: &writer)
        writer.count(unchecked.count)
        for text in unchecked { writer.text(text) }
        writer.count(findings.count)
        for finding in findings {
            writer.text(finding.subject)
            writer.text(finding.problem)
            writer.block(finding.key)
            writer.text(finding.keyText)
        }
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(MalformedBytes) {
        self = try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
            var reply = DerivedReply(rows: try reader.count())
            if try reader.byte() != 0 { reply.next = try DerivedRequest.Place(&reader) }
            for _ in 0..<(try reader.count(bytesEach: 1)) {
                reply.unchecked.append(try reader.text())
            }
            for _ in 0..<(try reader.count(bytesEach: 4)) {
                let subject = try reader.text()
                let problem = try reader.text()
                let key = try reader.block()
                reply.findings.append(
                    Finding(
                        subject: subject,
                        problem: problem,
                        key: key,
                        keyText: try reader.text(),
                    )
                )
            }
            return reply
        }
    }
}
