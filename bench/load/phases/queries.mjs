// The eight QIDO-RS queries over the data of generate/index.py. Each has arguments(random) from a domain large enough that no
// query is asked twice, and expected(arguments): the study numbers that match, where the generator's rules say them.
const DAYS = 5475, MODALITIES = ['CT', 'MR', 'CR', 'US', 'DX', 'NM'];
const FAMILIES = ['SMITH', 'JONES', 'NOVAK', 'ROSSI', 'DUBOIS', 'JANSEN', 'KOWALSKI', 'SILVA', 'TANAKA', 'WANG', 'KIM', 'PATEL', 'MURPHY'];
const PAGE = 50;

const padded = (number, digits) => String(number).padStart(digits, '0');
const date = day => new Date(Date.UTC(2010, 0, 1 + day)).toISOString().slice(0, 10).replaceAll('-', '');
const week = day => `StudyDate=${date(day)}-${date(day + 6)}`;
const inWeek = (n, day) => { const d = n * 7919 % DAYS; return d >= day && d <= day + 6; };

/** whole: the answer is not a page of a longer list, so that two servers must give the same set. */
export function queries(studies) {
  const all = Array.from({ length: studies }, (_, n) => n), deepest = studies - PAGE;
  const page = offset => ({ count: Math.min(PAGE, studies - offset) });
  return [
    { name: 'PatientID', whole: true, pick: r => r(Math.ceil(studies / 3)), query: p => `PatientID=IDX${padded(p, 7)}`,
      expected: p => ({ studies: [3 * p, 3 * p + 1, 3 * p + 2].filter(n => n < studies) }) },
    { name: 'AccessionNumber', whole: true, pick: r => r(studies), query: n => `AccessionNumber=IA${padded(n, 9)}`,
      expected: n => ({ studies: [n] }) },
    { name: 'StudyDate week', whole: true, pick: r => r(DAYS - 6), query: week,
      expected: day => ({ studies: all.filter(n => inWeek(n, day)) }) },
    { name: 'PatientName prefix*', whole: true, pick: r => FAMILIES[r(FAMILIES.length)] + padded(r(97), 2), query: p => `PatientName=${p}*`,
      expected: () => ({}) },
    // Limits around 50, not offsets, make these differ: Orthanc 1.10 takes the offset off the limit when it filters by modality.
    { name: 'ModalitiesInStudy limit 26-75', pick: r => [r(MODALITIES.length), PAGE / 2 + 1 + r(PAGE)],
      query: ([m, limit]) => `ModalitiesInStudy=${MODALITIES[m]}&limit=${limit}`,
      expected: ([m, limit]) => ({ count: limit, among: n => n % MODALITIES.length === m }) },
    { name: 'Modality+StudyDate week', whole: true, pick: r => r(DAYS - 6), query: day => `ModalitiesInStudy=CT&${week(day)}`,
      expected: day => ({ studies: all.filter(n => n % MODALITIES.length === 0 && inWeek(n, day)) }) },
    { name: 'page limit 50 offset<1000', pick: r => r(1000), query: offset => `limit=${PAGE}&offset=${offset}`, expected: page },
    { name: 'page limit 50 deep', pick: r => r(deepest), query: offset => `limit=${PAGE}&offset=${offset}`, expected: page },
  ];
}

/** count different queries, the same in every run: [{ path, expected }]. */
export function distinct({ pick, query, expected }, count) {
  const random = (state => limit => (state = (state * 48271) % 0x7fffffff) % limit)(20260101), seen = new Map();
  for (let tries = 0; seen.size < count && tries < count * 100; tries++) {
    const argument = pick(random);
    seen.set(query(argument), argument);
  }
  if (seen.size < count) throw new Error(`only ${seen.size} different queries`);
  return [...seen].map(([text, argument]) => ({ path: `/studies?${text}`, expected: expected(argument) }));
}
