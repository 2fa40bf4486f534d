import CheckCircle from "@mui/icons-material/CheckCircleOutlined";
import ErrorOutline from "@mui/icons-material/ErrorOutlined";
import { Alert, Box, Card, Chip, Grid, Skeleton, Stack, Typography } from "@mui/material";
import { useQuery } from "@tanstack/react-query";
import { Title } from "react-admin";

interface Part {
  ok: boolean;
  latency_ms: number;
  reason?: string;
  [figure: string]: unknown;
}

interface Readiness {
  status: "ready" | "not_ready";
  parts: Record<string, Part>;
}

const EVERY_MS = 5_000;
const NAMES: Record<string, string> = {
  cassandra: "Cassandra",
  elasticsearch: "Elasticsearch",
  outbox: "Mirror outbox",
  scheduler: "Scheduler",
};
const words = (name: string) => name.replaceAll("_", " ").replace(/^./, (letter) => letter.toUpperCase());

/** /ready answers 503 with the same body when a part is away, which is just when it is wanted here. */
async function readReadiness(): Promise<Readiness> {
  const answer = await fetch("/ready");
  return (await answer.json()) as Readiness;
}

function PartCard({ name, part }: { name: string; part: Part }) {
  const { ok, latency_ms: latency, reason, ...figures } = part;
  const Icon = ok ? CheckCircle : ErrorOutline;
  return (
    <Card variant="outlined" sx={{ p: 2.5, height: "100%" }}>
      <Stack direction="row" sx={{ gap: 1.25, alignItems: "center" }}>
        <Icon color={ok ? "success" : "error"} titleAccess={ok ? "Well" : "Not well"} />
        <Typography variant="h6" component="h2" noWrap>
          {NAMES[name] ?? words(name)}
        </Typography>
        {latency > 0 && <Chip size="small" variant="outlined" label={`${latency} ms`} sx={{ ml: "auto" }} />}
      </Stack>
      {reason && (
        <Alert severity="error" sx={{ mt: 2 }}>
          {reason}
        </Alert>
      )}
      <Box component="dl" sx={{ m: 0, mt: 1.5, display: "grid", gridTemplateColumns: "1fr auto", rowGap: 0.75 }}>
        {Object.entries(figures).map(([figure, value]) => (
          <Box key={figure} sx={{ display: "contents" }}>
            <Typography component="dt" variant="body2" color="textSecondary">
              {words(figure)}
            </Typography>
            <Typography component="dd" variant="body2" sx={{ m: 0, fontWeight: 600 }}>
              {String(value)}
            </Typography>
          </Box>
        ))}
      </Box>
    </Card>
  );
}

export function Dashboard() {
  const { data, error } = useQuery({ queryKey: ["ready"], queryFn: readReadiness, refetchInterval: EVERY_MS });
  return (
    <Box sx={{ mt: 2 }}>
      <Title title="System" />
      {error && <Alert severity="error">The server cannot be reached.</Alert>}
      {data && (
        <Alert severity={data.status === "ready" ? "success" : "error"} sx={{ mb: 3 }}>
          {data.status === "ready" ? "Ready to sell." : "Not ready to sell: see the marked part."}
        </Alert>
      )}
      <Grid container spacing={2}>
        {!data && !error && (
          <Grid size={12}>
            <Skeleton variant="rounded" height={140} />
          </Grid>
        )}
        {Object.entries(data?.parts ?? {}).map(([name, part]) => (
          <Grid key={name} size={{ xs: 12, sm: 6, xl: 3 }}>
            <PartCard name={name} part={part} />
          </Grid>
        ))}
      </Grid>
    </Box>
  );
}
