// SPDX-License-Identifier: Apache-2.0
// The official client of Kubernetes for JavaScript as a peer: reads a secret for each cell, by its kubeconfig.
'use strict';
const { pathToFileURL } = require('url');
const { answer } = require('./cells.js');

async function read(library, { kubeconfig, namespace, name }) {
  try {
    const config = new library.KubeConfig();
    config.loadFromFile(kubeconfig);
    const secret = await config.makeApiClient(library.CoreV1Api).readNamespacedSecret({ namespace, name });
    return { data: secret.data ?? {}, version: secret.metadata.resourceVersion };
  } catch (error) {
    const body = typeof error.body === 'string' ? JSON.parse(error.body) : error.body;
    return { error: error.name, status: error.code, message: body?.message ?? error.message };
  }
}

// It is a module for import alone, which knows no NODE_PATH.
import(pathToFileURL(require.resolve('@kubernetes/client-node')))
  .then((library) => answer('k8s', (cell) => read(library, cell)));
