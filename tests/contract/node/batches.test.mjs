// What the official TypeScript SDK makes of message batches.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import Anthropic from '@anthropic-ai/sdk';

import { startServer } from './server.mjs';

const SCENARIOS = fileURLToPath(new URL('./scenarios', import.meta.url));
const KEY = 'sk-ant-api03-contract';

let server; // where waits take no time, so that a batch has ended when it is looked at
let client;

before(async () => {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('ANTHROPIC_')) delete process.env[name]; // the SDK would read them
  }
  server = await startServer(SCENARIOS, '--speed', 'instant', '--batch-delay', '1h', '--on-unmatched', 'fallback');
  client = new Anthropic({ baseURL: server.baseURL, apiKey: KEY, maxRetries: 0, timeout: 10_000 });
});
after(() => server?.stop());

const row = (custom_id, fields = {}) => ({
  custom_id,
  params: { model: 'claude-haiku-4-5', max_tokens: 64, messages: [{ role: 'user', content: 'Hi' }], ...fields },
});

const collected = async (pages) => {
  const found = [];
  for await (const one of pages) found.push(one);
  return found;
};

for (const namespace of ['messages', 'beta.messages']) {
  describe(`${namespace}.batches`, () => {
    const batches = () => namespace.split('.').reduce((resource, name) => resource[name], client).batches;

    test('from their creation to their results', async () => {
      const batch = await batches().create({ requests: [row('a'), row('b', { max_tokens: 0 })] });
      assert.equal(batch.processing_status, 'in_progress');
      assert.deepEqual(batch.request_counts, { processing: 2, succeeded: 0, errored: 0, canceled: 0, expired: 0 });

      const ended = await batches().retrieve(batch.id);
      assert.equal(ended.processing_status, 'ended');
      assert.deepEqual(ended.request_counts, { processing: 0, succeeded: 1, errored: 1, canceled: 0, expired: 0 });
      assert.equal(ended.results_url, `${server.baseURL}/v1/messages/batches/${batch.id}/results`);

      const results = await collected(await batches().results(batch.id));
      assert.deepEqual(
        results.map(({ custom_id, result }) => [custom_id, result.type]),
        [
          ['a', 'succeeded'],
          ['b', 'errored'],
        ],
      );
      assert.equal(results[0].result.message.usage.service_tier, 'batch');
      assert.equal(results[1].result.error.error.message, 'max_tokens: must be greater than or equal to 1');
    });

    test('results before the end are not there', async () => {
      const batch = await batches().create({ requests: [row('a')] });
      await assert.rejects(client.get(`/v1/messages/batches/${batch.id}/results`), (error) => {
        assert.ok(error instanceof Anthropic.NotFoundError);
        assert.equal(error.error.error.message, `Message Batch ${batch.id} has no available results.`);
        return true;
      });
    });

    test('cancel right after create', async () => {
      const batch = await batches().create({ requests: [row('a')] });
      const canceling = await batches().cancel(batch.id);
      assert.equal(canceling.processing_status, 'canceling');
      assert.equal((await batches().retrieve(batch.id)).request_counts.canceled, 1);
    });

    test('delete before and after the end', async () => {
      const batch = await batches().create({ requests: [row('a')] });
      await assert.rejects(batches().delete(batch.id), /In progress batches cannot be deleted/);
      await batches().retrieve(batch.id);
      assert.deepEqual(await batches().delete(batch.id), { id: batch.id, type: 'message_batch_deleted' });
      await assert.rejects(batches().retrieve(batch.id), Anthropic.NotFoundError);
    });

    test('pages follow each other', async () => {
      const made = [];
      for (const name of ['a', 'b', 'c']) made.unshift((await batches().create({ requests: [row(name)] })).id);
      const listed = (await collected(batches().list({ limit: 1 }))).map(({ id }) => id);
      assert.deepEqual(listed.slice(0, 3), made);
      assert.equal(new Set(listed).size, listed.length);
    });
  });
}
