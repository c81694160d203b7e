// The program under test: a conversation with a tool. It knows nothing of any mock.

const WEATHER = {
  name: 'get_weather',
  description: 'The weather of a city.',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

/** Asks, calls the tool as often as the model wants it, and returns the answer's text. */
export async function ask(client, prompt, { weather = () => 'unknown' } = {}) {
  const messages = [{ role: 'user', content: prompt }];
  for (;;) {
    const answer = await client.messages.create({
      model: 'claude-sonnet-5',
      max_tokens: 1024,
      tools: [WEATHER],
      messages,
    });
    const calls = answer.content.filter((block) => block.type === 'tool_use');
    if (calls.length === 0) return answer.content.map((block) => block.text).join('');

    const results = calls.map((call) => ({
      type: 'tool_result',
      tool_use_id: call.id,
      content: weather(call.input.city),
    }));
    messages.push({ role: 'assistant', content: answer.content }, { role: 'user', content: results });
  }
}
