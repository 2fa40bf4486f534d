import { firstLanguage } from "../texts";

/** An answer of the API that is no success, in its one error shape. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly fields: Record<string, string[]> = {},
    readonly details: Record<string, unknown> = {},
    readonly requestId = "",
  ) {
    super(message);
  }
}

interface Asked {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  /** In the place of `body`: a form with files. */
  form?: FormData;
  idempotencyKey?: string;
  signal?: AbortSignal;
}

let csrfToken = "";

async function readCsrfToken(): Promise<string> {
  const answer = await fetch("/api/auth/csrf", { credentials: "same-origin" });
  if (!answer.ok) throw await faultOf(answer);
  const body = (await answer.json()) as { data: { csrf_token: string } };
  csrfToken = body.data.csrf_token;
  return csrfToken;
}

/** After a login or logout the session is another one, and so is its token. */
export function forgetCsrfToken(): void {
  csrfToken = "";
}

async function faultOf(answer: Response): Promise<ApiError> {
  const body = (await answer.json().catch(() => null)) as { error?: Record<string, unknown> } | null;
  const error = body?.error ?? {};
  return new ApiError(
    answer.status,
    String(error.code ?? "unknown"),
    String(error.message ?? answer.statusText),
    error.fields as Record<string, string[]> | undefined,
    error.details as Record<string, unknown> | undefined,
    String(error.request_id ?? answer.headers.get("X-Request-Id") ?? ""),
  );
}

async function send(path: string, asked: Asked): Promise<Response> {
  const method = asked.method ?? "GET";
  const headers: Record<string, string> = { Accept: "application/json", "Accept-Language": firstLanguage() };
  if (asked.body !== undefined) headers["Content-Type"] = "application/json";
  if (asked.idempotencyKey) headers["Idempotency-Key"] = asked.idempotencyKey;
  if (method !== "GET") headers["X-CSRF-Token"] = csrfToken || (await readCsrfToken());
  try {
    return await fetch(`/api${path}`, {
      method,
      headers,
      credentials: "same-origin",
      body: asked.form ?? (asked.body === undefined ? undefined : JSON.stringify(asked.body)),
      signal: asked.signal,
    });
  } catch (fault) {
    if (fault instanceof DOMException && fault.name === "AbortError") throw fault;
    throw new ApiError(0, "unreachable", "The server cannot be reached.");
  }
}

const isOldToken = (fault: ApiError) => fault.status === 403 && fault.code.startsWith("csrf");

/** A successful answer. Throws ApiError. A stale CSRF token is renewed once. */
async function succeed(path: string, asked: Asked): Promise<Response> {
  let answer = await send(path, asked);
  if (!answer.ok) {
    const fault = await faultOf(answer);
    if (!isOldToken(fault)) throw fault;
    forgetCsrfToken();
    answer = await send(path, asked);
    if (!answer.ok) throw await faultOf(answer);
  }
  return answer;
}

/** The JSON of a successful answer (undefined for 204). Throws ApiError. */
export async function call<T>(path: string, asked: Asked = {}): Promise<T> {
  const answer = await succeed(path, asked);
  return answer.status === 204 ? (undefined as T) : ((await answer.json()) as T);
}

/** Like `call`, for answers of the shape {"data": …}. */
export async function callOne<T>(path: string, asked: Asked = {}): Promise<T> {
  return (await call<{ data: T }>(path, asked)).data;
}

/** The bytes of a successful answer. Throws ApiError. */
export async function callFile(path: string): Promise<Blob> {
  return (await succeed(path, {})).blob();
}

/** "?a=1&b=2" out of the values that are set; lists repeat their name. */
export function queryText(values: Record<string, string | number | boolean | string[] | null | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === undefined || value === "") continue;
    for (const single of Array.isArray(value) ? value : [value]) query.append(name, String(single));
  }
  const text = query.toString();
  return text ? `?${text}` : "";
}
