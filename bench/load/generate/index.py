#!/usr/bin/python3
"""Deterministic small instances of many studies, to fill an archive's index.

    index.py OUT [--studies 20000] [--series 2] [--instances 5] [--seed 1] [--per-pack 5000]

Writes OUT/index-00000.pack ...: a run of [uint32 little endian length][DICOM file]. Study n (from 0): patient n // 3; PatientID
IDX%07d; AccessionNumber IA%09d; StudyInstanceUID ROOT.SALT.2.<n>; StudyDate 2010-01-01 + n * 7919 % 5475 days; modality by
n % 6: CT MR CR US DX NM; the queries of the qido phase rely on this. One template per series is encoded; SOP Instance UID and
Instance Number are then patched in place.
"""
import argparse
import datetime
import io
import os
import random
import struct

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset

ROOT, SALT = "1.2.826.0.1.3680043.10.1499", "100000"
IMAGE = "1.2.840.10008.5.1.4.1.1."
MODALITY = [("CT", "2"), ("MR", "4"), ("CR", "1"), ("US", "6.1"), ("DX", "1.1"), ("NM", "20")]
FAMILY = ["SMITH", "JONES", "MÜLLER", "GARCÍA", "NOVAK", "ROSSI", "DUBOIS", "JANSEN", "KOWALSKI", "SILVA", "TANAKA", "WANG", "KIM",
          "NGUYEN", "PATEL", "IVANOV", "ANDERSSON", "NIELSEN", "KORHONEN", "SANTOS", "O'BRIEN", "MURPHY", "COHEN", "HADDAD", "OKAFOR"]
GIVEN = ["ANNA", "JOHN", "MARIA", "PETER", "LI", "YUKI", "OMAR", "SOFIA", "LUCAS", "EMMA", "NOAH", "MIA", "IVAN", "OLGA", "JOSÉ", "CHLOÉ"]


def person(rng, p):
    birth = f"{1930 + rng.randrange(90)}{1 + rng.randrange(12):02d}{1 + rng.randrange(28):02d}"
    return f"{rng.choice(FAMILY)}{p % 97:02d}^{rng.choice(GIVEN)}", rng.choice("MF"), birth


def template(n, s, patient):
    modality, sop_class = MODALITY[n % 6]
    d = Dataset()
    d.SpecificCharacterSet, d.ImageType = "ISO_IR 192", ["ORIGINAL", "PRIMARY"]
    d.SOPClassUID, d.SOPInstanceUID = IMAGE + sop_class, f"{ROOT}.{SALT}.2.{n}.{s}.9999999"
    d.StudyDate = d.SeriesDate = (datetime.date(2010, 1, 1) + datetime.timedelta(days=n * 7919 % 5475)).strftime("%Y%m%d")
    d.StudyTime, d.AccessionNumber = f"{8 + n % 10:02d}{n % 60:02d}00", f"IA{n:09d}"
    d.Modality, d.Manufacturer, d.ReferringPhysicianName = modality, "Synthetic", f"REF{n % 50:02d}^DOC"
    d.StudyDescription, d.SeriesDescription = f"{modality} study type {n % 40}", f"Series {s}"
    d.PatientName, d.PatientSex, d.PatientBirthDate = patient
    d.PatientID = f"IDX{n // 3:07d}"
    d.StudyInstanceUID, d.SeriesInstanceUID = f"{ROOT}.{SALT}.2.{n}", f"{ROOT}.{SALT}.2.{n}.{s}"
    d.StudyID, d.SeriesNumber, d.InstanceNumber = str(n), s, "9999"
    d.SamplesPerPixel, d.PhotometricInterpretation, d.Rows, d.Columns = 1, "MONOCHROME2", 16, 16
    d.BitsAllocated, d.BitsStored, d.HighBit, d.PixelRepresentation = 8, 8, 7, 0
    d.PixelData = bytes((i * 7 + n) & 255 for i in range(256))
    d["PixelData"].VR = "OW"
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = d.SOPClassUID, d.SOPInstanceUID
    meta.TransferSyntaxUID, meta.ImplementationClassUID = "1.2.840.10008.1.2.1", ROOT + ".1"
    d.is_little_endian, d.is_implicit_VR, d.file_meta, d.preamble = True, False, meta, b"\0" * 128
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, d, write_like_original=False)
    return buffer.getvalue()


def instances(studies, series, per_series, seed):
    rng, patient = random.Random(seed), None
    for n in range(studies):
        if n % 3 == 0:
            patient = person(rng, n // 3)
        for s in range(1, series + 1):
            encoded = template(n, s, patient)
            for i in range(1, per_series + 1):
                patched = encoded.replace(b".9999999", b".%07d" % (1000000 + i))
                yield patched.replace(b"IS\x04\x009999", b"IS\x04\x00%-4d" % i)


def main():
    a = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    a.add_argument("out")
    for k, v in dict(studies=20000, series=2, instances=5, seed=1, per_pack=5000).items():
        a.add_argument("--" + k.replace("_", "-"), type=int, default=v)
    o = a.parse_args()
    os.makedirs(o.out, exist_ok=True)
    pack = None
    for count, encoded in enumerate(instances(o.studies, o.series, o.instances, o.seed)):
        if count % o.per_pack == 0:
            if pack:
                pack.close()
            pack = open(os.path.join(o.out, f"index-{count // o.per_pack:05d}.pack"), "wb")
        pack.write(struct.pack("<I", len(encoded)) + encoded)
    if pack:
        pack.close()


if __name__ == "__main__":
    main()
