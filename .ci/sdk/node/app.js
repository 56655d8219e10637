// An HTTP service that calls itself REQUESTS times under automatic instrumentation. Half of the requests
// fail with 500, so that errors are sent too; a counter and log records go the other two ways.
const http = require('node:http');
const { metrics } = require('@opentelemetry/api');
const { logs } = require('@opentelemetry/api-logs');

const requests = Number(process.env.REQUESTS || 10);
const calls = metrics.getMeter('smoke').createCounter('smoke.calls');
const log = logs.getLogger('smoke');

const server = http.createServer((req, res) => {
  calls.add(1);
  log.emit({ severityText: 'INFO', body: `asked for ${req.url}` });
  res.statusCode = req.url === '/fail' ? 500 : 200;
  res.end('done\n');
});

function call(port, path) {
  return new Promise((resolve, reject) => {
    http.get({ port, path, host: '127.0.0.1' }, (res) => res.resume().on('end', resolve)).on('error', reject);
  });
}

server.listen(0, '127.0.0.1', async () => {
  const { port } = server.address();
  for (let i = 0; i < requests; i++) await call(port, i % 2 ? '/fail' : '/ok');
  server.close();
  // The SDK flushes on SIGTERM, as it does when a container stops.
  process.kill(process.pid, 'SIGTERM');
});
