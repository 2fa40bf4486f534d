import {
  Alert,
  Button,
  Card,
  Divider,
  FormControl,
  FormControlLabel,
  FormLabel,
  Grid,
  Radio,
  RadioGroup,
  Skeleton,
  Stack,
  Typography,
} from "@mui/material";
import { useQuery } from "@tanstack/react-query";
import { Lock, ShoppingCart, UserRound } from "lucide-react";
import { useState, type FormEvent } from "react";
import { Link as RouterLink, useNavigate } from "react-router";
import { fullName, useMe } from "../api/account";
import { useCart } from "../api/cart";
import { ApiError } from "../api/client";
import { methodsQuery, usePlaceOrder } from "../api/orders";
import type { Cart, Order, User } from "../api/types";
import { Field } from "../components/Form";
import { usePageTitle } from "../components/Shell";
import { Empty, Failure, LinesSkeleton, useFaultText } from "../components/States";
import { useTexts } from "../texts";

const KEY_KEPT_AS = "checkoutKey";

/** One key for one cart: a reload or a second press repeats the same order instead of making another. */
function orderKey(cart: Cart, provider: string, billing: Record<string, string>): string {
  const content = JSON.stringify([cart.items.map((line) => [line.id, line.quantity, line.unit_price]), provider, billing]);
  const kept = JSON.parse(sessionStorage.getItem(KEY_KEPT_AS) ?? "null") as { content: string; key: string } | null;
  if (kept?.content === content) return kept.key;
  const key = crypto.randomUUID();
  sessionStorage.setItem(KEY_KEPT_AS, JSON.stringify({ content, key }));
  return key;
}

/** The line that a refusal names; its id is the item's reference, as in `product:…`. */
const faultyLine = (fault: unknown, cart: Cart) =>
  fault instanceof ApiError ? cart.items.find((line) => line.id === fault.details.item_ref) : undefined;

function Summary({ cart, isPending, fault }: { cart: Cart; isPending: boolean; fault: unknown }) {
  const { t, money } = useTexts();
  const faultText = useFaultText();
  const line = faultyLine(fault, cart);
  return (
    <Card sx={{ p: 3, position: { md: "sticky" }, top: 96 }}>
      <Typography variant="h3" component="h2" sx={{ mb: 2 }}>
        {t("checkout.yours")}
      </Typography>
      <Stack component="ul" sx={{ gap: 1.25, p: 0, m: 0, listStyle: "none" }}>
        {cart.items.map((item) => (
          <Stack component="li" direction="row" key={item.id} sx={{ justifyContent: "space-between", gap: 2 }}>
            <Typography variant="body2" sx={{ overflowWrap: "anywhere" }}>
              {item.quantity > 1 && `${item.quantity} × `}
              {item.title}
            </Typography>
            <Typography variant="body2" sx={{ whiteSpace: "nowrap" }}>
              {money(item.line_total, cart.currency)}
            </Typography>
          </Stack>
        ))}
      </Stack>
      <Divider sx={{ my: 2 }} />
      <Stack direction="row" sx={{ justifyContent: "space-between", mb: 2.5 }}>
        <Typography sx={{ fontWeight: 700 }}>{t("order.total")}</Typography>
        <Typography sx={{ fontWeight: 700, fontSize: "1.25rem" }}>{money(cart.subtotal, cart.currency)}</Typography>
      </Stack>
      {Boolean(fault) && (
        <Alert
          severity="error"
          sx={{ mb: 2 }}
          action={
            line && (
              <Button component={RouterLink} to="/cart" color="inherit" size="small">
                {t("checkout.toCart")}
              </Button>
            )
          }
        >
          {line && <strong>{line.title}: </strong>}
          {faultText(fault)}
        </Alert>
      )}
      <Button
        type="submit"
        size="large"
        variant="contained"
        fullWidth
        loading={isPending}
        loadingPosition="start"
        startIcon={<Lock size={18} />}
      >
        {t("checkout.place", { total: money(cart.subtotal, cart.currency) })}
      </Button>
      <Typography variant="body2" sx={{ color: "text.secondary", mt: 1.5 }}>
        {t("checkout.note")}
      </Typography>
    </Card>
  );
}

