import { Field, FieldSet, Input, SecretTextArea } from '@grafana/ui';
import { SecureSettings } from '../../types';
import { SwitchSetting } from './SwitchSetting';
import { SectionProps, wide } from './types';

export function TlsSettings(props: SectionProps) {
  const { jsonData } = props.options;
  const { onSettings } = props;
  return (
    <FieldSet label="TLS">
      <SwitchSetting
        label="Own certificate authority"
        description="ClickHouse's certificate is signed by an authority that the Grafana server does not know."
        value={jsonData.tlsAuthWithCACert ?? false}
        onChange={(on) => onSettings({ tlsAuthWithCACert: on })}
      />
      {jsonData.tlsAuthWithCACert && <Pem {...props} name="tlsCACert" label="CA certificate" kind="CERTIFICATE" />}
      <SwitchSetting
        label="Client certificate"
        description="ClickHouse asks for one (mutual TLS)."
        value={jsonData.tlsAuth ?? false}
        onChange={(on) => onSettings({ tlsAuth: on })}
      />
      {jsonData.tlsAuth && (
        <>
          <Pem {...props} name="tlsClientCert" label="Client certificate (PEM)" kind="CERTIFICATE" />
          <Pem {...props} name="tlsClientKey" label="Client key (PEM)" kind="PRIVATE KEY" />
        </>
      )}
      <Field label="Server name" description="The name in ClickHouse's certificate, where it is not the host of the address.">
        <Input
          id="ringside-tls-server-name"
          width={wide}
          value={jsonData.tlsServerName ?? ''}
          onChange={(e) => onSettings({ tlsServerName: e.currentTarget.value.trim() || undefined })}
        />
      </Field>
      <SwitchSetting
        label="Skip verification"
        description="Any certificate is accepted, an attacker's too. For trials only."
        value={jsonData.tlsSkipVerify ?? false}
        onChange={(on) => onSettings({ tlsSkipVerify: on })}
      />
    </FieldSet>
  );
}

interface PemProps extends SectionProps {
  name: keyof SecureSettings;
  label: string;
  kind: string;
}

function Pem({ options, onSecret, onSecretReset, name, label, kind }: PemProps) {
  return (
    <Field label={label}>
      <SecretTextArea
        id={`ringside-${name}`}
        rows={6}
        cols={wide}
        placeholder={`-----BEGIN ${kind}-----`}
        isConfigured={Boolean(options.secureJsonFields?.[name])}
        value={options.secureJsonData?.[name] ?? ''}
        onChange={(e) => onSecret(name, e.currentTarget.value)}
        onReset={() => onSecretReset(name)}
      />
    </Field>
  );
}
