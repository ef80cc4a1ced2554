// Holds values (JSON on stdin) against a values.schema.json as Helm does, one line for each error: node values.mjs SCHEMA
import fs from 'node:fs';
import Ajv from 'ajv';

const ajv = new Ajv({ allErrors: true, strict: true, strictTypes: false });
const check = ajv.compile(JSON.parse(fs.readFileSync(process.argv[2], 'utf8')));
if (!check(JSON.parse(fs.readFileSync(0, 'utf8')))) {
  for (const { instancePath, message, params, keyword } of check.errors) {
    const what = params.additionalProperty ?? params.propertyName ?? (keyword === 'enum' ? params.allowedValues.join(', ') : '');
    console.error(`${instancePath.slice(1).replaceAll('/', '.')}: ${message} ${what}`.trimEnd());
  }
  process.exit(1);
}
