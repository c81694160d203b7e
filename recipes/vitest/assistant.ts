// The program under test: a conversation with a tool, streamed. It knows nothing of any mock.

import type Anthropic from '@anthropic-ai/sdk';

const WEATHER: Anthropic.Tool = {
  name: 'get_weather',
  description: 'The weather of a city.',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

type Weather = (city: string) => string;

/** Asks, calls the tool as often as the model wants it, and yields the text as it comes. */
export async function* ask(client: Anthropic, prompt: string, weather: Weather = () => 'unknown') {
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: prompt }];
  for (;;) {
    const stream = client.messages.stream({ model: 'claude-sonnet-5', max_tokens: 1024, tools: [WEATHER], messages });
    for await (const event of stream) {
      if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') yield event.delta.text;
    }

    const answer = await stream.finalMessage();
    const calls = answer.content.filter((block) => block.type === 'tool_use');
    if (calls.length === 0) return;
    const results = calls.map((call) => ({
      type: 'tool_result' as const,
      tool_use_id: call.id,
      content: weather((call.input as { city: string }).city),
    }));
    messages.push({ role: 'assistant', content: answer.content }, { role: 'user', content: results });
  }
}
