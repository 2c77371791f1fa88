import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { MarkdownText } from './markdown.tsx';

const shown = (text: string) => renderToStaticMarkup(<MarkdownText text={text} />);
/** What somebody reads. */
const words = (text: string) =>
  shown(text)
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#x27;', "'")
    .replaceAll('&amp;', '&');

test.each([
  'stress <max> exceeded, a<b>c <img src=x onerror=alert(1)>',
  '<div>\nkept </div>\n<!-- so is this -->',
  '<script>alert("1")</script>',
  '<?php ?> <!DOCTYPE html> <![CDATA[x]]>',
])('what stands in angle brackets is text: %j', (text) => {
  expect(words(text)).toBe(text);
  expect(shown(text)).toMatch(/^<div class="[^"]*"><p>[^<]*<\/p><\/div>$/);
});

test('Markdown works between such brackets', () => {
  expect(shown('<max> is **high** <https://example.com>')).toContain(
    '&lt;max&gt; is <strong>high</strong> <a href="https://example.com"',
  );
});

test.each(['[x](javascript:alert(1))', '<javascript:alert(1)>', '[x](data:text/html,1)', '[x]()'])(
  'an address that is not followed looks like no link: %s',
  (text) => {
    expect(shown(text)).not.toContain('<a');
  },
);
