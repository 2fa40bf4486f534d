/** Browsers by the word that only they have; the order matters, as most also name those below them. */
const BROWSERS = [
  [/\bEdg(e|A|iOS)?\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\b(Firefox|FxiOS)\//, "Firefox"],
  [/\b(Chrome|Chromium|CriOS|HeadlessChrome)\//, "Chrome"],
  [/\bSafari\//, "Safari"],
] as const;

const SYSTEMS = [
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bAndroid\b/, "Android"],
  [/\bWindows\b/, "Windows"],
  [/\b(Macintosh|Mac OS X)\b/, "macOS"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bLinux\b/, "Linux"],
] as const;

const find = (list: readonly (readonly [RegExp, string])[], text: string) =>
  list.find(([pattern]) => pattern.test(text))?.[1];

/** "Firefox, Linux" out of a browser's long name of itself; an app's own name stays as it is. */
export function deviceName(name: string): string {
  const browser = find(BROWSERS, name);
  const system = find(SYSTEMS, name);
  if (!name.startsWith("Mozilla/") || !browser) return name;
  return system ? `${browser}, ${system}` : browser;
}

export const isTelephone = (name: string) => /\b(iPhone|Android|Mobile)\b/.test(name);
