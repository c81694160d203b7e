// What the official TypeScript SDK makes of the server's answers.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import Anthropic from '@anthropic-ai/sdk';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';

import { startServer } from './server.mjs';

const SCENARIOS = fileURLToPath(new URL('./scenarios', import.meta.url));
const KEY = 'sk-ant-api03-contract';
const SIGNATURE = /^[A-Za-z0-9+/]{16,}={0,2}$/;

const WEATHER = {
  name: 'get_weather',
  description: 'The weather of a city.',
  input_schema: {
    type: 'object',
    properties: { city: { type: 'string' }, days: { type: 'integer' } },
    required: ['city'],
  },
};
/** Models since 4.7 leave thinking empty unless they are asked to show it. */
const SHOWN = { type: 'adaptive', display: 'summarized' };

const CALCULATOR = {
  name: 'calculator',
  input_schema: { type: 'object', properties: { expression: { type: 'string' } }, required: ['expression'] },
};
const GREETING = 'Hello! Grüße aus Zürich, こんにちは, and a rocket 🚀 for the road.';

let server;
let client;

before(async () => {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('ANTHROPIC_')) delete process.env[name]; // the SDK would read them
  }
  server = await startServer(SCENARIOS);
  client = connect();
});
after(() => server?.stop());

function connect(options = {}) {
  return new Anthropic({ baseURL: server.baseURL, apiKey: KEY, maxRetries: 0, timeout: 10_000, ...options });
}

/** A client and the number of requests that it has sent; their bodies are put into `sent`. */
function counting(options, sent = []) {
  const counted = { requests: 0 };
  const fetch = (...args) => {
    counted.requests += 1;
    if (args[1]?.body) sent.push(JSON.parse(args[1].body));
    return globalThis.fetch(...args);
  };
  return Object.assign(counted, { client: connect({ fetch, ...options }) });
}

function ask(content, more = {}) {
  return { model: 'claude-sonnet-5', max_tokens: 1024, messages: [{ role: 'user', content }], ...more };
}

/** The next request of a tool loop: the answer goes back as it came, with one result for each call. */
function withResults(request, answer, results) {
  const calls = answer.content.filter((block) => block.type === 'tool_use');
  const content = calls.map((call, i) => ({ type: 'tool_result', tool_use_id: call.id, content: results[i] }));
  const messages = [...request.messages, { role: 'assistant', content: answer.content }, { role: 'user', content }];
  return { ...request, messages };
}

async function eventsOf(request) {
  const events = [];
  for await (const event of await client.messages.create({ ...request, stream: true })) events.push(event);
  return events;
}

/** What must be the same however the message came: without `id`, and without what the SDK adds to a streamed one. */
function comparable({ id, parsed_output, ...message }) {
  assert.match(id, /^msg_/);
  return structuredClone(message);
}

async function refusal(promise) {
  return promise.then(
    () => assert.fail('an answer came where an error was expected'),
    (error) => error,
  );
}

describe('messages.create', () => {
  test('returns the whole message, in the shape of the API', async () => {
    const { data: message, request_id, response } = await client.messages.create(ask('Say hello')).withResponse();

    assert.match(message.id, /^msg_01[A-Za-z0-9]{22}$/);
    assert.equal(message.type, 'message');
    assert.equal(message.role, 'assistant');
    assert.equal(message.model, 'claude-sonnet-5');
    assert.deepEqual(message.content, [{ type: 'text', text: GREETING }]);
    assert.equal(message.stop_reason, 'end_turn');
    assert.equal(message.stop_sequence, null);
    assert.ok(message.usage.input_tokens > 0);
    assert.ok(message.usage.output_tokens > 0);
    assert.equal(response.status, 200);
    assert.match(request_id, /^req_/);
    assert.equal(message._request_id, request_id);
  });

  test('gives every message an id of its own', async () => {
    const [one, other] = await Promise.all([1, 2].map(() => client.messages.create(ask('Say hello'))));
    assert.notEqual(one.id, other.id);
    assert.deepEqual(comparable(one), comparable(other));
  });

  test('cuts the text at max_tokens', async () => {
    const message = await client.messages.create(ask('Count to ten', { max_tokens: 3 }));
    assert.equal(message.stop_reason, 'max_tokens');
    assert.equal(message.usage.output_tokens, 3);
    assert.ok('One, two, three, four'.startsWith(message.content[0].text));
  });

  test('cuts the text before a stop sequence and names it', async () => {
    const message = await client.messages.create(ask('Count to ten', { stop_sequences: [', four'] }));
    assert.deepEqual(message.content, [{ type: 'text', text: 'One, two, three' }]);
    assert.equal(message.stop_reason, 'stop_sequence');
    assert.equal(message.stop_sequence, ', four');
  });

  test('shows the overrides of stop_reason, usage and headers', async () => {
    const { data: message, response } = await client.messages.create(ask('Override everything')).withResponse();
    assert.equal(message.content[0].text, 'A peculiar answer.');
    assert.equal(message.stop_reason, 'refusal');
    assert.equal(message.usage.input_tokens, 11);
    assert.equal(message.usage.output_tokens, 22);
    assert.equal(message.usage.cache_read_input_tokens, 33);
    assert.equal(response.headers.get('x-flavour'), 'peculiar');
  });
});

