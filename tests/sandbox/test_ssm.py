"""The sandbox's Systems Manager, asked by plain boto3 and by clients that break the session protocol; and runctl's own
client of sessions against it. The "instance" is this machine: commands and ports are real."""

from __future__ import annotations

import http.server
import json
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import ClientConnection, connect

from runctl.core import session_messages as messages
from runctl.core.aws import Account
from runctl.core.config import load
from runctl.core.errors import CloudError, RunctlError
from runctl.sandbox.ssm import Ssm, SsmError
from runctl.transport import ssm as client_side
from runctl.transport.session.channel import DataChannel
from runctl.transport.session.connecting import Connector
from runctl.transport.session.service import SessionService

HERE, ELSEWHERE, UNKNOWN = "i-0123456789abcdef0", "i-0123456789abcdef1", "i-0123456789abcdef2"


@pytest.fixture
def ssm(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ssm]:
    """A Systems Manager of two instances, both of them this machine, at the endpoint that boto3 uses."""
    service = Ssm(lambda: {HERE, ELSEWHERE}, lambda instance_id: os.getpid())
    service.start()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(service))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_address[1]}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    yield service
    service.stop()
    server.shutdown()
    server.server_close()


def _handler(service: Ssm) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["content-length"])))
            try:
                code, answer = 200, service.answer(self.headers["x-amz-target"].split(".")[1], request)
            except SsmError as error:
                code, answer = 400, {"__type": error.code, "message": error.message}
            body = json.dumps(answer).encode()
            self.send_response(code)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@pytest.fixture
def aws(ssm: Ssm) -> Any:
    client = boto3.client("ssm", region_name="us-east-1")
    yield client
    client.close()


@pytest.fixture
def account(ssm: Ssm, tmp_path: Path) -> Account:
    return Account(load(tmp_path, {"HOME": str(tmp_path), "RUNCTL_REGION": "us-east-1"}))


