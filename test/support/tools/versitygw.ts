// An S3 server that is not ours: signatures, conditions and checksums as others understand them.
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedProgram, type ToolsOptions } from '../../../local/tools/folder.js';
import { installByGo } from '../../../local/tools/go.js';

const VERSION = 'v1.8.0';
const NAME = `versitygw-${VERSION}`;

/** @returns the path of the program */
export async function versityGateway(options: ToolsOptions): Promise<string> {
  return cachedProgram(options, NAME, async (folder) => {
    await installByGo(options, folder, {
      package: `github.com/versity/versitygw/cmd/versitygw@${VERSION}`,
      name: 'versitygw',
      title: 'the Versity S3 gateway',
      takes: 'about three minutes',
      how_to: `Install Go, or put the program as ${NAME} into TOOLS_DIR.`,
    });
    await rename(join(folder, 'versitygw'), join(folder, NAME));
  });
}
