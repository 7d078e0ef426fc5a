import Items
import Testing

struct TextTests {
    @Test func `texts are equal and ordered by their bytes`() {
        var random = SplitMix64(seed: 20)
        let texts = (0..<300).map { _ in RandomItem.text(&random) }
        for left in texts {
            for right in texts {
                let (a, b) = (Array(left.string.utf8), Array(right.string.utf8))
                #expect((left == right) == (a == b))
                #expect((left < right) == a.lexicographicallyPrecedes(b))
            }
        }
    }

    @Test func `canonically equivalent texts differ`() {
        #expect(Text("\u{e9}") != Text("e\u{301}"))
        #expect(Set([Text("\u{e9}"), Text("e\u{301}")]).count == 2)
    }
}
