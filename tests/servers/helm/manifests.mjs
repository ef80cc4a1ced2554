// Holds Kubernetes manifests against the schemas in the npm packages kubernetes-models and @kubernetes-models/*, and against their types too: an unknown field is
// an error. Prints all documents as one JSON list for each file.   node manifests.mjs FILE...
import fs from 'node:fs';
import ts from 'typescript';
import { parseAllDocuments } from 'yaml';

const packages = { 'monitoring.coreos.com': '@kubernetes-models/prometheus-operator/', 'gateway.networking.k8s.io': '@kubernetes-models/gateway-api/' };
const errors = [], literals = new Map(), result = [];
const folder = new URL('.', import.meta.url).pathname;

for (const file of process.argv.slice(2)) {
  const documents = [];
  for (const document of parseAllDocuments(fs.readFileSync(file, 'utf8'))) {
    errors.push(...document.errors.map(error => `${file}: ${error.message}`));
    const object = document.toJS();
    if (!object) continue;
    documents.push(object);
    const name = `${file}: ${object.apiVersion} ${object.kind} ${object.metadata?.name}`;
    const [version, group = ''] = object.apiVersion.split('/').reverse();
    const module = (packages[group] ?? 'kubernetes-models/') + (group ? `${group}/` : '') + version;
    const Model = (await import(module).catch(() => ({})))[object.kind];
    if (!Model) { errors.push(`${name}: unknown apiVersion or kind`); continue; }
    try { new Model(object).validate(); } catch (error) { errors.push(`${name}: ${error.message}`); }
    literals.set(`${folder}__${literals.size}.ts`, { name, text: `import type { I${object.kind} } from '${module}'; export const it: I${object.kind} = ${JSON.stringify(object)};` });
  }
  result.push(documents);
}

const options = {
  noEmit: true, strict: true, skipLibCheck: true, types: [], target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext,
};
const host = ts.createCompilerHost(options);
const { readFile, fileExists, getSourceFile } = host;
host.readFile = file => literals.get(file)?.text ?? readFile(file);
host.fileExists = file => literals.has(file) || fileExists(file);
host.getSourceFile = (file, version, ...rest) =>
  literals.has(file) ? ts.createSourceFile(file, literals.get(file).text, version) : getSourceFile(file, version, ...rest);
for (const { file, messageText } of ts.getPreEmitDiagnostics(ts.createProgram([...literals.keys()], options, host))) {
  errors.push(`${literals.get(file?.fileName)?.name ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
}

for (const error of errors) console.error(error);
console.log(JSON.stringify(result));
process.exitCode = errors.length > 0 ? 1 : 0;
