"""The frames between runner and agent."""

import random
import unittest

from isolated_lab import frames


class FramesTests(unittest.TestCase):
    def test_frames_come_whole_however_the_bytes_are_cut(self):
        chance = random.Random(1)
        sent = [(frames.OUTPUT, chance.randbytes(chance.randrange(300))) for _ in range(100)]
        data = b"".join(frames.encode(*frame) for frame in sent)
        for _ in range(50):
            decoder, found, rest = frames.Decoder(), [], data
            while rest:
                cut = chance.randrange(1, 200)
                found += decoder.feed(rest[:cut])
                rest = rest[cut:]
            self.assertEqual(found, sent)

    def test_a_frame_that_is_too_large_is_refused(self):
        with self.assertRaises(ValueError):
            frames.Decoder().feed(frames.HEADER.pack(b"o", frames.LARGEST_PAYLOAD + 1))


if __name__ == "__main__":
    unittest.main()
