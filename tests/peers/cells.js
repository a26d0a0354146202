// SPDX-License-Identifier: Apache-2.0
// What scripts of peers have in common: a JSON request on standard input names cells, each with what the simulator is told before;
// the answer is what came of each, and the requests that it took.
'use strict';
const http = require('http');

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

// Runs run(cell) for each, with the log of one service of the simulator; a cell may have faults, and other calls of its admin.
exports.answer = async (service, run) => {
  const request = JSON.parse(require('fs').readFileSync(0, 'utf8'));
  const answers = [];
  for (const cell of request.cells) {
    await admin(request, 'DELETE', '/faults');
    for (const rule of cell.faults ?? []) await admin(request, 'POST', '/faults', rule);
    for (const [method, path, body] of cell.calls ?? []) await admin(request, method, path, body);
    await admin(request, 'DELETE', '/log');
    const outcome = await run({ ...request, ...cell });
    answers.push({ outcome, log: JSON.parse(await admin(request, 'GET', `/log?service=${service}`)) });
  }
  process.stdout.write(JSON.stringify(answers), () => process.exit(0));
};
