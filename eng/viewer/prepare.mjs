#!/usr/bin/env node
// Makes of the package @ohif/app (a built single page application, 200 MB) what the archive serves under /viewer/:
// without what is not used, minified, bound to no path and to no other host, compressed ahead of time, and listed.
//   prepare.mjs PACKAGE OUT
// Each replacement must be found: another release of OHIF fails here, loudly, and not in a browser.
import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { transform } from 'esbuild';

const [packageFolder, out] = process.argv.slice(2);
const dist = path.join(packageFolder, 'dist');
const brotli = promisify(zlib.brotliCompress), gzip = promisify(zlib.gzip);

// The pages and scripts of OHIF's own hosting and sign-in, icons of other platforms, samples of customization, and 110 MB of neural networks' runtime.
const unused = [
  /\.map$/, /^_/, /^serve\.json$/, /^sw\.js$/, /^init-service-worker\.js$/, /^google\.js$/, /^silent-refresh\.html$/, /^oidc-client/, /^polyfill/, /^es6-shim/, /^app-config\.js$/,
  /^manifest\.json$/, /^assets\/(?!images\/|favicon)/, /^customizations\//, /^ort\//,
];

// Compressing again what is compressed gains nothing.
const compressible = /\.(js|css|html|svg|wasm|json|txt)$/;

// The scripts of workers that decode pixels. Emscripten binds their codecs by functions that it makes of text, which only they may do.
const decoders = /^8097\.bundle\.|^dicom-microscopy-viewer\/dataLoader\.worker\./;

// From where parts are loaded: the page says so (app-config.js), a worker asks its own address.
const publicPath = 'globalThis.document?globalThis.PUBLIC_URL:new URL("./",globalThis.location.href).pathname';

