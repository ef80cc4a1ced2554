// VnaCloud as built from this tree, in its default configuration unless more is said.
import path from 'node:path';
import { Server } from './server.mjs';

const artifacts = path.resolve(import.meta.dirname, '../../../artifacts/bin');
const codecs = path.resolve(import.meta.dirname, '../../../artifacts/codecs/vna-codec');

export const vna = (folder, name = 'vna', more = []) => new Server({
  name, folder, prefix: '/dicom-web', readyPath: '/health/ready',
  command: port => ({
    file: 'dotnet',
    args: [path.join(artifacts, 'VnaCloud.Server/release/vnacloud-server.dll'), '--urls', `http://127.0.0.1:${port}`,
      `--Vna:Storage:Path=${folder}`, `--Vna:Codecs:Program=${codecs}`, ...more],
  }),
});

export const bare = (folder, files) => new Server({
  name: 'bare', folder, prefix: '', readyPath: '/health/ready',
  command: port => ({
    file: 'dotnet',
    args: [path.join(artifacts, 'VnaCloud.Bench.Bare/release/vnacloud-bench-bare.dll'), '--urls', `http://127.0.0.1:${port}`,
      `--Bare:Upload=${folder}`, `--Bare:Files=${files}`],
  }),
});
