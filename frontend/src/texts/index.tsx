import { createContext, use, useCallback, useEffect, useMemo, useState, type ReactNode } from "react";
import english from "@common/texts/en.json";

export type Language = "en" | "tr";
export type TextKey = keyof typeof english;
type Texts = Record<TextKey, string>;
type Values = Record<string, string | number>;

export const LANGUAGES: Record<Language, string> = { en: "English", tr: "Türkçe" };
const KEPT_AS = "language";

const others: Record<Exclude<Language, "en">, () => Promise<Texts>> = {
  tr: () => import("@common/texts/tr.json").then((module) => module.default),
};

const isLanguage = (code: string | null): code is Language => code !== null && code in LANGUAGES;

export function firstLanguage(): Language {
  const kept = localStorage.getItem(KEPT_AS);
  if (isLanguage(kept)) return kept;
  const wanted = navigator.languages.map((tag) => tag.split("-")[0] ?? "");
  return wanted.find(isLanguage) ?? "en";
}

export async function loadTexts(language: Language): Promise<Texts> {
  return language === "en" ? english : others[language]();
}

interface TextsOf {
  language: Language;
  choose: (language: Language) => void;
  t: (key: TextKey, values?: Values) => string;
  /** The text of a code that comes from the API (a status, an error), or the fallback when it has none here. */
  named: (prefix: "status" | "error" | "level" | "method", code: string, fallback: string) => string;
  /** `key_one` or `key_other` by the language's own plural rule. */
  counted: (key: string, count: number) => string;
  money: (amount: string, currency: string) => string;
  number: (value: number) => string;
  day: (instant: string) => string;
  moment: (instant: string) => string;
  /** Of a file, such as 12 kB. */
  size: (bytes: number) => string;
}

const Context = createContext<TextsOf | null>(null);

export function useTexts(): TextsOf {
  const texts = use(Context);
  if (!texts) throw new Error("useTexts outside TextsProvider");
  return texts;
}

const KILO = 1000;
const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

function sizeText(bytes: number, language: Language): string {
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log(Math.max(1, bytes)) / Math.log(KILO)));
  const format = { style: "unit", unit: UNITS[step], unitDisplay: "short", maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(language, format).format(bytes / KILO ** step);
}

const fill = (text: string, values: Values = {}) =>
  text.replace(/\{(\w+)\}/g, (hole, name: string) => String(values[name] ?? hole));

function helpersFor(language: Language, texts: Texts, choose: (language: Language) => void): TextsOf {
  const plural = new Intl.PluralRules(language);
  const plain = new Intl.NumberFormat(language);
  const day = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
  const moment = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  const find = (key: string) => texts[key as TextKey] as string | undefined;
  return {
    language,
    choose,
    t: (key, values) => fill(texts[key], values),
    named: (prefix, code, fallback) => find(`${prefix}.${code}`) ?? fallback,
    counted: (key, count) => {
      const text = find(`${key}_${plural.select(count)}`) ?? find(`${key}_other`) ?? key;
      return fill(text, { count: plain.format(count) });
    },
    // Intl takes the decimal string itself, so no amount passes through a float.
    money: (amount, currency) =>
      new Intl.NumberFormat(language, { style: "currency", currency }).format(amount as unknown as number),
    number: (value) => plain.format(value),
    day: (instant) => day.format(new Date(instant)),
    moment: (instant) => moment.format(new Date(instant)),
    size: (bytes) => sizeText(bytes, language),
  };
}

interface ProviderProps {
  start: Language;
  texts: Texts;
  children: ReactNode;
}

export function TextsProvider({ start, texts: first, children }: ProviderProps) {
  const [language, setLanguage] = useState(start);
  const [texts, setTexts] = useState(first);
  const choose = useCallback((next: Language) => {
    void loadTexts(next).then((loaded) => {
      localStorage.setItem(KEPT_AS, next);
      setTexts(loaded);
      setLanguage(next);
    });
  }, []);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const helpers = useMemo(() => helpersFor(language, texts, choose), [language, texts, choose]);
  return <Context value={helpers}>{children}</Context>;
}
