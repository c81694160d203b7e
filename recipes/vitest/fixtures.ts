// `test` with two fixtures: `mock`, a session of its own for each test, and `client`, an SDK that talks to it.

import Anthropic from '@anthropic-ai/sdk';
import { test as base, inject } from 'vitest';

export class Mock {
  constructor(readonly baseURL: string) {}

  /** The requests that came so far, oldest first. */
  async requests(): Promise<any[]> {
    return (await this.control('GET', 'requests')).requests;
  }

  /** Adds a scenario, with the keys of a scenario file. */
  async add(scenario: object): Promise<void> {
    await this.control('POST', 'scenarios', scenario);
  }

  /** Throws where a request met no scenario, or not what its scenario expects. */
  async verify(expected: object = {}): Promise<void> {
    await this.control('POST', 'verify', expected);
  }

  private async control(method: string, path: string, body?: object): Promise<any> {
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

export const test = base.extend<{ mock: Mock; client: Anthropic }>({
  mock: async ({ task }, use) => {
    const mock = new Mock(`${inject('mockserver').base_url}/_s/${encodeURIComponent(task.fullTestName)}`);
    await use(mock);
    await mock.verify();
  },
  client: async ({ mock }, use) => {
    await use(new Anthropic({ baseURL: mock.baseURL, apiKey: inject('mockserver').api_key }));
  },
});
