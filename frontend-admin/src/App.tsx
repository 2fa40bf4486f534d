import Inventory from "@mui/icons-material/Inventory2Outlined";
import Receipt from "@mui/icons-material/ReceiptLongOutlined";
import School from "@mui/icons-material/SchoolOutlined";
import { Admin, Resource, radiantDarkTheme, radiantLightTheme } from "react-admin";
import { BrowserRouter } from "react-router";
import { authProvider } from "./api/auth";
import { dataProvider } from "./api/data";
import { Dashboard } from "./pages/Dashboard";
import { ItemList, ItemShow } from "./pages/items";
import { OrderList, OrderShow } from "./pages/orders";

export function App() {
  return (
    <BrowserRouter basename="/admin-panel">
      <Admin
        title="Marketplace"
        authProvider={authProvider}
        dataProvider={dataProvider}
        dashboard={Dashboard}
        theme={radiantLightTheme}
        darkTheme={radiantDarkTheme}
        requireAuth
        disableTelemetry
      >
        <Resource name="orders" icon={Receipt} list={OrderList} show={OrderShow} />
        <Resource name="products" icon={Inventory} list={ItemList} show={ItemShow} recordRepresentation="title" />
        <Resource name="courses" icon={School} list={ItemList} show={ItemShow} recordRepresentation="title" />
      </Admin>
    </BrowserRouter>
  );
}
