import type { AuthProvider } from "react-admin";
import { call, forgetCsrfToken } from "./http";

interface Me {
  id: string;
  email: string;
  first_name: string;
  last_name: string;
  avatar: string | null;
  is_staff: boolean;
  permissions: string[];
}

const NOT_STAFF = "This account has no right to use the admin panel.";

const readMe = async () => (await call<{ data: Me }>("/auth/me")).data;

/** The same cookie session as the site's. The API refuses what a person may not do; this only decides what is shown. */
export const authProvider: AuthProvider = {
  async login({ username, password }: { username: string; password: string }) {
    await call("/auth/login", "POST", { email: username, password });
    forgetCsrfToken();
    const me = await readMe();
    if (!me.is_staff) {
      await call("/auth/logout", "POST");
      forgetCsrfToken();
      throw new Error(NOT_STAFF);
    }
  },
  async logout() {
    await call("/auth/logout", "POST").catch(() => undefined);
    forgetCsrfToken();
  },
  async checkAuth() {
    if (!(await readMe()).is_staff) throw new Error(NOT_STAFF);
  },
  async checkError(fault: { status?: number }) {
    if (fault.status === 401) throw fault;
  },
  async getIdentity() {
    const me = await readMe();
    const fullName = `${me.first_name} ${me.last_name}`.trim() || me.email;
    return { id: me.id, fullName, avatar: me.avatar ?? undefined };
  },
  async getPermissions() {
    return (await readMe()).permissions;
  },
};