class Port:
    """A TCP server on 127.0.0.1 that sends everything back, until the client has said all."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.number: int = self._socket.getsockname()[1]
        self.received = b""
        self.ended = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        connection, _ = self._socket.accept()
        with connection:
            while data := connection.recv(65536):
                self.received += data
                connection.sendall(data)
        self.ended.set()
        self._socket.close()


@pytest.fixture
def port() -> Port:
    return Port()


def until(condition: Callable[[], object], within_s: float = 20) -> Any:
    end = time.monotonic() + within_s
    while not (found := condition()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)
    return found


def send(aws: Any, script: str, *ids: str, **parameters: list[str]) -> str:
    answer = aws.send_command(
        InstanceIds=list(ids) or [HERE],
        DocumentName="AWS-RunShellScript",
        Parameters={"commands": [script], **parameters},
    )
    return str(answer["Command"]["CommandId"])


def outcome(aws: Any, command_id: str, instance_id: str = HERE) -> dict[str, Any]:
    until(lambda: status(aws, command_id, instance_id) not in (None, "Pending", "InProgress", "Cancelling"))
    found: dict[str, Any] = aws.get_command_invocation(CommandId=command_id, InstanceId=instance_id)
    return found


# commands


def test_a_command_tells_its_output_and_its_exit_code(aws: Any) -> None:
    found = outcome(aws, send(aws, "pwd; echo wrong >&2; exit 7", workingDirectory=["/usr"]))

    assert (found["Status"], found["ResponseCode"]) == ("Failed", 7)
    assert (found["StandardOutputContent"], found["StandardErrorContent"]) == ("/usr\n", "wrong\n")


def test_a_command_just_sent_is_not_found_yet(aws: Any) -> None:
    command_id = send(aws, "true")

    with pytest.raises(aws.exceptions.InvocationDoesNotExist):
        aws.get_command_invocation(CommandId=command_id, InstanceId=HERE)

    assert outcome(aws, command_id)["Status"] == "Success"


def test_only_the_beginning_of_long_output_is_kept(aws: Any) -> None:
    found = outcome(aws, send(aws, "head -c 100000 /dev/zero | tr '\\0' x; head -c 100000 /dev/zero | tr '\\0' y >&2"))

    assert found["StandardOutputContent"] == "x" * 24_000
    assert found["StandardErrorContent"] == "y" * 8_000


def test_a_command_runs_on_each_of_its_instances(aws: Any) -> None:
    command_id = send(aws, "echo done", HERE, ELSEWHERE)
    outcome(aws, command_id), outcome(aws, command_id, ELSEWHERE)

    invocations = aws.list_command_invocations(CommandId=command_id, Details=True)["CommandInvocations"]
    (command,) = aws.list_commands(CommandId=command_id)["Commands"]

    assert {each["InstanceId"]: each["CommandPlugins"][0]["Output"] for each in invocations} == {
        HERE: "done\n",
        ELSEWHERE: "done\n",
    }
    assert (command["Status"], command["TargetCount"], command["CompletedCount"]) == ("Success", 2, 2)


def test_a_cancelled_command_is_killed(aws: Any, tmp_path: Path) -> None:
    started, finished = tmp_path / "started", tmp_path / "finished"
    command_id = send(aws, f"touch {started}; sleep 60 && touch {finished}")
    until(started.exists)

    aws.cancel_command(CommandId=command_id)

    assert outcome(aws, command_id)["Status"] == "Cancelled"
    assert not finished.exists()


def test_a_command_that_takes_too_long_is_killed(aws: Any) -> None:
    found = outcome(aws, send(aws, "echo begun; sleep 60", executionTimeout=["1"]))

    assert (found["Status"], found["StatusDetails"]) == ("TimedOut", "ExecutionTimedOut")
    assert found["StandardOutputContent"] == "begun\n"


def test_a_command_for_an_unknown_instance_is_refused(aws: Any) -> None:
    with pytest.raises(aws.exceptions.InvalidInstanceId):
        send(aws, "true", UNKNOWN)


def test_a_cut_instance_takes_its_command_when_it_is_back(ssm: Ssm, aws: Any) -> None:
    assert client_online(aws)
    ssm.cut(HERE)
    command_id = send(aws, "echo late")
    assert until(lambda: status(aws, command_id)) == "Pending"
    assert not client_online(aws)

    ssm.restore(HERE)

    assert outcome(aws, command_id)["StandardOutputContent"] == "late\n"
    assert client_online(aws)


def status(aws: Any, command_id: str, instance_id: str = HERE) -> str | None:
    try:
        return str(aws.get_command_invocation(CommandId=command_id, InstanceId=instance_id)["Status"])
    except aws.exceptions.InvocationDoesNotExist:
        return None


def client_online(aws: Any) -> bool:
    answer = aws.describe_instance_information(Filters=[{"Key": "InstanceIds", "Values": [HERE]}])
    return bool(answer["InstanceInformationList"][0]["PingStatus"] == "Online")


# sessions, with clients that do it wrong


class Raw:
    """A client of the data channel that does only what it is told."""

    def __init__(self, aws: Any, port: int, token: str | None = None) -> None:
        answer = aws.start_session(
            Target=HERE, DocumentName="AWS-StartSSHSession", Parameters={"portNumber": [str(port)]}
        )
        self.session_id = answer["SessionId"]
        self.socket: ClientConnection = connect(answer["StreamUrl"], compression=None).__enter__()
        opening = {
            "MessageSchemaVersion": "1.0",
            "RequestId": str(uuid.uuid4()),
            "TokenValue": token or answer["TokenValue"],
            "ClientId": str(uuid.uuid4()),
            "ClientVersion": "1.1.61.0",
        }
        self.socket.send(json.dumps(opening))

    def receive(self, type: str) -> messages.Message:
        """The next message of a type; the others are left without an answer."""
        while True:
            frame = self.socket.recv(10)
            assert isinstance(frame, bytes)
            message = messages.unpack(frame)
            if message.type == type:
                return message

    def send(self, sequence: int, payload: bytes, payload_type: int = messages.DATA) -> None:
        self.socket.send(messages.pack(messages.INPUT, sequence, payload_type, payload))

    def shake_hands(self, status: int = 1) -> None:
        message = self.receive(messages.OUTPUT)
        assert message.payload_type == messages.HANDSHAKE_REQUEST and message.flags == 1
        self.socket.send(messages.acknowledgement(message))
        action = {"ActionType": "SessionType", "ActionStatus": status, "ActionResult": None, "Error": "no"}
        answer = {"ClientVersion": "1.1.61.0", "ProcessedClientActions": [action], "Errors": None}
        self.send(0, json.dumps(answer).encode(), messages.HANDSHAKE_RESPONSE)
        if status == 1:
            while (message := self.receive(messages.OUTPUT)).payload_type != messages.HANDSHAKE_COMPLETE:
                pass
            self.socket.send(messages.acknowledgement(message))


@pytest.fixture
def raw(aws: Any, port: Port) -> Iterator[Raw]:
    client = Raw(aws, port.number)
    yield client
    client.socket.close()


def test_a_wrong_token_opens_no_channel(aws: Any, ssm: Ssm, port: Port) -> None:
    client = Raw(aws, port.number, token="wrong")

    with pytest.raises(ConnectionClosedError, match="wrong token"):
        client.receive(messages.OUTPUT)


def test_a_token_is_good_for_one_connection(aws: Any, ssm: Ssm, raw: Raw) -> None:
    raw.shake_hands()
    answer = aws.resume_session(SessionId=raw.session_id)

    assert ssm._sessions.find(raw.session_id).token == answer["TokenValue"]  # type: ignore[union-attr]


def test_a_payload_with_another_digest_ends_the_connection(ssm: Ssm, raw: Raw) -> None:
    raw.shake_hands()
    raw.socket.send(messages.pack(messages.INPUT, 1, messages.DATA, b"abc")[:-1] + b"x")

    with pytest.raises(ConnectionClosedError, match="digest"):
        raw.receive(messages.CHANNEL_CLOSED)
    assert "digest" in ssm.refused[0]


def test_an_acknowledgement_of_another_message_ends_the_connection(raw: Raw) -> None:
    request = raw.receive(messages.OUTPUT)
    raw.socket.send(messages.acknowledgement(request._replace(id=uuid.uuid4())))

    with pytest.raises(ConnectionClosedError, match="the id of another"):
        raw.receive(messages.CHANNEL_CLOSED)


def test_what_is_not_acknowledged_is_sent_again(raw: Raw) -> None:
    first, second = raw.receive(messages.OUTPUT), raw.receive(messages.OUTPUT)

    assert first == second


def test_data_before_the_handshake_is_acknowledged_and_lost(raw: Raw, port: Port) -> None:
    raw.send(0, b"too early")
    assert messages.acknowledged(raw.receive(messages.ACKNOWLEDGE)) == 0


def test_input_is_handled_in_order_and_acknowledged_once(raw: Raw, port: Port) -> None:
    raw.shake_hands()
    until(lambda: port_connected(raw))
    raw.send(3, b"c")
    raw.send(2, b"b")
    assert messages.acknowledged(raw.receive(messages.ACKNOWLEDGE)) == 3
    assert messages.acknowledged(raw.receive(messages.ACKNOWLEDGE)) == 2
    raw.send(2, b"b")  # the agent has it, and says nothing
    raw.send(4, b"d")
    assert messages.acknowledged(raw.receive(messages.ACKNOWLEDGE)) == 4

    until(lambda: port.received == b"abcd")


def port_connected(raw: Raw) -> bool:
    """Sends the first byte until the agent takes it: before its connection stands, it does not."""
    raw.send(1, b"a")
    raw.socket.recv_bufsize = 65536  # type: ignore[attr-defined]
    try:
        while True:
            message = messages.unpack(raw.socket.recv(0.3))  # type: ignore[arg-type]
            if message.type == messages.ACKNOWLEDGE and messages.acknowledged(message) == 1:
                return True
    except TimeoutError:
        return False


def test_a_client_that_refuses_the_session_type_is_told_why_it_ends(raw: Raw) -> None:
    raw.shake_hands(status=3)

    closed = messages.content(raw.receive(messages.CHANNEL_CLOSED))
    assert "SessionType failed on client with status 3" in closed["Output"]


def test_a_session_that_was_ended_is_not_resumed(aws: Any, raw: Raw) -> None:
    raw.shake_hands()
    aws.terminate_session(SessionId=raw.session_id)

    assert raw.receive(messages.CHANNEL_CLOSED)
    with pytest.raises(ClientError, match="DoesNotExistException"):
        aws.resume_session(SessionId=raw.session_id)
    assert [each["SessionId"] for each in aws.describe_sessions(State="History")["Sessions"]] == [raw.session_id]


# runctl's own client


class Proxy:
    """What ssh's ProxyCommand does, in this process: `stdin` is written to, `stdout` read from."""

    def __init__(self, account: Account, port: int, instance_id: str = HERE) -> None:
        (given, self.stdin), (self.stdout, taken) = os.pipe(), os.pipe()
        self.connector = Connector(SessionService(account, instance_id, port))
        self.channel = DataChannel(self.connector, given, taken)
        self._given, self._taken = given, taken
        self.error: RunctlError | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.channel.run()
        except RunctlError as error:
            self.error = error
        self.channel.close()
        self.connector.end()
        os.close(self._taken)

    def write(self, data: bytes) -> None:
        for start in range(0, len(data), 4096):
            os.write(self.stdin, data[start : start + 4096])

    def read(self, count: int, into: bytearray | None = None) -> bytes:
        data = bytearray() if into is None else into
        while len(data) < count and (more := os.read(self.stdout, count - len(data))):
            data += more
        return bytes(data)

    def end(self) -> None:
        os.close(self.stdin)
        self.wait()

    def wait(self) -> None:
        self._thread.join(20)
        assert not self._thread.is_alive()


