// SPDX-License-Identifier: Apache-2.0
// With AWS's SDK for JavaScript and fetch: `read_aws.js ENDPOINT [BASE_URL]`, as read_aws.py.
'use strict';
const { SecretsManagerClient, GetSecretValueCommand } = require('@aws-sdk/client-secrets-manager');

(async () => {
  const [endpoint, base] = process.argv.slice(2);
  const client = new SecretsManagerClient({ region: 'us-east-1', endpoint });
  const secret = (await client.send(new GetSecretValueCommand({ SecretId: 'prod/mstr' }))).SecretString;
  if (base === undefined) return;
  const { username, password } = JSON.parse(secret);
  const json = { 'Content-Type': 'application/json' };
  const login = await fetch(base + 'auth/login', { method: 'POST', headers: json, body: JSON.stringify({ username, password, loginMode: 1 }) });
  const headers = { 'X-MSTR-AuthToken': login.headers.get('X-MSTR-AuthToken'), Cookie: login.headers.getSetCookie().map((c) => c.split(';')[0]).join('; ') };
  const projects = await fetch(base + 'projects', { headers });
  if (!projects.ok) throw new Error(`status ${projects.status}`);
  console.log(await projects.text());
  await fetch(base + 'auth/logout', { method: 'POST', headers });
})().catch((error) => { console.error(error); process.exitCode = 1; });
