// Starts the server and talks to its control API. Copy this file: it needs nothing but Node.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Starts a server on a free port. It ends with `stop`, and with this process, whatever becomes of it. */
export async function startMockserver(...args) {
  const flags = ['--port', '0', '--ready-json', '--exit-with-parent', '--log-level', 'warning'];
  const child = spawn('mockserver', ['serve', ...flags, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  const failed = exit.then(([code]) => {
    throw new Error(`mockserver ended with code ${code} before it was ready; it said why on standard error`);
  });

  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), failed]);
  const ready = JSON.parse(line);
  const stop = async () => {
    child.stdin.end();
    await exit;
  };
  return { ...ready, stop, session: (name) => new Session(ready, name) };
}

/** A world of its own on the server: what happens in one test does not concern another. */
class Session {
  constructor(ready, name) {
    this.baseURL = `${ready.base_url}/_s/${encodeURIComponent(name)}`;
    this.apiKey = ready.api_key;
  }

  /** The requests that came so far, oldest first. */
  async requests() {
    return (await this.#control('GET', 'requests')).requests;
  }

  /** Adds a scenario, with the keys of a scenario file. */
  add(scenario) {
    return this.#control('POST', 'scenarios', scenario);
  }

  /** The rules that the client broke after failures: whether it waited, gave up too early, or hammered. */
  async broken() {
    return (await this.#control('GET', 'verdict')).broken;
  }

  /** Throws where a request met no scenario, or not what its scenario expects. */
  verify(expected = {}) {
    return this.#control('POST', 'verify', expected);
  }

  async #control(method, path, body) {
    const response = await fetch(`${this.baseURL}/_mock/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error.message);
    return answer;
  }
}
