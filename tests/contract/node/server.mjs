// Starts the server as a user does and stops it again. Not here: what is asked of it.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const COMMAND = process.env.MOCKSERVER || fileURLToPath(new URL('../../../.venv/bin/mockserver', import.meta.url));
const PATIENCE = 15_000; // milliseconds until a server that neither starts nor stops is killed

const running = new Set();
const killAll = () => running.forEach((child) => child.kill('SIGKILL'));
process.on('exit', killAll);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    killAll();
    process.kill(process.pid, signal);
  });
}

/** Serves the scenarios of `dir` on a free port; `stop` ends it, asserts that it ended well, and gives its log. */
export async function startServer(dir, ...flags) {
  const args = ['serve', dir, '--port', '0', '--on-unmatched', 'error', '--log-level', 'warning', ...flags];
  const child = spawn(COMMAND, args, { stdio: ['ignore', 'pipe', 'pipe'], env: withoutSettings(process.env) });
  running.add(child);

  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
  const ended = once(child, 'close').finally(() => running.delete(child));
  ended.catch(() => {}); // a command that cannot be started is reported below

  const baseURL = await withPatience(child, Promise.race([announced(child), failed(ended, () => errors)]));

  async function stop() {
    child.kill('SIGTERM');
    const [code, signal] = await withPatience(child, ended);
    assert.equal(signal, null, `the server was killed; it wrote: ${errors}`);
    assert.equal(code, 0, `the server ended with code ${code}; it wrote: ${errors}`);
    return errors;
  }
  return { baseURL, stop };
}

/** The address in the banner; whatever comes after it is read and dropped. */
function announced(child) {
  return new Promise((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(line);
      if (address) resolve(address[0]);
    });
  });
}

async function failed(ended, errors) {
  const [code, signal] = await ended;
  throw new Error(`${COMMAND} ended before it served (${signal ?? `code ${code}`}): ${errors()}`);
}

async function withPatience(child, promise) {
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

/** The environment without what would set up the server differently. */
function withoutSettings(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('MOCKSERVER')));
}
