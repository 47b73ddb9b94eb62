import { runService } from './service.js';
import { ensureStorageCredentials } from './storage/credentials.js';
import { startStorage } from './storage/server.js';

// The embedded object store as a process of its own: DATA_DIR, STORAGE_PORT, S3_BUCKET.
const data_dir = process.env.DATA_DIR ?? '.data';
await runService('storage', async () =>
  startStorage({
    data_dir,
    port: Number(process.env.STORAGE_PORT ?? 0),
    credentials: await ensureStorageCredentials(data_dir),
    // The largest evidence file, with room for reports.
    max_object_bytes: 100 * 1024 * 1024,
    bucket: process.env.S3_BUCKET ?? 'sovereign-grc',
  }),
);
