// SPDX-License-Identifier: Apache-2.0
// @smithy/shared-ini-file-loader as a peer: what each config and credentials file of a JSON list says, both together.
'use strict';
const { externalDataInterceptor, parseKnownFiles } = require('@smithy/shared-ini-file-loader');

async function read(files, i) {
  const [config, credentials] = [`/config-${i}`, `/credentials-${i}`];
  externalDataInterceptor.interceptFile(config, files.config);
  externalDataInterceptor.interceptFile(credentials, files.credentials);
  return parseKnownFiles({ configFilepath: config, filepath: credentials });
}

(async () => {
  const requests = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
  process.stdout.write(JSON.stringify(await Promise.all(requests.map(read))));
})();
