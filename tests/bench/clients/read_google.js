// SPDX-License-Identifier: Apache-2.0
// With Google's google-auth-library for Node.js: `read_google.js ENDPOINT KEY_FILE`, as read_google.py.
'use strict';
const { JWT } = require('google-auth-library');

const key = require(process.argv[3]);
const client = new JWT({ email: key.client_email, key: key.private_key, keyId: key.private_key_id });
const url = process.argv[2] + '/v1/projects/sim-project/secrets/plain/versions/latest:access';
client.getRequestHeaders('https://secretmanager.googleapis.com/')
  .then((headers) => fetch(url, { headers }))
  .then((answer) => { if (!answer.ok) throw new Error(`status ${answer.status}`); return answer.json(); })
  .then((answer) => console.log(Buffer.from(answer.payload.data, 'base64').toString()))
  .catch((error) => { console.error(error); process.exitCode = 1; });
