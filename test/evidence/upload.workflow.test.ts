// S12: the way of a document from its upload URL to its download, on the embedded store and on an S3 server that is not
// ours; and everything that may be wrong with it on that way. Nothing wrong is ever verified.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { poll } from '../runs/stage.js';
import { BAD_FILES, PIXEL, TYPES } from '../support/bad-files.js';
import { docx, pdf } from '../support/files.js';
import { startEmbeddedStore, startVersity } from '../support/object-stores.js';
import { fetchBytes, send, sendInHalves, sha256, startUploads, uploaderOf, type Uploads } from './stage.js';

describe.each([
  ['the embedded store', startEmbeddedStore],
  ['versitygw', startVersity],
] as const)('on %s', (_store, start) => {
  let its: Uploads;
  beforeAll(async () => {
    its = await startUploads(start);
  });
  afterAll(() => its.stop());

  const isCleared = async (id: string): Promise<boolean> =>
    (await its.objects.store.listSome(`quarantine/${its.stage.org.id}/${id}/`)).length === 0;

  test('a file goes from upload URL to download, read once by itself', async () => {
    const bytes = pdf(['All access is reviewed every quarter by the owner.']);
    const hash = sha256(bytes);
    const ticket = await its.ask({
      filename: 'Übersicht "Q1".pdf',
      content_type: TYPES.pdf,
      size: bytes.length,
      sha256: hash,
      control_ref: 'CC6.1',
      collected_at: '2026-03-31T00:00:00Z',
    });
    expect(ticket).toMatchObject({ method: 'PUT', expires_in: 900, max_size: bytes.length });
    expect(ticket.object_key).toMatch(
      new RegExp(`^quarantine/${its.stage.org.id}/${ticket.evidence_id}/[0-9a-f]{32}$`),
    );
    const early = await its.by.post(`${its.path}/${ticket.evidence_id}/verify`);
    expect(early.status).toBe(409);
    expect(early.body.detail).toContain('pending');
    const unread = await its.by.get(`${its.path}/${ticket.evidence_id}/download-url`);
    expect([unread.status, unread.body.code]).toEqual([409, 'CONFLICT']);

    expect((await send(ticket, bytes)).status).toBe(200);
    expect(await its.settled(ticket.evidence_id)).toMatchObject({
      status: 'verified',
      size: bytes.length,
      sha256: hash,
      filename: 'Übersicht "Q1".pdf',
      control_ref: 'CC6.1',
      control_refs: ['CC6.1'],
      stale: false,
      superseded_by: null,
      rejection_reason: null,
    });
    const again = await its.by.post(`${its.path}/${ticket.evidence_id}/verify`);
    expect([again.status, again.body.requested, again.body.sha256]).toEqual([200, null, hash]);

    const { body } = await its.by.get(`${its.path}/${ticket.evidence_id}/download-url`);
    expect(body).toMatchObject({ expires_in: 300, sha256: hash });
    const downloaded = await fetchBytes(body.download_url);
    expect(downloaded.bytes.equals(bytes)).toBe(true);
    expect(downloaded.headers.get('content-type')).toBe(TYPES.pdf);
    expect(downloaded.headers.get('content-disposition')).toBe(
      `attachment; filename="_bersicht _Q1_.pdf"; filename*=UTF-8''%C3%9Cbersicht%20%22Q1%22.pdf`,
    );
    const audited = (await its.audited(ticket.evidence_id)).map(({ action }) => action);
    expect(audited).toEqual(['evidence.upload', 'evidence.verify', 'evidence.download']);
    await poll('its upload is cleared away', () => isCleared(ticket.evidence_id));
  });

  test('the signature binds type, size and bytes; one upload, and none after it was verified', async () => {
    const bytes = Buffer.from('user,reviewed\ndana,2026-01-04\n');
    const about = {
      filename: 'users.csv',
      content_type: TYPES.csv,
      size: bytes.length,
      sha256: sha256(bytes),
    };
    const ticket = await its.ask(about);
    const other = Buffer.from(bytes).fill('x');
    const elsewhere = ticket.upload_url.replace(its.stage.org.id, '0198c0de-0000-7000-8000-00000000dead');
    expect({
      type: (await send(ticket, bytes, { 'content-type': 'text/html' })).status,
      longer: (await send(ticket, Buffer.concat([bytes, bytes]))).status,
      shorter: (await send(ticket, bytes.subarray(1))).status,
      bytes: (await send(ticket, other)).status,
      key: (await send({ ...ticket, upload_url: elsewhere }, bytes)).status,
      overwrite: (await send(ticket, bytes, { 'if-none-match': 'never' })).status,
    }).toEqual({ type: 403, longer: 403, shorter: 403, bytes: 400, key: 403, overwrite: 403 });
    expect((await its.look(ticket.evidence_id)).status).toBe('pending');

    const twice = await Promise.all([send(ticket, bytes), send(ticket, bytes)]);
    // the loser may meet the winner while it is being stored
    expect(twice.map(({ status }) => status === 200)).toContain(true);
    const read = await its.settled(ticket.evidence_id);
    expect(read).toMatchObject({ status: 'verified', sha256: about.sha256 });
    // whatever the store says to that one, nobody reads it
    await send(ticket, bytes);
    expect(await its.look(ticket.evidence_id)).toEqual(read);
    const kept = await its.objects.store.find(`evidence/${its.stage.org.id}/${about.sha256}`);
    expect(kept?.size).toBe(bytes.length);
  });

  test('a second upload is refused while the first is being read', async () => {
    const store = its.objects.store;
    const key = `quarantine/${its.stage.org.id}/x/${String(Date.now())}`;
    const signed = await store.presignPut({ key, content_type: 'text/plain', expires_s: 60 });
    const ticket = { upload_url: signed.url, headers: signed.headers };
    expect((await send(ticket, 'first')).status).toBe(200);
    expect((await send(ticket, 'other')).status).toBe(412);
    await store.remove(key);
  });

  test('nothing is read while it is being uploaded', async () => {
    const bytes = Buffer.alloc(2 * 1024 * 1024, 'All access is reviewed.\n');
    const ticket = await its.ask({ filename: 'log.txt', content_type: TYPES.txt, size: bytes.length });
    const status = await sendInHalves(ticket, bytes, async () => {
      const early = await its.by.post(`${its.path}/${ticket.evidence_id}/verify`);
      expect([early.status, early.body.code]).toEqual([409, 'CONFLICT']);
    });
    expect(status).toBe(200);
    expect(await its.settled(ticket.evidence_id)).toMatchObject({
      status: 'verified',
      sha256: sha256(bytes),
    });
  });

  test('a URL is good for its time only', async () => {
    const key = `quarantine/${its.stage.org.id}/x/late`;
    const signed = await its.objects.store.presignPut({ key, content_type: 'text/plain', expires_s: 1 });
    const ticket = { upload_url: signed.url, headers: signed.headers };
    // an upload whose type is wrong changes nothing, so it may be tried until the time is over
    await poll('it has expired', async () => {
      await sleep(200);
      const { text } = await send(ticket, 'late', { 'content-type': 'text/html' });
      return /expired/i.test(text);
    });
    expect((await send(ticket, 'late')).status).toBe(403);
    expect(await its.objects.store.find(key)).toBeUndefined();
  });

  test.concurrent.each(BAD_FILES.map((bad) => [bad.words, bad] as const))(
    '%s is rejected',
    async (_words, bad) => {
      const rejected = await its.hand(bad);
      expect(rejected).toMatchObject({
        status: 'rejected',
        rejection_reason: bad.reason,
        size: bad.bytes.length,
        sha256: sha256(bad.bytes),
      });
      const evidence_id = rejected.id;
      expect((await its.by.get(`${its.path}/${evidence_id}/download-url`)).status).toBe(409);
      expect((await its.by.post(`${its.path}/${evidence_id}/verify`)).body).toMatchObject({
        status: 'rejected',
        requested: null,
      });
      expect(
        await its.objects.store.find(`evidence/${its.stage.org.id}/${sha256(bad.bytes)}`),
      ).toBeUndefined();
      expect((await its.audited(evidence_id)).map(({ action }) => action)).toEqual([
        'evidence.upload',
        'evidence.reject',
      ]);
    },
  );

  test('nothing, and too much, are rejected', async () => {
    const empty = await its.hand({ filename: 'empty.txt', content_type: TYPES.txt, bytes: Buffer.alloc(0) });
    expect(empty.rejection_reason).toBe('empty');
    const bytes = Buffer.alloc(50 * 1024 * 1024 + 1, 'x');
    const large = await its.hand({ filename: 'large.txt', content_type: TYPES.txt, bytes });
    expect(large).toMatchObject({ status: 'rejected', rejection_reason: 'too_large' });
    await poll(
      'both are cleared away',
      async () => (await isCleared(empty.id)) && (await isCleared(large.id)),
    );
  });

  test('the same bytes twice are one object and two documents', async () => {
    const file = { filename: 'pixel.png', content_type: TYPES.png, bytes: PIXEL };
    const [one, other] = [await its.hand(file), await its.hand({ ...file, filename: 'again.png' })];
    expect([one.status, other.status]).toEqual(['verified', 'verified']);
    expect(one.sha256).toBe(other.sha256);
    expect((await its.by.delete(`${its.path}/${one.id}`)).status).toBe(200);
    const { body } = await its.by.get(`${its.path}/${other.id}/download-url`);
    expect((await fetchBytes(body.download_url)).bytes.equals(PIXEL)).toBe(true);
  });

  test('whatever is verified hashes to what its row says', async () => {
    const { items } = (await its.by.get(`${its.path}?status=verified&limit=200`)).body;
    // the organization's first document was put into its register without bytes
    const uploaded = items.filter(({ filename }: { filename: string }) => filename !== 'policy.md');
    expect(uploaded.length).toBeGreaterThan(2);
    for (const { id, sha256: said } of uploaded) {
      const { body } = await its.by.get(`${its.path}/${id}/download-url`);
      expect(sha256((await fetchBytes(body.download_url)).bytes)).toBe(said);
    }
  });

  test('another organization sees nothing of it, by no way', async () => {
    const org = await its.stage.addOrg(`Other${String(Date.now())}`);
    const theirs = uploaderOf(org.admin, org.id);
    const mine = await its.hand({ filename: 'mine.docx', content_type: TYPES.docx, bytes: docx(['Mine.']) });
    for (const [method, way] of [
      ['get', ''],
      ['get', '/download-url'],
      ['post', '/verify'],
      ['patch', ''],
      ['delete', ''],
    ] as const) {
      const body = method === 'patch' ? { control_refs: ['CC6.1'] } : {};
      for (const path of [its.path, theirs.path]) {
        const answer = await org.admin[method](`${path}/${mine.id}${way}`, body);
        expect([method, way, answer.status]).toEqual([method, way, 404]);
      }
    }
    const wrong = await org.admin.post(`${theirs.path}/upload-url`, {
      filename: 'x.txt',
      content_type: TYPES.txt,
      supersedes_id: mine.id,
    });
    expect([wrong.status, wrong.body.field]).toEqual([422, 'supersedes_id']);
    const { body } = await its.by.get(`${its.path}/${mine.id}/download-url`);
    const moved = body.download_url.replace(its.stage.org.id, org.id);
    expect((await fetchBytes(moved)).status).toBe(403);
  });
});