function Methods({ value, onChange }: { value: string; onChange: (provider: string) => void }) {
  const { t, named } = useTexts();
  const { data, error, refetch } = useQuery(methodsQuery);
  if (error) return <Failure fault={error} retry={() => void refetch()} />;
  if (!data) return <Skeleton variant="rounded" height={64} />;
  return (
    <FormControl>
      <FormLabel id="methods" sx={{ fontWeight: 600, mb: 1, color: "text.primary" }}>
        {t("checkout.method")}
      </FormLabel>
      <RadioGroup aria-labelledby="methods" value={value || data[0]?.provider} onChange={(_, next) => onChange(next)}>
        {data.map((method) => (
          <Card key={method.provider} sx={{ px: 2, py: 0.75, mb: 1 }}>
            <FormControlLabel
              value={method.provider}
              control={<Radio />}
              label={named("method", method.provider, method.name)}
              sx={{ width: "100%" }}
            />
          </Card>
        ))}
      </RadioGroup>
    </FormControl>
  );
}

function CheckoutForm({ cart, me }: { cart: Cart; me: User }) {
  const { t } = useTexts();
  const navigate = useNavigate();
  const { data: methods } = useQuery(methodsQuery);
  const [chosen, setChosen] = useState("");
  const [leaving, setLeaving] = useState(false);
  const place = usePlaceOrder();

  const goOn = (order: Order) => {
    sessionStorage.removeItem(KEY_KEPT_AS);
    setLeaving(true);
    if (order.checkout_url) window.location.assign(order.checkout_url);
    else void navigate(`/order?id=${order.id}`);
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name") ?? "");
    const billing = { name };
    const provider = chosen || methods?.[0]?.provider || "";
    place.mutate({ body: { provider, billing }, key: orderKey(cart, provider, billing) }, { onSuccess: goOn });
  };
  return (
    <Grid container component="form" onSubmit={submit} spacing={{ xs: 3, md: 5 }}>
      <Grid size={{ xs: 12, md: 7 }}>
        <Stack sx={{ gap: 3 }}>
          <Alert icon={<UserRound size={20} />} severity="info" variant="outlined">
            {t("checkout.as", { email: me.email })}
          </Alert>
          <Field name="name" label={t("checkout.name")} autoComplete="name" defaultValue={fullName(me)} fault={place.error} />
          <Methods value={chosen} onChange={setChosen} />
        </Stack>
      </Grid>
      <Grid size={{ xs: 12, md: 5 }}>
        <Summary cart={cart} isPending={place.isPending || leaving} fault={place.error} />
      </Grid>
    </Grid>
  );
}

function SignInFirst() {
  const { t } = useTexts();
  return (
    <Empty
      icon={UserRound}
      title={t("checkout.who")}
      text={t("checkout.whoText")}
      action={
        <Stack direction="row" sx={{ gap: 1.5, flexWrap: "wrap", justifyContent: "center" }}>
          <Button component={RouterLink} to="/user/signup/?next=/checkout" variant="contained" size="large">
            {t("nav.signup")}
          </Button>
          <Button component={RouterLink} to="/user/login/?next=/checkout" variant="outlined" size="large">
            {t("nav.login")}
          </Button>
        </Stack>
      }
    />
  );
}

export function CheckoutPage() {
  const { t } = useTexts();
  usePageTitle(t("checkout.title"));
  const { data: me, error: meFault, refetch } = useMe();
  const { data: cart, error: cartFault, refetch: refetchCart } = useCart();
  const [first, setFirst] = useState<Cart>();
  // The cart is emptied by the order; the page keeps showing what is being ordered until it leaves.
  if (cart?.items.length && cart !== first) setFirst(cart);
  const shown = cart?.items.length ? cart : first;

  const fault = meFault ?? cartFault;
  if (fault) return <Failure fault={fault} retry={() => void (meFault ? refetch() : refetchCart())} />;
  if (me === undefined || !cart) return <LinesSkeleton />;
  if (!shown) return <Empty icon={ShoppingCart} title={t("cart.empty")} text={t("cart.emptyText")} />;
  if (me === null) return <SignInFirst />;
  return (
    <>
      <Typography variant="h2" component="h1" sx={{ mb: 3 }}>
        {t("checkout.title")}
      </Typography>
      <CheckoutForm cart={shown} me={me} />
    </>
  );
}
