/** The shapes of the API. */

export type Kind = "course" | "product";

export interface Seller {
  id: string;
  kind: string;
  name: string;
  slug: string;
}

export interface Item {
  id: string;
  kind: Kind;
  slug: string;
  title: string;
  description: string;
  category: string | null;
  categories: string[];
  price: string;
  currency: string;
  compare_at: string | null;
  level: string | null;
  brand: string | null;
  picture: string | null;
  pictures: string[];
  seller: Seller;
  available: number | null;
  in_stock: boolean;
  attributes: Record<string, string>;
  created_at: string;
}

export interface FacetCount {
  value: string;
  label: string;
  count: number;
}

export interface CartLine {
  id: string;
  kind: Kind;
  ref_id: string;
  slug: string | null;
  title: string;
  picture: string | null;
  quantity: number;
  unit_price: string;
  line_total: string;
  price_changed: boolean;
  available: boolean;
  stock: number | null;
}

export interface Cart {
  items: CartLine[];
  subtotal: string;
  currency: string;
  count: number;
}

export interface User {
  id: string;
  email: string;
  first_name: string;
  last_name: string;
  permissions: string[];
}

export interface OrderLine {
  kind: Kind;
  ref_id: string;
  slug: string;
  picture: string | null;
  seller_name: string;
  title: string;
  unit_price: string;
  quantity: number;
  line_total: string;
}

export interface Order {
  id: string;
  status: string;
  email: string;
  items: OrderLine[];
  subtotal: string;
  discount: string;
  tax: string;
  total: string;
  currency: string;
  created_at: string;
  expires_at: string | null;
  paid_at: string | null;
  cancelled_at: string | null;
  checkout_url?: string | null;
}

export interface PaymentMethod {
  provider: string;
  name: string;
}
