import errors from "@common/errors.json";
import { ApiError } from "../api/client";

/**
 * A login elsewhere that was refused comes back with the code of the refusal behind the address's `#`. Only codes that
 * the API has are shown, never a text: anybody can write an address.
 */
export function refusalIn(fragment: URLSearchParams): ApiError | null {
  const code = fragment.get("error") ?? "";
  if (!Object.hasOwn(errors, code)) return null;
  const { status, message } = errors[code as keyof typeof errors];
  return new ApiError(status, code, message);
}
