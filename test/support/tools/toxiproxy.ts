// The proxy that breaks networks on demand.
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedProgram, type ToolsOptions } from '../../../local/tools/folder.js';
import { installByGo } from '../../../local/tools/go.js';

const VERSION = 'v2.12.0';
const NAME = `toxiproxy-${VERSION}`;

/** @returns the path of a Toxiproxy server */
export async function toxiproxyServer(options: ToolsOptions): Promise<string> {
  return cachedProgram(options, NAME, async (folder) => {
    await installByGo(options, folder, {
      package: `github.com/Shopify/toxiproxy/v2/cmd/server@${VERSION}`,
      name: 'server',
      title: 'Toxiproxy',
      takes: 'about half a minute',
      how_to: `Install Go, or put the program as ${NAME} into TOOLS_DIR.`,
    });
    await rename(join(folder, 'server'), join(folder, NAME));
  });
}
