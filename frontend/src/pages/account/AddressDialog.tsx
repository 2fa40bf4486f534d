import { Button, Dialog, DialogActions, DialogContent, DialogTitle, MenuItem, Stack } from "@mui/material";
import countries from "@common/countries.json";
import { useState } from "react";
import { fullName, useMe } from "../../api/account";
import { useSaveAddress } from "../../api/personal";
import type { Address } from "../../api/types";
import { Field, FormFault, withValues } from "../../components/Form";
import { useTexts } from "../../texts";

interface Rule {
  name: string;
  postcode?: string;
  postcode_required?: boolean;
  area_required?: boolean;
}

const RULES = countries as Record<string, Rule>;
const LONGEST = { line: 200, postcode: 15, phone: 32, label: 60 };

/** A country in the reader's language. */
export const countryName = (code: string, language: string) =>
  new Intl.DisplayNames(language, { type: "region" }).of(code) ?? RULES[code]?.name ?? code;

/** The country that the browser's own language names, such as US of en-US. */
const ownCountry = () => {
  const region = new Intl.Locale(navigator.language).maximize().region ?? "";
  return region in RULES ? region : "";
};

interface FormProps {
  address: Address | null;
  onClose: () => void;
}

function AddressForm({ address, onClose }: FormProps) {
  const { t, language } = useTexts();
  const { data: me } = useMe();
  const save = useSaveAddress();
  const [country, setCountry] = useState(address?.country ?? ownCountry());
  const rule = RULES[country];
  const submit = withValues(({ name = "", address_1 = "", city = "", ...rest }) =>
    save.mutate({ ...rest, name, address_1, city, country, id: address?.id }, { onSuccess: onClose }),
  );
  const listed = Object.keys(RULES)
    .map((code) => [code, countryName(code, language)] as const)
    .sort(([, one], [, other]) => one.localeCompare(other, language));
  const field = { fault: save.error, maxLength: LONGEST.line };
  return (
    <form onSubmit={submit}>
      <DialogContent sx={{ display: "flex", flexDirection: "column", gap: 2.25, pt: "8px !important" }}>
        <FormFault
          fault={save.error}
          fields={["name", "address_1", "address_2", "city", "area", "postcode", "country", "phone", "label"]}
        />
        <Field
          {...field}
          select
          name="country"
          label={t("addresses.country")}
          value={country}
          onChange={(event) => setCountry(event.target.value)}
        >
          {listed.map(([code, name]) => (
            <MenuItem key={code} value={code}>
              {name}
            </MenuItem>
          ))}
        </Field>
        <Field
          {...field}
          name="name"
          label={t("addresses.name")}
          autoComplete="name"
          defaultValue={address?.name ?? (me ? fullName(me) : "")}
        />
        <Field
          {...field}
          name="address_1"
          label={t("addresses.line1")}
          autoComplete="address-line1"
          defaultValue={address?.address_1}
        />
        <Field
          {...field}
          name="address_2"
          label={t("addresses.line2")}
          autoComplete="address-line2"
          required={false}
          defaultValue={address?.address_2}
        />
        <Stack direction={{ xs: "column", sm: "row" }} sx={{ gap: 2.25 }}>
          <Field
            {...field}
            name="postcode"
            label={t("addresses.postcode")}
            autoComplete="postal-code"
            required={Boolean(rule?.postcode_required)}
            maxLength={LONGEST.postcode}
            defaultValue={address?.postcode}
          />
          <Field
            {...field}
            name="city"
            label={t("addresses.city")}
            autoComplete="address-level2"
            defaultValue={address?.city}
          />
        </Stack>
        <Field
          {...field}
          name="area"
          label={t("addresses.area")}
          autoComplete="address-level1"
          required={Boolean(rule?.area_required)}
          defaultValue={address?.area}
        />
        <Stack direction={{ xs: "column", sm: "row" }} sx={{ gap: 2.25 }}>
          <Field
            {...field}
            name="phone"
            type="tel"
            label={t("contacts.phone")}
            autoComplete="tel"
            required={false}
            maxLength={LONGEST.phone}
            defaultValue={address?.phone}
          />
          <Field
            {...field}
            name="label"
            label={t("addresses.label")}
            help={t("addresses.labelHelp")}
            autoComplete="off"
            required={false}
            maxLength={LONGEST.label}
            defaultValue={address?.label}
          />
        </Stack>
      </DialogContent>
      <DialogActions sx={{ px: 3, pb: 2.5 }}>
        <Button color="inherit" onClick={onClose}>
          {t("action.cancel")}
        </Button>
        <Button type="submit" variant="contained" loading={save.isPending}>
          {t("action.save")}
        </Button>
      </DialogActions>
    </form>
  );
}

/** Writes a new address, or changes the given one; null: it is closed. */
export function AddressDialog({ address, onClose }: { address: Address | "new" | null; onClose: () => void }) {
  const { t } = useTexts();
  const [shown, setShown] = useState(address);
  // what it shows stays while it fades away
  if (address && address !== shown) setShown(address);
  return (
    <Dialog open={Boolean(address)} onClose={onClose} fullWidth maxWidth="sm" aria-labelledby="address-title">
      <DialogTitle id="address-title">{t(shown === "new" ? "addresses.add" : "addresses.edit")}</DialogTitle>
      <AddressForm address={shown === "new" ? null : shown} onClose={onClose} />
    </Dialog>
  );
}
