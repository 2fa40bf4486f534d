import { Button, Chip, Stack, Typography } from "@mui/material";
import { MapPin, Plus } from "lucide-react";
import { useState } from "react";
import { useAddresses, useDefaultAddress, useRemoveAddress } from "../../api/personal";
import type { Address } from "../../api/types";
import { FormFault } from "../../components/Form";
import { Confirm, Section } from "../../components/Section";
import { Empty, Failure, LinesSkeleton } from "../../components/States";
import { useTexts } from "../../texts";
import { AddressDialog, countryName } from "./AddressDialog";
import { AccountPage } from "./Layout";

function Lines({ address }: { address: Address }) {
  const { language } = useTexts();
  const town = [address.postcode, address.city, address.area].filter(Boolean).join(" ");
  const lines = [address.name, address.address_1, address.address_2, town, countryName(address.country, language), address.phone];
  return (
    <Typography component="div" sx={{ color: "text.secondary", overflowWrap: "anywhere" }}>
      {lines.filter(Boolean).map((line, index) => (
        <div key={index}>{line}</div>
      ))}
    </Typography>
  );
}

function AddressCard({ address, onEdit }: { address: Address; onEdit: () => void }) {
  const { t } = useTexts();
  const remove = useRemoveAddress();
  const choose = useDefaultAddress();
  const [isRemoving, setRemoving] = useState(false);
  return (
    <Section
      title={address.label || address.city}
      aside={
        <Stack direction="row" sx={{ gap: 1, flexWrap: "wrap" }}>
          {address.default_delivery && <Chip size="small" color="primary" variant="outlined" label={t("addresses.delivery")} />}
          {address.default_billing && <Chip size="small" color="primary" variant="outlined" label={t("addresses.billing")} />}
        </Stack>
      }
    >
      <Stack sx={{ gap: 2 }}>
        <Lines address={address} />
        <FormFault fault={choose.error} />
        <Stack direction="row" sx={{ gap: 1, flexWrap: "wrap" }}>
          <Button variant="outlined" size="small" onClick={onEdit}>
            {t("addresses.edit")}
          </Button>
          {!address.default_delivery && (
            <Button size="small" disabled={choose.isPending} onClick={() => choose.mutate({ id: address.id, default_delivery: true })}>
              {t("addresses.toDelivery")}
            </Button>
          )}
          {!address.default_billing && (
            <Button size="small" disabled={choose.isPending} onClick={() => choose.mutate({ id: address.id, default_billing: true })}>
              {t("addresses.toBilling")}
            </Button>
          )}
          <Button size="small" color="error" onClick={() => setRemoving(true)}>
            {t("addresses.remove")}
          </Button>
        </Stack>
      </Stack>
      <Confirm
        open={isRemoving}
        title={t("addresses.removeTitle")}
        text={[address.name, address.address_1, address.city].join(", ")}
        button={t("addresses.remove")}
        isPending={remove.isPending}
        fault={remove.error}
        onConfirm={() => remove.mutate(address.id, { onSuccess: () => setRemoving(false) })}
        onClose={() => setRemoving(false)}
      />
    </Section>
  );
}

function Sections() {
  const { t } = useTexts();
  const { data: addresses, error, refetch } = useAddresses();
  const [editing, setEditing] = useState<Address | "new" | null>(null);
  if (error) return <Failure fault={error} retry={() => void refetch()} />;
  if (!addresses) return <LinesSkeleton count={2} />;
  const add = (
    <Button variant="contained" startIcon={<Plus size={18} />} onClick={() => setEditing("new")}>
      {t("addresses.add")}
    </Button>
  );
  return (
    <>
      {addresses.length ? (
        <Stack direction="row" sx={{ justifyContent: "flex-end" }}>
          {add}
        </Stack>
      ) : (
        <Empty icon={MapPin} title={t("addresses.empty")} text={t("addresses.emptyText")} action={add} />
      )}
      {addresses.map((address) => (
        <AddressCard key={address.id} address={address} onEdit={() => setEditing(address)} />
      ))}
      <AddressDialog address={editing} onClose={() => setEditing(null)} />
    </>
  );
}

/** `/account/addresses` */
export function AddressesPage() {
  return (
    <AccountPage title="addresses.title">
      <Sections />
    </AccountPage>
  );
}
