import { CodeBlock } from '../ui/copy.tsx';
import { useT } from '../words/language.tsx';
import { curlOf, limitsOf, type OpenApi, type Operation, type Schema, typeOf } from './openapi.ts';
import css from './reference.module.css';
import { SchemaTable } from './schema-table.tsx';

interface OperationEntryProps {
  readonly operation: Operation;
  readonly document: OpenApi;
  readonly open: boolean;
}

export function OperationEntry({ operation, document, open }: OperationEntryProps) {
  const t = useT();
  return (
    <details id={operation.id} className={css.entry} open={open || undefined}>
      <summary>
        <span className={css.method} data-method={operation.method}>
          {operation.method}
        </span>
        <code className={css.path}>{operation.path}</code>
        <span className={css.summary}>{operation.summary}</span>
      </summary>
      <div className={css.body}>
        {operation.description && <p className={css.explain}>{operation.description}</p>}
        <CodeBlock label="curl" code={curlOf(operation, document, location.origin)} />
        {operation.parameters.length > 0 && <Parameters operation={operation} document={document} />}
        {Object.entries(operation.body ?? {}).map(([type, { schema }]) => (
          <Described key={type} title={`${t('api.body')} · ${type}`} schema={schema} document={document} />
        ))}
        {Object.entries(operation.responses).map(([status, { description, content }]) => {
          const [type, answer] = Object.entries(content ?? {})[0] ?? [];
          return (
            <Described
              key={status}
              title={`${status}${description ? ` · ${description}` : ''}${type ? ` · ${type}` : ''}`}
              schema={answer?.schema}
              document={document}
            />
          );
        })}
      </div>
    </details>
  );
}

function Described({
  title,
  schema,
  document,
}: {
  title: string;
  schema: Schema | undefined;
  document: OpenApi;
}) {
  return (
    <section className={css.described}>
      <h3>{title}</h3>
      {schema && <SchemaTable schema={schema} document={document} />}
    </section>
  );
}

function Parameters({ operation, document }: { operation: Operation; document: OpenApi }) {
  const t = useT();
  return (
    <section className={css.described}>
      <h3>{t('field.parameters')}</h3>
      <dl className={css.fields}>
        {operation.parameters.map((parameter) => (
          <div key={`${parameter.in} ${parameter.name}`}>
            <dt>
              <code>{parameter.name}</code>
              {parameter.required && <span className={css.required}>{t('api.required')}</span>}
            </dt>
            <dd>
              <code className={css.type}>
                {parameter.schema ? typeOf(parameter.schema, document) : 'string'}
              </code>{' '}
              <span className={css.limits}>{parameter.schema && limitsOf(parameter.schema)}</span>
              {parameter.description && <p>{parameter.description}</p>}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
