// multipart/related answers, RFC 2387.

export const ACCEPT_INSTANCE = 'multipart/related; type="application/dicom"; transfer-syntax=*';
export const ACCEPT_FRAME = 'multipart/related; type="application/octet-stream"';

/** The body of the first part. */
export function firstPart({ headers, body }) {
  const boundary = /boundary="?([^";]+)"?/i.exec(headers['content-type'])?.[1];
  if (!boundary) throw new Error(`not multipart: ${headers['content-type']}`);
  const delimiter = Buffer.from(`--${boundary}`), first = body.indexOf(delimiter), headerEnd = body.indexOf('\r\n\r\n', first);
  const end = body.lastIndexOf(delimiter), next = body.indexOf(Buffer.concat([Buffer.from('\r\n'), delimiter]), headerEnd);
  if (first < 0 || headerEnd < 0 || end <= headerEnd) throw new Error('multipart answer without a part');
  return body.subarray(headerEnd + 4, next);
}
