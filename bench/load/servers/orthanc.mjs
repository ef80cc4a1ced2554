// Orthanc with its SQLite index, configured as for production on one machine: durable writes, keep-alive, no Nagle.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { Server } from './server.mjs';

const configuration = (folder, port, durable, more = {}) => ({
  Name: 'bench', StorageDirectory: folder, IndexDirectory: folder, HttpPort: port, DicomServerEnabled: false,
  RemoteAccessAllowed: false, AuthenticationEnabled: false, UnknownSopClassAccepted: true, KeepAlive: true, TcpNoDelay: true,
  HttpThreadsCount: 50, SyncStorageArea: durable, OverwriteInstances: false, StableAge: 3600, HttpRequestTimeout: 600,
  Plugins: ['/usr/share/orthanc/plugins/libOrthancDicomWeb.so'], DicomWeb: { Enable: true, Root: '/dicom-web/', EnableWado: true }, ...more,
});

function loopbackShim(folder) {
  const library = path.join(folder, 'loopback.so');
  if (!fs.existsSync(library)) {
    execFileSync('cc', ['-shared', '-fPIC', '-O2', '-o', library, path.join(import.meta.dirname, 'loopback.c'), '-ldl']);
  }
  return library;
}

/** durable: false only to fill an index whose filling is not measured. */
export function orthanc(folder, { durable = true } = {}) {
  return new Server({
    name: 'orthanc', folder, prefix: '/dicom-web', readyPath: '/system',
    command(port) {
      const home = path.dirname(folder), file = path.join(home, 'orthanc.json');
      fs.writeFileSync(file, JSON.stringify(configuration(folder, port, durable), null, 2));
      return { file: '/usr/sbin/Orthanc', args: [file], env: { LD_PRELOAD: loopbackShim(home) } };
    },
    // Without statistics SQLite scans whole tables for Orthanc's queries.
    async prepareReads() {
      await this.stop();
      const analyze = 'import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute("ANALYZE"); c.commit()';
      execFileSync('/usr/bin/python3', ['-c', analyze, path.join(folder, 'index')]);
      await this.start();
    },
  });
}

/** With its index in PostgreSQL, over one connection: with more it loses requests to serialization errors. */
export function orthancOnPostgres(folder, databasePort, connectionString) {
  const database = /Database=(\w+)/.exec(connectionString)[1];
  const more = {
    Plugins: ['/usr/share/orthanc/plugins/libOrthancDicomWeb.so', '/usr/share/orthanc/plugins/libOrthancPostgreSQLIndex.so'],
    PostgreSQL: {
      EnableIndex: true, EnableStorage: false, Host: '127.0.0.1', Port: databasePort, Database: database, Username: 'app', Password: 'app',
      Lock: false, IndexConnectionsCount: 1,
    },
  };
  return new Server({
    name: 'orthanc', folder, prefix: '/dicom-web', readyPath: '/system',
    command(port) {
      const home = path.dirname(folder), file = path.join(home, 'orthanc.json');
      fs.writeFileSync(file, JSON.stringify(configuration(folder, port, true, more), null, 2));
      return { file: '/usr/sbin/Orthanc', args: [file], env: { LD_PRELOAD: loopbackShim(home) } };
    },
  });
}
