// SPDX-License-Identifier: Apache-2.0
// @smithy/signature-v4 as a peer: signs each of the requests of a JSON list and answers with their Authorization headers.
'use strict';
const { createHash, createHmac } = require('node:crypto');
const { SignatureV4 } = require('@smithy/signature-v4');

class Sha256 {
  constructor(secret) { this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret); }
  update(data) { this.hash.update(data); }
  async digest() { return this.hash.digest(); }
}

// Node has one value for a name of a header or parameter, or a list of a parameter's.
function asMap(pairs, join) {
  const map = {};
  for (const [name, value] of pairs) map[name] = name in map ? join(map[name], value) : value;
  return map;
}

async function sign(request) {
  const signer = new SignatureV4({
    credentials: { accessKeyId: request.access_key, secretAccessKey: request.secret_key, sessionToken: request.session_token },
    region: request.region, service: request.service, sha256: Sha256, applyChecksum: request.hash_header,
  });
  const lowered = request.headers.map(([name, value]) => [name.toLowerCase(), value.trim()]);
  const signed = await signer.sign({
    method: request.method, protocol: 'https:', hostname: request.host, path: request.path,
    query: asMap(request.parameters, (first, second) => [].concat(first, second)),
    headers: asMap(lowered, (first, second) => `${first},${second}`), body: Buffer.from(request.body, 'base64'),
  }, { signingDate: new Date(request.time * 1000) });
  return signed.headers.authorization;
}

(async () => {
  const requests = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
  process.stdout.write(JSON.stringify(await Promise.all(requests.map(sign))));
})();
