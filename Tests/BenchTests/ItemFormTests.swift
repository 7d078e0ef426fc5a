import ArgumentParser
import JSON
import Testing

@testable import bench

/// What the load takes for a right answer.
struct ItemFormTests {
    private let form: ItemForm

    init() throws {
        form = ItemForm(try ItemOptions.parse(["--per-partition", "100"]))
    }

    /// An item as a region answers it: compact, by the names of the attributes.
    private func answered(_ number: Int, version: UInt64) throws -> [UInt8] {
        var written: [UInt8] = []
        form.append(number, version: version, to: &written)
        guard case .object(let members) = try JSONParser.parse(written) else { return [] }
        return JSONValue.object(members.sorted { $0.name < $1.name }).bytes
    }

    private func plain(_ bytes: [UInt8]) -> Int? {
        bytes.withUnsafeBytes { form.plainItem($0)?.number }
    }

    private func searched(_ bytes: [UInt8]) -> Int? {
        bytes.withUnsafeBytes { bytes in
            JSONScan.object(startOf: bytes).flatMap { form.number(of: $0) }
        }
    }

    @Test(arguments: [(0, 1), (7, 99_999), (99, 100_000), (12_345, 1_764_153_600_123_000_042)])
    func `an item is whole in one pass and by search`(number: Int, version: UInt64) throws {
        let bytes = try answered(number, version: version)
        #expect(plain(bytes) == number)
        #expect(searched(bytes) == number)
        #expect(bytes.withUnsafeBytes { form.plainItem($0)?.byteCount } == bytes.count)
        let get = Array(#"{"Item":"#.utf8) + bytes + Array("}".utf8)
        get.withUnsafeBytes { get in
            #expect(form.verify(get, is: number))
            #expect(!form.verify(get, is: number + 1))
        }
    }

    @Test func `one pass takes nothing that a search refuses`() throws {
        let bytes = try answered(4_242, version: 77)
        var refused = 0
        for index in bytes.indices {
            for byte in Array("\"\\{}: 1x".utf8) where byte != bytes[index] {
                var (changed, longer, shorter) = (bytes, bytes, bytes)
                changed[index] = byte
                longer.insert(byte, at: index)
                shorter.remove(at: index)
                for damaged in [changed, longer, shorter, Array(bytes[..<index])] {
                    guard let number = plain(damaged) else {
                        refused += 1
                        continue
                    }
                    #expect(searched(damaged) == number)
                }
            }
        }
        #expect(refused > bytes.count)
    }

    private func changed(_ bytes: [UInt8], _ old: String, _ new: String) -> [UInt8] {
        Array(String(decoding: bytes, as: UTF8.self).replacing(old, with: new).utf8)
    }

    @Test func `the items of a page are told one by one, in whatever form`() throws {
        let items = try (200..<203).map { try answered($0, version: 5) }
        let damaged = changed(items[1], #""version":{"N":"5""#, #""version":{"N":"6""#)
        let spaced = changed(items[0], ",", ", ")
        let page =
            Array(#"{"Count":4,"Items":["#.utf8)
            + [items[0], damaged, spaced, items[2]].joined(separator: Array(", ".utf8))
        var found: [Int?] = []
        let isWhole = (page + Array("]}".utf8)).withUnsafeBytes { page in
            form.forEachNumber(in: page) { found.append($0) }
        }
        #expect(isWhole)
        #expect(found == [200, nil, 200, 202])
        #expect(!page.withUnsafeBytes { form.forEachNumber(in: $0) { _ in } })
        #expect(!page.dropLast(2).withUnsafeBytes { form.forEachNumber(in: $0) { _ in } })
    }
}
