import { startAccessIssuer } from './access-issuer.js';
import { runService } from './service.js';

// The Access issuer as a process of its own: DATA_DIR, ACCESS_PORT.
await runService('access', () =>
  startAccessIssuer({
    data_dir: process.env.DATA_DIR ?? '.data',
    port: Number(process.env.ACCESS_PORT ?? 0),
  }),
);
