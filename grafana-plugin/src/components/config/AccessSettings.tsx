import { Alert, Field, FieldSet, TagsInput } from '@grafana/ui';
import { isUuid } from '../../uuid';
import { SwitchSetting } from './SwitchSetting';
import { SectionProps, wide } from './types';

/** Which organizations may be seen. The backend enforces it; this is where it is said. */
export function AccessSettings({ options, onSettings }: SectionProps) {
  const organizations = options.jsonData.organizations ?? [];
  const wrong = organizations.filter((id) => !isUuid(id));
  const pinned = organizations.length > 0;
  return (
    <FieldSet label="Access">
      <Field
        label="Organizations"
        description="The only ones that this data source shows, by their UUIDs (type one, press Enter); none: all of the database. Every query, list, stream and alert is held to them."
        invalid={wrong.length > 0}
        error={`Not a UUID: ${wrong.join(', ')}. Nothing is shown until it is put right.`}
      >
        <TagsInput
          id="ringside-organizations"
          width={wide}
          placeholder="00000000-0000-0000-0000-000000000001"
          tags={organizations}
          invalid={wrong.length > 0}
          autoColors={false}
          addOnBlur
          onChange={(tags) => onSettings({ organizations: unique(tags) })}
        />
      </Field>
      <SwitchSetting
        label="Row policies in place"
        description="You declare that row policies hold this ClickHouse user to the same organizations (deploy/clickhouse/row-policies.sql makes them). Without them, SQL of users cannot be held to organizations, and a data source with organizations refuses it."
        value={options.jsonData.rowPolicies ?? false}
        onChange={(on) => onSettings({ rowPolicies: on })}
      />
      {pinned && options.jsonData.rowPolicies && (
        <Alert severity="warning" title="SQL is allowed">
          Whoever may query this data source can read every row that ClickHouse gives to its user. Check with that user that a query without a filter returns the
          organizations above only.
        </Alert>
      )}
    </FieldSet>
  );
}

function unique(tags: string[]): string[] | undefined {
  const ids = [...new Set(tags.flatMap((tag) => tag.split(/[\s,;]+/)).filter(Boolean))];
  return ids.length ? ids : undefined;
}
