"""Prints, as one JSON object a line, the SHA-256 of every frame of each file named on standard input, as pydicom takes them out.

Little endian native frames are slices of the raw value, big endian ones come from pixel_array, one-bit frames are unpacked and packed
again on their own, encapsulated ones are told apart by pydicom.encaps.
"""
import hashlib
import json
import sys
import warnings

import numpy
import pydicom
from pydicom.encaps import generate_pixel_data_frame

KEYWORDS = {"PixelData": None, "FloatPixelData": 32, "DoubleFloatPixelData": 64}


def digest(data):
    return hashlib.sha256(data).hexdigest()


def from_array(dataset, count):
    if dataset.BitsAllocated == 8 and dataset["PixelData"].VR == "OW":
        # pydicom 2 takes such words for bytes (pydicom 3 does not).
        dataset.PixelData = numpy.frombuffer(dataset.PixelData, ">u2").astype("<u2").tobytes()
    array = dataset.pixel_array
    frames = array if count > 1 else [array]
    for frame in frames:
        if dataset.BitsAllocated == 1:
            yield numpy.packbits(frame.ravel(), bitorder="little").tobytes()
            continue
        if dataset.get("SamplesPerPixel", 1) > 1 and dataset.PlanarConfiguration == 1:
            frame = frame.transpose(2, 0, 1)
        yield frame.astype(frame.dtype.newbyteorder("<")).tobytes()


def from_bytes(dataset, value, bits, count):
    size = dataset.Rows * dataset.Columns * dataset.get("SamplesPerPixel", 1) * bits
    if bits == 1:
        unpacked = numpy.unpackbits(numpy.frombuffer(value, numpy.uint8), bitorder="little")
        for index in range(count):
            yield numpy.packbits(unpacked[index * size:(index + 1) * size], bitorder="little").tobytes()
        return
    size //= 8
    if dataset.PhotometricInterpretation == "YBR_FULL_422" and len(value) < size * count:
        size = size // 3 * 2
    for index in range(count):
        yield value[index * size:(index + 1) * size]


def frames_of(dataset):
    keyword = next((name for name in KEYWORDS if name in dataset), None)
    if keyword is None:
        return []
    count = int(dataset.get("NumberOfFrames", 1) or 1)
    element = dataset[keyword]
    if element.is_undefined_length:
        return generate_pixel_data_frame(element.value, count)
    if not dataset.is_little_endian:
        return from_array(dataset, count)
    return from_bytes(dataset, element.value, KEYWORDS[keyword] or dataset.BitsAllocated, count)


warnings.simplefilter("ignore")
for line in sys.stdin:
    path = line.rstrip("\n")
    try:
        row = {"path": path, "frames": [digest(frame) for frame in frames_of(pydicom.dcmread(path))]}
    except Exception as error:
        row = {"path": path, "error": f"{type(error).__name__}: {error}"}
    print(json.dumps(row))
