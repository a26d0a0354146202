// Azure's SDK for JavaScript as a peer: reads one secret of a vault for each cell that a JSON request on standard input names,
// with the simulator's faults of that cell, and answers with what came of it and with the requests that it took. The identity is
// the environment's, or a managed one by a name that the environment has no variable for.
'use strict';
const http = require('http');
const { DefaultAzureCredential, ManagedIdentityCredential } = require('@azure/identity');
const { SecretClient } = require('@azure/keyvault-secrets');

// Pauses between attempts are not what is compared.
const patient = global.setTimeout;
global.setTimeout = (run, milliseconds, ...more) => patient(run, Math.min(milliseconds ?? 0, 20), ...more);

function admin(request, method, path, body) {
  return new Promise((resolve, reject) => {
    const call = http.request(request.admin + path, { method, agent: false }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => (text += chunk));
      answer.on('end', () => resolve(text));
    });
    call.on('error', reject);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function read(request) {
  const credential = request.managed ? new ManagedIdentityCredential(request.managed) : new DefaultAzureCredential();
  const client = new SecretClient(request.vault, credential);
  const secret = await client.getSecret(request.name, request.version ? { version: request.version } : {});
  return {
    value: secret.value, version: secret.properties.version, contentType: secret.properties.contentType,
    certificate: secret.properties.certificateKeyId,
  };
}

async function run(request, cell) {
  await admin(request, 'DELETE', '/faults');
  await admin(request, 'DELETE', '/log');
  for (const rule of cell.faults ?? []) await admin(request, 'POST', '/faults', rule);
  let outcome;
  try {
    outcome = await read({ ...request, ...cell });
  } catch (error) {
    outcome = { error: error.name, status: error.statusCode, code: error.code, message: error.message };
  }
  return { outcome, log: JSON.parse(await admin(request, 'GET', '/log')).filter((entry) => entry.service === 'azure') };
}

(async () => {
  const request = JSON.parse(require('fs').readFileSync(0, 'utf8'));
  const answers = [];
  for (const cell of request.cells) answers.push(await run(request, cell));
  process.stdout.write(JSON.stringify(answers), () => process.exit(0));
})();
