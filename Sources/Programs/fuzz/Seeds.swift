import Causality
import Changes
import Items
import Wire

extension Part {
    /// Bytes that get far, for a start.
    var seeds: [[UInt8]] {
        switch self {
        case .http: Self.connections
        case .json: Self.texts([Self.typed, #"[1.5e-3, "\u00e9\ud83d\ude00", null, true]"#])
        case .item: Self.texts([Self.typed])
        case .stored: [Self.sample.encoded(), Item().encoded()]
        case .request: Self.requests
        case .signature:
            Self.texts([
                "AWS4-HMAC-SHA256 Credential=k/20260101/r/dynamodb/aws4_request, "
                    + "SignedHeaders=host, Signature=0",
                "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a%2Fb%2Fc%2Fd%2Fe"
                    + "&X-Amz-Signature=0&X-Amz-SignedHeaders=host&X-Amz-Date=d",
            ])
        case .expression: Self.texts(Self.expressions)
        case .statement: Self.texts(Self.statements)
        case .peer: Self.messages
        }
    }

    private static func texts(_ texts: [String]) -> [[UInt8]] {
        texts.map { Array($0.utf8) }
    }

    /// Whole, and in pieces of one and seven bytes.
    private static var connections: [[UInt8]] {
        [0, 1, 7].flatMap { cut in
            texts([
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab"
                    + "GET /b?c HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "1;a=b\r\nc\r\n0A;d=\"e\\\"\"\r\n0123456789\r\n0\r\nX: y\r\n\r\n",
                "\r\nGET http://a:1/ HTTP/1.0\r\nConnection: keep-alive, x\r\nUpgrade: h2c\r\n\r\n",
            ]).map { [cut] + $0 }
        }
    }

    private static let typed = #"""
        {"s": {"S": "x"}, "n": {"N": "-1.5e3"}, "b": {"B": "YQ=="}, "t": {"BOOL": true},
        "z": {"NULL": true}, "m": {"M": {"l": {"L": [{"S": ""}]}}}, "ss": {"SS": ["a", "b"]},
        "ns": {"NS": ["1", "2"]}, "bs": {"BS": ["YQ==", "Yg=="]}}
        """#

    private static let sample = Item(typed: typed)

    /// The same body for every operation: what it does not know, it passes over.
    private static var requests: [[UInt8]] {
        let body = #"""
            {"TableName": "abc", "Key": {"p": {"S": "x"}}, "Item": {"p": {"S": "x"}},
            "ConditionExpression": "a = :v", "UpdateExpression": "SET a = :v",
            "KeyConditionExpression": "p = :v", "ExpressionAttributeNames": {"#n": "b"},
            "ExpressionAttributeValues": {":v": {"N": "1"}}, "Limit": 1, "Select": "COUNT",
            "Statement": "SELECT * FROM abc", "Parameters": [{"S": "x"}],
            "RequestItems": {"abc": [{"PutRequest": {"Item": {"p": {"S": "x"}}}}]},
            "TransactItems": [{"Put": {"TableName": "abc", "Item": {"p": {"S": "x"}}}}],
            "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST", "Tags": [{"Key": "k", "Value": "v"}],
            "Expected": {"a": {"ComparisonOperator": "EQ", "AttributeValueList": [{"N": "1"}]}},
            "AttributeUpdates": {"a": {"Action": "ADD", "Value": {"N": "1"}}}}
            """#
        return OperationName.allCases.indices.map { [UInt8($0)] + Array(body.utf8) }
    }

    private static let expressions = [
        "a = :v AND NOT (b.a[1].b <> :w OR size(l) IN (:v, :v))",
        "attribute_exists(#n) AND attribute_type(p, :w) AND contains(s, :w)",
        "p = :w AND a BETWEEN :v AND :v",
        "a, #n.a[0], l[1]",
        "SET a = if_not_exists(a, :v) + :v, l = list_append(l, :l) REMOVE b.a[0] DELETE s :s",
        "ADD a :v",
    ]

    private static let statements = [
        #"SELECT a, b.a[0] FROM "t"."i" WHERE p = ? AND a IN [1, 2] ORDER BY a DESC"#,
        "INSERT INTO t VALUE {'p': 'x', 's': <<'a', 'b'>>, 'l': [1, null, true]}",
        "UPDATE t SET a = a + 1 SET l = list_append(l, ?) REMOVE b.a WHERE p = 'x' RETURNING ALL OLD *",
        "DELETE FROM t WHERE p = 'x' AND begins_with(q, 'y') RETURNING ALL OLD *",
        "EXISTS(SELECT * FROM t WHERE p = 'x' AND a IS NOT MISSING)",
    ]

    // MARK: Peers

    private static var messages: [[UInt8]] {
        let origin = Origin(region: "eu-west-1", startMilliseconds: 1, random: 1)
        let time = HybridTime(milliseconds: 1_800_000_000_000, counter: 0)
        let version = Version(
            stamp: Stamp(time: time, origin: origin),
            ancestry: Ancestry(),
            image: sample.encoded(),
            sizeBytes: sample.sizeBytes,
            transactionItems: 2,
        )
        let chunk = SnapshotChunk(
            source: origin,
            table: .system,
            after: nil,
            isLast: true,
            vector: VersionVector(),
            base: .zero,
            itemsExpected: 1,
            rows: [SnapshotChunk.Row(key: [0, 1, 2], version: version.encoded())],
        )
        var showing = chunk
        showing.shown.raise(origin, to: time)
        var lacking = batch(version, origin)
        lacking.header.lacks = [.init(table: .system, origin: origin, floor: time)]
        return [
            [3] + batch(version, origin).encoded(), [3] + lacking.encoded(), [4] + chunk.encoded(),
            [4] + showing.encoded(), [6] + version.encoded(),
        ]
    }

    private static func batch(_ version: Version, _ origin: Origin) -> ChangeBatch {
        var records = ByteWriter()
        ChangeCoding.append(
            Change(table: .system, key: [0, 1, 2], ordinal: 0, version: version),
            to: &records,
        )
        let header = ChangeBatch.Header(
            source: origin,
            origin: origin,
            predecessor: nil,
            tables: [.system],
            after: .zero,
            through: version.stamp.time,
            changes: 1,
            isComplete: false,
            pending: 0,
            wallMilliseconds: version.stamp.time.milliseconds,
            claims: [],
        )
        return ChangeBatch(header: header, records: records.bytes)
    }
}
