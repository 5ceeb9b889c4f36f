// Runs a Postman collection with newman, and prints what it made of it as one line of JSON.
// Arguments: the collection's file; its variables as JSON; a folder of requests, without which all are made.
"use strict";
const path = require("node:path");
const newman = require("newman");

const [collection, variables, folder] = process.argv.slice(2);
const envVar = Object.entries(JSON.parse(variables)).map(([key, value]) => ({ key, value: String(value) }));
const workingDir = path.dirname(collection);

newman.run({ collection, envVar, workingDir, folder, timeoutRequest: 30000 }, (error, summary) => {
  if (error) throw error;
  const failures = summary.run.failures.map((one) => ({
    method: one.source ? one.source.name : "",
    test: one.error.test || one.error.name,
    message: one.error.message,
  }));
  const { requests, assertions } = summary.run.stats;
  console.log(JSON.stringify({ requests: requests.total, assertions: assertions.total, failures }));
});
