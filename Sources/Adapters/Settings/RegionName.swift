/// What a region may be called: as AWS names regions, such as `us-east-1`.
enum RegionName {
    static let bytesMax = 32

    /// Whether `name` is two letters, one or more words and a number, joined by hyphens.
    static func isValid(_ name: String) -> Bool {
        guard name.utf8.count <= bytesMax else { return false }
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 3, parts[0].utf8.count == 2,
            let number = parts.last, Quantities.digits(number) != nil
        else { return false }
        return parts.dropLast().allSatisfy { part in
            !part.isEmpty && part.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")) ~= $0 }
        }
    }

    static let rule = "is not a region's name (such as us-east-1, at most 32 characters)"
}
