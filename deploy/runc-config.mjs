// For image.sh: what 'buildah inspect' says of a container (stdin) as the configuration of runc, on a read-only root.
//   node runc-config.mjs ROOT DATA [NAME=VALUE...] -- [ARGUMENT...]
import fs from 'node:fs';

const [root, data, ...rest] = process.argv.slice(2);
const end = rest.indexOf('--');
const image = JSON.parse(fs.readFileSync(0, 'utf8')).Docker.config;
const [uid, gid] = image.User.split(':').map(Number);
const scratch = options => ({ type: 'tmpfs', source: 'tmpfs', options });
const mounts = {
  '/proc': { type: 'proc', source: 'proc' },
  '/dev': scratch(['nosuid', 'mode=755', 'size=65536k']),
  '/dev/shm': scratch(['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k']),
  '/sys': { type: 'bind', source: '/sys', options: ['rbind', 'nosuid', 'noexec', 'nodev', 'ro'] },
  '/tmp': scratch(['nosuid', 'nodev', 'mode=1777']),
  '/data': { type: 'bind', source: data, options: ['bind', 'nosuid', 'nodev', 'rw'] },
  '/etc/resolv.conf': { type: 'bind', source: '/etc/resolv.conf', options: ['bind', 'ro'] },
};
console.log(JSON.stringify({
  ociVersion: '1.0.2',
  hostname: 'vnacloud',
  root: { path: root, readonly: true },
  process: {
    terminal: false,
    user: { uid, gid },
    cwd: image.WorkingDir,
    env: [...image.Env, ...rest.slice(0, end)],
    args: [...image.Entrypoint, ...rest.slice(end + 1)],
    capabilities: { bounding: [], effective: [], permitted: [] },
    rlimits: [{ type: 'RLIMIT_NOFILE', soft: 16384, hard: 16384 }],
    noNewPrivileges: true,
  },
  mounts: Object.entries(mounts).map(([destination, mount]) => ({ destination, ...mount })),
  linux: {
    namespaces: ['pid', 'ipc', 'uts', 'mount'].map(type => ({ type })),
    maskedPaths: ['/proc/kcore', '/proc/keys', '/proc/timer_list'],
    readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
  },
}, null, 1));
