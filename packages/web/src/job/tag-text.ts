/** Tags as one line of text: words, in quotes where a tag is more than one. */
export function tagText(tags: readonly string[]): string {
  return tags.map((tag) => (/[\s,"]/.test(tag) ? `"${tag.replaceAll('"', '""')}"` : tag)).join(' ');
}

/** The tags that such a text names, each once. Between them stand spaces or commas; a quote that nothing closes is a character. */
export function tagsIn(text: string): string[] {
  const words = text.matchAll(/"((?:[^"]|"")+)"(?=[\s,]|$)|[^\s,]+/g);
  const tags = Array.from(words, ([word, quoted]) => quoted?.replaceAll('""', '"').trim() ?? word);
  return [...new Set(tags)].filter(Boolean);
}
