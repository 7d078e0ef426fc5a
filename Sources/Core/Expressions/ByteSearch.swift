/// Finds bytes in bytes.
enum ByteSearch {
    /// Whether `part` occurs in `whole`; nothing occurs everywhere.
    ///
    /// Takes time in proportion to the sum of the two lengths (Knuth, Morris and Pratt), since both
    /// come from outside and may be hundreds of kilobytes long.
    static func contains(_ part: some Collection<UInt8>, in whole: some Collection<UInt8>) -> Bool {
        let pattern = Array(part)
        guard let first = pattern.first else { return true }
        guard pattern.count <= whole.count else { return false }
        if pattern.count == 1 { return whole.contains(first) }
        let borders = borders(of: pattern)
        var matched = 0
        for byte in whole {
            while matched > 0, pattern[matched] != byte { matched = borders[matched - 1] }
            if pattern[matched] == byte { matched += 1 }
            if matched == pattern.count { return true }
        }
        return false
    }

    /// For each prefix of the pattern the length of the longest shorter prefix that also ends it.
    private static func borders(of pattern: [UInt8]) -> [Int] {
        var borders = [Int](repeating: 0, count: pattern.count)
        var length = 0
        for index in 1..<pattern.count {
            while length > 0, pattern[length] != pattern[index] { length = borders[length - 1] }
            if pattern[length] == pattern[index] { length += 1 }
            borders[index] = length
        }
        return borders
    }
}
