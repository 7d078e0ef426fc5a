import Testing

@testable import Engine

@Suite struct UTCTimeTests {
    @Test(arguments: [
        (Int64(0), "Thursday, January 1, 1970 12:00:00 AM UTC"),
        (1_532_508_494_999, "Wednesday, July 25, 2018 8:48:14 AM UTC"),
        (1_709_210_096_000, "Thursday, February 29, 2024 12:34:56 PM UTC"),
        (1_735_689_599_000, "Tuesday, December 31, 2024 11:59:59 PM UTC"),
    ])
    func `a time is said as the service says it`(milliseconds: Int64, text: String) {
        #expect(UTCTime(milliseconds: milliseconds).spokenText == text)
    }
}
