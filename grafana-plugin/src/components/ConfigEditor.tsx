import { DataSourcePluginOptionsEditorProps } from '@grafana/data';
import { SecureSettings, Settings } from '../types';
import { AccessSettings } from './config/AccessSettings';
import { ConnectionSettings } from './config/ConnectionSettings';
import { LimitSettings } from './config/LimitSettings';
import { LiveSettings } from './config/LiveSettings';
import { TlsSettings } from './config/TlsSettings';
import { SectionProps } from './config/types';

export type Props = DataSourcePluginOptionsEditorProps<Settings, SecureSettings>;

export function ConfigEditor({ options, onOptionsChange }: Props) {
  const section: SectionProps = {
    options,
    onSettings: (change) => onOptionsChange({ ...options, jsonData: withChange(options.jsonData, change) }),
    onSecret: (name, value) => onOptionsChange({ ...options, secureJsonData: { ...options.secureJsonData, [name]: value } }),
    onSecretReset: (name) =>
      onOptionsChange({
        ...options,
        secureJsonFields: { ...options.secureJsonFields, [name]: false },
        secureJsonData: { ...options.secureJsonData, [name]: '' },
      }),
  };
  return (
    <>
      <ConnectionSettings {...section} />
      <TlsSettings {...section} />
      <AccessSettings {...section} />
      <LimitSettings {...section} />
      <LiveSettings {...section} />
    </>
  );
}

function withChange(settings: Settings, change: Partial<Settings>): Settings {
  const all = Object.entries({ ...settings, ...change });
  return Object.fromEntries(all.filter(([, value]) => value !== undefined));
}
