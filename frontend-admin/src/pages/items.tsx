import {
  Datagrid,
  DateField,
  FunctionField,
  List,
  NumberField,
  Pagination,
  SearchInput,
  Show,
  SimpleShowLayout,
  TextField,
  type RaRecord,
} from "react-admin";
import { MoneyField } from "../components/fields";

const filters = [<SearchInput source="q" alwaysOn key="q" />];
const SIZES = [25, 50, 100];
const sellerOf = (item: RaRecord) => String((item.seller as { name?: string } | undefined)?.name ?? "");

export function ItemList() {
  return (
    <List
      filters={filters}
      sort={{ field: "new", order: "ASC" }}
      perPage={25}
      exporter={false}
      pagination={<Pagination rowsPerPageOptions={SIZES} />}
    >
      <Datagrid rowClick="show" bulkActionButtons={false}>
        <TextField source="title" sortable={false} />
        <FunctionField label="Seller" render={sellerOf} sortable={false} />
        <TextField source="category" sortable={false} />
        <MoneyField source="price" sortable />
        <NumberField source="available" sortable={false} />
      </Datagrid>
    </List>
  );
}

export function ItemShow() {
  return (
    <Show>
      <SimpleShowLayout>
        <TextField source="title" />
        <FunctionField label="Seller" render={sellerOf} />
        <TextField source="category" />
        <MoneyField source="price" />
        <NumberField source="available" />
        <TextField source="description" sx={{ whiteSpace: "pre-line" }} />
        <TextField source="slug" />
        <TextField source="id" />
        <DateField source="created_at" showTime />
      </SimpleShowLayout>
    </Show>
  );
}
