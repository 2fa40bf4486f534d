import { useEffect } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { useMe } from "../../api/account";

/** Only a path on this site: anything else in `next` would send people elsewhere. */
const safePath = (next: string | null) => (next && /^\/(?![/\\])/.test(next) ? next : "/");

/** Where to go once signed in; leaves at once when somebody already is. */
export function useNext(): string {
  const [parameters] = useSearchParams();
  const next = safePath(parameters.get("next"));
  const navigate = useNavigate();
  const { data: me } = useMe();
  useEffect(() => {
    if (me) void navigate(next, { replace: true });
  }, [me, next, navigate]);
  return next;
}

export const withNext = (path: string, next: string) => (next === "/" ? path : `${path}?next=${encodeURIComponent(next)}`);
