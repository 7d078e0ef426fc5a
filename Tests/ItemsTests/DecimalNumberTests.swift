import Items
import Testing

struct DecimalNumberTests {
    @Test(arguments: [
        ("0", "0"), ("-0", "0"), ("0.000", "0"), ("0e125", "0"), ("-0e-130", "0"),
        ("3", "3"), ("+3", "3"), ("-7.1234", "-7.1234"), ("-17e5", "-1700000"), ("1E+2", "100"),
        (".5", "0.5"), ("5.", "5"), ("0001.2300", "1.23"), ("1e-3", "0.001"), ("-1.5", "-1.5"),
        ("100", "100"), ("100.0", "100"), ("1234567890123456789", "1234567890123456789"),
        ("12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
        ("0.12345678901234567890123456789012345678", "0.12345678901234567890123456789012345678"),
        ("99999999999999999999999999999999999999", "99999999999999999999999999999999999999"),
        ("1e40", "1" + String(repeating: "0", count: 40)),
        ("1e125", "1" + String(repeating: "0", count: 125)),
        ("1e-130", "0." + String(repeating: "0", count: 129) + "1"),
        ("1000000000000000000", "1000000000000000000"),
        ("1000000000000000001", "1000000000000000001"),
        ("100000000000000000", "100000000000000000"),
        ("100000000000000001.5", "100000000000000001.5"),
    ])
    func `text becomes plain digits`(text: String, plain: String) throws {
        #expect(try DecimalNumber(parsing: text).description == plain)
    }

    @Test func `a zero has an exponent that a number can have`() {
        #expect(throws: DecimalError.overflow) { try DecimalNumber(parsing: "0e126") }
        #expect(throws: DecimalError.overflow) { try DecimalNumber(parsing: "-0e99999999999") }
        #expect(throws: DecimalError.underflow) { try DecimalNumber(parsing: "0e-131") }
        #expect(throws: DecimalError.underflow) { try DecimalNumber(parsing: "0.0e-130") }
    }

    @Test(arguments: [
        "", "dog", "-", "+", ".", "-.", "e5", "1e", "1e+", "--1", "+-1", " 1", "1 ", "1 2", "NaN",
        "Infinity", "-Infinity", "1.2.3", "1,5", "0x10", "1_000", "1e5.5", "1٠",
        "1e9223372036854775808", "0e-99999999999999999999",
    ])
    func `text that is no number is refused`(text: String) {
        #expect(throws: DecimalError.notANumber) { try DecimalNumber(parsing: text) }
    }

    @Test(arguments: [
        ("1e126", DecimalError.overflow), ("11e125", .overflow), ("-1e126", .overflow),
        ("1e9999999999999999", .overflow), ("9.99e125", nil),
        ("1e-131", .underflow), ("0.9e-130", .underflow), ("-1e-131", .underflow),
        ("1e-9999999999999999", .underflow), ("9e-130", nil),
        ("123456789012345678901234567890123456789", .tooManyDigits),
        ("1.00000000000000000000000000000000000001", .tooManyDigits),
        ("123456789012345678901234567890123456780", nil),
        ("3.1415926535897932384626433832795028841", nil),
        ("3.14159265358979323846264338327950288419", .tooManyDigits),
    ])
    func `range and precision are the API's`(text: String, error: DecimalError?) {
        var thrown: DecimalError?
        do throws(DecimalError) { _ = try DecimalNumber(parsing: text) } catch { thrown = error }
        #expect(thrown == error)
    }

    @Test(arguments: [
        ("1", "2", "3"), ("1", "-1", "0"), ("0.1", "0.2", "0.3"), ("99", "1", "100"),
        ("1", "10000000000000000000000", "10000000000000000000001"),
        ("5e-130", "5e-130", "1e-129"), ("1e125", "8e125", "9e125"),
        ("99999999999999999999999999999999999999", "1", "1e38"),
        ("1e38", "-1", "99999999999999999999999999999999999999"),
        (
            "50000000000000000000000000000000000005", "50000000000000000000000000000000000005",
            "100000000000000000000000000000000000010"
        ),
        ("-1.5", "0", "-1.5"), ("0", "-1.5", "-1.5"),
    ])
    func `sums are exact`(left: String, right: String, sum: String) throws {
        let (left, right) = (try DecimalNumber(parsing: left), try DecimalNumber(parsing: right))
        let sum = try DecimalNumber(parsing: sum)
        #expect(try left.adding(right) == sum)
        #expect(try right.adding(left) == sum)
        #expect(try sum.subtracting(left) == right)
    }

    @Test(arguments: [
        ("9e125", "9e125"), ("1e50", "1"), ("1e50", "-1"), ("1e39", "1e-1"), ("1e125", "1e-130"),
        ("99999999999999999999999999999999999999", "0.1"),
        ("99999999999999999999999999999999999999", "2"),
    ])
    func `a sum of more than 38 digits or out of range is an overflow`(
        left: String,
        right: String
    )
        throws
    {
        let (left, right) = (try DecimalNumber(parsing: left), try DecimalNumber(parsing: right))
        #expect(throws: DecimalError.overflow) { try left.adding(right) }
        #expect(throws: DecimalError.overflow) { try right.subtracting(left.negated) }
    }

    @Test func `a difference too small to store is an underflow`() throws {
        let left = try DecimalNumber(parsing: "1.1e-130")
        #expect(throws: DecimalError.underflow) {
            try left.subtracting(DecimalNumber(parsing: "1e-130"))
        }
    }

    @Test(arguments: [
        0, 1, -1, 10, -1200, 123_456_789, Int.max, Int.min, 1_000_000_000_000_000_000,
    ])
    func `integers come back`(integer: Int) {
        #expect(DecimalNumber(integer).intValue == integer)
        #expect(DecimalNumber(integer).description == String(integer))
    }