describe('streams', () => {
  const tools = [WEATHER];
  const requests = {
    'a text': ask('Say hello'),
    'a text cut at max_tokens': ask('Count to ten', { max_tokens: 3 }),
    'a text cut at a stop sequence': ask('Count to ten', { stop_sequences: [', four'] }),
    'an answer with overrides': ask('Override everything'),
    'a text and a tool call': ask('What is the weather in Paris?', { tools }),
    'two tool calls': ask('Compare Oslo and Rome', { tools }),
    'thinking and a tool call': ask('Think about 6 times 7', { tools: [CALCULATOR], thinking: SHOWN }),
    'a verbatim message': ask('Recite'),
    'verbatim events': ask('Recite event by event'),
  };
  for (const [what, request] of Object.entries(requests)) {
    test(`messages.stream: the final message of ${what} is the plain one`, async () => {
      const plain = await client.messages.create(request);
      const final = await client.messages.stream(request).finalMessage();
      assert.deepEqual(comparable(final), comparable(plain));
    });

    test(`stream: true: the events of ${what} come in the API's order`, async () => {
      const events = await eventsOf(request);
      const { content } = await client.messages.create(request);
      const blocks = content.flatMap((_, index) => [`start ${index}`, `deltas ${index}`, `stop ${index}`]);
      assert.deepEqual(outline(events), ['message_start', ...blocks, 'message_delta', 'message_stop']);
    });
  }

  /** The events' names; a block's with its index, and its deltas as one. */
  function outline(events) {
    const names = events.map(({ type, index }) => {
      if (!type.startsWith('content_block_')) return type;
      return `${type.slice('content_block_'.length).replace('delta', 'deltas')} ${index}`;
    });
    return names.filter((name, i) => !name.startsWith('deltas') || name !== names[i - 1]);
  }

  test('stream: true: the deltas of a text are of the chunk size asked for and join to the text', async () => {
    const events = await eventsOf(ask('Say hello'));
    const deltas = events.filter((event) => event.type === 'content_block_delta').map((event) => event.delta);
    assert.ok(deltas.every((delta) => delta.type === 'text_delta'));
    assert.ok(deltas.slice(0, -1).every((delta) => [...delta.text].length === 3));
    assert.equal(deltas.map((delta) => delta.text).join(''), GREETING);
  });

  test("stream: true: a call's deltas are the ones written out", async () => {
    const events = await eventsOf(ask('Compare Oslo and Rome', { tools }));
    const second = events.filter((event) => event.type === 'content_block_delta' && event.index === 1);
    const parts = second.map((event) => event.delta.partial_json);
    assert.deepEqual(parts.filter(Boolean), ['{"ci', 'ty": "Ro', 'me"}']);
  });

  test('stream: true: message_start is empty and the last message_delta says how it ended', async () => {
    const events = await eventsOf(ask('Say hello'));
    const { message } = events[0];
    assert.deepEqual(message.content, []);
    assert.equal(message.stop_reason, null);
    const { delta, usage } = events.at(-2);
    assert.equal(delta.stop_reason, 'end_turn');
    assert.ok(usage.output_tokens >= message.usage.output_tokens);
  });

  test('messages.stream: the listeners get text, blocks and the message', async () => {
    const seen = { text: '', blocks: [], messages: 0 };
    const stream = client.messages
      .stream(ask('What is the weather in Paris?', { tools }))
      .on('text', (delta) => (seen.text += delta))
      .on('contentBlock', (block) => seen.blocks.push(block.type))
      .on('message', () => (seen.messages += 1));
    await stream.done();
    assert.deepEqual(seen, { text: 'Let me look.', blocks: ['text', 'tool_use'], messages: 1 });
    assert.match(stream.request_id, /^req_/);
  });

  test('a client that breaks off a stream does not disturb the next request', async () => {
    for await (const event of await client.messages.create(ask('Say hello', { stream: true }))) {
      if (event.type === 'content_block_delta') break;
    }
    assert.equal((await client.messages.create(ask('Say hello'))).content[0].text, GREETING);
  });
});

