// SPDX-License-Identifier: Apache-2.0
// The projects that the account of a profile may see, by Node's own http over the agent's Unix socket, or by fetch where
// MSTR_AGENT_URL says so (`mstr agent env`). The session is the agent's.
//   node projects.mjs [PROFILE]
import { readFileSync } from "node:fs";
import http from "node:http";

const path = `/session/${process.argv[2] ?? "default"}/api/projects`;

function overSocket() {
  const { MSTR_AGENT: chosen = "", XDG_RUNTIME_DIR: folder = "/run" } = process.env;
  const socketPath = chosen.startsWith("/") ? chosen : `${folder}/mstr/agent.sock`; // auto and require name none
  return new Promise((resolve, reject) => {
    const request = http.get({ socketPath, path }, async (answer) => {
      let text = "";
      for await (const piece of answer) text += piece;
      if (answer.statusCode >= 400) reject(new Error(text));
      else resolve(text);
    });
    request.on("error", reject);
  });
}

async function overTcp() {
  const token = readFileSync(process.env.MSTR_AGENT_TOKEN_FILE, "utf8").trim();
  const answer = await fetch(new URL(path, process.env.MSTR_AGENT_URL), { headers: { Authorization: `Bearer ${token}` } });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.text();
}

console.log(await (process.env.MSTR_AGENT_URL ? overTcp() : overSocket()));
