import { TestWorkflowEnvironment } from '@temporalio/testing';

// Starts the server once, because that is how the SDK is asked to download it: kind, folder.
const [kind, downloadDir] = process.argv.slice(2);
if (downloadDir === undefined) throw new Error('usage: download-main dev-server|test-server FOLDER');
const server = { executable: { type: 'cached-download', downloadDir } } as const;
const environment =
  kind === 'dev-server'
    ? await TestWorkflowEnvironment.createLocal({ server })
    : await TestWorkflowEnvironment.createTimeSkipping({ server });
await environment.teardown();
