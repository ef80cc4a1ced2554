#!/usr/bin/python3
"""Deterministic CT series and enhanced MR objects as DICOM files, for load tests.

    dataset.py OUT [--seed 1] [--ct 2] [--ct-slices 200] [--ct-large 1] [--ct-large-slices 1000] [--enhanced 2] [--frames 300]

Writes OUT/<kind>/<study>/<series>/<instance>.dcm and OUT/manifest.jsonl, one line per instance: path, kind, study, series, sop,
frames, bytes, pixelOffset, frameLength, sha256. The same arguments and pydicom version give the same bytes.

All UIDs start with ROOT + SALT (six digits), so that a load client makes a fresh copy of an instance by replacing those six
digits in place: same length, nothing is encoded again.
"""
import argparse
import datetime
import hashlib
import io
import json
import os

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence

ROOT, SALT = "1.2.826.0.1.3680043.10.1499", "100000"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
CT_IMAGE, ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4.1"
# Specific character set, patient name, sex: several repertoires, so that name conversion is part of what is measured.
PEOPLE = [
    (None, "Smith^John", "M"), ("ISO_IR 100", "Müller^Jürgen", "M"), ("ISO_IR 144", "Люксембург^Роза", "F"),
    (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう", "M"), ("ISO_IR 192", "Wang^XiaoDong=王^小东", "M"),
]


def uid(*parts):
    return ".".join([ROOT, SALT, "1", *map(str, parts)])     # 1: this set; 2: index.py


class Pixels:
    """Smooth anatomy plus correlated noise from a small pool: cheap, deterministic, compresses like an image."""

    def __init__(self, seed):
        self.rng, self.pool = np.random.default_rng(seed), {}

    def noise(self, n, sigma):
        if ("noise", n) not in self.pool:
            fields = []
            for _ in range(4):
                a = self.rng.standard_normal((n, n), dtype=np.float32)
                fields.append((a + np.roll(a, 1, 0) + np.roll(a, 1, 1) + np.roll(a, (1, 1), (0, 1))) / 2)
            self.pool["noise", n] = fields
        field = self.pool["noise", n][int(self.rng.integers(4))]
        return np.roll(field, tuple(int(v) for v in self.rng.integers(0, n, 2)), (0, 1)) * sigma

    def grid(self, n):
        if ("grid", n) not in self.pool:
            y, x = np.mgrid[-1:1:n * 1j, -1:1:n * 1j].astype(np.float32)
            self.pool["grid", n] = x, y
        return self.pool["grid", n]

    def ct(self, n, z):
        """HU + 1024 in 12 bits; z in 0..1 through the body; flat outside the reconstruction circle."""
        x, y = self.grid(n)
        img = np.full((n, n), -1000, np.float32)
        body = (x / (0.72 + 0.1 * np.sin(3 * z))) ** 2 + (y / (0.55 + 0.05 * z)) ** 2 < 1
        img[body] = 40 + 15 * np.sin(8 * x[body] + 5 * z)
        for cx, cy, rx, ry, hu in ((-.33, -.05, .26, .33, -820), (.33, -.05, .26, .33, -820), (0, .38, .1, .1, 700),
                                   (.08, -.1, .13, .15, 160), (-.3 + .2 * z, .1, .2 * z + .01, .2, 110)):
            img[(((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 < 1) & body] = hu
        img += self.noise(n, 14) * (0.4 + 0.6 * body)
        img = np.clip(img + 1024, 0, 4095)
        img[x * x + y * y > 1] = 0
        return img.astype("<u2")

    def mr(self, n, z):
        x, y = self.grid(n)
        r = (x / .75) ** 2 + (y / .9) ** 2
        img = np.where(r < 1, 1200 * (0.55 + 0.25 * np.cos(9 * r + 4 * z) + 0.15 * np.sin(7 * x - 3 * y)), 24)
        return np.clip(img + self.noise(n, 18), 0, 4095).astype("<u2")


class Generator:
    def __init__(self, out, seed):
        self.out, self.rng, self.pixels, self.study_number = out, np.random.default_rng(seed), Pixels(seed + 1), 0
        os.makedirs(out, exist_ok=True)
        self.manifest = open(os.path.join(out, "manifest.jsonl"), "w", encoding="utf-8")

    def study(self, description):
        self.study_number += 1
        n = self.study_number
        character_set, name, sex = PEOPLE[n % len(PEOPLE)]
        date = datetime.date(2015, 1, 1) + datetime.timedelta(days=int(self.rng.integers(0, 3650)))
        d = Dataset()
        if character_set is not None:
            d.SpecificCharacterSet = character_set
        d.PatientName, d.PatientID, d.IssuerOfPatientID = name, f"PID{n:06d}", "HOSP-A"
        d.PatientBirthDate, d.PatientSex, d.PatientAge = "19500102", sex, f"{date.year - 1950:03d}Y"
        d.StudyInstanceUID, d.StudyDate, d.StudyTime = uid(n), date.strftime("%Y%m%d"), f"{7 + n % 12:02d}{n % 60:02d}00"
        d.AccessionNumber, d.StudyID, d.StudyDescription = f"ACC{n:09d}", f"S{n}", description
        d.ReferringPhysicianName, d.InstitutionName = "House^Gregory", "General Hospital"
        return d

    def series(self, study, number, modality, description, body):
        d = Dataset()
        d.Modality, d.SeriesNumber, d.SeriesDescription, d.ProtocolName = modality, number, description, description
        d.SeriesInstanceUID, d.SeriesDate, d.SeriesTime = uid(self.study_number, number), study.StudyDate, study.StudyTime
        d.BodyPartExamined, d.Manufacturer, d.ManufacturerModelName = body, "Synthetic", f"Syn-{modality}"
        d.StationName, d.SoftwareVersions, d.DeviceSerialNumber = f"{modality}01", "1.0", "12345"
        d.FrameOfReferenceUID, d.PositionReferenceIndicator = uid(self.study_number, 0, 1), ""
        d.PerformedProcedureStepStartDate = study.StudyDate
        return d

    def ct(self, kind, slices):
        study = self.study("CT Thorax/Abdomen with contrast")
        series = self.series(study, 2, "CT", "Axial 1.0 B30f", "CHEST")
        z0 = float(self.rng.uniform(-900, -600))
        for i in range(1, slices + 1):
            d = self.ct_attributes(z0 + i, i)
            set_pixels(d, self.pixels.ct(512, i / slices))
            self.emit(kind, study, series, d, i)

    def ct_attributes(self, z, i):
        d, ref, code = Dataset(), Dataset(), Dataset()
        d.SOPClassUID, d.ImageType = CT_IMAGE, ["ORIGINAL", "PRIMARY", "AXIAL"]
        d.AcquisitionNumber, d.SliceThickness, d.KVP = 1, "1.0", "120"
        d.ImagePositionPatient, d.SliceLocation = ["-180", "-180", f"{z:.2f}"], f"{z:.2f}"
        d.ImageOrientationPatient, d.PixelSpacing = ["1", "0", "0", "0", "1", "0"], ["0.703125", "0.703125"]
        d.RescaleIntercept, d.RescaleSlope, d.RescaleType = "-1024", "1", "HU"
        d.WindowCenter, d.WindowWidth, d.WindowCenterWidthExplanation = ["40", "-600"], ["400", "1500"], ["ABDOMEN", "LUNG"]
        d.PatientPosition, d.ConvolutionKernel, d.XRayTubeCurrent = "FFS", "B30f", str(200 + i % 50)
        d.ExposureTime, d.GantryDetectorTilt, d.TableHeight = "500", "0", "120"
        ref.ReferencedSOPClassUID, ref.ReferencedSOPInstanceUID = CT_IMAGE, uid(self.study_number, 1, 1)
        d.ReferencedImageSequence = Sequence([ref])
        code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "CT0001", "99SYN", "CT chest"
        d.ProcedureCodeSequence = Sequence([code])
        block = d.private_block(0x0029, "SYNTH HEADER", create=True)
        block.add_new(0x08, "CS", "IMAGE NUM 4")
        block.add_new(0x10, "OB", bytes(range(256)))
        return d

    def enhanced(self, frames, n):
        study = self.study("Cardiac enhanced MR")
        series = self.series(study, 1, "MR", "Cine multi-frame", "HEART")
        d, shared, orientation, measures = Dataset(), Dataset(), Dataset(), Dataset()
        d.SOPClassUID, d.ImageType = ENHANCED_MR, ["ORIGINAL", "PRIMARY", "CARDIAC", "NONE"]
        orientation.ImageOrientationPatient = ["1", "0", "0", "0", "1", "0"]
        measures.PixelSpacing, measures.SliceThickness = ["1.2", "1.2"], "6"
        shared.PlaneOrientationSequence, shared.PixelMeasuresSequence = Sequence([orientation]), Sequence([measures])
        d.SharedFunctionalGroupsSequence = Sequence([shared])
        d.PerFrameFunctionalGroupsSequence = Sequence([frame_groups(f) for f in range(frames)])
        set_pixels(d, np.stack([self.pixels.mr(256, f / 30 + n) for f in range(frames)]), frames)
        self.emit("enhanced", study, series, d, 1)

    def emit(self, kind, study, series, instance, number):
        ds = Dataset()
        for part in (study, series, instance):
            ds.update(part)
        ds.InstanceNumber, ds.SOPInstanceUID = number, uid(self.study_number, series.SeriesNumber, number)
        ds.ContentDate, ds.ContentTime, ds.InstanceCreationDate = study.StudyDate, study.StudyTime, study.StudyDate
        data = encode(ds)
        rel = f"{kind}/{self.study_number:05d}/{int(series.SeriesNumber):03d}/{number:05d}.dcm"
        path = os.path.join(self.out, rel)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data)
        frames = int(ds.get("NumberOfFrames", 1))
        row = dict(path=rel, kind=kind, study=ds.StudyInstanceUID, series=ds.SeriesInstanceUID, sop=ds.SOPInstanceUID, frames=frames,
                   bytes=len(data), pixelOffset=len(data) - len(ds.PixelData),       # pixel data is always the last element here
                   frameLength=len(ds.PixelData) // frames, sha256=hashlib.sha256(data).hexdigest())
        self.manifest.write(json.dumps(row) + "\n")


def set_pixels(d, array, frames=None):
    d.SamplesPerPixel, d.PhotometricInterpretation = 1, "MONOCHROME2"
    d.Rows, d.Columns = array.shape[-2:]
    if frames:
        d.NumberOfFrames = frames
    d.BitsAllocated, d.BitsStored, d.HighBit, d.PixelRepresentation = 16, 12, 11, 0
    d.PixelData = array.tobytes()
    d["PixelData"].VR = "OW"


def frame_groups(f):
    groups, content, position, voi = Dataset(), Dataset(), Dataset(), Dataset()
    content.StackID, content.InStackPositionNumber, content.TemporalPositionIndex = "1", f // 30 + 1, f % 30 + 1
    content.DimensionIndexValues = [f // 30 + 1, f % 30 + 1]
    position.ImagePositionPatient = ["-150", "-150", str(f // 30 * 6)]
    voi.WindowCenter, voi.WindowWidth = "600", "1200"
    groups.FrameContentSequence, groups.PlanePositionSequence = Sequence([content]), Sequence([position])
    groups.FrameVOILUTSequence = Sequence([voi])
    return groups


def encode(ds):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = ds.SOPClassUID, ds.SOPInstanceUID
    meta.TransferSyntaxUID, meta.ImplementationClassUID, meta.ImplementationVersionName = EXPLICIT_LITTLE, ROOT + ".1", "SYNTH_1"
    ds.is_little_endian, ds.is_implicit_VR, ds.file_meta, ds.preamble = True, False, meta, b"\0" * 128
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, ds, write_like_original=False)
    return buffer.getvalue()


def main():
    a = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    a.add_argument("out")
    for k, v in dict(seed=1, ct=2, ct_slices=200, ct_large=1, ct_large_slices=1000, enhanced=2, frames=300).items():
        a.add_argument("--" + k.replace("_", "-"), type=int, default=v)
    o = a.parse_args()
    g = Generator(o.out, o.seed)
    for _ in range(o.ct):
        g.ct("ct", o.ct_slices)
    for _ in range(o.ct_large):
        g.ct("ctlarge", o.ct_large_slices)
    for n in range(o.enhanced):
        g.enhanced(o.frames, n)
    g.manifest.close()


if __name__ == "__main__":
    main()
