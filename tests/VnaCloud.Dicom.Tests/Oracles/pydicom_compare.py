"""Says, line by line, whether pydicom finds the same values and pixels in two files: "original<TAB>converted" on standard input."""
import sys
import warnings

import numpy
import pydicom

# The stored words turn with the byte order; pixel_array is what they mean.
WORDS = {"OB", "OW", "OF", "OD", "OL", "OV", "UN", "OB or OW"}


def difference(left, right):
    names = {tag for tag in left.keys() if tag.element != 0} ^ {tag for tag in right.keys() if tag.element != 0}
    if names:
        return f"elements {sorted(names)}"
    for tag in right.keys():
        first, second = left[tag], right[tag]
        if first.VR != second.VR:
            return f"{tag} {first.VR} became {second.VR}"
        if first.VR == "SQ":
            for item, other in zip(first.value, second.value):
                if found := difference(item, other):
                    return f"{tag} {found}"
        elif first.VR not in WORDS and first.value != second.value:
            return f"{tag} {first.value!r} became {second.value!r}"
    return None


warnings.simplefilter("ignore")
# Bytes of UN have no byte order to turn (PS3.5 section 6.2.2), whatever VR a dictionary knows for them.
pydicom.config.replace_un_with_known_vr = False
for line in sys.stdin:
    left, right = (pydicom.dcmread(path) for path in line.rstrip("\n").split("\t"))
    found = difference(left, right)
    # pydicom 2 takes 8-bit samples in big endian OW for bytes.
    if not found and "PixelData" in left and not (left["PixelData"].VR == "OW" and left.BitsAllocated == 8):
        found = None if numpy.array_equal(left.pixel_array, right.pixel_array) else "pixels"
    print(found or "same")
