import { HttpError } from "react-admin";

interface ErrorBody {
  error?: { code: string; message: string; fields?: Record<string, string[]> };
}

let csrfToken = "";

async function readCsrfToken(): Promise<string> {
  const answer = await fetch("/api/auth/csrf");
  const body = (await answer.json()) as { data: { csrf_token: string } };
  csrfToken = body.data.csrf_token;
  return csrfToken;
}

/** After a login or logout the session is another one, and so is its token. */
export function forgetCsrfToken(): void {
  csrfToken = "";
}

/** react-admin shows the messages beside their fields when they stand under `errors`. */
function faultOf(status: number, body: ErrorBody | null): HttpError {
  const message = body?.error?.message ?? "The server cannot be reached.";
  const fields = Object.entries(body?.error?.fields ?? {}).map(([name, texts]) => [name, texts.join(" ")]);
  return new HttpError(message, status, { code: body?.error?.code, errors: Object.fromEntries(fields) });
}

/** The JSON of an answer under /api (undefined for 204). Throws HttpError in the API's own words. */
export async function call<T>(path: string, method = "GET", body?: unknown, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET") headers["X-CSRF-Token"] = csrfToken || (await readCsrfToken());
  const request: RequestInit = { method, headers, credentials: "same-origin", signal };
  if (body !== undefined) request.body = JSON.stringify(body);
  const answer = await fetch(`/api${path}`, request);
  if (answer.status === 204) return undefined as T;
  const content = (await answer.json().catch(() => null)) as T & ErrorBody;
  if (!answer.ok) throw faultOf(answer.status, content);
  return content;
}
