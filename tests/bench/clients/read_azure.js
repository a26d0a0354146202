// SPDX-License-Identifier: Apache-2.0
// With Azure's SDK for JavaScript: `read_azure.js VAULT`, as read_azure.py.
'use strict';
const { ManagedIdentityCredential } = require('@azure/identity');
const { SecretClient } = require('@azure/keyvault-secrets');

const client = new SecretClient(process.argv[2], new ManagedIdentityCredential(), { disableChallengeResourceVerification: true });
client.getSecret('plain').then((secret) => console.log(secret.value))
  .catch((error) => { console.error(error); process.exitCode = 1; });
