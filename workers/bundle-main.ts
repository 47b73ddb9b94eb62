// The last step of `npm run build`: the workflows as one script beside the compiled workers.
import { writeFile } from 'node:fs/promises';
import { BUILT_AHEAD, buildWorkflowBundle } from './bundle.js';

await writeFile(BUILT_AHEAD, await buildWorkflowBundle());
