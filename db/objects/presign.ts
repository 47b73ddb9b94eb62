import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

export interface PresignedPut {
  key: string;
  content_type: string;
  size?: number;
  /** Base64. */
  checksum_sha256?: string;
  expires_s: number;
}

export interface PresignedGet {
  key: string;
  filename: string;
  content_type: string;
  expires_s: number;
}

/**
 * A URL for exactly one upload: its type, and where given its length and hash, are signed, and a key that is taken
 * refuses it. The client must send the headers that come with it.
 */
export async function presignPut(
  client: S3Client,
  bucket: string,
  input: PresignedPut,
): Promise<{ url: string; headers: Record<string, string> }> {
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key: input.key,
    ContentType: input.content_type,
    IfNoneMatch: '*',
    ...(input.size === undefined ? {} : { ContentLength: input.size }),
    ...(input.checksum_sha256 === undefined ? {} : { ChecksumSHA256: input.checksum_sha256 }),
  });
  const headers: Record<string, string> = {
    'content-type': input.content_type,
    'if-none-match': '*',
    ...(input.size === undefined ? {} : { 'content-length': String(input.size) }),
    ...(input.checksum_sha256 === undefined ? {} : { 'x-amz-checksum-sha256': input.checksum_sha256 }),
  };
  const url = await getSignedUrl(client, command, {
    expiresIn: input.expires_s,
    // By default the SDK signs the host alone and moves x-amz-* into the query, where nothing has to keep to it.
    signableHeaders: new Set(['host', ...Object.keys(headers)]),
    unhoistableHeaders: new Set(['x-amz-checksum-sha256']),
  });
  return { url, headers };
}

/** A URL that downloads the object as an attachment of that name and type, whatever its uploader said. */
export async function presignGet(client: S3Client, bucket: string, input: PresignedGet): Promise<string> {
  const command = new GetObjectCommand({
    Bucket: bucket,
    Key: input.key,
    ResponseContentDisposition: attachment(input.filename),
    ResponseContentType: input.content_type,
  });
  return getSignedUrl(client, command, { expiresIn: input.expires_s });
}

/** RFC 6266: a plain fallback, and the true name as UTF-8. No name can leave its quotes. */
export function attachment(filename: string): string {
  // Lone surrogates cannot be encoded; isWellFormed is not in Node 20's types.
  const name = Buffer.from(filename, 'utf8').toString('utf8');
  const plain = name.replace(/[^\u0020-\u007e]|["\\%;]/g, '_');
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
