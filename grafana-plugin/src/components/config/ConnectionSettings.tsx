import { Field, FieldSet, Input, SecretInput } from '@grafana/ui';
import { SectionProps, wide } from './types';
import { urlProblem } from './urlProblem';

export function ConnectionSettings({ options, onSettings, onSecret, onSecretReset }: SectionProps) {
  const { jsonData, secureJsonData, secureJsonFields } = options;
  const url = jsonData.url ?? '';
  const problem = url ? urlProblem(url) : undefined;
  return (
    <FieldSet label="ClickHouse">
      <Field
        label="Address"
        description="Of the ClickHouse that Ringside writes to, as the Grafana server reaches it: http(s)://host:8123 or clickhouse://host:9000 (with TLS: clickhouses://host:9440). For ringside demo: url in ringside-data/clickhouse/endpoint.json, without the user and password in it."
        invalid={Boolean(problem)}
        error={problem}
        required
      >
        <Input
          id="ringside-url"
          width={wide}
          placeholder={options.url || 'http://127.0.0.1:8123'}
          value={url}
          onChange={(e) => onSettings({ url: e.currentTarget.value.trim() || undefined })}
        />
      </Field>
      <Field label="User" description="One that can only read (deploy/clickhouse/roles.sql makes one). For ringside demo: the one in endpoint.json's url.">
        <Input
          id="ringside-username"
          width={wide}
          placeholder="default"
          autoComplete="off"
          value={jsonData.username ?? ''}
          onChange={(e) => onSettings({ username: e.currentTarget.value || undefined })}
        />
      </Field>
      <Field label="Password" description="Kept encrypted by Grafana, and never sent to browsers.">
        <SecretInput
          id="ringside-password"
          width={wide}
          autoComplete="new-password"
          isConfigured={Boolean(secureJsonFields?.password)}
          value={secureJsonData?.password ?? ''}
          onChange={(e) => onSecret('password', e.currentTarget.value)}
          onReset={() => onSecretReset('password')}
        />
      </Field>
      <Field label="Database" description="The one in Ringside's setting store.database.">
        <Input
          id="ringside-database"
          width={wide}
          placeholder="ringside"
          value={jsonData.database ?? ''}
          onChange={(e) => onSettings({ database: e.currentTarget.value.trim() || undefined })}
        />
      </Field>
    </FieldSet>
  );
}