describe('tools', () => {
  const weather = ask('What is the weather in Paris?', { tools: [WEATHER] });

  test('a loop of two turns: a call made from the prompt, then the answer made from its result', async () => {
    const first = await client.messages.create(weather);
    const [text, call] = first.content;
    assert.equal(first.stop_reason, 'tool_use');
    assert.deepEqual(text, { type: 'text', text: 'Let me look.' });
    assert.equal(call.name, 'get_weather');
    assert.deepEqual(call.input, { city: 'Paris', days: 2 });
    assert.match(call.id, /^toolu_01[A-Za-z0-9]{22}$/);

    const second = await client.messages.create(withResults(weather, first, ['sunny, 24 degrees']));
    assert.equal(second.stop_reason, 'end_turn');
    assert.deepEqual(second.content, [{ type: 'text', text: 'Paris: sunny, 24 degrees.' }]);
  });

  test('a loop of two streamed turns ends like the plain one', async () => {
    const first = await client.messages.stream(weather).finalMessage();
    const second = client.messages.stream(withResults(weather, first, ['sunny, 24 degrees']));
    assert.equal(await second.finalText(), 'Paris: sunny, 24 degrees.');
  });

  for (const stream of [false, true]) {
    const how = stream ? 'streamed' : 'plain';

    test(`the SDK's tool runner runs the loop by itself, ${how}`, async () => {
      const run = await runTools({ ...weather, stream, thread: false });
      assert.deepEqual(run, { requests: 2, inputs: [{ city: 'Paris', days: 2 }], text: 'Paris: sunny in Paris.' });
    });

    test(`the SDK's tool runner works through a thread, ${how}`, async () => {
      const sent = [];
      const run = await runTools({ ...weather, stream }, sent);
      assert.deepEqual(run, { requests: 2, inputs: [{ city: 'Paris', days: 2 }], text: 'Paris: sunny in Paris.' });
      assert.deepEqual(sent.map(({ thread, messages }) => [thread.type, messages.length]), [['create', 1], ['continue', 1]]);
    });

    test(`the SDK's tool runner goes on without a thread where threads are refused, ${how}`, async () => {
      const request = ask('What is the weather in Lima? Without a thread.', { tools: [WEATHER], stream });
      const run = await runTools(request);
      assert.deepEqual(run, { requests: 3, inputs: [{ city: 'Lima', days: 2 }], text: 'Lima: sunny in Lima.' });
    });
  }

  async function runTools(params, sent = []) {
    const counted = counting({}, sent);
    const inputs = [];
    const run = (input) => {
      inputs.push(input);
      return `sunny in ${input.city}`;
    };
    const { name, description, input_schema: inputSchema } = WEATHER;
    const tools = [betaTool({ name, description, inputSchema, run })];
    const message = await counted.client.beta.messages.toolRunner({ ...params, tools });
    return { requests: counted.requests, inputs, text: message.content[0].text };
  }

  test('parallel calls have ids of their own, and both results are taken', async () => {
    const request = ask('Compare Oslo and Rome', { tools: [WEATHER] });
    const first = await client.messages.create(request);
    assert.equal(first.stop_reason, 'tool_use');
    assert.deepEqual(first.content.map((block) => block.type), ['tool_use', 'tool_use']);
    assert.deepEqual(first.content.map((block) => block.input.city), ['Oslo', 'Rome']);
    assert.notEqual(first.content[0].id, first.content[1].id);

    const second = await client.messages.create(withResults(request, first, ['rain, 9', 'sun, 27']));
    assert.equal(second.stop_reason, 'end_turn');
    assert.equal(second.content[0].text, 'Rome is warmer.');
  });

  test('a parallel call whose result is missing fails the scenario with a 400', async () => {
    const request = ask('Compare Oslo and Rome', { tools: [WEATHER] });
    const first = await client.messages.create(request);
    const next = withResults(request, first, ['rain, 9', 'sun, 27']);
    next.messages.at(-1).content.pop();
    assert.ok((await refusal(client.messages.create(next))) instanceof Anthropic.BadRequestError);
  });

  test('thinking stands before the call, is signed, and is taken back', async () => {
    const request = ask('Think about 6 times 7', { tools: [CALCULATOR], thinking: SHOWN });
    const first = await client.messages.create(request);
    const [thinking, call] = first.content;
    assert.deepEqual(first.content.map((block) => block.type), ['thinking', 'tool_use']);
    assert.equal(thinking.thinking, 'Six times seven is a job for the calculator.');
    assert.match(thinking.signature, SIGNATURE);
    assert.deepEqual(call.input, { expression: '6 * 7' });

    const second = await client.messages.create(withResults(request, first, ['42']));
    assert.equal(second.content[0].text, 'It is 42.');
  });

  test('streamed thinking ends with its signature', async () => {
    const events = await eventsOf(
      ask('Think about 6 times 7', { tools: [CALCULATOR], thinking: SHOWN }),
    );
    const deltas = events.filter((event) => event.type === 'content_block_delta' && event.index === 0);
    assert.ok(deltas.slice(0, -1).every((event) => event.delta.type === 'thinking_delta'));
    assert.equal(deltas.at(-1).delta.type, 'signature_delta');
    assert.match(deltas.at(-1).delta.signature, SIGNATURE);
  });
});

