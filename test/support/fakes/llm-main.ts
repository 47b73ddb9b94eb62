// The fake model server as a process of its own: `tsx test/support/fakes/llm-main.ts [port]`; prints its base URL.
import { startFakeLlm } from './llm.js';

const fake = await startFakeLlm(Number(process.argv[2] ?? 0));
process.stdout.write(`${fake.base_url}\n`);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    void fake.close().then(() => process.exit(0));
  });
}
