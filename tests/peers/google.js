// SPDX-License-Identifier: Apache-2.0
// Google's libraries as peers: give the access token of the environment's identity, or the secret version that a JSON request
// on standard input names, or the error.
'use strict';
const { GoogleAuth } = require('google-auth-library');

const calls = {
  async token(request) {
    const auth = new GoogleAuth({ scopes: request.scopes });
    return { token: await auth.getAccessToken() };
  },
  async secret(request) {
    const { SecretManagerServiceClient } = require('@google-cloud/secret-manager'); // here, for it takes long
    const client = new SecretManagerServiceClient({ fallback: 'rest', ...request.options });
    const [version] = await client.accessSecretVersion({ name: request.name });
    return { name: version.name, value: Buffer.from(version.payload.data ?? '').toString('base64') };
  },
};

(async () => {
  const request = JSON.parse(require('fs').readFileSync(0, 'utf8'));
  let answer;
  try {
    answer = await calls[request.call](request);
  } catch (error) {
    answer = { error: String(error.code ?? error.name), message: error.message };
  }
  process.stdout.write(JSON.stringify(answer), () => process.exit(0));
})();
