// The official client of Kubernetes for JavaScript as a peer: reads a secret for each cell that a JSON request on standard input
// names, with its kubeconfig and the simulator's knobs, and answers with what came of it and with the requests that it took.
'use strict';
const http = require('http');
const { pathToFileURL } = require('url');

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

(async () => {
  // It is a module for import alone, which knows no NODE_PATH.
  const library = await import(pathToFileURL(require.resolve('@kubernetes/client-node')));
  const request = JSON.parse(require('fs').readFileSync(0, 'utf8'));
  const answers = [];
  for (const cell of request.cells) {
    await admin(request, 'POST', '/reset');
    await admin(request, 'PUT', '/knobs/k8s', cell.knobs);
    const outcome = await read(library, cell);
    answers.push({ outcome, log: JSON.parse(await admin(request, 'GET', '/log?service=k8s')) });
  }
  process.stdout.write(JSON.stringify(answers), () => process.exit(0));
})();
