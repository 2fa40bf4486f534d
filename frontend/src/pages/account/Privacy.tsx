import { Alert, Box, Button, LinearProgress, Link, Stack, Typography } from "@mui/material";
import { Download } from "lucide-react";
import { isBeingMade, useAnswerTerms, useAskExport, useConsents, useExport, useFetchExport, useTerms } from "../../api/privacy";
import type { Consent, ConsentAnswer, Export, Terms } from "../../api/types";
import { download } from "../../components/download";
import { FormFault } from "../../components/Form";
import { Section } from "../../components/Section";
import { Failure, LinesSkeleton } from "../../components/States";
import { useTexts, type TextKey } from "../../texts";
import { CloseAccount } from "./CloseAccount";
import { AccountPage } from "./Layout";

const NAMES: Record<string, TextKey | undefined> = {
  terms: "consents.terms",
  privacy: "consents.privacy",
  marketing: "consents.marketing",
};

function TermsRow({ terms, answer }: { terms: Terms; answer: Consent | undefined }) {
  const { t, day } = useTexts();
  const send = useAnswerTerms();
  const name = NAMES[terms.kind];
  const isAgreed = Boolean(answer?.agreed);
  const isCurrent = isAgreed && answer?.version === terms.version;
  const said = answer ? t(isAgreed ? "consents.agreed" : "consents.takenBack", { day: day(answer.at) }) : t("consents.none");
  const give = (agreed: boolean) =>
    send.mutate({ kind: terms.kind as ConsentAnswer["kind"], version: terms.version, agreed });
  return (
    <Stack component="li" sx={{ gap: 1, py: 1.75, borderTop: 1, borderColor: "divider", "&:first-of-type": { borderTop: 0, pt: 0 } }}>
      <Stack direction="row" sx={{ gap: 2, alignItems: "center", justifyContent: "space-between", flexWrap: "wrap" }}>
        <Box sx={{ minWidth: 0 }}>
          <Typography sx={{ fontWeight: 600 }}>{name ? t(name) : terms.kind}</Typography>
          <Typography variant="body2" sx={{ color: "text.secondary" }}>
            <Link href={terms.url} target="_blank" rel="noopener">
              {t("consents.version", { version: terms.version })}
            </Link>
            {" · "}
            {said}
            {isAgreed && !isCurrent && ` · ${t("consents.older")}`}
          </Typography>
        </Box>
        {isCurrent ? (
          !terms.must_accept && (
            <Button variant="outlined" color="inherit" loading={send.isPending} onClick={() => give(false)}>
              {t("consents.takeBack")}
            </Button>
          )
        ) : (
          <Button variant={terms.must_accept ? "contained" : "outlined"} loading={send.isPending} onClick={() => give(true)}>
            {t("consents.agree")}
          </Button>
        )}
      </Stack>
      <FormFault fault={send.error} />
    </Stack>
  );
}

function Consents() {
  const { t } = useTexts();
  const terms = useTerms();
  const answers = useConsents();
  const fault = terms.error ?? answers.error;
  return (
    <Section title={t("consents.title")} text={t("consents.text")}>
      {fault && <Failure fault={fault} retry={() => void Promise.all([terms.refetch(), answers.refetch()])} />}
      {!fault && !(terms.data && answers.data) && <LinesSkeleton count={1} />}
      <Stack component="ul" sx={{ p: 0, m: 0, listStyle: "none" }}>
        {terms.data &&
          answers.data &&
          terms.data.map((text) => (
            <TermsRow key={text.kind} terms={text} answer={answers.data.find(({ kind }) => kind === text.kind)} />
          ))}
      </Stack>
    </Section>
  );
}

function Ready({ copy }: { copy: Export }) {
  const { t, moment, size } = useTexts();
  const fetchIt = useFetchExport();
  return (
    <Stack sx={{ gap: 1.5, alignItems: "flex-start" }}>
      <Typography>
        {t("export.ready", {
          at: moment(copy.finished_at ?? copy.requested_at),
          until: moment(copy.expires_at ?? copy.requested_at),
        })}
      </Typography>
      <FormFault fault={fetchIt.error} />
      <Button
        variant="contained"
        loading={fetchIt.isPending}
        loadingPosition="start"
        startIcon={<Download size={18} />}
        onClick={() => fetchIt.mutate(copy.id, { onSuccess: (file) => download(file, "my-data.zip") })}
      >
        {t("export.download", { size: size(copy.size_bytes) })}
      </Button>
    </Stack>
  );
}

function Making({ copy }: { copy: Export }) {
  const { t, number } = useTexts();
  const percent = copy.total ? (100 * copy.done) / copy.total : 0;
  return (
    <Stack role="status" sx={{ gap: 1 }}>
      <Typography>{t("export.making", { done: number(copy.done), total: number(copy.total) })}</Typography>
      <LinearProgress
        aria-label={t("export.title")}
        variant={copy.done ? "determinate" : "indeterminate"}
        value={percent}
        sx={{ height: 8, borderRadius: 1 }}
      />
      <Typography variant="body2" sx={{ color: "text.secondary" }}>
        {t("export.mail")}
      </Typography>
    </Stack>
  );
}

function Copy() {
  const { t } = useTexts();
  const { data: copy, error, refetch } = useExport();
  const ask = useAskExport();
  const isReady = copy?.status === "ready";
  return (
    <Section title={t("export.title")} text={t("export.text")}>
      <Stack sx={{ gap: 2 }}>
        {error && <Failure fault={error} retry={() => void refetch()} />}
        {copy === undefined && !error && <LinesSkeleton count={1} />}
        {copy?.status === "failed" && <Alert severity="error">{t("export.failed")}</Alert>}
        {copy?.status === "expired" && <Alert severity="info">{t("export.expired")}</Alert>}
        {copy && isBeingMade(copy) && <Making copy={copy} />}
        {copy && isReady && <Ready copy={copy} />}
        <FormFault fault={ask.error} />
        {copy !== undefined && !isBeingMade(copy) && (
          <Box>
            <Button variant={isReady ? "text" : "contained"} loading={ask.isPending} onClick={() => ask.mutate()}>
              {t(isReady ? "export.again" : "export.ask")}
            </Button>
          </Box>
        )}
      </Stack>
    </Section>
  );
}

/** `/account/privacy` */
export function PrivacyPage() {
  return (
    <AccountPage title="privacy.title">
      <Consents />
      <Copy />
      <CloseAccount />
    </AccountPage>
  );
}
