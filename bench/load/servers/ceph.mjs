// Ceph's S3 gateway for one run, by the script that the tests use, and the bare client that puts objects into it.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { freePorts } from './server.mjs';

const root = path.resolve(import.meta.dirname, '../../..'), script = path.join(root, 'tests/servers/ceph-s3.sh');
const puts = path.join(root, 'artifacts/bin/VnaCloud.Bench.Puts/release/vnacloud-bench-puts.dll');
const KEY = 'testaccesskey0000001', SECRET = 'testsecretkey000000000000000000000000001', GIGABYTES = 10;

export async function startCeph(folder) {
  const port = await freePorts(45), endpoint = `http://127.0.0.1:${port}`;
  const env = { ...process.env, STORE: 'memstore', OSD_GB: String(GIGABYTES), OWNER_PID: String(process.pid) };
  execFileSync('bash', [script, 'start', folder, String(port)], { env, stdio: 'ignore' });
  process.once('exit', () => { try { execFileSync('bash', [script, 'destroy', folder, String(port)], { stdio: 'ignore' }); } catch { /* gone */ } });
  const client = (...args) => execFileSync('dotnet', [puts, endpoint, KEY, SECRET, ...args.map(String)], { encoding: 'utf8' });
  return {
    bucket(name) { client(name); return name; },
    /** So many objects of so many bytes, so many at once; { objects, seconds, bytesPerSecond }. */
    put: (bucket, { objects, bytes, part, atOnce }) => JSON.parse(client(bucket, objects, bytes, part, atOnce)),
    arguments: bucket => ['--Vna:Storage:Provider=S3', `--Vna:Storage:S3:Endpoint=${endpoint}`, `--Vna:Storage:S3:Bucket=${bucket}`,
      `--Vna:Storage:S3:AccessKey=${KEY}`, `--Vna:Storage:S3:SecretKey=${SECRET}`],
  };
}
