import { DataSourceSettings } from '@grafana/data';
import { SecureSettings, Settings } from '../../types';

export type Options = DataSourceSettings<Settings, SecureSettings>;

export interface SectionProps {
  options: Options;
  /** Changes members of jsonData; undefined takes a member away. */
  onSettings: (change: Partial<Settings>) => void;
  onSecret: (name: keyof SecureSettings, value: string) => void;
  onSecretReset: (name: keyof SecureSettings) => void;
}

export const wide = 60;
