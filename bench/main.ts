// `npm run bench`, or `npm run bench -- 3 8` for some rows.
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { print } from './harness.js';
import { rowsOn } from './rows/index.js';
import { startStage } from './stage.js';

Runtime.install({ logger: new DefaultLogger('WARN') });
const wanted = process.argv.slice(2).map(Number);
const stage = await startStage();
let missed = 0;
try {
  for (const row of rowsOn(stage)) {
    if (wanted.length > 0 && !wanted.includes(row.id)) continue;
    process.stdout.write(`\n${row.title}\n`);
    for (const measure of await row.run()) if (!print(row.id, measure)) missed += 1;
  }
} finally {
  await stage.stop();
}
process.stdout.write(`\n${missed === 0 ? 'every goal is met' : `${String(missed)} goal(s) missed`}\n`);
process.exit(missed === 0 ? 0 : 1);
