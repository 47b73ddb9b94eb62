// How another entry file of this project is started: from source by tsx, or compiled as it is.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The checkout, or `dist` when this runs compiled. */
export const PROJECT_DIR = join(dirname(fileURLToPath(import.meta.url)), '..');

const FROM_SOURCE = import.meta.url.endsWith('.ts');

/** @param entry path inside the project without extension, such as `api/main` */
export function nodeArguments(entry: string): string[] {
  const file = join(PROJECT_DIR, `${entry}${FROM_SOURCE ? '.ts' : '.js'}`);
  if (!FROM_SOURCE) return [file];
  // By address, because a bare name would be looked up from the working directory.
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return ['--import', loader, file];
}
