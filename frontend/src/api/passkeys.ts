/**
 * The browser's side of passkeys. Options come, and credentials go, as W3C JSON; the conversions are written out
 * because not every browser that has passkeys has `parseRequestOptionsFromJSON` and `toJSON`.
 */
import { ApiError, callOne } from "./client";

interface Options {
  public_key: Record<string, unknown>;
}

interface KnownJson {
  id: string;
  type: "public-key";
  transports?: AuthenticatorTransport[];
}

export type CredentialJson = Record<string, unknown>;

export const hasPasskeys = () => typeof window.PublicKeyCredential === "function";

function toBytes(text: string): ArrayBuffer {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0)).buffer;
}

function toText(bytes: ArrayBuffer): string {
  const plain = Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join("");
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

const known = (list: unknown) => ((list ?? []) as KnownJson[]).map((entry) => ({ ...entry, id: toBytes(entry.id) }));

/** What the person saw and closed, or what the device cannot do: said as any other refusal is. */
function refusal(fault: unknown): unknown {
  if (!(fault instanceof DOMException)) return fault;
  if (fault.name === "InvalidStateError") return new ApiError(0, "passkey_known", "This device has a passkey already.");
  return new ApiError(0, "passkey_cancelled", "No passkey was used.");
}

async function ceremony<T>(act: () => Promise<T | null>): Promise<T> {
  try {
    const made = await act();
    if (made) return made;
  } catch (fault) {
    throw refusal(fault);
  }
  throw new ApiError(0, "passkey_cancelled", "No passkey was used.");
}

/** Asks the API for options, then the device for a new passkey. */
export async function makePasskey(path: string): Promise<CredentialJson> {
  const { public_key: options } = await callOne<Options>(path, { method: "POST" });
  const user = options.user as { id: string; name: string; displayName: string };
  const publicKey = {
    ...options,
    challenge: toBytes(options.challenge as string),
    user: { ...user, id: toBytes(user.id) },
    excludeCredentials: known(options.excludeCredentials),
  } as unknown as PublicKeyCredentialCreationOptions;
  const made = (await ceremony(() => navigator.credentials.create({ publicKey }))) as PublicKeyCredential;
  const response = made.response as AuthenticatorAttestationResponse;
  return {
    id: made.id,
    rawId: toText(made.rawId),
    type: made.type,
    response: {
      clientDataJSON: toText(response.clientDataJSON),
      attestationObject: toText(response.attestationObject),
      transports: response.getTransports?.() ?? [],
    },
  };
}

/** Asks the API for options, then the device to use one of its passkeys. */
export async function askPasskey(path: string, body?: unknown): Promise<CredentialJson> {
  const { public_key: options } = await callOne<Options>(path, { method: "POST", body });
  const publicKey = {
    ...options,
    challenge: toBytes(options.challenge as string),
    allowCredentials: known(options.allowCredentials),
  } as unknown as PublicKeyCredentialRequestOptions;
  const used = (await ceremony(() => navigator.credentials.get({ publicKey }))) as PublicKeyCredential;
  const response = used.response as AuthenticatorAssertionResponse;
  return {
    id: used.id,
    rawId: toText(used.rawId),
    type: used.type,
    response: {
      clientDataJSON: toText(response.clientDataJSON),
      authenticatorData: toText(response.authenticatorData),
      signature: toText(response.signature),
      userHandle: response.userHandle ? toText(response.userHandle) : null,
    },
  };
}
