"""Prints, as one JSON object a line, the DICOM JSON that pydicom makes of each file named on standard input.

Long binary values are given as "sha256:" and the digest of their bytes, so that the output stays small.
"""
import hashlib
import json
import sys
import warnings

import pydicom

LIMIT = 256


def bulk(element):
    return "sha256:" + hashlib.sha256(element.value).hexdigest()


warnings.simplefilter("ignore")
for line in sys.stdin:
    path = line.rstrip("\n")
    try:
        dataset = pydicom.dcmread(path)
        # Element by element: one that pydicom cannot express must not hide the others.
        row = {"path": path, "json": dataset.to_json_dict(LIMIT, bulk, suppress_invalid_tags=True)}
    except Exception as error:
        row = {"path": path, "error": f"{type(error).__name__}: {error}"}
    print(json.dumps(row))
