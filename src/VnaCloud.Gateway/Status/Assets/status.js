// Shows /status, every two seconds. Everything is text: nothing that came from outside becomes markup.
const every = 2000;

function size(bytes) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (bytes >= 1000 && unit < units.length - 1) { bytes /= 1000; unit++; }
  return `${bytes.toFixed(unit ? 1 : 0)} ${units[unit]}`;
}

function age(seconds) {
  if (seconds === null) return '';
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

function fill(id, rows) {
  document.getElementById(id).replaceChildren(...rows.map(cells => {
    const row = document.createElement('tr');
    for (const cell of cells) row.appendChild(document.createElement('td')).textContent = cell;
    return row;
  }));
}

function show(status) {
  document.getElementById('title').textContent = status.aeTitle;
  const state = document.getElementById('state');
  const spool = status.spool;
  state.textContent = `${spool.notReady ?? (spool.loaded ? 'Objects are taken.' : 'Objects are taken; what waited before the start is being looked through.')} `
    + `${size(spool.unsentBytes)} wait, ${size(spool.freeBytes)} are free${spool.pressure === 'Soft' ? ': the disk is getting full' : ''}.`;
  state.className = spool.notReady || spool.pressure !== 'None' ? 'bad' : '';
  const dimse = status.dimse;
  document.getElementById('dimse').textContent = `DICOM at ${dimse.ports.join(' and ')}: ${dimse.associations} associations open, ${dimse.openCommitments} commitment reports owed.`;
  fill('lanes', status.destinations.flatMap(d => d.lanes.map(l => [d.name, l.lane, l.objects, size(l.bytes), age(l.oldestSeconds)])));
  fill('archives', status.destinations.map(d => [d.name, d.waiting ?? 'in order', `${d.connections} of ${d.connectionLimit}`, `${size(d.bytesPerSecond)}/s`]));
  document.getElementById('count').textContent = status.quarantine.count;
  fill('quarantine', status.quarantine.latest.map(q => [q.receipt, q.time.replace('T', ' ').slice(0, 19), q.callingAe, size(q.bytes), q.reason]));
}

async function refresh() {
  try {
    show(await (await fetch('status')).json());
  } catch {
    const state = document.getElementById('state');
    [state.textContent, state.className] = ['The gateway does not answer.', 'bad'];
  }
  setTimeout(refresh, every);
}

refresh();
