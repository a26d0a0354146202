// SPDX-License-Identifier: Apache-2.0
// node-vault as a peer: for each cell, the steps of one client, the last of which gives what the cell is about.
'use strict';
const fs = require('fs');
const vault = require('node-vault');
const { answer } = require('./cells.js');

answer('vault', async ({ settings, files, steps }) => {
  const requestOptions = {};
  for (const [name, path] of Object.entries(files ?? {})) requestOptions[name] = fs.readFileSync(path);
  const client = vault({ ...settings, requestOptions });
  let result;
  try {
    for (const [name, ...values] of steps) {
      result = await client[name](...values);
      if (result?.auth) client.token = result.auth.client_token;
    }
    return { data: result.data };
  } catch (error) {
    return { message: error.message, body: error.response?.body };
  }
});