def test_bytes_go_there_and_back_unchanged(account: Account, ssm: Ssm, port: Port) -> None:
    proxy, data = Proxy(account, port.number), b"\n" + bytes(range(256)) * 300

    proxy.write(b"\n")  # session-manager-plugin makes a carriage return of it
    threading.Thread(target=proxy.write, args=(data[1:],)).start()

    assert proxy.read(len(data)) == data
    proxy.end()
    assert port.received == data
    assert port.ended.wait(5)
    assert ssm.refused == []


@pytest.mark.slow  # an agent repeats one message in a tenth of a second, however many were lost
def test_a_connection_dropped_in_the_middle_loses_and_doubles_nothing(account: Account, ssm: Ssm, port: Port) -> None:
    proxy, data = Proxy(account, port.number), os.urandom(300_000)
    threading.Thread(target=proxy.write, args=(data,)).start()

    back = bytearray()
    reader = threading.Thread(target=proxy.read, args=(len(data), back))
    reader.start()
    for count in (20_000, 100_000, 150_000, 200_000):
        until(lambda count=count: len(back) > count)
        until(lambda: ssm.drop_sessions() == 1)
    reader.join()

    assert back == data
    proxy.end()
    assert port.received == data
    assert ssm.refused == []


def test_an_instance_without_network_is_waited_for(account: Account, ssm: Ssm, port: Port) -> None:
    proxy = Proxy(account, port.number)
    proxy.write(b"before ")
    assert proxy.read(7) == b"before "

    ssm.cut(HERE)
    proxy.write(b"while ")
    until(lambda: proxy.channel._outgoing._repeated)
    ssm.restore(HERE)
    proxy.write(b"after")

    assert proxy.read(11) == b"while after"
    proxy.end()


