import { useEffect, useState } from "react";
import { useLocation, useNavigate } from "react-router";

/**
 * What the address has behind its `#`, where mails put their tokens because browsers send that part to nobody. It is
 * read once and taken out of the address bar, so that it stays in no history and no screenshot.
 */
export function useFragment(): URLSearchParams {
  const { hash, pathname, search, state } = useLocation();
  const navigate = useNavigate();
  const [kept, setKept] = useState(() => new URLSearchParams(hash.slice(1)));
  useEffect(() => {
    if (!hash) return;
    setKept(new URLSearchParams(hash.slice(1)));
    void navigate({ pathname, search }, { replace: true, state, preventScrollReset: true });
  }, [hash, pathname, search, state, navigate]);
  return kept;
}
