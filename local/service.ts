/** Starts one embedded server as a process: says where it listens, ends cleanly on SIGTERM and Ctrl-C. */
export async function runService(
  name: string,
  start: () => Promise<{ url: string; stop(): Promise<void> }>,
): Promise<void> {
  try {
    const service = await start();
    const end = () => {
      void service.stop().finally(() => process.exit(0));
    };
    process.once('SIGTERM', end);
    process.once('SIGINT', end);
    // The supervisor waits for this line.
    process.stdout.write(`${name} ready at ${service.url}\n`);
  } catch (error) {
    process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