describe('errors', () => {
  const classes = [
    ['Ask badly', Anthropic.BadRequestError, 400, 'invalid_request_error', 'messages.0: that is no question'],
    ['Open the vault', Anthropic.PermissionDeniedError, 403, 'permission_error', /permission/],
    ['Fall over', Anthropic.InternalServerError, 500, 'api_error', 'Internal server error'],
    ['Everybody asks', Anthropic.OverloadedError, 529, 'overloaded_error', 'Overloaded'],
  ];
  for (const [prompt, Class, status, type, message] of classes) {
    for (const stream of [false, true]) {
      test(`${type} is ${Class._errorName} of status ${status}${stream ? ', for a stream, too' : ''}`, async () => {
        const error = await refusal(client.messages.create(ask(prompt, { stream })));
        assertError(error, Class, status, type, message);
      });
    }
  }

  function assertError(error, Class, status, type, message) {
    assert.equal(error.constructor, Class);
    assert.equal(error.status, status);
    assert.equal(error.type, type);
    assert.match(error.requestID, /^req_/);
    assert.deepEqual(error.error, {
      type: 'error',
      error: { type, message: error.apiMessage },
      request_id: error.requestID,
    });
    if (message instanceof RegExp) assert.match(error.apiMessage, message);
    else assert.equal(error.apiMessage, message);
  }

  test('an OverloadedError is an InternalServerError', () => {
    assert.ok(Anthropic.OverloadedError.prototype instanceof Anthropic.InternalServerError);
  });

  test('rate_limit_error is a RateLimitError with its retry-after', async () => {
    const error = await refusal(client.messages.create(ask('Too fast', { metadata: { user_id: 'alice' } })));
    assertError(error, Anthropic.RateLimitError, 429, 'rate_limit_error', 'Slow down, alice.');
    assert.equal(error.headers.get('retry-after'), '7');
  });

  test('rate_limit_error is retried as often as the client wants', async () => {
    const counted = counting({ maxRetries: 2 });
    const error = await refusal(counted.client.messages.create(ask('A little too fast')));
    assert.ok(error instanceof Anthropic.RateLimitError);
    assert.equal(counted.requests, 3);
  });

  test('a request that no scenario answers is a NotFoundError of our own and is not retried', async () => {
    const counted = counting({ maxRetries: 2 });
    const error = await refusal(counted.client.messages.create(ask('Nobody wrote this scenario')));
    assertError(error, Anthropic.NotFoundError, 404, 'not_found_error', /^mockserver: /);
    assert.equal(counted.requests, 1);
  });

  test('a failed expectation is a BadRequestError of our own and is not retried', async () => {
    const counted = counting({ maxRetries: 2 });
    const error = await refusal(counted.client.messages.create(ask('Mind your manners', { system: 'Now!' })));
    assertError(error, Anthropic.BadRequestError, 400, 'invalid_request_error', /^mockserver: .*please/s);
    assert.equal(counted.requests, 1);

    const message = await client.messages.create(ask('Mind your manners', { system: 'Now, please.' }));
    assert.equal(message.content[0].text, 'With pleasure.');
  });

  test('max_tokens: -1 is a BadRequestError in the words of the API', async () => {
    const error = await refusal(client.messages.create(ask('Say hello', { max_tokens: -1 })));
    const words = 'max_tokens: must be greater than or equal to 0';
    assertError(error, Anthropic.BadRequestError, 400, 'invalid_request_error', words);
  });

  test('an empty message list is a BadRequestError in the words of the API', async () => {
    const error = await refusal(client.messages.create({ ...ask(''), messages: [] }));
    const words = 'messages: at least one message is required';
    assertError(error, Anthropic.BadRequestError, 400, 'invalid_request_error', words);
  });

  describe('of a server that takes one key', () => {
    let guarded;
    before(async () => (guarded = await startServer(SCENARIOS, '--api-key', KEY)));
    after(() => guarded?.stop());

    test('any other key is an AuthenticationError and is not retried', async () => {
      const counted = counting({ baseURL: guarded.baseURL, apiKey: 'sk-ant-api03-other', maxRetries: 2 });
      const error = await refusal(counted.client.messages.create(ask('Say hello')));
      assertError(error, Anthropic.AuthenticationError, 401, 'authentication_error', 'Invalid bearer token');
      assert.equal(counted.requests, 1);
    });

    test('the key is accepted as the SDK sends it', async () => {
      const message = await connect({ baseURL: guarded.baseURL }).messages.create(ask('Say hello'));
      assert.equal(message.content[0].text, GREETING);
    });

    test('the key is accepted as x-api-key', async () => {
      assert.equal((await post({ 'x-api-key': KEY })).status, 200);
    });

    test('an empty key is a 401 that asks for one', async () => {
      const response = await post({ 'x-api-key': '' });
      assert.equal(response.status, 401);
      const { error } = await response.json();
      assert.deepEqual(error, { type: 'authentication_error', message: 'x-api-key header is required' });
    });

    function post(headers) {
      return fetch(`${guarded.baseURL}/v1/messages`, {
        method: 'POST',
        headers: { 'anthropic-version': '2023-06-01', 'content-type': 'application/json', ...headers },
        body: JSON.stringify(ask('Say hello')),
      });
    }
  });
});

