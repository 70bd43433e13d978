// Runs the server audits of npm's graphql-http against a hub and prints their results as JSON.
//
//     HUB_URL=http://127.0.0.1:8000/graphql HUB_TOKEN=… node run.mjs
//
// They ask without a token, so one is added to each request.

import { serverAudits } from "graphql-http";

const authorization = `Bearer ${process.env.HUB_TOKEN}`;

function fetchFn(url, init = {}) {
  return fetch(url, { ...init, headers: { ...init.headers, authorization } });
}

const results = [];
for (const { fn } of serverAudits({ url: process.env.HUB_URL, fetchFn })) {
  const { id, name, status, reason } = await fn();
  results.push({ id, name, status, reason: reason ?? "" });
}
console.log(JSON.stringify(results));
