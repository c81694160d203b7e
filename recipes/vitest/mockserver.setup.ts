// One server for the whole run: Vitest calls this once, before its workers.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    mockserver: { base_url: string; api_key: string };
  }
}

const SCENARIOS = fileURLToPath(new URL('../scenarios', import.meta.url));
const FLAGS = ['--port', '0', '--on-unmatched', 'error', '--log-level', 'warning'];

export default async function setup(project: TestProject) {
  const server = spawn('mockserver', ['serve', SCENARIOS, '--ready-json', '--exit-with-parent', ...FLAGS], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exit = once(server, 'exit');
  const failed = exit.then(([code]) => {
    throw new Error(`mockserver ended with code ${code} before it was ready; it said why on standard error`);
  });

  const [line] = await Promise.race([once(createInterface({ input: server.stdout }), 'line'), failed]);
  project.provide('mockserver', JSON.parse(line));
  return async () => {
    server.stdin.end();
    await exit;
  };
}
