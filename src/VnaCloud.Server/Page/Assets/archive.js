// Searches and deletes over DICOMweb. URLs are relative to the page, wherever a proxy has put it.

export const root = "dicom-web";

/** What went wrong, in a sentence for the person at the screen. */
export class ArchiveError extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

/** One page of a search: { items, total, atLeast, next }. */
export async function search(path, parameters, signal) {
  return readPage(`${root}/${path}?${new URLSearchParams(parameters)}`, path, signal);
}

/** The page that "next" of an earlier one stands for. */
export async function searchNext({ path, query }, signal) {
  return readPage(`${root}/${path}${query}`, path, signal);
}

export async function deleteStudy(uid) {
  await request(`${root}/studies/${uid}`, { method: "DELETE" });
}

/** One of the server's own resources. */
export async function getJson(path, signal) {
  const response = await request(path, { headers: { Accept: "application/json" }, signal });
  return response.json();
}

export async function version() {
  const response = await request(root, { headers: { Accept: "application/json" } });
  return (await response.json()).version?.split("+")[0] ?? "";
}

/** The sentence of a problem (RFC 9457), or one by its status. */
export function problemText(status, body) {
  let detail = "";
  try {
    detail = JSON.parse(body).detail ?? "";
  } catch {
    // Not ours: a proxy's page. Its status has to do.
  }
  if (detail) return detail;
  if (status === 0) return "The server cannot be reached.";
  if (status === 413) return "The request is larger than the server or a proxy before it takes.";
  if (status === 502 || status === 503 || status === 504) return "The archive is not available at the moment.";
  if (status === 507) return "The archive's storage is full.";
  return status >= 500 ? `The server could not answer (${status}).` : `The server refused the request (${status}).`;
}

async function readPage(url, path, signal) {
  const response = await request(url, { headers: { Accept: "application/dicom+json" }, signal });
  const items = response.status === 204 ? [] : await response.json();
  const total = response.headers.get("X-Total-Count");
  return {
    items,
    total: total === null ? items.length : Number(total),
    atLeast: response.headers.get("X-Total-Count-Relation") === "gte",
    next: nextOf(response.headers.get("Link"), path),
  };
}

// Only the query of the link is taken: its host may be one that this browser does not use.
function nextOf(link, path) {
  const target = /<([^>]*)>\s*;\s*rel="?next"?/.exec(link ?? "")?.[1];
  return target ? { path, query: target.slice(target.indexOf("?")) } : null;
}

/** Any request to this server; what is not a success is an ArchiveError. */
export async function request(url, options) {
  let response;
  try {
    response = await fetch(url, options);
  } catch (failure) {
    if (failure.name === "AbortError") throw failure;
    throw new ArchiveError(problemText(0, ""));
  }
  if (!response.ok) throw new ArchiveError(problemText(response.status, await response.text()), response.status);
  return response;
}
