"""Requests an SDK would not send: raw HTTP with a header that looks signed."""

import http.client
import json
import socket
import zlib
from urllib.parse import urlsplit

AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, "
    "SignedHeaders=host;x-amz-date;x-amz-target, Signature=" + "0" * 64
)
SIGNED = {"Authorization": AUTHORIZATION, "X-Amz-Date": "20260101T000000Z"}
JSON_1_0 = {"Content-Type": "application/x-amz-json-1.0"}
TARGET_PREFIX = "DynamoDB_20120810."
TIMEOUT_SECONDS = 60


class Response:
    """A response read to its end."""

    def __init__(self, response):
        self.status = response.status
        self.headers = {key.lower(): value for key, value in response.getheaders()}
        self.body = response.read()

    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        """The short name of the error, without the namespace before `#`."""
        return self.json()["__type"].rsplit("#", 1)[-1]

    @property
    def message(self):
        said = self.json()
        return said.get("message", said.get("Message"))

    def crc_holds(self):
        return int(self.headers["x-amz-crc32"]) == zlib.crc32(self.body)


class Raw:
    """One endpoint, spoken to by hand."""

    def __init__(self, endpoint):
        parts = urlsplit(endpoint)
        self.host = parts.hostname
        self.port = parts.port or 80

    @property
    def authority(self):
        return f"{self.host}:{self.port}"

    def connection(self):
        return http.client.HTTPConnection(self.host, self.port, timeout=TIMEOUT_SECONDS)

    def socket(self):
        return socket.create_connection((self.host, self.port), timeout=TIMEOUT_SECONDS)

    def headers(self, operation=None, signed=True, **extra):
        headers = dict(JSON_1_0)
        if signed:
            headers |= SIGNED
        if operation:
            headers["X-Amz-Target"] = TARGET_PREFIX + operation
        return headers | {key.replace("_", "-"): value for key, value in extra.items()}

    def send(self, method="POST", path="/", body=b"", headers=None):
        """One request on a connection of its own."""
        connection = self.connection()
        try:
            connection.request(method, path, body=body, headers=headers or {})
            return Response(connection.getresponse())
        finally:
            connection.close()

    def call(self, operation, body, signed=True, **extra):
        """One operation; *body* is sent as it is, or as JSON if it is not text or bytes."""
        if not isinstance(body, (str, bytes)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        return self.send(body=body, headers=self.headers(operation, signed, **extra))

    def bytes_of(self, operation, body):
        """The request as the bytes that go over the socket."""
        payload = json.dumps(body).encode()
        headers = self.headers(operation) | {
            "Host": self.authority,
            "Content-Length": str(len(payload)),
        }
        head = "POST / HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers.items())
        return head.encode() + b"\r\n" + payload

    def healthy(self):
        response = self.send("GET")
        return response.status == 200
