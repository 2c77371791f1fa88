import { SelectField, TextField } from '../ui/field.tsx';
import { useT } from '../words/language.tsx';
import type { SchemaField } from './schema-fields.ts';

interface SchemaInputProps {
  readonly field: SchemaField;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** The input for one key that a project asks for. */
export function SchemaInput({ field, value, onChange }: SchemaInputProps) {
  const t = useT();
  const { title, description, kind, choices, isRequired } = field;
  const common = {
    label: isRequired ? title : t('field.optional', { field: title }),
    required: isRequired,
    value,
    ...(description !== undefined && { hint: description }),
  };
  if (kind === 'choice' || kind === 'boolean')
    return (
      <SelectField {...common} onChange={({ target }) => onChange(target.value)}>
        <option value="">{isRequired ? t('ingest.choose') : t('ingest.unsaid')}</option>
        {(kind === 'boolean' ? ['true', 'false'] : choices).map((choice) => (
          <option key={choice} value={choice}>
            {kind === 'boolean' ? t(choice === 'true' ? 'ingest.yes' : 'ingest.no') : choice}
          </option>
        ))}
      </SelectField>
    );
  return (
    <TextField
      {...common}
      type={kind === 'date' ? 'date' : 'text'}
      inputMode={kind === 'number' ? 'decimal' : 'text'}
      autoComplete="off"
      onChange={({ target }) => onChange(target.value)}
    />
  );
}
