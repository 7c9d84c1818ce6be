"""The NBD server as QEMU meets it: the protocol, the data, and the changes while it runs."""

import random
import struct
import tempfile
import unittest
from pathlib import Path

from isolated_lab import nbd, precision
from isolated_lab.disks import ModelServer
from isolated_lab.precision import Client
from isolated_lab.service_model import Parameters

SIZE = 4 << 20
FAST = Parameters(channels=4, read_base_us=10, read_byte_ns=0, write_base_us=10, write_byte_ns=0, flush_base_us=10,
                  gc_after=0, gc_channels=0)


class StreamTests(unittest.TestCase):
    def negotiated(self):
        stream = nbd.Stream(SIZE)
        export = struct.pack(">IH", 0, 0)
        stream.feed(nbd.CLIENT_FLAGS.pack(3) + nbd.OPTION.pack(nbd.OPTION_MAGIC, nbd.OPTION_GO, 6) + export)
        return stream

    def test_requests_come_whole_however_the_bytes_are_cut(self):
        writes = b"".join(
            nbd.REQUEST.pack(nbd.REQUEST_MAGIC, 0, nbd.COMMAND_WRITE, number, number * 512, 512) + bytes([number]) * 512
            for number in range(20)
        )
        chance = random.Random(1)
        for _ in range(50):
            stream, found, rest = self.negotiated(), [], writes
            while rest:
                cut = chance.randrange(1, 700)
                found += stream.feed(rest[:cut])[1]
                rest = rest[cut:]
            self.assertEqual([request[1] for request in found], list(range(20)))
            self.assertTrue(all(request[4] == bytes([request[1]]) * 512 for request in found))

    def test_what_lies_outside_the_disk_is_refused(self):
        for command, offset, length in ((0, SIZE, 1), (0, 0, SIZE * 16), (1, SIZE - 1, 2), (0, 1 << 63, 1), (9, 0, 1)):
            request = nbd.REQUEST.pack(nbd.REQUEST_MAGIC, 0, command, 7, offset, length)
            data = bytes(length) if command == 1 else b""
            answer, requests = self.negotiated().feed(request + data)
            self.assertEqual((answer, requests), (nbd.simple_reply(7, nbd.EINVAL), []))

    def test_malformed_bytes_are_a_protocol_error_and_nothing_else(self):
        chance = random.Random(2)
        for _ in range(3000):
            stream = self.negotiated() if chance.random() < 0.5 else nbd.Stream(SIZE)
            try:
                for _ in range(3):
                    stream.feed(chance.randbytes(chance.randrange(200)))
            except nbd.ProtocolError:
                pass


class ServerTests(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = Path(temporary.name)
        with open(self.directory / "disk", "wb") as file:
            file.truncate(SIZE)
        self.server = ModelServer(self.directory, "socket", self.directory / "disk", FAST)
        self.addCleanup(self.server.close)

    def client(self):
        client = Client(self.directory / "socket")
        self.addCleanup(client.close)
        return client

    def test_what_is_written_is_read_back_with_sixteen_in_flight(self):
        client, chance, expected = self.client(), random.Random(3), bytearray(SIZE)
        for _ in range(40):
            lengths = {}
            places = chance.sample(range(SIZE // 65536), 16)
            for handle, place in enumerate(places):
                offset, length = place * 65536, chance.randrange(1, 65537)
                kind = chance.choice((nbd.COMMAND_READ, nbd.COMMAND_WRITE, nbd.COMMAND_WRITE_ZEROES))
                data = chance.randbytes(length) if kind == nbd.COMMAND_WRITE else b""
                client.send(kind, handle, offset, length, data)
                if kind == nbd.COMMAND_READ:
                    lengths[handle] = length
                    expect = bytes(expected[offset:offset + length])
                    places[handle] = expect
                else:
                    expected[offset:offset + length] = data or bytes(length)
            for _ in range(16):
                handle, error, data = client.answer(lengths)
                self.assertEqual(error, 0)
                if handle in lengths:
                    self.assertEqual(data, places[handle])

    def test_a_malformed_client_is_dropped_and_the_next_is_served(self):
        broken = self.client()
        broken.send(0, 1)
        broken._connection.sendall(b"\xff" * 64)
        with self.assertRaises(ConnectionError):
            while True:
                broken.answer({})
        client = self.client()
        client.send(nbd.COMMAND_FLUSH, 5)
        self.assertEqual(client.answer({}), (5, 0, b""))

    def test_parameters_change_while_it_runs_and_nonsense_is_refused(self):
        self.assertEqual(self.server.ask({"factor": 3})["parameters"]["factor"], 3)
        for change in ({"factor": 0}, {"channels": 99}, {"nosuch": 1}, {"factor": "x"}):
            with self.subTest(change), self.assertRaises(ValueError):
                self.server.ask(change)
        self.assertEqual(self.server.ask({})["parameters"]["factor"], 3)

    def test_it_counts_what_it_serves(self):
        client = self.client()
        for handle in range(10):
            client.send(nbd.COMMAND_READ, handle, 0, 512)
            client.answer({handle: 512})
        self.assertEqual(self.server.ask({})["served"], 10)

    def test_no_answer_comes_before_the_model_allows(self):
        with tempfile.TemporaryDirectory() as directory:
            errors, _ = precision.measure(Path(directory))
        self.assertGreaterEqual(errors[0], 0)


if __name__ == "__main__":
    unittest.main()
