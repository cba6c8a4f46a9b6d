// Replicates documents between two PouchDB databases through express-pouchdb and prints what it took as one JSON line.
// usage: node measure.js DOCUMENTS.jsonl WORK_FOLDER BATCH
'use strict';

const { fork } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { performance } = require('node:perf_hooks');

const CHANGED = 100;
const SINGLE = 25;

function serve(folder) {
  // The centre: the server has a process of its own, as ours has.
  const express = require('express');
  const PouchDB = require('pouchdb').defaults({ prefix: folder + path.sep });
  const handler = require('express-pouchdb')(PouchDB, { mode: 'minimumForPouchDB', overrideMode: { include: [] } });
  const app = express();
  app.use('/', handler);
  const listening = app.listen(0, '127.0.0.1', () => process.send({ port: listening.address().port }));
}

function startServer(folder) {
  fs.mkdirSync(folder, { recursive: true });
  return new Promise((resolve, reject) => {
    const child = fork(__filename, ['--serve', folder], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    child.once('message', (message) => resolve({ child, port: message.port }));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
  });
}

async function timed(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function wire() {
  // Bytes the loopback interface has carried; 0 where the system does not tell.
  try {
    const line = fs.readFileSync('/proc/net/dev', 'ascii').split('\n').find((one) => one.trim().startsWith('lo:'));
    return Number(line.split(':')[1].trim().split(/\s+/)[0]);
  } catch {
    return 0;
  }
}

async function phase(found, name, work) {
  const before = wire();
  found[`${name}_ms`] = await timed(work);
  found[`${name}_wire`] = wire() - before;
}

function median(values) {
  const ordered = [...values].sort((a, b) => a - b);
  return ordered[Math.floor(ordered.length / 2)];
}

async function measure(documents, folder, batch) {
  const server = await startServer(path.join(folder, 'server'));
  try {
    const PouchDB = require('pouchdb').defaults({ prefix: folder + path.sep });
    const first = new PouchDB('desk-a');
    const second = new PouchDB('desk-b');
    const remote = `http://127.0.0.1:${server.port}/orders`;
    await new PouchDB(remote).info();
    const options = { batch_size: batch, batches_limit: 10 };
    const push = () => first.replicate.to(remote, options);
    const pull = () => second.replicate.from(remote, options);

    for (let at = 0; at < documents.length; at += 1000) {
      await first.bulkDocs(documents.slice(at, at + 1000));
    }
    const found = {};
    await phase(found, 'push', push);
    await phase(found, 'pull', pull);
    const arrived = (await second.info()).doc_count;
    if (arrived !== documents.length) {
      throw new Error(`${arrived} of ${documents.length} documents arrived`);
    }

    const known = await first.allDocs({ include_docs: true, limit: CHANGED });
    await first.bulkDocs(known.rows.map((row) => ({ ...row.doc, state: 'CHANGED' })));
    await phase(found, 'push_changed', push);
    await phase(found, 'pull_changed', pull);

    const single = [];
    for (let turn = 0; turn < SINGLE; turn += 1) {
      const document = await first.get(documents[500 + turn]._id);
      await first.put({ ...document, state: `TURN_${turn}` });
      single.push(await timed(async () => {
        await push();
        await pull();
      }));
    }
    found.one_ms = median(single);
    return found;
  } finally {
    server.child.removeAllListeners('exit');
    server.child.kill('SIGKILL');
  }
}

if (process.argv[2] === '--serve') {
  serve(process.argv[3]);
} else {
  const [file, folder, batch] = process.argv.slice(2);
  const documents = fs.readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  measure(documents, folder, Number(batch)).then(
    (found) => {
      console.log(JSON.stringify(found));
      process.exit(0);
    },
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
}
