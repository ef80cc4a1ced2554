"""Prints, as one JSON object a line, every text element of the DICOM files below a folder: raw bytes and what pydicom reads."""
import json
import pathlib
import sys
import warnings

import pydicom
from pydicom.charset import convert_encodings
from pydicom.dataelem import DataElement_from_raw, RawDataElement
from pydicom.multival import MultiValue

TEXT = {"LO", "LT", "PN", "SH", "ST", "UC", "UT"}


def values_of(element):
    value = element.value
    return [str(v) for v in value] if isinstance(value, (MultiValue, list)) else [] if value is None else [str(value)]


def walk(name, dataset, inherited):
    terms = dataset.get("SpecificCharacterSet", None)
    terms = inherited if terms is None else [terms] if isinstance(terms, str) else list(terms)
    encodings = convert_encodings(terms or "ISO_IR 6")
    for tag in dataset.keys():
        raw = dataset.get_item(tag)
        if isinstance(raw, RawDataElement) and raw.value and raw.VR != "SQ":
            element = DataElement_from_raw(raw, encodings)
            if element.VR in TEXT:
                yield {"file": name, "tag": f"{tag:08X}", "vr": element.VR, "terms": terms, "bytes": raw.value.hex(),
                       "values": values_of(element)}
        elif dataset[tag].VR == "SQ":
            for item in dataset[tag].value:
                yield from walk(name, item, terms)


warnings.simplefilter("ignore")
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.dcm")):
    try:
        dataset = pydicom.dcmread(path, stop_before_pixels=True)
        rows = list(walk(path.name, dataset, []))
    except Exception as error:
        print(f"{path.name}: {error}", file=sys.stderr)
        continue
    for row in rows:
        print(json.dumps(row))
