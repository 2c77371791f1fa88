/**
 * What must not be in a log, wherever it comes from: keys, tokens and links of ours, credentials in headers and addresses,
 * and query values whose names say what they are.
 */
const names = 'token|secret|passw(?:or)?d|api[-_]?key|signature|credential';

/** Lengths are bounded, so that a long line made to be slow is not. */
const secrets: readonly (readonly [RegExp, string])[] = [
  [/\bdb[kslipb]_[\w-]{8,}/g, '[secret]'],
  [/\b(Bearer|Basic)( +)[\w.~+/=-]{6,}/gi, '$1$2[secret]'],
  [/\b([a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@"\\]{0,200}):[^\s/@"\\]{1,500}@/gi, '$1:[secret]@'],
  [new RegExp(`\\b([\\w.-]{0,40}(?:${names})[\\w.-]{0,40}=)[^&#\\s"'\\\\]+`, 'gi'), '$1[secret]'],
  [/([?&#;](?:key|auth|code|sig|pwd)=)[^&#\s"'\\]+/gi, '$1[secret]'],
];

/** Takes secrets out of a text, say a line of the log. */
export function scrub(text: string): string {
  return secrets.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), text);
}
