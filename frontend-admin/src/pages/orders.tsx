import { ArrayField, Datagrid, DateField, List, NumberField, SelectInput, TextField, TextInput } from "react-admin";
import { MoneyField, orderStatusChoices, StatusField } from "../components/fields";

const filters = [
  <TextInput source="email" label="E-mail" alwaysOn key="email" resettable />,
  <SelectInput source="status" choices={orderStatusChoices} alwaysOn key="status" />,
];

function OrderLines() {
  return (
    <ArrayField source="items">
      <Datagrid bulkActionButtons={false} rowClick={false} sx={{ mb: 1 }}>
        <TextField source="title" label="Item" sortable={false} />
        <TextField source="seller_name" label="Seller" sortable={false} />
        <NumberField source="quantity" sortable={false} />
        <TextField source="unit_price" label="Unit price" textAlign="right" sortable={false} />
        <TextField source="line_total" label="Total" textAlign="right" sortable={false} />
      </Datagrid>
    </ArrayField>
  );
}

/** Everybody's orders, newest first; a row opens to its lines. */
export function OrderList() {
  return (
    <List perPage={25} exporter={false} filters={filters} sort={{ field: "id", order: "DESC" }} empty={false}>
      <Datagrid rowClick="expand" expand={<OrderLines />} bulkActionButtons={false}>
        <DateField source="created_at" label="Placed" showTime sortable={false} />
        <TextField source="title" label="What" sortable={false} />
        <TextField source="email" label="Buyer" sortable={false} />
        <StatusField label="Status" />
        <MoneyField source="total" />
        <TextField source="id" label="Number" sortable={false} sx={{ fontFamily: "monospace", fontSize: "0.8em" }} />
      </Datagrid>
    </List>
  );
}
