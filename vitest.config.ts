import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // The AWS SDK is pinned to its last line for Node 20; its advice is not for who runs tests.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    // Temporal's worker is a native module, which worker threads cannot share.
    pool: 'forks',
    // Each file brings clients and workers of its own; more at once than cores only makes deadlines slip.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
  },
});
