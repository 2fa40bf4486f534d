/** The shapes of the API, by the names the site uses; all of them come from the OpenAPI document (`npm run types`). */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Item = Schemas["ItemSummary"];
export type Kind = Item["kind"];
export type ItemPage = Schemas["ItemList"];
export type FacetCount = Schemas["FacetOut"];
export type Found = Schemas["FoundOut"];
export type Cart = Schemas["CartOut"];
export type CartLine = Schemas["CartLineOut"];
export type NewLine = Schemas["CartItemIn"];
export type User = Schemas["MeOut"];
export type Order = Schemas["OrderOut"];
export type OrderSummary = Schemas["OrderSummaryOut"];
export type OrderSummaries = Schemas["OrderSummaryOutList"];
export type NewOrder = Pick<Schemas["OrderIn"], "provider"> & { billing: { name: string } };
export type PaymentMethods = Schemas["MethodOutList"];
export type Profile = Schemas["ProfileOut"];
export type ProfileChanges = Partial<Schemas["ProfileChangesIn"]>;
export type Pictures = Schemas["PictureOut"];
export type Factors = Schemas["FactorsOut"];
export type Passkey = Schemas["PasskeyOut"];
export type LinkedLogin = Schemas["LinkedLoginOut"];
export type AppSecret = Schemas["TotpOut"];
export type Session = Schemas["SessionOut"];
export type Address = Schemas["AddressOut"];
export type NewAddress = Schemas["AddressIn"];
export type Terms = Schemas["TermsOut"];
export type Consent = Schemas["ConsentOut"];
export type ConsentAnswer = Schemas["ConsentIn"];
export type Export = Schemas["ExportOut"];
export type LoginProvider = Schemas["LoginProviderOut"];
