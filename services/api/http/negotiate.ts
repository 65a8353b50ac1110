// What a client says it can take: media types and languages.
import Negotiator from "negotiator";
import { type Locale, LOCALES } from "../../../contracts/common";

interface Preference {
  name: string;
  /** RFC 9110, section 12.4.2: 0 means "not acceptable". */
  quality: number;
}

const preferences = (header: string): Preference[] =>
  header.split(",").map(item => {
    const [name = "", ...parameters] = item.split(";").map(part => part.trim().toLowerCase());
    const quality = parameters.find(parameter => parameter.startsWith("q="))?.slice(2);
    return { name, quality: quality === undefined ? 1 : Number(quality) || 0 };
  });

/** More telling ranges win over wildcards (RFC 9110, section 12.5.1). */
const JSON_RANGES = ["application/json", "application/*", "*/*"];

/** Whether the client takes JSON. It does unless its Accept header leaves JSON out. */
export const acceptsJson = (accept: string | undefined): boolean => {
  if (accept === undefined || accept === "*/*" || accept === "application/json") return true;
  const wanted = preferences(accept);
  for (const range of JSON_RANGES) {
    const found = wanted.find(({ name }) => name === range);
    if (found) return found.quality > 0;
  }
  return accept.trim() === "";
};

const isLocale = (language: string | undefined): language is Locale => LOCALES.some(locale => locale === language);

/** The language to answer in: the client's favourite of those we speak, or `fallback`. */
export const localeOf = (acceptLanguage: string | undefined, fallback: Locale): Locale => {
  const tags = new Negotiator({ headers: { "accept-language": acceptLanguage } }).languages();
  // In his order, and by language alone: ko-KR is Korean, and of `ko-KR, en` he likes it as much.
  return tags.map(tag => tag.toLowerCase().split("-")[0]).find(isLocale) ?? fallback;
};
