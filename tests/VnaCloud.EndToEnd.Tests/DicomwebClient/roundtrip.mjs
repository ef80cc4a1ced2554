// node roundtrip.mjs BASE FOLDER: stores the folder's *.dcm with dicomweb-client and reads everything back. FOLDER/expected.json says
// what is in them. Prints one line of JSON; fails with an assertion.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { XMLHttpRequest } from "./xml-http-request.mjs";
import dicomweb from "dicomweb-client";

globalThis.XMLHttpRequest = XMLHttpRequest;

const [base, folder] = process.argv.slice(2);
const expected = JSON.parse(await readFile(join(folder, "expected.json"), "utf8"));
const names = (await readdir(folder)).filter((name) => name.endsWith(".dcm")).sort();
const files = await Promise.all(names.map((name) => readFile(join(folder, name))));
const client = new dicomweb.api.DICOMwebClient({ url: base });
const study = { studyInstanceUID: expected.study };
const series = { ...study, seriesInstanceUID: expected.series };

const exact = (file) => file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength);
const sorted = (parts) => parts.map((part) => Buffer.from(part).toString("base64")).sort();
const sameBytes = (actual, wanted, what) => assert.deepEqual(sorted(actual), sorted(wanted), `${what} differs`);

const stored = JSON.parse(await client.storeInstances({ datasets: files.map(exact) }));
assert.equal(stored["00081199"].Value.length, files.length);
assert.equal(stored["00081198"], undefined);

const studies = await client.searchForStudies({ queryParams: { PatientID: expected.patientId } });
assert.deepEqual(studies.map((item) => item["0020000D"].Value[0]), [expected.study]);
const found = await client.searchForSeries({ ...study });
assert.deepEqual(found.map((item) => item["0020000E"].Value[0]), [expected.series]);
const instances = await client.searchForInstances({ ...series });
assert.deepEqual(instances.map((item) => item["00080018"].Value[0]).sort(), [...expected.instances].sort());

// Without media types the client asks for Explicit VR Little Endian, which the files are: they come back as they went.
sameBytes(await client.retrieveSeries({ ...series }), files, "series");
sameBytes(await client.retrieveStudy({ ...study }), files, "study");
const one = { ...series, sopInstanceUID: expected.multiFrame };
sameBytes([await client.retrieveInstance({ ...one })], [files[names.indexOf(expected.multiFrameFile)]], "instance");

const metadata = await client.retrieveSeriesMetadata({ ...series });
assert.deepEqual(metadata.map((item) => item["00080018"].Value[0]).sort(), [...expected.instances].sort());
assert.deepEqual((await client.retrieveInstanceMetadata(one))[0]["00280008"].Value, [expected.frames.length]);

const wanted = expected.frames.map((frame) => Buffer.from(frame, "base64"));
const frames = await client.retrieveInstanceFrames({ ...one, frameNumbers: wanted.map((_, i) => i + 1) });
assert.equal(frames.length, wanted.length);
frames.forEach((frame, i) => assert.deepEqual(Buffer.from(frame), wanted[i], `frame ${i + 1} differs`));
const [last] = await client.retrieveInstanceFrames({ ...one, frameNumbers: [wanted.length] });
assert.deepEqual(Buffer.from(last), wanted.at(-1));

const bulkOwner = metadata.find((item) => item["00080018"].Value[0] === expected.bulkInstance);
const uri = bulkOwner[expected.bulkTag].BulkDataURI;
const [bulk] = await client.retrieveBulkData({ BulkDataURI: uri });
assert.deepEqual(Buffer.from(bulk), Buffer.from(expected.bulk, "base64"), "bulk data differs");

console.log(JSON.stringify({ stored: files.length, studies: studies.length, instances: instances.length, frames: frames.length, bulkBytes: bulk.byteLength }));
