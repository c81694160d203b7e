// What the official TypeScript SDK does when the server fails, and what the server's verdict on it is.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import Anthropic from '@anthropic-ai/sdk';

import { startServer } from './server.mjs';

const SCENARIOS = fileURLToPath(new URL('./flaky', import.meta.url));

let server;

before(async () => {
  server = await startServer(SCENARIOS, '--log-level', 'info');
});
after(() => server?.stop());

function ask(content, more = {}) {
  return { model: 'claude-sonnet-5', max_tokens: 64, messages: [{ role: 'user', content }], ...more };
}

/** A client of a session of its own. */
function connect(session, options = {}) {
  return new Anthropic({ baseURL: `${server.baseURL}/_s/${session}`, apiKey: 'k', timeout: 10_000, ...options });
}

for (const stream of [false, true]) {
  test(`by default it tries again and succeeds, ${stream ? 'streamed' : 'plain'}`, async () => {
    const client = connect(`retried-${stream}`);
    const message = stream
      ? await client.messages.stream(ask('Try')).finalMessage()
      : await client.messages.create(ask('Try'));
    assert.equal(message.content[0].text, 'It works.');
  });
}

test('broken connections and pages of proxies are tried again', async () => {
  const message = await connect('connected').messages.create(ask('Connect'));
  assert.equal(message.content[0].text, 'It works.');
});

test('what breaks in mid-stream is not tried again, and what came is there', async () => {
  for (const expected of [Error, Anthropic.APIError]) {
    const texts = [];
    const stream = connect('broken').messages.stream(ask('Break'));
    stream.on('text', (text) => texts.push(text));
    await assert.rejects(stream.finalMessage(), expected);
    assert.deepEqual(texts, ['one', ' two']);
  }
});

test('the verdict of the log: whoever retries does right, whoever does not gave up', async () => {
  await assert.rejects(connect('impatient', { maxRetries: 0 }).messages.create(ask('Try')));
  const log = await server.stop();
  server = undefined;
  const told = (session) => log.split('\n').filter((line) => line.includes(`[${session}]`) && line.includes(' met '));
  for (const session of ['retried-false', 'retried-true']) {
    const [first, second] = told(session).slice(-2);
    assert.match(first, /met 529 overloaded_error: sent again as #1 after 0\.[345]/);
    assert.match(second, /met 429 rate_limit_error, retry-after 0\.2 s: sent again as #2 after 0\.2/);
  }
  const story = log.slice(log.lastIndexOf('[impatient]'));
  assert.match(story, /met 529 overloaded_error: not sent again/);
  assert.match(log, /breaks 'gave-up': gave up after 0 retries; 529 overloaded_error is worth 2/);
  assert.doesNotMatch(log, /breaks '(retry-after|same-body|one-at-a-time|leaked-connection)'/);
});
