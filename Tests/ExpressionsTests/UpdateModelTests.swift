import Expressions
import Items
import Testing

/// The slow and obvious way to carry out an update: element by element, lists with gaps that are
/// closed at the end.
private indirect enum Model: Equatable {
    case leaf(AttributeValue)
    case map([String: Model])
    /// By original index; the gaps of removed elements stay until `built`.
    case list([Int: Model])

    init(_ value: AttributeValue) {
        switch value {
        case .map(let item): self = Model(item)
        case .list(let elements):
            let pairs = elements.enumerated().map { ($0.offset, Model($0.element)) }
            self = .list(Dictionary(uniqueKeysWithValues: pairs))
        default: self = .leaf(value)
        }
    }

    init(_ item: Item) {
        let pairs = item.attributes.map { ($0.name.string, Model($0.value)) }
        self = .map(Dictionary(uniqueKeysWithValues: pairs))
    }

    var built: AttributeValue {
        switch self {
        case .leaf(let value): value
        case .map(let entries):
            .map(Item(entries.map { Item.Attribute(Text($0.key), $0.value.built) }))
        case .list(let elements):
            .list(elements.sorted { $0.key < $1.key }.map(\.value.built))
        }
    }

    /// False when the way to the place is not there.
    mutating func put(_ new: Model?, at path: ArraySlice<DocumentPath.Element>) -> Bool {
        guard let first = path.first else { return false }
        let rest = path.dropFirst()
        switch (self, first) {
        case (.map(var entries), .name(let name)):
            if rest.isEmpty {
                entries[name.string] = new
            } else {
                guard entries[name.string]?.put(new, at: rest) == true else { return false }
            }
            self = .map(entries)
        case (.list(var elements), .index(let index)):
            if rest.isEmpty {
                elements[index] = new
            } else {
                guard elements[index]?.put(new, at: rest) == true else { return false }
            }
            self = .list(elements)
        default:
            return false
        }
        return true
    }
}

private func randomValue(depth: Int, _ generator: inout SeededGenerator) -> AttributeValue {
    switch depth > 0 ? Int.random(in: 0..<4, using: &generator) : 0 {
    case 1, 2:
        let count = Int.random(in: 0..<4, using: &generator)
        return .list((0..<count).map { _ in randomValue(depth: depth - 1, &generator) })
    case 3:
        var item = Item()
        for name in ["a", "b", "c"] where Bool.random(using: &generator) {
            item[Text(name)] = randomValue(depth: depth - 1, &generator)
        }
        return .map(item)
    default:
        return .number(DecimalNumber(Int.random(in: 0..<100, using: &generator)))
    }
}

/// A path that often leads somewhere.
private func randomPath(_ item: Item, _ generator: inout SeededGenerator) -> DocumentPath {
    let head: Text = ["a", "b", "c", "d"].randomElement(using: &generator) ?? "a"
    var rest: [DocumentPath.Element] = []
    var value = item[head]
    while let here = value, Int.random(in: 0..<3, using: &generator) > 0 {
        switch here {
        case .list(let elements):
            let index = Int.random(in: 0..<(elements.count + 2), using: &generator)
            rest.append(.index(index))
            value = index < elements.count ? elements[index] : nil
        case .map(let entries):
            let name: Text = ["a", "b", "c"].randomElement(using: &generator) ?? "a"
            rest.append(.name(name))
            value = entries[name]
        default:
            if Int.random(in: 0..<10, using: &generator) == 0 { rest.append(.index(0)) }
            value = nil
        }
    }
    return DocumentPath(head, rest)
}

private func clash(_ one: DocumentPath, _ two: DocumentPath) -> Bool {
    one.head == two.head
        && (one.rest.starts(with: two.rest) || two.rest.starts(with: one.rest))
}

