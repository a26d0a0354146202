// SPDX-License-Identifier: Apache-2.0
// A Library server of few words that speaks HTTP/2 over TLS: http2_server.js KEY CERTIFICATE. It prints its port, then for each
// request a line of JSON with the protocol's version, the method, the path and the octets of its body. The paths floods/trailers
// and floods/hints (interim answers) have more than a client should take. Ends with its input.
'use strict';
const fs = require('fs');
const http2 = require('http2');

const [key, cert] = process.argv.slice(2).map((file) => fs.readFileSync(file));
const server = http2.createSecureServer({ key, cert, allowHTTP1: true }, (request, response) => {
  let octets = 0;
  request.on('data', (piece) => { octets += piece.length; });
  request.on('end', () => {
    const { httpVersion: version, method, url: path } = request;
    process.stdout.write(JSON.stringify({ version, method, path, octets }) + '\n');
    if (path.startsWith('/api/auth/')) {
      response.writeHead(204, { 'X-MSTR-AuthToken': 'token', 'Set-Cookie': 'JSESSIONID=1; Path=/api; Secure' });
      response.end();
    } else if (path === '/api/floods/hints') {
      for (let i = 0; i < 100; i++) {
        response.stream.additionalHeaders({ ':status': 103, link: '</style.css>' });
      }
      response.end('{}');
    } else if (path === '/api/floods/trailers') {
      response.addTrailers(Object.fromEntries([...Array(300).keys()].map((i) => [`x-more-${i}`, 'and more'])));
      response.end('{}');
    } else {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ token: request.headers['x-mstr-authtoken'], cookie: request.headers.cookie, filler: 'x'.repeat(200000) }));
    }
  });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
process.stdin.on('end', () => process.exit(0)).resume();