def test_a_service_that_asks_for_a_pause_gets_one(account: Account, ssm: Ssm, aws: Any, port: Port) -> None:
    proxy = Proxy(account, port.number)
    proxy.write(b"before ")
    assert proxy.read(7) == b"before "
    (described,) = aws.describe_sessions(State="Active")["Sessions"]
    session = ssm._sessions.find(described["SessionId"])
    assert session is not None

    session._to_client(messages.pack(messages.PAUSE, 0, 0, b""))
    until(lambda: proxy.channel._paused_until)
    proxy.write(b"after")
    assert port.received == b"before "
    session._to_client(messages.pack(messages.START, 0, 0, b""))

    assert proxy.read(5) == b"after"
    proxy.end()


def test_a_port_that_nothing_listens_on_is_named(account: Account, ssm: Ssm) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        number = free.getsockname()[1]
    proxy = Proxy(account, number)
    proxy.wait()

    assert proxy.error is not None and f"127.0.0.1:{number}" in proxy.error.message
    assert "refused" in proxy.error.message


def test_when_the_server_hangs_up_the_proxy_ends(account: Account, ssm: Ssm, aws: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        proxy = Proxy(account, server.getsockname()[1])
        connection, _ = server.accept()
        connection.sendall(b"bye")
        connection.close()
        assert proxy.read(100) == b"bye"
        proxy.wait()

    assert proxy.error is None
    assert aws.describe_sessions(State="Active")["Sessions"] == []


def test_a_session_that_was_ended_elsewhere_is_over(account: Account, ssm: Ssm, aws: Any, port: Port) -> None:
    proxy = Proxy(account, port.number)
    proxy.write(b"x")
    assert proxy.read(1) == b"x"

    (session,) = aws.describe_sessions(State="Active")["Sessions"]
    aws.terminate_session(SessionId=session["SessionId"])

    assert proxy.read(1) == b""
    proxy.wait()


def test_an_instance_that_is_not_connected_is_named_with_what_it_needs(account: Account, ssm: Ssm) -> None:
    with pytest.raises(CloudError, match=f"{UNKNOWN} is not connected to Systems Manager") as refused:
        Proxy(account, 22, UNKNOWN)
    assert "AmazonSSMManagedInstanceCore" in str(refused.value.hint)

    with pytest.raises(CloudError, match="is not connected to Systems Manager"):
        client_side.authorize(account, UNKNOWN, "root", "ssh-ed25519 AAAA")
    assert not client_side.online(account, UNKNOWN)
    assert client_side.online(account, HERE)


def test_the_request_for_the_data_channel_is_signed_for_its_service(account: Account, ssm: Ssm) -> None:
    """ssmmessages:OpenDataChannel is a permission of its own."""
    service = SessionService(account, HERE, 22)

    headers = service.headers("wss://ssmmessages.us-east-1.amazonaws.com/v1/data-channel/a-1?role=publish_subscribe")

    assert headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=key/")
    assert "/us-east-1/ssmmessages/aws4_request, SignedHeaders=host;x-amz-date, " in headers["Authorization"]
    assert service.headers("wss://host/v1/data-channel/a-1?X-Amz-Signature=0&X-Amz-Date=1") == {}
