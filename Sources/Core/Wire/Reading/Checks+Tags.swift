extension Checks {
    /// `Tags` as they stand in the request; nil if the parameter is absent.
    ///
    /// What is wrong with them is told by `Tag.check`, not among the broken rules of members.
    func tags(_ fields: Fields) throws(ServiceError) -> [GivenTag]? {
        guard let parts = try fields.structures("Tags", of: "Tag") else { return nil }
        var tags: [GivenTag] = []
        for part in parts {
            tags.append(
                GivenTag(key: try part.string("Key"), value: try part.string("Value"))
            )
        }
        return tags
    }

    /// `TagKeys`, in the order of the request; nil if the parameter is absent.
    func tagKeys(_ fields: Fields) throws(ServiceError) -> [String]? {
        guard let elements = try fields.list("TagKeys") else { return nil }
        var keys: [String] = []
        for element in elements { keys.append(try Fields.string(element)) }
        return keys
    }
}

/// A tag as a request has it.
struct GivenTag {
    let key: String?
    let value: String?
}

extension Tag {
    /// The tags, unless one is wrong, a key is given twice, or they are more than a table can have.
    static func checked(_ given: [GivenTag]) throws(ServiceError) -> [Tag] {
        var tags: [Tag] = []
        for tag in given {
            let key = try checkedKey(tag.key)
            guard let value = tag.value, TagLimits.valueLengthRange.contains(value.scalarCount),
                TagLimits.hasValidCharacters(value)
            else {
                throw .validation(
                    "The Tag Value provided is invalid, Value: \(tag.value ?? "null")"
                )
            }
            guard !key.lowercased().hasPrefix(TagLimits.reservedPrefix) else {
                throw .validation(
                    "Tag Key cannot be prefixed with \(TagLimits.reservedPrefix), Key: \(key)"
                )
            }
            tags.append(Tag(key: key, value: value))
        }
        var keys: Set<String> = []
        for tag in tags where !keys.insert(tag.key).inserted {
            throw .validation(
                "Duplicate Tag Keys provided as input: Duplicate Tag Key found \(tag.key)"
            )
        }
        guard tags.count <= TagLimits.tagsMax else { throw .tooManyTags }
        return tags
    }

    static func checkedKey(_ key: String?) throws(ServiceError) -> String {
        guard let key, TagLimits.keyLengthRange.contains(key.scalarCount),
            TagLimits.hasValidCharacters(key)
        else { throw .validation("The Tag Key provided is invalid, Key: \(key ?? "null")") }
        return key
    }
}

extension String {
    fileprivate var scalarCount: Int { unicodeScalars.count }
}

extension ServiceError {
    package static let tooManyTags = validation(
        "Number of Tags exceed the current limit for the provided ResourceArn"
    )
}
