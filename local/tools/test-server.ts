// The test server that skips time: the official download, else the same program from its Maven package.
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../problem.js';
import { tail } from '../process.js';
import { clock, runCommand } from './command.js';
import { cachedProgram, findOnPath, type ToolsOptions } from './folder.js';
import { downloadBySdk } from './sdk-download.js';

const NAME = 'temporal-test-server';
const VERSION = '1.31.0';
const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

const HOW_TO = 'Install Java and Maven, or put temporal-test-server on the PATH.';

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>tools</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>io.temporal</groupId><artifactId>${NAME}</artifactId><version>${VERSION}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
`;

/** @returns the path of a program that takes a port and serves skipped time on it */
export async function temporalTestServer(options: ToolsOptions): Promise<string> {
  const installed = await findOnPath(NAME, options.env);
  if (installed !== undefined) return installed;
  return cachedProgram(options, NAME, async (folder) => {
    if (await downloadBySdk(options, 'test-server', folder, NAME)) return;
    await assembleByMaven(options, folder);
  });
}

async function assembleByMaven(options: ToolsOptions, folder: string): Promise<void> {
  const [java, maven] = [await findOnPath('java', options.env), await findOnPath('mvn', options.env)];
  if (java === undefined || maven === undefined) {
    throw new Problem(`No ${NAME} was found, and there is no Java with Maven to assemble one. ${HOW_TO}`);
  }
  const jars = join(folder, 'jars');
  await mkdir(jars);
  await writeFile(join(folder, 'pom.xml'), POM);
  const { ok, output } = await runCommand(
    maven,
    ['-B', '-f', 'pom.xml', PLUGIN, `-DoutputDirectory=${jars}`],
    {
      cwd: folder,
      env: options.env,
      timeout_ms: 10 * 60_000,
      tick: (seconds) => options.progress(`fetching ${NAME} by Maven ${clock(seconds)}`),
    },
  );
  if (!ok) throw new Problem(`Fetching ${NAME} by Maven failed: ${tail(output, 2)} ${HOW_TO}`);
  // The jars go first: the script is what counts as done.
  const kept = join(options.tools_dir, `${NAME}-${VERSION}`);
  await rm(kept, { recursive: true, force: true });
  await rename(jars, kept);
  const flags = '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC';
  const script = `#!/bin/sh\nexec '${java}' ${flags} -cp '${kept}/*' io.temporal.testserver.TestServer "$@"\n`;
  await writeFile(join(folder, NAME), script);
  await chmod(join(folder, NAME), 0o755);
}
