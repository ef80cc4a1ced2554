// A PostgreSQL with durable commits for one run, by the script that the tests use.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { freePorts } from './server.mjs';

const script = path.resolve(import.meta.dirname, '../../../tests/servers/postgres.sh');

export async function startPostgres(folder) {
  const port = await freePorts(1), run = (...args) => execFileSync(script, args, { env: { ...process.env, PG_DURABLE: '1' }, stdio: 'ignore' });
  run('start', folder, String(port), '0');
  const destroy = () => { try { run('destroy', folder); } catch { /* it was never up */ } };
  process.once('exit', destroy);
  return {
    port,
    /** A new database; gives Npgsql's connection string. */
    database(name) {
      execFileSync('psql', ['-h', '127.0.0.1', '-p', String(port), '-U', 'app', '-d', 'postgres', '-qc', `CREATE DATABASE ${name}`]);
      return `Host=127.0.0.1;Port=${port};Database=${name};Username=app`;
    },
  };
}
