// SPDX-License-Identifier: Apache-2.0
// AWS's SDK for JavaScript as a peer: fetches the secret or parameter that a JSON request on standard input names, with the
// identity of the environment, and answers with the value or the error's name, or gives the identity itself.
'use strict';
const { SecretsManagerClient, GetSecretValueCommand } = require('@aws-sdk/client-secrets-manager');
const { SSMClient, GetParameterCommand } = require('@aws-sdk/client-ssm');
const { fromNodeProviderChain } = require('@aws-sdk/credential-providers');

const calls = {
  async identity() {
    const found = await fromNodeProviderChain()();
    return { accessKey: found.accessKeyId, secretKey: found.secretAccessKey, sessionToken: found.sessionToken };
  },
  async secret(request) {
    const client = new SecretsManagerClient({ region: request.region, endpoint: request.endpoint });
    const answer = await client.send(new GetSecretValueCommand(request.input));
    return {
      value: answer.SecretString ?? Buffer.from(answer.SecretBinary).toString('base64'),
      version: answer.VersionId,
    };
  },
  async parameter(request) {
    const client = new SSMClient({ region: request.region, endpoint: request.endpoint });
    const answer = await client.send(new GetParameterCommand(request.input));
    return { value: answer.Parameter.Value, version: answer.Parameter.Version };
  },
};

(async () => {
  const request = JSON.parse(require('fs').readFileSync(0, 'utf8'));
  let answer;
  try {
    answer = await calls[request.call](request);
  } catch (error) {
    answer = { error: error.name, message: error.message };
  }
  process.stdout.write(JSON.stringify(answer));
})();
