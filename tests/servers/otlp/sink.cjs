// A receiver of OTLP (gRPC, HTTP/protobuf, HTTP/JSON) for tests. Not a collector: it keeps what it gets, and tells it flat.
//   node sink.cjs GRPC_PORT HTTP_PORT      says "ready" when both listen
//   GET /received                          {"spans":[...],"metrics":[...],"logs":[...],"requests":{"grpc":n,"http":n}}
//   GET /contains?text=...                 "true" when any received message has this text anywhere, whatever the case
const http = require('http'), zlib = require('zlib'), path = require('path');
const grpc = require('@grpc/grpc-js');
const generated = path.join(path.dirname(require.resolve('@opentelemetry/otlp-transformer')), 'generated/root.js');
const collector = require(generated).opentelemetry.proto.collector;

const received = { spans: [], metrics: [], logs: [], requests: { grpc: 0, http: 0 } };
const everything = [];

const hex = bytes => typeof bytes === 'string' ? bytes : Buffer.from(bytes ?? []).toString('hex');
const value = v => v == null ? null : v.stringValue ?? v.boolValue ?? (v.intValue != null ? Number(v.intValue) : v.doubleValue ?? (v.arrayValue ? (v.arrayValue.values ?? []).map(value) : null));
const attributes = list => Object.fromEntries((list ?? []).map(a => [a.key, value(a.value)]));

function* scopes(resources, scopesOf) {
  for (const resource of resources ?? []) {
    for (const scope of scopesOf(resource) ?? []) yield { resource: attributes(resource.resource?.attributes), scope };
  }
}

const data = m => m.gauge ?? m.sum ?? m.histogram ?? m.exponentialHistogram ?? m.summary;
const kind = m => m.gauge ? 'gauge' : m.sum ? (m.sum.isMonotonic ? 'counter' : 'updown') : m.histogram ? 'histogram' : 'other';
const amount = p => p.asDouble ?? (p.asInt != null ? Number(p.asInt) : p.sum ?? null);

const signals = {
  trace: {
    service: collector.trace.v1, name: 'Trace',
    take(message) {
      for (const { resource, scope } of scopes(message.resourceSpans, r => r.scopeSpans)) {
        for (const s of scope.spans ?? []) {
          received.spans.push({
            service: resource['service.name'], scope: scope.scope?.name, name: s.name, traceId: hex(s.traceId), spanId: hex(s.spanId), parentSpanId: hex(s.parentSpanId),
            attributes: attributes(s.attributes), links: (s.links ?? []).map(l => hex(l.traceId)), events: (s.events ?? []).map(e => ({ name: e.name, ...attributes(e.attributes) })),
          });
        }
      }
    },
  },
  metrics: {
    service: collector.metrics.v1, name: 'Metrics',
    take(message) {
      for (const { resource, scope } of scopes(message.resourceMetrics, r => r.scopeMetrics)) {
        for (const m of scope.metrics ?? []) {
          received.metrics.push({
            service: resource['service.name'], scope: scope.scope?.name, name: m.name, unit: m.unit ?? '', description: m.description ?? '', kind: kind(m),
            points: (data(m)?.dataPoints ?? []).map(p => ({ value: amount(p), count: p.count != null ? Number(p.count) : null, attributes: attributes(p.attributes) })),
          });
        }
      }
    },
  },
  logs: {
    service: collector.logs.v1, name: 'Logs',
    take(message) {
      for (const { resource, scope } of scopes(message.resourceLogs, r => r.scopeLogs)) {
        for (const l of scope.logRecords ?? []) received.logs.push({ service: resource['service.name'], scope: scope.scope?.name, body: value(l.body), traceId: hex(l.traceId), attributes: attributes(l.attributes) });
      }
    },
  },
};

function take(signal, message, by) {
  received.requests[by]++;
  everything.push(JSON.stringify(message).toLowerCase());
  signal.take(message);
}

const server = new grpc.Server();
for (const [key, signal] of Object.entries(signals)) {
  const request = signal.service[`Export${signal.name}ServiceRequest`], response = signal.service[`Export${signal.name}ServiceResponse`];
  signal.request = request;
  server.addService({
    Export: {
      path: `/opentelemetry.proto.collector.${key}.v1.${signal.name}Service/Export`, requestStream: false, responseStream: false,
      requestSerialize: m => Buffer.from(request.encode(m).finish()), requestDeserialize: b => request.decode(b),
      responseSerialize: m => Buffer.from(response.encode(m).finish()), responseDeserialize: b => response.decode(b),
    },
  }, { Export: (call, answer) => { take(signal, call.request, 'grpc'); answer(null, {}); } });
}

const paths = { '/v1/traces': signals.trace, '/v1/metrics': signals.metrics, '/v1/logs': signals.logs };

const web = http.createServer((request, answer) => {
  const url = new URL(request.url, 'http://sink');
  if (url.pathname === '/received') return answer.setHeader('content-type', 'application/json').end(JSON.stringify(received));
  if (url.pathname === '/contains') return answer.end(String(everything.some(message => message.includes(url.searchParams.get('text').toLowerCase()))));
  const signal = paths[url.pathname];
  if (!signal || request.method !== 'POST') return answer.writeHead(404).end();
  const pieces = [];
  request.on('data', piece => pieces.push(piece)).on('end', () => {
    try {
      const bytes = request.headers['content-encoding'] === 'gzip' ? zlib.gunzipSync(Buffer.concat(pieces)) : Buffer.concat(pieces);
      const json = (request.headers['content-type'] ?? '').includes('json');
      take(signal, json ? JSON.parse(bytes) : signal.request.decode(bytes), 'http');
      answer.writeHead(200, { 'content-type': json ? 'application/json' : 'application/x-protobuf' }).end(json ? '{}' : Buffer.alloc(0));
    } catch (error) {
      answer.writeHead(400).end(String(error));
    }
  });
});

server.bindAsync(`127.0.0.1:${process.argv[2]}`, grpc.ServerCredentials.createInsecure(), error => {
  if (error) throw error;
  web.listen(Number(process.argv[3]), '127.0.0.1', () => console.log('ready'));
});
