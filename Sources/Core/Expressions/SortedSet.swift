/// Union and difference of arrays that are sorted and hold each element once.
enum SortedSet {
    static func union<Element: Equatable>(
        _ left: [Element],
        _ right: [Element],
        by precedes: (Element, Element) -> Bool,
    ) -> [Element] {
        var result: [Element] = []
        result.reserveCapacity(left.count + right.count)
        var index = 0
        for element in left {
            while index < right.count, precedes(right[index], element) {
                result.append(right[index])
                index += 1
            }
            if index < right.count, right[index] == element { index += 1 }
            result.append(element)
        }
        result.append(contentsOf: right[index...])
        return result
    }

    static func difference<Element: Equatable>(
        _ left: [Element],
        _ right: [Element],
        by precedes: (Element, Element) -> Bool,
    ) -> [Element] {
        var index = 0
        return left.filter { element in
            while index < right.count, precedes(right[index], element) { index += 1 }
            return !(index < right.count && right[index] == element)
        }
    }
}
