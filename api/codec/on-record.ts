// A page of the Web UI asks some hundred times; one entry in the audit log stands for all its reader asks in a minute.
export const RECORD_FOR_S = 60;
const REMEMBERED = 1_000;

/** Resolves once there is an entry that covers this moment; whoever asks meanwhile waits for the same one. */
export type OnRecord = (entry: string, write: () => Promise<void>) => Promise<void>;

export function createOnRecord(now: () => number = Date.now): OnRecord {
  const entries = new Map<string, { until: number; written: Promise<void> }>();
  return async (entry, write) => {
    const known = entries.get(entry);
    if (known !== undefined && known.until > now()) return await known.written;
    const written = write();
    entries.delete(entry);
    entries.set(entry, { until: now() + RECORD_FOR_S * 1_000, written });
    const [oldest] = entries.keys();
    if (entries.size > REMEMBERED && oldest !== undefined) entries.delete(oldest);
    try {
      await written;
    } catch (error) {
      if (entries.get(entry)?.written === written) entries.delete(entry);
      throw error;
    }
  };
}
