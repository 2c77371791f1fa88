import { useT } from '../words/language.tsx';
import { limitsOf, type OpenApi, resolve, type Schema, typeOf } from './openapi.ts';
import css from './reference.module.css';

/** The fields of an object; other schemas in one line. Named schemas inside are links, so that nothing nests without end. */
export function SchemaTable({ schema, document }: { schema: Schema; document: OpenApi }) {
  const t = useT();
  const { name, schema: resolved } = resolve(schema, document);
  if (name !== undefined) return <TypeLink schema={schema} document={document} />;
  const properties = Object.entries(resolved.properties ?? {});
  if (properties.length === 0) return <TypeLink schema={resolved} document={document} />;
  return (
    <dl className={css.fields}>
      {properties.map(([field, each]) => (
        <div key={field}>
          <dt>
            <code>{field}</code>
            {resolved.required?.includes(field) && <span className={css.required}>{t('api.required')}</span>}
          </dt>
          <dd>
            <TypeLink schema={each} document={document} />{' '}
            <span className={css.limits}>{limitsOf(each)}</span>
            {each.description && <p>{each.description}</p>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** A type in which every named schema leads to its description. */
function TypeLink({ schema, document }: { schema: Schema; document: OpenApi }) {
  const names = namesIn(schema, document);
  const parts = typeOf(schema, document).split(/(\w+)/);
  return (
    <code className={css.type}>
      {parts.map((part, index) =>
        names.includes(part) ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a type never change
          <a key={index} href={`#schema-${part}`}>
            {part}
          </a>
        ) : (
          part
        ),
      )}
    </code>
  );
}

function namesIn(schema: Schema, document: OpenApi): readonly string[] {
  const { name } = resolve(schema, document);
  if (name !== undefined) return [name];
  const parts = [
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
    ...(schema.allOf ?? []),
    ...(schema.items ? [schema.items] : []),
  ];
  return [...new Set(parts.flatMap((part) => namesIn(part, document)))];
}
