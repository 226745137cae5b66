"""Small pieces of music, synthesised: the same bytes on every machine.

Only integers touch a sample (a sine table, rounded once, and integer envelopes), so no difference in floating point
between processors can reach the audio. What an encoder makes of it is the encoder's business.
"""

import math
import random
import struct

TABLE = [round(32767 * math.sin(2 * math.pi * step / 4096)) for step in range(4096)]
MINOR, MAJOR = (0, 2, 3, 5, 7, 8, 10), (0, 2, 4, 5, 7, 9, 11)
PROGRESSIONS = [(0, 5, 3, 4), (0, 3, 4, 0), (0, 4, 5, 3), (5, 3, 0, 4), (0, 2, 3, 4), (0, 6, 5, 4)]


def piece(seed, seconds, rate=22050):
    """A mono piece of 16-bit samples; other seeds give other keys, tempos, chords, melodies and timbres."""
    rng = random.Random(f"isrctag piece {seed}")
    root = 110.0 * 2 ** (rng.randrange(12) / 12)
    scale = rng.choice((MINOR, MAJOR))
    beat = rate * 60 // rng.randrange(84, 144)
    progression = rng.choice(PROGRESSIONS)
    timbre = [(1, 256), (2, rng.randrange(20, 160)), (3, rng.randrange(10, 110)), (5, rng.randrange(0, 50))]
    melody = [rng.choice((None, 0, 1, 2, 2, 4, 4, 5, 7)) for _ in range(32)]
    length = int(seconds * rate)
    mix = [0] * length

    def step(degree, octave):
        semitone = scale[degree % 7] + 12 * (degree // 7 + octave)
        return round(root * 2 ** (semitone / 12) * 4096 * 256 / rate)

    def note(start, duration, step, loudness, overtones):
        for harmonic, weight in overtones:
            phase, fall = 0, step * harmonic
            if fall > 4096 * 128:
                continue  # Above half the sampling rate.
            for index in range(start, min(start + duration, length)):
                left = duration - (index - start)
                attack = min(index - start, 64)
                mix[index] += TABLE[(phase >> 8) & 4095] * weight * loudness * attack // 64 * left // duration >> 16
                phase += fall

    beats = length // beat + 1
    for number in range(beats):
        start, degree = number * beat, progression[number // 4 % 4]
        if number % 4 == 0:
            for third in (0, 2, 4):
                note(start, beat * 4, step(degree + third, 0), 26, timbre[:2])
        note(start, beat, step(degree, -1), 38, timbre[:3])
        if melody[number % 32] is not None:
            note(start, beat, step(degree + melody[number % 32], 1), 46, timbre)
        noise = random.Random(f"hat {seed} {number}")
        for index in range(start + beat // 2, min(start + beat // 2 + rate // 40, length)):
            mix[index] += noise.randrange(-250, 250)
    loudest = max(1, max(abs(sample) for sample in mix))
    return [sample * 26000 // loudest for sample in mix]


def wav(samples, rate=22050):
    """A plain 16-bit mono WAV file."""
    data = struct.pack(f"<{len(samples)}h", *samples)
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16,
                       b"data", len(data))
    return head + data
