import {
  ArrayField,
  Datagrid,
  DateField,
  List,
  NumberField,
  Show,
  SimpleShowLayout,
  TextField,
} from "react-admin";
import { MoneyField, StatusField } from "../components/fields";

export function OrderList() {
  return (
    <List perPage={25} exporter={false} sort={{ field: "id", order: "DESC" }}>
      <Datagrid rowClick="show" bulkActionButtons={false}>
        <TextField source="id" sortable={false} />
        <TextField source="email" sortable={false} />
        <StatusField />
        <MoneyField source="total" />
        <DateField source="created_at" showTime sortable={false} />
      </Datagrid>
    </List>
  );
}

export function OrderShow() {
  return (
    <Show>
      <SimpleShowLayout>
        <TextField source="id" />
        <StatusField />
        <TextField source="email" />
        <ArrayField source="items">
          <Datagrid bulkActionButtons={false} rowClick={false}>
            <TextField source="title" sortable={false} />
            <NumberField source="quantity" sortable={false} />
            <TextField source="unit_price" sortable={false} />
            <TextField source="line_total" sortable={false} />
          </Datagrid>
        </ArrayField>
        <MoneyField source="subtotal" />
        <MoneyField source="total" />
        <DateField source="created_at" showTime />
        <DateField source="paid_at" showTime emptyText="–" />
        <DateField source="cancelled_at" showTime emptyText="–" />
      </SimpleShowLayout>
    </Show>
  );
}
