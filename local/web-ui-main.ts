import { runService } from './service.js';
import { startWebUi } from './temporal/web-ui.js';

// What stands before Temporal's Web UI, as a process of its own: DATA_DIR, TEMPORAL_UI_PORT, TEMPORAL_UI_BACKEND_PORT and
// WEB_UI_KEY.
await runService('web-ui', () =>
  startWebUi({
    data_dir: process.env.DATA_DIR ?? '.data',
    port: Number(process.env.TEMPORAL_UI_PORT),
    backend_port: Number(process.env.TEMPORAL_UI_BACKEND_PORT),
    key: process.env.WEB_UI_KEY ?? '',
  }),
);