describe('models', () => {
  test('pages follow each other to the last model, the newest first', async () => {
    const whole = await client.models.list({ limit: 1000 });
    assert.equal(whole.has_more, false);
    const ids = [];
    for await (const model of client.models.list({ limit: 5 })) ids.push(model.id);
    assert.deepEqual(ids, whole.data.map((model) => model.id));
    const moments = whole.data.map((model) => Date.parse(model.created_at));
    assert.deepEqual(moments, [...moments].sort((a, b) => b - a));
  });

  test('pages go backwards', async () => {
    const ids = (await client.models.list({ limit: 1000 })).data.map((model) => model.id);
    const page = await client.models.list({ before_id: ids[5], limit: 3 });
    assert.deepEqual(page.data.map((model) => model.id), ids.slice(2, 5));
    const next = await page.getNextPage();
    assert.deepEqual(next.data.map((model) => model.id), ids.slice(0, 2));
    assert.equal(next.hasNextPage(), false);
  });

  test('stages are chosen', async () => {
    const page = await client.models.list({ lifecycle: ['retired'], limit: 1000 });
    assert.deepEqual([...new Set(page.data.map((model) => model.lifecycle))], ['retired']);
  });

  test('one is retrieved by its alias', async () => {
    const model = await client.models.retrieve('claude-haiku-4-5');
    assert.equal(model.id, 'claude-haiku-4-5-20251001');
    assert.equal(model.display_name, 'Claude Haiku 4.5');
    assert.equal(model.capabilities.thinking.types.enabled.supported, true);
  });

  test('one that does not exist is a NotFoundError', async () => {
    const error = await refusal(client.models.retrieve('claude-9'));
    assert.ok(error instanceof Anthropic.NotFoundError);
    assert.equal(error.apiMessage, 'model: claude-9');
  });
});

