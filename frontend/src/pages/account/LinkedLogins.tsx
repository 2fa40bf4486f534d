import { Button, Stack, Typography } from "@mui/material";
import { useQuery } from "@tanstack/react-query";
import { Link2 } from "lucide-react";
import { useState } from "react";
import { providersQuery } from "../../api/account";
import { useLinkProvider, useUnlink } from "../../api/security";
import type { LinkedLogin } from "../../api/types";
import { FormFault } from "../../components/Form";
import { useFragment } from "../../components/fragment";
import { refusalIn } from "../../components/refusal";
import { Confirm, Section } from "../../components/Section";
import { useTexts } from "../../texts";

function Row({ link, name }: { link: LinkedLogin; name: string }) {
  const { t, day } = useTexts();
  const unlink = useUnlink();
  const [isAsking, setAsking] = useState(false);
  return (
    <Stack component="li" direction="row" sx={{ gap: 1.5, alignItems: "center", py: 1.25 }}>
      <Link2 size={22} aria-hidden style={{ flexShrink: 0 }} />
      <Stack sx={{ flex: 1, minWidth: 0 }}>
        <Typography sx={{ fontWeight: 600 }}>{name}</Typography>
        <Typography variant="body2" sx={{ color: "text.secondary", overflowWrap: "anywhere" }}>
          {[link.email, t("links.since", { day: day(link.linked_at) })].filter(Boolean).join(" · ")}
        </Typography>
      </Stack>
      <Button color="inherit" onClick={() => setAsking(true)}>
        {t("links.unlink")}
      </Button>
      <Confirm
        open={isAsking}
        title={t("links.unlinkTitle", { name })}
        text={t("links.unlinkText")}
        button={t("links.unlink")}
        isPending={unlink.isPending}
        fault={unlink.error}
        onConfirm={() => unlink.mutate(link.id, { onSuccess: () => setAsking(false) })}
        onClose={() => setAsking(false)}
      />
    </Stack>
  );
}

/** Logins elsewhere that open this account; nothing where the site knows no such place. */
export function LinkedLogins({ links }: { links: LinkedLogin[] }) {
  const { t } = useTexts();
  const { data: providers = [] } = useQuery(providersQuery);
  const link = useLinkProvider();
  const refusal = refusalIn(useFragment());
  if (!links.length && !providers.length) return null;
  const nameOf = (code: string) => providers.find((provider) => provider.name === code)?.label ?? code;
  return (
    <Section title={t("links.title")} text={t("links.text")}>
      <FormFault fault={link.error ?? (link.isIdle ? refusal : null)} />
      <Stack component="ul" sx={{ p: 0, m: 0, listStyle: "none" }}>
        {links.map((row) => (
          <Row key={row.id} link={row} name={nameOf(row.provider)} />
        ))}
      </Stack>
      <Stack direction="row" sx={{ gap: 1, flexWrap: "wrap", mt: links.length ? 1.5 : 0 }}>
        {providers.map((provider) => (
          <Button
            key={provider.name}
            variant="outlined"
            loading={link.isPending && link.variables === provider.name}
            onClick={() => link.mutate(provider.name)}
          >
            {t("links.link", { name: provider.label })}
          </Button>
        ))}
      </Stack>
    </Section>
  );
}
