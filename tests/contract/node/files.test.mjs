// What the official TypeScript SDK makes of files: uploads, lists, downloads, expiry, and files in messages.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import Anthropic, { toFile } from '@anthropic-ai/sdk';

import { startServer } from './server.mjs';

const SCENARIOS = fileURLToPath(new URL('./scenarios', import.meta.url));
const KEY = 'sk-ant-api03-contract';
const BETAS = ['files-api-2025-04-14'];
const HOUR = 3600;

let server;

before(async () => {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('ANTHROPIC_')) delete process.env[name]; // the SDK would read them
  }
  server = await startServer(SCENARIOS, '--objects', 'strict', '--file-quota', '1MB', '--freeze', '2026-11-20T12:00:00Z');
});
after(() => server?.stop());

let sessions = 0;

/** A client in a session of its own. */
function connect() {
  sessions += 1;
  const baseURL = `${server.baseURL}/_s/files-${sessions}`;
  return { client: new Anthropic({ baseURL, apiKey: KEY, maxRetries: 0, timeout: 10_000 }), baseURL };
}

/** Asks the control API of the session. */
async function control(baseURL, path, body) {
  const response = await fetch(`${baseURL}/_mock/${path}`, { method: 'POST', body: JSON.stringify(body) });
  assert.ok(response.ok, await response.clone().text());
  return response.json();
}

async function all(pages) {
  const found = [];
  for await (const file of pages) found.push(file.id);
  return found;
}

const hello = (name = 'hello.txt', type = 'text/plain') => toFile(Buffer.from('Hello'), name, { type });

describe('files', () => {
  test('an upload is told, listed and retrieved', async () => {
    const { client } = connect();
    const file = await client.files.upload({ file: await hello('Größe 1.txt') });
    assert.match(file.id, /^file_011C[1-9A-HJ-NP-Za-km-z]{20}$/);
    const { id, ...rest } = file;
    assert.deepEqual(rest, {
      type: 'file',
      size_bytes: 5,
      created_at: '2026-11-20T12:00:00.000000Z',
      expires_at: null,
      filename: 'Größe 1.txt',
      mime_type: 'text/plain',
      downloadable: false,
    });
    assert.deepEqual(await client.files.retrieveMetadata(id), file);
    assert.deepEqual(await all(client.files.list()), [id]);
  });

  test('a list is paged through by itself', async () => {
    const { client } = connect();
    const ids = [];
    for (const name of ['a', 'b', 'c']) ids.unshift((await client.files.upload({ file: await hello(name) })).id);
    assert.deepEqual(await all(client.files.list({ limit: 1 })), ids);
    assert.deepEqual(await all(client.files.list({ ids: [ids[2], 'file_unknown', ids[0]] })), [ids[0], ids[2]]);
  });

  test('a deleted file is gone', async () => {
    const { client } = connect();
    const { id } = await client.files.upload({ file: await hello() });
    assert.deepEqual(await client.files.delete(id), { id, type: 'file_deleted' });
    await assert.rejects(client.files.retrieveMetadata(id), (error) => {
      assert.ok(error instanceof Anthropic.NotFoundError);
      return error.message.includes(`File \`${id}\` not found.`);
    });
  });

  test('what a tool wrote is downloaded, an upload is not', async () => {
    const { client, baseURL } = connect();
    await control(baseURL, 'files', { content: '1,2\n', filename: 'squares.csv', id: 'file_squares' });
    const answer = await client.files.download('file_squares');
    assert.equal(await answer.text(), '1,2\n');
    assert.equal(answer.headers.get('content-disposition'), "attachment; filename*=utf-8''squares.csv");
    const { id } = await client.files.upload({ file: await hello() });
    await assert.rejects(client.files.download(id), Anthropic.BadRequestError);
  });

  test('a file expires when the clock says so', async () => {
    const { client, baseURL } = connect();
    const file = await client.files.upload({ file: await hello(), expires_in_seconds: HOUR });
    assert.equal(file.expires_at, '2026-11-20T13:00:00.000000Z');
    await control(baseURL, 'clock', { advance: HOUR });
    await assert.rejects(client.files.download(file.id), (error) => {
      assert.equal(error.status, 404);
      return error.error.error.details.error_code === 'file_expired';
    });
  });

  test('beyond the quota an upload is refused', async () => {
    const { client } = connect();
    await assert.rejects(client.files.upload({ file: await toFile(Buffer.alloc(2 ** 20 + 1), 'large') }), (error) => {
      assert.equal(error.status, 400);
      return error.error.error.details.error_code === 'storage_quota_exceeded';
    });
  });

  test('the beta namespace has the older form with the header', async () => {
    const { client } = connect();
    const file = await client.beta.files.upload({ file: await hello(), betas: BETAS });
    assert.equal('expires_at' in file, false);
    const page = await (await client.beta.files.list({ betas: BETAS }).asResponse()).json();
    assert.deepEqual([page.has_more, page.first_id, page.last_id], [false, file.id, file.id]);
  });

  test('a message takes a file that is known, and no other', async () => {
    const { client, baseURL } = connect();
    await control(baseURL, 'scenarios', { reply: 'Read.' });
    const { id } = await client.files.upload({ file: await hello() });
    const ask = (file_id) =>
      client.messages.create({
        model: 'claude-sonnet-5',
        max_tokens: 100,
        messages: [{ role: 'user', content: [{ type: 'document', source: { type: 'file', file_id } }] }],
      });
    assert.equal((await ask(id)).content[0].text, 'Read.');
    await assert.rejects(ask('file_unknown'), Anthropic.NotFoundError);
  });
});
