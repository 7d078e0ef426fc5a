import Items
import JSON
import Testing

struct StoredFormTests {
    @Test func `any item comes back, alone and behind other bytes`() throws {
        var random = SplitMix64(seed: 40)
        for _ in 0..<3000 {
            let item = RandomItem.item(&random)
            let bytes = item.encoded()
            #expect(try Item(decoding: bytes) == item)
            var appended: [UInt8] = [9]
            item.append(to: &appended)
            #expect(appended == [9] + bytes)
        }
    }

    @Test func `JSON, size and attributes from the stored form are those of the item`() throws {
        var random = SplitMix64(seed: 41)
        for _ in 0..<3000 {
            let item = RandomItem.item(&random)
            var (direct, tree) = (JSONWriter(), JSONWriter())
            item.write(to: &tree)
            let wanted = item.attributes.prefix(2)
            let scan = try item.encoded().withUnsafeBytes { stored in
                try Item.write(stored: stored, to: &direct)
                return try StoredScan(stored: stored, wanted: wanted.map(\.name) + ["absent"])
            }
            #expect(direct.bytes == tree.bytes)
            #expect(scan.sizeBytes == item.sizeBytes)
            #expect(scan.item == Item(Array(wanted)))
        }
    }

    @Test func `damaged bytes never trap, and what is accepted is the one form of its item`() {
        var random = SplitMix64(seed: 42)
        for _ in 0..<40000 {
            var bytes = RandomItem.item(&random, depth: 2).encoded()
            for _ in 0..<Int.random(in: 1...2, using: &random) where !bytes.isEmpty {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes[index] = UInt8.random(in: 0...12, using: &random)
                case 2: bytes.removeSubrange(index...)
                default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: index)
                }
            }
            survive(bytes)
        }
    }

    @Test func `random bytes never trap`() {
        var random = SplitMix64(seed: 43)
        for _ in 0..<40000 {
            survive(
                [1]
                    + (0..<Int.random(in: 0...30, using: &random)).map { _ in
                        Bool.random(using: &random)
                            ? UInt8.random(in: 0...11, using: &random)
                            : UInt8.random(in: 0...255, using: &random)
                    }
            )
        }
    }

    @Test func `nesting beyond the limit is refused without following it`() {
        var bytes: [UInt8] = [0]
        for _ in 0..<10000 {
            let length = UInt32(bytes.count + 1)
            let lengthBytes = (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * UInt32($0))) }
            bytes = [9] + lengthBytes + [1] + bytes
        }
        bytes = [1, 1, 1, 0x61] + bytes
        #expect(throws: StoredFormError.tooDeep) { try Item(decoding: bytes) }
        survive(bytes)
    }

    @Test func `a stored item has these bytes for ever`() throws {
        let item = Item([
            Item.Attribute("a", .string("hi")), Item.Attribute("b", .number(DecimalNumber(-120))),
            Item.Attribute("c", .bool(true)), Item.Attribute("d", .list([.null])),
        ])
        let bytes: [UInt8] =
            [1, 4] + [1, 0x61, 3, 2, 0x68, 0x69] + [1, 0x62, 4, 4, 1, 123, 242, 255]
            + [1, 0x63, 2] + [1, 0x64, 9, 2, 0, 0, 0, 1, 0]
        #expect(item.encoded() == bytes)
    }

    private func survive(_ bytes: [UInt8]) {
        let scan = bytes.withUnsafeBytes { stored in
            var writer = JSONWriter()
            _ = try? Item.write(stored: stored, to: &writer)
            return try? StoredScan(stored: stored)
        }
        let item = try? Item(decoding: bytes)
        #expect(scan?.sizeBytes == item?.sizeBytes)
        guard let item else { return }
        #expect(item.encoded() == bytes)
    }
}