@Test(arguments: 0..<20)
func `updates do what a naive model does`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var refused = 0
    for _ in 0..<500 {
        var item = Item()
        for name in ["a", "b", "c"] { item[Text(name)] = randomValue(depth: 4, &generator) }
        var actions: [Update.Action] = []
        for _ in 0..<Int.random(in: 1..<6, using: &generator) {
            let path = randomPath(item, &generator)
            guard !actions.contains(where: { clash($0.path, path) }) else { continue }
            actions.append(
                Bool.random(using: &generator)
                    ? .remove(path) : .set(path, .value(randomValue(depth: 1, &generator)))
            )
        }

        var model = Model(item)
        var isPossible = true
        for action in actions {
            let path = [.name(action.path.head)] + action.path.rest
            var new: Model?
            if case .set(_, .value(let value)) = action { new = Model(value) }
            isPossible = model.put(new, at: path[...]) && isPossible
        }
        guard isPossible else {
            refused += 1
            #expect(throws: ExpressionError.self) { try Update(actions).applied(to: item) }
            continue
        }
        let result = try UpdateExpression(Update(actions)).apply(to: item, key: Item())
        #expect(AttributeValue.map(result.item) == model.built)
        // Told at once, or looked for afterwards.
        let looked = ProjectionExpression(actions.map(\.path)).project(result.item)
        #expect(result.updatedNew == looked)
    }
    #expect(refused < 400)
}

/// Updates of whole attributes in any order, of an item as it is stored.
@Test(arguments: 0..<20)
func `what an update gave is what is there then`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<100 {
        let names = (0..<Int.random(in: 1..<12, using: &generator)).map { "a\($0)" }.shuffled(
            using: &generator
        )
        let before = Item([
            Item.Attribute("a1", .number(DecimalNumber(7))), Item.Attribute("a3", .string("x")),
            Item.Attribute("p", .null),
        ])
        let item = try Item(stored: before.encoded())
        let actions: [Update.Action] = names.map { name in
            let path = DocumentPath(Text(name))
            return switch Int.random(in: 0..<4, using: &generator) {
            case 0: .remove(path)
            case 1: .set(path, .ifNotExists(path, .value(.bool(true))))
            case 2: .set(path, .value(randomValue(depth: 2, &generator)))
            default: .set(path, .value(.number(DecimalNumber(1_200))))
            }
        }
        let result = try UpdateExpression(Update(actions)).apply(to: item, key: Item())
        #expect(result.updatedNew == ProjectionExpression(actions.map(\.path)).project(result.item))
        for (name, action) in zip(names, actions) {
            if case .remove = action { #expect(result.item[Text(name)] == nil) }
        }
    }
}

@Test(arguments: 0..<20)
func `a projection keeps what a naive model keeps`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<500 {
        var item = Item()
        for name in ["a", "b", "c"] { item[Text(name)] = randomValue(depth: 4, &generator) }
        let paths = (0..<Int.random(in: 1..<6, using: &generator)).map { _ in
            randomPath(item, &generator)
        }
        let projected = ProjectionExpression(paths).project(item)
        #expect(
            AttributeValue.map(projected) == kept(
                .map(item),
                at: paths.map { path in
                    [.name(path.head)] + path.rest
                }
            ) ?? .map(Item())
        )
    }
}

/// What of a value the paths lead to, found by trying every entry and element; nil for nothing.
private func kept(
    _ value: AttributeValue,
    at paths: [[DocumentPath.Element]],
) -> AttributeValue? {
    if paths.contains(where: \.isEmpty) { return value }
    func below(_ element: DocumentPath.Element) -> [[DocumentPath.Element]] {
        paths.filter { $0.first == element }.map { Array($0.dropFirst()) }
    }
    switch value {
    case .map(let item):
        let entries = item.attributes.compactMap { attribute in
            kept(attribute.value, at: below(.name(attribute.name)))
                .map { Item.Attribute(attribute.name, $0) }
        }
        return entries.isEmpty ? nil : .map(Item(entries))
    case .list(let elements):
        let parts = elements.enumerated().compactMap {
            kept($0.element, at: below(.index($0.offset)))
        }
        return parts.isEmpty ? nil : .list(parts)
    default:
        return nil
    }
}
