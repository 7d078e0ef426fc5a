/// The plain digits of a number straight from its ordered bytes, without a number in between.
///
/// It gives what `DecimalNumber.decodeOrdered` and `DecimalNumber.write` give together, for numbers
/// that are not very long in plain digits: a third of the time that these take.
enum OrderedDigits {
    /// The places before the point that it takes: the most zeros are behind the point of a small
    /// number, or before that of a great one.
    private static let wholePlaces = -20...40
    /// A sign, "0.", zeros and all pairs; a great number has no zeros in front.
    static let bytesMax = 1 + 2 + 20 + 2 * pairsMax
    private static let pairsMax = 19

    /// Writes at most `bytesMax` bytes.
    ///
    /// - Returns: how many; nil where it is not one of the numbers for this path, or none at all.
    @inline(__always)
    static func write(
        _ ordered: UnsafeRawBufferPointer,
        to target: UnsafeMutableRawPointer,
    ) -> Int? {
        // Sign, scale, pairs, end.
        guard let bytes = ordered.baseAddress, ordered.count >= 4,
            ordered.count <= DecimalNumber.orderedBytesMax
        else { return zero(ordered, target) }
        let sign = bytes.load(as: UInt8.self)
        guard sign == 3 || sign == 1 else { return nil }
        let mask: UInt8 = sign == 1 ? 0xff : 0
        guard bytes.load(fromByteOffset: ordered.count - 1, as: UInt8.self) == mask else {
            return nil
        }
        let scale = Int(bytes.load(fromByteOffset: 1, as: UInt8.self) ^ mask) - 130
        guard wholePlaces.contains(scale + 1) else { return nil }
        var start = target
        if sign == 1 { put(UInt8(ascii: "-"), &start) }
        if scale < 0 {
            put(UInt8(ascii: "0"), &start)
            put(UInt8(ascii: "."), &start)
            for _ in scale + 1..<0 { put(UInt8(ascii: "0"), &start) }
        }
        var end = start
        var pair = 0
        for index in 2..<ordered.count - 1 {
            pair = Int(bytes.load(fromByteOffset: index, as: UInt8.self) ^ mask) - 1
            // An end before the last byte is -1; the first digit is never zero.
            guard pair >= 0, pair < 100, index > 2 || pair >= 10 else { return nil }
            let tens = pair / 10
            put(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: tens), &end)
            put(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: pair - 10 * tens), &end)
        }
        guard pair != 0 else { return nil }
        if pair % 10 == 0 { end -= 1 }
        if scale >= 0 { place(scale + 1, start, &end) }
        return end - target
    }

    /// Puts the point behind `whole` digits of those between `start` and `end`, or zeros to them.
    @inline(__always)
    private static func place(
        _ whole: Int,
        _ start: UnsafeMutableRawPointer,
        _ end: inout UnsafeMutableRawPointer,
    ) {
        let count = end - start
        guard count > whole else {
            for _ in count..<whole { put(UInt8(ascii: "0"), &end) }
            return
        }
        let point = start + whole
        (point + 1).copyMemory(from: point, byteCount: count - whole)
        point.storeBytes(of: UInt8(ascii: "."), as: UInt8.self)
        end += 1
    }

    private static func zero(
        _ ordered: UnsafeRawBufferPointer,
        _ target: UnsafeMutableRawPointer,
    ) -> Int? {
        guard ordered.count == 1, ordered[0] == 2 else { return nil }
        target.storeBytes(of: UInt8(ascii: "0"), as: UInt8.self)
        return 1
    }

    @inline(__always)
    private static func put(_ byte: UInt8, _ end: inout UnsafeMutableRawPointer) {
        end.storeBytes(of: byte, as: UInt8.self)
        end += 1
    }
}