    @Test(arguments: [
        "1.5", "9223372036854775808", "-9223372036854775809", "1e19", "1e125", "1e-5",
    ])
    func `what is no integer of 64 bits has none`(text: String) throws {
        #expect(try DecimalNumber(parsing: text).intValue == nil)
    }

    @Test func `order, equality and bytes agree with a naive model`() throws {
        var random = SplitMix64(seed: 10)
        var numbers = (0..<1500).map { _ in RandomItem.number(&random) } + [.zero]
        numbers.sort()
        for (left, right) in zip(numbers, numbers.dropFirst()) {
            let model = NaiveDecimal.compare(left.description, right.description)
            #expect(model <= 0)
            #expect((left == right) == (model == 0))
            #expect((left < right) == (model < 0))
            #expect(!(right < left))
            let (a, b) = (ordered(left), ordered(right))
            #expect(a.lexicographicallyPrecedes(b) == (left < right))
            #expect((a == b) == (left == right))
        }
    }

    @Test func `usual texts are read as the parser for all of them reads them`() {
        var random = SplitMix64(seed: 21)
        let letters = Array("0011234567899.-+e".utf8)
        var usualCount = 0
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0...22, using: &random)).map { _ in
                letters[Int.random(in: 0..<letters.count, using: &random)]
            }
            let usual = text.withUnsafeBufferPointer { DecimalNumber(usual: $0) }
            guard let usual else { continue }
            usualCount += 1
            // With an exponent it is not usual.
            let whole = String(decoding: text, as: UTF8.self) + "e0"
            #expect(usual == (try? DecimalNumber(parsing: whole)), "\(whole)")
        }
        #expect(usualCount > 1_000)
        for digits in ["9999999999999999999", "10000000000000000000", "18446744073709551616"] {
            for text in [digits, "-" + digits, "0." + digits, digits + ".", "-.5" + digits] {
                let plain = try? DecimalNumber(parsing: text)
                #expect(plain == (try? DecimalNumber(parsing: text + "e0")), "\(text)")
            }
        }
    }

    @Test func `text and bytes come back as the same number`() throws {
        var random = SplitMix64(seed: 11)
        for _ in 0..<5000 {
            let number = RandomItem.number(&random)
            #expect(try DecimalNumber(parsing: number.description) == number)
            let bytes = ordered(number)
            let decoded = (bytes + [7]).withUnsafeBytes { DecimalNumber.decodeOrdered($0) }
            #expect(decoded?.number == number)
            #expect(decoded?.count == bytes.count)
        }
    }

    @Test func `sums agree with a naive model`() throws {
        var random = SplitMix64(seed: 12)
        for _ in 0..<5000 {
            let (left, right) = (RandomItem.number(&random), RandomItem.number(&random))
            let expected = NaiveDecimal.sum(left.description, right.description)
            let sum = try? left.adding(right)
            #expect(sum == (try? DecimalNumber(parsing: expected)), "\(left) + \(right)")
        }
    }

    @Test func `only the one encoding of a number is decoded`() throws {
        var random = SplitMix64(seed: 13)
        for _ in 0..<200_000 {
            var bytes = [UInt8.random(in: 0...4, using: &random)]
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                bytes.append(
                    Bool.random(using: &random)
                        ? UInt8.random(in: 0...255, using: &random)
                        : [0, 1, 100, 101, 255, 254][
                            Int.random(in: 0..<6, using: &random)
                        ]
                )
            }
            guard let (number, count) = bytes.withUnsafeBytes({ DecimalNumber.decodeOrdered($0) })
            else {
                continue
            }
            #expect(ordered(number) == Array(bytes[..<count]))
            #expect(try DecimalNumber(parsing: number.description) == number)
        }
    }

    private func ordered(_ number: DecimalNumber) -> [UInt8] {
        var bytes: [UInt8] = []
        number.appendOrdered(to: &bytes)
        return bytes
    }
}

/// Plain decimal texts compared and added digit by digit, as at school.
private enum NaiveDecimal {
    /// Digits on a fixed grid: 400 places, the last 200 of them behind the point.
    private static func grid(_ text: String) -> (isNegative: Bool, digits: [Int]) {
        var digits = [Int](repeating: 0, count: 400)
        let unsigned = text.drop { $0 == "-" }
        let parts = unsigned.split(separator: ".", omittingEmptySubsequences: false)
        for (index, digit) in parts[0].reversed().enumerated() {
            digits[199 - index] = digit.wholeNumberValue ?? 0
        }
        if parts.count == 2 {
            for (index, digit) in parts[1].enumerated() {
                digits[200 + index] = digit.wholeNumberValue ?? 0
            }
        }
        return (text.hasPrefix("-"), digits)
    }

    static func compare(_ left: String, _ right: String) -> Int {
        let (a, b) = (signed(left), signed(right))
        for (x, y) in zip(a, b) where x != y { return x < y ? -1 : 1 }
        return 0
    }

    private static func signed(_ text: String) -> [Int] {
        let (isNegative, digits) = grid(text)
        return isNegative ? digits.map { -$0 } : digits
    }

    static func sum(_ left: String, _ right: String) -> String {
        var total = zip(signed(left), signed(right)).map(+)
        let isNegative = (total.first { $0 != 0 } ?? 0) < 0
        if isNegative { total = total.map { -$0 } }
        for index in total.indices.reversed() where total[index] < 0 || total[index] > 9 {
            let carry = total[index] < 0 ? -1 : 1
            total[index] -= 10 * carry
            total[index - 1] += carry
        }
        let text = total.map(String.init)
        return (isNegative ? "-" : "") + text[..<200].joined() + "." + text[200...].joined()
    }
}
