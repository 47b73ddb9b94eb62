// Tells what in a new OpenAPI document breaks the clients of an old one.
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedProgram, type ToolsOptions } from '../../../local/tools/folder.js';
import { installByGo } from '../../../local/tools/go.js';

const VERSION = 'v1.36.0';
const NAME = `oasdiff-${VERSION}`;

/** @returns the path of the program */
export async function oasdiff(options: ToolsOptions): Promise<string> {
  return cachedProgram(options, NAME, async (folder) => {
    await installByGo(options, folder, {
      package: `github.com/oasdiff/oasdiff@${VERSION}`,
      name: 'oasdiff',
      title: 'oasdiff',
      takes: 'about half a minute',
      how_to: `Install Go, or put the program as ${NAME} into TOOLS_DIR.`,
    });
    await rename(join(folder, 'oasdiff'), join(folder, NAME));
  });
}