test('countTokens counts more for more', async () => {
  const { max_tokens, ...short } = ask('Say hello');
  const { input_tokens } = await client.messages.countTokens(short);
  const longer = await client.messages.countTokens({ ...short, system: 'Be brief.', tools: [WEATHER] });
  assert.ok(longer.input_tokens > input_tokens && input_tokens > 0);
});

describe('usage', () => {
  const marked = (text) => [{ type: 'text', text: text.repeat(300), cache_control: { type: 'ephemeral', ttl: '1h' } }];

  for (const stream of [false, true]) {
    test(`the second request reads what the first one cached, ${stream ? 'streamed' : 'plain'}`, async () => {
      const request = ask('Say hello', { system: marked(`What the assistant has to know, ${stream}. `) });
      const answer = async () =>
        stream ? client.messages.stream(request).finalMessage() : client.messages.create(request);
      const [first, second] = [(await answer()).usage, (await answer()).usage];
      assert.ok(first.cache_creation_input_tokens > 1024);
      assert.deepEqual(first.cache_creation, {
        ephemeral_5m_input_tokens: 0,
        ephemeral_1h_input_tokens: first.cache_creation_input_tokens,
      });
      assert.equal(second.cache_read_input_tokens, first.cache_creation_input_tokens);
      assert.equal(second.cache_creation_input_tokens, 0);
      assert.equal(second.output_tokens_details.thinking_tokens, 0);
      assert.deepEqual([second.service_tier, second.inference_geo], ['standard', 'global']);
      const counted = await client.messages.countTokens({ model: request.model, messages: request.messages, system: request.system });
      assert.equal(second.input_tokens + second.cache_read_input_tokens, counted.input_tokens);
    });
  }
});

describe('verbatim', () => {
  test('a whole message is served to the letter', async () => {
    const message = await client.messages.create(ask('Recite'));
    assert.deepEqual({ ...message }, {
      model: 'claude-sonnet-5',
      id: 'msg_01VerbatimVerbatimVerba',
      type: 'message',
      role: 'assistant',
      content: [
        { type: 'text', text: 'As it stands: {{ prompt }}' },
        {
          type: 'tool_use',
          id: 'toolu_01VerbatimVerbatimVerb',
          name: 'lookup',
          input: { page: 7, tags: ['a', 'b'] },
        },
      ],
      stop_reason: 'tool_use',
      stop_sequence: null,
      stop_details: null,
      usage: {
        input_tokens: 1234,
        cache_creation_input_tokens: 5,
        cache_read_input_tokens: 6,
        cache_creation: { ephemeral_5m_input_tokens: 5, ephemeral_1h_input_tokens: 0 },
        output_tokens: 78,
        service_tier: 'standard',
      },
    });
  });

  test('whole events are served one by one, and fold to a message for a plain request', async () => {
    const events = await eventsOf(ask('Recite event by event'));
    const texts = events.filter((event) => event.type === 'content_block_delta').map((event) => event.delta.text);
    assert.deepEqual(texts, ['Bit ', 'by bit.']);

    const message = await client.messages.create(ask('Recite event by event'));
    assert.equal(message.id, 'msg_01EventByEventEventByEv');
    assert.deepEqual(message.content, [{ type: 'text', text: 'Bit by bit.' }]);
    assert.equal(message.usage.output_tokens, 4);
  });
});
