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
export type User = Schemas["UserOut"];
export type Order = Schemas["OrderOut"];
export type OrderSummary = Schemas["OrderSummaryOut"];
export type OrderSummaries = Schemas["OrderSummaryOutList"];
export type NewOrder = Pick<Schemas["OrderIn"], "provider"> & { billing: { name: string } };
export type PaymentMethods = Schemas["MethodOutList"];
