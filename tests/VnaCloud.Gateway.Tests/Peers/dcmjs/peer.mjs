// dcmjs-dimse as a device and a workstation. Arguments: port of the gateway, port of its own SCP, folder of files, Study Instance UID, Patient's Name to find.
import crypto from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import dimse from 'dcmjs-dimse';

const { CEchoRequest, CFindRequest, CGetRequest, CMoveRequest, CStoreRequest } = dimse.requests;
const { CEchoResponse, CStoreResponse } = dimse.responses;
const { PresentationContextResult, Status, TransferSyntax } = dimse.constants;
const [gateway, own, folder, study, name] = process.argv.slice(2);
dimse.log.setLevel('silent');

// Sends requests over one association; every response of each in its order.
function send(requests, listeners = {}) {
  return new Promise((resolve, reject) => {
    const client = new dimse.Client(), responses = requests.map(() => []);
    requests.forEach((request, i) => {
      request.on('response', response => responses[i].push(response));
      client.addRequest(request);
    });
    for (const [event, listener] of Object.entries(listeners)) client.on(event, listener);
    for (const event of ['networkError', 'associationRejected']) client.on(event, problem => reject(new Error(`${event}: ${JSON.stringify(problem)} ${problem}`)));
    client.on('closed', () => resolve(responses));
    client.send('127.0.0.1', Number(gateway), 'DCMJS', 'VNACLOUD', { associationLingerTimeout: 50 });
  });
}

const last = responses => responses.at(-1).getStatus();

// What came, so that it can be compared: the UID, and the digest of the pixels.
function describe(dataset) {
  const pixels = Buffer.concat([dataset.getElement('PixelData')].flat().map(part => Buffer.from(part)));
  return `${dataset.getElement('SOPInstanceUID')} ${dataset.getElement('PatientName')?.[0]?.Alphabetic ?? dataset.getElement('PatientName')} ${crypto.createHash('sha256').update(pixels).digest('hex')}`;
}

const moved = [];
class Destination extends dimse.Scp {
  associationRequested(association) {
    for (const { id } of association.getPresentationContexts()) {
      const context = association.getPresentationContext(id);
      const syntax = context.getTransferSyntaxUids().find(uid => uid === TransferSyntax.ExplicitVRLittleEndian || uid === TransferSyntax.ImplicitVRLittleEndian);
      if (syntax) context.setResult(PresentationContextResult.Accept, syntax);
      else context.setResult(PresentationContextResult.RejectTransferSyntaxesNotSupported);
    }
    this.sendAssociationAccept();
  }
  cEchoRequest(request, callback) {
    const response = CEchoResponse.fromRequest(request);
    response.setStatus(Status.Success);
    callback(response);
  }
  cStoreRequest(request, callback) {
    moved.push(describe(request.getDataset()));
    const response = CStoreResponse.fromRequest(request);
    response.setStatus(Status.Success);
    callback(response);
  }
  associationReleaseRequested() {
    this.sendAssociationReleaseResponse();
  }
}
const server = net.createServer(socket => new Destination(socket, {}));
await new Promise(resolve => server.listen(Number(own), '127.0.0.1', resolve));

const result = {};
[result.echo] = (await send([new CEchoRequest()])).map(last);

const files = fs.readdirSync(folder).sort().map(file => path.join(folder, file));
result.store = (await send(files.map(file => new CStoreRequest(file)))).map(last);

// Queries are the archive's to answer: what was stored gets there soon.
for (let tries = 0; tries < 600; tries++) {
  const [responses] = await send([CFindRequest.createStudyFindRequest({ StudyInstanceUID: study, NumberOfStudyRelatedInstances: '' })]);
  if (Number(responses[0].getDataset()?.getElement('NumberOfStudyRelatedInstances')) === files.length) break;
  await new Promise(resolve => setTimeout(resolve, 100));
}
const found = await send([
  CFindRequest.createStudyFindRequest({ StudyInstanceUID: study, PatientName: '', NumberOfStudyRelatedInstances: '' }),
  CFindRequest.createSeriesFindRequest({ StudyInstanceUID: study, SeriesInstanceUID: '', Modality: '' }),
  CFindRequest.createStudyFindRequest({ PatientName: name, StudyInstanceUID: '' }),
]);
result.find = found.map(responses => ({
  status: last(responses),
  answers: responses.filter(response => response.hasDataset()).map(response => response.getDataset().getElements()),
}));

const got = [];
const [gets] = await send([CGetRequest.createStudyGetRequest(study)], {
  cStoreRequest(request, callback) {
    got.push(describe(request.getDataset()));
    const response = CStoreResponse.fromRequest(request);
    response.setStatus(Status.Success);
    callback(response);
  },
});
result.get = { status: last(gets), completed: gets.at(-1).getCompleted(), instances: got.sort() };

const [moves] = await send([CMoveRequest.createStudyMoveRequest('DCMJS', study)]);
result.move = { status: last(moves), completed: moves.at(-1).getCompleted(), instances: moved.sort() };
const [astray] = await send([CMoveRequest.createStudyMoveRequest('NOBODY', study)]);
result.astray = last(astray);

result.sent = files.map(file => describe(dimse.Dataset.fromFile(file))).sort();
server.close();
process.stdout.write(JSON.stringify(result), () => process.exit(0));
