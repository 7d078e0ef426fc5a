extension Checks {
    /// `Tags`, in the order of the request; nil if the parameter is absent.
    mutating func tags(_ fields: Fields) throws(ServiceError) -> [Tag]? {
        guard let parts = try fields.structures("Tags", of: "Tag") else { return nil }
        var tags: [Tag] = []
        for part in parts {
            let key = try required(part, "Key")
            if part["Key"] != nil { checkTagKey(key, at: part.location("Key")) }
            let value = try required(part, "Value")
            let location = part.location("Value")
            checkLength(
                value.unicodeScalars.count,
                location,
                value: value,
                TagLimits.valueLengthRange,
            )
            checkTagCharacters(value, at: location)
            tags.append(Tag(key: key, value: value))
        }
        return tags
    }

    /// `TagKeys`, in the order of the request; nil if the parameter is absent.
    mutating func tagKeys(_ fields: Fields) throws(ServiceError) -> [String]? {
        guard let elements = try fields.list("TagKeys") else { return nil }
        var keys: [String] = []
        for (index, element) in elements.enumerated() {
            let key = try Fields.string(element)
            checkTagKeyLength(key, at: "\(fields.location("TagKeys")).\(index + 1).member")
            keys.append(key)
        }
        return keys
    }

    private mutating func checkTagKey(_ key: String, at location: String) {
        checkTagKeyLength(key, at: location)
        checkTagCharacters(key, at: location)
    }

    private mutating func checkTagKeyLength(_ key: String, at location: String) {
        checkLength(key.unicodeScalars.count, location, value: key, TagLimits.keyLengthRange)
    }

    private mutating func checkTagCharacters(_ text: String, at location: String) {
        guard !TagLimits.hasValidCharacters(text) else { return }
        violate(
            location,
            value: text,
            "Member must satisfy regular expression pattern: \(TagLimits.pattern)",
        )
    }
}

extension Tag {
    /// Refuses keys given twice, keys of the service's own, and more tags than a table can have.
    static func check(_ tags: [Tag]) throws(ServiceError) {
        var keys: Set<String> = []
        for tag in tags {
            guard !tag.key.lowercased().hasPrefix(TagLimits.reservedPrefix) else {
                throw .invalidParameters(
                    "Tag keys that start with \(TagLimits.reservedPrefix) are reserved for system "
                        + "use: \(tag.key)"
                )
            }
            guard keys.insert(tag.key).inserted else {
                throw .invalidParameters("Duplicate tag key found: \(tag.key)")
            }
        }
        guard tags.count <= TagLimits.tagsMax else { throw .tooManyTags(tags.count) }
    }
}

extension ServiceError {
    package static func tooManyTags(_ count: Int) -> ServiceError {
        invalidParameters(
            "Too many tags: a resource can have at most \(TagLimits.tagsMax) tags, not \(count)"
        )
    }
}
