import { Alert, Avatar, Box, Button, FormControlLabel, MenuItem, Stack, Switch, Typography } from "@mui/material";
import { Camera, CircleCheck } from "lucide-react";
import { useRef } from "react";
import { fullName, useMe } from "../../api/account";
import { useChangePicture, useChangeProfile, useProfile } from "../../api/personal";
import type { Profile, ProfileChanges } from "../../api/types";
import { Field, FormFault, withValues } from "../../components/Form";
import { Save, Section } from "../../components/Section";
import { Failure, LinesSkeleton, useFaultText } from "../../components/States";
import { LANGUAGES, useTexts, type Language, type TextKey } from "../../texts";
import { Contacts } from "./Contacts";
import { AccountPage } from "./Layout";

const PICTURES = "image/jpeg,image/png,image/webp,image/gif";

function PictureSection() {
  const { t } = useTexts();
  const faultText = useFaultText();
  const { data: me } = useMe();
  const input = useRef<HTMLInputElement>(null);
  const change = useChangePicture();
  const initial = me ? (fullName(me) || me.username).slice(0, 1).toLocaleUpperCase() : "";
  return (
    <Section title={t("picture.title")}>
      <Stack direction="row" sx={{ gap: 2.5, alignItems: "center", flexWrap: "wrap" }}>
        <Avatar
          src={me?.avatar ?? undefined}
          alt={t("picture.title")}
          sx={{ width: 84, height: 84, fontSize: "2rem", fontWeight: 650, bgcolor: "primary.main", color: "primary.contrastText" }}
        >
          {initial}
        </Avatar>
        <Stack sx={{ gap: 1, flex: 1, minWidth: 220 }}>
          <Stack direction="row" sx={{ gap: 1, flexWrap: "wrap" }}>
            <Button
              variant="outlined"
              loading={change.isPending}
              loadingPosition="start"
              startIcon={<Camera size={18} />}
              onClick={() => input.current?.click()}
            >
              {t("picture.choose")}
            </Button>
            {me?.avatar && (
              <Button color="inherit" disabled={change.isPending} onClick={() => change.mutate(null)}>
                {t("picture.remove")}
              </Button>
            )}
          </Stack>
          <Typography variant="body2" sx={{ color: "text.secondary" }}>
            {t("picture.help")}
          </Typography>
        </Stack>
        <input
          ref={input}
          type="file"
          accept={PICTURES}
          hidden
          aria-label={t("picture.choose")}
          onChange={(event) => {
            const file = event.target.files?.[0];
            if (file) change.mutate(file);
            event.target.value = "";
          }}
        />
      </Stack>
      {change.error && (
        <Alert severity="error" sx={{ mt: 2 }}>
          {faultText(change.error)}
        </Alert>
      )}
    </Section>
  );
}

const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Every zone that the browser knows, and the one that is set. */
function zonesWith(zone: string): string[] {
  const known = Intl.supportedValuesOf("timeZone");
  return zone && !known.includes(zone) ? [zone, ...known] : known;
}

function Personal({ profile }: { profile: Profile }) {
  const { t, choose } = useTexts();
  const change = useChangeProfile();
  const languages = { ...(profile.locale && { [profile.locale]: profile.locale }), ...LANGUAGES };
  const save = withValues(({ first_name = "", last_name = "", locale = "", time_zone = "" }) =>
    change.mutate(
      { first_name, last_name, locale, time_zone },
      { onSuccess: () => void (locale in LANGUAGES && choose(locale as Language)) },
    ),
  );
  return (
    <Section title={t("profile.you")}>
      <Stack component="form" onSubmit={save} onChange={() => change.reset()} sx={{ gap: 2.25 }}>
        <FormFault fault={change.error} fields={["first_name", "last_name", "locale", "time_zone"]} />
        <Stack direction={{ xs: "column", sm: "row" }} sx={{ gap: 2.25 }}>
          <Field
            name="first_name"
            label={t("account.firstName")}
            autoComplete="given-name"
            defaultValue={profile.first_name}
            required={false}
            maxLength={150}
            fault={change.error}
          />
          <Field
            name="last_name"
            label={t("account.lastName")}
            autoComplete="family-name"
            defaultValue={profile.last_name}
            required={false}
            maxLength={150}
            fault={change.error}
          />
        </Stack>
        <Stack direction={{ xs: "column", sm: "row" }} sx={{ gap: 2.25 }}>
          <Field
            select
            name="locale"
            label={t("profile.language")}
            defaultValue={profile.locale}
            required={false}
            fault={change.error}
          >
            {Object.entries(languages).map(([code, name]) => (
              <MenuItem key={code} value={code} lang={code}>
                {name}
              </MenuItem>
            ))}
          </Field>
          <Field
            select
            name="time_zone"
            label={t("profile.zone")}
            defaultValue={profile.time_zone || ownZone()}
            required={false}
            fault={change.error}
          >
            {zonesWith(profile.time_zone || ownZone()).map((zone) => (
              <MenuItem key={zone} value={zone}>
                {zone.replaceAll("_", " ")}
              </MenuItem>
            ))}
          </Field>
        </Stack>
        <Save isPending={change.isPending} isSaved={change.isSuccess} />
      </Stack>
    </Section>
  );
}

const WISHES = [
  ["mail_weekly", "profile.weekly", "profile.weeklyText"],
  ["mail_promo", "profile.promo", "profile.promoText"],
  ["review_anonymous", "profile.anonymous", "profile.anonymousText"],
] as const satisfies readonly (readonly [keyof ProfileChanges & keyof Profile, TextKey, TextKey])[];

/** Each switch is saved when it is turned. */
function Wishes({ profile }: { profile: Profile }) {
  const { t } = useTexts();
  const change = useChangeProfile();
  const shown = { ...profile, ...(change.isPending ? change.variables : {}) };
  return (
    <Section title={t("profile.wishes")}>
      <FormFault fault={change.error} />
      <Stack sx={{ gap: 1.5 }}>
        {WISHES.map(([name, title, text]) => (
          <FormControlLabel
            key={name}
            labelPlacement="start"
            sx={{ m: 0, justifyContent: "space-between", gap: 2, alignItems: "flex-start" }}
            control={
              <Switch
                checked={shown[name]}
                disabled={change.isPending}
                onChange={(_, isOn) => change.mutate({ [name]: isOn })}
              />
            }
            label={
              <Box>
                <Typography sx={{ fontWeight: 600 }}>{t(title)}</Typography>
                <Typography variant="body2" sx={{ color: "text.secondary" }}>
                  {t(text)}
                </Typography>
              </Box>
            }
          />
        ))}
      </Stack>
    </Section>
  );
}

function Sections() {
  const { t } = useTexts();
  const { data: profile, error, refetch } = useProfile();
  if (error) return <Failure fault={error} retry={() => void refetch()} />;
  if (!profile) return <LinesSkeleton count={4} />;
  return (
    <>
      {!profile.is_complete && (
        <Alert severity="info" icon={<CircleCheck size={20} />}>
          {t("profile.incomplete")}
        </Alert>
      )}
      <PictureSection />
      <Personal profile={profile} />
      <Contacts profile={profile} />
      <Wishes profile={profile} />
    </>
  );
}

/** `/account` */
export function ProfilePage() {
  return (
    <AccountPage title="profile.title">
      <Sections />
    </AccountPage>
  );
}
