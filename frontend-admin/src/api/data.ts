import type { DataProvider, GetListParams, RaRecord } from "react-admin";
import { call } from "./http";

interface Listed {
  data: RaRecord[];
  page: { size: number; total: number; next: string | null };
}

const WALK_SIZE = 100;

function queryOf(params: GetListParams): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params.filter as Record<string, unknown>)) {
    if (value !== "" && value !== null && value !== undefined) query.append(name, String(value));
  }
  if (params.sort && params.sort.field !== "id") {
    query.set("sort", params.sort.order === "DESC" ? `-${params.sort.field}` : params.sort.field);
  }
  query.set("size", String(Math.min(params.pagination?.perPage ?? WALK_SIZE, WALK_SIZE)));
  return query.toString();
}

/**
 * The API pages by cursor, react-admin by number: the cursors met so far are kept a list, and a page that was never
 * reached (a reload on page 3) is walked to from the nearest one that was.
 */
const cursors = new Map<string, string[]>();

async function pageOf(path: string, query: string, number: number, signal?: AbortSignal): Promise<Listed> {
  const known = cursors.get(`${path}?${query}`) ?? [];
  const nearest = Math.min(number - 1, known.length);
  let answer: Listed | undefined;
  for (let page = nearest; page < number; page++) {
    const after = page === 0 ? "" : `&after=${encodeURIComponent(known[page - 1] ?? "")}`;
    answer = await call<Listed>(`${path}?${query}${after}`, "GET", undefined, signal);
    const next = answer.page.next;
    if (next === null) break;
    known[page] = next;
  }
  cursors.set(`${path}?${query}`, known);
  return answer!;
}

/** Where each resource of the panel lives under /api. */
export const PATHS: Record<string, string> = { products: "/products", courses: "/courses", orders: "/admin/orders" };

const pathOf = (resource: string) => PATHS[resource] ?? `/${resource}`;
const onePath = (resource: string, id: unknown) => `${pathOf(resource)}/${encodeURIComponent(String(id))}`;
const readOne = async (resource: string, id: unknown) => (await call<{ data: RaRecord }>(onePath(resource, id))).data;

export const dataProvider = {
  async getList(resource, params) {
    const answer = await pageOf(pathOf(resource), queryOf(params), params.pagination?.page ?? 1, params.signal);
    return {
      data: answer.data,
      total: answer.page.total,
      pageInfo: { hasNextPage: answer.page.next !== null, hasPreviousPage: (params.pagination?.page ?? 1) > 1 },
    };
  },
  async getOne(resource, { id }) {
    return { data: await readOne(resource, id) };
  },
  async getMany(resource, { ids }) {
    return { data: await Promise.all(ids.map((id) => readOne(resource, id))) };
  },
  async getManyReference(resource, params) {
    return dataProvider.getList(resource, { ...params, filter: { ...params.filter, [params.target]: params.id } });
  },
  async create(resource, { data }) {
    return call<{ data: RaRecord }>(pathOf(resource), "POST", data);
  },
  async update(resource, { id, data }) {
    return call<{ data: RaRecord }>(onePath(resource, id), "PATCH", data);
  },
  async updateMany(resource, { ids, data }) {
    await Promise.all(ids.map((id) => call(onePath(resource, id), "PATCH", data)));
    return { data: ids };
  },
  async delete(resource, { id, previousData }) {
    await call(onePath(resource, id), "DELETE");
    return { data: previousData ?? { id } };
  },
  async deleteMany(resource, { ids }) {
    await Promise.all(ids.map((id) => call(onePath(resource, id), "DELETE")));
    return { data: ids };
  },
} as DataProvider;
