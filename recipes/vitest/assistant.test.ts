import Anthropic from '@anthropic-ai/sdk';
import { describe } from 'vitest';

import { ask } from './assistant';
import { test } from './fixtures';

async function all(pieces: AsyncIterable<string>) {
  const texts: string[] = [];
  for await (const piece of pieces) texts.push(piece);
  return texts;
}

// All at once on one server: each test has a session of its own.
describe.concurrent('the assistant', () => {
  test('streams a text', async ({ client, expect }) => {
    const pieces = await all(ask(client, 'Say hello'));

    expect(pieces.join('')).toBe('Hello! How can I help?');
    expect(pieces.length).toBeGreaterThan(1);
  });

  test('calls a tool and uses its result', async ({ client, mock, expect }) => {
    const pieces = await all(ask(client, 'What is the weather in Paris?', (city) => ({ Paris: 'sunny' })[city] ?? ''));

    expect(pieces.join('')).toBe('Let me look.It is sunny in Paris.');
    const [first, second] = (await mock.requests()).map((request) => request.body);
    expect(first.tools).toMatchObject([{ name: 'get_weather' }]);
    expect(second.messages.at(-1).content).toMatchObject([{ type: 'tool_result', content: 'sunny' }]);
  });

  test('asks an overloaded API again', async ({ client, mock, expect }) => {
    const pieces = await all(ask(client, 'Are you busy?'));

    expect(pieces.join('')).toBe('Sorry, I was busy.');
    expect(await mock.requests()).toMatchObject([{ status: 529 }, { status: 200 }]);
  });

  test('keeps what came when a stream breaks', async ({ client, mock, expect }) => {
    await mock.add({
      match: { user: 'story' },
      reply: 'Once upon a time',
      stream: { chunk: 'word' },
      fault: { after: { deltas: 2 }, error: 'overloaded' },
    });

    const pieces: string[] = [];
    const told = async () => {
      for await (const piece of ask(client, 'Tell me a story')) pieces.push(piece);
    };
    await expect(told()).rejects.toThrow(Anthropic.APIError);
    expect(pieces).toEqual(['Once', ' upon']);
  });

  test.for(['Ada', 'Grace'])('does not mix up its users: %s', async (name, { client, mock, expect }) => {
    await mock.add({ match: { user: 'Who am I' }, reply: name });

    expect(await all(ask(client, 'Who am I?'))).toEqual([name]);
  });
});
