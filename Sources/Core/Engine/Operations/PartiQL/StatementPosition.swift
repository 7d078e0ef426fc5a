import Changes
import Items
import JSON
import Wire

/// Where a SELECT goes on: the `NextToken` of ExecuteStatement.
///
/// It carries a fingerprint of the statement and its parameters, since it means nothing to any other:
/// the parts it counts are those of their plan.
struct StatementPosition: Equatable {
    private static let version: UInt8 = 1

    let fingerprint: [UInt8]
    /// Which part of the plan.
    let part: Int
    /// The last key that was passed there.
    let key: [UInt8]

    var text: String {
        var writer = ByteWriter(reserving: 32 + key.count)
        writer.byte(Self.version)
        writer.raw(fingerprint)
        writer.uint16(UInt16(part))
        writer.block(key)
        return Base64.encode(writer.bytes)
    }

    init(fingerprint: [UInt8], part: Int, key: [UInt8]) {
        self.fingerprint = fingerprint
        self.part = part
        self.key = key
    }

    init(text: String) throws(ServiceError) {
        guard let bytes = Base64.decode(text) else { throw .nextTokenInvalid }
        do throws(MalformedBytes) {
            self = try ByteReader.reading(bytes) { (reader) throws(MalformedBytes) in
                guard try reader.byte() == Self.version else { throw MalformedBytes("version") }
                return StatementPosition(
                    fingerprint: [UInt8](try reader.take(Fingerprint.byteCount)),
                    part: Int(try reader.uint16()),
                    key: try reader.block(),
                )
            }
        } catch {
            throw .nextTokenInvalid
        }
    }
}

extension StatementRequest {
    /// Tells statements apart with their parameters.
    var fingerprint: [UInt8] { Self.fingerprint(of: [self]) }

    /// Tells requests of several statements apart.
    static func fingerprint(of statements: [StatementRequest]) -> [UInt8] {
        var writer = ByteWriter(reserving: 1024)
        for statement in statements {
            writer.text(statement.text)
            writer.uint32(UInt32(statement.parameters.count))
            for parameter in statement.parameters {
                writer.block(Item([Item.Attribute("", parameter)]).encoded())
            }
            writer.byte(statement.returnValuesOnConditionCheckFailure == .allOld ? 1 : 0)
        }
        return Fingerprint.of(writer.bytes)
    }
}
