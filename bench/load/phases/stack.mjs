// STOW-RS on PostgreSQL: with a folder beside Orthanc on PostgreSQL, and with Ceph beside a client that does nothing but put objects.
import path from 'node:path';
import { loadInstance } from '../client/dataset.mjs';
import { median } from '../client/http.mjs';
import { startCeph } from '../servers/ceph.mjs';
import { orthancOnPostgres } from '../servers/orthanc.mjs';
import { startPostgres } from '../servers/postgres.mjs';
import { vna } from '../servers/vna.mjs';
import { oneRun } from './stow.mjs';

const TIMES_ORTHANC = 5, OF_PUTS = 0.8, OF_SQLITE = 0.8, PART = 8 << 20;
const SHAPE = { perRequest: 100, concurrency: 4, instances: 800 };

export async function stack({ settings, data, report, scratch }) {
  const home = name => path.join(scratch, 'stack', name, 'data');
  const postgres = await startPostgres(path.join(scratch, 'postgres')), ceph = await startCeph(path.join(scratch, 'ceph'));
  const index = database => ['--Vna:Index:Provider=Postgres', `--Vna:Index:ConnectionString=${postgres.database(database)}`];
  const started = [];
  for (const server of [
    vna(home('sqlite')), vna(home('folder'), 'vna on PostgreSQL', index('folder')),
    vna(home('ceph'), 'vna on PostgreSQL and Ceph', [...index('ceph'), ...ceph.arguments(ceph.bucket('vna-packs'))]),
    orthancOnPostgres(home('orthanc'), postgres.port, postgres.database('orthanc')),
  ]) started.push(await server.start());
  const base = data.ct.slice(0, 200).map(loadInstance), bytes = base.slice(0, 100).reduce((sum, { head, tail }) => sum + head.length + tail.length, 0);
  ceph.bucket('bare-puts');
  const put = () => {
    const { bytesPerSecond } = ceph.put('bare-puts', { objects: SHAPE.instances / SHAPE.perRequest, bytes, part: PART, atOnce: SHAPE.concurrency });
    return bytesPerSecond / bytes * SHAPE.perRequest;
  };
  const rates = { puts: [] };
  for (const server of started) await oneRun(server, base, { ...SHAPE, instances: 400 });                          // warm-up, not counted
  for (let run = 0; run < settings.repetitions; run++) {
    for (const server of started) {
      const result = await oneRun(server, base, server.name === 'orthanc' ? { ...SHAPE, instances: SHAPE.instances / 2 } : SHAPE);
      (rates[server.name] ??= []).push(result.perSecond);
      report.measured({ phase: 'stack', server: server.name, run, ...SHAPE, ...result, salts: undefined });
    }
    rates.puts.push(put());
    report.measured({ phase: 'stack', server: 'puts', run, perSecond: rates.puts.at(-1) });
  }
  const of = name => median(rates[name]), folder = of('vna on PostgreSQL'), onCeph = of('vna on PostgreSQL and Ceph'), what = 'STOW CT 527 KB, 100/request, c4';
  report.row({ what: `${what}, (PostgreSQL, folder)`, unit: 'instances/s', vna: folder, orthanc: of('orthanc'), target: `>= ${TIMES_ORTHANC}x Orthanc on PostgreSQL`,
    needs: [folder, of('orthanc')], pass: folder >= TIMES_ORTHANC * of('orthanc') });
  report.row({ what: `${what}, (PostgreSQL, folder) to (SQLite, folder) as "bare"`, unit: 'instances/s', vna: folder, bare: of('vna'), target: '>= 80 %',
    needs: [folder, of('vna')], pass: folder >= OF_SQLITE * of('vna') });
  report.row({ what: `${what}, (PostgreSQL, Ceph) to bare puts`, unit: 'instances/s', vna: onCeph, bare: of('puts'), target: '>= 80 % of bare puts',
    needs: [onCeph, of('puts')], pass: onCeph >= OF_PUTS * of('puts') });
  for (const server of started) await server.stop();
}
