// Every language has exactly the texts of English (codes of errors and statuses have theirs in common/errors.json and
// common/statuses.json), with the same {placeholders}, and no text is without use in src/.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const common = new URL("../../common/", import.meta.url).pathname;
const read = (name) => JSON.parse(readFileSync(join(common, name), "utf8"));
const holes = (text) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort().join();
const english = {
  ...Object.fromEntries(Object.entries(read("errors.json")).map(([code, { message }]) => [`error.${code}`, message])),
  ...Object.fromEntries(Object.entries(read("statuses.json").order).map(([code, { label }]) => [`status.${code}`, label])),
  ...read("texts/en.json"),
};
const optional = (key) => key.startsWith("error.");
const faults = [];

for (const file of readdirSync(join(common, "texts")).filter((name) => name !== "en.json")) {
  const other = read(join("texts", file));
  for (const key of Object.keys(english)) {
    if (!(key in other)) {
      if (!optional(key)) faults.push(`${file}: ${key} is missing`);
    } else if (holes(english[key]) !== holes(other[key])) faults.push(`${file}: ${key} has other placeholders`);
  }
  for (const key of Object.keys(other)) if (!(key in english)) faults.push(`${file}: ${key} is not in English`);
}

const walk = (path) =>
  readdirSync(path, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? walk(join(path, entry.name)) : [readFileSync(join(path, entry.name), "utf8")],
  );
const source = walk(new URL("../src", import.meta.url).pathname).join("\n");
const namedByCode = /^(status|error|level|sort|method)\./;
for (const key of Object.keys(read("texts/en.json"))) {
  const plain = key.replace(/_(one|other)$/, "");
  if (!namedByCode.test(key) && !source.includes(`"${key}"`) && !source.includes(`"${plain}"`)) {
    faults.push(`en.json: ${key} is used nowhere`);
  }
}

if (faults.length) {
  console.error(faults.join("\n"));
  process.exit(1);
}
