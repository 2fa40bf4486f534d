import { createBrowserRouter, RouterProvider } from "react-router";
import { CatalogPage } from "./pages/Catalog";
import { HomePage } from "./pages/Home";
import { Broken } from "./pages/NotFound";
import { accountRoutes } from "./pages/account/routes";
import { Shell } from "./components/Shell";

const router = createBrowserRouter([
  {
    element: <Shell />,
    errorElement: <Broken />,
    hydrateFallbackElement: <></>,
    children: [
      { index: true, element: <HomePage /> },
      { path: "courses", element: <CatalogPage kind="course" key="course" /> },
      { path: "products", element: <CatalogPage kind="product" key="product" /> },
      { path: "search", lazy: async () => ({ Component: (await import("./pages/Search")).SearchPage }) },
      {
        path: "course/:slug",
        lazy: async () => {
          const { ItemPage } = await import("./pages/Item");
          return { element: <ItemPage kind="course" /> };
        },
      },
      {
        path: "product/:slug",
        lazy: async () => {
          const { ItemPage } = await import("./pages/Item");
          return { element: <ItemPage kind="product" /> };
        },
      },
      { path: "cart", lazy: async () => ({ Component: (await import("./pages/Cart")).CartPage }) },
      { path: "checkout", lazy: async () => ({ Component: (await import("./pages/Checkout")).CheckoutPage }) },
      { path: "order", lazy: async () => ({ Component: (await import("./pages/Order")).OrderPage }) },
      { path: "orders", lazy: async () => ({ Component: (await import("./pages/Orders")).OrdersPage }) },
      ...accountRoutes,
      { path: "*", lazy: async () => ({ Component: (await import("./pages/NotFound")).NotFoundPage }) },
    ],
  },
]);

export function App() {
  return <RouterProvider router={router} />;
}
