// SPDX-License-Identifier: Apache-2.0
// Azure's SDK for JavaScript as a peer: reads one secret of a vault for each cell. The identity is the environment's, or a managed
// one by a name that the environment has no variable for.
'use strict';
const { DefaultAzureCredential, ManagedIdentityCredential } = require('@azure/identity');
const { SecretClient } = require('@azure/keyvault-secrets');
const { answer } = require('./cells.js');

// Pauses between attempts are not what is compared.
const patient = global.setTimeout;
global.setTimeout = (run, milliseconds, ...more) => patient(run, Math.min(milliseconds ?? 0, 20), ...more);

async function read(request) {
  const credential = request.managed ? new ManagedIdentityCredential(request.managed) : new DefaultAzureCredential();
  const client = new SecretClient(request.vault, credential);
  const secret = await client.getSecret(request.name, request.version ? { version: request.version } : {});
  return {
    value: secret.value, version: secret.properties.version, contentType: secret.properties.contentType,
    certificate: secret.properties.certificateKeyId,
  };
}

answer('azure', async (cell) => {
  try {
    return await read(cell);
  } catch (error) {
    return { error: error.name, status: error.statusCode, code: error.code, message: error.message };
  }
});
