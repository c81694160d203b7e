import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import Anthropic from '@anthropic-ai/sdk';

import { ask } from './assistant.mjs';
import { startMockserver } from './mockserver.mjs';

const SCENARIOS = fileURLToPath(new URL('../scenarios', import.meta.url));

let server;
let mock;
let client;

before(async () => {
  server = await startMockserver(SCENARIOS, '--on-unmatched', 'error');
});
after(() => server?.stop());

beforeEach((t) => {
  mock = server.session(t.fullName);
  client = new Anthropic({ baseURL: mock.baseURL, apiKey: mock.apiKey });
});
afterEach(() => mock.verify());

test('a text', async () => {
  assert.equal(await ask(client, 'Say hello'), 'Hello! How can I help?');
});

test('a tool is called, and its result is used', async () => {
  const weather = (city) => ({ Paris: 'sunny' })[city];
  assert.equal(await ask(client, 'What is the weather in Paris?', { weather }), 'It is sunny in Paris.');

  const [first, second] = (await mock.requests()).map((request) => request.body);
  assert.deepEqual(first.tools.map((tool) => tool.name), ['get_weather']);
  assert.equal(second.messages.at(-1).content[0].content, 'sunny');
});

test('an overloaded API is asked again', async () => {
  assert.equal(await ask(client, 'Are you busy?'), 'Sorry, I was busy.');

  const requests = await mock.requests();
  assert.deepEqual(requests.map((request) => request.status), [529, 200]);
  assert.deepEqual(await mock.broken(), []);
});

test('a refusal reaches the caller, as the error of its class', async () => {
  await mock.add({ match: { user: 'secret' }, error: 'permission' });

  await assert.rejects(ask(client, 'Tell me a secret'), Anthropic.PermissionDeniedError);
});
