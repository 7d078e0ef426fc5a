import Metrics
import Testing

struct MetricsPageTests {
    @Test func `a family stands with its help and type before its samples`() {
        var page = MetricsPage()
        page.add(
            "requests_total",
            .counter,
            "Requests",
            [
                MetricSample(3, ["operation": "GetItem", "region": "us-east-1"]), MetricSample(0),
            ]
        )
        #expect(
            page.text == """
                # HELP requests_total Requests
                # TYPE requests_total counter
                requests_total{operation="GetItem",region="us-east-1"} 3
                requests_total 0

                """
        )
    }

    @Test func `a family without samples is left out`() {
        var page = MetricsPage()
        page.add("none", .gauge, "Nothing", [])
        #expect(page.text.isEmpty)
    }

    @Test func `any text may stand in a label and in a help`() throws {
        let odd = "a\"b\\c\nd,e}f{g=\u{e9}"
        var page = MetricsPage()
        page.add("odd", .gauge, "two\nlines and a \\", [MetricSample(1, ["a": odd, "b": odd])])
        #expect(page.text.split(separator: "\n").count == 3)
        let read = try ExpositionReader.read(page.text)
        #expect(
            read["odd"]?.samples == [.init(name: "odd", labels: ["a": odd, "b": odd], value: 1)]
        )
        #expect(read["odd"]?.help == "two\nlines and a \\")
    }

    @Test(arguments: [
        (Double.infinity, "+Inf"), (-Double.infinity, "-Inf"), (Double.nan, "NaN"), (0.25, "0.25"),
    ])
    func `numbers are written as Prometheus reads them`(number: Double, text: String) {
        var page = MetricsPage()
        page.add("n", .gauge, "A number", [MetricSample(.number(number))])
        #expect(page.text.hasSuffix("n \(text)\n"))
    }

    @Test func `a histogram's buckets add up to its count, and its sum is in milliseconds`() throws
    {
        var histogram = LatencyHistogram()
        for nanoseconds: UInt64 in [0, 1_000_000, 1_000_001, 7_000_000, 60_000_000_000] {
            histogram.count(nanoseconds: nanoseconds)
        }
        var page = MetricsPage()
        page.add("took", .histogram, "Times", histogram.samples(["operation": "Scan"]))
        let family = try #require(try ExpositionReader.read(page.text)["took"])
        let buckets = family.samples.filter { $0.name == "took_bucket" }
        #expect(buckets.map(\.value) == [2, 3, 3, 4] + Array(repeating: 4, count: 8) + [5])
        #expect(buckets.last?.labels == ["operation": "Scan", "le": "+Inf"])
        #expect(family.samples.first { $0.name == "took_count" }?.value == 5)
        #expect(family.samples.first { $0.name == "took_sum" }?.value == 60_009.000001)
    }

    @Test func `histograms of several loops add up`() throws {
        var one = LatencyHistogram()
        var other = LatencyHistogram()
        var both = LatencyHistogram()
        for nanoseconds: UInt64 in [5_000, 3_000_000, 900_000_000] {
            one.count(nanoseconds: nanoseconds)
            other.count(nanoseconds: nanoseconds * 2)
            both.count(nanoseconds: nanoseconds)
            both.count(nanoseconds: nanoseconds * 2)
        }
        one.add(other)
        #expect(one == both)
    }
}
