import Inventory from "@mui/icons-material/Inventory2Outlined";
import Receipt from "@mui/icons-material/ReceiptLongOutlined";
import School from "@mui/icons-material/SchoolOutlined";
import { Admin, Resource } from "react-admin";
import { BrowserRouter } from "react-router";
import { authProvider } from "./api/auth";
import { dataProvider } from "./api/data";
import { Dashboard } from "./pages/Dashboard";
import { ItemList, ItemShow } from "./pages/items";
import { LoginPage } from "./pages/Login";
import { OrderList } from "./pages/orders";
import { darkTheme, lightTheme } from "./theme";

export function App() {
  return (
    <BrowserRouter basename="/admin-panel">
      <Admin
        title="Marketplace"
        authProvider={authProvider}
        dataProvider={dataProvider}
        dashboard={Dashboard}
        loginPage={LoginPage}
        theme={lightTheme}
        darkTheme={darkTheme}
        requireAuth
        disableTelemetry
      >
        <Resource name="orders" icon={Receipt} list={OrderList} />
        <Resource name="products" icon={Inventory} list={ItemList} show={ItemShow} recordRepresentation="title" />
        <Resource name="courses" icon={School} list={ItemList} show={ItemShow} recordRepresentation="title" />
      </Admin>
    </BrowserRouter>
  );
}