const replacements = [
  { of: /\.js$/, from: /__webpack_require__\.p = "\/"/g, to: `__webpack_require__.p = ${publicPath}`, times: 8 },
  { of: /^app\.bundle\..*\.js$/, from: /browserImportFunction\('\/dicom-microscopy-viewer\//g, to: "browserImportFunction(window.PUBLIC_URL + 'dicom-microscopy-viewer/", times: 1 },
  { of: /^app\.bundle\..*\.js$/, from: /"\.\/ohif-logo\.svg"/g, to: 'window.PUBLIC_URL + "ohif-logo.svg"', times: 1 },
  // The contour interpolation of the segmentation tools asks a public host for its program; the policy would refuse it, now the request fails here.
  { of: /\.js$/, from: /https:\/\/cdn\.jsdelivr\.net\/npm\//g, to: '/viewer/not-part-of-this-viewer/', times: 1 },
  // Videos are known by a transfer syntax that metadata need not say, or by this one class: the two others hold videos only, too.
  { of: /^100\.bundle\..*\.js$/, from: /metadata\.SOPClassUID === SOP_CLASS_UIDS\.VIDEO_PHOTOGRAPHIC_IMAGE_STORAGE/g, times: 1,
    to: '[SOP_CLASS_UIDS.VIDEO_PHOTOGRAPHIC_IMAGE_STORAGE, SOP_CLASS_UIDS.VIDEO_ENDOSCOPIC_IMAGE_STORAGE, SOP_CLASS_UIDS.VIDEO_MICROSCOPIC_IMAGE_STORAGE].includes(metadata.SOPClassUID)' },
  { of: /\.js$/, from: /function compileConstructor\(dtype, dimension\) \{[^]*?return procedure\(CACHED_CONSTRUCTORS\[dtype\], order\);?\s*\}/g, times: 4,
    to: await fs.readFile(new URL('ndarray.js', import.meta.url), 'utf8') },
  // Styles lie beside what they refer to.
  { of: /\.css$/, from: /url\((['"]?)\/(?!\/)/g, to: 'url($1', times: 5 },
];

const files = (await fs.readdir(dist, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  .map((entry) => path.relative(dist, path.join(entry.parentPath ?? entry.path, entry.name)).replaceAll(path.sep, '/'))
  .filter((name) => !unused.some((pattern) => pattern.test(name)));

async function contentOf(name) {
  if (name === 'index.html') return Buffer.from(page(await fs.readFile(path.join(dist, name), 'utf8')));
  if (!/\.(js|css)$/.test(name)) return fs.readFile(path.join(dist, name));
  let text = await fs.readFile(path.join(dist, name), 'utf8');
  for (const replacement of replacements.filter(({ of }) => of.test(name)))
    text = text.replace(replacement.from, (...match) => { replacement.times--; return replacement.to.replace('$1', match[1]); });
  return Buffer.from((await transform(text, { minify: true, legalComments: 'eof', target: 'es2022', loader: name.endsWith('.css') ? 'css' : 'js', logLevel: 'error' })).code);
}

// OHIF's page without its inline scripts (app-config.js has what they did). {base} is /viewer/ as the browser sees it (the server has app-config.js and narrow.css there), {files} where this release's files are.
function page(original) {
  const script = original.match(/src="\/(app\.bundle\.[0-9a-f]+\.js)"/)?.[1], style = original.match(/href="\/(app\.bundle\.css)"/)?.[1];
  if (!script || !style) throw new Error('index.html does not name app.bundle.*.js and app.bundle.css.');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, maximum-scale=1, user-scalable=no">
<meta name="theme-color" content="#000000">
<title>Viewer</title>
<link rel="icon" href="{files}assets/favicon.ico">
<script src="{base}app-config.js"></script>
<script defer src="{files}${script}"></script>
<link rel="stylesheet" href="{files}${style}">
<link rel="stylesheet" href="{base}narrow.css">
</head>
<body>
<noscript>The viewer needs JavaScript.</noscript>
<div id="react-portal"></div>
<div id="root"></div>
</body>
</html>
`;
}

const listed = [];
async function write(name, content) {
  const target = path.join(out, name);
  await fs.mkdir(path.dirname(target), { recursive: true });
  await fs.writeFile(target, content);
  const entry = { path: name, sha256: createHash('sha256').update(content).digest('hex'), bytes: content.length };
  if (compressible.test(name) && name !== 'index.html' && content.length > 1024) {
    const [br, gz] = await Promise.all([
      brotli(content, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: content.length > 4_000_000 ? 9 : 11, [zlib.constants.BROTLI_PARAM_LGWIN]: 22, [zlib.constants.BROTLI_PARAM_SIZE_HINT]: content.length } }),
      gzip(content, { level: 9 }),
    ]);
    await Promise.all([fs.writeFile(`${target}.br`, br), fs.writeFile(`${target}.gz`, gz)]);
    Object.assign(entry, { br: br.length, gz: gz.length });
  }
  if (decoders.test(name)) entry.decoder = true;
  listed.push(entry);
}

const waiting = [...files];
await Promise.all(Array.from({ length: os.availableParallelism() }, async () => {
  for (let name; (name = waiting.shift()); ) await write(name, await contentOf(name));
}));
await write('LICENSE.txt', await fs.readFile(path.join(packageFolder, 'LICENSE')));

for (const { of, from, times } of replacements) if (times !== 0) throw new Error(`${from} in ${of} was expected ${times > 0 ? `${times} times more` : `${-times} times less`}.`);
if (listed.filter((entry) => entry.decoder).length !== 2) throw new Error('The scripts of the two decoding workers are not where they were.');

// Last, for the server reads this first. The release is a name for exactly these files: their addresses contain it, so they never change.
listed.sort((a, b) => (a.path < b.path ? -1 : 1));
const { version } = JSON.parse(await fs.readFile(path.join(packageFolder, 'package.json'), 'utf8'));
const release = createHash('sha256').update(listed.map((entry) => `${entry.path} ${entry.sha256}\n`).join('')).digest('hex').slice(0, 16);
await fs.writeFile(path.join(out, 'viewer.json'), JSON.stringify({ ohif: version, release, files: listed }, null, 1));
const sum = (of) => (listed.reduce((total, entry) => total + (of(entry) ?? entry.bytes), 0) / 1e6).toFixed(1);
console.log(`OHIF ${version}: ${listed.length} files, ${sum((e) => e.bytes)} MB, ${sum((e) => e.gz)} MB as gzip, ${sum((e) => e.br)} MB as brotli`);
