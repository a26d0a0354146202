// SPDX-License-Identifier: Apache-2.0
// Apache Arrow's own reader for JavaScript: of each stream the columns with their types, and the rows.
'use strict';
const { readFileSync } = require('fs');
const { RecordBatchReader } = require('apache-arrow');

// Numbers as texts, since JSON's have fewer digits than an int64.
function cell(value) {
  return value === null ? null : String(value);
}

function read(path) {
  const reader = RecordBatchReader.from(readFileSync(path)).open();
  const columns = reader.schema.fields.map(({ name, type, nullable }) => [name, String(type), nullable]);
  const batches = [];
  const rows = [];
  for (const batch of reader) {
    batches.push(batch.numRows);
    for (let row = 0; row < batch.numRows; row++) {
      rows.push(columns.map((_, i) => cell(batch.getChildAt(i).get(row))));
    }
  }
  return { columns, batches, rows };
}

const request = JSON.parse(readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(request.map(read)));
