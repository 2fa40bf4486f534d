import type { RouteObject } from "react-router";

const links = () => import("../links/Passwords");
const contacts = () => import("../links/Contacts");

/** Doors, what the links in mails open, and the account itself. None of it is fetched before it is wanted. */
export const accountRoutes: RouteObject[] = [
  { path: "user/login", lazy: async () => ({ Component: (await import("../doors/Login")).LoginPage }) },
  { path: "user/signup", lazy: async () => ({ Component: (await import("../doors/SignUp")).SignUpPage }) },
  { path: "user/forgot-password", lazy: async () => ({ Component: (await links()).ForgotPasswordPage }) },
  { path: "user/reset-password", lazy: async () => ({ Component: (await links()).ResetPasswordPage }) },
  { path: "user/activate", lazy: async () => ({ Component: (await links()).ActivatePage }) },
  {
    path: "user/confirm-email",
    lazy: async () => ({ Component: (await import("../links/ConfirmEmail")).ConfirmEmailPage }),
  },
  {
    path: "role-invitation",
    lazy: async () => ({ Component: (await import("../links/RoleInvitation")).RoleInvitationPage }),
  },
  { path: "account/email", lazy: async () => ({ Component: (await contacts()).NewEmailPage }) },
  { path: "account/undo", lazy: async () => ({ Component: (await contacts()).UndoChangePage }) },
  { path: "account", lazy: async () => ({ Component: (await import("./Profile")).ProfilePage }) },
  { path: "account/security", lazy: async () => ({ Component: (await import("./Security")).SecurityPage }) },
  { path: "account/sessions", lazy: async () => ({ Component: (await import("./Sessions")).SessionsPage }) },
  { path: "account/addresses", lazy: async () => ({ Component: (await import("./Addresses")).AddressesPage }) },
  { path: "account/privacy", lazy: async () => ({ Component: (await import("./Privacy")).PrivacyPage }) },
  { path: "user/closed", lazy: async () => ({ Component: (await import("./CloseAccount")).ClosedPage }) },
];
