"""Decodes files with programs of others: reads "file<TAB>target" lines, writes all frames, pixel by pixel, little endian, to each target.

Prints a line for each: "photometric frames tool", or "- reason".
"""
import os
import re
import subprocess
import sys
import tempfile
import zlib

import numpy
import pydicom
from pydicom.encaps import generate_pixel_data_frame

ROOT = "1.2.840.10008.1.2"
DCMTK = {".4.50": "dcmdjpeg", ".4.51": "dcmdjpeg", ".4.57": "dcmdjpeg", ".4.70": "dcmdjpeg", ".4.80": "dcmdjpls", ".4.81": "dcmdjpls", ".5": "dcmdrle"}


def frames_of(data):
    return list(generate_pixel_data_frame(data.PixelData, int(data.get("NumberOfFrames", 1) or 1)))


def native(data):
    """The pixels of an uncompressed data set, pixel by pixel."""
    count, samples = int(data.get("NumberOfFrames", 1) or 1), data.SamplesPerPixel
    cells = numpy.frombuffer(data.PixelData, dtype=f"<u{data.BitsAllocated // 8}")
    cells = cells[: count * data.Rows * data.Columns * samples]
    if samples > 1 and data.get("PlanarConfiguration", 0) == 1:
        cells = cells.reshape(count, samples, -1).transpose(0, 2, 1)
    return cells.tobytes()


def by_twin(path):
    """One-bit frames, which no other program decodes right: the same images are there uncompressed. Each frame starts on a byte."""
    data = pydicom.dcmread(re.sub("_(rle|j2k)", "", path), force=True)
    bits = numpy.unpackbits(numpy.frombuffer(data.PixelData, dtype="u1"), bitorder="little")
    size = data.Rows * data.Columns
    frames = [numpy.packbits(bits[i * size:(i + 1) * size], bitorder="little").tobytes() for i in range(int(data.NumberOfFrames))]
    return data.PhotometricInterpretation, len(frames), "uncompressed twin", b"".join(frames)


def run(*command):
    done = subprocess.run(command, capture_output=True)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]}: {done.stderr.decode(errors='replace').strip()[:200]}")


def by_conversion(folder, *command):
    target = os.path.join(folder, "native.dcm")
    run(*command, target)
    data = pydicom.dcmread(target, force=True)
    return data.PhotometricInterpretation, int(data.get("NumberOfFrames", 1) or 1), command[0], native(data)


def by_openjpeg(folder, data):
    out = []
    for stream in frames_of(data):
        source, target = os.path.join(folder, "frame.j2k"), os.path.join(folder, "frame.rawl")
        with open(source, "wb") as file:
            file.write(stream)
        run("opj_decompress", "-quiet", "-i", source, "-o", target, "-OutFor", "RAWL")
        with open(target, "rb") as file:
            planes = numpy.frombuffer(file.read(), dtype=f"<u{data.BitsAllocated // 8}")
        out.append(planes.reshape(data.SamplesPerPixel, -1).T.tobytes())
    photometric = data.PhotometricInterpretation
    return "RGB" if photometric in ("YBR_RCT", "YBR_ICT") else photometric, len(out), "opj_decompress", b"".join(out)


def decode(path, folder):
    data = pydicom.dcmread(path, force=True)
    syntax = data.file_meta.TransferSyntaxUID
    kind = syntax[len(ROOT):]
    if data.BitsAllocated == 1 and kind != ".8.1":
        return by_twin(path)
    if kind in DCMTK:
        try:
            return by_conversion(folder, DCMTK[kind], path)
        except RuntimeError:
            return by_conversion(folder, "gdcmconv", "--raw", path)
    if kind in (".4.90", ".4.91"):
        try:
            return by_conversion(folder, "gdcmconv", "--raw", path)
        except RuntimeError:
            return by_openjpeg(folder, data)
    if kind in (".4.201", ".4.202", ".4.203"):
        return by_openjpeg(folder, data)
    frames = frames_of(data)
    if kind == ".8.1":
        frames = [zlib.decompressobj(-15).decompress(frame) for frame in frames]
    size = (data.Rows * data.Columns * data.SamplesPerPixel * data.BitsAllocated + 7) // 8
    return data.PhotometricInterpretation, len(frames), "numpy", b"".join(frame[:size] for frame in frames)


for line in sys.stdin:
    path, target = line.rstrip("\n").split("\t")
    with tempfile.TemporaryDirectory() as folder:
        try:
            photometric, count, tool, pixels = decode(path, folder)
            with open(target, "wb") as file:
                file.write(pixels)
            print(photometric, count, tool, sep="\t", flush=True)
        except Exception as failure:  # the test names the file
            print("-", f"{type(failure).__name__}: {failure}".replace("\n", " ")[:300], sep="\t", flush=True)
