"""Prints, as one JSON object a line, what GDCM makes of each file named on standard input: the top-level tags and, of the pixel data,
the SHA-256 of each fragment, or of the native value as stored."""
import hashlib
import json
import sys

import gdcm

PIXEL_DATA = gdcm.Tag(0x7FE0, 0x0010)


def digest(value):
    # SWIG hands bytes over as text.
    data = value.GetBuffer().encode("utf-8", "surrogateescape") if value else b""
    return hashlib.sha256(data).hexdigest()


def tags_of(dataset):
    # A data set has no iterator in Python: each tag is asked for by the one before it.
    tags, tag = [], gdcm.Tag(0, 0)
    while True:
        found = dataset.FindNextDataElement(tag).GetTag()
        if found.GetGroup() == 0xFFFF or found < tag:
            return tags
        tags.append(f"{found.GetGroup():04X}{found.GetElement():04X}")
        tag = gdcm.Tag(found.GetGroup(), found.GetElement() + 1) if found.GetElement() < 0xFFFF else gdcm.Tag(found.GetGroup() + 1, 0)


def read(path):
    reader = gdcm.Reader()
    reader.SetFileName(path)
    if not reader.Read():
        return {"path": path, "error": "GDCM cannot read it"}
    dataset = reader.GetFile().GetDataSet()
    pixels = []
    if dataset.FindDataElement(PIXEL_DATA):
        element = dataset.GetDataElement(PIXEL_DATA)
        fragments = element.GetSequenceOfFragments()
        if fragments:
            pixels = [digest(fragments.GetFragment(i).GetByteValue()) for i in range(fragments.GetNumberOfFragments())]
        else:
            pixels = [digest(element.GetByteValue())]
    return {"path": path, "tags": tags_of(dataset), "pixels": pixels}


gdcm.Trace.WarningOff()
gdcm.Trace.ErrorOff()
for line in sys.stdin:
    print(json.dumps(read(line.rstrip("\n"))))
